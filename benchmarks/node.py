"""What every benchmark needs: a database of its own, processes under a role, and one way to print figures."""

import contextlib
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "var" / "bench"
os.environ.update(BASHU_HOME=str(HOME), DJANGO_SETTINGS_MODULE="bashu.settings")
os.environ.setdefault("BASHU_DATABASE", "bashu_bench")
os.environ.setdefault("BASHU_ROLE", "app")

from bashu.kernel.database.layout import Layout
from bashu.kernel.database.prepare import drop
from bashu.kernel.database.supervisor import ensure


@contextlib.contextmanager
def fresh_database() -> Iterator[Layout]:
    """A database as `bashu upgrade` leaves it, dropped afterwards. fsync is on: figures are those of a real node."""
    layout = ensure(HOME)
    drop(layout, "bashu_bench")
    subprocess.run([sys.executable, "-m", "bashu", "upgrade"], check=True, stdout=subprocess.DEVNULL)
    try:
        yield layout
    finally:
        drop(layout, "bashu_bench")


def as_role(role: str, script: str, *arguments: str) -> dict[str, object]:
    """Run one step of a benchmark in a process of another database role; it prints one JSON object."""
    command = [sys.executable, script, *arguments]
    done = subprocess.run(
        command, env={**os.environ, "BASHU_ROLE": role}, check=True, stdout=subprocess.PIPE, text=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def report(name: str, **figures: object) -> None:
    """Print a benchmark's figures as one JSON object, with what they were measured on."""
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "machine": platform.machine()}
    versions = {package: version(package) for package in ("django", "psycopg", "granian", "cryptography")}
    print(
        json.dumps({"benchmark": name, **figures, "machine": machine, "versions": versions}, ensure_ascii=False),
        flush=True,
    )
