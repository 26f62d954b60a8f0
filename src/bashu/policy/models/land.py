"""The area's land quota: accounts whose balances the database bounds, and a ledger that is only ever added to. Whole m²."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bashu.kernel.commands.actor import Where
from bashu.kernel.commands.models import Record
from bashu.kernel.parties.models import Organisation
from bashu.policy.models.catalogues import PROVINCES
from bashu.policy.models.delegations import Delegation


class LandAccount(Record):
    """One side's part of the quota of an area and a year: used + reserved ≤ allocated ≤ planned, whoever writes."""

    area = models.CharField(max_length=40)
    side = models.CharField(max_length=2, choices=PROVINCES)
    year = models.PositiveSmallIntegerField()
    planned = models.BigIntegerField(default=0)
    allocated = models.BigIntegerField(default=0)
    reserved = models.BigIntegerField(default=0)
    used = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["area", "side", "year"], name="land_account_once"),
            models.CheckConstraint(
                condition=Q(
                    reserved__gte=0, used__gte=0, allocated__gte=F("used") + F("reserved"), allocated__lte=F("planned")
                ),
                name="land_never_over",
            ),
        ]

    @property
    def where(self) -> Where:
        """The offices of its side."""
        return Where(jurisdiction=self.side)

    @property
    def free(self) -> int:
        """m² allocated and not claimed."""
        return self.allocated - self.reserved - self.used


class LandReservation(Record):
    """m² held for a project: what of it was used and what was given back."""

    account = models.ForeignKey(LandAccount, models.PROTECT, related_name="reservations")
    project = models.CharField(max_length=200)
    claimed = models.BigIntegerField()
    used = models.BigIntegerField(default=0)
    released = models.BigIntegerField(default=0)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(claimed__gt=0, used__gte=0, released__gte=0, claimed__gte=F("used") + F("released")),
                name="land_reservation_adds_up",
            )
        ]

    @property
    def held(self) -> int:
        """m² still reserved."""
        return self.claimed - self.used - self.released


class LandMove(models.TextChoices):
    """Kinds of movement."""

    PLAN = "plan", _("Plan")
    ALLOCATE = "allocate", _("Allocate")
    RESERVE = "reserve", _("Reserve")
    USE = "use", _("Use")
    RELEASE = "release", pgettext_lazy("land", "Release")


class LandEntry(Record):
    """One movement with the balances after it. Under a delegated power it cites the delegation."""

    account = models.ForeignKey(LandAccount, models.PROTECT, related_name="entries")
    reservation = models.ForeignKey(LandReservation, models.PROTECT, null=True, related_name="entries")
    move = models.CharField(max_length=8, choices=LandMove.choices)
    m2 = models.BigIntegerField()
    planned = models.BigIntegerField()
    allocated = models.BigIntegerField()
    reserved = models.BigIntegerField()
    used = models.BigIntegerField()
    reason = models.TextField()
    organisation = models.ForeignKey(Organisation, models.PROTECT, to_field="public_id", related_name="+")
    delegation = models.ForeignKey(Delegation, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(m2=0), name="land_entry_moves_something"),
            models.CheckConstraint(condition=Q(m2__gt=0) | Q(move="plan"), name="land_entry_only_plans_shrink"),
            models.CheckConstraint(condition=Q(reason__gt=""), name="land_entry_says_why"),
        ]
