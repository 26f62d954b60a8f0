"""The network as it was imported, version after version, and every departure it promises."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from bashu.kernel.cited import FactStatus
from bashu.kernel.commands.models import Record
from bashu.kernel.parties.models import Organisation


class NetworkVersion(Record):
    """A folder of the documented CSVs, kept whole, so that every quote can be computed again from the version it names."""

    digest = models.CharField(max_length=64, unique=True)  # SHA-256 over the folder's files, as the engine names it
    content = models.BinaryField()  # ZIP of the CSV files
    status = models.CharField(max_length=10, choices=FactStatus.choices)  # the weakest of its rows
    hubs = models.PositiveIntegerField()
    services = models.PositiveIntegerField()
    departures = models.PositiveIntegerField()
    before = models.ForeignKey("self", models.PROTECT, to_field="public_id", null=True, related_name="+")
    difference = models.JSONField()  # to the network in force before: file to rows that came and went
    current = models.BooleanField()
    organisation = models.ForeignKey(Organisation, models.PROTECT, to_field="public_id", related_name="+")
    imported_by = models.UUIDField()
    imported_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["current"], condition=Q(current=True), name="network_one_current")
        ]


class Departure(Record):
    """One vehicle's run from one call to the next; `held_teu` is what bookings hold of its space.

    service, origin, target: codes of the network. trip: the vehicle's run, one name for all its calls. expected_*: the
    latest forecast; departed_at, arrived_at: what happened. withdrawn: the current network no longer promises it.
    """

    network = models.ForeignKey(NetworkVersion, models.PROTECT, related_name="+")
    service = models.CharField(max_length=40)
    trip = models.CharField(max_length=60)
    sequence = models.PositiveSmallIntegerField()
    mode = models.CharField(max_length=8)
    corridor = models.CharField(max_length=10, blank=True)
    operator = models.ForeignKey(
        Organisation, models.PROTECT, to_field="public_id", null=True, related_name="+", db_index=False
    )  # departure_of_operator serves
    origin = models.CharField(max_length=40)
    target = models.CharField(max_length=40)
    departs_at = models.DateTimeField()
    arrives_at = models.DateTimeField()
    capacity_teu = models.PositiveIntegerField()
    held_teu = models.PositiveIntegerField(default=0)
    # For an index of the departures with bookings: one on held_teu itself would make each booking write every index of the row again.
    booked = models.GeneratedField(
        expression=Q(held_teu__gt=0),  # type: ignore[arg-type]  # the stubs forget that a Q is an expression
        output_field=models.BooleanField(),
        db_persist=True,
    )
    expected_departs_at = models.DateTimeField(null=True)
    expected_arrives_at = models.DateTimeField(null=True)
    departed_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    withdrawn = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service", "trip", "sequence"], name="departure_once"),
            models.CheckConstraint(condition=Q(arrives_at__gt=F("departs_at")), name="departure_arrives_later"),
            models.CheckConstraint(condition=Q(held_teu__lte=F("capacity_teu")), name="departure_not_oversold"),
        ]
        indexes = [
            models.Index(fields=["origin", "departs_at"], name="departure_from_hub"),
            models.Index(fields=["operator", "departs_at"], name="departure_of_operator"),
            models.Index(fields=["departs_at"], condition=Q(booked=True), name="departure_held"),
        ]


class Closure(Record):
    """A hub closed at short notice (flood, works); `until` empty while nobody knows. Planned closures stand in the network.

    A closure that was lifted ends at `lifted_at`; lifted before it began, it never was.
    """

    hub = models.CharField(max_length=40)
    closed_from = models.DateTimeField()
    until = models.DateTimeField(null=True)
    lifted_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200)
    organisation = models.ForeignKey(Organisation, models.PROTECT, to_field="public_id", related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("closed_from")), name="closure_runs_forward"
            )
        ]

    def stands_at(self, moment: datetime) -> bool:
        """Whether the hub is closed at a moment."""
        ends = [end for end in (self.until, self.lifted_at) if end is not None]
        return self.closed_from <= moment and all(moment < end for end in ends)
