"""Applications for support, from submission to payment, and appeals against their decisions."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bashu.kernel.commands.actor import Where
from bashu.kernel.commands.models import Record
from bashu.kernel.parties.models import Organisation
from bashu.policy.models.catalogues import PROVINCES, Item, Offer


class ApplicationState(models.TextChoices):
    """An application's way."""

    SUBMITTED = "submitted", _("Waits for the check of completeness")
    RETURNED = "returned", _("Sent back to be completed")
    COMPLETE = "complete", _("Complete, waits for review")
    REVIEWED = "reviewed", _("Reviewed, waits for a decision")
    APPROVED = "approved", _("Approved, waits for payment")
    REFUSED = "refused", pgettext_lazy("application", "Refused")
    PAID = "paid", _("Paid")
    WITHDRAWN = "withdrawn", _("Withdrawn")


OPEN = (ApplicationState.SUBMITTED, ApplicationState.RETURNED, ApplicationState.COMPLETE, ApplicationState.REVIEWED)
GRANTED = (ApplicationState.APPROVED, ApplicationState.PAID)


class SupportAccount(Record):
    """What an enterprise was granted in a year, in fen. Both provinces' offices lock it before they decide: either, never both."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, to_field="public_id", related_name="+")
    year = models.PositiveSmallIntegerField()
    cq_fen = models.BigIntegerField(default=0)
    sc_fen = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "year"], name="support_account_once"),
            models.CheckConstraint(condition=Q(cq_fen__gte=0, sc_fen__gte=0), name="support_account_not_negative"),
        ]


class Application(Record):
    """One enterprise's claim to one item for one year. facts: what it rests on, each with origin, day and evidence.

    due_on: until when the present step is due, None when nobody has to act. amount_fen comes from the engine alone.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, to_field="public_id", related_name="+")
    item = models.ForeignKey(Item, models.PROTECT, related_name="applications")
    province = models.CharField(max_length=2, choices=PROVINCES)
    year = models.PositiveSmallIntegerField()
    offer = models.OneToOneField(Offer, models.PROTECT, null=True, related_name="application")
    facts = models.JSONField()
    computed_fen = models.BigIntegerField()
    amount_fen = models.BigIntegerField(null=True)
    state = models.CharField(max_length=9, choices=ApplicationState.choices, default=ApplicationState.SUBMITTED)
    due_on = models.DateField(null=True)
    submitted_by = models.UUIDField()
    submitted_at = models.DateTimeField()
    reviewed_by = models.UUIDField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    decided_organisation = models.ForeignKey(
        Organisation, models.PROTECT, to_field="public_id", null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "item", "year"],
                condition=Q(state__in=["submitted", "returned", "complete", "reviewed", "approved", "paid"]),
                name="application_once",
            ),
            models.CheckConstraint(condition=~Q(decided_by=F("reviewed_by")), name="application_second_person"),
            models.CheckConstraint(condition=~Q(state="refused") | Q(reason__gt=""), name="application_refusal_says_why"),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "paid"]) | Q(amount_fen__gt=0, decided_by__isnull=False),
                name="application_grant_has_amount",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["state", "due_on"], name="application_queue")]

    @property
    def submitted_on(self) -> date:
        """The day of submission as the region's calendar has it: the rules of that day hold."""
        return timezone.localdate(self.submitted_at)

    @property
    def where(self) -> Where:
        """The offices of the item's province decide."""
        return Where(jurisdiction=self.province)

    @property
    def address(self) -> str:
        """The application's page."""
        return reverse("policy:application", args=[self.public_id])

    def overdue(self, today: date) -> bool:
        """Whether the step that is due was not done in time."""
        return self.due_on is not None and self.due_on < today


class Award(models.Model):
    """What was granted, as both provinces' offices see it: a topic is supported once a year, by either of them."""

    application = models.OneToOneField(Application, models.PROTECT, primary_key=True, related_name="award")
    organisation = models.ForeignKey(Organisation, models.PROTECT, to_field="public_id", related_name="+")
    year = models.PositiveSmallIntegerField()
    province = models.CharField(max_length=2, choices=PROVINCES)
    topic = models.CharField(max_length=60)
    item_code = models.CharField(max_length=60)
    amount_fen = models.BigIntegerField()
    granted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "year", "topic"], name="award_topic_once")]


class Step(models.Model):
    """One step of an application's way, never changed."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    organisation = models.ForeignKey(Organisation, models.PROTECT, to_field="public_id", related_name="+")
    note = models.TextField(blank=True)


class Payment(Record):
    """The one payment of an application: which order moved the money."""

    application = models.OneToOneField(Application, models.PROTECT, related_name="payment")
    order = models.CharField(max_length=60, unique=True)
    amount_fen = models.BigIntegerField()
    paid_on = models.DateField()
    organisation = models.ForeignKey(Organisation, models.PROTECT, to_field="public_id", related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount_fen__gt=0), name="payment_of_something")]


class AppealState(models.TextChoices):
    """An appeal's way."""

    FILED = "filed", _("Filed")
    UPHELD = "upheld", _("Decision upheld")
    CHANGED = "changed", _("Decision changed")


class Appeal(Record):
    """An enterprise's appeal against a refusal, to an office other than the one that refused. One for each application."""

    application = models.OneToOneField(Application, models.PROTECT, related_name="appeal")
    against = models.ForeignKey(Organisation, models.PROTECT, to_field="public_id", related_name="+")
    grounds = models.TextField()
    filed_at = models.DateTimeField()
    due_on = models.DateField()
    state = models.CharField(max_length=7, choices=AppealState.choices, default=AppealState.FILED)
    decided_by = models.UUIDField(null=True)
    decided_organisation = models.ForeignKey(
        Organisation, models.PROTECT, to_field="public_id", null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(decided_organisation=F("against")), name="appeal_to_another_office"),
            models.CheckConstraint(condition=Q(state="filed") | Q(reason__gt=""), name="appeal_says_why"),
        ]
