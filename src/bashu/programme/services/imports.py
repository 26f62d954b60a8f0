"""A file of readings: all of it, or nothing and a list of what is wrong."""

from django.utils import timezone
from django.utils.translation import gettext as _

from bashu.kernel.commands.actor import Where
from bashu.kernel.commands.command import Command, command
from bashu.kernel.errors import BashuError
from bashu.kernel.parties.selectors import person_behind
from bashu.programme.errors import ImportRefused
from bashu.programme.formats import readings_csv
from bashu.programme.formats.evidence import File, checked
from bashu.programme.models import Reading, ReadingState, Target
from bashu.programme.services.readings import OFFICES, Figure, evidence_write, figure_check, told

JURISDICTIONS = ("CQ", "SC", "joint")


@command("programme.reading.import", roles=OFFICES)
def readings_import(*, ctx: Command, file: File) -> dict[str, object]:
    """Report every row of a CSV file (see `formats/readings_csv.py`), with the file itself as the evidence.

    Refuses (ImportRefused, 422) with each faulty line; then nothing is written. One journal entry for the batch.
    """
    file = checked(file)
    lines, errors = readings_csv.read(file.content)
    targets = {target.code: target for target in Target.objects.all()}
    figures: list[tuple[str, Figure]] = []
    today = timezone.localdate(ctx.now)
    for line in lines:
        try:
            figures.append((line.jurisdiction, figure_of(ctx, line, targets)))
            figure_check(figures[-1][1], today=today)
        except (BashuError, ValueError) as problem:
            errors.append(readings_csv.RowError(line.number, str(problem)))
    if not lines and not errors:
        errors.append(readings_csv.RowError(1, _("the file has no rows")))
    if errors:
        errors.sort()
        raise ImportRefused(
            count=len(errors), first=_("line {number}: {problem}").format(**errors[0]._asdict()),
            rows=[{"line": error.number, "problem": error.problem} for error in errors[:100]],
        )  # fmt: skip
    readings = Reading.objects.bulk_create(
        Reading(
            **figure._asdict(), jurisdiction=jurisdiction, basis="reported", state=ReadingState.REPORTED,
            organisation_id=ctx.grant.organisation, reported_by=person_behind(ctx.actor), reported_at=ctx.now,
        )
        for jurisdiction, figure in figures
    )  # fmt: skip
    evidence = evidence_write(ctx, readings, file)
    ctx.append(
        subject=evidence, before=None,
        after={"file": file.sha256, "readings": [{"id": reading.public_id, **told(reading)} for reading in readings]},
    )  # fmt: skip
    return {"imported": len(readings), "evidence": str(evidence.public_id)}


def figure_of(ctx: Command, line: readings_csv.Line, targets: dict[str, Target]) -> Figure:
    """A row as a figure of a known target, in a jurisdiction for which the actor may report."""
    if line.target not in targets:
        raise ValueError(_("target: there is no target {code}").format(code=line.target))
    if line.jurisdiction not in JURISDICTIONS:
        raise ValueError(_("jurisdiction: {code} is none of CQ, SC, joint").format(code=line.jurisdiction))
    if ctx.actor.grant_for(OFFICES, Where(jurisdiction=line.jurisdiction)) is None:
        raise ValueError(_("jurisdiction: you may not report for {code}").format(code=line.jurisdiction))
    return Figure(
        targets[line.target],
        line.period_start,
        line.period_end,
        line.value,
        line.achieved,
        line.coverage,
        line.share,
        line.note,
    )
