"""Row-level security of parties, asked as the application role: it fails closed, and opens just as far as it should."""

import pytest
from django.db import ProgrammingError, connection, transaction
from party_people import Member, command, invited, member, node, organisation

from bashu.kernel.commands.actor import ANONYMOUS, Actor, Role
from bashu.kernel.database.scope import scope_set
from bashu.kernel.parties import selectors, services
from bashu.kernel.parties.models import ApiToken, Invitation, Membership, Organisation, SignIn

pytestmark = pytest.mark.django_db


def seen(actor: Actor, rows) -> set:
    """The primary keys that an actor sees in a transaction of his own: letters opened before in the test's do not count."""
    with selectors.seen_by(actor):
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('bashu.invitation', '', true)")
        return set(rows.values_list("pk", flat=True))


@pytest.fixture
def enterprise() -> Member:
    """A member of an enterprise in Chongqing, who has signed in, with an open invitation beside him."""
    found = member(Role.ENTERPRISE, "CQ")
    services.sign_in_note(person=found.person.public_id, outcome="entered", method="password", network="", agent="")
    invited(found.organisation, Role.ENTERPRISE)
    return found


def test_the_tests_run_as_the_restricted_role():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == ("bashu_app", False, False)


@pytest.mark.parametrize("model", [Membership, Invitation, ApiToken, SignIn])
def test_nobody_sees_nothing(enterprise, model):
    assert seen(ANONYMOUS, model.objects.all()) == set()


def test_names_of_organisations_are_public(enterprise):
    assert enterprise.organisation.pk in seen(ANONYMOUS, Organisation.objects.all())


def test_one_sees_oneself(enterprise):
    actor = enterprise.actor
    assert seen(actor, Membership.objects.all()) == {enterprise.membership.pk}
    assert seen(actor, SignIn.objects.all()) == set(seen(node(), SignIn.objects.filter(person=enterprise.person)))
    assert seen(actor, Invitation.objects.all()) == set()


def test_a_colleague_without_office_sees_nothing_of_one(enterprise):
    colleague = member(Role.ENTERPRISE, body=enterprise.organisation)
    assert seen(colleague.actor, Membership.objects.all()) == {colleague.membership.pk}
    assert seen(colleague.actor, SignIn.objects.filter(person=enterprise.person)) == set()


def test_the_organisation_s_operator_sees_its_members_and_letters_and_no_others():
    body, other = organisation(Role.AUTHORITY, "CQ"), member(Role.ENTERPRISE, "CQ")
    operator, official = member(Role.OPERATOR, body=body), member(Role.AUTHORITY, body=body)
    letter = invited(body, Role.AUTHORITY)
    found = seen(operator.actor, Membership.objects.all())
    assert {operator.membership.pk, official.membership.pk} <= found and other.membership.pk not in found
    assert letter.pk in seen(operator.actor, Invitation.objects.all())


def test_the_authority_sees_its_province_only(enterprise):
    here, there = member(Role.AUTHORITY, "CQ"), member(Role.AUTHORITY, "SC")
    for model in (
        Membership.objects.filter(pk=enterprise.membership.pk),
        Invitation.objects.filter(organisation=enterprise.organisation),
    ):
        assert seen(here.actor, model) and not seen(there.actor, model)


def test_the_joint_office_sees_both(enterprise):
    coordinator = member(Role.COORDINATOR)
    assert enterprise.membership.pk in seen(coordinator.actor, Membership.objects.all())


def test_an_ended_office_opens_nothing(enterprise):
    operator = member(Role.OPERATOR, body=organisation(Role.AUTHORITY, "CQ"))
    official = member(Role.AUTHORITY, body=operator.organisation)
    before = operator.actor
    services.membership_end(ctx=command(official.actor), membership=operator.membership)
    assert seen(before, Membership.objects.filter(pk=official.membership.pk)) == set()


def test_claiming_organisations_in_the_scope_opens_no_membership(enterprise):
    with transaction.atomic(), connection.cursor() as cursor:
        scope_set(cursor, person=None, organisations=[enterprise.organisation.public_id], jurisdictions=[])
        assert not Membership.objects.exists()


def test_nobody_writes_for_others(enterprise):
    selectors.set_scope(ANONYMOUS)
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        Membership.objects.create(
            person=enterprise.person,
            organisation=enterprise.organisation,
            role="verifier",
            since=enterprise.membership.since,
        )
    assert Membership.objects.filter(pk=enterprise.membership.pk).update(state="ended") == 0


@pytest.mark.parametrize("statement", [
    "DELETE FROM parties_signin", "UPDATE parties_signin SET outcome = 'left'", "DELETE FROM parties_organisation",
    "DELETE FROM parties_person", "TRUNCATE parties_membership",
])  # fmt: skip
def test_what_the_application_may_never_do(statement):
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
