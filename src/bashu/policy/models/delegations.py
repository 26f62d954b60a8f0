"""Powers that an authority lends to the area's body, and what was done under them."""

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from bashu.kernel.cited import FactStatus
from bashu.kernel.commands.actor import Where
from bashu.kernel.commands.models import Record
from bashu.kernel.parties.models import Organisation
from bashu.policy.models.catalogues import PROVINCES


class Delegation(Record):
    """Kinds of acts that a body may do for an authority within an area, on a legal basis, for a time, until revoked.

    area: code of a group of places or a division. valid_to: the last day, None while open. `status` speaks of the basis.
    """

    delegator = models.ForeignKey(Organisation, models.PROTECT, to_field="public_id", related_name="+")
    delegate = models.ForeignKey(Organisation, models.PROTECT, to_field="public_id", related_name="+")
    province = models.CharField(max_length=2, choices=PROVINCES)
    acts = ArrayField(models.CharField(max_length=40))
    area = models.CharField(max_length=40)
    basis = models.TextField()
    source = models.CharField(max_length=300)
    status = models.CharField(max_length=12, choices=FactStatus.choices)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    revoked_on = models.DateField(null=True)
    revoked_why = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="delegation_runs_forward"
            ),
            models.CheckConstraint(condition=Q(basis__gt=""), name="delegation_names_its_basis"),
            models.CheckConstraint(
                condition=Q(revoked_on__isnull=True) | Q(revoked_why__gt=""), name="delegation_revocation_says_why"
            ),
            models.CheckConstraint(condition=~Q(delegator=F("delegate")), name="delegation_to_another"),
        ]

    @property
    def address(self) -> str:
        """The delegation's page."""
        return reverse("policy:delegation", args=[self.public_id])

    @property
    def where(self) -> Where:
        """The body that may act."""
        return Where(organisation=self.delegate_id)

    def standing(self, on: date) -> str:
        """How it stands on a day: in_force, not_yet, expired or revoked."""
        if self.revoked_on is not None and self.revoked_on <= on:
            return "revoked"
        if on < self.valid_from:
            return "not_yet"
        return "expired" if self.valid_to is not None and self.valid_to < on else "in_force"


class DelegatedAct(Record):
    """An act done under a delegation in force, which it cites."""

    delegation = models.ForeignKey(Delegation, models.PROTECT, related_name="done")
    kind = models.CharField(max_length=40)
    place = models.CharField(max_length=40)
    matter = models.CharField(max_length=300)
    organisation = models.ForeignKey(Organisation, models.PROTECT, to_field="public_id", related_name="+")
    done_by = models.UUIDField()
    done_at = models.DateTimeField()
