"""Reporting a figure with evidence, and what a second person does with it."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from bashu.kernel.commands.actor import ActorKind, Role
from bashu.kernel.commands.command import Command, command
from bashu.kernel.errors import Forbidden
from bashu.kernel.parties.engine.credit_code import reason_invalid
from bashu.kernel.parties.errors import FLAWS
from bashu.kernel.parties.selectors import person_behind
from bashu.programme.errors import (
    EvidenceMissing,
    PeriodNotOver,
    PeriodRunsBackwards,
    ReadingDecided,
    ReasonMissing,
    RosterWrong,
    SamePerson,
    ValueWrong,
)
from bashu.programme.formats.evidence import File, checked
from bashu.programme.models import Evidence, Reading, ReadingState, RosterLine, Target

OFFICES = {Role.AUTHORITY, Role.COORDINATOR}
DECIMALS = 6  # what a reading's row holds; the journal must not hold more


class Figure(NamedTuple):
    """What an office says of a target: a value (or, for a qualitative target, whether it is achieved) for a period."""

    target: Target
    period_start: date
    period_end: date
    value: Decimal | None = None
    achieved: bool | None = None
    coverage: str = "whole"
    share: Decimal | None = None
    note: str = ""


@command("programme.reading.report", roles=OFFICES, at="jurisdiction")
def reading_report(
    *,
    ctx: Command,
    jurisdiction: str,
    target: Target,
    period_start: date,
    period_end: date,
    value: Decimal | None = None,
    achieved: bool | None = None,
    coverage: str = "whole",
    share: Decimal | None = None,
    note: str = "",
    evidence: Sequence[File] = (),
    roster: Sequence[str] = (),
) -> Reading:
    """Report a figure for a target and a period, with evidence; a second person's confirmation makes it count.

    roster: GB 32100 credit codes of the enterprises counted; the value is then their number. Refuses a figure whose period
    is not over, a value that does not fit the target, a file that is not what it says.
    """
    if roster:
        codes = roster_checked(roster)
        value = Decimal(len(codes)) if value is None else value
        if value != len(codes):
            raise ValueWrong(
                problem=_("the roster has {count} enterprises, the value says {value}").format(
                    count=len(codes), value=value
                )
            )
    elif not evidence:
        raise EvidenceMissing
    figure = Figure(target, period_start, period_end, value, achieved, coverage, share, note)
    figure_check(figure, today=timezone.localdate(ctx.now))
    reading = reading_write(ctx, jurisdiction, figure)
    files = [evidence_write(ctx, [reading], checked(file)) for file in evidence]
    if roster:
        RosterLine.objects.bulk_create(RosterLine(reading=reading, credit_code=code) for code in codes)
    ctx.append(
        subject=reading,
        before=None,
        after={**told(reading), "evidence": [file.sha256 for file in files], "roster": len(roster)},
    )
    return reading


def figure_check(figure: Figure, *, today: date) -> None:
    """Refuse a figure that cannot be true of its target whatever the evidence says."""
    if figure.period_start > figure.period_end:
        raise PeriodRunsBackwards
    if figure.period_end > today:
        raise PeriodNotOver(period_end=figure.period_end, today=today)
    if figure.target.kind == "qualitative":
        if figure.achieved is None or figure.value is not None:
            raise ValueWrong(problem=_("this target has no number: say whether it is achieved"))
    elif figure.value is None or figure.achieved is not None:
        raise ValueWrong(problem=_("this target needs a number"))
    elif not figure.value.is_finite() or not 0 <= figure.value < Decimal(10) ** 24:
        raise ValueWrong(problem=_("the value must be between 0 and 10^24"))
    elif figure.target.kind == "count" and figure.value != figure.value.to_integral_value():
        raise ValueWrong(problem=_("a count is a whole number"))
    if any(number is not None and decimals(number) > DECIMALS for number in (figure.value, figure.share)):
        raise ValueWrong(problem=_("a figure has at most {number} decimals").format(number=DECIMALS))
    if figure.share is not None and not (
        figure.coverage == "partial" and figure.share.is_finite() and 0 < figure.share < 1
    ):
        raise ValueWrong(problem=_("only a partial figure has a share, between 0 and 1"))


def decimals(number: Decimal) -> int:
    """How many digits stand behind the point; 0 for what is no number, which is refused elsewhere.

    >>> decimals(Decimal("0.125")), decimals(Decimal("1E+3"))
    (3, 0)
    """
    exponent = number.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def reading_write(ctx: Command, jurisdiction: str, figure: Figure) -> Reading:
    """Insert the row of a reported figure."""
    return Reading.objects.create(
        **figure._asdict(),
        jurisdiction=jurisdiction,
        basis="reported",
        state=ReadingState.REPORTED,
        organisation_id=ctx.grant.organisation,
        reported_by=person_behind(ctx.actor),
        reported_at=ctx.now,
    )


def evidence_write(ctx: Command, readings: Sequence[Reading], file: File) -> Evidence:
    """Keep a file whose content was checked, for the readings that it supports."""
    evidence = Evidence.objects.create(
        organisation_id=ctx.grant.organisation,
        name=file.name,
        media_type=file.media_type,
        size=len(file.content),
        sha256=file.sha256,
        content=file.content,
    )
    evidence.readings.set(readings)
    return evidence


def roster_checked(roster: Iterable[str]) -> list[str]:
    """The roster's codes, upper case, each once; RosterWrong names the first faulty or repeated line."""
    codes: dict[str, int] = {}
    for line, text in enumerate(roster, start=1):
        code = text.strip().upper()
        if problem := reason_invalid(code):
            raise RosterWrong(line=line, problem=FLAWS[problem])
        if code in codes:
            raise RosterWrong(
                line=line, problem=_("{code} stands on line {line} already").format(code=code, line=codes[code])
            )
        codes[code] = line
    return list(codes)


@command("programme.reading.confirm", roles=OFFICES, at="reading.jurisdiction")
def reading_confirm(*, ctx: Command, reading: Reading) -> Reading:
    """Confirm somebody else's figure: from now on it is public and judges its target."""
    reading = undecided(ctx, reading)
    if reading.reported_by == person_behind(ctx.actor):
        raise SamePerson
    return decide(ctx, reading, ReadingState.CONFIRMED, reason="")


@command("programme.reading.reject", roles=OFFICES, at="reading.jurisdiction")
def reading_reject(*, ctx: Command, reading: Reading, reason: str) -> Reading:
    """Turn somebody else's figure down, saying why."""
    reading = undecided(ctx, reading)
    if reading.reported_by == person_behind(ctx.actor):
        raise SamePerson
    if not reason.strip():
        raise ReasonMissing
    return decide(ctx, reading, ReadingState.REJECTED, reason=reason)


@command("programme.reading.withdraw", roles=OFFICES, at="reading.jurisdiction")
def reading_withdraw(*, ctx: Command, reading: Reading, reason: str) -> Reading:
    """Take a figure back, confirmed or not: it stays on record as withdrawn and judges nothing."""
    reading = ctx.lock(reading)
    if reading.state in (ReadingState.REJECTED, ReadingState.WITHDRAWN):
        raise ReadingDecided(state=ReadingState(reading.state).label)
    if not reason.strip():
        raise ReasonMissing
    return decide(ctx, reading, ReadingState.WITHDRAWN, reason=reason)


def undecided(ctx: Command, reading: Reading) -> Reading:
    """The reading under lock, if nobody has decided on it."""
    reading = ctx.lock(reading)
    if reading.state != ReadingState.REPORTED:
        raise ReadingDecided(state=ReadingState(reading.state).label)
    return reading


def decide(ctx: Command, reading: Reading, state: ReadingState, *, reason: str) -> Reading:
    """Move the reading to its next state and journal both."""
    before = {"state": reading.state}
    reading.revise(
        state=state,
        decided_by=person_behind(ctx.actor),
        decided_organisation_id=ctx.grant.organisation,
        decided_at=ctx.now,
        reason=reason,
    )
    public = state in (ReadingState.CONFIRMED, ReadingState.WITHDRAWN)
    ctx.append(subject=reading, before=before, after={**told(reading), "reason": reason}, public=public)
    return reading


@command("programme.reading.measure", roles={Role.OPERATOR, Role.COORDINATOR})
def reading_measure(
    *,
    ctx: Command,
    target: Target,
    indicator: str,
    jurisdiction: str,
    period_start: date,
    period_end: date,
    value: Decimal,
    coverage: str,
    share: Decimal | None,
    sources: Sequence[str],
    note: str = "",
) -> Reading:
    """Keep what an indicator computed from live records, with the records it rests on.

    Only the node itself and its jobs measure (Forbidden, 403): nothing a person types can pose as measured. An earlier
    figure of the same indicator and month is moved on to this one; the journal holds both.
    """
    if ctx.actor.kind not in (ActorKind.NODE, ActorKind.JOB):
        raise Forbidden(needed=ActorKind.NODE)
    named = {"target": target, "indicator": indicator, "jurisdiction": jurisdiction, "state": ReadingState.CONFIRMED}
    figure: dict[str, Any] = {
        "period_start": period_start, "period_end": period_end, "value": value, "coverage": coverage, "share": share, "note": note,
        "sources": list(sources), "organisation_id": ctx.grant.organisation, "reported_by": person_behind(ctx.actor),
        "reported_at": ctx.now, "decided_at": ctx.now,
    }  # fmt: skip
    of_month = {"period_end__year": period_end.year, "period_end__month": period_end.month}
    reading = Reading.objects.select_for_update(no_key=True).filter(**named, **of_month).first()
    before = told(reading) if reading else None
    if reading:
        reading.revise(**figure)
    else:
        reading = Reading.objects.create(**named, **figure, basis="measured")
    ctx.append(subject=reading, before=before, after={**told(reading), "sources": list(sources)}, public=True)
    return reading


def told(reading: Reading) -> dict[str, object]:
    """What the journal keeps of a reading."""
    return {
        "target": reading.target.code,
        "jurisdiction": reading.jurisdiction,
        "period": [reading.period_start, reading.period_end],
        "value": reading.shown_value,
        "achieved": reading.achieved,
        "basis": reading.basis,
        "coverage": reading.coverage,
        "share": reading.share,
        "state": str(reading.state),
        "note": reading.note,
    }
