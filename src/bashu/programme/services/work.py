"""The work on tasks and major projects: states, milestones, investment, what blocks them."""

from datetime import date

from django.utils import timezone

from bashu.kernel.commands.actor import Role
from bashu.kernel.commands.command import Command, command
from bashu.programme.errors import BlockerResolved, MilestoneAhead, MilestoneMet, ReasonMissing, TaskStateWrong
from bashu.programme.models import Blocker, Milestone, StatusChange, Task, TaskState

OFFICES = {Role.AUTHORITY, Role.COORDINATOR}


@command("programme.task.set_state", roles=OFFICES)
def task_set_state(*, ctx: Command, task: Task, state: TaskState, note: str) -> Task:
    """Say where a task stands and why; the step joins its history."""
    task = ctx.lock(task)
    if task.state == state:
        raise TaskStateWrong(state=TaskState(state).label)
    if not note.strip():
        raise ReasonMissing
    before = task.state
    StatusChange.objects.create(
        task=task, before=before, after=state, note=note, organisation_id=ctx.grant.organisation, at=ctx.now
    )
    task.revise(state=state)
    ctx.append(subject=task, before={"state": before}, after={"state": str(state), "note": note}, public=True)
    return task


@command("programme.task.set_investment", roles=OFFICES)
def task_set_investment(*, ctx: Command, task: Task, investment_fen: int, source: str) -> Task:
    """Record a project's total investment in fen, with the paper it is taken from."""
    task = ctx.lock(task)
    if not source.strip():
        raise ReasonMissing
    before = {"investment_fen": task.investment_fen, "source": task.investment_source}
    task.revise(investment_fen=investment_fen, investment_source=source)
    ctx.append(subject=task, before=before, after={"investment_fen": investment_fen, "source": source}, public=True)
    return task


@command("programme.milestone.add", roles=OFFICES)
def milestone_add(*, ctx: Command, task: Task, name: str, due: date) -> Milestone:
    """Set a dated step of a task; only the office that set it says when it is met."""
    milestone = Milestone.objects.create(task=task, name=name, due=due, organisation_id=ctx.grant.organisation)
    ctx.append(subject=milestone, before=None, after={"task": task.code, "name": name, "due": due}, public=True)
    return milestone


@command("programme.milestone.meet", roles=OFFICES, at="milestone")
def milestone_meet(*, ctx: Command, milestone: Milestone, met_on: date) -> Milestone:
    """Say on which day a milestone was met."""
    milestone = ctx.lock(milestone)
    if milestone.met_on is not None:
        raise MilestoneMet(met_on=milestone.met_on)
    if met_on > timezone.localdate(ctx.now):
        raise MilestoneAhead(met_on=met_on, today=timezone.localdate(ctx.now))
    milestone.revise(met_on=met_on)
    ctx.append(subject=milestone, before={"met_on": None}, after={"met_on": met_on}, public=True)
    return milestone


@command("programme.blocker.raise", roles=OFFICES)
def blocker_raise(*, ctx: Command, task: Task, description: str) -> Blocker:
    """Say what stands in a task's way."""
    if not description.strip():
        raise ReasonMissing
    blocker = Blocker.objects.create(
        task=task, description=description, raised_at=ctx.now, organisation_id=ctx.grant.organisation
    )
    ctx.append(subject=blocker, before=None, after={"task": task.code, "description": description}, public=True)
    return blocker


@command("programme.blocker.resolve", roles=OFFICES)
def blocker_resolve(*, ctx: Command, blocker: Blocker, resolution: str) -> Blocker:
    """Say how a blocking issue was resolved; either side's office may."""
    blocker = ctx.lock(blocker)
    if blocker.resolved_at is not None:
        raise BlockerResolved(resolved_at=blocker.resolved_at)
    if not resolution.strip():
        raise ReasonMissing
    blocker.revise(resolved_at=ctx.now, resolution=resolution)
    ctx.append(
        subject=blocker, before={"resolved": False}, after={"resolved": True, "resolution": resolution}, public=True
    )
    return blocker
