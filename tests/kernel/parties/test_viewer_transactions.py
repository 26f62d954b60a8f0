"""The viewer's transactions as they really begin and end, on a database of the test's own."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import RequestFactory
from party_people import member

from bashu.kernel.commands.actor import Role
from bashu.kernel.parties import selectors
from bashu.kernel.parties.middleware import Viewer
from bashu.kernel.parties.models import Membership, Person

pytestmark = pytest.mark.slow


def asked(user: object = None) -> HttpRequest:
    """A GET as the authentication middleware hands it on."""
    request = RequestFactory().get("/")
    request.user = user or AnonymousUser()
    return request


def seen(_request: HttpRequest) -> HttpResponse:
    """A page that says how many memberships it sees."""
    return HttpResponse(str(Membership.objects.count()))


def test_a_streamed_answer_sees_as_its_viewer_to_the_last_byte_and_leaves_no_transaction(database):
    person = member(Role.ENTERPRISE).person

    def stream(_request: HttpRequest) -> StreamingHttpResponse:
        def lines() -> Iterator[str]:
            for row in Membership.objects.iterator(chunk_size=1):
                yield f"{row.role}\n"
            yield str(connection.in_atomic_block)

        return StreamingHttpResponse(lines())

    answer = Viewer(stream)(asked(user=person))
    assert not connection.in_atomic_block
    assert b"".join(answer.streaming_content) == b"enterprise\nTrue"
    assert not connection.in_atomic_block


def test_a_reader_who_goes_away_leaves_no_transaction(database):
    answer = Viewer(lambda request: StreamingHttpResponse(str(n) for n in range(3)))(asked())
    next(iter(answer.streaming_content))
    assert connection.in_atomic_block
    answer.close()
    assert not connection.in_atomic_block


def test_the_scope_ends_with_the_answer(database):
    person = member(Role.ENTERPRISE).person
    assert Viewer(seen)(asked(user=person)).content == b"1"
    assert Membership.objects.count() == 0


def test_a_write_s_reads_go_through_seen_by(database):
    found = member(Role.ENTERPRISE)
    with selectors.seen_by(found.actor):
        assert Membership.objects.count() == 1 and connection.in_atomic_block
    assert not connection.in_atomic_block


def test_a_page_that_fails_leaves_no_transaction(database):
    def broken(_request: HttpRequest) -> HttpResponse:
        raise ValueError

    with pytest.raises(ValueError):
        Viewer(broken)(asked())
    assert not connection.in_atomic_block


def test_a_streamed_answer_sees_one_moment_whatever_is_written_meanwhile(database):
    def stream(_request: HttpRequest) -> StreamingHttpResponse:
        return StreamingHttpResponse(str(Person.objects.count()) for _ in range(2))

    answer = iter(Viewer(stream)(asked()).streaming_content)
    first = next(answer)
    with ThreadPoolExecutor(1) as another:
        another.submit(somebody_else).result()
    assert next(answer) == first
    assert next(answer, None) is None
    assert Person.objects.count() == int(first) + 1


def somebody_else() -> None:
    """One more person, on a connection of another thread."""
    Person.objects.create(email="somebody.else@example.org")
    connection.close()
