"""Tax periods, and how changes of rates inside one split it."""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from bashu.policy.engine.faults import RuleFault

DECEMBER = 12
WRITTEN = re.compile(r"(\d{4})(?:-(?:Q([1-4])|(\d{2})))?")
DAY = timedelta(days=1)


class Period(NamedTuple):
    """A year, quarter or month; both days belong to it."""

    start: date
    end: date

    def days(self) -> tuple[int, int]:
        """First and last day as days since 1970-01-01."""
        return day_number(self.start), day_number(self.end)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - 719163


def period(text: str) -> Period:
    """Read a period.

    >>> period("2025-Q1")
    Period(start=datetime.date(2025, 1, 1), end=datetime.date(2025, 3, 31))
    """
    read = WRITTEN.fullmatch(text)
    if read is None or not "0001" <= read[1] < "9999" or (read[3] and not 1 <= int(read[3]) <= DECEMBER):
        raise RuleFault(f"“{text}” is not a period: write 2025, 2025-Q1 or 2025-03")
    year = int(read[1])
    first, months = (int(read[2]) * 3 - 2, 3) if read[2] else (int(read[3]), 1) if read[3] else (1, 12)
    return Period(date(year, first, 1), month_after(date(year, first, 1), months) - DAY)


def month_after(first: date, months: int) -> date:
    """The first day of the month so many months later."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)


def split(whole: Period, changes: Iterable[date], *, by: str) -> list[Period]:
    """Cut a period where something changes; by month, a change counts from the next first of a month.

    >>> [str(part.start) for part in split(period("2025"), [date(2025, 4, 15)], by="month")]
    ['2025-01-01', '2025-05-01']
    """
    cuts = set()
    for change in changes:
        cut = change if by != "month" or change.day == 1 else month_after(change.replace(day=1), 1)
        if whole.start < cut <= whole.end:
            cuts.add(cut)
    starts = [whole.start, *sorted(cuts)]
    ends = [start - DAY for start in starts[1:]] + [whole.end]
    return [Period(start, end) for start, end in zip(starts, ends, strict=True)]


def months_of(part: Period, *, by: str) -> Fraction:
    """How many months a part lasts: whole ones, or by day its share of each calendar year's twelve."""
    if by == "month":
        return Fraction((part.end.year - part.start.year) * 12 + part.end.month - part.start.month + 1)
    total, year = Fraction(0), part.start.year
    while year <= part.end.year:
        first, last = max(part.start, date(year, 1, 1)), min(part.end, date(year, 12, 31))
        length = (date(year, 12, 31) - date(year, 1, 1)).days + 1
        total += Fraction(12 * ((last - first).days + 1), length)
        year += 1
    return total
