"""Many hands on the last megawatt-hour, two claimers of one retirement, and a command whose connection dies: real commits."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import partial
from unittest.mock import patch

import pytest
from django.db import connection

from bashu.kernel.database.layout import OWNER
from bashu.kernel.database.prepare import connect
from bashu.kernel.errors import BashuError, Unavailable
from bashu.kernel.journal.models import Entry
from bashu.kernel.parties.selectors import seen_by
from bashu.power.models import Batch, Holding, Retirement, RetirementClaim
from bashu.power.services import certificates
from bashu.power.services.certificates import batch_issue, certificates_retire, retirement_claim, transfer_offer

pytestmark = pytest.mark.slow
WRITERS = 8


def at_once(acts: list[Callable[[], object]], database: str) -> list[object]:
    """Run acts in threads, each on a connection of its own; their results or refusals."""
    results: list[object] = []
    barrier = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        connection.settings_dict["NAME"] = database
        barrier.wait(20)
        try:
            results.append(act())
        except BashuError as refusal:
            results.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def kinds(results: list[object]) -> Counter:
    """How many of each."""
    return Counter(type(result).__name__ for result in results)


def test_eight_writers_on_the_last_megawatt_hour_retire_it_once(database, actors, acting, issued):
    holding = issued(1)
    retire = partial(certificates_retire, holding=holding, quantity=1, purpose="race")
    results = at_once([partial(retire, ctx=acting(actors["enterprise.CQ"])) for _ in range(WRITERS)], database)
    assert kinds(results) == {"Retirement": 1, "NotHeld": WRITERS - 1}
    assert Retirement.objects.get().count == 1
    assert Entry.objects.filter(kind="power.certificates.retire").count() == 1


def test_eight_writers_on_five_megawatt_hours_take_five(database, actors, acting, issued, held):
    holding = issued(5)
    firm, receiver = actors["enterprise.CQ"], actors["enterprise.SC"].organisation
    retire = partial(certificates_retire, holding=holding, quantity=1, purpose="race")
    offer = partial(transfer_offer, holding=holding, quantity=1, receiver=receiver)
    results = at_once([partial([retire, offer][i % 2], ctx=acting(firm)) for i in range(WRITERS)], database)
    moved = kinds(results)
    assert moved["Retirement"] + moved["Transfer"] == 5
    assert sorted(first for first, last, _ in held(firm) if first == last) == [1, 2, 3, 4, 5]


def test_two_claimers_never_both_have_a_retirement(database, actors, acting, issued):
    done = certificates_retire(ctx=acting(actors["enterprise.CQ"]), holding=issued(1), quantity=1, purpose="race")
    who = ["enterprise.CQ", "authority.CQ", "coordinator", "colleague.CQ"] * 2
    claims = [
        partial(retirement_claim, ctx=acting(actors[name]), retirement=done, claimant="carbon", reference=f"r{i}")
        for i, name in enumerate(who)
    ]  # fmt: skip
    assert kinds(at_once(claims, database)) == {"RetirementClaim": 1, "RetirementClaimed": len(who) - 1}
    assert RetirementClaim.objects.count() == 1


def test_two_runs_at_once_issue_a_month_once(database, actors, acting, unit, metered):
    found = unit()
    metered(found, [3_000_000])
    issue = partial(batch_issue, unit=found, month=date(2025, 7, 1))
    results = at_once([partial(issue, ctx=acting(actors["operator.CQ"])) for _ in range(WRITERS)], database)
    assert kinds(results) == {"Batch": 1, "AlreadyIssued": WRITERS - 1}


def test_a_command_whose_connection_dies_in_the_middle_leaves_nothing_and_may_come_again(
    database, server, actors, acting, unit, metered
):
    found = unit()
    metered(found, [3_000_000])
    write = certificates.rows_insert

    def killed(*args: object) -> None:
        write(*args)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pid = cursor.fetchone()[0]
        with connect(server, OWNER, "postgres") as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    issue = partial(batch_issue, unit=found, month=date(2025, 7, 1))
    with patch.object(certificates, "rows_insert", killed), pytest.raises(Unavailable):
        issue(ctx=acting(actors["operator.CQ"], key="again"))
    connection.close()
    assert not Batch.objects.exists()
    assert issue(ctx=acting(actors["operator.CQ"], key="again")).count == 3
    with seen_by(actors["operator.CQ"].actor):
        assert Holding.objects.get().count == 3
