"""The node as a whole: bring its database up to date, serve it, back it up, restore it."""

import fcntl
import functools
import hashlib
import importlib.metadata
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Annotated

import psycopg
import typer
from django.conf import settings
from django.core.management import call_command
from django.utils.translation import gettext_lazy as _
from psycopg import sql
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn

from bashu import __version__
from bashu.kernel.database import backup as dumps
from bashu.kernel.database.connection import connect
from bashu.kernel.database.layout import APP, OWNER, SYSTEM, Layout
from bashu.kernel.database.prepare import drop, prepare
from bashu.kernel.database.role import need
from bashu.kernel.database.supervisor import ensure, keep
from bashu.kernel.errors import BashuError
from bashu.kernel.web import metrics
from bashu.processes import Child, Processes, port_free

PACKAGE = Path(__file__).parent
console = Console(highlight=False, soft_wrap=True)


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
    """A digest of everything `upgrade` and `demo load` put into the database: version, migrations, facts, what the demonstration plays."""
    digest = hashlib.sha256(__version__.encode())
    for distribution in ("django", "procrastinate", "django-allauth", "django-axes"):
        digest.update(importlib.metadata.version(distribution).encode())
    for file in sorted([*PACKAGE.rglob("migrations/*.py"), *PACKAGE.rglob("facts/*.*"), *PACKAGE.rglob("demo*.py")]):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


def mark() -> str | None:
    """What the database says of itself in its comment: the fingerprint it was brought up with; None when it is not there."""
    try:
        with connect(Layout(settings.BASHU_HOME), OWNER, settings.DATABASE_NAME) as connection:
            query = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
            row = connection.execute(query).fetchone()
    except psycopg.OperationalError:
        return None
    return row[0] if row else None


def mark_as(text: str) -> None:
    """Let the database say so of itself."""
    with connect(Layout(settings.BASHU_HOME), OWNER, settings.DATABASE_NAME) as connection:
        statement = sql.SQL("COMMENT ON DATABASE {} IS {}")
        connection.execute(statement.format(sql.Identifier(settings.DATABASE_NAME), sql.Literal(text)))


def upgrade() -> None:
    """Create or migrate the database, load the shipped facts, make the first administrator. Safe to repeat."""
    need(OWNER)
    from bashu.kernel.parties.services import ADMINISTRATOR, operator_ensure

    layout = ensure(settings.BASHU_HOME)
    prepare(layout, settings.DATABASE_NAME)
    call_command("migrate", interactive=False, verbosity=0)
    password = operator_ensure()
    facts_load()
    mark_as(fingerprint())
    if password is not None:
        console.print(
            f"First administrator: [bold]{ADMINISTRATOR}[/]  password: [bold]{password}[/]  (shown once, stored nowhere)"
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
        "DJANGO_SETTINGS_MODULE": "bashu.settings",
        "BASHU_ROLE": role,
        "BASHU_HOME": str(settings.BASHU_HOME),
        "BASHU_DEMO": "1" if settings.BASHU_DEMO else "0",
    }


def demo_load() -> None:
    """Make the demonstration's log-ins and play each system's part of the year."""
    from bashu.kernel.parties.demo import logins_ensure
    from bashu.logistics import demo as logistics
    from bashu.policy import demo as policy
    from bashu.power import demo as power
    from bashu.power import demo_certificates as certificates
    from bashu.programme import demo as programme

    parts = [
        ("logistics", logistics.play),
        ("power", power.play),
        ("certificates", certificates.play),
        ("policy", policy.play),
        ("scoreboard", programme.play),
    ]
    logins_ensure()
    with Progress(TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), console=console) as progress:
        for name, play in parts:
            task = progress.add_task(f"Demonstration year: {name}", total=None)
            play(functools.partial(advance, progress, task))


def advance(progress: Progress, task: TaskID, done: int, total: int) -> None:
    """Show how far a part of the demonstration has been played."""
    progress.update(task, completed=done, total=total)


def demo_clear(
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Drop the demonstration's database; the real one is not touched."""
    need(OWNER)
    if not yes:
        typer.confirm(f"Drop the database {settings.DATABASE_NAME} with everything in it?", abort=True)
    with (settings.BASHU_HOME / "run" / f"serve-{settings.DATABASE_NAME}.lock").open("a+") as lock:
        try:
            claim(lock)
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
    port: Annotated[int, typer.Option(help="port to listen on; 0 takes a free one")] = 8000,
    workers: Annotated[int, typer.Option(help="web processes")] = 2,
) -> None:
    """Start everything the node needs and keep it running until Ctrl-C."""
    run_dir = settings.BASHU_HOME / "run"
    for folder in (run_dir, settings.BASHU_HOME / "log"):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (run_dir / f"serve-{settings.DATABASE_NAME}.lock").open("a+") as lock:
        try:
            claim(lock)
        except AlreadyServing as running:
            console.print(f"Bashu is already running at [bold]{running}[/]")
            return
        port = port_free(host, port)
        address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        lock.write(address)
        lock.flush()
        with keep(settings.BASHU_HOME):
            make_ready()
            metrics.start_afresh()
            bashu = [sys.executable, "-m", "bashu"]
            programs = {
                "web": (APP, granian(host, port, workers)),
                "sealer": (SYSTEM, [*bashu, "journal", "seal", "--watch"]),
                "worker": (SYSTEM, [*bashu, "worker"]),
            }
            logs = settings.BASHU_HOME / "log"
            children = [
                Child(name, arguments, environment(role), logs / f"{settings.DATABASE_NAME}-{name}.log")
                for name, (role, arguments) in programs.items()
            ]
            Processes(children, run_dir / f"serve-{settings.DATABASE_NAME}.pids").run(address)


def make_ready() -> None:
    """Bring the database up to this version and play the demonstration, unless it says that both were done."""
    current = fingerprint()
    played = f"{current} with the demonstration"
    found = mark()
    if found not in (current, played):
        console.print("Preparing the database …")
        run_as(OWNER, "upgrade")
    if settings.BASHU_DEMO and found != played:
        run_as(APP, "demo", "load")
        mark_as(played)


def claim(lock: IO[str]) -> None:
    """Hold the right to serve this database, or say who does; who holds it writes his address into the file."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        raise AlreadyServing(lock.read().strip()) from None
    lock.truncate(0)


def granian(host: str, port: int, workers: int) -> list[str]:
    """The web server's command line: few threads, since the database is the bottleneck and threads only add latency."""
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "bashu.wsgi:application", "--host", host, "--port", str(port),
        "--workers", str(workers), "--blocking-threads", "1", "--respawn-failed-workers", "--log-level", "warning",
    ]  # fmt: skip


class StillServing(BashuError):
    """A database in use is not dropped."""

    code, status = "node.serving", 409
    message = _("The node is running at {address}. Stop it first.")


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
