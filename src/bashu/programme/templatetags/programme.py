"""How the scoreboard's values look on a page: `{% load programme %}`."""

from decimal import Decimal
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from bashu.programme import wording
from bashu.programme.models import Reading, ReadingState, TaskState
from bashu.programme.models.readings import Basis, Coverage

register = template.Library()
SCORE = {"confirmed": "met", "rejected": "missed", "withdrawn": "no_data", "reported": "behind"}


@register.filter
def amount(value: wording.Amount | None) -> SafeString | str:
    """An amount with its unit set apart; the exact number stands in the tooltip."""
    if value is None:
        return "—"
    if value.exact:
        return format_html(
            '<span class="amount" title="{}">{}<small> {}</small></span>', value.exact, value.figure, value.unit
        )
    return format_html('<span class="amount">{}<small> {}</small></span>', value.figure, value.unit)


@register.filter
def value_of(reading: Reading) -> SafeString | str:
    """A reading's value in its target's unit, or whether it is achieved. A growth target's readings are volumes."""
    target = reading.target
    if reading.achieved is not None:
        return "✓" if reading.achieved else "✗"
    growth = target.kind == "growth"
    return amount(wording.amount(reading.value, "" if growth else target.unit, "" if growth else target.unit_en))


@register.filter
def in_words(target: Any) -> SafeString | str:
    """A target's promised value in words."""
    return amount(wording.amount(target.value, target.unit, target.unit_en))


@register.filter
def grouped(value: Decimal | int | None) -> str:
    """A number with thousands separators; a dash for none."""
    return "—" if value is None else wording.grouped(Decimal(value))


@register.filter
def fen(value: int | None) -> SafeString | str:
    """Integer fen as money in words."""
    return amount(None if value is None else wording.amount(Decimal(value) / 100, wording.YUAN))


@register.filter
def formula(text: str) -> str:
    """A formula with its long numbers in groups."""
    return wording.formula(text)


@register.filter
def side(jurisdiction: str) -> str:
    """What a jurisdiction is called."""
    return str(wording.JURISDICTIONS.get(jurisdiction, jurisdiction))


@register.filter
def operator_word(operator: str) -> str:
    """How a promise compares: more than, at least, exactly."""
    return str(wording.OPERATORS.get(operator, ""))


@register.filter
def basis_word(basis: str) -> str:
    """Where a reading of the documents' words comes from."""
    return str(wording.BASES.get(basis, ""))


@register.filter
def group_word(group: str) -> str:
    """What a group of tasks is called."""
    return str(wording.GROUPS.get(group, group))


@register.filter
def state_word(state: str) -> str:
    """What a reading's or a task's state is called."""
    return str(ReadingState(state).label) if state in ReadingState.values else str(TaskState(state).label)


@register.filter
def state_colour(state: str) -> str:
    """The badge's colour of a reading's state."""
    return SCORE.get(state, "no_data")


@register.filter
def coverage_word(coverage: str) -> str:
    """Whole or partial."""
    return str(Coverage(coverage).label)


@register.filter
def basis_of_reading(basis: str) -> str:
    """Measured or reported."""
    return str(Basis(basis).label)


@register.filter
def other_name(fact: Any) -> str:
    """A fact's name in the language that is not being spoken."""
    return str(fact.name_en if (get_language() or "zh").startswith("zh") else fact.name_zh)


@register.filter
def body_name(organisation: Any) -> str:
    """An organisation's name in the language being spoken, where it has one."""
    return wording.name_of(organisation)


@register.filter
def document_role(role: str) -> str:
    """What part a document played."""
    return str(wording.ROLES_OF_DOCUMENTS.get(role, role))
