"""Judging a promised target on a day, from the readings known on that day.

Three questions are kept apart:

* Which readings may judge?  Those that cover the whole of what was promised, were confirmed by a second person on or
  before the as-of day, and whose period ends between the target's start and the earlier of the as-of day and the
  deadline. A reading of a yearly flow must span exactly one year: half a year's revenue says nothing about a year's.
  All others may be shown; none judges.
* Is the promise kept?  A stock (a state on a day) is kept as soon as the latest such reading reaches the value, and
  is lost again when a later one falls below it before the deadline. A flow "by 2025" is a promise about the year that
  ends on the deadline; an earlier year that already reaches the value is on track, not met. What happens after the
  deadline changes nothing: a late success does not make a missed target met, and a late fall does not make a met
  target missed.
* Is it on its way?  Only a cited base gives a path to compare with: the straight line from base to value for a level,
  constant compound growth for a growth rate. Without a cited base the engine says that it cannot judge.

A growth rate is the compound annual rate over the whole span from first to last reading (CAGR), so one good year
cannot hide a bad one; the cited base, when there is one, is the first. A growth target without a deadline never ends:
it is on track or behind, never met or missed.

Values are compared exactly, as fractions; division is rounded (half-even, 28 digits) only for what is shown. Dates
are days in the place's zone: callers convert.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal, localcontext
from enum import StrEnum
from fractions import Fraction
from operator import attrgetter
from typing import NamedTuple


class Kind(StrEnum):
    """What sort of promise it is. A count is a level of things that are counted."""

    LEVEL = "level"
    COUNT = "count"
    GROWTH = "growth"
    QUALITATIVE = "qualitative"


class Measure(StrEnum):
    """A stock is a state on the last day of its period; a flow is a sum over the year that ends on it."""

    STOCK = "stock"
    FLOW = "flow"


class Operator(StrEnum):
    """How a value meets the promise: more than, at least, exactly."""

    GT = "gt"
    GE = "ge"
    EQ = "eq"


class Basis(StrEnum):
    """Computed from live records, or an authority's figure."""

    MEASURED = "measured"
    REPORTED = "reported"


class Status(StrEnum):
    """What can be said of a target on a day."""

    MET = "met"
    MISSED = "missed"
    ON_TRACK = "on_track"
    BEHIND = "behind"
    CANNOT_JUDGE = "cannot_judge"
    NO_DATA = "no_data"


class Method(StrEnum):
    """Why a judgement came out as it did; callers put it into words."""

    REACHED = "reached"  # the promised value holds
    FINAL_VALUE = "final_value"  # the deadline has passed and the value on it decided
    LINEAR_PATH = "linear_path"  # compared with the straight line from the cited base
    COMPOUND_GROWTH = "compound_growth"  # compound annual rate over the whole span
    FLOW_REACHED_EARLY = "flow_reached_early"  # an earlier year reached what the last year must reach
    RECORDED = "recorded"  # a person's recorded judgement
    NEEDS_RECORD = "needs_record"  # qualitative, and no judgement is recorded
    NO_BASE = "no_base"  # not reached, and no cited base to draw a path from
    NO_DEADLINE = "no_deadline"  # not reached, and no day by which it should be
    FINAL_READING_MISSING = "final_reading_missing"  # the deadline has passed without a reading on it
    OVER_COUNT = "over_count"  # exactly N was promised and more than N is reported
    SPAN_UNDER_A_YEAR = "span_under_a_year"  # a yearly rate needs at least a year between two readings
    GROWTH_FROM_NOTHING = "growth_from_nothing"  # a rate from zero or less is not defined
    CONFLICT = "conflict"  # two whole, confirmed readings of one period disagree
    NO_READING = "no_reading"  # nothing that may judge


class Base(NamedTuple):
    """A cited value on a day before the promise was to be kept."""

    on: date
    value: Decimal


class Target(NamedTuple):
    """A promise.

    value: in the metric's own unit; a yearly rate (0.15 is 15 %) for growth; None for a qualitative target.
    start: readings of periods that ended before it do not judge. deadline: the last day, None where none was stated.
    base: None unless cited.
    """

    kind: Kind
    measure: Measure = Measure.STOCK
    operator: Operator = Operator.GE
    value: Decimal | None = None
    start: date | None = None
    deadline: date | None = None
    base: Base | None = None


class Reading(NamedTuple):
    """A figure for a period.

    period_start is needed for flows only. whole: it covers all that was promised; share is then 1, or the known share
    (0..1) of a partial reading, or None where it is not known. confirmed_on: the day a second person confirmed it,
    None if nobody has.
    """

    period_end: date
    value: Decimal
    period_start: date | None = None
    basis: Basis = Basis.REPORTED
    whole: bool = True
    share: Decimal | None = None
    confirmed_on: date | None = None


class Recorded(NamedTuple):
    """A judgement a person recorded: the only way a qualitative target is judged."""

    status: Status
    given_on: date
    confirmed_on: date | None = None


class PathPoint(NamedTuple):
    """What the path asks for on a day."""

    on: date
    required: Decimal


class Judgement(NamedTuple):
    """The status, why, and what it rests on.

    formula: the comparison with its numbers filled in, in plain notation; empty where nothing was compared. required:
    what was asked of the latest reading (a rate for growth). latest: the reading that judged, None when none could.
    shown: the newest reading of any sort up to the as-of day, for display beside its coverage. path: corner points of
    the required path, for the chart.
    """

    status: Status
    method: Method
    formula: str = ""
    required: Decimal | None = None
    latest: Reading | None = None
    shown: Reading | None = None
    path: tuple[PathPoint, ...] = ()


SIGN = {Operator.GT: ">", Operator.GE: "≥", Operator.EQ: "="}
PERIOD = attrgetter("period_start", "period_end")
PERIOD_END = attrgetter("period_end")
RECORDABLE = (Status.MET, Status.MISSED, Status.ON_TRACK, Status.BEHIND)


def judge(target: Target, readings: Iterable[Reading], as_of: date, recorded: Iterable[Recorded] = ()) -> Judgement:
    """Judge a target on a day. O(n) in the readings, in any order; what is dated after the day is ignored.

    Raises ValueError for a target that has no value though it is not qualitative, and for a base on or after the
    deadline.

    A region promises at least 40 nodes by the end of 2025; 8 stood there, cited, at the end of 2021. Two years later
    the straight line asks for 24, and 26 are confirmed:

    >>> nodes = Target(Kind.COUNT, Measure.STOCK, Operator.GE, Decimal(40), deadline=date(2025, 12, 31),
    ...                base=Base(date(2021, 12, 31), Decimal(8)))
    >>> counted = Reading(date(2023, 12, 31), Decimal(26), confirmed_on=date(2024, 2, 1))
    >>> on_the_way = judge(nodes, [counted], date(2024, 3, 1))
    >>> on_the_way.status.value, on_the_way.formula
    ('on_track', '26 ≥ 8 + (40 − 8) × 730/1461 = 23.989')

    Without the base nothing can be said on the way; on the deadline 39 is too few, and a 40th node in the new year
    comes too late:

    >>> nodes = nodes._replace(base=None)
    >>> judge(nodes, [counted], date(2024, 3, 1)).method.value
    'no_base'
    >>> last = Reading(date(2025, 12, 31), Decimal(39), confirmed_on=date(2026, 1, 20))
    >>> late = Reading(date(2026, 1, 31), Decimal(40), confirmed_on=date(2026, 2, 10))
    >>> final = judge(nodes, [counted, last, late], date(2026, 3, 1))
    >>> final.status.value, final.method.value, final.formula
    ('missed', 'final_value', '39 < 40')
    """
    known = [reading for reading in readings if reading.period_end <= as_of]
    shown = _newest(known)
    if target.kind is Kind.QUALITATIVE:
        return _judge_by_record(recorded, as_of)._replace(shown=shown)
    if target.value is None:
        raise ValueError(f"a {target.kind} target needs a value")
    if target.base and target.deadline and target.base.on >= target.deadline:
        raise ValueError("the base comes before the deadline")
    judging = _judging(target, known, as_of)
    decide = _judge_growth if target.kind is Kind.GROWTH else _judge_level
    return decide(target, target.value, judging, as_of)._replace(shown=shown)


def required_path(target: Target, dates: Sequence[date], base: Base | None = None) -> list[Decimal | None]:
    """What the target asks for on each of the dates; None where it asks for nothing.

    From the cited base, or the base given for a growth target without one (its first judging reading, as in
    Judgement.path). A level without a base asks for its value on the deadline and for nothing before; nothing is
    asked before the base or after the deadline. Values are in the metric's unit, also for growth.

    >>> volume = Target(Kind.GROWTH, Measure.FLOW, Operator.GE, Decimal("0.15"))
    >>> required_path(volume, [date(2021, 12, 31), date(2023, 12, 31)], Base(date(2021, 12, 31), Decimal(200)))
    [Decimal('200'), Decimal('264.5000')]
    """
    base = target.base or base
    return [_required_on(target, base, day) for day in dates]


def years_between(first: date, last: date) -> Fraction:
    """Years from one day to a later one, exactly.

    Whole anniversaries, then days over the length of the year under way (actual/actual). 29 February has its
    anniversary on 28 February in common years.

    >>> years_between(date(2021, 12, 31), date(2024, 12, 31))
    Fraction(3, 1)
    >>> years_between(date(2021, 12, 31), date(2023, 7, 1))
    Fraction(547, 365)
    """
    whole = last.year - first.year
    if _anniversary(first, whole) > last:
        whole -= 1
    behind, ahead = _anniversary(first, whole), _anniversary(first, whole + 1)
    return whole + Fraction((last - behind).days, (ahead - behind).days)


def _anniversary(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)


def _newest(readings: list[Reading]) -> Reading | None:
    """The reading of the latest day; of several, a whole, confirmed, measured one. Their order plays no part."""
    if not readings:
        return None
    return max(_on(readings, max(map(PERIOD_END, readings))), key=_standing)


def _standing(reading: Reading) -> tuple[bool, bool, bool, date, Decimal, date]:
    return (
        reading.whole,
        reading.confirmed_on is not None,
        reading.basis is Basis.MEASURED,
        reading.confirmed_on or date.min,
        reading.value,
        reading.period_start or date.min,
    )


def _on(readings: list[Reading], day: date) -> list[Reading]:
    return [reading for reading in readings if reading.period_end == day]


def _disagree(readings: list[Reading], day: date) -> bool:
    """True when the readings of a day give two values, so that none can speak for it."""
    return len({reading.value for reading in _on(readings, day)}) > 1


def _judging(target: Target, known: list[Reading], as_of: date) -> list[Reading]:
    """The readings that may judge."""
    begin = target.start or date.min
    until = min(as_of, target.deadline) if target.deadline else as_of
    chosen = [
        reading
        for reading in known
        if reading.whole
        and (confirmed_on := reading.confirmed_on) is not None
        and confirmed_on <= as_of
        and begin <= reading.period_end <= until
    ]
    if target.measure is Measure.STOCK:
        return chosen
    years = {period for period in set(map(PERIOD, chosen)) if _is_a_year(*period)}
    return [reading for reading in chosen if PERIOD(reading) in years]


def _is_a_year(start: date | None, end: date) -> bool:
    """True when the period runs from a day to the eve of that day a year later."""
    return start is not None and start <= end and _anniversary(start, 1) == end + timedelta(days=1)


def _judge_level(target: Target, value: Decimal, judging: list[Reading], as_of: date) -> Judgement:
    path = _corners(target, target.base)
    latest = _newest(judging)
    if latest is None:
        return Judgement(Status.NO_DATA, Method.NO_READING, path=path)
    if _disagree(judging, latest.period_end):
        return Judgement(Status.CANNOT_JUDGE, Method.CONFLICT, path=path)
    reached = _holds(target.operator, Fraction(latest.value), Fraction(value))
    formula = f"{_plain(latest.value)} {_relation(target.operator, latest.value, value, reached)} {_plain(value)}"
    judged = Judgement(Status.CANNOT_JUDGE, Method.NO_BASE, formula, value, latest, path=path)
    decided = _decide_level(target, value, latest, reached, as_of)
    if decided is None:
        return _judge_on_line(target, value, latest, judged)
    return judged._replace(status=decided[0], method=decided[1])


def _decide_level(
    target: Target, value: Decimal, latest: Reading, reached: bool, as_of: date
) -> tuple[Status, Method] | None:
    """What can be said without a path; None when only a path can tell."""
    if latest.period_end == target.deadline:
        return (Status.MET if reached else Status.MISSED), Method.FINAL_VALUE
    if reached and (target.measure is Measure.STOCK or target.deadline is None):
        return Status.MET, Method.REACHED
    if target.deadline is not None and as_of > target.deadline:
        return Status.CANNOT_JUDGE, Method.FINAL_READING_MISSING
    if reached:
        return Status.ON_TRACK, Method.FLOW_REACHED_EARLY
    if target.operator is Operator.EQ and latest.value > value:
        return Status.CANNOT_JUDGE, Method.OVER_COUNT
    return None


def _judge_on_line(target: Target, value: Decimal, latest: Reading, judged: Judgement) -> Judgement:
    """Compare the latest reading with the straight line from the cited base to the value on the deadline."""
    base, deadline = target.base, target.deadline
    if deadline is None:
        return judged._replace(method=Method.NO_DEADLINE)
    if base is None or latest.period_end < base.on:
        return judged
    elapsed, total = (latest.period_end - base.on).days, (deadline - base.on).days
    line = Fraction(base.value) + (Fraction(value) - Fraction(base.value)) * Fraction(elapsed, total)
    ahead = Fraction(latest.value) >= line
    required = _decimal(line)
    start, end, sign = _plain(base.value), _plain(value), "≥" if ahead else "<"
    formula = f"{_plain(latest.value)} {sign} {start} + ({end} − {start}) × {elapsed}/{total} = {_short(required)}"
    status = Status.ON_TRACK if ahead else Status.BEHIND
    return judged._replace(status=status, method=Method.LINEAR_PATH, formula=formula, required=required)


def _judge_growth(target: Target, rate: Decimal, judging: list[Reading], as_of: date) -> Judgement:
    """Compare the compound annual rate with the promised one: last/first against (1 + rate)^years."""
    last = _newest(judging)
    if last is None:
        return Judgement(Status.NO_DATA, Method.NO_READING, path=_corners(target, target.base))
    first = target.base or _first(judging)
    path = _corners(target, first, last.period_end)
    judged = Judgement(Status.CANNOT_JUDGE, Method.CONFLICT, required=rate, latest=last, path=path)
    if _disagree(judging, last.period_end) or (target.base is None and _disagree(judging, first.on)):
        return judged._replace(latest=None, path=())
    if first.value <= 0:
        return judged._replace(method=Method.GROWTH_FROM_NOTHING)
    span = years_between(first.on, last.period_end) if last.period_end >= first.on else Fraction(0)
    if span < 1:
        return judged._replace(method=Method.SPAN_UNDER_A_YEAR)
    kept, formula = _compare_growth(target.operator, rate, first, last, span)
    status, method = _decide_growth(target, last, kept, as_of)
    return judged._replace(status=status, method=method, formula=formula)


def _decide_growth(target: Target, last: Reading, kept: bool, as_of: date) -> tuple[Status, Method]:
    if last.period_end == target.deadline:
        return (Status.MET if kept else Status.MISSED), Method.COMPOUND_GROWTH
    if target.deadline is not None and as_of > target.deadline:
        return Status.CANNOT_JUDGE, Method.FINAL_READING_MISSING
    return (Status.ON_TRACK if kept else Status.BEHIND), Method.COMPOUND_GROWTH


def _first(judging: list[Reading]) -> Base:
    """The first judging reading, taken as the base of a growth rate."""
    first = min(judging, key=PERIOD_END)
    return Base(first.period_end, first.value)


def _compare_growth(operator: Operator, rate: Decimal, first: Base, last: Reading, span: Fraction) -> tuple[bool, str]:
    """Whether last is as many times first as the rate over the span asks, and that in numbers.

    A span of whole years is compared exactly; another one to 40 digits, where the power itself is irrational.
    """
    ratio = Fraction(last.value) / Fraction(first.value)
    if span.denominator == 1:
        asked = (1 + Fraction(rate)) ** span.numerator
    else:
        with localcontext(prec=40):
            asked = Fraction((1 + rate) ** (Decimal(span.numerator) / span.denominator))
    kept = _holds(operator, ratio, asked)
    growth = _decimal(ratio) ** (Decimal(span.denominator) / span.numerator) - 1 if ratio > 0 else Decimal(-1)
    years = str(span.numerator) if span.denominator == 1 else f"({span.numerator}/{span.denominator})"
    relation = _relation(operator, ratio, asked, kept)
    left = f"({_plain(last.value)} / {_plain(first.value)})^(1/{years}) − 1"
    return kept, f"{left} = {_short(growth, 6)} {relation} {_plain(rate)}"


def _judge_by_record(recorded: Iterable[Recorded], as_of: date) -> Judgement:
    """The latest confirmed record; two different ones of one day cancel out."""
    known = [
        record
        for record in recorded
        if record.given_on <= as_of and record.confirmed_on is not None and record.confirmed_on <= as_of
    ]
    if any(record.status not in RECORDABLE for record in known):
        raise ValueError("a recorded judgement says met, missed, on track or behind")
    if not known:
        return Judgement(Status.CANNOT_JUDGE, Method.NEEDS_RECORD)
    newest = max(record.given_on for record in known)
    statuses = {record.status for record in known if record.given_on == newest}
    if len(statuses) > 1:
        return Judgement(Status.CANNOT_JUDGE, Method.CONFLICT)
    return Judgement(statuses.pop(), Method.RECORDED)


def _holds(operator: Operator, value: Fraction, promised: Fraction) -> bool:
    if operator is Operator.GT:
        return value > promised
    if operator is Operator.GE:
        return value >= promised
    return value == promised


def _relation(operator: Operator, value: Decimal | Fraction, promised: Decimal | Fraction, holds: bool) -> str:
    """The true sign between the two: the promised one where it holds, else the one that shows why not."""
    if holds:
        return SIGN[operator]
    if operator is Operator.GT:
        return "≤"
    return "<" if value < promised else ">"


def _corners(target: Target, base: Base | None, until: date | None = None) -> tuple[PathPoint, ...]:
    """The first and last point of the required path; a growth path without a deadline runs to `until`."""
    days = [base.on] if base else []
    if end := target.deadline or until:
        days.append(end)
    points = [(day, _required_on(target, base, day)) for day in dict.fromkeys(days)]
    return tuple(PathPoint(day, required) for day, required in points if required is not None)


def _required_on(target: Target, base: Base | None, day: date) -> Decimal | None:
    if target.value is None or (target.deadline is not None and day > target.deadline):
        return None
    if target.kind is Kind.GROWTH:
        if base is None or day < base.on:
            return None
        span = years_between(base.on, day)
        return base.value * (1 + target.value) ** (Decimal(span.numerator) / span.denominator)
    if day == target.deadline:
        return target.value
    if base is None or target.deadline is None or day < base.on:
        return None
    elapsed = Fraction((day - base.on).days, (target.deadline - base.on).days)
    return _decimal(Fraction(base.value) + (Fraction(target.value) - Fraction(base.value)) * elapsed)


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def _plain(value: Decimal) -> str:
    """Digits without an exponent and without trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _short(value: Decimal, places: int = 3) -> str:
    """Rounded half-even to so many decimals, for reading only: comparisons use the exact value."""
    return _plain(round(value, places))
