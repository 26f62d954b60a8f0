"""Who may do what to the journal: the application writes entries and erases bodies, the sealer seals."""
from django.db import migrations

from bashu.kernel.database.policies import revoke, row_security
from bashu.kernel.database.scope import JURISDICTIONS, ORGANISATIONS

# A body is read by everybody when its entry is public, else by the acting organisation and the offices of its jurisdiction.
READERS = f"""EXISTS (
    SELECT 1 FROM journal_entry entry WHERE entry.id = entry_id AND (
        entry.public OR entry.organisation::text = ANY ({ORGANISATIONS})
        OR entry.jurisdiction = ANY ({JURISDICTIONS}) OR 'joint' = ANY ({JURISDICTIONS})
    )
)"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]

    operations = [
        row_security("journal_body", READERS, check="true"),
        revoke("journal_entry", "app", ["UPDATE", "DELETE"]),
        revoke("journal_entry", "system", ["UPDATE", "DELETE"]),
        revoke("journal_body", "app", ["DELETE"]),
        revoke("journal_body", "system", ["DELETE"]),
        revoke("journal_unsealed", "app", ["UPDATE", "DELETE"]),
        *[revoke(f"journal_{table}", "app", ["INSERT", "UPDATE", "DELETE"]) for table in ("leaf", "node", "key", "checkpoint")],
        *[revoke(f"journal_{table}", "system", ["UPDATE", "DELETE"]) for table in ("leaf", "node", "key", "checkpoint")],
    ]
