"""The one way to write, tried with a small command that notes something about an organisation."""

import threading
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import connection, transaction
from uuid_utils.compat import uuid7

from bashu.kernel.commands.actor import ANONYMOUS, Actor, ActorKind, Grant, Role
from bashu.kernel.commands.command import Command, command, plain
from bashu.kernel.commands.models import Receipt
from bashu.kernel.errors import (
    Forbidden,
    KeyReused,
    Malformed,
    SignInNeeded,
    StaleVersion,
    Unavailable,
)
from bashu.kernel.journal.models import Body, Entry, Unsealed
from bashu.kernel.parties.models import Organisation
from bashu.kernel.parties.selectors import set_scope
from bashu.kernel.parties.services import node_actor

NOW = datetime(2025, 6, 1, tzinfo=UTC)


@command("test.organisation.rename", roles={Role.AUTHORITY}, at="organisation")
def organisation_rename(*, ctx: Command, organisation: Organisation, name_zh: str) -> Organisation:
    """Rename an organisation."""
    organisation = ctx.lock(organisation)
    before = {"name_zh": organisation.name_zh}
    organisation.revise(name_zh=name_zh)
    ctx.append(subject=organisation, before=before, after={"name_zh": name_zh}, public=True)
    return organisation


@command("test.organisation.rename_twice", roles={Role.AUTHORITY})
def organisation_rename_twice(*, ctx: Command, organisation: Organisation) -> dict[str, int]:
    """Call another service twice within one transaction."""
    organisation_rename(ctx=ctx, organisation=organisation, name_zh="甲")
    organisation_rename(ctx=ctx, organisation=organisation, name_zh="乙")
    return {"renamed": 2}


@command("test.organisation.forget", roles={Role.AUTHORITY})
def organisation_forget(*, ctx: Command, organisation: Organisation) -> None:
    """A faulty service: writes and does not tell the journal."""
    ctx.lock(organisation).revise(name_zh="忘")


class NotYours(Forbidden):
    """The refusal of a command that says whose matter it is."""

    code, message = "test.not_yours", "Only its own authority closes an organisation."


@command("test.organisation.close", roles={Role.AUTHORITY}, at="organisation", elsewhere=NotYours)
def organisation_close(*, ctx: Command, organisation: Organisation) -> None:
    """A command with a refusal of its own."""
    ctx.append(subject=organisation, before=None, after=None)


def officer(organisation: Organisation, role: Role = Role.AUTHORITY, **other: object) -> Actor:
    """A person with one grant for the organisation."""
    grant = Grant(role, organisation.public_id, organisation.name_zh, organisation.jurisdiction)
    return Actor(ActorKind.PERSON, uuid7(), (grant,), **other)


@pytest.fixture
def organisation(db: None) -> Organisation:
    return make_organisation()


def make_organisation() -> Organisation:
    with transaction.atomic():
        set_scope(node_actor())
        body = Organisation.objects.create(
            name_zh="重庆市口岸物流办",
            jurisdiction="CQ",
            kind="authority",
            state="active",
            applied_by=uuid7(),
            applied_at=NOW,
        )
        set_scope(ANONYMOUS)
    return body


def rename(actor: Actor, organisation: Organisation, name: str = "新名", **ctx: object) -> Organisation:
    return organisation_rename(ctx=Command(actor=actor, now=NOW, **ctx), organisation=organisation, name_zh=name)


class TestPermission:
    def test_anonymous_must_sign_in(self, organisation: Organisation) -> None:
        with pytest.raises(SignInNeeded):
            rename(ANONYMOUS, organisation)

    def test_wrong_role_is_forbidden(self, organisation: Organisation) -> None:
        with pytest.raises(Forbidden, match="Authority"):
            rename(officer(organisation, Role.ENTERPRISE), organisation)

    def test_wrong_jurisdiction_is_forbidden(self, organisation: Organisation) -> None:
        other = Actor(ActorKind.PERSON, uuid7(), (Grant(Role.AUTHORITY, uuid7(), "四川", "SC"),))
        with pytest.raises(Forbidden):
            rename(other, organisation)

    def test_who_holds_the_role_elsewhere_is_told_whose_matter_it_is(self, organisation: Organisation) -> None:
        other = Actor(ActorKind.PERSON, uuid7(), (Grant(Role.AUTHORITY, uuid7(), "四川", "SC"),))
        with pytest.raises(NotYours):
            organisation_close(ctx=Command(actor=other, now=NOW), organisation=organisation)
        with pytest.raises(Forbidden, match="Authority"):
            organisation_close(
                ctx=Command(actor=officer(organisation, Role.ENTERPRISE), now=NOW), organisation=organisation
            )

    def test_a_token_without_the_scope_is_forbidden(self, organisation: Organisation) -> None:
        with pytest.raises(Forbidden, match="scope"):
            rename(officer(organisation, scopes=frozenset({"logistics."})), organisation)

    def test_a_room_scope_covers_its_commands(self, organisation: Organisation) -> None:
        assert rename(officer(organisation, scopes=frozenset({"test."})), organisation).name_zh == "新名"

    def test_a_refusal_writes_nothing(self, organisation: Organisation) -> None:
        entries = Entry.objects.count()
        with pytest.raises(Forbidden):
            rename(officer(organisation, Role.RESIDENT), organisation)
        organisation.refresh_from_db()
        assert (organisation.name_zh, Entry.objects.count()) == ("重庆市口岸物流办", entries)


class TestJournal:
    def test_appends_one_entry_with_frozen_names(self, organisation: Organisation) -> None:
        before = Entry.objects.count()
        actor = officer(organisation)
        rename(actor, organisation)
        entry = Entry.objects.latest("id")
        assert Entry.objects.count() == before + 1
        assert (entry.kind, entry.actor, entry.organisation_name) == (
            "test.organisation.rename",
            actor.label,
            "重庆市口岸物流办",
        )
        assert Unsealed.objects.filter(entry_id=entry.id).exists()
        assert (
            Body.objects.get(entry=entry).content
            == '{"after":{"name_zh":"新名"},"before":{"name_zh":"重庆市口岸物流办"}}'
        )

    def test_a_service_that_forgets_the_journal_is_caught_and_undone(self, organisation: Organisation) -> None:
        with pytest.raises(AssertionError, match="journal"):
            organisation_forget(ctx=Command(actor=officer(organisation), now=NOW), organisation=organisation)
        organisation.refresh_from_db()
        assert organisation.name_zh == "重庆市口岸物流办"

    def test_joined_services_share_one_transaction_and_keep_their_names(self, organisation: Organisation) -> None:
        before = Entry.objects.count()
        ctx = Command(actor=officer(organisation), now=NOW)
        assert organisation_rename_twice(ctx=ctx, organisation=organisation) == {"renamed": 2}
        kinds = Entry.objects.order_by("-id").values_list("kind", flat=True)[:2]
        assert (Entry.objects.count() - before, set(kinds)) == (2, {"test.organisation.rename"})


class TestIdempotency:
    def test_same_key_answers_the_same_record_and_writes_once(self, organisation: Organisation) -> None:
        actor = officer(organisation)
        first, entries = rename(actor, organisation, key="k1"), Entry.objects.count()
        again = rename(actor, organisation, key="k1")
        assert (again.public_id, again.version, Entry.objects.count()) == (first.public_id, first.version, entries)

    def test_same_key_with_another_request_is_refused(self, organisation: Organisation) -> None:
        actor = officer(organisation)
        rename(actor, organisation, key="k1")
        with pytest.raises(KeyReused):
            rename(actor, organisation, name="另名", key="k1")

    def test_keys_of_two_actors_do_not_meet(self, organisation: Organisation) -> None:
        rename(officer(organisation), organisation, key="k1")
        assert rename(officer(organisation), organisation, name="另名", key="k1").name_zh == "另名"

    def test_plain_answers_are_kept_too(self, organisation: Organisation) -> None:
        actor = officer(organisation)
        answers = [
            organisation_rename_twice(ctx=Command(actor=actor, now=NOW, key="k2"), organisation=organisation)
            for _ in "ab"
        ]
        assert answers == [{"renamed": 2}, {"renamed": 2}]
        assert Receipt.objects.filter(actor=actor.id).count() == 1

    def test_two_processes_with_one_key_do_it_once(self, database: str) -> None:
        organisation = make_organisation()
        actor, barrier, answers = officer(organisation), threading.Barrier(4), []

        def run() -> None:
            barrier.wait()
            try:
                answers.append(rename(actor, organisation, key="k1").version)
            finally:
                connection.close()

        threads = [threading.Thread(target=run) for _ in range(4)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        assert answers == [2, 2, 2, 2]
        assert Entry.objects.filter(kind="test.organisation.rename").count() == 1


class TestRowVersion:
    def test_the_version_the_caller_saw_is_accepted(self, organisation: Organisation) -> None:
        assert rename(officer(organisation), organisation, expects=1).version == 2

    def test_a_stale_version_is_refused_and_names_both(self, organisation: Organisation) -> None:
        rename(officer(organisation), organisation)
        with pytest.raises(StaleVersion) as refused:
            rename(officer(organisation), organisation, expects=1)
        assert refused.value.context == {"current": 2, "seen": 1}

    def test_eight_writers_lose_nothing(self, database: str) -> None:
        organisation = make_organisation()
        actor, barrier = officer(organisation), threading.Barrier(8)

        def run(number: int) -> None:
            barrier.wait()
            try:
                for step in range(5):
                    rename(actor, organisation, name=f"{number}-{step}")
            finally:
                connection.close()

        threads = [threading.Thread(target=run, args=[number]) for number in range(8)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        organisation.refresh_from_db()
        assert organisation.version == 41
        assert Entry.objects.filter(kind="test.organisation.rename").count() == 40


class TestFaults:
    def test_text_the_database_cannot_hold_is_malformed(self, organisation: Organisation) -> None:
        with pytest.raises(Malformed):
            rename(officer(organisation), organisation, name="坏\0名")

    def test_a_lost_connection_writes_nothing_and_says_so(self, database: str) -> None:
        organisation = make_organisation()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
        actor = officer(organisation)

        @command("test.organisation.lose", roles={Role.AUTHORITY})
        def organisation_lose(*, ctx: Command, organisation: Organisation) -> Organisation:
            """Lose the connection half-way."""
            ctx.lock(organisation).revise(name_zh="半")
            connection.connection.close()
            return organisation_rename(ctx=ctx, organisation=organisation, name_zh="全")

        with pytest.raises(Unavailable, match="connection lost"):
            organisation_lose(ctx=Command(actor=actor, now=NOW), organisation=organisation)
        connection.close()
        organisation.refresh_from_db()
        assert organisation.name_zh == "重庆市口岸物流办"
        assert not Entry.objects.filter(kind__startswith="test.").exists()


class TestPlain:
    def test_values_become_what_canonical_json_can_hold(self) -> None:
        value = {"at": NOW, "sum": Decimal("1.50"), "id": UUID(int=7), "bytes": b"", "set": {"b", "a"}}
        assert plain(value) == {
            "at": "2025-06-01T00:00:00Z", "sum": "1.50", "id": str(UUID(int=7)), "set": ["a", "b"],
            "bytes": "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        }  # fmt: skip

    def test_floats_are_refused(self) -> None:
        with pytest.raises(TypeError, match="float"):
            plain({"value": 0.1})
