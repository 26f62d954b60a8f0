"""Two hands at once, and a journal that still verifies after an erasure: real commits, real connections."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from django.db import connection, transaction
from party_people import accepted, administrator, command, invited, member, node, organisation

from bashu.kernel.commands.actor import Role
from bashu.kernel.errors import BashuError
from bashu.kernel.journal import selectors as journal
from bashu.kernel.journal import services as sealing
from bashu.kernel.journal.engine.verify import Fault
from bashu.kernel.parties import errors, selectors, services
from bashu.kernel.parties.models import Membership, Organisation

pytestmark = pytest.mark.slow


@contextmanager
def as_system() -> Iterator[None]:
    """Work as the sealer's role."""
    connection.close()
    connection.settings_dict["USER"] = "bashu_system"
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["USER"] = "bashu_app"


def at_once(acts: list[Callable[[], object]], database: str) -> list[object]:
    """Run acts in threads, each on a connection of its own; their results or refusals."""
    results: list[object] = []
    barrier = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        connection.settings_dict["NAME"] = database
        barrier.wait(10)
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
        thread.join(30)
    return results


def test_two_hands_on_one_invitation_make_one_member(database):
    letter = invited(organisation(Role.ENTERPRISE, "CQ"), Role.ENTERPRISE)
    results = at_once([lambda: accepted(letter)] * 2, database)
    assert sorted(type(result).__name__ for result in results) == ["InvitationSpent", "Membership"]
    with selectors.seen_by(node()):
        assert Membership.objects.filter(organisation=letter.organisation).count() == 1


def test_two_offices_at_once_admit_once(database):
    body = services.organisation_apply(ctx=command(node()), name_zh="甲", jurisdiction="CQ", kind="enterprise")
    offices = [administrator(), member(Role.AUTHORITY, "CQ").actor]
    approve = services.organisation_approve
    results = at_once([partial(approve, ctx=command(office), organisation=body) for office in offices], database)
    assert sorted(type(result) for result in results if not isinstance(result, Organisation)) == [
        errors.OrganisationDecided
    ]
    assert Organisation.objects.get(pk=body.pk).version == 2


def test_an_erased_person_leaves_a_journal_that_verifies(database):
    person = member(Role.ENTERPRISE)
    with as_system():
        sealing.entries_seal()
        with transaction.atomic():
            before = journal.verified()
    services.person_erase(ctx=command(person.actor), person=person.person)
    with as_system():
        sealing.entries_seal()
        with transaction.atomic():
            after = journal.verified()
    assert not isinstance(before, Fault) and not isinstance(after, Fault)
    assert before.erased == 0 and after.erased >= 3 and after.entries > before.entries
