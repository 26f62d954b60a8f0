"""Every read of the scoreboard: targets with their judgement, readings, tasks, what changed."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count as Number
from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from bashu.kernel.commands.actor import JOINT
from bashu.kernel.journal.models import Entry
from bashu.programme.engine import joint, judge
from bashu.programme.models import (
    Blocker,
    Count,
    Document,
    Plan,
    PlanItem,
    Reading,
    ReadingState,
    RosterLine,
    StatusChange,
    Target,
    Task,
    Unknown,
)

SIDES = ("CQ", "SC")


class Scored(NamedTuple):
    """A target, its judgement on a day, and the readings of the whole region it was judged from, oldest first."""

    target: Target
    judgement: judge.Judgement
    readings: tuple[judge.Reading, ...]

    @property
    def share(self) -> float | None:
        """How far the latest reading is on the way to the value, 0 to 1, for a bar; None where that says nothing."""
        latest = self.judgement.shown
        if self.target.value is None or latest is None or self.target.kind == judge.Kind.GROWTH:
            return None
        return min(float(latest.value / self.target.value), 1.0)


class Row(NamedTuple):
    """The columns of a reading that judging needs; tuples, because ten thousand are read for one page."""

    pk: int
    target: int
    jurisdiction: str
    period_start: date
    period_end: date
    value: Decimal | None
    achieved: bool | None
    basis: str
    coverage: str
    share: Decimal | None
    decided_at: datetime


def scoreboard(*, as_of: date, targets: Iterable[Target] | None = None) -> list[Scored]:
    """Every target judged on a day from confirmed readings. Three queries, however many readings there are."""
    chosen = list(target_list() if targets is None else targets)
    rows: dict[int, list[Row]] = {target.pk: [] for target in chosen}
    query = Reading.objects.filter(state=ReadingState.CONFIRMED, target__in=rows, period_end__lte=as_of)
    names = [name if name != "target" else "target_id" for name in Row._fields]
    for values in query.order_by("period_end").values_list(*names):
        row = Row._make(values)
        rows[row.target].append(row)
    rosters = roster_codes(row.pk for target in chosen if target.counts_enterprises for row in rows[target.pk])
    return [scored(target, rows[target.pk], rosters, as_of) for target in chosen]


def scored(target: Target, rows: Sequence[Row], rosters: dict[int, frozenset[str]], as_of: date) -> Scored:
    """Judge one target from its confirmed rows."""
    numbers = [row for row in rows if row.value is not None]
    whole = [reading_of(row) for row in numbers if row.jurisdiction == JOINT]
    if target.counts_enterprises:
        combined = united(numbers, rosters)
    else:
        sides = [[reading_of(row) for row in numbers if row.jurisdiction == side] for side in SIDES]
        combined = joint.joint_readings(sides[0], sides[1], additive=True)
    readings = sorted([*whole, *combined], key=lambda reading: reading.period_end)
    recorded = [
        judge.Recorded(judge.Status.MET if row.achieved else judge.Status.MISSED, row.period_end, local_day(row.decided_at))
        for row in rows if row.achieved is not None and row.jurisdiction == JOINT
    ]  # fmt: skip
    return Scored(target, judge.judge(rule_of(target), readings, as_of, recorded), tuple(readings))


def rule_of(target: Target) -> judge.Target:
    """The target as the engine takes it. No base: the documents cite none."""
    return judge.Target(
        kind=judge.Kind(target.kind),
        measure=judge.Measure(target.measure or "stock"),
        operator=judge.Operator(target.operator or "ge"),
        value=target.value,
        start=target.start,
        deadline=target.deadline,
    )


def reading_of(row: Row) -> judge.Reading:
    """A confirmed row as the engine takes it."""
    assert row.value is not None
    return judge.Reading(
        period_end=row.period_end, period_start=row.period_start, value=row.value, basis=judge.Basis(row.basis),
        whole=row.coverage == "whole", share=row.share, confirmed_on=local_day(row.decided_at),
    )  # fmt: skip


def united(rows: Sequence[Row], rosters: dict[int, frozenset[str]]) -> list[judge.Reading]:
    """Counts of enterprises over both sides, each enterprise once: needs both sides' rosters for one period."""
    by_period: dict[tuple[date, date], dict[str, Row]] = {}
    for row in rows:
        if row.jurisdiction in SIDES:
            by_period.setdefault((row.period_start, row.period_end), {})[row.jurisdiction] = row
    readings = []
    for sides in by_period.values():
        complete = len(sides) == len(SIDES) and all(
            row.pk in rosters and row.coverage == "whole" for row in sides.values()
        )
        if complete:
            total = joint.union_count({side: rosters[row.pk] for side, row in sides.items()}).total
            later = max(sides.values(), key=lambda row: row.decided_at)
            readings.append(reading_of(later)._replace(value=Decimal(total), basis=judge.Basis.REPORTED))
        else:
            readings += [reading_of(row)._replace(whole=False, share=None) for row in sides.values()]
    return readings


def roster_codes(readings: Iterable[int]) -> dict[int, frozenset[str]]:
    """The credit codes on the rosters of some readings."""
    codes: dict[int, list[str]] = {}
    for reading, code in RosterLine.objects.filter(reading__in=list(readings)).values_list("reading_id", "credit_code"):
        codes.setdefault(reading, []).append(code)
    return {reading: frozenset(listed) for reading, listed in codes.items()}


def local_day(at: datetime) -> date:
    """The day of an instant in the region's zone."""
    return timezone.localtime(at).date()


def target_list() -> QuerySet[Target]:
    """All targets in the documents' order."""
    return Target.objects.select_related("document", "source").order_by("code")


def reading_list(*, target: Target | None = None, state: str | None = None) -> QuerySet[Reading]:
    """Readings the viewer may see, newest period first."""
    readings = Reading.objects.select_related("target", "organisation", "decided_organisation").order_by(
        "-period_end", "-id"
    )
    if target is not None:
        readings = readings.filter(target=target)
    if state:
        readings = readings.filter(state=state)
    return readings


def task_list(*, kind: str | None = None, group: str | None = None, state: str | None = None) -> QuerySet[Task]:
    """Tasks or projects with how many milestones and open blocking issues each has."""
    tasks = (
        Task.objects.select_related("document", "source", "said_by")
        .prefetch_related("owners")
        .annotate(
            milestone_count=Number("milestones", distinct=True),
            met_count=Number("milestones", filter=Q(milestones__met_on__isnull=False), distinct=True),
            blocker_count=Number("blockers", filter=Q(blockers__resolved_at__isnull=True), distinct=True),
        )
        .order_by("kind", "document__code", "group", "number", "code")
    )
    for name, value in (("kind", kind), ("group", group), ("state", state)):
        if value:
            tasks = tasks.filter(**{name: value})
    return tasks


def task_detail(public_id: UUID) -> Task | None:
    """One task with its history, milestones and blocking issues."""
    history = StatusChange.objects.select_related("organisation").order_by("-at")
    blockers = Blocker.objects.select_related("organisation").order_by("-raised_at")
    return (
        task_list()
        .prefetch_related("milestones__organisation", Prefetch("history", history), Prefetch("blockers", blockers))
        .filter(public_id=public_id)
        .first()
    )


class Kept(NamedTuple):
    """A number the page states, the children we hold, and how many stay unknown."""

    count: Count
    held: int
    unknown: int | None


def counts_kept() -> list[Kept]:
    """Every stated number checked against the children present: what is missing is said, never filled in."""
    return [
        Kept(count, len(count.children), None if count.stated is None else count.stated - len(count.children))
        for count in Count.objects.select_related("document").order_by("code")
    ]


def document_list() -> QuerySet[Document]:
    """The documents with how many targets and tasks each has."""
    return (
        Document.objects.select_related("source")
        .annotate(target_count=Number("targets", distinct=True), task_count=Number("tasks", distinct=True))
        .order_by("code")
    )


def changes(*, since: datetime, until: datetime, limit: int = 100) -> QuerySet[Entry]:
    """What the scoreboard's public entries say happened in a span of time, newest first."""
    return (
        Entry.objects.filter(
            kind__startswith="programme.", public=True, time__gte=as_text(since), time__lt=as_text(until)
        )
        .exclude(kind="programme.facts.write")
        .select_related("body", "leaf")
        .order_by("-time", "-id")[:limit]
    )


def as_text(at: datetime) -> str:
    """An instant as the journal writes it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def plan_list() -> QuerySet[Plan]:
    """The yearly plans with their items."""
    items = PlanItem.objects.select_related("task", "carried_from__plan").order_by("task__code")
    return Plan.objects.prefetch_related(Prefetch("items", items)).order_by("-year")


def month_span(day: date) -> tuple[datetime, datetime]:
    """The instants between which a day's month lies in the region's zone."""
    first = day.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    zone = timezone.get_default_timezone()
    return tuple(datetime.combine(start, time(), zone) for start in (first, following))  # type: ignore[return-value]


class Report(NamedTuple):
    """Everything the annual report shows for one year."""

    year: int
    as_of: date
    scored: list[Scored]
    readings: list[Reading]
    tasks: list[Task]
    plan: Plan | None
    counts: list[Kept]
    unknowns: list[Unknown]


def annual_report(*, year: int) -> Report:
    """The scoreboard at a year's end, the year's confirmed readings, tasks and projects, the plan, and what is unknown."""
    last = date(year, 12, 31)
    readings = reading_list(state=ReadingState.CONFIRMED).filter(period_end__year=year)
    return Report(
        year=year,
        as_of=last,
        scored=scoreboard(as_of=last),
        readings=list(readings),
        tasks=list(task_list()),
        plan=plan_list().filter(year=year).first(),
        counts=counts_kept(),
        unknowns=list(Unknown.objects.order_by("code")),
    )
