"""Published prices and service standards of water, power and gas, with what says so."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bashu.kernel.cited import FactStatus
from bashu.kernel.commands.models import Record
from bashu.kernel.parties.models import Organisation


class Utility(models.TextChoices):
    """What is supplied."""

    WATER = "water", _("Water")
    POWER = "power", _("Power")
    GAS = "gas", _("Gas")


class Territory(models.TextChoices):
    """Where a tariff holds: one province, or the area both run together."""

    CQ = "CQ", _("Chongqing")
    SC = "SC", _("Sichuan")
    AREA = "area", _("The area")


class Measure(models.TextChoices):
    """What a row speaks of."""

    PRICE = "price", _("Price")
    CONNECTION = "connection", _("Days until connected")
    REPAIR = "repair", _("Hours until repaired")


class Tariff(Record):
    """One price (yuan per `unit`, exact) or one standard (in `unit`) of a territory from a day on; `value` is None where nobody knows it.

    An assumed row belongs to the demonstration; see `services.tariffs`.
    """

    utility = models.CharField(max_length=5, choices=Utility.choices)
    customers = models.CharField(max_length=40)
    measure = models.CharField(max_length=10, choices=Measure.choices)
    territory = models.CharField(max_length=4, choices=Territory.choices)
    value = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    unit = models.CharField(max_length=20)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    status = models.CharField(max_length=12, choices=FactStatus.choices)
    source = models.CharField(max_length=300)
    note = models.TextField(blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, to_field="public_id", related_name="+")
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["utility", "customers", "measure", "territory", "valid_from"], name="tariff_once"
            ),
            models.UniqueConstraint(
                fields=["utility", "customers", "measure", "territory"],
                condition=Q(valid_to__isnull=True),
                name="tariff_one_open",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="tariff_runs_forward"
            ),
            models.CheckConstraint(condition=Q(value__isnull=True) | Q(value__gte=0), name="tariff_not_negative"),
            models.CheckConstraint(condition=Q(source__gt=""), name="tariff_names_its_source"),
        ]
