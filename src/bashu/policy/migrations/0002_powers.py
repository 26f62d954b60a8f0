"""Who sees what was kept: the organisation itself, the offices of its side, the joint offices. What is kept is not changed."""

from django.db import migrations

from bashu.kernel.database.policies import revoke, row_security
from bashu.kernel.database.scope import JURISDICTIONS, ORGANISATIONS

OWN = f"""
    organisation_id::text = ANY ({ORGANISATIONS}) OR jurisdiction = ANY ({JURISDICTIONS})
    OR 'joint' = ANY ({JURISDICTIONS}) OR (jurisdiction = 'joint' AND {JURISDICTIONS} IS NOT NULL)
"""
# What belongs to a run is seen with it: the sub-selects are themselves under the policy above. Rule files are written before
# the run that cites them, and seen through it alone: a draft of rules is its organisation's own matter.
OF_RUN = "EXISTS (SELECT 1 FROM policy_evaluationrun run WHERE run.id = run_id)"
OF_RULES = """
    EXISTS (SELECT 1 FROM policy_evaluationrun run WHERE run.rules_id = policy_rulefiles.digest)
    OR EXISTS (SELECT 1 FROM policy_whatifstudy study WHERE study.rules_id = policy_rulefiles.digest)
"""


class Migration(migrations.Migration):
    dependencies = [("policy", "0001_initial")]

    operations = [
        row_security("policy_evaluationrun", OWN),
        row_security("policy_whatifstudy", OWN),
        row_security("policy_evaluatedentity", OF_RUN),
        row_security("policy_rulefiles", OF_RULES, "true"),
        *[
            revoke(f"policy_{table}", role, ["UPDATE", "DELETE"])
            for table in ("evaluationrun", "evaluatedentity", "rulefiles")
            for role in ("app", "system")
        ],
        revoke("policy_whatifstudy", "app", ["DELETE"]),
    ]
