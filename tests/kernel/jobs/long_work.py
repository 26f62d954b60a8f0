"""Work that the tests of jobs submit; each kind says in its name what it does."""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection

from bashu.kernel.commands.actor import Actor, ActorKind, Grant, Role
from bashu.kernel.commands.command import Command, command
from bashu.kernel.errors import Conflict, Unavailable
from bashu.kernel.jobs.models import Job
from bashu.kernel.jobs.progress import Progress
from bashu.kernel.jobs.registry import job, periodic
from bashu.kernel.jobs.services import job_submit

CHONGQING_OFFICE = UUID("01930000-0000-7000-8000-0000000000c1")
SICHUAN_OFFICE = UUID("01930000-0000-7000-8000-0000000000c2")
PORT = UUID("01930000-0000-7000-8000-0000000000d1")
OTHER_PORT = UUID("01930000-0000-7000-8000-0000000000d2")


def person(number: int, role: Role, organisation: UUID, jurisdiction: str) -> Actor:
    """Somebody with one role for one organisation."""
    grant = Grant(role, organisation, f"Organisation {organisation.int % 256:x}", jurisdiction)
    return Actor(ActorKind.PERSON, UUID(int=0x01930000000070008000 << 48 | number), (grant,))


OPERATOR = person(1, Role.OPERATOR, PORT, "CQ")
COLLEAGUE = person(2, Role.OPERATOR, PORT, "CQ")
STRANGER = person(3, Role.OPERATOR, OTHER_PORT, "CQ")
CHONGQING = person(4, Role.AUTHORITY, CHONGQING_OFFICE, "CQ")
SICHUAN = person(5, Role.AUTHORITY, SICHUAN_OFFICE, "SC")
COORDINATOR = person(6, Role.COORDINATOR, CHONGQING_OFFICE, "joint")


@command("tests.work.ask", roles={Role.OPERATOR})
def work_ask(*, ctx: Command, kind: str, parameters: Mapping[str, Any], refuse: bool = False) -> Job:
    """Ask for work, as a system's service would; refuse after having submitted it when told to."""
    asked = job_submit(ctx=ctx, kind=kind, parameters=parameters)
    if refuse:
        raise Conflict(constraint="tests")
    return asked


@command("tests.work.note", roles={Role.OPERATOR})
def work_note(*, ctx: Command, about: Job) -> str:
    """Write one journal entry, as a step of work would."""
    ctx.append(subject=about, before=None, after={"noted": True})
    return ctx.actor.label


def hold(file: str) -> None:
    """Wait until a file exists; give up after half a minute, so that nothing is left behind."""
    deadline = time.monotonic() + 30
    while not Path(file).exists() and time.monotonic() < deadline:
        time.sleep(0.01)


@job("tests.add", title="Adding up")
def add(progress: Progress, parameters: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """Add numbers."""
    for number, _ in enumerate(parameters["numbers"], start=1):
        progress.advance(number, len(parameters["numbers"]), f"number {number}")
    return {"sum": sum(parameters["numbers"])}


@job("tests.steps")
def steps(progress: Progress, parameters: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """Write each step's number and process into a file; wait at one step for a gate; keep a checkpoint after each."""
    log = Path(parameters["log"])
    for step in range(progress.kept or 0, parameters["steps"]):
        if step == parameters.get("gate_at"):
            with log.open("a") as out:
                out.write(f"gate {os.getpid()}\n")
            hold(parameters["gate"])
        with log.open("a") as out:
            out.write(f"{step} {os.getpid()}\n")
        progress.checkpoint(step + 1)
    return {"steps": parameters["steps"], "finished_by": os.getpid()}


@job("tests.spin")
def spin(progress: Progress, parameters: Mapping[str, Any], actor: Actor) -> int:
    """Go on until told to stop, or until a gate opens; then the process that did it."""
    gate = Path(parameters.get("gate", "/nonexistent"))
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not gate.exists():
        progress.advance(1, 100, "spinning")
        time.sleep(0.01)
    return os.getpid()


@job("tests.lose")
def lose(progress: Progress, parameters: Mapping[str, Any], actor: Actor) -> str:
    """Have the connection to the database cut once; go on from the checkpoint."""
    if progress.kept is None:
        progress.checkpoint("before the cut")
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    return f"went on from {progress.kept}"


@job("tests.full")
def full(progress: Progress, parameters: Mapping[str, Any], actor: Actor) -> None:
    """Meet a command that cannot write."""
    raise Unavailable(reason="disk full")


@job("tests.refuse")
def refuse(progress: Progress, parameters: Mapping[str, Any], actor: Actor) -> None:
    """Be refused by a business rule."""
    raise Conflict(constraint="quay_taken")


@job("tests.break")
def fall(progress: Progress, parameters: Mapping[str, Any], actor: Actor) -> None:
    """Fail in a way nobody foresaw, with a secret in the message."""
    raise RuntimeError("password=hunter2")


@job("tests.note")
def note(progress: Progress, parameters: Mapping[str, Any], actor: Actor) -> str:
    """Write through a service on behalf of the submitter, twice with one key, as a repeated attempt would."""
    subject = Job.objects.get(public_id=parameters["about"])
    work_note(ctx=progress.command("note"), about=subject)
    return work_note(ctx=progress.command("note"), about=subject)


@periodic("tests.tick", every=0.05)
def tick() -> None:
    """Leave a mark in the file that the environment names, and fail at the first two times."""
    if named := os.environ.get("TESTS_TICKS"):
        file = Path(named)
        with file.open("a") as stream:
            stream.write(".")
        if file.stat().st_size <= 2:
            raise RuntimeError("the first times go wrong")
