"""One PostgreSQL data folder and the server on it: made, configured, started, adopted, stopped.

Only the supervisor (or, when none lives, `stop`) uses this, holding its lock: two of them never act at once.
"""

import contextlib
import logging
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg

from bashu.kernel.database import accounts, binaries
from bashu.kernel.database.connection import connect
from bashu.kernel.database.errors import DatabaseUnavailableError
from bashu.kernel.database.layout import APP, OWNER, PORT, SUPERVISOR, SYSTEM, Layout

log = logging.getLogger(__name__)

REMAINS_SECONDS = 15  # how long processes and shared memory of a killed server may take to go away
STOP_SECONDS = 30  # after which a fast stop becomes an immediate one: the next start recovers from the log
REMAINS = re.compile(r"lock file|shared memory|another (?:server|postmaster)|still in use")

CONFIGURATION = {
    "listen_addresses": "",
    "port": PORT,
    "unix_socket_permissions": "0700",
    "max_connections": 60,
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "wal_level": "replica",
    "io_method": "sync",  # no idle reader processes
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgresql-%a.log",  # a week of logs, each overwritten when its weekday returns
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": 0,
    "log_line_prefix": "%m [%p] %u@%d ",
}
# For tests. Synchronous commit stays: without it a killed server forgets what it acknowledged, as fsync=off does not.
NO_FSYNC = {"fsync": "off", "full_page_writes": "off"}


class Cluster:
    """The data folder of one node, seen by the process that may start and stop its server."""

    def __init__(self, layout: Layout, pause: Callable[[float], None] = time.sleep) -> None:
        """Find whose server it is and where its data are; DatabaseUnavailableError when they are another user's.

        pause: waits so many seconds between two looks at a starting server; what it raises ends the waiting.
        """
        self.pause = pause
        self.layout = layout
        self.user = accounts.server_account(layout, create=True)
        if os.geteuid() not in (0, self.user.uid):
            raise DatabaseUnavailableError(
                f"{layout.data_dir} belongs to {self.user.name}: start as {self.user.name} or root."
            )
        self.data = accounts.data_place(layout, self.user)
        self.child: subprocess.Popen[bytes] | None = None
        self.server: psutil.Process | None = None

    # -- making -----------------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Find the programs, run initdb on a first start, write the configuration."""
        wheel = binaries.find()
        self._make_parent()
        version = binaries.version(wheel)
        self.binaries = accounts.server_binaries(wheel, self.user, self.data.parent, version)
        if not (self.data / "PG_VERSION").exists():
            self._initdb()
        self._link()
        made_by = (self.data / "PG_VERSION").read_text().strip()
        if made_by != binaries.MAJOR:
            raise DatabaseUnavailableError(f"{self.data} was made by PostgreSQL {made_by}; this is {version}.")
        self._configure()

    def _make_parent(self) -> None:
        """The state folder in /var/lib/bashu, when that is where the data go; parents are never changed."""
        if self.data.parent == accounts.state_dir(self.layout):
            self.data.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            if not accounts.can_enter(self.user, self.data.parent):
                raise DatabaseUnavailableError(
                    f"User {self.user.name} cannot enter {self.data.parent}; nor {self.layout.home}."
                )

    def _link(self) -> None:
        if self.data != self.layout.data_dir and not self.layout.data_dir.exists():
            self.layout.data_dir.symlink_to(self.data)
            log.warning("%s cannot be entered by user %s: data are in %s", self.layout.home, self.user.name, self.data)

    def _initdb(self) -> None:
        """Make the data folder beside its place and move it there whole: a kill in the middle leaves nothing half made.

        An initdb orphaned by such a kill may still be writing, so each attempt has a folder of its own.
        """
        for left in self.data.parent.glob(f"{self.data.name}.initdb-*"):
            shutil.rmtree(left, ignore_errors=True)
        fresh = self.data.with_name(f"{self.data.name}.initdb-{os.getpid()}-{time.time_ns()}")
        fresh.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(fresh, self.user.uid, self.user.gid)
        command = [
            str(self.binaries.program("initdb")),
            *("--pgdata", str(fresh), "--username", f"bashu_{SUPERVISOR}"),
            *("--auth-local", "peer", "--auth-host", "reject"),
            *("--encoding", "UTF8", "--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
            *("--no-instructions", *(["--no-sync"] if not _fsync() else [])),
        ]
        log.info("making the data folder %s", self.data)
        answer = subprocess.run(command, capture_output=True, text=True, check=False, **self.user.popen())
        if answer.returncode != 0:
            shutil.rmtree(fresh, ignore_errors=True)
            raise DatabaseUnavailableError(f"initdb failed: {(answer.stderr or answer.stdout).strip()}")
        self._write(
            fresh / "postgresql.conf", "# Written by Bashu at every start: see bashu.conf.\ninclude 'bashu.conf'\n"
        )
        try:
            fresh.rename(self.data)
        except OSError as error:
            raise DatabaseUnavailableError(f"{self.data} is in the way of the data folder: {error}.") from error
        _sync(self.data.parent)

    def _configure(self) -> None:
        """Write what the server reads at every start: a newer Bashu or another starting user takes effect."""
        places = {"unix_socket_directories": self.layout.socket_dir, "cluster_name": self.layout.name_hash}
        settings = {**CONFIGURATION, **places}
        if not _fsync():
            log.warning("BASHU_DATABASE_FSYNC=off: a power cut may destroy the data")
            settings |= NO_FSYNC
        lines = (f"{name} = '{value}'" for name, value in settings.items())
        self._write(self.data / "bashu.conf", "\n".join(lines) + "\n")
        # Root is always among them: it could become any of the others.
        people = {accounts.account(uid).name for uid in (0, os.geteuid(), self.user.uid)}
        roles = (OWNER, APP, SYSTEM, SUPERVISOR)
        self._write(self.data / "pg_hba.conf", "local all all peer map=bashu\n")
        entries = (f'bashu "{person}" bashu_{role}\n' for person in sorted(people) for role in roles)
        self._write(self.data / "pg_ident.conf", "".join(entries))

    def _write(self, path: Path, text: str) -> None:
        """Replace a file of the server's whole, never through a link that the server's user may have put there."""
        fresh = path.with_name(f"{path.name}.new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            if os.geteuid() == 0:
                os.fchown(file.fileno(), self.user.uid, self.user.gid)
        fresh.replace(path)

    # -- running ----------------------------------------------------------------------------------------------------

    def alive(self) -> bool:
        """Whether the server that was started or adopted still runs."""
        if self.child is not None:
            return self.child.poll() is None
        try:
            return self.server is not None and self.server.status() != psutil.STATUS_ZOMBIE and self.server.is_running()
        except psutil.NoSuchProcess:
            return False

    @property
    def socket(self) -> Path:
        """The file through which all connections come."""
        return self.layout.socket_dir / f".s.PGSQL.{PORT}"

    def reachable(self) -> bool:
        """Whether the socket is there: it is lost when somebody cleans /tmp."""
        return self.socket.exists()

    def find_server(self) -> psutil.Process | None:
        """The live postmaster of this data folder; never a process that merely has the number in a stale pid file."""
        try:
            pid, _, _, _, socket_dir, *_ = (self.data / "postmaster.pid").read_text().splitlines()
            process = psutil.Process(int(pid))
        except (OSError, ValueError, psutil.NoSuchProcess):
            return None
        if not self._is_ours(process):
            return None
        if socket_dir and Path(socket_dir) != self.layout.socket_dir:  # empty while it starts
            raise DatabaseUnavailableError(
                f"Another home's server (process {pid}, socket in {socket_dir}) runs on {self.data}."
            )
        return process

    def open(self) -> None:
        """Adopt the live server of this data folder, or start one; then see that the roles exist."""
        until = time.monotonic() + REMAINS_SECONDS
        while True:
            if not self._adopt():
                self._start()
            try:
                return self._make_roles()
            except psycopg.OperationalError:
                if time.monotonic() > until:
                    raise
                self.pause(0.2)  # killed in this very moment, perhaps not even gone yet: once more

    def _adopt(self) -> bool:
        """Take over the server that a killed supervisor left; False when there is none that answers."""
        self.child = None
        self.server = self.find_server()
        if self.server is None:
            return False
        if not self.reachable():
            log.warning("the server's socket is gone: stopping it")
            self.stop()
            return False
        log.info("adopting the running server, process %d", self.server.pid)
        with contextlib.suppress(psutil.NoSuchProcess):
            self.server.send_signal(signal.SIGHUP)  # reads the configuration just written
        return self._wait_for_answer()

    def _start(self) -> None:
        deadline = time.monotonic() + REMAINS_SECONDS
        while True:
            self._clear_remains(deadline)
            accounts.make_socket_dir(self.layout, self.user)
            report = self.layout.log_dir / "server-start.log"
            with report.open("wb") as stderr:
                command = [str(self.binaries.program("postgres")), "-D", str(self.data)]
                child: subprocess.Popen[bytes] = subprocess.Popen(
                    command, stdout=stderr, stderr=stderr, start_new_session=True, **self.user.popen()
                )
            self.child, self.server = child, psutil.Process(child.pid)
            if self._wait_for_answer():
                log.info("server started, process %d", child.pid)
                return
            said = report.read_text(errors="replace").strip()
            if not REMAINS.search(said) or time.monotonic() > deadline:
                raise DatabaseUnavailableError(f"PostgreSQL does not start: {said[-2000:]}\nIts log: {self.data}/log")
            self.pause(0.2)

    def _wait_for_answer(self) -> bool:
        """Wait until the server answers, however long recovery takes; False when it ends instead."""
        while self.alive():
            with contextlib.suppress(psycopg.OperationalError), connect(self.layout, SUPERVISOR, "postgres"):
                return True
            self.pause(0.02)
        return False

    def _clear_remains(self, deadline: float) -> None:
        """End what a killed postmaster left (its children, its pid and socket files), as it would have done itself.

        The files go only when no process of this data folder is left; until then they protect the data.
        """
        kill = signal.SIGQUIT  # what a postmaster sends its children in a crash
        while remains := self._processes():
            for process in remains:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.send_signal(kill)
            psutil.wait_procs(remains, timeout=5)
            kill = signal.SIGKILL
            if time.monotonic() > deadline:
                raise DatabaseUnavailableError(f"Processes of a killed server do not end: {[p.pid for p in remains]}.")
        lock = self.socket.with_name(f"{self.socket.name}.lock")
        for path in (self.data / "postmaster.pid", lock, self.socket):
            path.unlink(missing_ok=True)

    def stop(self) -> None:
        """Stop the server, adopted or ours: open transactions are rolled back, data written out."""
        if self.server is None:
            self.server = self.find_server()
        if self.server is None or not self.alive():
            return
        for how, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
            with contextlib.suppress(psutil.NoSuchProcess):
                self.server.send_signal(how)
            until = time.monotonic() + seconds
            while self.alive() and time.monotonic() < until:
                time.sleep(0.02)
            if not self.alive():
                log.info("server stopped")
                with contextlib.suppress(OSError):
                    self.layout.socket_dir.rmdir()
                return

    def _processes(self) -> list[psutil.Process]:
        """Every live PostgreSQL process of this data folder."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def _is_ours(self, process: psutil.Process) -> bool:
        """They all work inside the data folder; where that may not be seen (root in a container without
        CAP_SYS_PTRACE), the postmaster's arguments and its children's titles tell.
        """
        try:
            if process.name() != "postgres" or process.uids().real != self.user.uid:
                return False
            with contextlib.suppress(psutil.AccessDenied, OSError):
                return Path(process.cwd()) == self.data
            words = process.cmdline()
        except psutil.Error:
            return False
        return words[1:] == ["-D", str(self.data)] or "".join(words[:1]).startswith(
            f"postgres: {self.layout.name_hash}: "
        )

    def _make_roles(self) -> None:
        """The three roles, none of them superuser. The owner makes databases and ends connections to them."""
        with connect(self.layout, SUPERVISOR, "postgres") as connection:
            found = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
            for role, rights in ((OWNER, "CREATEDB"), (APP, ""), (SYSTEM, "")):
                if f"bashu_{role}" not in found:
                    connection.execute(f"CREATE ROLE bashu_{role} LOGIN {rights}")
            connection.execute(f"GRANT pg_signal_backend TO bashu_{OWNER}")


def _fsync() -> bool:
    return os.environ.get("BASHU_DATABASE_FSYNC", "on") != "off"


def _sync(folder: Path) -> None:
    """Make a rename inside `folder` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
