"""Support items as published, their shared budgets, and offers made from profiles."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from bashu.kernel.cited import FactStatus
from bashu.kernel.commands.actor import JOINT, Where
from bashu.kernel.commands.models import Record
from bashu.kernel.parties.models import Jurisdiction, Organisation

PROVINCES = [(value, label) for value, label in Jurisdiction.choices if value != JOINT]


class Catalogue(Record):
    """A catalogue file as published, word for word: every amount can be computed again later. One version of a name is current."""

    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    content = models.TextField()
    published_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(superseded_at__isnull=True), name="catalogue_one_current"
            )
        ]


class Item(Record):
    """One support item of a catalogue version. `status` says whether a document stands behind it."""

    catalogue = models.ForeignKey(Catalogue, models.PROTECT, related_name="items")
    code = models.CharField(max_length=60)
    province = models.CharField(max_length=2, choices=PROVINCES)
    topic = models.CharField(max_length=60)
    name_zh = models.CharField(max_length=200)
    name_en = models.CharField(max_length=300)
    status = models.CharField(max_length=12, choices=FactStatus.choices)
    source = models.CharField(max_length=300)
    facts = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["catalogue", "code"], name="item_once_in_catalogue")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the language being spoken."""
        return self.name_zh if (get_language() or "zh").startswith("zh") else self.name_en


class Budget(Record):
    """Money for some items of a catalogue, over all enterprises; in fen. Decisions commit it, payments use what was committed."""

    catalogue = models.CharField(max_length=60)
    name = models.CharField(max_length=60)
    most_fen = models.BigIntegerField()
    committed_fen = models.BigIntegerField(default=0)
    paid_fen = models.BigIntegerField(default=0)
    items: Any = models.ManyToManyField(Item, related_name="budgets")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["catalogue", "name"], name="budget_once"),
            models.CheckConstraint(
                condition=Q(paid_fen__gte=0, paid_fen__lte=F("committed_fen"), committed_fen__lte=F("most_fen")),
                name="budget_never_overdrawn",
            ),
        ]

    @property
    def left_fen(self) -> int:
        """What is not committed yet."""
        return self.most_fen - self.committed_fen


class OfferBatch(Record):
    """One run over all profiles: which catalogue, how many profiles were looked at, what came out."""

    catalogue = models.ForeignKey(Catalogue, models.PROTECT, related_name="batches")
    year = models.PositiveSmallIntegerField()
    profiles = models.PositiveIntegerField()
    offers = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    pushed_at = models.DateTimeField()


class OfferState(models.TextChoices):
    """An offer's way."""

    OPEN = "open", _("Waits for the enterprise")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    LAPSED = "lapsed", _("Lapsed")


class Offer(Record):
    """Support an enterprise can have without applying: its profile meets the item's conditions. facts: what was computed from."""

    batch = models.ForeignKey(OfferBatch, models.PROTECT, related_name="made")
    organisation = models.ForeignKey(Organisation, models.PROTECT, to_field="public_id", related_name="+")
    item = models.ForeignKey(Item, models.PROTECT, related_name="offers")
    province = models.CharField(max_length=2, choices=PROVINCES)
    year = models.PositiveSmallIntegerField()
    amount_fen = models.BigIntegerField()
    facts = models.JSONField()
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    expires_on = models.DateField()
    state = models.CharField(max_length=8, choices=OfferState.choices, default=OfferState.OPEN)
    answered_by = models.UUIDField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "item", "year"], condition=Q(state__in=["open", "accepted"]), name="offer_once"
            ),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="offer_of_something"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "lapsed"]) | Q(answered_at__isnull=False), name="offer_answer_has_time"
            ),
        ]

    @property
    def where(self) -> Where:
        """Only the enterprise answers."""
        return Where(organisation=self.organisation_id)
