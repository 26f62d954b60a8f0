"""What reports say of a journey: whatever their order, and against two slow readings of the same words."""

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bashu.logistics.engine.tracking import (
    FACTS,
    Call,
    Report,
    Ride,
    Times,
    aboard,
    contradictions,
    fold,
    foreseen,
    outlook,
)

START = datetime(2025, 12, 31, 12, tzinfo=UTC)  # reports straddle the end of the year
KINDS = (*FACTS, "expected_departure", "expected_arrival")
hours = st.integers(0, 60).map(lambda hour: START + timedelta(hours=hour))
reports = st.lists(st.builds(Report, st.sampled_from(KINDS), hours, hours, st.sampled_from("abcdefgh")), max_size=14)


@given(reports, st.randoms(use_true_random=False), st.integers(0, 5))
def test_order_repetition_and_lateness_change_nothing(told, order, again):
    shuffled = told + order.choices(told, k=again) if told else []
    order.shuffle(shuffled)
    assert fold(shuffled) == fold(told)
    assert contradictions([fold(shuffled)]) == contradictions([fold(told)])


@given(reports)
def test_what_counts_is_what_writing_each_report_over_the_one_before_would_leave(told):
    written = {}
    for one in sorted(set(told), key=lambda one: (one.told_at, one.at, one.name)):
        written[one.kind] = one
    assert fold(told).known == written


@given(reports)
def test_no_report_is_lost(told):
    course = fold(told)
    facts = {one.name for one in told if one.kind in FACTS}
    assert facts == set(course.corrected) | {one.name for kind, one in course.known.items() if kind in FACTS}


@given(reports, reports)
def test_a_vehicle_carries_only_what_was_loaded_and_never_overrules_the_goods(own, vehicle):
    goods, run = fold(own), fold(vehicle)
    course = aboard(goods, run)
    assert course.known.items() >= goods.known.items()
    lent = {kind for kind in course.known if kind not in goods.known}
    if "loaded" in goods.known:
        assert lent == set(run.known) - set(goods.known)
    else:
        assert lent == {kind for kind in run.known if kind not in FACTS} - set(goods.known)


def test_contradictions_are_named_along_the_whole_journey():
    def told(kind, hour):
        return Report(kind, START + timedelta(hours=hour), START + timedelta(hours=30), kind)

    first, second = fold([told("departed", 1), told("arrived", 9)]), fold([told("loaded", 8), told("departed", 12)])
    assert [(one.earlier.kind, one.later.kind) for one in contradictions([first, second])] == [("arrived", "loaded")]


def case(seed):
    """A journey of a few legs with everything on."""
    rng = random.Random(seed)
    rides, clock = [], 0
    for number in range(rng.randint(1, 5)):
        departs = clock + rng.randint(0, 400)
        arrives = departs + rng.randint(1, 300)
        road = rng.random() < 0.3
        shut = [(rng.randint(0, 2500), rng.randint(0, 300)) for _ in range(2)]
        closed = {minute for begin, minutes in shut for minute in range(begin, begin + minutes)}
        rides.append(
            Ride(
                Times(departs, arrives), None if road else departs - rng.randint(0, 60), rng.randint(0, 120),
                opener(closed), rng.choice([None, None, rng.randint(0, 2000)]), rng.random() < 0.2,
                number == 0 and rng.random() < 0.3, rng.random() < 0.1, rng.random() > 0.1,
            )
        )  # fmt: skip
        clock = arrives + rng.randint(0, 100)
    return rides


def opener(closed):
    def opens(minute):
        while minute in closed:
            minute += 1
        return minute

    return opens


def walked(rides):
    """The walk minute by minute: goods stand at a hub until the hub is open, are handled, and wait for their vehicle."""
    at, missed = None, None
    for number, ride in enumerate(rides):
        span = ride.times.arrives - ride.times.departs
        if ride.departed:
            at = ride.times.arrives
            continue
        came = at if ride.gate_in is None else ride.gate_in
        minute, left = came, ride.handling
        if came is not None:
            while ride.opens(minute) != minute:
                minute += 1
            while left:
                minute, left = minute + 1, left - 1
        if ride.loaded and not ride.gone and ride.runs:
            at = ride.times.arrives
            continue
        road = ride.cutoff is None
        too_late = not road and minute is not None and minute > ride.cutoff
        if not ride.runs or too_late or (ride.gone and not road):
            missed = number if missed is None else missed
            at = (ride.times.departs if minute is None else minute) + span
        else:
            at = (minute if road and minute is not None else ride.times.departs) + span
    return at, missed


def test_the_outlook_is_what_a_walk_minute_by_minute_finds():
    missed = 0
    for seed in range(400):
        rides = case(seed)
        found = outlook(rides)
        assert (found.arrives, found.missed) == walked(rides), seed
        missed += found.missed is not None
    assert 60 < missed < 340


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50), st.none() | st.integers(0, 900)), min_size=1, max_size=6)
)
def test_a_vehicle_is_never_before_its_timetable_unless_somebody_says_so_and_delays_travel_on(steps):
    clock, run = 0, []
    for wait, span, departed in steps:
        run.append(Call(clock + wait, clock + wait + span, departed=departed))
        clock = run[-1].arrives
    times = foreseen(run)
    for number, (call, found) in enumerate(zip(run, times, strict=True)):
        assert found.arrives - found.departs == call.arrives - call.departs
        assert found.departs == (
            call.departed
            if call.departed is not None
            else max(call.departs, times[number - 1].arrives if number else 0)
        )


def test_a_forecast_counts_until_the_fact():
    planned = Call(0, 60)
    assert foreseen([planned._replace(expected_departs=30)]) == [Times(30, 90)]
    assert foreseen([planned._replace(expected_departs=30, departed=10)]) == [Times(10, 70)]
    assert foreseen([planned._replace(expected_arrives=99)])[0].arrives == 99
    assert foreseen([planned._replace(expected_arrives=99, arrived=80)])[0].arrives == 80
