"""What rules, their numbers and results are called on pages, in the language being spoken."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from bashu.policy.engine.explain import decimal
from bashu.policy.engine.rules import Label, Version

SIDES: dict[str, str | Promise] = {
    "CQ": gettext_lazy("Chongqing"),
    "SC": gettext_lazy("Sichuan"),
    "CN": gettext_lazy("Nation"),
}
WINNERS: dict[str, str | Promise] = {
    "cq": gettext_lazy("Chongqing lower"),
    "sc": gettext_lazy("Sichuan lower"),
    "tie": gettext_lazy("Equal"),
    "mixed": gettext_lazy("Changes within the period"),
}
STATUSES: dict[str, str | Promise] = {
    "sourced": gettext_lazy("Sourced"),
    "derived": gettext_lazy("Derived"),
    "unverified": gettext_lazy("Unverified"),
    "assumed": gettext_lazy("Assumed"),
    "unknown": gettext_lazy("Unknown"),
}
KINDS: dict[str, str | Promise] = {"tax": gettext_lazy("Tax"), "fee": gettext_lazy("Fee"), "fund": gettext_lazy("Fund")}
ACCRUALS: dict[str, str | Promise] = {
    "month": gettext_lazy("a year's amount, by the months in which a rate holds"),
    "day": gettext_lazy("a year's amount, by the days in which a rate holds"),
    "event": gettext_lazy("each event at the rate of its day"),
}
UNITS: dict[str, str | Promise] = {
    "yuan": gettext_lazy("yuan"), "fen": gettext_lazy("fen"), "wan_yuan": gettext_lazy("10,000 yuan"), "m2": gettext_lazy("m²"),
    "m3": gettext_lazy("m³"), "mu": gettext_lazy("mu"), "kg": "kg", "t": "t", "mg": "mg",
    "kWh": gettext_lazy("kWh"), "MWh": gettext_lazy("MWh"), "litre": "L", "TEU": "TEU",
    "equivalent": gettext_lazy("pollution equivalent"), "person": gettext_lazy("person"), "vehicle": gettext_lazy("vehicle"),
    "month": gettext_lazy("month"), "year": gettext_lazy("year"), "%": "%", "‰": "‰",
}  # fmt: skip
CHOICES: dict[str, str | Promise] = {
    "CQ": gettext_lazy("Chongqing"), "SC": gettext_lazy("Sichuan"), "air": gettext_lazy("air"), "water": gettext_lazy("water"),
    "city": gettext_lazy("city"), "county_town": gettext_lazy("county town"), "other": gettext_lazy("elsewhere"),
    "surface": gettext_lazy("surface water"), "ground": gettext_lazy("ground water"), "sale": gettext_lazy("sale"),
    "lease": gettext_lazy("lease"), "transfer": gettext_lazy("transfer of title"), "loan": gettext_lazy("loan"),
    "so2": "SO₂", "nox": "NOₓ", "co": "CO", "dust": gettext_lazy("general dust"), "soot": gettext_lazy("soot"),
    "hydrogen_chloride": "HCl", "fluoride": gettext_lazy("fluoride"), "hydrogen_sulphide": "H₂S", "ammonia": gettext_lazy("ammonia"),
    "benzene": gettext_lazy("benzene"), "toluene": gettext_lazy("toluene"), "xylene": gettext_lazy("xylene"),
    "formaldehyde": gettext_lazy("formaldehyde"), "cod": "COD", "bod5": "BOD₅", "suspended_solids": gettext_lazy("suspended solids"),
    "ammonia_nitrogen": gettext_lazy("ammonia nitrogen"), "total_phosphorus": gettext_lazy("total phosphorus"),
    "petroleum": gettext_lazy("petroleum"), "mercury": gettext_lazy("mercury"), "cadmium": gettext_lazy("cadmium"),
    "chromium": gettext_lazy("chromium"), "chromium_6": gettext_lazy("chromium VI"), "arsenic": gettext_lazy("arsenic"),
    "lead": gettext_lazy("lead"), "nickel": gettext_lazy("nickel"),
    "grade_1": gettext_lazy("grade one"), "grade_2": gettext_lazy("grade two"), "grade_3": gettext_lazy("grade three"),
    "grade_4": gettext_lazy("grade four"), "car_up_to_1_0": gettext_lazy("car up to 1.0 litre"),
    "car_up_to_1_6": gettext_lazy("car over 1.0, up to 1.6 litres"), "car_up_to_2_0": gettext_lazy("car over 1.6, up to 2.0 litres"),
    "car_up_to_2_5": gettext_lazy("car over 2.0, up to 2.5 litres"), "car_up_to_3_0": gettext_lazy("car over 2.5, up to 3.0 litres"),
    "car_up_to_4_0": gettext_lazy("car over 3.0, up to 4.0 litres"), "car_above_4_0": gettext_lazy("car over 4.0 litres"),
    "coach": gettext_lazy("coach"), "goods": gettext_lazy("goods vehicle"), "motorcycle": gettext_lazy("motorcycle"),
}  # fmt: skip
REASONS: dict[str, str | Promise] = {
    "not_eligible": gettext_lazy("Its conditions are not met, or it pays nothing."),
    "missing_facts": gettext_lazy("Not told yet: {because}."),
    "excluded": gettext_lazy("Cannot be had together with {because}, which pays more in all."),
    "prerequisite": gettext_lazy("Needs {because}, which is not in the best set."),
    "group_full": gettext_lazy("Its group is full: {because}."),
    "void": gettext_lazy("With it, this province's total would pass a cap that voids everything."),
    "no_gain": gettext_lazy("It adds nothing: a cap is reached already."),
}
SHORT_LIST = 4
FEN = 100


def choice_names() -> dict[str, str]:
    """What the words of choices are called."""
    return {key: str(name) for key, name in CHOICES.items()}


def language() -> str:
    """zh or en."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


def named(label: Label) -> str:
    """A label in the language being spoken."""
    return label[language()]


def yuan(fen: int) -> Decimal:
    """Fen as yuan, exact."""
    return Decimal(fen) / FEN


def in_yuan(fen: int) -> str:
    """Fen as yuan in words, grouped, with fen only where there are some.

    >>> in_yuan(318000000), in_yuan(150)
    ('3,180,000', '1.50')
    """
    whole, rest = divmod(abs(fen), FEN)
    sign = "\N{MINUS SIGN}" if fen < 0 else ""
    return f"{sign}{whole:,}.{rest:02d}" if rest else f"{sign}{whole:,}"


def unit_name(unit: str) -> str:
    """A unit in words: yuan per m² per year."""
    parts = [str(UNITS.get(part, part)) for part in unit.split("/") if part != "1"]
    return "/".join(parts) if not unit.startswith("1/") else "/" + "/".join(parts)


def amount(value: Fraction, unit: str) -> str:
    """A number with its unit; a pure number as a percentage, small ones per mille."""
    if unit.split("/", maxsplit=1)[0] == "1":
        each = unit_name(unit) if "/" in unit else ""
        scaled, sign = (value * 1000, "‰") if 0 < value < Fraction(1, 100) else (value * 100, "%")
        return f"{decimal(scaled)}{sign}{each}"
    return f"{grouped(value)} {unit_name(unit)}"


def grouped(value: Fraction) -> str:
    """An exact number with its thousands grouped.

    >>> grouped(Fraction(60000)), grouped(Fraction(7, 2)), grouped(Fraction(1, 3))
    ('60,000', '3.5', '1/3')
    """
    text = decimal(value)
    whole, point, rest = text.partition(".")
    return text if "/" in text else f"{int(whole):,}{point}{rest}"


def value_of(version: Version | None, unit: str, *, short: bool = False) -> str:
    """A version's value in words; by choice only the first few when `short`."""
    if version is None:
        return _("none")
    value = version.value
    if value is None:
        return _("not known")
    if isinstance(value, Fraction):
        return amount(value, unit)
    if isinstance(value, Mapping):
        if not unit.startswith("1"):  # said once, after all of them
            one = [f"{CHOICES.get(key, key)} {decimal(number)}" for key, number in value.items()]
            some = one[:SHORT_LIST] if short else one
            return (
                str(_("; ")).join(some)
                + ("…" if len(some) < len(one) else "")
                + _(" ({unit})").format(unit=unit_name(unit))
            )
        said = [f"{CHOICES.get(key, key)} {amount(number, unit)}" for key, number in value.items()]
    else:
        said = [
            _("from {edge}: {value}").format(edge=decimal(edge), value=amount(number, unit)) for edge, number in value
        ]
    more = len(said) > SHORT_LIST and short
    return str(_("; ")).join(said[:SHORT_LIST] if more else said) + ("…" if more else "")


def status_of(version: Version | None) -> str:
    """How sure a version is: a word of STATUSES."""
    return "unknown" if version is None or version.value is None else version.status


def weakest(statuses: list[str]) -> str:
    """The least sure of several; sourced when there is none."""
    order = ["unknown", "assumed", "unverified", "derived", "sourced"]
    return min(statuses, key=order.index, default="sourced")
