"""Who sees and who writes: the network is public, a consignment is its parties' own, figures are read as sums."""

from django.db import migrations

from bashu.kernel.database.policies import revoke, row_security
from bashu.kernel.database.scope import JURISDICTIONS, ORGANISATIONS

# The organisations named in the row, and the joint office, which answers for the whole.
READERS = f"readers && {ORGANISATIONS}::uuid[] OR 'joint' = ANY ({JURISDICTIONS})"
# What belongs to a consignment or a leg is seen with it: the sub-select is itself under the policy above.
OF_CONSIGNMENT = "EXISTS (SELECT 1 FROM logistics_consignment one WHERE one.id = consignment_id)"
OF_LEG = "EXISTS (SELECT 1 FROM logistics_leg one WHERE one.id = leg_id)"
OWN = f"organisation_id = ANY ({ORGANISATIONS}::uuid[]) OR 'joint' = ANY ({JURISDICTIONS})"
NODE = f"'joint' = ANY ({JURISDICTIONS})"

# Sums without subjects: what one consignment was worth is nobody's business, what the corridor carried is everybody's.
MEASURED = """
    CREATE FUNCTION logistics_measured(first date, last date)
    RETURNS TABLE (
        indicator text, corridor text, mode text, month date, subjects bigint, total numeric, median bigint, ninth_decile bigint
    )
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT one.indicator::text, one.corridor::text, one.mode::text, date_trunc('month', one.day)::date, count(*), sum(one.amount),
               percentile_disc(0.5) WITHIN GROUP (ORDER BY one.amount), percentile_disc(0.9) WITHIN GROUP (ORDER BY one.amount)
        FROM logistics_measure one WHERE one.day BETWEEN first AND last GROUP BY 1, 2, 3, 4
    $$
"""


class Migration(migrations.Migration):
    dependencies = [("logistics", "0001_initial")]

    operations = [
        *[row_security(f"logistics_{table}", READERS) for table in ("consignment", "terms", "leg", "declaration", "transit", "event")],
        *[row_security(f"logistics_{table}", OF_CONSIGNMENT) for table in ("box", "document")],
        row_security("logistics_legdeparture", OF_LEG),
        row_security("logistics_notification", OWN),
        row_security("logistics_measure", NODE),
        # Room on each page for the next version of a row: then a booking touches none of the table's indexes.
        migrations.RunSQL("ALTER TABLE logistics_departure SET (fillfactor = 70)", "ALTER TABLE logistics_departure RESET (fillfactor)"),
        migrations.RunSQL(MEASURED, "DROP FUNCTION logistics_measured(date, date)"),
        *[
            revoke(f"logistics_{table}", "app", ["DELETE"])
            for table in (
                "networkversion", "departure", "closure", "consignment", "terms", "box", "leg", "document", "portoffice",
                "declaration", "transit", "event", "notification",
            )
        ],
    ]  # fmt: skip
