"""The demonstration's logins: made through the services, the same after a rebuild, never on a real node."""

import stat

import pytest
from django.test import Client

from bashu.kernel.commands.actor import Role
from bashu.kernel.parties import demo
from bashu.kernel.parties.models import Person
from bashu.kernel.parties.selectors import actor_of_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def demonstration(settings, tmp_path) -> None:
    """A node that shows the demonstration, with a home of its own."""
    settings.BASHU_DEMO, settings.BASHU_HOME = True, tmp_path


def test_a_real_node_has_none():
    assert demo.logins() == []
    with pytest.raises(RuntimeError):
        demo.logins_ensure()


def test_each_role_signs_in_in_each_province(demonstration):
    logins = demo.logins_ensure()
    found = {}
    for login in logins:
        assert Client().post("/accounts/login/", {"login": login.email, "password": login.password}).status_code == 302
        (grant,) = actor_of_person(Person.objects.get(email=login.email)).grants
        found.setdefault(grant.role, set()).add(grant.jurisdiction)
    sides = {"CQ", "SC"}
    assert found == {
        role: {"joint"} if role is Role.COORDINATOR else sides | {"joint"} if role is Role.OPERATOR else sides
        for role in Role
    }  # the area's body has an operator of its own


def test_a_second_start_changes_nothing_and_the_file_is_private(demonstration):
    first = demo.logins_ensure()
    people = Person.objects.count()
    assert demo.logins_ensure() == first and Person.objects.count() == people
    assert stat.S_IMODE(demo.path().stat().st_mode) == 0o600


def test_the_sign_in_page_shows_them(demonstration):
    login = demo.logins_ensure()[0]
    assert login.password in Client().get("/accounts/login/").content.decode()
