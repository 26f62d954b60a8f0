"""Row-level security as the application meets it: always as the restricted role, never as the owner."""

import itertools

import psycopg
import pytest
from django.db.migrations import RunSQL

from bashu.kernel.database.connection import connect
from bashu.kernel.database.policies import revoke, row_security
from bashu.kernel.database.scope import JURISDICTIONS, ORGANISATIONS, PERSON, scope_set

VISIBLE = f"jurisdiction = ANY ({JURISDICTIONS}) OR organisation::text = ANY ({ORGANISATIONS}) OR person = {PERSON}"
NAMES = (f"notes_{n}" for n in itertools.count())
ROWS = [("CQ", "a", "p1"), ("SC", "b", "p2"), ("SC", "c", "p1")]


def apply(layout, operation: RunSQL, *, back: bool = False) -> None:
    statements = operation.reverse_sql if back else operation.sql
    with connect(layout, "owner", "bashu", autocommit=False) as connection:
        for statement in [statements] if isinstance(statements, str) else statements:
            connection.execute(statement)


@pytest.fixture
def table(running):
    """A secured table with three rows."""
    name = next(NAMES)
    with connect(running, "owner", "bashu") as connection:
        connection.execute(f"CREATE TABLE {name} (jurisdiction text, organisation text, person text)")
        with connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {name} VALUES (%s, %s, %s)", ROWS)
    apply(running, row_security(name, VISIBLE, f"jurisdiction = ANY ({JURISDICTIONS})"))
    return name


def seen(layout, table, role="app", **scope) -> list[str]:
    """Organisations of the rows that `role` sees in one transaction, with a scope when one is given."""
    with connect(layout, role, "bashu", autocommit=False) as connection, connection.cursor() as cursor:
        if scope:
            scope_set(cursor, **{"person": None, "organisations": [], "jurisdictions": []} | scope)
        return [row[0] for row in cursor.execute(f"SELECT organisation FROM {table} ORDER BY 1")]


class TestScope:
    def test_without_scope_the_application_sees_nothing(self, running, table):
        assert seen(running, table) == []

    def test_with_an_empty_scope_it_sees_nothing(self, running, table):
        assert seen(running, table, person=None) == []

    def test_each_part_opens_its_own_rows(self, running, table):
        assert seen(running, table, jurisdictions=["SC"]) == ["b", "c"]
        assert seen(running, table, organisations=["a", "c"]) == ["a", "c"]
        assert seen(running, table, person="p1") == ["a", "c"]
        assert seen(running, table, jurisdictions=["S"]) == []

    def test_scope_ends_with_its_transaction(self, running, table):
        with connect(running, "app", "bashu") as connection, connection.cursor() as cursor:
            with connection.transaction():
                scope_set(cursor, person=None, organisations=[], jurisdictions=["CQ", "SC"])
                assert cursor.execute(f"SELECT count(*) FROM {table}").fetchone() == (3,)
            assert cursor.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)

    def test_scope_outside_a_transaction_opens_nothing(self, running, table):
        with connect(running, "app", "bashu") as connection, connection.cursor() as cursor:
            scope_set(cursor, person=None, organisations=[], jurisdictions=["CQ", "SC"])
            assert cursor.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)

    @pytest.mark.parametrize("value", ["CQ,SC", ""])
    def test_identifier_that_would_read_as_two_or_none_is_refused(self, running, table, value):
        with pytest.raises(ValueError, match="not one identifier"):
            seen(running, table, jurisdictions=[value])


class TestPolicies:
    def test_application_writes_only_what_the_check_allows(self, running, table):
        with connect(running, "app", "bashu", autocommit=False) as connection, connection.cursor() as cursor:
            scope_set(cursor, person=None, organisations=["a"], jurisdictions=["SC"])
            cursor.execute(f"INSERT INTO {table} VALUES ('SC', 'd', null)")
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
                cursor.execute(f"UPDATE {table} SET person = 'p9' WHERE organisation = 'a'")

    def test_application_without_scope_changes_nothing(self, running, table):
        with connect(running, "app", "bashu") as connection:
            assert connection.execute(f"DELETE FROM {table}").rowcount == 0
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"INSERT INTO {table} VALUES ('SC', 'd', null)")

    def test_system_sees_every_row_without_scope(self, running, table):
        assert seen(running, table, role="system") == ["a", "b", "c"]

    def test_application_cannot_switch_it_off(self, running, table):
        with connect(running, "app", "bashu") as connection:
            for attempt in (
                f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
                f"DROP POLICY application ON {table}",
                "SET ROLE bashu_owner",
                "SET SESSION AUTHORIZATION bashu_system",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(attempt)

    def test_migrating_back_opens_the_table(self, running, table):
        apply(running, row_security(table, VISIBLE), back=True)
        assert seen(running, table) == ["a", "b", "c"]

    def test_revoked_privileges_are_gone_and_come_back(self, running, table):
        operation = revoke(table, "system", ["UPDATE", "DELETE"])
        apply(running, operation)
        with connect(running, "system", "bashu") as connection:
            for attempt in (f"DELETE FROM {table}", f"UPDATE {table} SET person = 'x'"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
                    connection.execute(attempt)
            apply(running, operation, back=True)
            assert connection.execute(f"DELETE FROM {table}").rowcount == 3
