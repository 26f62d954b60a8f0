"""What happened on the way, who was told, and the figures made of it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from bashu.kernel.commands.models import Record
from bashu.kernel.parties.models import Organisation
from bashu.logistics.models.booking import Consignment, Leg
from bashu.logistics.models.network import Departure


class EventKind(models.TextChoices):
    """What can happen; `expected_*` are forecasts and count until the thing itself is reported."""

    GATE_IN = "gate_in", _("Through the gate")
    LOADED = "loaded", _("Loaded")
    DEPARTED = "departed", _("Departed")
    ARRIVED = "arrived", _("Arrived")
    DELIVERED = "delivered", _("Delivered")
    EXPECTED_DEPARTURE = "expected_departure", _("Departure expected")
    EXPECTED_ARRIVAL = "expected_arrival", _("Arrival expected")


class Event(Record):
    """One report. `reporter` and its `reference` name it once and for all: told again it changes nothing, told otherwise it is refused.

    It speaks of a leg of a consignment, or of a departure and all aboard. The state of both follows from the set of events,
    in whatever order they came in.
    """

    reporter = models.ForeignKey(Organisation, models.PROTECT, to_field="public_id", related_name="+")
    reference = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, choices=EventKind.choices)
    consignment = models.ForeignKey(Consignment, models.PROTECT, null=True, related_name="events")
    leg = models.ForeignKey(Leg, models.PROTECT, null=True, related_name="events")
    departure = models.ForeignKey(Departure, models.PROTECT, null=True, related_name="events")
    hub = models.CharField(max_length=40, blank=True)
    happened_at = models.DateTimeField()  # of a forecast: when it is expected
    told_at = (
        models.DateTimeField()
    )  # when the reporter said so; of several reports of one kind the one told last counts
    received_at = models.DateTimeField()
    digest = models.BinaryField()  # of everything the reporter said
    readers = ArrayField(models.UUIDField())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reporter", "reference"], name="event_once"),
            models.CheckConstraint(
                condition=models.Q(departure__isnull=False) | models.Q(consignment__isnull=False),
                name="event_has_subject",
            ),
        ]
        indexes = [models.Index(fields=["consignment", "happened_at"], name="event_of_consignment")]


class Notification(Record):
    """What an organisation should know of its consignment; mailed once when a mail server is set."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, to_field="public_id", related_name="+")
    consignment = models.ForeignKey(Consignment, models.PROTECT, related_name="notifications")
    kind = models.CharField(max_length=20)
    facts = models.JSONField()  # what the sentence is filled with: places, times
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "-made_at"], name="notification_of_organisation"),
            models.Index(fields=["made_at"], condition=models.Q(mailed_at__isnull=True), name="notification_to_mail"),
        ]


class Measure(models.Model):
    """One subject's contribution to an indicator; a figure is their sum or mean, so the order in which things came in cannot matter.

    subject: public id of the consignment, departure or declaration. day: to which the contribution counts. The rows are the
    node's; everybody reads only their sums, through `logistics_measured`.
    """

    pk = models.CompositePrimaryKey("indicator", "subject")
    indicator = models.CharField(max_length=30)
    subject = models.UUIDField()
    corridor = models.CharField(max_length=10, blank=True)
    mode = models.CharField(max_length=8, blank=True)
    day = models.DateField()
    amount = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["indicator", "day"], name="measure_by_day")]
