"""Who sees and who writes. Units, batches, retirements and claims are public: a claim that nobody can check is none.

Meters and holdings are their owners', their registry's and the offices' business, settlements the two grids' until they bind.
"""

from django.db import migrations

from bashu.kernel.database.policies import revoke, row_security
from bashu.kernel.database.scope import JURISDICTIONS, ORGANISATIONS

JOINT = f"'joint' = ANY ({JURISDICTIONS})"
ANY_OFFICE = f"{JURISDICTIONS} IS NOT NULL"


def mine(column: str) -> str:
    """That the actor acts for the organisation in a column."""
    return f"{column}::text = ANY ({ORGANISATIONS})"


def of_unit(condition: str, unit: str = "unit_id") -> str:
    """A condition on the unit `u` that a row belongs to."""
    return f"EXISTS (SELECT 1 FROM power_unit u WHERE u.id = {unit} AND ({condition}))"


KEEPER = f"{mine('u.registry_id')} OR u.jurisdiction = ANY ({JURISDICTIONS}) OR {JOINT}"
KEPT = of_unit(KEEPER)
METERED = of_unit(f"{mine('u.owner_id')} OR {KEEPER}")
# Who declines an offer hands the holding back: the row it leaves is no longer its own. The service names that one row for the
# length of its transaction, and the offer says that it was made to the actor.
HANDED_BACK = f"""(
    power_holding.public_id::text = current_setting('bashu.handed_back', true) AND EXISTS (
        SELECT 1 FROM power_transfer t WHERE t.unit_id = power_holding.unit_id AND t.first = power_holding.first
        AND {mine("t.receiver_id")}
    )
)"""
HELD = f"{mine('owner_id')} OR {mine('offered_to_id')} OR {KEPT} OR {HANDED_BACK}"
OFFERED = f"{mine('giver_id')} OR {mine('receiver_id')} OR {KEPT}"
BENEFITS = f"""{ANY_OFFICE} OR EXISTS (
    SELECT 1 FROM power_retirement r WHERE r.id = retirement_id AND ({mine("r.beneficiary_id")})
)"""
CONSUMED = f"""{mine("organisation_id")} OR {JOINT} OR EXISTS (
    SELECT 1 FROM parties_organisation o WHERE o.public_id = organisation_id AND o.jurisdiction = ANY ({JURISDICTIONS})
)"""
PARTY = f"{mine('proposer_id')} OR {mine('counterparty_id')}"
SETTLED = "EXISTS (SELECT 1 FROM power_settlement s WHERE s.id = settlement_id)"
DRAWN_UP = f"EXISTS (SELECT 1 FROM power_settlement s WHERE s.id = settlement_id AND {mine('s.proposer_id')})"

INSERT_ONLY = (
    "meteredhour", "certifiedhour", "batch", "retirement", "retirementclaim", "creditclaim", "consumedhour", "areahour",
    "areaflow", "settlementline", "settlementsignature",
)  # fmt: skip
KEPT_FOR_GOOD = ("unit", "holding", "transfer", "settlement", *INSERT_ONLY)


class Migration(migrations.Migration):
    dependencies = [("power", "0001_initial")]

    operations = [
        row_security("power_unit", "true", f"{mine('registry_id')} OR jurisdiction = ANY ({JURISDICTIONS}) OR {JOINT}"),
        row_security("power_meteredhour", METERED, KEPT),
        row_security("power_certifiedhour", "true", KEPT),
        row_security("power_batch", "true", KEPT),
        row_security("power_holding", HELD),
        row_security("power_transfer", OFFERED, f"{mine('giver_id')} OR {mine('receiver_id')}"),
        row_security("power_retirement", "true", mine("owner_id")),
        row_security("power_retirementclaim", "true", BENEFITS),
        row_security("power_creditclaim", "true", METERED),
        row_security("power_consumedhour", CONSUMED),
        row_security("power_areahour", "true", f"{ORGANISATIONS} IS NOT NULL"),
        row_security("power_areaflow", "true", f"{ORGANISATIONS} IS NOT NULL"),
        row_security("power_settlement", f"state = 'binding' OR {PARTY} OR {ANY_OFFICE}", PARTY),
        row_security("power_settlementline", SETTLED, DRAWN_UP),
        row_security("power_settlementsignature", SETTLED, mine("organisation_id")),
        *[revoke(f"power_{table}", "app", ["UPDATE"]) for table in INSERT_ONLY],
        *[revoke(f"power_{table}", "app", ["DELETE"]) for table in KEPT_FOR_GOOD],
    ]
