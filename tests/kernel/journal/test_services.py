"""Appending, sealing, verifying and erasing in the real database."""

import json
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from django.db import connection, transaction
from uuid_utils.compat import uuid7

from bashu.kernel.commands.actor import ANONYMOUS
from bashu.kernel.database.connection import connect
from bashu.kernel.database.layout import Layout
from bashu.kernel.journal import selectors, services
from bashu.kernel.journal.cli import VERIFIER
from bashu.kernel.journal.engine import merkle
from bashu.kernel.journal.engine.verify import Fault, Summary
from bashu.kernel.journal.models import Entry, Leaf, Unsealed
from bashu.kernel.journal.services import Draft
from bashu.kernel.parties.middleware import seen_to_the_end
from database_roles import acting_as

NOW = datetime(2025, 6, 1, tzinfo=UTC)
ANTI_JOINS = """
    SELECT (SELECT count(*) FROM journal_entry e LEFT JOIN journal_leaf l ON l.entry_id = e.id WHERE l.entry_id IS NULL),
           (SELECT count(*) FROM journal_leaf l LEFT JOIN journal_entry e ON l.entry_id = e.id WHERE e.id IS NULL),
           (SELECT count(*) - count(DISTINCT entry_id) FROM journal_leaf)
"""


def draft(number: int = 0, **other: object) -> Draft:
    values = {
        "kind": "test.note.write", "subject": f"test.note:{uuid7()}", "actor": f"person:{uuid7()}", "organisation": str(uuid7()),
        "organisation_name": "口岸物流办", "jurisdiction": "CQ", "request": str(uuid7()), "time": NOW, "public": True,
        "body": {"before": None, "after": {"number": number}},
    }  # fmt: skip
    return Draft(**{**values, **other})


def bashu(*arguments: str, role: str = "app") -> subprocess.CompletedProcess:
    """A bashu command in a process of its own, on this test's database."""
    environment = {**os.environ, "BASHU_ROLE": role}
    return subprocess.run(
        [sys.executable, "-m", "bashu", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def seal() -> None:
    """Seal what waits, as the sealer's role."""
    with acting_as("system"):
        services.entries_seal()


def verified() -> Summary | Fault:
    """What `bashu journal verify` finds, in this process."""
    with acting_as("system"), transaction.atomic():
        return selectors.verified()


def test_the_database_refuses_every_change_even_of_its_owner(server: Layout, database: str) -> None:
    services.entries_append([draft()])
    seal()
    columns = {"entry": "header", "leaf": "hash", "node": "hash", "key": "public", "checkpoint": "root"}
    with connect(server, "owner", database) as owner:
        for table, column in columns.items():
            for statement in (
                f"UPDATE journal_{table} SET {column} = {column}",
                f"DELETE FROM journal_{table}",
                f"TRUNCATE journal_{table} CASCADE",
            ):
                with pytest.raises(psycopg.errors.RaiseException, match="insert-only"):
                    owner.execute(statement)


def test_a_body_can_be_erased_and_never_rewritten(server: Layout, database: str) -> None:
    (entry,) = services.entries_append([draft()])
    with connect(server, "owner", database) as owner, pytest.raises(psycopg.errors.RaiseException, match="erased"):
        owner.execute("UPDATE journal_body SET content = '{}' WHERE entry_id = %s", [entry])
    services.body_erase(entry)
    seal()
    assert verified().erased == 1


def test_sealing_gives_places_and_every_proof_holds(database: str, server: Layout) -> None:
    services.entries_append([draft(number) for number in range(11)])
    seal()
    services.entries_append([draft(number) for number in range(8)])
    seal()
    size = selectors.tree_size()
    root = bytes(selectors.checkpoint_latest().root)
    for leaf in Leaf.objects.select_related("entry"):
        path = selectors.inclusion(leaf.sequence, size)
        assert merkle.verify_inclusion(merkle.leaf_hash(leaf.entry.header.encode()), leaf.sequence, size, path, root)
    assert selectors.unsealed_count() == 0


def test_eight_writers_out_of_order_and_two_sealers_seal_each_entry_once(database: str, server: Layout) -> None:
    """One transaction stays open from before all the others until after the first sealing."""
    late = connect(server, "app", database, autocommit=False)
    late.execute(
        "WITH e AS (INSERT INTO journal_entry (id, header) VALUES (%(id)s, %(header)s)) INSERT INTO journal_unsealed VALUES (%(id)s)",
        {"id": (first := uuid7()), "header": services.header_of(draft(), first, "0" * 64)},
    )

    def write() -> None:
        try:
            for number in range(25):
                services.entries_append([draft(number)])
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(8)]
    sealers = [threading.Thread(target=lambda: bashu("journal", "seal")) for _ in range(2)]
    [thread.start() for thread in [*threads, *sealers]]
    [thread.join() for thread in [*threads, *sealers]]
    seal()
    assert not Leaf.objects.filter(entry_id=first).exists()
    late.commit()
    late.close()
    seal()
    with connection.cursor() as cursor:
        cursor.execute(ANTI_JOINS)
        assert cursor.fetchone() == (0, 0, 0)
    assert Leaf.objects.filter(entry_id=first).exists()
    assert isinstance(verified(), Summary)


def test_key_rotation_is_endorsed_and_verified(database: str) -> None:
    services.entries_append([draft()])
    seal()
    with acting_as("system"):
        services.key_rotate()
    services.entries_append([draft()])
    seal()
    done = bashu("journal", "verify")
    assert (done.returncode, "is intact" in done.stdout) == (0, True), done.stdout + done.stderr
    old, new = selectors.public_keys()[-2:]
    assert (new.endorsed_by, selectors.checkpoint_latest().key_id) == (old.id, new.id)


class TestCorruption:
    """What somebody with all power over the database altered is found and named."""

    @pytest.fixture
    def sealed(self, database: str, server: Layout) -> psycopg.Connection:
        services.entries_append([draft(number) for number in range(9)])
        seal()
        connection.close()
        owner = connect(server, "owner", database)
        for table in ("entry", "body", "leaf", "node", "checkpoint"):
            owner.execute(
                psycopg.sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(
                    psycopg.sql.Identifier(f"journal_{table}")
                )
            )
        return owner

    def found(self, owner: psycopg.Connection, statement: str) -> str:
        done_rows = owner.execute(statement).rowcount
        owner.close()
        assert done_rows == 1
        fault = verified()
        assert isinstance(fault, Fault)
        return f"{fault.kind} {fault.number}"

    def test_a_header(self, sealed: psycopg.Connection) -> None:
        number = sealed.execute("SELECT max(sequence) - 3 FROM journal_leaf").fetchone()[0]
        statement = f"""UPDATE journal_entry SET header = replace(header, 'CQ', 'SC')
            WHERE id = (SELECT entry_id FROM journal_leaf WHERE sequence = {number})"""
        assert f"row {number}" in self.found(sealed, statement)

    def test_a_body(self, sealed: psycopg.Connection) -> None:
        number = sealed.execute("SELECT max(sequence) - 2 FROM journal_leaf").fetchone()[0]
        statement = f"""UPDATE journal_body SET content = '{{"after":{{"number":99}},"before":null}}'
            WHERE entry_id = (SELECT entry_id FROM journal_leaf WHERE sequence = {number})"""
        assert f"body {number}" in self.found(sealed, statement)

    def test_a_leaf(self, sealed: psycopg.Connection) -> None:
        number = sealed.execute("SELECT max(sequence) - 4 FROM journal_leaf").fetchone()[0]
        statement = f"UPDATE journal_leaf SET hash = decode(repeat('00', 32), 'hex') WHERE sequence = {number}"
        assert f"leaf {number}" in self.found(sealed, statement)

    def test_a_checkpoint(self, sealed: psycopg.Connection) -> None:
        size = sealed.execute("SELECT max(size) FROM journal_checkpoint").fetchone()[0]
        statement = f"UPDATE journal_checkpoint SET root = decode(repeat('00', 32), 'hex') WHERE size = {size}"
        assert f"checkpoint {size}" in self.found(sealed, statement)

    def test_a_node(self, sealed: psycopg.Connection) -> None:
        statement = "UPDATE journal_node SET hash = decode(repeat('00', 32), 'hex') WHERE level = 1 AND index = 0"
        assert "node" in self.found(sealed, statement)

    def test_an_entry_that_was_neither_sealed_nor_waits_and_the_command_line_says_so(
        self, sealed: psycopg.Connection
    ) -> None:
        sealed.execute(
            "INSERT INTO journal_entry (id, header) VALUES "
            f"""('{uuid7()}', '{{"kind":"x","organisation":"{uuid7()}","public":true}}')"""
        )
        sealed.close()
        done = bashu("journal", "verify")
        assert (done.returncode, "neither sealed nor waiting" in done.stdout) == (1, True)


def test_export_convinces_a_stranger_and_an_altered_copy_does_not(database: str, tmp_path: Path) -> None:
    services.entries_append([draft(number) for number in range(5)])
    services.entries_append([draft(public=False)])
    seal()
    file = tmp_path / "journal.jsonl"
    assert bashu("journal", "export", str(file)).returncode == 0
    key = selectors.public_keys()[0].public.hex()
    lines = file.read_text().splitlines()
    assert json.loads(lines[-2])["withheld"] is True

    def stranger(path: Path) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-I", str(VERIFIER), str(path), "--key", key],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    assert stranger(file).returncode == 0, stranger(file).stderr
    altered = tmp_path / "altered.jsonl"
    altered.write_text(file.read_text().replace('"number\\":3', '"number\\":4'))
    refused = stranger(altered)
    assert refused.returncode == 1, refused.stdout


def test_an_export_is_of_one_moment_whatever_is_sealed_and_rotated_meanwhile(database: str) -> None:
    services.entries_append([draft(number) for number in range(3)])
    seal()
    size = selectors.tree_size()
    streamed = seen_to_the_end(ANONYMOUS, selectors.export_lines())
    lines = [next(streamed)]
    with ThreadPoolExecutor(1) as another:
        another.submit(appended_elsewhere).result()
    assert bashu("journal", "rotate-key").returncode == 0
    assert bashu("journal", "seal").returncode == 0
    lines += streamed
    last = json.loads(lines[-1])["checkpoint"]
    assert last["size"] == sum(b'{"n":' in line for line in lines) == size


def appended_elsewhere() -> None:
    """One more entry, on a connection of another thread."""
    services.entries_append([draft()])
    connection.close()


def test_an_aborted_command_leaves_no_entry(db: None) -> None:
    before = Entry.objects.count(), Unsealed.objects.count()
    with pytest.raises(RuntimeError), transaction.atomic():
        services.entries_append([draft()])
        raise RuntimeError
    assert (Entry.objects.count(), Unsealed.objects.count()) == before
