"""`bashu parties` as the node's operator and as a person."""

import re
import subprocess
import sys

import pytest
from party_people import command, member, node
from typer.testing import CliRunner

from bashu.kernel.commands.actor import Role
from bashu.kernel.errors import Forbidden, NotFound
from bashu.kernel.parties import errors, selectors, services
from bashu.kernel.parties.cli import app
from bashu.kernel.parties.models import Organisation, Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(monkeypatch):
    """Run a command, as a person when one is named; its output."""

    def call(*arguments: str, as_: str = "") -> str:
        monkeypatch.setenv("BASHU_AS", as_)
        done = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    return call


def test_put_forward_by_the_node_and_admitted_by_a_second_person(run):
    applied = run("organisation", "add", "新公司", "--jurisdiction", "CQ", "--kind", "enterprise").split()[-1]
    with pytest.raises(errors.SecondPersonNeeded):
        run("organisation", "approve", applied)
    run("organisation", "approve", applied, as_=services.ADMINISTRATOR)
    assert Organisation.objects.get(public_id=applied).state == "active"
    assert applied in run("organisation", "list")
    run("organisation", "suspend", applied)
    with pytest.raises(Forbidden):
        run("organisation", "approve", applied, as_=member(Role.ENTERPRISE).person.email)


def test_invite_and_approve(run):
    body = member(Role.ENTERPRISE).organisation
    link = run("invite", str(body.public_id), "enterprise", "new@example.org", as_=services.ADMINISTRATOR)
    secret = re.search(r"secret=(\S+)", link)[1]
    letter = selectors.invitation_open(secret)
    pending = services.invitation_accept(
        ctx=command(services.invitee(letter)),
        invitation=letter,
        secret=secret,
        display_name="新人",
        password="a sentence nobody guesses",
    )
    assert str(pending.public_id) in run("members", str(body.public_id))
    run("approve", str(pending.public_id))
    selectors.set_scope(node())
    pending.refresh_from_db()
    assert pending.state == "active"


def test_a_token_is_made_as_a_person_and_revoked(run):
    owner = member(Role.ENTERPRISE)
    secret = run("token", "create", "脚本", "--scope", "parties.", as_=owner.person.email).strip()
    assert selectors.actor_of_token(secret) is not None
    run("token", "revoke", secret.split("_")[1], as_=owner.person.email)
    assert selectors.actor_of_token(secret) is None
    with pytest.raises(NotFound):
        run("token", "create", "脚本")


def test_erasing_asks_first(run):
    person = member(Role.ENTERPRISE).person
    refused = CliRunner().invoke(app, ["person", "erase", person.email], input="n\n")
    assert refused.exit_code == 1 and Person.objects.get(pk=person.pk).email
    run("person", "erase", person.email, "--yes")
    assert Person.objects.get(pk=person.pk).email is None


def test_an_unknown_person_is_not_found(run):
    with pytest.raises(NotFound):
        run("organisation", "list", as_="nobody@example.org")


def test_a_scope_may_name_a_command_of_a_system_that_this_process_has_not_met():
    program = (
        "import django; django.setup(); from bashu.kernel.parties import cli, services; cli.declare_all(); "
        "print(services.known_scopes(['power.case.start', 'logistics.']))"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert "power.case.start" in said.stdout
