"""Databases and the rights of the three roles in them."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from bashu.kernel.database.connection import connect, connection_settings, parameters
from bashu.kernel.database.errors import DatabaseUnavailableError
from bashu.kernel.database.layout import Layout
from bashu.kernel.database.prepare import clone, drop, exists, prepare
from bashu.kernel.database.supervisor import ensure, status


@pytest.fixture
def database(running):
    """A fresh database with one table of the owner's."""
    prepare(running, "fresh")
    with connect(running, "owner", "fresh") as connection:
        connection.execute("CREATE TABLE note (id bigserial PRIMARY KEY, words text)")
    yield "fresh"
    drop(running, "fresh")


class TestPrepare:
    @pytest.mark.parametrize("role", ["app", "system"])
    def test_restricted_roles_use_the_owners_tables_and_make_none(self, running, database, role):
        with connect(running, role, database) as connection:
            assert connection.execute("INSERT INTO note (words) VALUES ('a') RETURNING id").fetchone() == (1,)
            connection.execute("UPDATE note SET words = 'b'")
            assert connection.execute("DELETE FROM note RETURNING words").fetchone() == ("b",)
            for attempt in ("CREATE TABLE mine ()", "DROP TABLE note", "TRUNCATE note", "CREATE SCHEMA mine"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(attempt)

    def test_owner_is_no_superuser(self, running, database):
        with connect(running, "owner", database) as connection:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("CREATE ROLE intruder SUPERUSER")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("COPY note FROM PROGRAM 'true'")

    def test_four_at_once_make_one_database(self, running):
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: prepare(running, "at_once"), range(4)))
        assert exists(running, "at_once")
        drop(running, "at_once")

    def test_clone_carries_rows_and_rights(self, running, database):
        with connect(running, "app", database) as connection:
            connection.execute("INSERT INTO note (words) VALUES ('a')")
        clone(running, database, "copy")
        with connect(running, "app", "copy") as connection:
            assert connection.execute("SELECT words FROM note").fetchall() == [("a",)]
        drop(running, "copy")

    def test_drop_throws_out_who_is_connected(self, running):
        prepare(running, "busy")
        with connect(running, "app", "busy") as connection:
            drop(running, "busy")
            with pytest.raises(psycopg.OperationalError):
                connection.execute("SELECT 1")
        assert not exists(running, "busy")
        drop(running, "busy")


class TestExternal:
    @pytest.fixture
    def urls(self, running, monkeypatch):
        """The running server, presented as one that somebody else looks after."""
        for role in ("owner", "app", "system"):
            url = f"postgresql://bashu_{role}@/bashu?host={running.socket_dir}"
            monkeypatch.setenv(f"BASHU_DATABASE_URL_{role.upper()}", url)

    def test_no_server_is_started(self, urls, tmp_path):
        ensure(tmp_path / "home")
        assert not (tmp_path / "home").exists()
        assert status(tmp_path / "home")[:4] == ("external", None, None, True)

    def test_databases_are_made_by_its_owner(self, urls, tmp_path):
        elsewhere = Layout(tmp_path)
        prepare(elsewhere, "bashu_demo")
        with connect(elsewhere, "app", "bashu_demo") as connection:
            row = connection.execute("SELECT current_user, current_database()").fetchone()
        assert row == ("bashu_app", "bashu_demo")
        drop(elsewhere, "bashu_demo")

    def test_missing_url_is_named(self, urls, tmp_path, monkeypatch):
        monkeypatch.delenv("BASHU_DATABASE_URL_SYSTEM")
        with pytest.raises(DatabaseUnavailableError, match="BASHU_DATABASE_URL_SYSTEM is not set"):
            ensure(tmp_path)

    def test_wrong_user_is_named(self, urls, running, tmp_path, monkeypatch):
        monkeypatch.setenv("BASHU_DATABASE_URL_APP", f"postgresql://bashu_owner@/bashu?host={running.socket_dir}")
        with pytest.raises(DatabaseUnavailableError, match="must log in as bashu_app"):
            ensure(tmp_path)

    def test_silent_server_is_named(self, urls, tmp_path, monkeypatch):
        monkeypatch.setenv("BASHU_DATABASE_URL_APP", f"postgresql://bashu_app@/bashu?host={tmp_path}")
        with pytest.raises(DatabaseUnavailableError, match="BASHU_DATABASE_URL_APP"):
            ensure(tmp_path)


class TestConnectionSettings:
    def test_embedded_names_the_socket_and_the_servers_user(self, running):
        found = connection_settings(running.home, "app", "bashu")
        assert (found["HOST"], found["USER"], found["NAME"]) == (str(running.socket_dir), "bashu_app", "bashu")
        assert found["OPTIONS"]["requirepeer"] == running.data_dir.owner()

    def test_home_that_does_not_exist_is_not_made(self, tmp_path):
        connection_settings(tmp_path / "home", "app", "bashu")
        assert not (tmp_path / "home").exists()

    def test_external_carries_the_whole_url(self, monkeypatch, tmp_path):
        for role in ("OWNER", "APP", "SYSTEM"):
            url = "postgresql://bashu_app:secret@db.example:6000/node?sslmode=require"
            monkeypatch.setenv(f"BASHU_DATABASE_URL_{role}", url)
        found = connection_settings(tmp_path, "app", "bashu")
        expected = {"HOST": "db.example", "PORT": "6000", "USER": "bashu_app", "NAME": "node", "PASSWORD": "secret"}
        assert found == expected | {"OPTIONS": {"sslmode": "require"}}
        assert parameters(Layout(tmp_path), "app", "bashu_demo")["dbname"] == "bashu_demo"


class TestLayout:
    def test_socket_path_fits_however_deep_the_home(self, tmp_path):
        deep = Layout(tmp_path / ("x" * 200) / ("y" * 200))
        assert len(str(deep.socket_dir / ".s.PGSQL.5432")) <= 100

    def test_two_homes_never_share_a_socket(self, tmp_path):
        assert Layout(tmp_path / "a").socket_dir != Layout(tmp_path / "b").socket_dir

    def test_one_home_has_one_socket_by_any_path(self, tmp_path):
        (tmp_path / "link").symlink_to(tmp_path)
        assert Layout(tmp_path / "link" / "a").socket_dir == Layout(tmp_path / "a").socket_dir
