"""Asking every installed system for its readings and keeping them.

A reading speaks of a target or of a task; the code it names is looked up among both. What is measured is kept, not computed when a
page is opened: the records it comes from are behind row-level security, so that each viewer would see another figure, and only
what is kept and sealed in the journal has a history that both sides can check.

A task's readings have a table of their own (`TaskReading`): those of targets are also reported, confirmed and turned down, and
judge; a task promises no number, so nothing of that would ever be true of its readings.

Each indicator keeps one row for each month. While the month runs, its row moves on with the days, and the journal holds every step:
measuring every day fills neither tables nor charts with days on which nothing happened.
"""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from bashu.kernel.commands.actor import JOINT, Actor, ActorKind, Role
from bashu.kernel.commands.command import Command, command
from bashu.kernel.errors import Forbidden
from bashu.kernel.indicators.registry import Coverage, Indicator, Measurement
from bashu.kernel.indicators.selectors import measure_all
from bashu.kernel.parties.selectors import seen_by
from bashu.programme.engine.judge import Measure
from bashu.programme.models import Reading, ReadingState, Target, Task, TaskReading
from bashu.programme.services.readings import reading_measure

SIDES = {None: JOINT, "500000": "CQ", "510000": "SC"}  # a place's division code; any other place is a part of a side
MEASURING_LOCK = 0x6D656173  # advisory lock: one round of measuring at a time in a database

Kept = Reading | TaskReading


def indicators_measure(*, actor: Actor, now: datetime, as_of: date) -> list[Kept]:
    """Run every indicator as of a day, as the node or one of its jobs, and keep what changed since it was last measured.

    One round at a time in a database: who had to wait finds the figures of the round before, and keeps only what changed since.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [MEASURING_LOCK])
        with seen_by(actor):
            measured = [
                (row.indicator, row.measurement)
                for row in measure_all(as_of)
                if row.measurement and row.measurement.place in SIDES
            ]
            subjects: dict[str, Target | Task] = {task.code: task for task in Task.objects.all()}
            subjects |= {target.code: target for target in Target.objects.all()}
            new = [
                (subjects[indicator.subject], indicator, found)
                for indicator, found in measured
                if indicator.subject in subjects and not kept(subjects[indicator.subject], indicator, found)
            ]
        return [keep(Command(actor=actor, now=now), *one) for one in new]


def kept(subject: Target | Task, indicator: Indicator, found: Measurement) -> bool:
    """Whether just this figure stands already, or a later one of its month."""
    named = {"indicator": indicator.code, "jurisdiction": SIDES[found.place], "period_end__gte": found.period_end}
    of_month = {"period_end__year": found.period_end.year, "period_end__month": found.period_end.month}
    if isinstance(subject, Task):
        rows = TaskReading.objects.filter(task=subject, **named, **of_month)
    else:
        rows = Reading.objects.filter(target=subject, state=ReadingState.CONFIRMED, **named, **of_month)  # type: ignore[assignment]
    return any(
        row.period_end > found.period_end or (row.value, row.sources) == (found.value, list(found.sources))
        for row in rows
    )


def keep(ctx: Command, subject: Target | Task, indicator: Indicator, found: Measurement) -> Kept:
    """Write one figure."""
    partial = indicator.coverage is Coverage.PARTIAL
    known = partial and found.fraction is not None and 0 < found.fraction < 1
    figure: dict[str, Any] = {
        "indicator": indicator.code, "jurisdiction": SIDES[found.place], "period_end": found.period_end, "value": found.value,
        "coverage": str(indicator.coverage), "share": found.fraction if known else None, "sources": found.sources,
    }  # fmt: skip
    if isinstance(subject, Task):
        return task_measure(ctx=ctx, task=subject, unit=indicator.unit, unit_en=indicator.unit_en, **figure)
    return reading_measure(
        ctx=ctx, target=subject, period_start=span_start(subject, found.period_end), note=str(indicator.purpose), **figure
    )  # fmt: skip


@command("programme.task.measure", roles={Role.OPERATOR, Role.COORDINATOR})
def task_measure(
    *,
    ctx: Command,
    task: Task,
    indicator: str,
    jurisdiction: str,
    period_end: date,
    value: Decimal,
    unit: str,
    unit_en: str,
    coverage: str,
    share: Decimal | None,
    sources: Sequence[str],
) -> TaskReading:
    """Keep what an indicator computed for a task, in the row of its month.

    Only the node itself and its jobs measure (Forbidden, 403): nothing a person types can pose as measured.
    """
    if ctx.actor.kind not in (ActorKind.NODE, ActorKind.JOB):
        raise Forbidden(needed=ActorKind.NODE)
    row = {"task": task, "indicator": indicator, "jurisdiction": jurisdiction, "month": period_end.replace(day=1)}
    figure = {
        "period_end": period_end, "value": value, "unit": unit, "unit_en": unit_en, "coverage": coverage, "share": share,
        "sources": list(sources),
    }  # fmt: skip
    reading = TaskReading.objects.select_for_update(no_key=True).filter(**row).first()
    before = told(reading) if reading else None
    if reading:
        reading.revise(**figure)
    else:
        reading = TaskReading.objects.create(**row, **figure)
    after = {"task": task.code, **told(reading), "sources": list(sources)}
    ctx.append(subject=reading, before=before, after=after, public=True)
    return reading


def told(reading: TaskReading) -> dict[str, object]:
    """What the journal keeps of a task's reading."""
    names = ("indicator", "jurisdiction", "period_end", "unit", "coverage", "share")
    return {**{name: getattr(reading, name) for name in names}, "value": reading.shown_value}


def span_start(target: Target, period_end: date) -> date:
    """The first day a measured figure speaks of: a year back for a flow, the day itself for a state.

    >>> span_start(Target(measure="flow"), date(2024, 12, 31)), span_start(Target(measure="stock"), date(2024, 12, 31))
    (datetime.date(2024, 1, 1), datetime.date(2024, 12, 31))
    """
    if target.measure != Measure.FLOW:
        return period_end
    following = period_end + timedelta(days=1)
    last_of_month = monthrange(following.year - 1, following.month)[1]
    return date(following.year - 1, following.month, min(following.day, last_of_month))
