"""The way to one's notices, and what is doubtful in the reports of a consignment."""

from collections.abc import Mapping
from typing import Any

from django import template

from bashu.kernel.web.requests import actor_of
from bashu.logistics.models import Consignment, EventKind
from bashu.logistics.selectors.notices import unread_count
from bashu.logistics.selectors.tracking import reported

register = template.Library()


@register.inclusion_tag("logistics/_notices_link.html", takes_context=True)
def notices_link(context: Mapping[str, Any]) -> dict[str, Any]:
    """A link to the viewer's notices with how many are new; nothing for who is not signed in."""
    actor = actor_of(context["request"])
    return {"shown": actor.id is not None, "unread": unread_count(actor) if actor.id else 0}


@register.inclusion_tag("logistics/_reports.html")
def reports(consignment: Consignment) -> dict[str, Any]:
    """Reports that were corrected, and pairs that cannot both be right."""
    told = reported(consignment)
    words = {kind.value: kind.label for kind in EventKind}
    doubtful = [(words[first], at, words[after], then) for first, at, after, then in told.doubtful]
    corrected = [event for event in told.events if str(event.public_id) in told.corrected]
    return {"consignment": consignment, "doubtful": doubtful, "corrected": corrected}
