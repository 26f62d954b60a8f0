"""Telling organisations what became of their consignments."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from bashu.kernel.commands.command import Command, command, plain
from bashu.kernel.parties.models import Organisation
from bashu.logistics.models import Notification
from bashu.logistics.selectors.notices import READERS


class Notice(NamedTuple):
    """One thing to tell one organisation of one consignment (its row id). facts: what the sentence is filled with."""

    organisation: UUID
    consignment: int
    kind: str
    facts: Mapping[str, Any]


def notices_write(notices: Iterable[Notice], now: datetime) -> None:
    """Write notices within a command. As the node: an operator's report tells a shipper what the operator may not look up."""
    rows = [
        Notification(
            organisation_id=one.organisation, consignment_id=one.consignment, kind=one.kind, facts=plain(one.facts), made_at=now
        )
        for one in notices
    ]  # fmt: skip
    if rows:
        Notification.objects.bulk_create(rows)


@command("logistics.notification.read", roles=READERS, at="organisation")
def notifications_read(*, ctx: Command, organisation: UUID, upto: datetime) -> int:
    """Mark an organisation's notices made until a moment as read; how many were not."""
    unread = Notification.objects.filter(organisation__public_id=organisation, read_at__isnull=True, made_at__lte=upto)
    number = unread.update(read_at=ctx.now)
    body = Organisation.objects.get(public_id=organisation)
    ctx.append(subject=body, before=None, after={"read": number, "upto": upto})
    return number
