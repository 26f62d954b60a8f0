"""Operations in words, in the language being spoken."""

from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from bashu.policy.engine.rules import Fact, Label
from bashu.policy.rule_words import unit_name

STANDINGS: dict[str, str | Promise] = {
    "in_force": pgettext_lazy("law", "in force"),
    "not_yet": _("not in force yet"),
    "expired": _("expired"),
    "revoked": _("revoked by the authority"),
}
SIDES: dict[str, str | Promise] = {"CQ": _("Chongqing"), "SC": _("Sichuan"), "area": _("The area")}
AREAS: dict[str, str | Promise] = {"new-area-gaozhu": _("Gaozhu New Area")}
STEPS: dict[str, str | Promise] = {
    "submitted": _("Submitted"),
    "accepted": _("Offer accepted"),
    "complete": _("Found complete"),
    "returned": _("Sent back to be completed"),
    "supplemented": _("Completed by the enterprise"),
    "reviewed": _("Reviewed"),
    "approved": _("Approved"),
    "refused": pgettext_lazy("application", "Refused"),
    "paid": _("Paid"),
    "withdrawn": _("Withdrawn"),
    "appealed": _("Appeal filed"),
    "upheld": _("Appeal decided: refusal upheld"),
    "changed": _("Appeal decided: granted"),
}
UNITS: dict[str, str | Promise] = {
    "yuan/m3": _("yuan/m³"),
    "yuan/kWh": _("yuan/kWh"),
    "working day": _("working days"),
}
LIMITS: dict[str, str | Promise] = {  # why a catalogue leaves nothing to grant
    "excluded": _("It cannot be had together with {because}, granted this year."),
    "prerequisite": _("It needs {because}, which was not granted this year."),
    "group_full": _("Its group is full: {because}."),
    "void": _("With it, what was granted would pass a cap that voids everything."),
    "nothing_left": _("What was granted this year reaches the province's cap or the share of the investment already."),
}
CATALOGUES: dict[str, str | Promise] = {"sample": _("Sample catalogue")}
FACT_UNITS: dict[str, str | Promise] = {"yuan": _("yuan"), "person": _("people"), "m2": "m²"}


def catalogue_name(name: str) -> str | Promise:
    """What a catalogue of support items is called; one that an office published stands by the name it gave."""
    return CATALOGUES.get(name, name)


RECORDS: dict[str, str | Promise] = {
    "logistics.consignment": _("consignments delivered"),
    "power.retirement": _("retirements of green certificates"),
}


def label(words: Label) -> str:
    """A label in the language being spoken."""
    return words["zh" if (get_language() or "zh").startswith("zh") else "en"]


def source_words(source: str) -> str:
    """A profile fact's source in words: `logistics.consignment 3 (B00000001 – B00000007)` names the records that tell it."""
    kind, _space, rest = source.partition(" ")
    if kind.startswith("parties.organisation:"):
        return str(_("Registration with this node"))
    return f"{RECORDS[kind]}: {rest}" if kind in RECORDS else source


def fact_label(fact: Fact | None, name: str) -> str:
    """What a fact is called, with its unit."""
    if fact is None:
        return name
    called = label(fact.label)
    unit = FACT_UNITS.get(fact.unit) or unit_name(fact.unit)
    return f"{called} ({unit})" if unit and fact.kind == "number" else called
