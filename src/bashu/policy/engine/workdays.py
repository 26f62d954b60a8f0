"""Working days: the day of the event does not count, the next one is the first (Civil Code art. 201); holidays are data."""

from datetime import date, timedelta
from typing import NamedTuple

SATURDAY = 5


class Calendar(NamedTuple):
    """Days off besides weekends, weekend days worked in exchange, and the years for which both are known."""

    years: frozenset[int]
    free: frozenset[date]
    worked: frozenset[date]

    def works(self, day: date) -> bool:
        """Whether a day is a working day; in a year without a table weekends alone are off."""
        return day in self.worked or (day.weekday() < SATURDAY and day not in self.free)

    def after(self, day: date, days: int) -> date:
        """The last day of a period of so many working days that begins with an event on `day`.

        >>> off = Calendar(frozenset({2025}), frozenset({date(2025, 10, 1)}), frozenset({date(2025, 9, 28)}))
        >>> off.after(date(2025, 9, 26), 4)  # Sunday the 28th is worked, Wednesday the 1st is off
        datetime.date(2025, 10, 2)
        """
        while days > 0:
            day += timedelta(days=1)
            days -= self.works(day)
        return day

    def between(self, start: date, end: date) -> int:
        """How many working days lie after `start` up to and with `end`."""
        return sum(self.works(start + timedelta(days=step)) for step in range(1, (end - start).days + 1))
