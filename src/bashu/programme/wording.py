"""Numbers and judgements in words: pure text from plain values, in the language being spoken."""

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from bashu.programme.engine.judge import Method

YUAN = "元"
PER_YEAR = "每年"
SCALES_ZH = ((Decimal(10) ** 12, "万亿元"), (Decimal(10) ** 8, "亿元"), (Decimal(10) ** 4, "万元"))
SCALES_EN = ((Decimal(10) ** 12, "trillion"), (Decimal(10) ** 9, "billion"), (Decimal(10) ** 6, "million"))
PLACES = 3  # decimals of a scaled number; the exact one stands beside it
LONG_NUMBER = re.compile(r"\d{5,}")


class Amount(NamedTuple):
    """A number as it is read: the figure, what follows it, and the exact number where the figure is scaled."""

    figure: str
    unit: str
    exact: str = ""

    def __str__(self) -> str:
        return f"{self.figure} {self.unit}".strip()


def speaks_chinese() -> bool:
    """Whether the language being spoken is Chinese."""
    return (get_language() or "zh").startswith("zh")


def name_of(organisation: Any) -> str:
    """An organisation's name in the language being spoken, where it has one."""
    return str(organisation.name_zh if speaks_chinese() else organisation.name_en or organisation.name_zh)


def listed(names: Iterable[str]) -> str:
    """Names in a row, as the language being spoken separates them."""
    return ("、" if speaks_chinese() else ", ").join(names)


def amount(value: Decimal | int | None, unit: str = "", unit_en: str = "") -> Amount | None:
    """A value in its unit, as people say it: yuan by 亿 and 万亿 or by billion and trillion, a yearly rate in percent.

    A scaled figure is rounded half-even to three decimals; `exact` then holds every digit.

    >>> from django.utils import translation
    >>> with translation.override("zh-hans"): str(amount(Decimal("1000000000000"), "元", "yuan"))
    '1 万亿元'
    >>> with translation.override("en"): str(amount(Decimal("1000000000000"), "元", "yuan"))
    'CNY 1 trillion'
    >>> with translation.override("en"): str(amount(Decimal("0.15"), "每年", "per year"))
    '15% per year'
    """
    if value is None:
        return None
    value = Decimal(value)
    chinese = speaks_chinese()
    shown = unit if chinese else (unit_en or unit)
    if unit == PER_YEAR:
        return Amount(f"{grouped(value * 100)}%", shown)
    if unit == YUAN:
        return money(value, chinese)
    return Amount(grouped(value), shown)


def money(yuan: Decimal, chinese: bool) -> Amount:
    """An amount of yuan by its largest scale."""
    exact = f"{grouped(yuan)} {YUAN}" if chinese else f"CNY {grouped(yuan)}"
    for size, word in SCALES_ZH if chinese else SCALES_EN:
        if abs(yuan) >= size:
            figure = grouped((yuan / size).quantize(Decimal(10) ** -PLACES, ROUND_HALF_EVEN))
            return Amount(figure, word, exact) if chinese else Amount(f"CNY {figure}", word, exact)
    return Amount(grouped(yuan), YUAN) if chinese else Amount(f"CNY {grouped(yuan)}", "")


def grouped(value: Decimal) -> str:
    """Digits with thousands separators, without an exponent and without trailing zeros.

    >>> grouped(Decimal("1234567.500000")), grouped(Decimal("1E+4"))
    ('1,234,567.5', '10,000')
    """
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def formula(text: str) -> str:
    """A judgement's formula with its long numbers in groups of three.

    >>> formula("870000000000 ≤ 1000000000000")
    '870,000,000,000 ≤ 1,000,000,000,000'
    """
    return LONG_NUMBER.sub(lambda digits: group_digits(text, digits), text)


def group_digits(text: str, digits: re.Match[str]) -> str:
    """A run of digits in groups, unless it is the fraction of a decimal number."""
    fraction = digits.start() and text[digits.start() - 1] == "."
    return digits[0] if fraction else f"{int(digits[0]):,}"


class Scale(NamedTuple):
    """How a chart shows values: divided by `size`, in `unit`."""

    size: Decimal
    unit: str


def chart_scale(unit: str, unit_en: str, largest: Decimal | None = None) -> Scale:
    """The scale of a chart's axis: yuan by 亿 or by the billion, or as fits the largest value; anything else as it is.

    A rate's readings are amounts in the reporter's own unit, so that chart has none.
    """
    if unit == YUAN and largest is not None:
        scales = SCALES_ZH if speaks_chinese() else SCALES_EN
        size, word = next(((size, word) for size, word in scales if largest >= size), (Decimal(1), ""))
        return Scale(size, word or YUAN) if speaks_chinese() else Scale(size, f"CNY {word}".strip())
    if unit == YUAN:
        return Scale(Decimal(10) ** 8, "亿元") if speaks_chinese() else Scale(Decimal(10) ** 9, "CNY billion")
    if unit == PER_YEAR:
        return Scale(Decimal(1), "")
    return Scale(Decimal(1), unit if speaks_chinese() else unit_en)


OPERATORS: dict[str, str | Promise] = {"gt": _("more than"), "ge": _("at least"), "eq": _("exactly")}

METHODS: dict[str, str | Promise] = {
    Method.REACHED: _("The promised value is reached."),
    Method.FINAL_VALUE: _("The deadline has passed; the value on it decides."),
    Method.LINEAR_PATH: _("Compared with the straight line from the cited base to the promised value."),
    Method.COMPOUND_GROWTH: _("Compound yearly rate over the whole span from the first to the last reading."),
    Method.FLOW_REACHED_EARLY: _(
        "An earlier year already reaches what the last year must reach; the last year decides."
    ),
    Method.RECORDED: _("No number was promised; an office's recorded and confirmed judgement decides."),
    Method.NEEDS_RECORD: _("No number was promised, and no office has recorded a judgement yet."),
    Method.NO_BASE: _("Not reached yet. The documents give no base value, so there is no path to compare with."),
    Method.NO_DEADLINE: _("Not reached yet. The documents give no day by which it should be."),
    Method.FINAL_READING_MISSING: _("The deadline has passed, but no confirmed reading covers it."),
    Method.OVER_COUNT: _("More is reported than the exact number that was promised."),
    Method.SPAN_UNDER_A_YEAR: _("A yearly rate needs readings at least one year apart."),
    Method.GROWTH_FROM_NOTHING: _("A rate of growth from zero is not defined."),
    Method.CONFLICT: _("Two confirmed readings of the same period contradict each other."),
    Method.NO_READING: _("No confirmed reading covers the whole of what was promised."),
}

BASES: dict[str, str | Promise] = {
    "page": _("the page's own word"),
    "reading": _("our reading of the page"),
    "derived": _("worked out from other words of the page"),
}

JURISDICTIONS: dict[str, str | Promise] = {"CQ": _("Chongqing"), "SC": _("Sichuan"), "joint": _("Both sides")}

GROUPS: dict[str, str | Promise] = {
    "equipment": _("Equipment tasks"),
    "gaozhu": _("Gaozhu New Area"),
    "carbon": _("Joint carbon actions"),
    "convenience": _("Convenient living"),
    "iiot": _("Industrial internet"),
    "logistics": _("Port logistics"),
    "commitment": _("Unnumbered commitments"),
    "infrastructure": _("Infrastructure"),
    "institution": _("Institutions"),
    "platform": _("Platforms"),
    "zone": _("Zones and parks"),
    "company": _("Companies"),
    "event": _("Events"),
}

ROLES_OF_DOCUMENTS: dict[str, str | Promise] = {
    "policy": _("policy document"),
    "annual": _("yearly document"),
    "related": _("related document"),
}
