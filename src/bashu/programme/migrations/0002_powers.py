"""Who sees and who writes: figures are public once confirmed; facts change with the package only."""

from django.db import migrations

from bashu.kernel.database.policies import revoke, row_security
from bashu.kernel.database.scope import JURISDICTIONS, ORGANISATIONS

# Until it is confirmed a figure is seen by the organisation that reported it and by the offices of its side.
READING = f"""
    state = 'confirmed' OR organisation_id::text = ANY ({ORGANISATIONS}) OR jurisdiction = ANY ({JURISDICTIONS})
    OR 'joint' = ANY ({JURISDICTIONS}) OR (jurisdiction = 'joint' AND {JURISDICTIONS} IS NOT NULL)
"""
# What belongs to a reading is seen with it: the sub-select is itself under the policy above.
OF_READING = "EXISTS (SELECT 1 FROM programme_reading reading WHERE reading.id = reading_id)"
# A file is seen with a reading that it supports, and by the organisation that brought it.
OF_EVIDENCE = f"""
    organisation_id::text = ANY ({ORGANISATIONS})
    OR EXISTS (SELECT 1 FROM programme_evidence_readings link WHERE link.evidence_id = programme_evidence.id)
"""
FACTS = ("source", "body", "document", "document_owners", "statement", "target", "target_owners", "count", "unknown")


class Migration(migrations.Migration):
    dependencies = [("programme", "0001_initial")]

    operations = [
        row_security("programme_reading", READING),
        row_security("programme_rosterline", OF_READING),
        row_security("programme_evidence_readings", OF_READING),
        row_security("programme_evidence", OF_EVIDENCE),
        *[revoke(f"programme_{table}", role, ["INSERT", "UPDATE", "DELETE"]) for table in FACTS for role in ("app", "system")],
        *[revoke(f"programme_{table}", "app", ["INSERT", "DELETE"]) for table in ("task",)],
        revoke("programme_task_owners", "app", ["INSERT", "UPDATE", "DELETE"]),
        *[
            revoke(f"programme_{table}", "app", ["DELETE"])
            for table in ("reading", "evidence", "rosterline", "statuschange", "milestone", "blocker", "plan", "planitem")
        ],
        *[revoke(f"programme_{table}", "app", ["UPDATE"]) for table in ("evidence", "rosterline", "statuschange")],
    ]
