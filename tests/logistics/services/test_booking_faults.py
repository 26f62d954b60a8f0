"""Bookings under faults: eight writers on the last box, kill -9 and lost connections at every step, one key twice at once."""

import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.db import connection, connections

from bashu.kernel.database.connection import connect
from bashu.kernel.database.layout import OWNER
from bashu.kernel.errors import Unavailable
from bashu.logistics import errors
from bashu.logistics.services.booking import consignment_hold
from harbour import command, goods, parties

WRITERS = 8
FULL = {("RAIL", "T0"): 2, ("LSC", "T0"): 2, ("SEA", "T0"): 2}
STEPS = 6  # five statements, then the commit
# What must agree: consignments, terms, a box each, four legs each, held space of three legs each, entries and receipts.
WHOLE = """
    SELECT (SELECT count(*) FROM logistics_consignment), (SELECT count(*) FROM logistics_terms), (SELECT count(*) FROM logistics_box),
           (SELECT count(*) / 4 FROM logistics_leg), (SELECT count(*) / 3 FROM logistics_legdeparture),
           (SELECT count(*) FROM journal_entry WHERE kind = 'logistics.consignment.hold'),
           (SELECT count(*) FROM journal_unsealed u JOIN journal_entry e ON e.id = u.entry_id WHERE e.kind = 'logistics.consignment.hold'),
           (SELECT count(*) FROM commands_receipt WHERE command = 'logistics.consignment.hold'),
           (SELECT sum(held_teu) / 6 FROM logistics_departure)
"""


def hold(harbour, by: str = "enterprise.CQ", key: str = "k", **options) -> Any:
    """Hold one 40-foot box on the first day under a key."""
    quote = harbour.tokens.setdefault(
        "quote", harbour.quote()
    )  # a token says when it was signed: the same one for the same request
    return consignment_hold(
        ctx=command(harbour.actors[by], key=key),
        shipper=harbour.organisations[by],
        quote=quote,
        goods=goods(**options),
        parties=parties(),
    )


@pytest.fixture
def whole(server, database) -> Callable[[], int]:
    """How many bookings there are, once everything agrees on the number."""

    def count() -> int:
        with connect(server, OWNER, database) as owner:
            found = {int(number) for number in owner.execute(WHOLE).fetchone()}
        assert len(found) == 1, found
        return found.pop()

    return count


def at_once(works: list[Callable[[], Any]]) -> list[Any]:
    """Run each in a thread with a connection of its own; results or refusals."""

    def run(work: Callable[[], Any]) -> Any:
        try:
            return work()
        except (errors.SpaceGone, Unavailable) as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def at_step(step: int, act: Callable[[], None]) -> Callable[[], None]:
    """Do something just before a statement of this process is sent, or (the last step) before it commits; returns what undoes it."""
    execute, commit, done = psycopg.Cursor.execute, psycopg.Connection.commit, [0]

    def executed(cursor: Any, *arguments: Any, **options: Any) -> Any:
        done[0] += 1
        if done[0] == step:
            act()
        return execute(cursor, *arguments, **options)

    def committed(found: Any) -> None:
        if step == STEPS:
            act()
        commit(found)

    def undo() -> None:
        psycopg.Cursor.execute, psycopg.Connection.commit = execute, commit  # type: ignore[method-assign]

    psycopg.Cursor.execute, psycopg.Connection.commit = executed, committed  # type: ignore[method-assign]
    return undo


@pytest.mark.slow
def test_eight_writers_on_the_last_box_book_it_once(database, harbour, whole) -> None:
    from bashu.logistics.models import Departure

    Departure.objects.filter(service="LSC", trip="T0").update(capacity_teu=2)
    shippers = ("enterprise.CQ", "enterprise.SC")
    results = at_once([lambda n=n: hold(harbour, by=shippers[n % 2], key=f"k{n}") for n in range(WRITERS)])
    refused = [one for one in results if isinstance(one, errors.SpaceGone)]
    assert len(refused) == WRITERS - 1, results
    assert harbour.held() == FULL
    assert whole() == 1


@pytest.mark.slow
def test_eight_writers_with_one_key_book_once(database, harbour, whole) -> None:
    results = at_once([lambda: hold(harbour)] * WRITERS)
    assert len({one.public_id for one in results}) == 1, results
    assert whole() == 1


@pytest.mark.slow
def test_writers_on_crossing_ways_never_wait_in_a_circle(database, harbour, whole) -> None:
    results = at_once([lambda n=n: hold(harbour, key=f"k{n}") for n in range(5)])
    assert [one for one in results if isinstance(one, BaseException)] == []
    assert harbour.held() == dict.fromkeys(FULL, 10)
    assert whole() == 5


@pytest.mark.slow
@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_kill_minus_nine_at_a_step_leaves_nothing_and_the_same_key_books_once(database, harbour, whole, step) -> None:
    hold(harbour, key="warm")  # the network is read, its statements are known
    before = whole()
    connections.close_all()
    child = os.fork()
    if child == 0:
        at_step(step, lambda: os.kill(os.getpid(), signal.SIGKILL))
        hold(harbour)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    assert whole() == before
    first = hold(harbour)
    assert hold(harbour).public_id == first.public_id
    assert whole() == before + 1


@pytest.mark.slow
@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_a_connection_lost_at_a_step_is_said_and_the_same_key_books_once(
    server, database, harbour, whole, step
) -> None:
    hold(harbour, key="warm")
    before = whole()

    def cut() -> None:
        undo()
        pid = connection.connection.info.backend_pid
        with connect(server, OWNER, database) as owner:
            owner.execute("SELECT pg_terminate_backend(%s)", [pid])

    undo = at_step(step, cut)
    try:
        with pytest.raises(Unavailable, match="same key"):
            hold(harbour)
    finally:
        undo()
        connection.close()
    assert whole() == before
    hold(harbour)
    assert whole() == before + 1
