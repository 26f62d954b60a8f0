"""How operations are written on pages: money, acts, towns, facts."""

from decimal import Decimal
from typing import Any

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bashu.kernel.web.templatetags.bashu import figure
from bashu.policy import wording
from bashu.policy.engine.explain import yuan
from bashu.policy.engine.rules import Fact
from bashu.policy.formats.operations import acts, towns
from bashu.policy.models import ProfileFact
from bashu.policy.models.profiles import Origin
from bashu.policy.rule_words import CHOICES
from bashu.policy.selectors.profiles import facts_known

register = template.Library()


@register.filter
def in_yuan(fen: int | None) -> str:
    """Fen as yuan with two decimals; a dash where nothing is known."""
    return "—" if fen is None else yuan(fen)


@register.filter
def side_name(code: str) -> str | Promise:
    """A province's name."""
    return wording.SIDES.get(code, code)


@register.filter
def catalogue_name(name: str) -> str | Promise:
    """What a catalogue is called."""
    return wording.catalogue_name(name)


@register.filter
def act_name(kind: str) -> str:
    """What a kind of delegated act is called."""
    return acts()[kind].label if kind in acts() else kind


@register.filter
def town_name(place: str) -> str:
    """What a town is called."""
    return towns()[place].label if place in towns() else str(wording.SIDES.get(place, place))


@register.filter
def area_name(code: str) -> str | Promise:
    """What an area is called."""
    return wording.AREAS.get(code, code)


@register.filter
def fact_name(fact: str) -> str:
    """What a profile's fact is called, with its unit."""
    return wording.fact_label(facts_known().get(fact), fact)


@register.filter
def fact_value(told: Any) -> str:
    """A profile's value as people read it."""
    value = told.value if isinstance(told, ProfileFact) else told
    if isinstance(value, list):
        return ngettext("{number} row", "{number} rows", len(value)).format(number=len(value))
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if value in CHOICES:
        return str(CHOICES[value])
    if isinstance(value, str) and "." in value and value.replace(".", "", 1).isdigit():
        return f"{Decimal(value):,.2f}"
    return str(figure(value)) if isinstance(value, int) else str(value)


@register.filter
def with_unit(fact: Fact) -> str:
    """What a fact is called, with its unit."""
    return wording.fact_label(fact, fact.id)


@register.filter
def source_words(source: str) -> str:
    """Who told a fact, or which records."""
    return wording.source_words(source)


@register.filter
def origin_name(origin: str) -> str | Promise:
    """Who says so."""
    return Origin(origin).label if origin in Origin.values else origin


@register.filter
def step_name(kind: str) -> str | Promise:
    """What happened in a step."""
    return wording.STEPS.get(kind, kind)


@register.filter
def standing_name(standing: str) -> str | Promise:
    """How a delegation stands."""
    return wording.STANDINGS.get(standing, standing)


@register.filter
def tariff_value(value: Decimal | None) -> str:
    """A tariff's number, exact, without idle zeros: prices of power have four decimals and more."""
    return "—" if value is None else f"{value.normalize():,f}"


@register.filter
def unit_name(unit: str) -> str | Promise:
    """A tariff's unit in words."""
    return wording.UNITS.get(unit, unit)
