"""What a set of reports says of a journey: a pure fold, the same in whatever order, how often and how late they came in.

Reports are facts (something happened) and forecasts (it is expected); of several reports of one kind the one counts that was
told last, as in DCSA Track and Trace, where an event has the time it happened and the time it was said. What
contradicts is kept and named, never dropped. `outlook` then walks the legs that are left and says when the goods will be there.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

GATE_IN, LOADED, DEPARTED, ARRIVED, DELIVERED = "gate_in", "loaded", "departed", "arrived", "delivered"
EXPECTED_DEPARTURE, EXPECTED_ARRIVAL = "expected_departure", "expected_arrival"
FACTS = (GATE_IN, LOADED, DEPARTED, ARRIVED, DELIVERED)  # in the order in which they must have happened


class Report(NamedTuple):
    """One report: what, when it happened or is expected, when it was said, and a name that tells it from all others."""

    kind: str
    at: datetime
    told_at: datetime
    name: str


class Contradiction(NamedTuple):
    """Two reports that cannot both be right: the later stage is said to have happened before the earlier one."""

    earlier: Report
    later: Report


class Course(NamedTuple):
    """What counts of a set of reports.

    known: by kind, the report that counts. corrected: names of reports that one told later replaced, sorted.
    """

    known: dict[str, Report]
    corrected: tuple[str, ...]

    def at(self, kind: str) -> datetime | None:
        """When something happened, or is expected; None where nobody said."""
        return self.known[kind].at if kind in self.known else None

    @property
    def stage(self) -> str:
        """The furthest fact, empty before the first."""
        return next((kind for kind in reversed(FACTS) if kind in self.known), "")


def fold(reports: Iterable[Report]) -> Course:
    """What counts of the reports on one leg or one vehicle's run.

    >>> def told(kind, hour, said, name):
    ...     return Report(kind, datetime(2025, 3, 3, hour), datetime(2025, 3, 3, said), name)
    >>> first, second, late = told(DEPARTED, 9, 9, "a"), told(DEPARTED, 8, 11, "b"), told(LOADED, 7, 12, "c")
    >>> course = fold([late, second, first, second])  # in any order, any number of times
    >>> course.stage, course.at(DEPARTED).hour, course.at(LOADED).hour, course.corrected
    ('departed', 8, 7, ('a',))
    """
    known: dict[str, Report] = {}
    everything = set(reports)
    for one in everything:
        standing = known.get(one.kind)
        if standing is None or precedence(one) > precedence(standing):
            known[one.kind] = one
    corrected = sorted(one.name for one in everything if known[one.kind] != one and one.kind in FACTS)
    return Course(dict(sorted(known.items())), tuple(corrected))


def precedence(report: Report) -> tuple[datetime, datetime, str]:
    """Which of two reports of one kind counts: the one told last; told at once, the later time; then the name settles it."""
    return report.told_at, report.at, report.name


def aboard(own: Course, vehicle: Course) -> Course:
    """The course of goods on a vehicle: what is said of themselves counts before what is said of the vehicle.

    The vehicle carries only what was loaded: without a report of loading its departure and arrival say nothing of these
    goods, only its forecasts do.
    """
    loaded = LOADED in own.known
    lent = {kind: one for kind, one in vehicle.known.items() if loaded or kind not in FACTS}
    return Course(lent | own.known, own.corrected)


def contradictions(courses: Iterable[Course]) -> list[Contradiction]:
    """What cannot be right along the legs of one journey, in their order: each fact is held against the one before it.

    >>> def told(kind, hour):
    ...     return Report(kind, datetime(2025, 3, 3, hour), datetime(2025, 3, 3, 20), kind)
    >>> found = contradictions([fold([told(LOADED, 9), told(DEPARTED, 8), told(ARRIVED, 12)])])
    >>> [(one.earlier.kind, one.later.kind) for one in found]
    [('loaded', 'departed')]
    """
    chain = [course.known[kind] for course in courses for kind in FACTS if kind in course.known]
    return [Contradiction(before, after) for before, after in pairwise(chain) if after.at < before.at]


# When it will be there. Times are minutes since the epoch, as in the network.


class Call(NamedTuple):
    """One vehicle's run to its next call: as the timetable has it, as forecast, as it happened."""

    departs: int
    arrives: int
    expected_departs: int | None = None
    expected_arrives: int | None = None
    departed: int | None = None
    arrived: int | None = None


class Times(NamedTuple):
    """When a vehicle departs and arrives, as far as is known."""

    departs: int
    arrives: int


def foreseen(run: Sequence[Call]) -> list[Times]:
    """When a vehicle makes its calls: what happened, else what is forecast, else the timetable moved on by the delay it brings.

    No dwell is made up: a vehicle that comes late leaves at once. A forecast that lies before the departure no longer counts.

    >>> foreseen([Call(0, 60, departed=30), Call(70, 100), Call(200, 260)])
    [Times(departs=30, arrives=90), Times(departs=90, arrives=120), Times(departs=200, arrives=260)]
    """
    times: list[Times] = []
    for call in run:
        planned = max(call.departs, times[-1].arrives) if times else call.departs
        departs = first_known(call.departed, call.expected_departs, planned)
        span = call.arrives - call.departs
        expected = call.expected_arrives if call.expected_arrives is None or call.expected_arrives > departs else None
        times.append(Times(departs, first_known(call.arrived, expected, departs + span)))
    return times


def first_known(*moments: int | None) -> int:
    """The first that is known; the last always is."""
    return next(moment for moment in moments if moment is not None)


def always(minute: int) -> int:
    """A hub that is open day and night."""
    return minute


class Ride(NamedTuple):
    """One leg as the walk needs it.

    times: of its vehicle, as foreseen. cutoff: the goods must be ready by then; None where they set the time themselves (road).
    handling: minutes at the hub where it begins, from the mode before to this one. opens: the first open minute of that hub
    not before another. gate_in: when the goods came to that hub, if that was reported. loaded, departed: said of these goods.
    gone: the vehicle has left. runs: neither withdrawn nor to or from a hub that is closed then.
    """

    times: Times
    cutoff: int | None
    handling: int = 0
    opens: Callable[[int], int] = always
    gate_in: int | None = None
    loaded: bool = False
    departed: bool = False
    gone: bool = False
    runs: bool = True


class Outlook(NamedTuple):
    """When the goods will be there, and the first leg that they can no longer reach.

    Where a leg is missed the arrival is the earliest that handling and travel allow, waiting for nothing: a bound, not a promise.
    """

    arrives: int
    missed: int | None


def outlook(rides: Sequence[Ride], *, last_handling: int = 0, last_opens: Callable[[int], int] = always) -> Outlook:
    """Walk the legs in their order with known and expected times, minimum handling and opening hours.

    A leg is missed when the goods are ready for it only after its cut-off, when its vehicle has left without them, or when it
    does not run. last_handling, last_opens: of a hub that is itself the destination.

    >>> train, ship = Ride(Times(0, 600), 0, departed=True), Ride(Times(1000, 5000), cutoff=900, handling=240)
    >>> outlook([train, ship])
    Outlook(arrives=5000, missed=None)
    >>> outlook([train._replace(times=Times(0, 700)), ship])  # ready at 940, forty minutes late
    Outlook(arrives=4940, missed=1)
    """
    here: int | None = None
    missed: int | None = None
    for number, ride in enumerate(rides):
        if ride.departed:
            here = ride.times.arrives
            continue
        came = here if ride.gate_in is None else ride.gate_in
        ready = None if came is None else ride.opens(came) + ride.handling
        if ride.loaded and not ride.gone and ride.runs:
            here = ride.times.arrives
        elif reaches(ride, ready):
            leaves = ride.times.departs if ready is None or ride.cutoff is not None else ready
            here = leaves + ride.times.arrives - ride.times.departs
        else:
            missed = number if missed is None else missed
            here = first_known(ready, ride.times.departs) + ride.times.arrives - ride.times.departs
    assert here is not None, "a journey has legs"
    return Outlook(last_opens(here) + last_handling, missed)


def reaches(ride: Ride, ready: int | None) -> bool:
    """Whether goods that are ready at some minute (None: they are brought in time) catch a leg."""
    if not ride.runs or (ride.gone and ride.cutoff is not None):
        return False
    return ready is None or ride.cutoff is None or ready <= ride.cutoff
