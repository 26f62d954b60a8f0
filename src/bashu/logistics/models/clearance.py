"""Clearance at a port of entry: declaration, inspection, release, and bonded transit between ports."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bashu.kernel.commands.actor import Where
from bashu.kernel.commands.models import Record
from bashu.kernel.parties.models import Organisation
from bashu.logistics.models.booking import Consignment


class PortOffice(Record):
    """The body that clears goods at a hub."""

    hub = models.CharField(max_length=40, unique=True)
    office = models.ForeignKey(Organisation, models.PROTECT, to_field="public_id", related_name="+")


class DeclarationState(models.TextChoices):
    """A declaration's way."""

    LODGED = "lodged", _("Lodged")
    ACCEPTED = "accepted", _("Accepted")
    INSPECTING = "inspecting", _("Inspection ordered")
    INSPECTED = "inspected", _("Inspected")
    RELEASED = "released", _("Released")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Declaration(Record):
    """What a shipper declares at a port of entry. While it is `on_hold` or not released, its consignment cannot load there."""

    consignment = models.ForeignKey(Consignment, models.PROTECT, related_name="declarations")
    hub = models.CharField(max_length=40)
    office = models.ForeignKey(Organisation, models.PROTECT, to_field="public_id", related_name="+")
    procedure = models.CharField(
        max_length=8,
        choices=[("export", _("Export")), ("import", pgettext_lazy("customs", "Import")), ("transit", _("Transit"))],
    )
    state = models.CharField(max_length=10, choices=DeclarationState.choices)
    on_hold = models.BooleanField(default=False)
    reason = models.TextField(blank=True)
    lodged_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    ordered_at = models.DateTimeField(null=True)
    inspected_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    readers = ArrayField(models.UUIDField())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["consignment", "hub", "procedure"],
                condition=~Q(state__in=["refused", "withdrawn"]),
                name="declaration_one_standing",
            ),
            models.CheckConstraint(
                condition=Q(on_hold=False) | ~Q(state__in=["released", "refused", "withdrawn"]),
                name="declaration_hold_while_open",
            ),
        ]

    @property
    def where(self) -> Where:
        """Whose matter it is: the office's at the port."""
        return Where(organisation=self.office_id)


class TransitState(models.TextChoices):
    """A bonded transit's way."""

    OPEN = "open", _("Under way under bond")
    DISCHARGED = "discharged", _("Discharged")


class Transit(Record):
    """Goods under bond from one port of entry to another; the second office discharges what the first one opened."""

    consignment = models.ForeignKey(Consignment, models.PROTECT, related_name="transits")
    declaration = models.OneToOneField(Declaration, models.PROTECT, related_name="transit")
    origin = models.CharField(max_length=40)
    target = models.CharField(max_length=40)
    origin_office = models.ForeignKey(Organisation, models.PROTECT, to_field="public_id", related_name="+")
    target_office = models.ForeignKey(Organisation, models.PROTECT, to_field="public_id", related_name="+")
    seal = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=TransitState.choices)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    discharged_at = models.DateTimeField(null=True)
    readers = ArrayField(models.UUIDField())

    @property
    def where(self) -> Where:
        """Whose matter it is: the office's at which the goods are expected."""
        return Where(organisation=self.target_office_id)
