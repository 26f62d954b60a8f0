"""Fixtures of the jobs room: commands, and real worker processes that can be killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # worker processes and sweeps import `long_work` and `sweep_work` by name
collect_ignore = ["long_work.py"]  # it must be imported once, under that name

WORKER = """
import sys
sys.path.insert(0, sys.argv[1])
import django
django.setup()
from datetime import timedelta
import long_work
from bashu.kernel.jobs.worker import run
run(stalled_after=timedelta(seconds=float(sys.argv[2])))
"""


@pytest.fixture
def clock() -> datetime:
    """The commands' clock."""
    return datetime(2025, 11, 30, 2, 0, tzinfo=UTC)


@pytest.fixture
def submit(clock: datetime) -> Callable[..., Any]:
    """Submit work as an operator of the port, unless another actor is given."""
    from long_work import OPERATOR, work_ask

    from bashu.kernel.commands.command import Command

    def ask(kind: str, actor: Any = OPERATOR, refuse: bool = False, **parameters: Any) -> Any:
        return work_ask(ctx=Command(actor=actor, now=clock), kind=kind, parameters=parameters, refuse=refuse)

    return ask


@pytest.fixture
def seen_by() -> Callable[..., Any]:
    """Run a function in a transaction that sees with an actor's eyes."""
    from django.db import connection, transaction

    from bashu.kernel.database.scope import scope_set

    def see(actor: Any, function: Callable[[], Any]) -> Any:
        with transaction.atomic(), connection.cursor() as cursor:
            scope_set(cursor, person=actor.id, organisations=actor.organisations(), jurisdictions=actor.jurisdictions())
            return function()

    return see


@pytest.fixture
def perform(seen_by: Callable[..., Any]) -> Callable[..., None]:
    """Do a job in this process, with the eyes of its submitter: the tests' role is not the workers'."""
    from long_work import OPERATOR

    from bashu.kernel.jobs.running import job_run

    return lambda job, **options: seen_by(OPERATOR, lambda: job_run(job.public_id, **options))


@pytest.fixture
def worker(database: str) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start real workers on this test's database; what still runs afterwards is killed."""
    started: list[subprocess.Popen[bytes]] = []

    def start(stalled_after: float = 30) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(HERE), str(stalled_after)], env={**os.environ, "BASHU_ROLE": "system"}
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGCONT)
            process.kill()
            process.wait()


@pytest.fixture
def until() -> Callable[[Callable[[], Any]], Any]:
    """Poll a condition until it holds; fail after a deadline."""

    def wait(condition: Callable[[], Any], seconds: float = 20) -> Any:
        deadline = time.monotonic() + seconds
        while not (value := condition()):
            assert time.monotonic() < deadline, "the condition never came true"
            time.sleep(0.02)
        return value

    return wait
