"""What two sides say together: enterprises counted once, sums only where both sides speak."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import NamedTuple

from bashu.programme.engine.judge import Basis, Reading

Period = tuple[date, date]


class UnionCount(NamedTuple):
    """Distinct enterprises over all sides, how many each side reported, and how many more than one side reported."""

    total: int
    by_side: dict[str, int]
    shared: int


def union_count(rosters: Mapping[str, Collection[str]]) -> UnionCount:
    """Count each enterprise once, whoever reports it.

    rosters: for each side the unified social credit codes (GB 32100) of its enterprises, checked and normalised by
    the caller. The total is the size of the union; it lies between the longest roster and the sum of all.

    >>> union_count({"CQ": ["A", "B", "B"], "SC": ["B", "C"]})
    UnionCount(total=3, by_side={'CQ': 2, 'SC': 2}, shared=1)
    """
    distinct = {side: frozenset(codes) for side, codes in rosters.items()}
    reported = Counter(code for codes in distinct.values() for code in codes)
    shared = sum(1 for sides in reported.values() if sides > 1)
    return UnionCount(len(reported), {side: len(codes) for side, codes in distinct.items()}, shared)


def joint_readings(chongqing: Iterable[Reading], sichuan: Iterable[Reading], *, additive: bool) -> list[Reading]:
    """Readings of the region from the readings of its two sides, by period.

    Where the metric is additive and each side has exactly one whole, confirmed reading of the very same period, their
    sum is a whole reading of the region: confirmed when the later of the two was, measured only when both were. Every
    other reading is one side's alone, so it is returned as partial with an unknown share: it can be shown and never
    judges. Counts of enterprises are not additive: an enterprise may stand on both rosters (see union_count).

    >>> from decimal import Decimal
    >>> year = dict(period_start=date(2024, 1, 1), period_end=date(2024, 12, 31), confirmed_on=date(2025, 2, 1))
    >>> chongqing, sichuan = Reading(value=Decimal(400), **year), Reading(value=Decimal(500), **year)
    >>> region = joint_readings([chongqing], [sichuan], additive=True)
    >>> [(reading.value, reading.whole) for reading in region]
    [(Decimal('900'), True)]
    >>> region = joint_readings([chongqing], [], additive=True)
    >>> [(reading.value, reading.whole) for reading in region]
    [(Decimal('400'), False)]
    """
    sides = (list(chongqing), list(sichuan))
    sole = [_sole_by_period(side) if additive else {} for side in sides]
    both = sole[0].keys() & sole[1].keys()
    joint = [_sum(sole[0][period], sole[1][period]) for period in sorted(both)]
    alone = [
        reading._replace(whole=False, share=None)
        for side, summed in zip(sides, sole, strict=True)
        for reading in side
        if _period(reading) not in both or summed[_period(reading)] is not reading
    ]
    return sorted(joint + alone, key=lambda reading: reading.period_end)


def _period(reading: Reading) -> Period:
    return (reading.period_start or date.min, reading.period_end)


def _sole_by_period(readings: list[Reading]) -> dict[Period, Reading]:
    """The whole, confirmed readings that are the only one of their period."""
    usable = [reading for reading in readings if reading.whole and reading.confirmed_on is not None]
    times = Counter(map(_period, usable))
    return {_period(reading): reading for reading in usable if times[_period(reading)] == 1}


def _sum(one: Reading, other: Reading) -> Reading:
    assert one.confirmed_on is not None
    assert other.confirmed_on is not None
    measured = one.basis is Basis.MEASURED and other.basis is Basis.MEASURED
    return one._replace(
        value=one.value + other.value,
        basis=Basis.MEASURED if measured else Basis.REPORTED,
        share=None,
        confirmed_on=max(one.confirmed_on, other.confirmed_on),
    )
