"""The middleware that lets row-level security see who looks, and what it costs."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from party_people import member, token_of

from bashu.kernel.commands.actor import ANONYMOUS, ActorKind, Role
from bashu.kernel.errors import SignInNeeded
from bashu.kernel.parties.api_auth import caller, signed_in
from bashu.kernel.parties.middleware import Viewer
from bashu.kernel.parties.models import Membership

pytestmark = pytest.mark.django_db


def asked(method: str = "get", path: str = "/", user: object = None, **headers: str) -> HttpRequest:
    """A request as the authentication middleware hands it on."""
    request = getattr(RequestFactory(), method)(path, **headers)
    request.user = user or AnonymousUser()
    return request


def seen(_request: HttpRequest) -> HttpResponse:
    """A page that says how many memberships it sees."""
    return HttpResponse(str(Membership.objects.count()))


def statements(request: HttpRequest, view=lambda request: HttpResponse()) -> int:
    """Statements the middleware adds, savepoints of the test's own transaction left out."""
    with CaptureQueriesContext(connection) as caught:
        Viewer(view)(request)
    return sum("SAVEPOINT" not in query["sql"] for query in caught.captured_queries)


def test_nobody_costs_one_statement_and_sees_nothing():
    member(Role.ENTERPRISE)
    assert statements(asked()) == 1
    assert Viewer(seen)(asked()).content == b"0"


def test_a_session_costs_three_statements_and_sees_its_own():
    person = member(Role.ENTERPRISE).person
    assert statements(asked(user=person)) == 3
    assert Viewer(seen)(asked(user=person)).content == b"1"


def test_a_token_costs_two_and_counts_alone_on_the_api():
    owner, other = member(Role.ENTERPRISE), member(Role.VERIFIER)
    header = f"Bearer {token_of(owner, []).secret}"
    assert statements(asked(path="/api/v1/x", user=other.person, HTTP_AUTHORIZATION=header)) == 2
    request = asked(path="/api/v1/x", user=other.person, HTTP_AUTHORIZATION=header)
    assert Viewer(seen)(request).content == b"1"
    assert request.actor.kind is ActorKind.TOKEN and caller(request) is request.actor


def test_pages_take_no_tokens():
    request = asked(HTTP_AUTHORIZATION=f"Bearer {token_of(member(Role.ENTERPRISE), []).secret}")
    Viewer(seen)(request)
    assert request.actor == ANONYMOUS


def test_a_dead_token_is_refused_and_not_served_as_nobody():
    request = asked(path="/api/v1/x", HTTP_AUTHORIZATION="Bearer bashu_00000000_" + "x" * 43)
    Viewer(seen)(request)
    with pytest.raises(SignInNeeded):
        caller(request)


def test_operations_for_somebody_refuse_nobody():
    request = asked(path="/api/v1/x")
    Viewer(seen)(request)
    assert caller(request) == ANONYMOUS
    with pytest.raises(SignInNeeded):
        signed_in(request)


def test_a_write_asks_nothing_until_somebody_asks_who_acts():
    person = member(Role.ENTERPRISE).person
    assert statements(asked("post", user=person)) == 0
    request = asked("post", user=person)
    Viewer(lambda request: HttpResponse(request.actor.label))(request)
    assert request.actor.id == person.public_id


def test_health_is_answered_without_asking_the_database(django_assert_num_queries):
    with django_assert_num_queries(0):
        Viewer(lambda request: HttpResponse())(asked(path="/health/ready"))


def test_a_token_may_be_made_to_read_the_metrics():
    header = f"Bearer {token_of(member(Role.OPERATOR), ['web.metrics.read']).secret}"
    remote = {"HTTP_AUTHORIZATION": header, "REMOTE_ADDR": "203.0.113.9"}
    assert Client().get("/metrics", **remote).status_code == 200
    assert Client().get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 404
