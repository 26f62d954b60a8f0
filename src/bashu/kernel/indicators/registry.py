"""What systems offer the scoreboard: readings computed from live records, each with where it comes from.

A system puts its offers into its `indicators.py`:

    @indicator(
        "logistics.goods_value", subject="T08", unit="元", unit_en="yuan", coverage=Coverage.PARTIAL,
        purpose=_("Value of goods booked here"),
    )
    def goods_value(as_of: date) -> Measurement | None: ...

The subject is the code of the target or of the task that the reading speaks of; the scoreboard, which knows both, looks it up.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

MOST_SOURCES = 200  # records that a measurement names one by one


class Coverage(StrEnum):
    """How much of what its subject speaks of a reading sees. A partial reading is shown but never judges a whole target."""

    WHOLE = "whole"
    PARTIAL = "partial"


@dataclass(frozen=True, slots=True)
class Measurement:
    """One computed figure.

    value: in the indicator's unit. period_end: the last day it speaks of. place: code of the place it speaks of, None for
    the whole region. sources: labels (`logistics.booking:<uuid>`) of records it was computed from. fraction: the share of
    the whole it covers, 0 to 1, None where nobody knows.
    """

    value: Decimal
    period_end: date
    place: str | None = None
    sources: tuple[str, ...] = ()
    fraction: Decimal | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.value, Decimal) or not self.value.is_finite():
            raise ValueError(f"a measured value is a finite Decimal, not {self.value!r}")
        if self.fraction is not None and not 0 <= self.fraction <= 1:
            raise ValueError(f"a share lies between 0 and 1, not at {self.fraction}")


Selector = Callable[[date], Measurement | None]


@dataclass(frozen=True, slots=True)
class Indicator:
    """One offer: its code, the target or task it speaks of, its unit in both languages, what it sees of the whole, and what it is in a
    sentence."""

    code: str
    subject: str
    unit: str
    unit_en: str
    coverage: Coverage
    purpose: str | Promise
    selector: Selector


REGISTERED: dict[str, Indicator] = {}


def indicator(
    code: str, *, subject: str, unit: str, unit_en: str, coverage: Coverage, purpose: str | Promise
) -> Callable[[Selector], Selector]:
    """Offer a selector as the reading `code` of a target or a task.

    The selector takes an as-of date, reads no clock, and answers None where there is nothing to measure yet.
    """

    def declare(selector: Selector) -> Selector:
        if code in REGISTERED:
            raise ValueError(f"two selectors offer the indicator {code}")
        REGISTERED[code] = Indicator(code, subject, unit, unit_en, coverage, purpose, selector)
        return selector

    return declare


def day_end(day: date) -> datetime:
    """The instant at which a day ends in the region's zone: what happened before it counts as of that day."""
    return datetime.combine(day + timedelta(days=1), time(), timezone.get_default_timezone())


@functools.cache
def discover() -> None:
    """Import the `indicators.py` of every installed system, once."""
    autodiscover_modules("indicators")
