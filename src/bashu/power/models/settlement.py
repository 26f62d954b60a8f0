"""What one player owes another for acting together, proposed by one grid and binding once the other signs it."""

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from bashu.kernel.commands.models import Record
from bashu.kernel.parties.models import Organisation

BALANCED = """
    IF NEW.state = 'binding' AND OLD.state <> 'binding' THEN
        IF NEW.rounding_fen + (SELECT coalesce(sum(transfer_fen), 0) FROM power_settlementline WHERE settlement_id = NEW.id) <> 0
            THEN RAISE EXCEPTION 'pgtrigger: transfers do not sum to zero'; END IF;
        IF (SELECT count(*) FROM power_settlementsignature WHERE settlement_id = NEW.id) <> 2
            THEN RAISE EXCEPTION 'pgtrigger: a settlement binds with two signatures'; END IF;
    END IF;
    RETURN NEW;
"""


class SettlementState(models.TextChoices):
    """A settlement's way; binding is for good."""

    PROPOSED = "proposed", _("Proposed, waits for the other grid")
    BINDING = "binding", _("Binding")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Settlement(Record):
    """The transfers of a period. Transfers of all lines and `rounding_fen`, what the rounding account bears, sum to zero.

    division: the rule of the targets (shapley, nucleolus, nash). digest: SHA-256 of the game's result that it rests on.
    """

    period_start = models.DateField()
    period_end = models.DateField()
    division = models.CharField(max_length=10)
    baseline = models.CharField(max_length=10)
    note = models.CharField(max_length=200, blank=True)
    digest = models.CharField(max_length=64)
    rounding_fen = models.BigIntegerField()
    proposer = models.ForeignKey(Organisation, on_delete=models.PROTECT, to_field="public_id", related_name="+")
    counterparty = models.ForeignKey(Organisation, on_delete=models.PROTECT, to_field="public_id", related_name="+")
    state = models.CharField(max_length=9, choices=SettlementState.choices, default=SettlementState.PROPOSED)
    proposed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(period_start__lte=F("period_end")), name="power_settlement_runs_forward"
            ),
            models.CheckConstraint(condition=~Q(proposer=F("counterparty")), name="power_settlement_between_two"),
            models.CheckConstraint(
                condition=Q(state="proposed") ^ Q(decided_at__isnull=False), name="power_settlement_decided_once"
            ),
            # No day is settled twice.
            ExclusionConstraint(
                name="power_settlement_period_once",
                expressions=[
                    (Func("period_start", "period_end", Value("[]"), function="daterange"), RangeOperators.OVERLAPS)
                ],
                condition=Q(state="binding"),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(name="balanced", when=pgtrigger.Before, operation=pgtrigger.Update, func=BALANCED)
        ]


class SettlementLine(models.Model):
    """One player's part, fen: what the division gives it, what prices gave it already, and what it therefore receives."""

    pk = models.CompositePrimaryKey("settlement", "player")
    settlement = models.ForeignKey(Settlement, on_delete=models.PROTECT, related_name="lines")
    player = models.CharField(max_length=100)
    position = models.PositiveSmallIntegerField()
    target_fen = models.BigIntegerField()
    settled_fen = models.BigIntegerField()
    transfer_fen = models.BigIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                condition=Q(transfer_fen=F("target_fen") - F("settled_fen")), name="power_line_transfer_is_difference"
            )
        ]


class SettlementSignature(models.Model):
    """That a grid signed the transfers; each side once."""

    pk = models.CompositePrimaryKey("settlement", "jurisdiction")
    settlement = models.ForeignKey(Settlement, on_delete=models.PROTECT, related_name="signatures")
    jurisdiction = models.CharField(max_length=5)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, to_field="public_id", related_name="+")
    signed_by = models.UUIDField()
    signed_at = models.DateTimeField()
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(jurisdiction__in=["CQ", "SC"]), name="power_signature_of_a_side"),
            models.UniqueConstraint(fields=["settlement", "signed_by"], name="power_signature_two_people"),
        ]
