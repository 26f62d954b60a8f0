"""Filters of the rules' pages: `{% load rules %}`."""

from typing import Any

from django import template
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bashu.policy import rule_words

register = template.Library()


@register.filter
def yuan(fen: int | None) -> str:
    """Fen as yuan, grouped; a dash for nothing."""
    return "—" if fen is None else rule_words.in_yuan(fen)


@register.filter
def named(label: Any) -> str:
    """A label in the page's language."""
    return rule_words.named(label)


@register.filter
def side_name(code: str) -> str | Promise:
    """What a side is called."""
    return rule_words.SIDES.get(code, code)


@register.filter
def winner_word(code: str) -> str | Promise:
    """Who is lower, in words."""
    return rule_words.WINNERS.get(code, "—")


@register.simple_tag
def status_badge(status: str) -> SafeString:
    """How sure a number is, as colour and word."""
    return format_html('<span class="badge {}">{}</span>', status, rule_words.STATUSES.get(status, status))
