"""The long work of this system: dispatches, divisions and scenario trees."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from bashu.kernel.commands.actor import Actor
from bashu.kernel.jobs.mapping import map_jobs
from bashu.kernel.jobs.progress import Progress
from bashu.kernel.jobs.registry import job
from bashu.power.engine.coalitions import Unsolvable
from bashu.power.models import DispatchRun, GameResult, Status, TreeResult
from bashu.power.selectors import dispatch as selectors
from bashu.power.selectors.trees import leaves_of
from bashu.power.services import dispatch as services


class Ear:
    """Listens, between two steps of the solver, whether the job should stop, and tells how far the work is.

    No exception may pass through the solver: what goes wrong while listening (a cancelled job, a database away) ends the solve,
    and `again` raises it afterwards.
    """

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.done, self.total = 0, 1
        self.caught: Exception | None = None

    def __call__(self) -> bool:
        """Whether to stop."""
        try:
            self.progress.advance(self.done, self.total)
        except Exception as error:  # raised again by `again`
            self.caught = error
        return self.caught is not None

    def tell(self, done: int, total: int) -> None:
        """So many of so many solves are done."""
        self.done, self.total = done, total
        self.progress.advance(done, total)

    def advance(self, done: int, total: int = 0, message: object = "") -> None:  # noqa: ARG002
        """So many runs of pieces are done; putting them together is one step more."""
        self.tell(done, total + 1)

    def again(self) -> None:
        """Raise what was caught, if anything was."""
        if self.caught is not None:
            raise self.caught


@job(services.RUN_JOB, title=_("Dispatch of the region"))
def run_solve(progress: Progress, parameters: Mapping[str, Any], actor: Actor) -> dict[str, Any]:  # noqa: ARG001
    """Dispatch one run and record it."""
    run = DispatchRun.objects.select_related("case").get(public_id=parameters["run"])
    ear = Ear(progress)
    mapper = partial(map_jobs, progress=ear)
    ((_name, outcome),) = selectors.solved(run.case, [run.configuration], cancelled=ear, mapper=mapper)
    ear.again()
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
    ear = Ear(progress)
    try:
        status, fields = Status.OPTIMAL, selectors.divided(game, progress=ear.tell, cancelled=ear)
    except Unsolvable:
        ear.again()
        status, fields = Status.FAILED, {}
    services.game_record(ctx=progress.command("record"), game=game, status=status, fields=fields)
    return {"game": str(game.public_id), "status": str(status), "case": str(game.case.public_id)}


@job(services.TREE_JOB, title=_("Scenario tree of the region"))
def tree_solve(progress: Progress, parameters: Mapping[str, Any], actor: Actor) -> dict[str, Any]:  # noqa: ARG001
    """Solve every leaf of a scenario tree and record them."""
    tree = TreeResult.objects.select_related("case").get(public_id=parameters["tree"])
    ear = Ear(progress)
    leaves = leaves_of(tree, progress=ear.tell, cancelled=ear)
    ear.again()
    tree = services.tree_record(ctx=progress.command("record"), tree=tree, leaves=leaves)
    return {"tree": str(tree.public_id), "status": str(tree.status), "case": str(tree.case.public_id)}
