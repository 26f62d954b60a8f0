"""Working days: an oracle that lists days, and the shipped holidays of 2025."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bashu.policy.engine.workdays import Calendar
from bashu.policy.formats.operations import holidays

DAYS = st.dates(date(2025, 1, 1), date(2026, 12, 31))


@given(DAYS, st.integers(0, 80))
def test_a_period_ends_on_its_last_working_day(start, days):
    calendar = holidays()
    end = calendar.after(start, days)
    listed = [start + timedelta(days=step) for step in range(1, 400)]
    worked = [day for day in listed if calendar.works(day)]
    assert end == (worked[days - 1] if days else start)
    assert calendar.between(start, end) == days


def test_the_national_day_of_2025_stretches_a_period():
    calendar = holidays()
    assert calendar.after(date(2025, 9, 30), 1) == date(2025, 10, 9)
    assert calendar.works(date(2025, 9, 28))  # a Sunday worked in exchange
    assert not calendar.works(date(2025, 10, 8))


def test_without_a_table_weekends_alone_are_off():
    calendar = Calendar(frozenset(), frozenset(), frozenset())
    assert calendar.after(date(2030, 9, 30), 1) == date(2030, 10, 1)
