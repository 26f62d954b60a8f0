"""Faults of the embedded server's life, on real processes."""

import contextlib
import multiprocessing
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from bashu.kernel.database import accounts
from bashu.kernel.database.cluster import Cluster
from bashu.kernel.database.connection import connect
from bashu.kernel.database.errors import DatabaseUnavailableError
from bashu.kernel.database.layout import Layout
from bashu.kernel.database.prepare import prepare
from bashu.kernel.database.supervisor import ensure, keep, status, stop

pytestmark = pytest.mark.slow
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as two users")
NOBODY = 65534


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def ledger(layout: Layout) -> None:
    """A database with a table of one number."""
    prepare(layout, "bashu")
    with connect(layout, "owner", "bashu") as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS ledger (n bigint PRIMARY KEY)")


def write(layout: Layout, n: int) -> None:
    with connect(layout, "app", "bashu") as connection:
        connection.execute("INSERT INTO ledger VALUES (%s)", [n])


def read(layout: Layout) -> list[int]:
    with connect(layout, "app", "bashu") as connection:
        return [n for (n,) in connection.execute("SELECT n FROM ledger ORDER BY n")]


class TestEnsure:
    def test_first_start_makes_private_folders_and_a_server_that_answers_every_role(self, bare_home):
        layout = ensure(bare_home)
        for role in ("owner", "app", "system"):
            with connect(layout, role, "postgres") as connection:
                row = connection.execute("SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user")
                assert row.fetchone() == (f"bashu_{role}", False)
        assert [mode(path) for path in (layout.keys_dir, layout.socket_dir, layout.data_dir)] == [0o700] * 3

    def test_server_listens_on_no_port_and_speaks_utf8_and_utc(self, home):
        with connect(ensure(home), "app", "postgres") as connection:
            settings = ("listen_addresses", "server_encoding", "TimeZone", "jit", "server_version")
            row = [connection.execute(f"SHOW {name}").fetchone()[0] for name in settings]  # type: ignore[index]
            locale = connection.execute("SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'postgres'")
            assert row[:4] == ["", "UTF8", "UTC", "off"]
            assert row[4].startswith("18.")
            assert locale.fetchone() == ("b", "C.UTF-8")

    def test_six_commands_at_once_get_one_server(self, bare_home):
        code = (
            "import sys; from bashu.kernel.database.supervisor import ensure, status; "
            "ensure(sys.argv[1]); found = status(sys.argv[1]); print(found.supervisor, found.server)"
        )
        command = [sys.executable, "-c", code, str(bare_home)]
        path = {"PYTHONPATH": os.pathsep.join(sys.path)}
        commands = [
            subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | path) for _ in range(6)
        ]
        answers = {command.communicate(timeout=60)[0] for command in commands}
        assert len(answers) == 1
        assert "None" not in answers.pop()
        assert (bare_home / "log" / "supervisor.log").read_text().count("making the data folder") == 1

    def test_second_start_finds_the_data(self, home):
        layout = ensure(home)
        ledger(layout)
        write(layout, 1)
        stop(home)
        assert status(home)[1:4] == (None, None, False)
        assert read(ensure(home)) == [1]

    def test_home_that_cannot_be_made_is_named(self, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(DatabaseUnavailableError, match=str(tmp_path / "file" / "var")):
            ensure(tmp_path / "file" / "var")

    def test_data_of_another_version_are_refused_and_kept(self, home):
        layout = ensure(home)
        stop(home)
        (layout.data_dir / "PG_VERSION").write_text("17\n")
        with pytest.raises(DatabaseUnavailableError, match="was made by PostgreSQL 17"):
            ensure(home)
        assert (layout.data_dir / "PG_VERSION").read_text() == "17\n"

    def test_broken_configuration_is_told_in_the_servers_words(self, home):
        layout = ensure(home)
        stop(home)
        with (layout.data_dir / "postgresql.conf").open("a") as file:
            file.write("no_such_setting = 1\n")
        with pytest.raises(DatabaseUnavailableError, match="no_such_setting"):
            ensure(home)


class TestKilledServer:
    def test_comes_back_with_every_acknowledged_row(self, home, kill, eventually):
        layout = ensure(home)
        ledger(layout)
        acknowledged: list[int] = []

        def work() -> None:
            with contextlib.suppress(psycopg.OperationalError), connect(layout, "app", "bashu") as connection:
                for n in range(1_000_000):
                    connection.execute("INSERT INTO ledger VALUES (%s)", [n])
                    acknowledged.append(n)

        writer = threading.Thread(target=work)
        writer.start()
        eventually(lambda: len(acknowledged) > 50)
        before = kill("server")
        writer.join()
        after = ensure(home)
        assert set(acknowledged) <= set(read(after))
        assert status(home).server not in (None, before)

    def test_killed_twice_in_a_row_comes_back(self, home, kill):
        layout = ensure(home)
        ledger(layout)
        for n in (1, 2):
            write(layout, n)
            kill("server")
            ensure(home)
        assert read(layout) == [1, 2]

    def test_lost_socket_comes_back(self, home, eventually):
        layout = ensure(home)
        ledger(layout)
        write(layout, 1)
        shutil.rmtree(layout.socket_dir)
        eventually(lambda: status(home).answers)
        assert read(layout) == [1]


class TestKilledSupervisor:
    def test_next_command_adopts_the_server(self, home, kill):
        layout = ensure(home)
        ledger(layout)
        with connect(layout, "app", "bashu") as session:
            server = status(home).server
            kill("supervisor")
            assert status(home).server == server
            ensure(home)
            session.execute("INSERT INTO ledger VALUES (1)")  # a connection that was open all the time
        assert (status(home).server, read(layout)) == (server, [1])
        assert status(home).supervisor is not None

    def test_adopted_server_is_watched_too(self, home, kill, eventually):
        layout = ensure(home)
        kill("supervisor")
        ensure(home)
        before = kill("server")
        eventually(lambda: status(home).answers)
        assert status(home).server != before
        assert layout.data_dir.exists()

    def test_stop_reaches_the_orphaned_server(self, home, kill):
        ensure(home)
        kill("supervisor")
        stop(home)
        assert status(home)[1:4] == (None, None, False)

    def test_both_killed_the_data_are_there(self, home, kill):
        layout = ensure(home)
        ledger(layout)
        write(layout, 1)
        kill("supervisor")
        kill("server")
        assert read(ensure(home)) == [1]

    def test_process_that_keeps_the_server_replaces_it(self, home, kill, eventually):
        with keep(home):
            before = kill("supervisor")
            eventually(lambda: status(home).supervisor not in (None, before))

    @pytest.mark.parametrize("also", [(), ("initdb",)])
    def test_killed_during_initdb_leaves_nothing_half_made(self, bare_home, eventually, also):
        failures: list[BaseException] = []

        def first() -> None:
            try:
                ensure(bare_home)
            except DatabaseUnavailableError as error:
                failures.append(error)

        start = threading.Thread(target=first)
        start.start()
        eventually(lambda: list(bare_home.glob("pg.initdb-*/base")))
        supervisor = psutil.Process(status(bare_home).supervisor)
        children = supervisor.children(recursive=True)
        supervisor.kill()
        for child in children if also else []:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
        start.join()
        assert failures
        assert not (bare_home / "pg").exists()
        ensure(bare_home)
        psutil.wait_procs(children, timeout=20)
        stop(bare_home)
        ledger(ensure(bare_home))
        if also:
            assert not list(bare_home.glob("pg.initdb-*"))


class TestStaleFiles:
    def test_pid_file_naming_somebody_elses_process_deceives_nobody(self, home, kill):
        layout = ensure(home)
        ledger(layout)
        user = accounts.server_account(layout)
        stranger = subprocess.Popen(["sleep", "100"], **user.popen())
        try:
            kill("supervisor")
            pid_file = layout.data_dir / "postmaster.pid"
            words = pid_file.read_text()
            server = kill("server")
            socket_lock = layout.socket_dir / ".s.PGSQL.5432.lock"
            for file in (pid_file, socket_lock):
                file.write_text(words.replace(str(server), str(stranger.pid), 1))
                os.chown(file, user.uid, user.gid)
            assert status(home).server is None
            ensure(home)
            write(layout, 1)
            assert stranger.poll() is None
            assert status(home).server not in (None, stranger.pid)
        finally:
            stranger.kill()
            stranger.wait()

    def test_supervisor_lock_naming_somebody_elses_process_is_not_signalled(self, home, kill):
        ensure(home)
        stop(home)
        stranger = subprocess.Popen(["sleep", "100"])
        try:
            Layout(home).supervisor_lock.write_text(str(stranger.pid))
            stop(home)
            ensure(home)
            assert stranger.poll() is None
        finally:
            stranger.kill()
            stranger.wait()

    def test_processes_are_known_where_their_folder_may_not_be_seen(self, home, monkeypatch):
        layout = ensure(home)
        server = status(home).server

        def hidden(process: psutil.Process) -> str:
            raise psutil.AccessDenied(process.pid)

        monkeypatch.setattr(psutil.Process, "cwd", hidden)
        cluster = Cluster(layout)
        found = cluster.find_server()
        assert found is not None
        assert found.pid == server
        children = found.children()
        seen = {process.pid for process in cluster._processes()}
        # Autovacuum's workers come and go: only a child that was there before the look and still is must be in it.
        assert seen >= {server, *(child.pid for child in children if child.is_running())}


class TestIdle:
    def test_leaves_when_nobody_needs_it(self, home, monkeypatch, eventually):
        monkeypatch.setenv("BASHU_DATABASE_IDLE_SECONDS", "0.5")
        ensure(home)
        eventually(lambda: status(home)[1:3] == (None, None))
        log = (home / "log" / "supervisor.log").read_text()
        assert "nobody needed" in log

    def test_stays_while_connected_and_leaves_afterwards(self, home, monkeypatch, eventually):
        monkeypatch.setenv("BASHU_DATABASE_IDLE_SECONDS", "0.2")
        with connect(ensure(home), "app", "postgres") as connection:
            until = time.monotonic() + 1.5
            while time.monotonic() < until:
                connection.execute("SELECT pg_sleep(0.1)")
        eventually(lambda: status(home)[1:3] == (None, None))

    def test_stays_while_kept_though_nobody_is_connected(self, home, monkeypatch, eventually):
        monkeypatch.setenv("BASHU_DATABASE_IDLE_SECONDS", "0.1")
        with keep(home):
            server = status(home).server
            until = time.monotonic() + 1.5
            while time.monotonic() < until:
                assert Cluster(Layout(home)).find_server().pid == server  # type: ignore[union-attr]
        eventually(lambda: status(home)[1:3] == (None, None))

    def test_command_that_comes_while_it_leaves_gets_a_server(self, home, monkeypatch):
        monkeypatch.setenv("BASHU_DATABASE_IDLE_SECONDS", "0.01")
        for _ in range(15):
            layout = ensure(home)
            # Within the idle time and a look of the supervisor nothing must go away under a command that just asked.
            with connect(layout, "app", "postgres") as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)

    def test_ends_the_server_of_a_home_that_was_removed(self, home, eventually):
        layout = ensure(home)
        processes = [psutil.Process(status(home).server), psutil.Process(status(home).supervisor)]
        home.rename(home.with_suffix(".removed"))
        shutil.rmtree(home.with_suffix(".removed"))
        eventually(lambda: not any(process.is_running() for process in processes))
        assert not (layout.socket_dir / ".s.PGSQL.5432").exists()


def _connects(layout: Layout, uid: int) -> None:
    """Exit 0 when this user gets in, 1 when the server refuses its name, 2 when it cannot even reach the socket."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    for role in ("owner", "app", "system", "supervisor"):
        try:
            with psycopg.connect(layout.dsn(role, "postgres")):
                sys.exit(0)
        except psycopg.OperationalError as error:
            if "Peer authentication failed" not in str(error):
                sys.exit(2)
    sys.exit(1)


def entry(layout: Layout, uid: int) -> int | None:
    process = multiprocessing.get_context("fork").Process(target=_connects, args=(layout, uid))
    process.start()
    process.join(20)
    return process.exitcode


@as_root
class TestOtherUsers:
    def test_socket_is_out_of_reach_and_their_name_is_refused(self, home):
        layout = ensure(home)
        assert entry(layout, NOBODY) == 2
        layout.socket_dir.chmod(0o755)
        (layout.socket_dir / ".s.PGSQL.5432").chmod(0o777)
        assert entry(layout, NOBODY) == 1
        layout.socket_dir.chmod(0o700)

    def test_servers_own_user_gets_in(self, home):
        layout = ensure(home)
        assert entry(layout, accounts.server_account(layout).uid) == 0

    def test_socket_folder_made_by_somebody_else_is_refused(self, home):
        layout = Layout(home)
        layout.socket_dir.mkdir(mode=0o700)
        (layout.socket_dir / "trap").touch()
        os.chown(layout.socket_dir, NOBODY, NOBODY)
        with pytest.raises(DatabaseUnavailableError, match=str(layout.socket_dir)):
            ensure(home)

    def test_server_of_another_user_on_our_socket_is_not_believed(self, home):
        layout = ensure(home)
        with pytest.raises(psycopg.OperationalError, match="requirepeer"):
            psycopg.connect(layout.dsn("app", "postgres") + " requirepeer=nobody")

    def test_data_go_to_the_system_folder_when_home_cannot_be_entered(self, tmp_path, capfd):
        home = tmp_path / "closed" / "var"
        home.mkdir(parents=True)
        home.parent.chmod(0o700)
        layout = Layout(home)
        try:
            ledger(ensure(home))
            write(layout, 1)
            assert layout.data_dir.resolve() == accounts.state_dir(layout) / "pg"
            assert f"the database is in {accounts.state_dir(layout)}" in capfd.readouterr().err
            assert mode(home.parent) == 0o700
            stop(home)
            layout.data_dir.unlink()  # as a kill between making the data and linking them would leave it
            assert read(ensure(home)) == [1]
            stop(home)
            moved = accounts.state_dir(layout).rename(tmp_path / "away")
            with pytest.raises(DatabaseUnavailableError, match="is gone"):
                ensure(home)
            moved.rename(accounts.state_dir(layout))
        finally:
            stop(home)
            shutil.rmtree(accounts.state_dir(layout), ignore_errors=True)
            shutil.rmtree(layout.socket_dir, ignore_errors=True)

    def test_programs_are_copied_once_where_the_wheels_cannot_be_run(self, home, tmp_path):
        from bashu.kernel.database import binaries

        wheel = binaries.find()
        closed = binaries.Binaries(tmp_path / "site")
        shutil.copytree(wheel.root, closed.root)
        shutil.copytree(wheel.libraries, closed.libraries)
        closed.site.chmod(0o700)
        user = accounts.server_account(Layout(home), create=True)
        copy = accounts.server_binaries(closed, user, home, "18")
        assert copy.site == home / "postgresql-18"
        made = copy.site.stat()
        assert (made.st_uid, accounts.server_binaries(closed, user, home, "18")) == (user.uid, copy)
        assert copy.site.stat().st_ctime_ns == made.st_ctime_ns
        command = [str(copy.program("initdb")), "-D", "/nonexistent/no", "-U", "x", "--no-instructions"]
        said = subprocess.run(command, capture_output=True, text=True, check=False, **user.popen()).stderr
        assert "could not create directory" in said  # it found its server, libraries and templates


@as_root
class TestOrdinaryUser:
    def test_starts_and_faults_go_the_same_way_without_root(self):
        """Some classes of this file again, run by a user without rights, with an interpreter that user may run."""
        repository = Path(__file__).parents[3]
        path = os.pathsep.join([str(repository / "src"), *(entry for entry in sys.path if "site-packages" in entry)])
        base = Path("/tmp") / f"bashu-ordinary-{os.getpid()}"
        user = accounts.account(NOBODY).popen() | {"cwd": "/tmp"}
        user["env"] |= {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "BASHU_TEST_HOME": f"{base}-home"}

        def usable(python: str) -> bool:
            command = [python, "-c", "import sys, pytest, psycopg, psutil, bashu; assert sys.version_info >= (3, 11)"]
            try:
                return subprocess.run(command, capture_output=True, check=False, **user).returncode == 0
            except PermissionError:
                return False

        candidates = [sys.executable, f"/usr/bin/python3.{sys.version_info[1]}"]
        python = next((python for python in candidates if Path(python).exists() and usable(python)), None)
        if python is None:
            pytest.skip("no Python that an ordinary user may run together with the installed packages")
        command = [python, "-m", "pytest", "-c", str(repository / "pyproject.toml"), "--rootdir", str(repository)]
        command += ["-p", "no:cacheprovider", "--basetemp", str(base), str(__file__)]
        command += ["-k", "TestEnsure or TestKilledServer or TestKilledSupervisor or TestStaleFiles"]
        try:
            answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, **user)
            assert answer.returncode == 0, answer.stdout[-6000:] + answer.stderr[-2000:]
            assert " passed" in answer.stdout
        finally:
            shutil.rmtree(base, ignore_errors=True)
            shutil.rmtree(f"{base}-home", ignore_errors=True)


class TestSignals:
    def test_terminated_supervisor_stops_the_server_cleanly(self, home, eventually):
        layout = ensure(home)
        ledger(layout)
        supervisor = status(home).supervisor
        with connect(layout, "app", "bashu") as connection:
            connection.execute("SELECT 1")
            os.kill(supervisor, signal.SIGTERM)  # type: ignore[arg-type]
            eventually(lambda: status(home)[1:3] == (None, None))
        logs = "".join(file.read_text() for file in (layout.data_dir / "log").iterdir())
        assert "database system is shut down" in logs
