"""Year's end and the next year: the plan of key tasks and major projects, and what is carried over."""

from bashu.kernel.commands.actor import Role
from bashu.kernel.commands.command import Command, command
from bashu.programme.errors import PlanClosed, PlanExists, PlanUnfinished, ReasonMissing
from bashu.programme.models import Plan, PlanItem, PlanItemState, Task

DECIDED = {PlanItemState.DONE, PlanItemState.CARRIED, PlanItemState.DROPPED}
JOINT_OFFICE = {Role.COORDINATOR}


@command("programme.plan.open", roles=JOINT_OFFICE)
def plan_open(*, ctx: Command, year: int) -> Plan:
    """Open the plan of a year."""
    if Plan.objects.filter(year=year).exists():
        raise PlanExists(year=year)
    plan = Plan.objects.create(year=year)
    ctx.append(subject=plan, before=None, after={"year": year}, public=True)
    return plan


@command("programme.plan.add_item", roles=JOINT_OFFICE)
def plan_item_add(*, ctx: Command, plan: Plan, task: Task, goal: str = "") -> PlanItem:
    """Put a task or project into a year's plan."""
    still_open(plan)
    item = PlanItem.objects.create(plan=plan, task=task, goal=goal)
    ctx.append(subject=item, before=None, after={"year": plan.year, "task": task.code, "goal": goal}, public=True)
    return item


@command("programme.plan.decide_item", roles=JOINT_OFFICE)
def plan_item_decide(*, ctx: Command, item: PlanItem, state: PlanItemState, reason: str = "") -> PlanItem:
    """Say how an item ended: done, carried into the next year or dropped; the last two with a reason."""
    still_open(item.plan)
    item = ctx.lock(item)
    if state in (PlanItemState.CARRIED, PlanItemState.DROPPED) and not reason.strip():
        raise ReasonMissing
    before = {"state": item.state, "reason": item.reason}
    item.revise(state=state, reason=reason)
    ctx.append(subject=item, before=before, after={"state": str(state), "reason": reason}, public=True)
    return item


@command("programme.plan.close", roles=JOINT_OFFICE)
def plan_close(*, ctx: Command, plan: Plan, summary: str) -> Plan:
    """Close a year with its summary and roll what is carried into the next year's plan, which is opened if need be.

    Refuses (PlanUnfinished, 409) while an item has no decision: nothing disappears at the turn of a year; and (PlanClosed, 409)
    to carry anything into a year that is closed.
    """
    plan = ctx.lock(plan)
    if plan.closed_at is not None:
        raise PlanClosed(year=plan.year)
    items = list(plan.items.select_related("task").order_by("task__code"))
    undecided = [item for item in items if item.state not in DECIDED]
    if undecided:
        raise PlanUnfinished(count=len(undecided), first=undecided[0].task.name)
    if not summary.strip():
        raise ReasonMissing
    carried = [item for item in items if item.state == PlanItemState.CARRIED]
    following = None
    if carried:
        following, _ = Plan.objects.get_or_create(year=plan.year + 1)
        still_open(following)
        PlanItem.objects.bulk_create(
            [
                PlanItem(plan=following, task=item.task, goal=item.goal, carried_from=item, reason=item.reason)
                for item in carried
            ],
            ignore_conflicts=True,  # a task that stands there already stays as it was planned
        )
    plan.revise(closed_at=ctx.now, summary=summary)
    ctx.append(
        subject=plan,
        before={"closed": False},
        after={
            "closed": True,
            "summary": summary,
            "items": [[item.task.code, item.state, item.reason] for item in items],
            "carried_into": following.year if following else None,
        },
        public=True,
    )
    return plan


def still_open(plan: Plan) -> Plan:
    """The plan under lock, if its year is not closed."""
    plan = Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)
    if plan.closed_at is not None:
        raise PlanClosed(year=plan.year)
    return plan
