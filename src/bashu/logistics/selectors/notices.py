"""Reading what organisations were told, and saying it in words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from bashu.kernel.commands.actor import Actor, Role
from bashu.logistics.models import Notification
from bashu.logistics.selectors.network import network_current
from bashu.logistics.wording import name_of

READERS = frozenset(Role)
LANGUAGES = ("zh-hans", "en")  # of a letter: whoever reads it finds his own
MOMENTS = ("at", "arrives_at", "booked", "departs_at")
WORDS: Mapping[str, tuple[str | Promise, str | Promise]] = {
    "delivered": (_("Delivered"), _("{number} was delivered on {at}.")),
    "missed": (
        _("Connection missed"),
        _(
            "{number} can no longer go on from {hub} to {to} as booked ({service} on {departs_at}). Its shipper chooses another way; "
            "with every connection at once it would arrive on {arrives_at}."
        ),
    ),
    "rejected": (
        _("Carriage refused"),
        _(
            "{number} is not carried from {hub} to {to} as booked ({service} on {departs_at}): {reason}. The planner shows other ways."
        ),
    ),
    "recovered": (_("Connection reached after all"), _("{number} reaches its connections again; expected on {arrives_at}.")),
    "delayed": (_("Arrives later"), _("{number} is expected on {arrives_at}, booked for {booked}.")),
    "earlier": (_("Arrives earlier"), _("{number} is expected on {arrives_at}, booked for {booked}.")),
}  # fmt: skip


class Said(NamedTuple):
    """A notice in the language of the moment."""

    title: str
    text: str


def notice_list(actor: Actor) -> QuerySet[Notification]:
    """What the actor's organisations were told, newest first."""
    mine = Notification.objects.filter(organisation__public_id__in=actor.organisations())
    return mine.select_related("consignment", "organisation").order_by("-made_at", "-pk")


def unread_count(actor: Actor) -> int:
    """How much of it nobody has read yet."""
    return Notification.objects.filter(organisation__public_id__in=actor.organisations(), read_at__isnull=True).count()


def said(notice: Notification) -> Said:
    """A notice in words, times by the region's clock."""
    title, text = WORDS[notice.kind]
    facts: dict[str, Any] = {"number": notice.consignment.number, **notice.facts}
    for name in MOMENTS:
        if name in facts:
            facts[name] = f"{localtime(datetime.fromisoformat(facts[name])):%Y-%m-%d %H:%M}"
    folder = network_current()
    names = {hub.code: name_of(hub) for hub in folder.hubs}
    names |= {service.code: name_of(service) for service in folder.services}
    for name in ("hub", "to", "service"):
        if name in facts:
            facts[name] = names.get(facts[name], facts[name])
    facts["service"] = facts.get("service") or str(_("by road"))
    return Said(str(title), str(text).format(**facts))


def hub_names() -> dict[str, str]:
    """What hubs are called in the language of the moment."""
    return {hub.code: name_of(hub) for hub in network_current().hubs}


def letter_of(notice: Notification) -> tuple[str, str]:
    """Subject and text of its letter, in both languages: nobody knows which one the reader prefers."""
    told = []
    for language in LANGUAGES:
        with override(language):
            told.append(said(notice))
    subject = f"{notice.consignment.number}: " + " / ".join(one.title for one in told)
    return subject, "\n\n".join(one.text for one in told) + "\n"
