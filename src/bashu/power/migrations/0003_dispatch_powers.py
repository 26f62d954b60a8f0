"""Who sees and who writes: a published case is public with its runs and divisions; until then its organisation and offices see it."""

from django.db import migrations

from bashu.kernel.database.policies import revoke, row_security
from bashu.kernel.database.scope import JURISDICTIONS, ORGANISATIONS

OWN = f"organisation_id::text = ANY ({ORGANISATIONS}) OR jurisdiction = ANY ({JURISDICTIONS}) OR 'joint' = ANY ({JURISDICTIONS})"
# What belongs to a case is seen with it: the sub-select is itself under the case's policy. It is written by who may write the case.
SEEN = "EXISTS (SELECT 1 FROM power_case c WHERE c.id = case_id)"
WRITTEN = f"EXISTS (SELECT 1 FROM power_case c WHERE c.id = case_id AND (c.{OWN.replace(' OR jurisdiction', ' OR c.jurisdiction')}))"


class Migration(migrations.Migration):
    dependencies = [("power", "0002_powers")]

    operations = [
        row_security("power_case", f"published_at IS NOT NULL OR {OWN}", OWN),
        row_security("power_dispatchrun", SEEN, WRITTEN),
        row_security("power_gameresult", SEEN, WRITTEN),
        *[revoke(f"power_{table}", "app", ["DELETE"]) for table in ("case", "dispatchrun", "gameresult")],
    ]
