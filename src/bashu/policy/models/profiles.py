"""What is known of an enterprise, fact by fact, each with where it comes from."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bashu.kernel.commands.actor import Where
from bashu.kernel.commands.models import Record
from bashu.kernel.parties.models import Organisation

SHA256 = r"^[0-9a-f]{64}$"


class Origin(models.TextChoices):
    """Who says so."""

    DECLARED = "declared", _("Declared by the enterprise")
    AUTHORITY = "authority", _("Stated by an authority")
    RECORD = "record", _("Taken from another system's records")


class ProfileFact(Record):
    """One fact of an enterprise as of a day, by the name that entity files use. A later value supersedes; history stays.

    value: as entity files write it (money a decimal string in yuan). source: the office, or the record's label.
    evidence: SHA-256 of the paper it was read from, empty where there is none.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, to_field="public_id", related_name="+")
    jurisdiction = models.CharField(max_length=5)
    fact = models.CharField(max_length=60)
    value = models.JSONField()
    origin = models.CharField(max_length=9, choices=Origin.choices)
    source = models.CharField(max_length=200)
    as_of = models.DateField()
    evidence = models.CharField(max_length=64, blank=True)
    recorded_by = models.UUIDField()
    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "fact"], condition=Q(superseded_at__isnull=True), name="profile_fact_one_current"
            ),
            models.CheckConstraint(condition=Q(evidence="") | Q(evidence__regex=SHA256), name="profile_evidence_form"),
            models.CheckConstraint(condition=Q(origin__in=Origin.values), name="profile_origin_known"),
        ]  # fmt: skip
        indexes = [models.Index(fields=["organisation", "fact", "-as_of"], name="profile_fact_history")]

    @property
    def where(self) -> Where:
        """The enterprise itself, and the offices of its side."""
        return Where(self.organisation_id, self.jurisdiction)
