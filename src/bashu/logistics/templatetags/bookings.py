"""How bookings look on a page: `{% load bookings %}`."""

from decimal import Decimal
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bashu.kernel.web.templatetags.bashu import spoken
from bashu.logistics.wording import name_of

register = template.Library()
TONES = {
    "held": "behind", "confirmed": "on_track", "under_way": "on_track", "delivered": "met", "cancelled": "no_data", "expired": "no_data",
    "loaded": "on_track", "departed": "on_track", "arrived": "met", "lodged": "behind", "accepted": "on_track", "inspecting": "behind",
    "inspected": "on_track", "released": "met", "refused": "missed", "withdrawn": "no_data", "open": "on_track", "discharged": "met",
}  # fmt: skip


@register.simple_tag
def state_badge(record: Any) -> SafeString:
    """A record's state as a word on its colour."""
    return format_html(
        '<span class="badge {}">{}</span>', TONES.get(record.state, "no_data"), record.get_state_display()
    )


@register.filter
def yuan(fen: int | None) -> str:
    """Integer fen as yuan with two decimals and grouped thousands."""
    return "—" if fen is None else f"{fen // 100:,}.{fen % 100:02}"


@register.filter
def money(amount: Decimal) -> str:
    """An amount of a currency with two decimals and grouped thousands."""
    return f"{amount:,.2f}"


@register.filter
def body(organisation: Any) -> SafeString | str:
    """An organisation's name in the reader's language."""
    return "—" if organisation is None else spoken(name_of(organisation))


@register.filter
def kilos(grams: int) -> str:
    """Grams as whole kilograms with grouped thousands."""
    return f"{(grams + 500) // 1000:,}"
