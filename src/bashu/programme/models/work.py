"""The work on tasks and projects: states with their history, milestones, what blocks them, and yearly plans."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bashu.kernel.commands.actor import Where
from bashu.kernel.commands.models import Record
from bashu.kernel.parties.models import Organisation
from bashu.programme.models.facts import Task


class TaskState(models.TextChoices):
    """What an office says of a task; `unknown` until one says anything."""

    UNKNOWN = "unknown", _("Nothing reported")
    PLANNED = "planned", _("Planned")
    UNDER_WAY = "under_way", _("Under way")
    DONE = "done", _("Done")
    DROPPED = "dropped", _("Dropped")


class StatusChange(Record):
    """One step in a task's history."""

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="history")
    before = models.CharField(max_length=10, choices=TaskState.choices)
    after = models.CharField(max_length=10, choices=TaskState.choices)
    note = models.TextField()
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, to_field="public_id", related_name="+")
    at = models.DateTimeField()


class Milestone(Record):
    """A dated step of a task or project; met when its office says so."""

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="milestones")
    name = models.CharField(max_length=200)
    due = models.DateField()
    met_on = models.DateField(null=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, to_field="public_id", related_name="+")

    @property
    def where(self) -> Where:
        """Its office alone may say that it is met."""
        return Where(organisation=self.organisation_id)


class Blocker(Record):
    """What stands in a task's way, until it is resolved."""

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="blockers")
    description = models.TextField()
    raised_at = models.DateTimeField()
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, to_field="public_id", related_name="+")
    resolved_at = models.DateTimeField(null=True)
    resolution = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=True) | Q(resolved_at__gte=F("raised_at")),
                name="blocker_resolved_after_raised",
            )
        ]


class Plan(Record):
    """The key tasks and major projects of one year."""

    year = models.PositiveSmallIntegerField(unique=True)
    closed_at = models.DateTimeField(null=True)
    summary = models.TextField(blank=True)


class PlanItemState(models.TextChoices):
    """Where an item of a year's plan ended."""

    OPEN = "open", _("Open")
    DONE = "done", _("Done")
    CARRIED = "carried", _("Carried into the next year")
    DROPPED = "dropped", _("Dropped")


class PlanItem(Record):
    """A task or project in one year's plan; carried items point back and say why."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="items")
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="plan_items")
    goal = models.TextField(blank=True)
    state = models.CharField(max_length=8, choices=PlanItemState.choices, default=PlanItemState.OPEN)
    carried_from = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="carried_to")
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "task"], name="plan_item_once"),
            models.CheckConstraint(
                condition=~Q(state__in=["carried", "dropped"]) | Q(reason__gt=""), name="plan_item_says_why"
            ),
        ]
