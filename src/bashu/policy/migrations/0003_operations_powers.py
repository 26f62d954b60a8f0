"""Who sees and who writes operations. What was done is added to and never changed.

An enterprise sees its own, a province's offices what concerns their province, the joint office all. Registers (catalogues,
delegations, land, tariffs) are public.
"""

from django.db import migrations

from bashu.kernel.database.policies import revoke, row_security
from bashu.kernel.database.scope import JURISDICTIONS, ORGANISATIONS

JOINT = f"'joint' = ANY ({JURISDICTIONS})"
OFFICES = f"{JURISDICTIONS} IS NOT NULL"
OWN = f"organisation_id::text = ANY ({ORGANISATIONS})"
OF_PROFILE = f"{OWN} OR jurisdiction = ANY ({JURISDICTIONS}) OR {JOINT}"
OF_PROVINCE = f"{OWN} OR province = ANY ({JURISDICTIONS}) OR {JOINT}"
# What was granted is known to both provinces, or the same topic would be paid twice.
OF_BOTH = f"{OWN} OR {OFFICES}"
# The sub-select is itself under the policy above.
OF_APPLICATION = "EXISTS (SELECT 1 FROM policy_application application WHERE application.id = application_id)"
# Land is moved by offices of its side, and by a body to which one of that side's authorities lent the power.
MOVES_LAND = f"""
    {JOINT} OR side = ANY ({JURISDICTIONS}) OR EXISTS (
        SELECT 1 FROM policy_delegation lent
        WHERE lent.province = side AND lent.revoked_on IS NULL AND lent.delegate_id::text = ANY ({ORGANISATIONS})
    )
"""
OF_LAND = "EXISTS (SELECT 1 FROM policy_landaccount account WHERE account.id = account_id)"
DELEGATES = f"delegator_id::text = ANY ({ORGANISATIONS}) OR {JOINT}"
PUBLIC = "true"
KEPT = (
    "appeal", "application", "award", "budget", "catalogue", "delegatedact", "delegation", "item", "landaccount", "landentry",
    "landreservation", "offer", "offerbatch", "payment", "profilefact", "step", "supportaccount", "tariff",
)  # fmt: skip
ADDED_TO = ("award", "delegatedact", "item", "landentry", "offerbatch", "payment", "step")


class Migration(migrations.Migration):
    dependencies = [("policy", "0002_powers")]

    operations = [
        row_security("policy_profilefact", OF_PROFILE),
        row_security("policy_catalogue", PUBLIC, JOINT),
        row_security("policy_item", PUBLIC, JOINT),
        row_security("policy_budget", PUBLIC, OFFICES),
        row_security("policy_budget_items", PUBLIC, JOINT),
        row_security("policy_offerbatch", OFFICES, JOINT),
        row_security("policy_offer", OF_PROVINCE),
        row_security("policy_application", OF_PROVINCE),
        row_security("policy_supportaccount", OF_BOTH),
        row_security("policy_award", OF_BOTH),
        *[row_security(f"policy_{table}", OF_APPLICATION) for table in ("step", "payment", "appeal")],
        row_security("policy_delegation", PUBLIC, DELEGATES),
        row_security("policy_delegatedact", PUBLIC, OWN),
        row_security("policy_landaccount", PUBLIC, MOVES_LAND),
        *[row_security(f"policy_{table}", PUBLIC, OF_LAND) for table in ("landreservation", "landentry")],
        row_security("policy_tariff", PUBLIC, OFFICES),
        *[revoke(f"policy_{table}", role, ["DELETE"]) for table in KEPT for role in ("app", "system")],
        *[revoke(f"policy_{table}", role, ["UPDATE"]) for table in ADDED_TO for role in ("app", "system")],
    ]
