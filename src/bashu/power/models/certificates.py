"""Renewable units, their metered hours, the megawatt-hours certified from them, and every certificate exactly once.

A unit's certificates are numbered for its life: certificate k stands for the watt-hours after (k - 1)·10⁶ up to k·10⁶ of all that
was ever certified for it. Ranges of numbers are kept, never a row for each certificate.
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from bashu.kernel.commands.actor import Where
from bashu.kernel.commands.models import Record
from bashu.kernel.parties.models import Organisation

WH = 1_000_000  # watt-hours in a certificate: one megawatt-hour


def once(name: str) -> ExclusionConstraint:
    """No number of a unit stands in two rows. A range of one number stands in for equality, which GiST knows only through btree_gist."""
    return ExclusionConstraint(
        name=name,
        expressions=[
            (Func("unit", "unit", Value("[]"), function="int8range"), RangeOperators.OVERLAPS),
            (Func("first", "last", Value("[]"), function="int8range"), RangeOperators.OVERLAPS),
        ],
    )


def runs_forward(name: str) -> models.CheckConstraint:
    """A range has at least one number, and numbers begin at one."""
    return models.CheckConstraint(condition=Q(first__gte=1, last__gte=F("first")), name=name)


class Technology(models.TextChoices):
    """What moves the generator."""

    WIND = "wind", _("Wind")
    SOLAR = "solar", _("Solar")
    HYDRO = "hydro", _("Hydropower")
    BIOMASS = "biomass", _("Biomass")
    STORAGE = "storage", _("Storage alone")


class Numbered(Record):
    """A range of a unit's certificates, both ends included."""

    first = models.BigIntegerField()
    last = models.BigIntegerField()

    class Meta:
        abstract = True

    @property
    def count(self) -> int:
        """How many certificates, that is megawatt-hours."""
        return self.last - self.first + 1


class Unit(Record):
    """A renewable generating unit, as its registry (a grid's operator or an office) put it on record.

    owner: the generator, to whom certificates are issued. storage_ppm: what comes back of a thousand thousand watt-hours put
    into the storage behind the unit's meter, 0 for a unit without one.
    certified_wh: all that was ever certified; its millions are the number of certificates, the rest is carried.
    stored_own_wh, stored_other_wh: what that storage can still give back, from the unit itself and from elsewhere.
    """

    code = models.CharField(max_length=40, unique=True)
    name_zh = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100, blank=True)
    technology = models.CharField(max_length=10, choices=Technology.choices)
    commissioned_on = models.DateField()
    storage_ppm = models.PositiveIntegerField(default=0)
    jurisdiction = models.CharField(max_length=5)
    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, to_field="public_id", related_name="+")
    registry = models.ForeignKey(Organisation, on_delete=models.PROTECT, to_field="public_id", related_name="+")
    certified_wh = models.BigIntegerField(default=0)
    stored_own_wh = models.BigIntegerField(default=0)
    stored_other_wh = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(storage_ppm__lte=1_000_000), name="power_unit_returns_at_most_all"),
            models.CheckConstraint(condition=Q(jurisdiction__in=["CQ", "SC"]), name="power_unit_of_a_side"),
            models.CheckConstraint(
                condition=Q(certified_wh__gte=0, stored_own_wh__gte=0, stored_other_wh__gte=0),
                name="power_unit_owes_nothing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name_zh}"

    @property
    def name(self) -> str:
        """Its name in the language being spoken."""
        return self.name_zh if (get_language() or "zh").startswith("zh") or not self.name_en else self.name_en

    def get_absolute_url(self) -> str:
        """The address of the unit's page."""
        return reverse("power:unit", args=[self.public_id])

    @property
    def where(self) -> Where:
        """Its registry and the offices of its jurisdiction meter it and issue for it."""
        return Where(self.registry_id, self.jurisdiction)


class MeteredHour(models.Model):
    """One hour of a unit at its meter, watt-hours; insert only.

    hour: when it begins. generated_wh: made, so without what was curtailed and without the plant's own use, before storage.
    charged_wh: of that, put into the storage behind the meter; charged_other_wh: put there from elsewhere; returned_wh: given back.
    """

    pk = models.CompositePrimaryKey("unit", "hour")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="metered")
    hour = models.DateTimeField()
    generated_wh = models.BigIntegerField()
    charged_wh = models.BigIntegerField(default=0)
    charged_other_wh = models.BigIntegerField(default=0)
    returned_wh = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(charged_wh__gte=0, charged_other_wh__gte=0, returned_wh__gte=0)
                & Q(generated_wh__gte=F("charged_wh")),
                name="power_metered_hour_possible",
            )
        ]


class CertifiedHour(models.Model):
    """The watt-hours certified for an hour, and how many were certified for the unit before it; insert only."""

    pk = models.CompositePrimaryKey("unit", "hour")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="certified")
    hour = models.DateTimeField()
    wh = models.BigIntegerField()
    before_wh = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(wh__gt=0, before_wh__gte=0), name="power_certified_hour_positive"),
            models.UniqueConstraint(fields=["unit", "before_wh"], name="power_certified_hour_in_line"),
        ]


class Batch(Record):
    """What was issued for a unit and a month: numbers `first` to `last`, none when `last` is before `first`.

    certified_wh: of the month; remainder_wh: what the unit carries into the next. tradable, expires_on, rule: as the rule in
    force said (facts/certificate_rules.toml); the certificates live up to and with `expires_on`.
    """

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="batches")
    month = models.DateField()
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    certified_wh = models.BigIntegerField()
    remainder_wh = models.BigIntegerField()
    tradable = models.BooleanField()
    expires_on = models.DateField()
    rule = models.CharField(max_length=60)
    issued_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "month"], name="power_batch_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="power_batch_of_a_month"),
            models.CheckConstraint(
                condition=Q(first__gte=1, last__gte=F("first") - 1), name="power_batch_runs_forward"
            ),
            models.CheckConstraint(
                condition=Q(remainder_wh__gte=0, remainder_wh__lt=WH, certified_wh__gte=0),
                name="power_batch_remainder_below_one",
            ),
            ExclusionConstraint(
                name="power_batch_numbers_once",
                expressions=[
                    (Func("unit", "unit", Value("[]"), function="int8range"), RangeOperators.OVERLAPS),
                    (Func("first", F("last") + 1, function="int8range"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    @property
    def count(self) -> int:
        """How many certificates were issued."""
        return self.last - self.first + 1


class HoldingState(models.TextChoices):
    """Where a certificate is; one that outlived its two years stays held and can no longer move."""

    HELD = "held", _("In hand")
    OFFERED = "offered", _("Offered")
    RETIRED = "retired", _("Retired")


class Holding(Numbered):
    """A range of a batch's certificates in one hand. Each certificate stands in exactly one holding.

    offered_to: who may accept them, while they are offered.
    """

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="holdings")
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="holdings")
    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, to_field="public_id", related_name="+")
    offered_to = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, to_field="public_id", null=True, related_name="+"
    )
    state = models.CharField(max_length=8, choices=HoldingState.choices, default=HoldingState.HELD)

    class Meta:
        constraints = [
            runs_forward("power_holding_runs_forward"),
            once("power_holding_once"),
            models.CheckConstraint(
                condition=Q(state="offered", offered_to__isnull=False)
                | Q(state__in=["held", "retired"], offered_to__isnull=True),
                name="power_holding_offered_to_somebody",
            ),
        ]
        indexes = [models.Index(fields=["owner", "state"], name="power_holding_owner")]

    @property
    def where(self) -> Where:
        """Its owner alone moves it."""
        return Where(organisation=self.owner_id)


class TransferState(models.TextChoices):
    """An offer's way."""

    OFFERED = "offered", _("Offered")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Transfer(Numbered):
    """An offer of certificates to another organisation, and what became of it."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="transfers")
    giver = models.ForeignKey(Organisation, on_delete=models.PROTECT, to_field="public_id", related_name="+")
    receiver = models.ForeignKey(Organisation, on_delete=models.PROTECT, to_field="public_id", related_name="+")
    state = models.CharField(max_length=9, choices=TransferState.choices, default=TransferState.OFFERED)
    offered_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            runs_forward("power_transfer_runs_forward"),
            models.CheckConstraint(condition=~Q(giver=F("receiver")), name="power_transfer_between_two"),
            models.CheckConstraint(
                condition=Q(state="offered") ^ Q(answered_at__isnull=False), name="power_transfer_answered_once"
            ),
        ]
        indexes = [models.Index(fields=["unit", "first"], name="power_transfer_numbers")]


class Retirement(Numbered):
    """Certificates used up, for good: public, insert only, each certificate at most once."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="retirements")
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="retirements")
    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, to_field="public_id", related_name="+")
    beneficiary = models.ForeignKey(Organisation, on_delete=models.PROTECT, to_field="public_id", related_name="+")
    purpose = models.CharField(max_length=200)
    retired_at = models.DateTimeField()

    class Meta:
        constraints = [
            runs_forward("power_retirement_runs_forward"),
            once("power_retirement_once"),
            models.CheckConstraint(condition=Q(purpose__gt=""), name="power_retirement_says_why"),
        ]
        indexes = [models.Index(fields=["beneficiary", "retired_at"], name="power_retirement_benefit")]

    @property
    def where(self) -> Where:
        """Its beneficiary, or an office that oversees it, has it claimed."""
        return Where(self.beneficiary_id, self.beneficiary.jurisdiction)


class RetirementClaim(Record):
    """That another system took a retirement into its ledger, once: the primary key of the outbox is the retirement.

    claimant: the system (`carbon`). reference: the record there, `carbon.entry:<uuid>`.
    """

    retirement = models.OneToOneField(Retirement, on_delete=models.PROTECT, related_name="claim")
    claimant = models.CharField(max_length=40)
    reference = models.CharField(max_length=200)
    claimed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(claimant__gt="", reference__gt=""), name="power_claim_names_itself")
        ]


class CreditClaim(Record):
    """Hours of a unit whose energy another system credits (a carbon reduction of the producer): never certified too."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="credited")
    hours = DateTimeRangeField()
    claimant = models.CharField(max_length=40)
    reference = models.CharField(max_length=200)
    claimed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(claimant__gt="", reference__gt=""), name="power_credit_names_itself"),
            ExclusionConstraint(
                name="power_credit_once",
                expressions=[
                    (Func("unit", "unit", Value("[]"), function="int8range"), RangeOperators.OVERLAPS),
                    ("hours", RangeOperators.OVERLAPS),
                ],
            ),
        ]


class ConsumedHour(models.Model):
    """What an organisation consumed in an hour, watt-hours at its meter; insert only."""

    pk = models.CompositePrimaryKey("organisation", "hour")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, to_field="public_id", related_name="+")
    hour = models.DateTimeField()
    wh = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(wh__gte=0), name="power_consumed_hour_positive")]


class AreaHour(models.Model):
    """One hour of an area as dispatched or metered: what it generated, what it used, what it emitted. Public, insert only."""

    pk = models.CompositePrimaryKey("area", "hour")
    area = models.CharField(max_length=40)
    hour = models.DateTimeField()
    used_wh = models.BigIntegerField()
    emitted_g = models.BigIntegerField()
    source = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(used_wh__gte=0, emitted_g__gte=0), name="power_area_hour_positive")
        ]


class AreaFlow(models.Model):
    """What an area sent to another in an hour, at the sending end. Public, insert only."""

    pk = models.CompositePrimaryKey("area", "neighbour", "hour")
    area = models.CharField(max_length=40)
    neighbour = models.CharField(max_length=40)
    hour = models.DateTimeField()
    sent_wh = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sent_wh__gte=0) & ~Q(area=F("neighbour")), name="power_area_flow_between_two"
            )
        ]
