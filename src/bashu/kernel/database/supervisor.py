"""The one supervisor of a node's embedded PostgreSQL, and what commands ask of it.

`ensure` is what every command calls: it returns when the server answers, having started the supervisor when none runs.
The supervisor (`python -m bashu.kernel.database.supervisor HOME`) is the only process that starts or stops the server:
it adopts one left by a killed supervisor, restarts one that was killed, and leaves when nobody needs it.

Locks are files in HOME/run locked with flock, so that the kernel drops them with the process, however it ends.
"""

import contextlib
import fcntl
import logging
import logging.handlers
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psutil
import psycopg

import bashu
from bashu.kernel.database import accounts
from bashu.kernel.database.cluster import Cluster
from bashu.kernel.database.connection import URLS, connect, external
from bashu.kernel.database.errors import DatabaseUnavailableError
from bashu.kernel.database.layout import DATABASE, OWNER, SUPERVISOR, Layout

log = logging.getLogger(__name__)

MODULE = "bashu.kernel.database.supervisor"
START_SECONDS = 60  # how long `ensure` waits for a server, `stop` for its end
TICK = 0.25  # between two looks at the server's process
RETRY_SECONDS = 60  # how long the supervisor tries to bring a fallen server back


class Status(NamedTuple):
    """What runs now. mode is "embedded" or "external"; process ids are None when there is no such process."""

    mode: str
    supervisor: int | None
    server: int | None
    answers: bool
    data_dir: Path | None


# -- what commands call ---------------------------------------------------------------------------------------------


def ensure(home: str | Path) -> Layout:
    """Return when the database server of `home` answers, starting its supervisor when none runs.

    Raises DatabaseUnavailableError, with the server's own words, when it cannot be had within a minute.
    """
    layout = Layout(Path(home))
    if external():
        _check_external(layout)
        return layout
    accounts.make_folders(layout)
    new = not layout.data_dir.exists()
    until = time.monotonic() + START_SECONDS
    with _locked(layout.use_lock, fcntl.LOCK_SH, until):  # waits for a supervisor that is just leaving
        os.utime(layout.use_lock)
        if not (_supervised(layout) and _answers(layout)):
            with _locked(layout.start_lock, fcntl.LOCK_EX, until):
                _start(layout, until)
    if new and layout.data_dir.is_symlink():
        user = accounts.server_account(layout).name
        place = layout.data_dir.resolve()
        print(f"bashu: user {user} cannot enter {layout.home}: the database is in {place}", file=sys.stderr)
    return layout


@contextlib.contextmanager
def keep(home: str | Path) -> Iterator[Layout]:
    """`ensure` for a process that stays: the supervisor never leaves for idleness, and is replaced when killed."""
    layout = ensure(home)
    if external():
        yield layout
        return
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(1):
            try:
                if not _supervised(layout):
                    ensure(layout.home)
            except DatabaseUnavailableError as error:
                log.error("%s", error)  # tried again in a second: the cause (a full disk) may pass

    with _locked(layout.use_lock, fcntl.LOCK_SH, time.monotonic() + START_SECONDS):
        thread = threading.Thread(target=watch, name="database-watch", daemon=True)
        thread.start()
        try:
            yield layout
        finally:
            ended.set()
            thread.join()


def stop(home: str | Path) -> None:
    """Stop the supervisor and its server, or a server whose supervisor was killed; nothing when neither runs."""
    layout = Layout(Path(home))
    if external() or not layout.run_dir.is_dir():
        return
    until = time.monotonic() + START_SECONDS
    with _locked(layout.start_lock, fcntl.LOCK_EX, until):
        while _supervised(layout):
            pid = _supervisor_pid(layout)
            if pid is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)  # again and again does no harm
            if time.monotonic() > until:
                raise DatabaseUnavailableError(f"The supervisor, process {pid}, does not end.")
            time.sleep(0.02)
        if layout.data_dir.exists():
            Cluster(layout).stop()


def status(home: str | Path) -> Status:
    """What runs now; starts nothing."""
    layout = Layout(Path(home))
    if external():
        return Status("external", None, None, _answers(layout), None)
    supervisor = _supervisor_pid(layout) if _supervised(layout) else None
    server = Cluster(layout).find_server() if layout.data_dir.exists() else None
    data = layout.data_dir.resolve()
    return Status("embedded", supervisor, server.pid if server else None, _answers(layout), data)


# -- how they do it -------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _locked(path: Path, how: int, until: float) -> Iterator[int]:
    """Hold a lock file (LOCK_SH or LOCK_EX), waiting for it until that moment of the monotonic clock."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        while not _try_lock(handle, how):
            if time.monotonic() > until:
                raise DatabaseUnavailableError(f"{path} stays locked by another process.")
            time.sleep(0.01)
        yield handle
    finally:
        os.close(handle)


def _try_lock(handle: int, how: int) -> bool:
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _supervised(layout: Layout) -> bool:
    """Whether a supervisor lives: it holds its lock."""
    try:
        handle = os.open(layout.supervisor_lock, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        return not _try_lock(handle, fcntl.LOCK_SH)
    finally:
        os.close(handle)


def _supervisor_pid(layout: Layout) -> int | None:
    """The process id in the supervisor's lock, when that process is a supervisor."""
    with contextlib.suppress(OSError, ValueError, psutil.Error):
        pid = int(layout.supervisor_lock.read_text())
        if MODULE in psutil.Process(pid).cmdline():
            return pid
    return None


def _answers(layout: Layout) -> bool:
    """Whether the server takes a connection of the owner, so that its roles are there too."""
    try:
        if not external() and not accounts.check_socket_dir(layout, accounts.server_account(layout)):
            return False
        with connect(layout, OWNER, DATABASE if external() else "postgres"):
            return True
    except psycopg.OperationalError:
        return False


def _start(layout: Layout, until: float) -> None:
    """Start a supervisor unless one lives, and wait for the server; the caller holds the start lock."""
    daemon: subprocess.Popen[bytes] | None = None
    words = layout.log_dir / "supervisor-start.log"
    while not (_supervised(layout) and _answers(layout)):
        if daemon is None and not _supervised(layout):
            daemon = _spawn(layout, words)
        if daemon is not None and daemon.poll() is not None:
            said = words.read_text(errors="replace").strip()
            raise DatabaseUnavailableError(said or f"The supervisor ended: see {layout.log_dir}/supervisor.log.")
        if time.monotonic() > until:
            raise DatabaseUnavailableError(f"The database does not answer yet: see {layout.log_dir}/supervisor.log.")
        time.sleep(0.02)
    if daemon is not None:
        threading.Thread(target=daemon.wait, daemon=True).start()  # no zombie when it ends before us


def _spawn(layout: Layout, words: Path) -> subprocess.Popen[bytes]:
    """Start the supervisor apart from this process: own session, own place, the same Bashu."""
    source = str(Path(bashu.__file__).parents[1])
    inherited = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    path = [source, *(str(Path(entry).absolute()) for entry in inherited)]
    with words.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", MODULE, str(layout.home)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=layout.home,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
            start_new_session=True,
        )


def _check_external(layout: Layout) -> None:
    """That the external server answers all three users under their fixed names, and is PostgreSQL 18 or later."""
    for role, name in URLS.items():
        try:
            with connect(layout, role, DATABASE) as connection:
                row = connection.execute("SELECT current_user").fetchone()
                server = connection.info.server_version
        except psycopg.OperationalError as error:
            raise DatabaseUnavailableError(f"{name}: {str(error).strip()}") from error
        if row != (f"bashu_{role}",):
            raise DatabaseUnavailableError(f"{name} must log in as bashu_{role}: row-level security names it.")
        if server < 180000:
            raise DatabaseUnavailableError(f"{name} is PostgreSQL {server // 10000}; Bashu needs 18.")


# -- the supervisor itself ------------------------------------------------------------------------------------------

CLIENTS = """
    SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() LIMIT 1
"""
SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}


class Supervisor:
    """Watches the server until told to stop or needed by nobody for `idle_seconds`."""

    def __init__(self, layout: Layout, idle_seconds: float) -> None:
        self.layout = layout
        self.idle_seconds = idle_seconds
        self.cluster = Cluster(layout, pause=_pause)
        self.connection: psycopg.Connection | None = None
        self.used_at = 0.0  # the use lock's time stamp when last looked at

    def run(self) -> None:
        """Open the server, watch it, stop it, whatever ends the watch."""
        try:
            self.cluster.prepare()
            self.cluster.open()
            self._watch()
        except StopSignal:
            log.info("told to stop")
        finally:
            self._disconnect()
            self.cluster.stop()

    def _watch(self) -> None:
        """Return when nobody needed the server for the idle time. Raises OSError when the home folder is gone."""
        needed = looked = time.monotonic()
        while True:
            _pause(TICK)
            now = time.monotonic()
            if not self.cluster.alive() or not self.cluster.reachable():
                self._bring_back()
                needed = now
            elif now - looked >= min(1, self.idle_seconds / 2):
                looked = now
                if self._needed():
                    needed = now
                elif now - needed > self.idle_seconds and self._leave():
                    log.info("nobody needed the server for %g s", self.idle_seconds)
                    return

    def _bring_back(self) -> None:
        """Restart a server that was killed or lost its socket; DatabaseUnavailableError after a minute of trying."""
        log.warning("the server was killed or lost its socket: starting it again")
        self._disconnect()
        until = time.monotonic() + RETRY_SECONDS
        while True:
            try:
                return self.cluster.open()
            except (DatabaseUnavailableError, psycopg.Error) as error:
                if time.monotonic() > until:
                    raise
                log.error("%s", error)
                _pause(2)

    def _needed(self) -> bool:
        """Whether anybody called `ensure` since the last look, or is connected."""
        before, self.used_at = self.used_at, self.layout.use_lock.stat().st_mtime
        if before != self.used_at:
            return True
        try:
            self.connection = self.connection or connect(self.layout, SUPERVISOR, "postgres")
            return self.connection.execute(CLIENTS).fetchone() is not None
        except psycopg.Error:
            self._disconnect()
            return True  # not known: stay

    def _leave(self) -> bool:
        """Shut the door, unless somebody holds it: who calls `ensure` from now on waits until this process is gone."""
        door = os.open(self.layout.use_lock, os.O_RDWR | os.O_CREAT, 0o600)
        if _try_lock(door, fcntl.LOCK_EX) and not self._needed():
            return True  # the door stays open as a file, hence locked, until this process ends
        os.close(door)
        return False

    def _disconnect(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class StopSignal(Exception):
    """SIGTERM or SIGINT came."""


def _pause(seconds: float) -> None:
    """Wait, at most so long, for a signal; a child's end cuts the wait short. Raises StopSignal when told to stop."""
    found = signal.sigtimedwait(SIGNALS, seconds)
    if found is not None and found.si_signo != signal.SIGCHLD:
        raise StopSignal


def main(home: str) -> int:
    """Be the supervisor of `home`; 0 after an orderly end or when there is one already, 1 after a failure."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)  # _pause takes them one by one
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    layout = Layout(Path(home))
    accounts.make_folders(layout)
    with contextlib.ExitStack() as locks:
        try:
            lock = locks.enter_context(_locked(layout.supervisor_lock, fcntl.LOCK_EX, time.monotonic() + 2))
        except DatabaseUnavailableError:
            return 0
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        file = layout.log_dir / "supervisor.log"
        handler = logging.handlers.RotatingFileHandler(file, maxBytes=1_000_000, backupCount=3)
        logging.basicConfig(handlers=[handler], level=logging.INFO, format="%(asctime)s %(process)d %(message)s")
        try:
            Supervisor(layout, float(os.environ.get("BASHU_DATABASE_IDLE_SECONDS", "60"))).run()
        except (DatabaseUnavailableError, psycopg.Error, OSError, ValueError) as error:
            log.exception("the supervisor gives up")
            print(error, file=sys.stderr)  # the command that started this process shows it
            return 1
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
