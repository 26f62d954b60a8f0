"""What a shipper says of its goods, and what of it cannot be true."""

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bashu.logistics.engine.containers import is_container_number
from bashu.logistics.errors import BoxNumberWrong, CargoDiffers, GoodsWrong
from bashu.logistics.quotes import Quote
from bashu.logistics.terms import BOX_GROSS_KG, REEFER_RANGE

TEU_OF = {20: 1, 40: 2}
# 6 digits of the Harmonized System, 8 or 10 of the national tariff
HS_CODE = re.compile(r"[0-9]{6}([0-9]{2}([0-9]{2})?)?")
UN_NUMBER = re.compile(r"[0-9]{4}")
CURRENCY = re.compile(r"[A-Z]{3}")  # ISO 4217
LARGEST = Decimal(10) ** 15
# What can be wrong, translated only when it is.
DESCRIPTION = gettext_lazy("a description of at most 200 characters is needed")
DIGITS = gettext_lazy("6, 8 or 10 digits")
WEIGHT = format_lazy(gettext_lazy("more than 0, at most {most} kg a box"), most=f"{BOX_GROSS_KG:,}")
FOUR = gettext_lazy("four digits")
COOL = format_lazy(gettext_lazy("between {low} and {high} °C"), low=REEFER_RANGE[0], high=REEFER_RANGE[1])
LETTERS = gettext_lazy("three letters as CNY or USD")
SUM = gettext_lazy("a sum that is not negative")
RATE = gettext_lazy("yuan a unit, more than 0")
ONE = gettext_lazy("is 1 for CNY")
NAME = gettext_lazy("a name is needed")
LONG = gettext_lazy("at most 200 characters")


class Goods(NamedTuple):
    """Goods as the shipper declares them.

    boxes: feet of each container, 20 or 40. un_number: of dangerous goods; their class stands in the quote. value: in
    `currency`, worth `exchange_rate` yuan a unit.
    """

    description: str
    hs_code: str
    weight_kg: int
    boxes: Sequence[int]
    value: Decimal
    currency: str = "CNY"
    exchange_rate: Decimal = Decimal(1)
    un_number: str = ""
    reefer_celsius: Decimal | None = None


class Parties(NamedTuple):
    """Who receives the goods, and who else is told of them."""

    consignee: str
    notify_party: str = ""


class Number(NamedTuple):
    """A container's number and seal, for the box at a place in the list, counted from 1."""

    sequence: int
    number: str
    seal: str = ""


def fen_of(value: Decimal, exchange_rate: Decimal) -> int:
    """Yuan fen of a value in a currency: converted once, half up.

    >>> fen_of(Decimal("100.05"), Decimal("7.1"))
    71036
    """
    return int((value * exchange_rate * 100).to_integral_value(ROUND_HALF_UP))


def goods_check(goods: Goods, parties: Parties, boxes: Sequence[int]) -> None:
    """Refuse (GoodsWrong, 422) what cannot be true of goods in boxes of these feet, whatever was quoted."""
    low, high = REEFER_RANGE
    cold, value, rate = goods.reefer_celsius, goods.value, goods.exchange_rate
    if any(feet not in TEU_OF for feet in boxes) or not boxes:
        raise GoodsWrong(field="boxes", problem=_("each box has 20 or 40 feet, and there is at least one"))
    checks = (
        ("goods", 0 < len(goods.description.strip()) <= 200, DESCRIPTION),
        ("hs_code", HS_CODE.fullmatch(goods.hs_code), DIGITS),
        ("weight_kg", 0 < goods.weight_kg <= BOX_GROSS_KG * len(boxes), WEIGHT),
        ("un_number", not goods.un_number or UN_NUMBER.fullmatch(goods.un_number), FOUR),
        ("reefer_celsius", cold is None or (cold.is_finite() and low <= cold <= high), COOL),
        ("currency", CURRENCY.fullmatch(goods.currency), LETTERS),
        ("value", value.is_finite() and 0 <= value < LARGEST, SUM),
        ("exchange_rate", rate.is_finite() and 0 < rate < 10**6, RATE),
        ("exchange_rate", goods.currency != "CNY" or rate == 1, ONE),
        ("consignee", 0 < len(parties.consignee.strip()) <= 200, NAME),
        ("notify_party", len(parties.notify_party) <= 200, LONG),
    )
    for field, good, problem in checks:
        if not good:
            raise GoodsWrong(field=field, problem=str(problem))


def cargo_check(goods: Goods, quote: Quote) -> None:
    """Refuse (CargoDiffers, 409) goods for which the quote was not made."""
    teu = sum(TEU_OF[feet] for feet in goods.boxes)
    if teu != quote.teu:
        raise CargoDiffers(quoted=f"{quote.teu} TEU", given=f"{teu} TEU")
    if bool(goods.un_number) != (quote.dangerous is not None):
        quoted = _("class {number}").format(number=quote.dangerous) if quote.dangerous else _("no dangerous goods")
        raise CargoDiffers(quoted=quoted, given=goods.un_number or _("no UN number"))
    if (goods.reefer_celsius is not None) != quote.reefer:
        cold, plain = _("a reefer"), _("dry boxes")
        raise CargoDiffers(quoted=cold if quote.reefer else plain, given=plain if quote.reefer else cold)


def numbers_check(numbers: Sequence[Number], boxes: int) -> None:
    """Refuse (BoxNumberWrong, 422) a number whose ISO 6346 check digit is wrong, that stands twice, or has no box."""
    seen: set[str] = set()
    for one in numbers:
        if not 1 <= one.sequence <= boxes:
            raise BoxNumberWrong(
                number=one.number or one.sequence, problem=_("there is no box {sequence}").format(sequence=one.sequence)
            )
        if not one.number:
            continue
        if not is_container_number(one.number):
            raise BoxNumberWrong(
                number=one.number, problem=_("four letters, six digits and their check digit (ISO 6346)")
            )
        if one.number in seen:
            raise BoxNumberWrong(number=one.number, problem=_("stands twice"))
        seen.add(one.number)
