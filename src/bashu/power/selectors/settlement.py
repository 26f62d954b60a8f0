"""Reading settlements: binding ones are public, proposals are the two grids' and the offices' business."""

from django.db.models import QuerySet

from bashu.power.models import Settlement


def settlement_list() -> QuerySet[Settlement]:
    """Settlements that the viewer may see, newest period first, with lines and signatures."""
    return (
        Settlement.objects.select_related("proposer", "counterparty")
        .prefetch_related("lines", "signatures__organisation")
        .order_by("-period_end", "-proposed_at")
    )
