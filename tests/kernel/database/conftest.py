"""Real servers on throw-away homes."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from bashu.kernel.database import accounts
from bashu.kernel.database.layout import Layout
from bashu.kernel.database.prepare import prepare
from bashu.kernel.database.supervisor import ensure, keep, status, stop


@pytest.fixture(autouse=True)
def embedded(monkeypatch) -> None:
    """Process faults lose nothing the kernel was given, so these tests need no fsync."""
    monkeypatch.setenv("BASHU_DATABASE_FSYNC", "off")
    monkeypatch.delenv("BASHU_DATABASE_IDLE_SECONDS", raising=False)
    for role in ("OWNER", "APP", "SYSTEM"):
        monkeypatch.delenv(f"BASHU_DATABASE_URL_{role}", raising=False)


def new_home() -> Path:
    """An empty home which the server's user can enter (pytest's own folders are closed to it)."""
    home = Path(tempfile.mkdtemp(prefix="bashu-test-", dir="/tmp"))
    home.chmod(0o755)
    return home


@pytest.fixture(scope="session")
def seed() -> Iterator[Path]:
    """The data folder of a node that started once: a copy of it spares a test the making."""
    home = new_home()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BASHU_DATABASE_FSYNC", "off")
        layout = ensure(home)
        prepare(layout, "bashu")
        stop(home)
    yield layout.data_dir
    remove(home)


def remove(home: Path) -> None:
    """Stop what runs there and leave no trace of it."""
    layout = Layout(home)
    stop(home)
    shutil.rmtree(home, ignore_errors=True)
    shutil.rmtree(layout.socket_dir, ignore_errors=True)
    shutil.rmtree(accounts.state_dir(layout), ignore_errors=True)


@pytest.fixture
def bare_home() -> Iterator[Path]:
    """The home of a node that has never started."""
    home = new_home()
    yield home
    remove(home)


@pytest.fixture
def home(bare_home, seed) -> Path:
    """The home of a node that started once and stands still now."""
    subprocess.run(["cp", "-a", str(seed), str(bare_home / "pg")], check=True)
    return bare_home


@pytest.fixture(scope="session")
def running() -> Iterator[Layout]:
    """One server for the tests that do it no harm, with an empty database `bashu`; it stays between tests far apart."""
    home = new_home()
    with keep(home) as layout:  # without fsync, as environment.py says for all tests
        prepare(layout, "bashu")
        yield layout
    remove(home)


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    """Wait until a condition holds, at most twenty seconds."""

    def wait(condition: Callable[[], object]) -> None:
        until = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < until, "it did not come true within twenty seconds"
            time.sleep(0.02)

    return wait


def ended(pid: int) -> bool:
    """Whether a killed process has let go of its files and locks: it loses its arguments a moment earlier."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.fixture
def kill(bare_home, eventually) -> Callable[[str], int]:
    """kill -9 the node's "server" or "supervisor"; returns its process id once it is gone."""

    def kill(which: str) -> int:
        pid = getattr(status(bare_home), which)
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: ended(pid) and getattr(status(bare_home), which) != pid)
        return pid

    return kill
