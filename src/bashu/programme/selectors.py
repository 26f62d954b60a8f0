"""Every read of the scoreboard: targets with their judgement, readings, tasks, what changed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import reduce
from operator import and_
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Count as Number
from django.db.models import Max, Prefetch, Q, QuerySet
from django.db.models.functions import Length
from django.utils import timezone
from django.utils.translation import gettext as _

from bashu.kernel.commands.actor import JOINT, OFFICES, Actor, Where
from bashu.kernel.commands.command import label_of
from bashu.kernel.commands.models import Record
from bashu.kernel.errors import Malformed
from bashu.kernel.indicators.registry import day_end
from bashu.kernel.indicators.selectors import purposes
from bashu.kernel.journal.models import Entry
from bashu.kernel.journal.selectors import entry_list
from bashu.kernel.parties.selectors import person_behind
from bashu.programme.engine import joint, judge
from bashu.programme.models import (
    Blocker,
    Body,
    Count,
    Document,
    Evidence,
    Milestone,
    Plan,
    PlanItem,
    Reading,
    ReadingState,
    RosterLine,
    StatusChange,
    Target,
    Task,
    TaskReading,
    Unknown,
)

SIDES = ("CQ", "SC")


class Scored(NamedTuple):
    """A target, its judgement on a day, and the readings of the region that were looked at, oldest first."""

    target: Target
    judgement: judge.Judgement
    readings: tuple[judge.Reading, ...]

    @property
    def known(self) -> judge.Reading | None:
        """The reading that judged, or where none could, the newest one of any sort."""
        return self.judgement.latest or self.judgement.shown

    @property
    def share(self) -> float | None:
        """How far what is known is on the way to the value, 0 to 1, for a bar; None where that says nothing."""
        if self.target.value is None or self.known is None or self.target.kind == judge.Kind.GROWTH:
            return None
        return min(float(self.known.value / self.target.value), 1.0)

    @property
    def rate(self) -> Decimal | None:
        """The compound yearly rate of a growth target over its whole span, to four decimals, half-even; None where none is defined."""
        latest, path = self.judgement.latest, self.judgement.path
        if self.target.kind != judge.Kind.GROWTH or latest is None or not path or path[0].required <= 0:
            return None
        span = judge.years_between(path[0].on, latest.period_end)
        if span < 1:
            return None
        return round((latest.value / path[0].required) ** (Decimal(span.denominator) / span.numerator) - 1, 4)


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


def scoreboard(*, as_of: date, targets: Iterable[Target] | None = None, history: bool = False) -> list[Scored]:
    """Every target judged on a day from confirmed readings. Five queries, however many readings there are.

    history: give every reading along, as a chart needs; else only those that can decide, which are few of many.
    """
    chosen = list(target_list() if targets is None else targets)
    rows: dict[int, list[Row]] = {target.pk: [] for target in chosen}
    query = Reading.objects.filter(state=ReadingState.CONFIRMED, target__in=rows, period_end__lte=as_of)
    if not history:
        query = query.filter(deciding(chosen, judging_spans(as_of), newest_days(as_of)))
    names = [name if name != "target" else "target_id" for name in Row._fields]
    for values in query.order_by("period_end").values_list(*names):
        row = Row._make(values)
        rows[row.target].append(row)
    rosters = roster_codes(row.pk for target in chosen if target.counts_enterprises for row in rows[target.pk])
    return [scored(target, rows[target.pk], rosters, as_of) for target in chosen]


# Periods for which a target may have a figure of the whole region that judges: one of both sides together, or of each side.
# It surely has one where each side gave exactly one. A count of enterprises needs a roster of each; a flow a period of one year.
JUDGING_SPANS = """
    SELECT target_id, min(period_end) FILTER (WHERE sure), max(period_end) FILTER (WHERE sure) FROM (
        SELECT reading.target_id, reading.period_end, bool_or(reading.jurisdiction = 'joint') OR count(*) = 2 AS sure
        FROM programme_reading reading JOIN programme_target target ON target.id = reading.target_id
        WHERE reading.state = 'confirmed' AND reading.coverage = 'whole' AND reading.value IS NOT NULL
        AND reading.period_end <= %s
        AND (target.start IS NULL OR reading.period_end >= target.start)
        AND (target.deadline IS NULL OR reading.period_end <= target.deadline)
        AND (target.measure <> 'flow' OR (reading.period_start + interval '1 year')::date = reading.period_end + 1)
        AND (reading.jurisdiction = 'joint' OR NOT target.counts_enterprises
            OR EXISTS (SELECT 1 FROM programme_rosterline line WHERE line.reading_id = reading.id))
        GROUP BY reading.target_id, reading.period_start, reading.period_end
        HAVING bool_or(reading.jurisdiction = 'joint') OR (
            bool_or(reading.jurisdiction = 'CQ') AND bool_or(reading.jurisdiction = 'SC'))
    ) judging GROUP BY target_id
    """


Span = tuple[date | None, date | None]


def judging_spans(as_of: date) -> dict[int, Span]:
    """For each target that may be judged the first and the last day with a figure that surely judges, as of a day."""
    with connection.cursor() as cursor:
        cursor.execute(JUDGING_SPANS, [as_of])
        return {target: (first, last) for target, first, last in cursor.fetchall()}


def newest_days(as_of: date) -> dict[int, date]:
    """For each target the last day of which any confirmed reading speaks, as of a day."""
    known = Reading.objects.filter(state=ReadingState.CONFIRMED, period_end__lte=as_of)
    return dict(known.order_by().values_list("target").annotate(day=Max("period_end")))


def deciding(targets: Iterable[Target], spans: dict[int, Span], newest: dict[int, date]) -> Q:
    """The readings that can decide: from the last judging one on; for a growth rate also up to the first.

    Where nothing can judge, the newest day's are enough to be shown; where that is not sure, all are read.
    """
    chosen = Q(pk__in=[])
    for target in targets:
        if target.kind == judge.Kind.QUALITATIVE:
            chosen |= Q(target=target.pk)
        elif target.pk not in spans:
            chosen |= Q(target=target.pk, period_end=newest.get(target.pk, date.max))
        else:
            first, last = spans[target.pk]
            chosen |= Q(target=target.pk, period_end__gte=last or date.min)
            if target.kind == judge.Kind.GROWTH and first:
                chosen |= Q(target=target.pk, period_end__lte=first)
    return chosen


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
        .prefetch_related("owners", Prefetch("measured", newest_measured(), to_attr="newest"))
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


def newest_measured() -> QuerySet[TaskReading]:
    """Of each task the newest figure of each indicator and side."""
    each = ("task", "indicator", "jurisdiction")
    return TaskReading.objects.order_by(*each, "-month").distinct(*each)


def newest_of(task: Task) -> list[TaskReading]:
    """The newest figures of a task out of `task_list`."""
    found: list[TaskReading] = task.newest  # type: ignore[attr-defined]
    return found


def task_detail(code: str) -> QuerySet[Task]:
    """One task with its history, milestones and blocking issues."""
    history = StatusChange.objects.select_related("organisation").order_by("-at")
    blockers = Blocker.objects.select_related("organisation").order_by("resolved_at", "-raised_at")
    milestones = Milestone.objects.select_related("organisation").order_by("due", "pk")
    return (
        task_list()
        .prefetch_related(
            Prefetch("milestones", milestones),
            Prefetch("history", history),
            Prefetch("blockers", blockers),
            Prefetch("measured", TaskReading.objects.order_by("indicator", "jurisdiction", "month")),
            "plan_items__plan",
        )
        .filter(code=code)
    )


def task_states(*, group: str, as_of: date) -> list[tuple[Task, str]]:
    """The tasks of a group of which an office had said anything by a day, with what it had said last."""
    steps = (
        StatusChange.objects.filter(task__group=group, at__lt=day_end(as_of))
        .select_related("task")
        .order_by("at", "pk")
    )
    last = {step.task: step.after for step in steps}
    return sorted(last.items(), key=lambda pair: pair[0].code)


class Kept(NamedTuple):
    """A number the page states, the children we hold, and how many stay unknown."""

    stated_count: Count
    held: int
    unknown: int | None


def counts_kept() -> list[Kept]:
    """Every stated number checked against the children present: what is missing is said, never filled in."""
    return [
        Kept(count, len(count.children), None if count.stated is None else count.stated - len(count.children))
        for count in Count.objects.select_related("document").order_by("code")
    ]


def unknown_list() -> QuerySet[Unknown]:
    """What the page does not say, each with where it mentions the matter."""
    return Unknown.objects.select_related("source").order_by("code")


def document_list() -> QuerySet[Document]:
    """The documents with how many targets and tasks each has."""
    return (
        Document.objects.select_related("source")
        .annotate(target_count=Number("targets", distinct=True), task_count=Number("tasks", distinct=True))
        .order_by(Length("code"), "code")  # D10 after D9
    )


def changes(*, since: datetime, until: datetime, limit: int = 100) -> QuerySet[Entry]:
    """What the scoreboard's public entries say people did in a span of time, newest first.

    What the node measures by itself every day is not among it: it stands on its target's or task's page.
    """
    return (
        Entry.objects.filter(
            kind__startswith="programme.", public=True, time__gte=as_text(since), time__lt=as_text(until)
        )
        .exclude(kind__in=("programme.facts.write", "programme.reading.measure", "programme.task.measure"))
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
    if not date.min.year < day.year < date.max.year:
        raise Malformed(place="month", problem=_("no such month"))
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
    measured: list[TaskReading]
    purposes: Mapping[str, str]
    plan: Plan | None
    counts: list[Kept]
    unknowns: list[Unknown]


def annual_report(*, year: int, today: date | None = None) -> Report:
    """The scoreboard at a year's end (today, while the year runs), the year's confirmed readings, tasks and projects, the plan,
    and what is unknown."""
    last = min(date(year, 12, 31), today or date.max)
    readings = reading_list(state=ReadingState.CONFIRMED).filter(period_end__year=year, period_end__lte=last)
    measured = TaskReading.objects.select_related("task").filter(period_end__year=year, period_end__lte=last)
    return Report(
        year=year,
        as_of=last,
        scored=scoreboard(as_of=last),
        readings=list(readings),
        tasks=list(task_list()),
        purposes=purposes(),
        measured=list(measured.order_by("task__code", "indicator", "jurisdiction", "month")),
        plan=plan_list().filter(year=year).first(),
        counts=counts_kept(),
        unknowns=list(unknown_list()),
    )


def readings_behind(scored: Iterable[Scored]) -> dict[int, list[Reading]]:
    """For each target, the confirmed readings that its known figure was made from, with who said it. One query."""
    known = {row.target.pk: row.known for row in scored if row.known}
    days = {reading.period_end for reading in known.values()}
    found: dict[int, list[Reading]] = {}
    for reading in reading_list(state=ReadingState.CONFIRMED).filter(target__in=known, period_end__in=days):
        figure = known[reading.target_id]
        if figure.period_end == reading.period_end and (reading.coverage == "whole" or not figure.whole):
            found.setdefault(reading.target_id, []).append(reading)
    return found


def confirmed_by_side(*, as_of: date) -> dict[str, int]:
    """How many confirmed readings each side has given up to a day."""
    rows = Reading.objects.filter(state=ReadingState.CONFIRMED, period_end__lte=as_of).values_list("jurisdiction")
    return dict(rows.annotate(number=Number("pk")).order_by())


def reading_detail(public_id: UUID) -> QuerySet[Reading]:
    """One reading with all that its page shows."""
    return (
        reading_list()
        .filter(public_id=public_id)
        .select_related("target__document")
        .prefetch_related(evidence_listed())
        .annotate(roster_count=Number("roster__credit_code"))
    )


def evidence_listed() -> Prefetch:
    """Evidence without its bytes, which only the download reads."""
    return Prefetch("evidence", Evidence.objects.defer("content").order_by("name"))


def evidence_of(public_id: UUID) -> QuerySet[Evidence]:
    """A file that supports at least one reading the viewer may see."""
    return Evidence.objects.filter(public_id=public_id, readings__in=Reading.objects.all()).distinct()


def history_of(record: Record) -> list[Entry]:
    """The journal's entries about a record, newest first."""
    return list(entry_list(subject=label_of(record)))


def inbox(actor: Actor) -> tuple[list[Reading], list[Reading]]:
    """Readings that wait for a second person: those the actor may decide on, and those he reported himself."""
    me = person_behind(actor)
    waiting = list(reading_list(state=ReadingState.REPORTED).prefetch_related(evidence_listed()))
    own = [reading for reading in waiting if reading.reported_by == me]
    to_decide = [
        reading for reading in waiting
        if reading.reported_by != me and actor.grant_for(OFFICES, Where(jurisdiction=reading.jurisdiction))
    ]  # fmt: skip
    return to_decide, own


class Found(NamedTuple):
    """What a search found of one kind."""

    kind: str
    records: list[Any]


def search(words: str, *, limit: int = 50) -> list[Found]:
    """Facts in whose names, words or code every searched word occurs, by kind.

    A plain substring search: the tables are small, and Chinese words of two letters are found as they are.
    """
    wanted = words.split()
    if not wanted:
        return []
    tables: tuple[tuple[str, QuerySet[Any]], ...] = (
        ("document", Document.objects.all()), ("target", Target.objects.select_related("document")),
        ("task", Task.objects.filter(kind=Task.Kind.TASK)), ("project", Task.objects.filter(kind=Task.Kind.PROJECT)),
        ("body", Body.objects.all()), ("unknown", Unknown.objects.all()),
    )  # fmt: skip
    found = []
    holds = reduce(and_, (holding(word) for word in wanted))
    for kind, rows in tables:
        if records := list(rows.filter(holds).order_by("code")[:limit]):
            found.append(Found(kind, records))
    return found


def holding(word: str) -> Q:
    """Facts that hold a word."""
    return Q(name_zh__icontains=word) | Q(name_en__icontains=word) | Q(quote__icontains=word) | Q(code__iexact=word)


def document_detail(code: str) -> QuerySet[Document]:
    """One document with its counts."""
    return document_list().filter(code=code).prefetch_related("owners")


def names_of(entries: Iterable[Entry]) -> dict[str, Task]:
    """The tasks that entries speak of, by the label of the task, milestone, blocking issue or plan item. Four queries."""
    ids: dict[str, list[str]] = {}
    for entry in entries:
        label, _, public_id = entry.subject.partition(":")
        ids.setdefault(label, []).append(public_id)
    found: dict[str, Task] = {
        label_of(task): task for task in Task.objects.filter(public_id__in=ids.get("programme.task", []))
    }
    for model in (Milestone, Blocker, PlanItem):
        for record in model.objects.filter(public_id__in=ids.get(model._meta.label_lower, [])).select_related("task"):
            found[label_of(record)] = record.task
    return found
