"""Who sees which party in the database, and the two questions that are answered before anybody is known.

The functions run as their owner, whom the policies do not bind: so a policy can ask for the viewer's own memberships without
asking itself, and a token can be found by whoever holds its secret. Each has a fixed search path and returns no more than its
purpose needs.
"""
from django.db import migrations

from bashu.kernel.database.policies import revoke, row_security
from bashu.kernel.database.scope import JURISDICTIONS, PERSON

FIXED = "SECURITY DEFINER SET search_path = pg_catalog, pg_temp"

# The person behind the scope: himself, or the owner of the token that acts; null for nobody and for the node.
VIEWER = f"""
CREATE FUNCTION parties_viewer() RETURNS uuid LANGUAGE sql STABLE {FIXED} AS $$
    SELECT coalesce(
        (SELECT public_id FROM public.parties_person WHERE public_id::text = {PERSON}),
        (SELECT m.person_id FROM public.parties_apitoken t JOIN public.parties_membership m ON m.id = t.membership_id
         WHERE t.public_id::text = {PERSON})
    )
$$
"""

# The organisations in which the viewer holds an active office role, as the rows say, not as the application claims.
OFFICES = f"""
CREATE FUNCTION parties_offices() RETURNS uuid[] LANGUAGE sql STABLE {FIXED} AS $$
    SELECT coalesce(array_agg(m.organisation_id), '{{}}') FROM public.parties_membership m
    JOIN public.parties_organisation o ON o.public_id = m.organisation_id
    WHERE m.person_id = public.parties_viewer() AND m.state = 'active' AND o.state = 'active'
      AND m.role IN ('coordinator', 'authority', 'operator')
$$
"""

# One live token by its digest, and the hour of its use noted. VOLATILE: it writes that hour, at most once an hour.
TOKEN = f"""
CREATE FUNCTION parties_token_open(wanted bytea) RETURNS TABLE (
    token uuid, digest bytea, scopes text[], role text, organisation uuid, organisation_name text, jurisdiction text
) LANGUAGE sql VOLATILE {FIXED} AS $$
    UPDATE public.parties_apitoken SET last_used_at = date_trunc('hour', now())
    WHERE parties_apitoken.digest = wanted AND revoked_at IS NULL AND expires_at > now()
      AND last_used_at IS DISTINCT FROM date_trunc('hour', now());
    SELECT t.public_id, t.digest, t.scopes::text[], m.role::text, o.public_id, o.name_zh::text, o.jurisdiction::text
    FROM public.parties_apitoken t
    JOIN public.parties_membership m ON m.id = t.membership_id AND m.state = 'active'
    JOIN public.parties_person p ON p.public_id = m.person_id AND p.is_active
    JOIN public.parties_organisation o ON o.public_id = m.organisation_id AND o.state = 'active'
    WHERE t.digest = wanted AND t.revoked_at IS NULL AND t.expires_at > now()
$$
"""


def function(create: str, name: str) -> migrations.RunSQL:
    """Make a function that the application and the system may call, and nobody else."""
    return migrations.RunSQL(
        [create, f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC", f"GRANT EXECUTE ON FUNCTION {name} TO bashu_app, bashu_system"],
        f"DROP FUNCTION {name}",
    )


JOINT = f"'joint' = ANY ({JURISDICTIONS})"
OF_MY_JURISDICTION = f"""EXISTS (
    SELECT 1 FROM parties_organisation o WHERE o.public_id = organisation_id AND o.jurisdiction = ANY ({JURISDICTIONS})
)"""
OF_MY_OFFICE = "organisation_id = ANY ((SELECT parties_offices())::uuid[])"

ORGANISATION_WRITES = f"(state = 'applied' AND {PERSON} IS NOT NULL) OR jurisdiction = ANY ({JURISDICTIONS}) OR {JOINT}"
# A member about to be has no row yet for `parties_viewer` to find: his id in the scope must do.
MEMBERSHIPS = f"""person_id = (SELECT parties_viewer()) OR person_id::text = {PERSON}
    OR {OF_MY_OFFICE} OR {OF_MY_JURISDICTION} OR {JOINT}"""
INVITATIONS = f"""encode(digest, 'hex') = nullif(current_setting('bashu.invitation', true), '')
    OR {OF_MY_OFFICE} OR {OF_MY_JURISDICTION} OR {JOINT}"""
# The policies on memberships bind these subqueries too: what hangs on a membership is seen where the membership is.
TOKENS = "EXISTS (SELECT 1 FROM parties_membership m WHERE m.id = membership_id)"
SIGN_INS = f"""person_id = (SELECT parties_viewer())
    OR EXISTS (SELECT 1 FROM parties_membership m WHERE m.person_id = parties_signin.person_id) OR {JOINT}"""


class Migration(migrations.Migration):
    dependencies = [("parties", "0001_initial")]

    operations = [
        function(VIEWER, "parties_viewer()"),
        function(OFFICES, "parties_offices()"),
        function(TOKEN, "parties_token_open(bytea)"),
        row_security("parties_organisation", "true", check=ORGANISATION_WRITES),
        row_security("parties_membership", MEMBERSHIPS),
        row_security("parties_invitation", INVITATIONS),
        row_security("parties_apitoken", TOKENS),
        row_security("parties_signin", SIGN_INS, check="true"),
        *[revoke(f"parties_{table}", "app", ["DELETE"]) for table in ("organisation", "person", "membership", "invitation", "apitoken")],
        revoke("parties_signin", "app", ["UPDATE", "DELETE"]),
    ]
