"""A database saved to a file and brought back."""

import stat

import psycopg
import pytest

from bashu.kernel.database.backup import backup, restore
from bashu.kernel.database.connection import connect
from bashu.kernel.database.errors import DatabaseUnavailableError
from bashu.kernel.database.policies import row_security
from bashu.kernel.database.prepare import drop, exists, prepare
from bashu.kernel.database.scope import JURISDICTIONS


@pytest.fixture
def source(running):
    """A database with a secured table of two rows, in which even the owner's own TRUNCATE is refused."""
    prepare(running, "source")
    with connect(running, "owner", "source") as connection:
        connection.execute("CREATE TABLE note (id bigserial PRIMARY KEY, jurisdiction text, words text)")
        connection.execute("INSERT INTO note (jurisdiction, words) VALUES ('CQ', '重庆'), ('SC', '四川')")
        for statement in row_security("note", f"jurisdiction = ANY ({JURISDICTIONS})").sql:
            connection.execute(statement)
        connection.execute("REVOKE DELETE ON note FROM bashu_system")
    yield "source"
    drop(running, "source")
    drop(running, "target")


class TestBackupAndRestore:
    def test_rows_rights_and_policies_come_back(self, running, source, tmp_path):
        backup(running, source, tmp_path / "node.backup")
        restore(running, "target", tmp_path / "node.backup")
        with connect(running, "system", "target") as connection:
            assert connection.execute("SELECT id, words FROM note ORDER BY id").fetchall() == [(1, "重庆"), (2, "四川")]
            assert connection.execute("INSERT INTO note (words) VALUES ('x') RETURNING id").fetchone() == (3,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("DELETE FROM note")
        with connect(running, "owner", "target") as connection:
            connection.execute("CREATE TABLE later (n int)")
        with connect(running, "app", "target") as connection:
            connection.execute("INSERT INTO later VALUES (1)")  # the defaults are in force again
            assert connection.execute("SELECT * FROM note").fetchall() == []
        with connect(running, "owner", "target") as connection:
            owners = connection.execute("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
            assert owners.fetchall() == [("bashu_owner",)]

    def test_file_is_private_and_never_overwritten(self, running, source, tmp_path):
        file = tmp_path / "node.backup"
        backup(running, source, file)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        before = file.read_bytes()
        with pytest.raises(FileExistsError):
            backup(running, source, file)
        assert (file.read_bytes(), list(tmp_path.iterdir())) == (before, [file])

    def test_missing_database_leaves_no_file(self, running, tmp_path):
        with pytest.raises(DatabaseUnavailableError, match="does not exist"):
            backup(running, "no_such_database", tmp_path / "node.backup")
        assert list(tmp_path.iterdir()) == []

    def test_database_that_is_not_empty_is_refused_and_unchanged(self, running, source, tmp_path):
        backup(running, source, tmp_path / "node.backup")
        with pytest.raises(DatabaseUnavailableError, match="not empty"):
            restore(running, source, tmp_path / "node.backup")
        with connect(running, "system", source) as connection:
            assert connection.execute("SELECT count(*) FROM note").fetchone() == (2,)

    @pytest.mark.parametrize("damage", ["truncated", "flipped", "empty"])
    def test_damaged_file_leaves_the_database_empty(self, running, source, tmp_path, damage):
        file = tmp_path / "node.backup"
        with connect(running, "owner", source) as connection:
            connection.execute("INSERT INTO note (words) SELECT md5(n::text) FROM generate_series(1, 20000) AS n")
        backup(running, source, file)
        content = bytearray(file.read_bytes())
        if damage == "truncated":
            content = content[: len(content) * 3 // 4]
        elif damage == "flipped":
            content[len(content) // 2] ^= 0xFF
        else:
            content = bytearray()
        file.write_bytes(content)
        with pytest.raises(DatabaseUnavailableError, match="pg_restore failed"):
            restore(running, "target", file)
        with connect(running, "owner", "target") as connection:
            assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)

    def test_missing_file_makes_no_database(self, running, tmp_path):
        with pytest.raises(FileNotFoundError):
            restore(running, "never", tmp_path / "no.backup")
        assert not exists(running, "never")
