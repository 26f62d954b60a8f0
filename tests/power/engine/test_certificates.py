"""Certified watt-hours and numbered certificates against brute force, a watt-hour at a time, and what must always hold."""

from datetime import date
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bashu.power.engine.certificates import WH, Meter, Rule, Stored, certify, hours_of, roll, rule_for

LOTS = st.integers(0, 40)


@st.composite
def metered(draw: st.DrawFn) -> tuple[Meter, int, np.ndarray]:
    """A few hours of a unit with storage, what its storage gives back, and which hours are credited elsewhere."""
    hours = draw(st.lists(st.tuples(LOTS, LOTS, LOTS, LOTS), min_size=1, max_size=8))
    made, stored, other, back = np.array(hours, dtype=np.int64).T
    ppm = draw(st.sampled_from([500_000, 850_000, 1_000_000]))
    held = np.array(draw(st.lists(st.booleans(), min_size=len(hours), max_size=len(hours))))
    return Meter(made, np.minimum(made, stored), other, back), ppm, held


def by_hand(meter: Meter, ppm: int, held: np.ndarray) -> list[int]:
    """The definition, hour by hour, in exact fractions floored once."""
    own = other = 0
    found = []
    for made, charged, from_elsewhere, returned, credited in zip(*meter, held, strict=True):
        put, foreign = int(charged) * ppm // 10**6, int(from_elsewhere) * ppm // 10**6
        own, other = own + (0 if credited else put), other + foreign + (put if credited else 0)
        gives = min(int(returned), own + other)
        share = int(Fraction(own, own + other) * gives) if own + other else 0
        own, other = own - share, other - gives + share
        found.append(0 if credited else int(made - charged) + share)
    return found


@given(metered())
def test_every_hour_is_what_the_definition_says(case):
    meter, ppm, held = case
    assert certify(meter, storage_ppm=ppm, withheld=held).wh.tolist() == by_hand(meter, ppm, held)


@given(metered())
def test_never_more_than_was_generated_and_storage_accounts_for_the_rest(case):
    meter, ppm, _ = case
    found = certify(meter, storage_ppm=ppm)
    put = sum(int(wh) * ppm // 10**6 for wh in meter.charged)
    back = int(found.wh.sum()) - int((meter.generated - meter.charged).sum())
    assert found.wh.sum() <= meter.generated.sum()
    assert 0 <= back == put - found.stored.own, "own energy in storage is certified or still there"
    assert back <= meter.returned.sum()


@given(metered(), st.integers(0, 8))
def test_hours_in_two_parts_are_certified_as_in_one(case, cut):
    meter, ppm, _ = case
    whole = certify(meter, storage_ppm=ppm)
    first = certify(Meter(*(part[:cut] for part in meter)), storage_ppm=ppm)
    second = certify(Meter(*(part[cut:] for part in meter)), storage_ppm=ppm, stored=first.stored)
    assert np.concatenate([first.wh, second.wh]).tolist() == whole.wh.tolist()
    assert second.stored == whole.stored


def test_without_storage_the_order_of_hours_does_not_matter():
    generator = np.random.default_rng(7)
    made = generator.integers(0, 10**9, 200)
    order = generator.permutation(200)
    assert certify(Meter.plain(made[order])).wh.tolist() == made[order].tolist()


def test_storage_behind_a_unit_that_has_none_is_refused():
    with pytest.raises(ValueError, match="without storage"):
        certify(Meter(np.array([5]), np.array([1]), np.array([0]), np.array([0])))


def test_storing_more_than_was_generated_is_refused():
    with pytest.raises(ValueError, match="than generated"):
        certify(Meter(np.array([5]), np.array([6]), np.array([0]), np.array([0])), storage_ppm=900_000)


def test_energy_from_elsewhere_is_never_certified():
    zero, hundred = np.zeros(2, dtype=np.int64), np.array([100, 0])
    found = certify(Meter(zero, zero, hundred, np.array([0, 90])), storage_ppm=900_000)
    assert found.wh.tolist() == [0, 0]
    assert found.stored == Stored(0, 0)


def test_loss_of_the_first_round_does_not_make_the_second_one_green():
    """A hundred own watt-hours lose twenty; a hundred of others' come after: nothing of them is certified."""
    meter = Meter(*(np.array(row) for row in ([100, 0, 0, 0], [100, 0, 0, 0], [0, 0, 100, 0], [0, 80, 0, 80])))
    assert certify(meter, storage_ppm=800_000).wh.tolist() == [0, 80, 0, 0]


@given(st.lists(st.integers(0, 3 * WH), min_size=1, max_size=12))
def test_certificates_and_remainder_are_all_that_was_certified(months):
    before, issued = 0, 0
    for wh in months:
        numbers = roll(before, wh)
        assert numbers.first == issued + 1, "numbers go on without a gap"
        issued, before = numbers.last, before + wh
    assert issued * WH + roll(before, 0).remainder == sum(months)
    assert roll(before, 0).last == issued, "nothing new, nothing issued"


@given(st.lists(st.integers(1, 2 * WH), min_size=1, max_size=10))
def test_every_watt_hour_belongs_to_one_certificate(made):
    wh = np.array(made)
    before = np.concatenate([[0], np.cumsum(wh)[:-1]])
    last = int(wh.sum()) // WH
    each = [hours_of(before, wh, number, number) for number in range(1, last + 1)]
    assert all(hours.sum() == WH for hours in each)
    together = sum(each, start=np.zeros_like(wh))
    assert (together <= wh).all()
    assert together.sum() == last * WH
    assert hours_of(before, wh, 1, last).tolist() == together.tolist()


def test_two_rules_for_one_unit_are_an_error():
    rule = Rule("a", "wind", None, None, True, True, 24)
    with pytest.raises(LookupError):
        rule_for([rule, rule], "wind", date(2020, 1, 1))
