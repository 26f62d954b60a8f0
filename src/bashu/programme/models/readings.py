"""What is known of a target: measured by the systems, or reported by an authority with evidence and confirmed by a second person.

And what the systems measure of a task, which promises no number: such a reading is shown and judges nothing.
"""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bashu.kernel.commands.actor import Where
from bashu.kernel.commands.models import Record
from bashu.kernel.parties.models import Organisation
from bashu.programme.models.facts import Target, Task


class ReadingState(models.TextChoices):
    """A reading moves forward only."""

    REPORTED = "reported", _("Reported, waits for a second person")
    CONFIRMED = "confirmed", _("Confirmed")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Basis(models.TextChoices):
    """How the figure came about."""

    MEASURED = "measured", _("Measured from records")
    REPORTED = "reported", _("Reported by an authority")


class Coverage(models.TextChoices):
    """Whether the figure covers all that was promised."""

    WHOLE = "whole", _("Whole")
    PARTIAL = "partial", _("Partial")


def unpadded(value: Decimal) -> Decimal:
    """A stored value without padding zeros.

    >>> unpadded(Decimal("3.500000")), unpadded(Decimal("1200.000000"))
    (Decimal('3.5'), Decimal('1200'))
    """
    whole = value.to_integral_value()
    return whole if whole == value else value.normalize()


class Reading(Record):
    """A figure for a target and a period, of one side (CQ, SC) or of both (joint)."""

    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="readings")
    jurisdiction = models.CharField(max_length=10)
    period_start = models.DateField()
    period_end = models.DateField()
    value = models.DecimalField(max_digits=30, decimal_places=6, null=True)
    achieved = models.BooleanField(null=True)
    basis = models.CharField(max_length=8, choices=Basis.choices)
    coverage = models.CharField(max_length=8, choices=Coverage.choices)
    share = models.DecimalField(max_digits=7, decimal_places=6, null=True)
    note = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=ReadingState.choices)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, to_field="public_id", related_name="+")
    reported_by = models.UUIDField()
    reported_at = models.DateTimeField()
    decided_by = models.UUIDField(null=True)
    decided_organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, to_field="public_id", null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    sources = models.JSONField(default=list)
    indicator = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(period_start__lte=F("period_end")), name="reading_period_runs_forward"),
            models.CheckConstraint(condition=Q(value__isnull=False) ^ Q(achieved__isnull=False), name="reading_says_one_thing"),
            models.CheckConstraint(
                condition=Q(share__isnull=True) | Q(coverage="partial", share__gt=0, share__lt=1), name="reading_share_of_partial"
            ),
            # Nothing typed can pose as measured: a measured reading names its indicator, a reported one never does.
            models.CheckConstraint(
                condition=Q(basis="measured", indicator__gt="") | Q(basis="reported", indicator=""), name="reading_measured_names_indicator"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("reported_by")) | Q(basis="measured") | Q(state="withdrawn"),
                name="reading_second_person",
            ),
            models.UniqueConstraint(
                fields=["target", "jurisdiction", "period_start", "period_end", "basis", "coverage"],
                condition=Q(state="confirmed"), name="reading_one_confirmed",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(
                fields=["target", "period_end"], name="reading_target_period", include=["jurisdiction", "value"]
            )
        ]

    @property
    def where(self) -> Where:
        """Whose matter the reading is: its side's offices, or the joint office."""
        return Where(jurisdiction=self.jurisdiction)

    @property
    def shown_value(self) -> Decimal | None:
        """The value without padding zeros."""
        return None if self.value is None else unpadded(self.value)


class Evidence(Record):
    """A file that supports readings: its bytes, its digest, its true type, and the organisation that brought it."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, to_field="public_id", related_name="+")
    readings = models.ManyToManyField(Reading, related_name="evidence")
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(size__lte=10 * 1024 * 1024), name="evidence_ten_megabytes")]


class RosterLine(models.Model):
    """One enterprise on the roster behind a count: a credit code, so that both sides' rosters can be united."""

    pk = models.CompositePrimaryKey("reading", "credit_code")
    reading = models.ForeignKey(Reading, on_delete=models.PROTECT, related_name="roster")
    credit_code = models.CharField(max_length=18)


class TaskReading(Record):
    """What an indicator computed for a task, one row for each month: the month's row moves on with its days, up to `period_end`.

    sources: labels of records it was computed from. No person writes it, and nobody confirms it: it is public and judges nothing.
    """

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="measured")
    indicator = models.CharField(max_length=60)
    jurisdiction = models.CharField(max_length=10)
    month = models.DateField()
    period_end = models.DateField()
    value = models.DecimalField(max_digits=30, decimal_places=6)
    unit = models.CharField(max_length=20)
    unit_en = models.CharField(max_length=40)
    coverage = models.CharField(max_length=8, choices=Coverage.choices)
    share = models.DecimalField(max_digits=7, decimal_places=6, null=True)
    sources = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task", "indicator", "jurisdiction", "month"], name="task_reading_once_a_month"),
            models.CheckConstraint(condition=Q(month__day=1, period_end__gte=F("month")), name="task_reading_in_its_month"),
            models.CheckConstraint(
                condition=Q(share__isnull=True) | Q(coverage="partial", share__gt=0, share__lt=1), name="task_reading_share_of_partial"
            ),
        ]  # fmt: skip

    @property
    def shown_value(self) -> Decimal:
        """The value without padding zeros."""
        return unpadded(self.value)
