"""A consignment, its boxes, the legs it travels and the space each leg holds.

A quote is the node's signature under an option; it is not a record. `readers` lists the organisations that may see a row, and
row-level security reads it: the shipper everything, an operator its own legs and what it must know to carry the goods, an
office what it decides; the commercial terms are for the shipper and the offices alone.

A booking writes a dozen of these rows, so no foreign key has an index of its own where another index begins with its column
(`db_index=False`), or where nobody looks along it.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bashu.kernel.commands.actor import Where
from bashu.kernel.commands.models import Record
from bashu.kernel.parties.models import Organisation
from bashu.logistics.models.network import Departure, NetworkVersion


class ConsignmentState(models.TextChoices):
    """A consignment's way: forward only."""

    HELD = "held", pgettext_lazy("space", "Held")
    CONFIRMED = "confirmed", _("Confirmed")
    UNDER_WAY = "under_way", pgettext_lazy("goods", "Under way")
    DELIVERED = "delivered", _("Delivered")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")


class LegState(models.TextChoices):
    """A leg's way: forward only; cancelled and expired legs have given their space back."""

    HELD = "held", pgettext_lazy("space", "Held")
    CONFIRMED = "confirmed", _("Confirmed")
    LOADED = "loaded", _("Loaded")
    DEPARTED = "departed", _("Departed")
    ARRIVED = "arrived", _("Arrived")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")


class Consignment(Record):
    """Goods of one shipper that travel together; `number` is how people call it.

    origin, destination: codes of places, with their names as booked. departs_at, arrives_at: as booked; predicted_at: the
    arrival as foreseen now; missed: a connection can no longer be reached.
    """

    number = models.CharField(max_length=24)
    shipper = models.ForeignKey(Organisation, models.PROTECT, to_field="public_id", related_name="+", db_index=False)
    origin = models.CharField(max_length=40)
    origin_zh = models.CharField(max_length=100)
    origin_en = models.CharField(max_length=100)
    destination = models.CharField(max_length=40)
    destination_zh = models.CharField(max_length=100)
    destination_en = models.CharField(max_length=100)
    goods = models.CharField(max_length=200)
    hs_code = models.CharField(max_length=10)
    weight_kg = models.PositiveIntegerField()
    un_number = models.CharField(max_length=4, blank=True)
    danger_class = models.PositiveSmallIntegerField(null=True)
    reefer_celsius = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    teu = models.PositiveSmallIntegerField()
    departs_at = models.DateTimeField()
    arrives_at = models.DateTimeField()
    predicted_at = models.DateTimeField()
    missed = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=ConsignmentState.choices)
    held_until = models.DateTimeField()
    booked_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    readers = ArrayField(models.UUIDField())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number"], name="consignment_number_once"),
            models.CheckConstraint(condition=Q(teu__gte=1), name="consignment_has_boxes"),
            models.CheckConstraint(
                condition=Q(un_number="") | Q(danger_class__isnull=False), name="consignment_un_number_has_class"
            ),
        ]
        indexes = [
            models.Index(fields=["shipper", "-booked_at"], name="consignment_of_shipper"),
            models.Index(fields=["held_until"], condition=Q(state="held"), name="consignment_held"),
        ]

    @property
    def where(self) -> Where:
        """Whose matter it is: the shipper's."""
        return Where(organisation=self.shipper_id)

    @property
    def address(self) -> str:
        """The consignment's page."""
        return reverse("logistics:consignment", args=[self.public_id])


class Terms(models.Model):
    """What the shipper and its partners agreed: parties, value of the goods, price, and the option as quoted.

    goods_value: in `currency`; goods_value_fen: the same in fen at `exchange_rate`, half up. plan: the option's legs with
    their handling and storage, for explanation; network: the version it was computed from.
    """

    consignment = models.OneToOneField(Consignment, models.PROTECT, primary_key=True, related_name="terms")
    consignee = models.CharField(max_length=200)
    notify_party = models.CharField(max_length=200, blank=True)
    goods_value = models.DecimalField(max_digits=18, decimal_places=2)
    currency = models.CharField(max_length=3)
    exchange_rate = models.DecimalField(max_digits=12, decimal_places=6)
    goods_value_fen = models.BigIntegerField()
    network = models.ForeignKey(NetworkVersion, models.PROTECT, related_name="+", db_index=False)
    price_fen = models.BigIntegerField()
    gco2e = models.BigIntegerField()
    plan = models.JSONField()
    readers = ArrayField(models.UUIDField())

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(goods_value_fen__gte=0), name="terms_value_not_negative")]


class Box(models.Model):
    """One container: 20 or 40 feet, its ISO 6346 number once it is known, its seal."""

    pk = models.CompositePrimaryKey("consignment", "sequence")
    consignment = models.ForeignKey(Consignment, models.PROTECT, related_name="boxes", db_index=False)
    sequence = models.PositiveSmallIntegerField()
    feet = models.PositiveSmallIntegerField()
    number = models.CharField(max_length=11, blank=True)
    seal = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(feet__in=[20, 40]), name="box_twenty_or_forty")]


class Leg(Record):
    """One stage of a consignment by one service, or by road; a hold at its operator until confirmed.

    service is empty by road. price_fen and gco2e hold the handling and storage before it. origin_operator and
    target_operator run the hubs at its ends.
    """

    consignment = models.ForeignKey(Consignment, models.PROTECT, related_name="legs", db_index=False)
    sequence = models.PositiveSmallIntegerField()
    mode = models.CharField(max_length=8)
    service = models.CharField(max_length=40, blank=True)
    operator = models.ForeignKey(
        Organisation, models.PROTECT, to_field="public_id", null=True, related_name="+", db_index=False
    )
    origin = models.CharField(max_length=40)
    target = models.CharField(max_length=40)
    origin_operator = models.ForeignKey(Organisation, models.PROTECT, to_field="public_id", null=True, related_name="+")
    target_operator = models.ForeignKey(Organisation, models.PROTECT, to_field="public_id", null=True, related_name="+")
    departs_at = models.DateTimeField()
    arrives_at = models.DateTimeField()
    departed_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    teu = models.PositiveSmallIntegerField()
    price_fen = models.BigIntegerField()
    gco2e = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=LegState.choices)
    readers = ArrayField(models.UUIDField())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consignment", "sequence"], name="leg_once"),
            models.CheckConstraint(condition=Q(arrives_at__gte=F("departs_at")), name="leg_arrives_later"),
        ]
        indexes = [models.Index(fields=["operator", "departs_at"], name="leg_of_operator")]

    @property
    def where(self) -> Where:
        """Whose matter it is: its operator's."""
        return Where(organisation=self.operator_id)


class LegDeparture(models.Model):
    """A departure on which a leg holds space; a leg that stays aboard over several calls holds several."""

    pk = models.CompositePrimaryKey("leg", "departure")
    leg = models.ForeignKey(Leg, models.PROTECT, related_name="held", db_index=False)
    departure = models.ForeignKey(Departure, models.PROTECT, related_name="held_by")


class Document(Record):
    """A paper of a consignment, known by its digest: what it says stays with who holds it."""

    consignment = models.ForeignKey(Consignment, models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    organisation = models.ForeignKey(Organisation, models.PROTECT, to_field="public_id", related_name="+")
    attached_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consignment", "sha256"], name="document_once"),
            models.CheckConstraint(condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="document_digest_form"),
        ]
