"""From metered hours to certified watt-hours, and from watt-hours to numbered megawatt-hours. Integers only.

Energy is certified when it reaches the grid. For a unit without storage that is what it generated; curtailed energy was never
generated. With storage behind the meter, in hour t:

    certified_t = generated_t - charged_t + own part of returned_t

What is charged goes into two accounts, own and other, less the loss of the round trip; what is returned is drawn from both in
proportion to what they hold (perfect mixing), and certified as far as it was the unit's own. So a watt-hour is certified at most
once, at delivery, and never more than was generated. Storage that stands alone has no unit, hence no certificates: what it
returns was certified where it was generated.
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

import numpy as np

WH = 1_000_000  # watt-hours in a certificate
PPM = 1_000_000


class Meter(NamedTuple):
    """Hours of a unit in order of time, watt-hours, int64, shape (n,): made, stored, stored from elsewhere, given back."""

    generated: np.ndarray
    charged: np.ndarray
    charged_other: np.ndarray
    returned: np.ndarray

    @classmethod
    def plain(cls, generated: np.ndarray) -> "Meter":
        """A unit without storage."""
        nothing = np.zeros_like(generated)
        return cls(generated, nothing, nothing, nothing)


class Stored(NamedTuple):
    """What the storage behind a meter can still give back, watt-hours: the unit's own, and from elsewhere."""

    own: int = 0
    other: int = 0


EMPTY = Stored()


class Certified(NamedTuple):
    """Certified watt-hours an hour, int64, shape (n,), and what is left in storage after the last of them."""

    wh: np.ndarray
    stored: Stored


def certify(
    meter: Meter, *, stored: Stored = EMPTY, storage_ppm: int = 0, withheld: np.ndarray | None = None
) -> Certified:
    """Certified watt-hours of consecutive hours.

    stored: left from the hours before. storage_ppm: what comes back of a million watt-hours stored. withheld: boolean (n,), hours
    whose energy somebody credits otherwise: nothing of them is certified, nor what they put into storage.
    Raises ValueError when more is stored than generated, or when storage works behind a unit that has none.

    A hundred made, sixty of them stored at 90 %; the next hour gives back fifty, all of it the unit's own:

    >>> hours = Meter(np.array([100, 0]), np.array([60, 0]), np.array([0, 0]), np.array([0, 50]))
    >>> certify(hours, storage_ppm=900_000)
    Certified(wh=array([40, 50]), stored=Stored(own=4, other=0))
    """
    if (meter.charged > meter.generated).any():
        raise ValueError("more is stored than generated")
    held = np.zeros(len(meter.generated), dtype=bool) if withheld is None else withheld
    sent = np.where(held, 0, meter.generated - meter.charged)
    moves = np.flatnonzero(meter.charged | meter.charged_other | meter.returned)
    if len(moves) and not storage_ppm:
        raise ValueError("a unit without storage stores")
    own, other = stored
    for hour in moves:
        put = int(meter.charged[hour]) * storage_ppm // PPM
        other += int(meter.charged_other[hour]) * storage_ppm // PPM
        own, other = (own, other + put) if held[hour] else (own + put, other)
        returned = min(int(meter.returned[hour]), own + other)
        drawn = returned * own // (own + other) if returned else 0
        own, other = own - drawn, other - (returned - drawn)
        if not held[hour]:
            sent[hour] += drawn
    return Certified(sent, Stored(own, other))


class Numbers(NamedTuple):
    """Numbers `first` to `last` of a unit's certificates, none when last = first - 1, and the watt-hours carried on."""

    first: int
    last: int
    remainder: int


def roll(before: int, wh: int) -> Numbers:
    """The certificates that `wh` further watt-hours make, after `before` of them were certified ever.

    >>> roll(600_000, 1_700_000)
    Numbers(first=1, last=2, remainder=300000)
    """
    return Numbers(before // WH + 1, (before + wh) // WH, (before + wh) % WH)


def hours_of(before: np.ndarray, wh: np.ndarray, first: int, last: int) -> np.ndarray:
    """The watt-hours of each certified hour that certificates `first` to `last` stand for.

    before: watt-hours certified ever before each hour. Certificate k is the interval ((k - 1)·10⁶, k·10⁶] of that running sum, so
    every watt-hour belongs to one certificate and a certificate knows its hours.

    >>> hours_of(np.array([0, 1_500_000]), np.array([1_500_000, 700_000]), 2, 2)
    array([500000, 500000])
    """
    start, stop = (first - 1) * WH, last * WH
    return np.maximum(np.minimum(before + wh, stop) - np.maximum(before, start), 0)


class Rule(NamedTuple):
    """What certificates of a technology may do, for units commissioned in [since, until), None at an open end."""

    id: str
    technology: str
    since: date | None
    until: date | None
    certified: bool
    tradable: bool
    life_months: int


def rule_for(rules: Iterable[Rule], technology: str, commissioned: date) -> Rule:
    """The one rule for a unit. Raises LookupError when there is none or more than one.

    >>> old, new = Rule("a", "hydro", None, date(2023, 1, 1), True, False, 24), Rule("b", "hydro", date(2023, 1, 1), None, True, True, 24)
    >>> rule_for([old, new], "hydro", date(1998, 8, 1)).tradable
    False
    """
    found = [
        rule for rule in rules
        if rule.technology == technology
        and (rule.since is None or rule.since <= commissioned)
        and (rule.until is None or commissioned < rule.until)
    ]  # fmt: skip
    if len(found) != 1:
        raise LookupError(f"{len(found)} rules for {technology} commissioned on {commissioned}")
    return found[0]


def expiry(month: date, life_months: int) -> date:
    """The last day on which certificates of a month live: the month of generation is the first of their life.

    >>> expiry(date(2025, 11, 1), 24)
    datetime.date(2027, 10, 31)
    """
    months = month.year * 12 + month.month - 1 + life_months
    return date.fromordinal(date(months // 12, months % 12 + 1, 1).toordinal() - 1)
