"""Scenario trees, seen and written with their case; and how a long dispatch was solved."""

import django.db.models.deletion
import uuid_utils.compat
from django.db import migrations, models

from bashu.kernel.database.policies import revoke, row_security
from bashu.kernel.database.scope import JURISDICTIONS, ORGANISATIONS

SEEN = "EXISTS (SELECT 1 FROM power_case c WHERE c.id = case_id)"
WRITTEN = f"""EXISTS (
    SELECT 1 FROM power_case c WHERE c.id = case_id AND (
        c.organisation_id::text = ANY ({ORGANISATIONS}) OR c.jurisdiction = ANY ({JURISDICTIONS}) OR 'joint' = ANY ({JURISDICTIONS})
    )
)"""
STATES = [("asked", "Not solved yet"), ("optimal", "Optimal"), ("infeasible", "Infeasible"), ("failed", "No optimum")]


class Migration(migrations.Migration):
    dependencies = [("power", "0003_dispatch_powers")]

    operations = [
        migrations.AddField("dispatchrun", "way", models.JSONField(default=dict)),
        migrations.CreateModel(
            name="TreeResult",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, unique=True)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("chances", models.JSONField()),
                ("out_percent", models.PositiveSmallIntegerField()),
                ("status", models.CharField(choices=STATES, default="asked", max_length=10)),
                ("job", models.UUIDField(null=True)),
                ("asked_at", models.DateTimeField()),
                ("solved_at", models.DateTimeField(null=True)),
                ("leaves", models.JSONField(default=list)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="trees", to="power.case"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(out_percent__lte=100), name="power_tree_chance_of_outage"
                    ),
                    models.CheckConstraint(
                        condition=~models.Q(status="optimal") | ~models.Q(leaves=[]),
                        name="power_tree_optimum_has_leaves",
                    ),
                ]
            },
        ),
        row_security("power_treeresult", SEEN, WRITTEN),
        revoke("power_treeresult", "app", ["DELETE"]),
    ]
