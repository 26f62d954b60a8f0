"""Runs of the rules that were kept: the rule files as they read, each entity's facts, and what came out."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bashu.kernel.commands.actor import Where
from bashu.kernel.commands.models import Record
from bashu.kernel.parties.models import Organisation

DIGEST = r"^sha256:[0-9a-f]{64}$"


class RuleFiles(models.Model):
    """The files of one rule folder, word for word, kept once: name → text. `digest` is that of the rule set they make."""

    digest = models.CharField(max_length=71, primary_key=True)
    files = models.JSONField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(digest__regex=DIGEST), name="rulefiles_digest_form")]


class Kept(Record):
    """What a run and a study share: whose it is, under which rules, for which period."""

    rules = models.ForeignKey(RuleFiles, on_delete=models.PROTECT, related_name="+")
    period = models.CharField(max_length=10)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, to_field="public_id", related_name="+")
    jurisdiction = models.CharField(max_length=10)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()

    class Meta:
        abstract = True

    @property
    def where(self) -> Where:
        """Whose matter it is: its organisation's, and that of the offices of its side."""
        return Where(self.organisation_id, self.jurisdiction)


class EvaluationRun(Kept):
    """One evaluation kept. `digest` covers every entity's digest in order; `engine`: the version that computed it."""

    file = models.CharField(max_length=200)
    engine = models.CharField(max_length=40)
    items = models.JSONField()
    entities = models.PositiveIntegerField()
    digest = models.CharField(max_length=71)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(digest__regex=DIGEST), name="run_digest_form")]


class EvaluatedEntity(models.Model):
    """One entity of a run: its line as it was told, and by item [cq, sc, payable, rate winner] in fen, null without a result."""

    pk = models.CompositePrimaryKey("run", "number")
    run = models.ForeignKey(EvaluationRun, on_delete=models.PROTECT, related_name="evaluated")
    number = models.PositiveIntegerField()
    entity = models.CharField(max_length=200)
    line = models.TextField()
    results = models.JSONField()
    digest = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "entity"], name="evaluated_entity_once")]


class WhatIfStudy(Kept):
    """What a changed number would do to a population; a job computes it. `outcome` is null until then, `table` is gzipped CSV."""

    class Population(models.TextChoices):
        """Whose facts are computed with."""

        MADE_UP = "made_up", _("Made-up enterprises")
        UPLOADED = "uploaded", _("Uploaded file")

    change = models.JSONField()
    population = models.CharField(max_length=8, choices=Population.choices)
    size = models.PositiveIntegerField()
    entities = models.BinaryField()
    job = models.UUIDField(null=True)
    outcome = models.JSONField(null=True)
    table = models.BinaryField(null=True)

    @property
    def address(self) -> str:
        """The study's page."""
        return reverse("policy:whatif_study", args=[self.public_id])
