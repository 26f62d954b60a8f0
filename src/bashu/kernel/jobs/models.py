"""One table: what was asked, how far it is, what came of it. The queue's own tables only wake workers up."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bashu.kernel.commands.actor import Where
from bashu.kernel.commands.models import Record


class JobState(models.TextChoices):
    """Where a job stands; the last three are final."""

    QUEUED = "queued", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


UNDER_WAY = (JobState.QUEUED, JobState.RUNNING)


class Job(Record):
    """Long work on behalf of whoever submitted it.

    `attempt` counts the times a worker took the job up; only the writes of the newest attempt count. `done` of `total`
    steps, total 0 while it is not known. `actor` holds the submitter's grants as they were at submission.
    """

    kind = models.CharField(max_length=100)
    parameters = models.JSONField()
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    message = models.CharField(max_length=300, blank=True)
    checkpoint = models.JSONField(null=True)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)
    submitted_by = models.CharField(max_length=80)
    submitter = models.UUIDField()
    organisation = models.UUIDField()
    organisation_name = models.CharField(max_length=200)
    jurisdiction = models.CharField(max_length=10)
    actor = models.JSONField()
    submitted_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes = [
            models.Index(fields=["organisation", "-id"], name="job_organisation"),
            models.Index(fields=["submitter", "-id"], name="job_submitter"),
            models.Index(fields=["jurisdiction", "-id"], name="job_jurisdiction"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=JobState.values), name="job_state_known"),
            models.CheckConstraint(
                condition=models.Q(state__in=UNDER_WAY, finished_at=None)
                | (~models.Q(state__in=UNDER_WAY) & models.Q(finished_at__isnull=False)),
                name="job_ended_has_time",
            ),
        ]

    @property
    def under_way(self) -> bool:
        """Whether the job still waits or runs."""
        return self.state in UNDER_WAY

    @property
    def percent(self) -> int | None:
        """How much is done, 0 to 100; None while the total is not known."""
        return min(100, self.done * 100 // self.total) if self.total else None

    @property
    def where(self) -> Where:
        """Who has a say over the job: its organisation, and the offices of its jurisdiction."""
        return Where(self.organisation, self.jurisdiction)

    @property
    def address(self) -> str:
        """The job's page."""
        return reverse("jobs:detail", args=[self.public_id])
