"""Work that workers do again and again: letters to those whom notices are for, holds that ran out."""

import logging
from datetime import timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from bashu.kernel.commands.command import Command
from bashu.kernel.jobs.registry import periodic
from bashu.kernel.parties.models import MembershipState, Person
from bashu.kernel.parties.services import node_actor
from bashu.kernel.web import clock
from bashu.logistics.models import Notification
from bashu.logistics.selectors.bookings import holds_over
from bashu.logistics.selectors.notices import letter_of
from bashu.logistics.services.booking import consignments_expire

EVERY = 20.0  # seconds
HOLDS_EVERY = 60.0  # seconds
FRESH = timedelta(
    days=1
)  # older notices are not mailed any more: a mail server set later does not send last year's letters

logger = logging.getLogger("bashu.logistics")


@periodic("logistics.letters", every=EVERY)
def letters_send() -> int:
    """Mail every fresh notice that has not been mailed, once; how many. Nothing without a mail server, nor in the demonstration.

    A notice is locked while its letter is under way and marked when the mail server has taken it, in one transaction: two
    workers never take the same one. A worker killed in between leaves it unmarked; its letter goes again, under the same
    Message-ID, by which mail programs know it.
    """
    sent = 0
    while settings.BASHU_SMTP and not settings.BASHU_DEMO:
        with transaction.atomic():
            fresh = Notification.objects.filter(mailed_at__isnull=True, made_at__gt=clock.now() - FRESH)
            one = fresh.select_for_update(skip_locked=True, of=("self",)).order_by("made_at", "pk").first()
            if one is None:
                break
            mail(one)
            one.revise(mailed_at=clock.now())
        sent += 1
    return sent


def mail(notice: Notification) -> None:
    """One letter to the members of an organisation; who is not to be reached is logged and not tried again."""
    active = {
        "memberships__organisation": notice.organisation,
        "memberships__state": MembershipState.ACTIVE,
        "is_active": True,
    }
    addresses = Person.objects.filter(email__isnull=False, **active).values_list("email", flat=True).distinct()
    if not addresses:
        return
    subject, text = letter_of(notice)
    name = {"Message-ID": f"<{notice.public_id}@{settings.BASHU_NODE}>"}
    letter = EmailMessage(subject, text, bcc=sorted(str(address) for address in addresses), headers=name)
    try:
        letter.send()
    except (SMTPRecipientsRefused, SMTPDataError, SMTPSenderRefused) as refused:
        if isinstance(refused, SMTPRecipientsRefused) or refused.smtp_code >= 500:
            logger.warning("letter refused", extra={"notice": str(notice.public_id), "reason": str(refused)})
        else:
            raise


@periodic("logistics.holds", every=HOLDS_EVERY)
def holds_expire() -> int:
    """Give back the space of holds that ran out, under the node's own name; how many."""
    now = clock.now()
    if not holds_over(now):
        return 0
    return consignments_expire(ctx=Command(actor=node_actor(), now=now))
