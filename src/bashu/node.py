"""The node as a whole: bring its database up to date, serve it, back it up, restore it."""

import contextlib
import ctypes
import fcntl
import hashlib
import importlib.metadata
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Annotated, NamedTuple

import psycopg
import typer
from django.conf import settings
from django.core.management import call_command
from django.utils.translation import gettext_lazy as _
from psycopg import sql
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from bashu import __version__
from bashu.kernel.database import backup as dumps
from bashu.kernel.database.connection import connect
from bashu.kernel.database.layout import OWNER, SYSTEM, Layout
from bashu.kernel.database.prepare import drop, prepare
from bashu.kernel.database.role import need
from bashu.kernel.database.supervisor import ensure, keep
from bashu.kernel.errors import BashuError

PACKAGE = Path(__file__).parent
RESTART_PAUSE = 0.5  # seconds between the death of a process and its successor
PR_SET_PDEATHSIG = 1  # prctl(2): the kernel ends a child when its parent dies
console = Console(highlight=False, soft_wrap=True)


class Child(NamedTuple):
    """A process of the node: what it is called, its database role and its command line."""

    name: str
    role: str
    arguments: list[str]


def add_commands(app: typer.Typer) -> None:
    """The node's own commands stand at the root of the command line."""
    app.command(
        help="Serve the node: database, web pages, sealer, worker. `bashu serve --demo` shows the demonstration."
    )(serve)
    app.command(help="Bring the database up to this version: schema, facts, the first administrator.")(upgrade)
    app.command(help="Write the whole database into one file.")(backup)
    app.command(help="Read a backup into an empty database.")(restore)
    app.command(help="Run one worker for long jobs (`bashu serve` starts one).")(worker)
    demo = typer.Typer(no_args_is_help=True)
    demo.command(
        "load",
        help="Play the demonstration year through the real services; what was played before is not played again.",
    )(demo_load)
    demo.command("clear", help="Drop the demonstration's database with everything in it.")(demo_clear)
    app.add_typer(demo, name="demo", help="The demonstration: synthetic data in a database of its own.")


def fingerprint() -> str:
    """A digest of everything `upgrade` puts into the database: version, migrations, facts."""
    digest = hashlib.sha256(__version__.encode())
    for distribution in ("django", "procrastinate", "django-allauth", "django-axes"):
        digest.update(importlib.metadata.version(distribution).encode())
    for file in sorted([*PACKAGE.rglob("migrations/*.py"), *PACKAGE.rglob("facts/*.*")]):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


def is_current() -> bool:
    """Whether the database was brought up by exactly this version of the package; it says so in its comment."""
    try:
        with connect(Layout(settings.BASHU_HOME), OWNER, settings.DATABASE_NAME) as connection:
            row = connection.execute(
                "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
            ).fetchone()
    except psycopg.OperationalError:
        return False
    return row is not None and row[0] == fingerprint()


def upgrade() -> None:
    """Create or migrate the database, load the shipped facts, make the first administrator. Safe to repeat."""
    need(OWNER)
    from bashu.kernel.parties.services import operator_ensure

    layout = ensure(settings.BASHU_HOME)
    prepare(layout, settings.DATABASE_NAME)
    call_command("migrate", interactive=False, verbosity=0)
    password = operator_ensure()
    facts_load()
    with connect(layout, OWNER, settings.DATABASE_NAME) as connection:
        statement = sql.SQL("COMMENT ON DATABASE {} IS {}")
        connection.execute(statement.format(sql.Identifier(settings.DATABASE_NAME), sql.Literal(fingerprint())))
    if password is not None:
        console.print(
            f"First administrator: [bold]admin@bashu.localhost[/]  password: [bold]{password}[/]  (shown once, stored nowhere)"
        )


def facts_load() -> None:
    """Bring the facts of every room and system in line with what the package ships, as the node itself."""
    from bashu.kernel.commands.command import Command
    from bashu.kernel.parties.services import node_actor
    from bashu.kernel.places import services as places
    from bashu.programme.services import facts as programme

    actor, digests = node_actor(), places.facts_digests()
    key = "facts:" + hashlib.sha256("".join(digests.values()).encode()).hexdigest()
    places.facts_write(ctx=Command(actor=actor, now=datetime.now(UTC), key=key), files=digests)
    programme.facts_load(actor)


def run_as(role: str, *arguments: str) -> None:
    """Run a bashu command in a process of another database role; its failure is ours."""
    done = subprocess.run([sys.executable, "-m", "bashu", *arguments], env=environment(role), check=False)
    if done.returncode:
        raise typer.Exit(done.returncode)


def environment(role: str) -> dict[str, str]:
    """This process's environment with another database role."""
    return {
        **os.environ,
        "BASHU_ROLE": role,
        "BASHU_HOME": str(settings.BASHU_HOME),
        "BASHU_DEMO": "1" if settings.BASHU_DEMO else "0",
    }


def demo_load() -> None:
    """Make the demonstration's log-ins and play each system's part of the year."""
    from bashu.kernel.parties.demo import logins_ensure
    from bashu.programme import demo as programme

    with Progress(TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), console=console) as progress:
        task = progress.add_task("Demonstration year", total=None)
        logins_ensure()
        programme.play(lambda done, total: progress.update(task, completed=done, total=total))


def demo_clear(
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Drop the demonstration's database; the real one is not touched."""
    need(OWNER)
    if not yes:
        typer.confirm(f"Drop the database {settings.DATABASE_NAME} with everything in it?", abort=True)
    with (settings.BASHU_HOME / "run" / f"serve-{settings.DATABASE_NAME}.lock").open("a+") as lock:
        try:
            claim(lock, "")
        except AlreadyServing as running:
            raise StillServing(address=running) from None
        drop(ensure(settings.BASHU_HOME), settings.DATABASE_NAME)
    console.print("The demonstration is gone. `bashu serve --demo` plays it again.")


def worker() -> None:
    """Take long jobs from the queue until told to stop."""
    need(SYSTEM)
    from bashu.kernel.jobs.worker import run

    run()


class AlreadyServing(Exception):
    """Another process serves this database; its address."""


def serve(
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="port to listen on")] = 8000,
    workers: Annotated[int, typer.Option(help="web processes")] = 2,
) -> None:
    """Start everything the node needs and keep it running until Ctrl-C."""
    address = f"http://{host}:{port}"
    run_dir = settings.BASHU_HOME / "run"
    run_dir.mkdir(parents=True, exist_ok=True)
    with (run_dir / f"serve-{settings.DATABASE_NAME}.lock").open("a+") as lock:
        try:
            claim(lock, address)
        except AlreadyServing as running:
            console.print(f"Bashu is already running at [bold]{running}[/]")
            return
        with keep(settings.BASHU_HOME):  # a killed supervisor is replaced for as long as the node serves
            if not is_current():
                console.print("Preparing the database …")
                run_as("owner", "upgrade")
            if settings.BASHU_DEMO:
                run_as("app", "demo", "load")
            Processes(
                [
                    Child("web", "app", granian(host, port, workers)),
                    Child("sealer", "system", [sys.executable, "-m", "bashu", "journal", "seal", "--watch"]),
                    Child("worker", "system", [sys.executable, "-m", "bashu", "worker"]),
                ],
                run_dir / f"serve-{settings.DATABASE_NAME}.pids",
            ).run(address)


def claim(lock: IO[str], address: str) -> None:
    """Hold the right to serve this database, or say who does."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        raise AlreadyServing(lock.read().strip() or address) from None
    lock.truncate(0)
    lock.write(address)
    lock.flush()


def granian(host: str, port: int, workers: int) -> list[str]:
    """The web server's command line: few threads, since the database is the bottleneck and threads only add latency."""
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "bashu.wsgi:application", "--host", host, "--port", str(port),
        "--workers", str(workers), "--blocking-threads", "1", "--respawn-failed-workers", "--log-level", "warning",
    ]  # fmt: skip


LIBC = ctypes.CDLL(None)  # opened here: between fork and exec nothing may be loaded


def die_with_parent() -> None:
    """In the child, before it runs: ask the kernel to end it when the node is killed, so nothing is left behind."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Processes:
    """The node's children: each restarted when it dies, all ended together, none left behind by a killed predecessor."""

    def __init__(self, children: list[Child], pids: Path) -> None:
        self.children = children
        self.pids = pids
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.stopping = False

    def run(self, address: str) -> None:
        """Start all, print the address when pages are served, watch until SIGINT or SIGTERM."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.stop)
        self.end_leftovers()
        for child in self.children:
            self.start(child)
        if self.await_page(address):
            console.print(f"Bashu serves [bold]{address}[/]  (Ctrl-C stops it)")
        while not self.stopping:
            for child in self.children:
                if self.running[child.name].poll() is not None and not self.stopping:
                    console.print(f"{child.name} ended; starting it again")
                    self.end(self.running[child.name])
                    time.sleep(RESTART_PAUSE)
                    self.start(child)
            time.sleep(0.2)
        for process in self.running.values():
            self.end(process)
        self.pids.unlink(missing_ok=True)

    def start(self, child: Child) -> None:
        """Start one child in its own process group and note the group for a successor."""
        self.running[child.name] = subprocess.Popen(
            child.arguments,
            env={**environment(child.role), "DJANGO_SETTINGS_MODULE": "bashu.settings"},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - one system call, which takes no lock
        )
        self.pids.write_text("\n".join(str(process.pid) for process in self.running.values()))

    def await_page(self, address: str) -> bool:
        """Wait until the web server answers; False when told to stop first."""
        while not self.stopping:
            if answers(f"{address}/health/live"):
                return True
            if self.running["web"].poll() is not None:
                raise NodeFailed(what="web", code=self.running["web"].returncode)
            time.sleep(0.05)
        return False

    def stop(self, *_: object) -> None:
        """Signal handler: the watch loop ends."""
        self.stopping = True

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """End a child with its whole group: a killed web server leaves its workers serving."""
        end_group(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        end_group(process.pid, signal.SIGKILL)
        process.wait()

    def end_leftovers(self) -> None:
        """End the groups that a predecessor killed with -9 noted and could not end, if they are still ours."""
        if self.pids.exists():
            for pid in self.pids.read_text().split():
                if is_ours(int(pid)):
                    end_group(int(pid), signal.SIGKILL)


def answers(address: str) -> bool:
    """Whether a page can be had from our own server."""
    try:
        with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - our own address
            return True
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def is_ours(group: int) -> bool:
    """Whether a process group holds a process of a Bashu node with this home (pids are reused; names are not enough)."""
    mark = f"BASHU_HOME={settings.BASHU_HOME}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.getpgid(int(process.name)) == group and mark in (process / "environ").read_bytes().split(b"\0"):
                return True
    return False


def end_group(group: int, number: signal.Signals) -> None:
    """Send a signal to a process group that may be gone already."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)


class StillServing(BashuError):
    """A database in use is not dropped."""

    code, status = "node.serving", 409
    message = _("The node is running at {address}. Stop it first.")


class NodeFailed(BashuError):
    """A process the node needs did not start."""

    code, status = "node.failed", 500
    message = _("{what} ended at once with code {code}; the lines above say why. Is the port taken? Try --port.")


def backup(file: Annotated[Path, typer.Argument(help="file to write")]) -> None:
    """Write the whole database into one file (PostgreSQL custom format); the node may keep running."""
    layout = ensure(settings.BASHU_HOME)
    dumps.backup(layout, settings.DATABASE_NAME, file)
    console.print(
        f"Wrote {file} ({file.stat().st_size:,} bytes). Keep BASHU_HOME/keys beside it: a restored node signs with them."
    )


def restore(file: Annotated[Path, typer.Argument(help="file that `bashu backup` wrote", exists=True)]) -> None:
    """Read a backup into an empty database, all or nothing; then run `bashu journal verify`."""
    layout = ensure(settings.BASHU_HOME)
    prepare(layout, settings.DATABASE_NAME)
    dumps.restore(layout, settings.DATABASE_NAME, file)
    console.print("Restored. Now run: bashu upgrade && bashu journal verify")
