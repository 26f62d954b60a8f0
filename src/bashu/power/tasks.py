"""The long work of this system: dispatches and divisions."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from bashu.kernel.commands.actor import Actor
from bashu.kernel.jobs.errors import Stopped
from bashu.kernel.jobs.progress import Progress
from bashu.kernel.jobs.registry import job
from bashu.power.engine.coalitions import Unsolvable
from bashu.power.models import DispatchRun, GameResult, Status
from bashu.power.selectors import dispatch as selectors
from bashu.power.services import dispatch as services


class Ear:
    """Listens, between two steps of the solver, whether the job should stop; an exception must not pass through the solver."""

    def __init__(self, progress: Progress) -> None:
        self.progress, self.stopped = progress, None

    stopped: Stopped | None

    def __call__(self) -> bool:
        """Whether to stop."""
        try:
            self.progress.advance(0, 1, _("Solving"))
        except Stopped as word:
            self.stopped = word
        return self.stopped is not None


@job(services.RUN_JOB, title=_("Dispatch of the region"))
def run_solve(progress: Progress, parameters: Mapping[str, Any], actor: Actor) -> dict[str, Any]:  # noqa: ARG001
    """Dispatch one run and record it."""
    run = DispatchRun.objects.select_related("case").get(public_id=parameters["run"])
    ear = Ear(progress)
    ((_name, outcome),) = selectors.solved(run.case, [run.configuration], cancelled=ear)
    if ear.stopped:
        raise ear.stopped
    services.run_record(
        ctx=progress.command("record"),
        run=run,
        status=Status(outcome.status),
        fields=outcome.fields,
        hourly=outcome.hourly,
    )
    progress.advance(1, 1)
    return {"run": str(run.public_id), "status": outcome.status, "case": str(run.case.public_id)}


@job(services.GAME_JOB, title=_("Division of the gain"))
def game_solve(progress: Progress, parameters: Mapping[str, Any], actor: Actor) -> dict[str, Any]:  # noqa: ARG001
    """Solve every coalition, divide, record. A coalition that cannot be solved leaves no division."""
    game = GameResult.objects.select_related("case").get(public_id=parameters["game"])
    try:
        status, fields = Status.OPTIMAL, selectors.divided(game, progress=progress.advance)
    except Unsolvable:
        status, fields = Status.FAILED, {}
    services.game_record(ctx=progress.command("record"), game=game, status=status, fields=fields)
    return {"game": str(game.public_id), "status": str(status), "case": str(game.case.public_id)}
