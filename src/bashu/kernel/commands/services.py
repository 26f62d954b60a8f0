"""What is done with receipts besides keeping them."""

from datetime import datetime, timedelta

from bashu.kernel.commands.models import Receipt

RECEIPT_LIFE = timedelta(days=30)


def receipts_prune(now: datetime) -> int:
    """Forget receipts older than 30 days, for the system role: a request is not repeated after so long. Returns how many."""
    return Receipt.objects.filter(made_at__lt=now - RECEIPT_LIFE).delete()[0]
