"""Operations in words, in the language being spoken."""

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from bashu.policy.engine.rules import Fact

STANDINGS: dict[str, str | Promise] = {
    "in_force": _("in force"),
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
    "refused": _("Refused"),
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
FACT_UNITS: dict[str, str | Promise] = {"yuan": _("yuan"), "person": _("people"), "m2": "m²"}


def fact_label(fact: Fact | None, name: str) -> str:
    """What a fact is called, with its unit."""
    if fact is None:
        return name
    label = fact.label["zh" if (get_language() or "zh").startswith("zh") else "en"]
    unit = FACT_UNITS.get(fact.unit, "" if fact.unit == "1" else fact.unit)
    return f"{label} ({unit})" if unit and fact.kind == "number" else label
