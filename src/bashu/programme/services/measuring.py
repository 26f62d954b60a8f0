"""Asking every installed system for its readings and keeping them."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from decimal import Decimal

from bashu.kernel.commands.actor import JOINT, Actor
from bashu.kernel.commands.command import Command
from bashu.kernel.indicators.registry import Coverage, Indicator, Measurement
from bashu.kernel.indicators.selectors import measure_all
from bashu.kernel.parties.selectors import seen_by
from bashu.programme.engine.judge import Measure
from bashu.programme.models import Reading, ReadingState, Target
from bashu.programme.services.readings import reading_measure

SIDES = {None: JOINT, "500000": "CQ", "510000": "SC"}  # a place's division code; any other place is a part of a side


def indicators_measure(*, actor: Actor, now: datetime, as_of: date) -> list[Reading]:
    """Run every indicator as of a day, as the node or one of its jobs, and keep what changed since it was last measured."""
    with seen_by(actor):
        measured = [(row.indicator, row.measurement) for row in measure_all(as_of) if row.measurement]
        targets = {target.code: target for target in Target.objects.all()}
        new = [
            (indicator, found) for indicator, found in measured
            if indicator.target in targets and found.place in SIDES and not kept(indicator, found)
        ]  # fmt: skip
    return [
        keep(Command(actor=actor, now=now), targets[indicator.target], indicator, found) for indicator, found in new
    ]


def kept(indicator: Indicator, found: Measurement) -> bool:
    """Whether just this figure stands already."""
    standing = Reading.objects.filter(
        indicator=indicator.code, jurisdiction=SIDES[found.place], period_end=found.period_end, value=found.value,
        sources=list(found.sources), state=ReadingState.CONFIRMED,
    )  # fmt: skip
    return standing.exists()


def keep(ctx: Command, target: Target, indicator: Indicator, found: Measurement) -> Reading:
    """Write one figure."""
    partial = indicator.coverage is Coverage.PARTIAL
    known = partial and found.fraction is not None and 0 < found.fraction < 1
    share: Decimal | None = found.fraction if known else None
    return reading_measure(
        ctx=ctx, target=target, indicator=indicator.code, jurisdiction=SIDES[found.place],
        period_start=span_start(target, found.period_end), period_end=found.period_end, value=found.value,
        coverage=str(indicator.coverage), share=share, sources=found.sources, note=str(indicator.purpose),
    )  # fmt: skip


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
