"""`bashu jobs`: list, show, watch and cancel long work."""

import json
import time
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bashu.kernel.commands.actor import Actor
from bashu.kernel.commands.command import Command
from bashu.kernel.jobs import selectors, services
from bashu.kernel.jobs.models import Job, JobState
from bashu.kernel.jobs.registry import title_of
from bashu.kernel.parties.cli import acting, server
from bashu.kernel.parties.selectors import seen_by
from bashu.kernel.web.clock import now

app = typer.Typer(no_args_is_help=True)
app.callback()(server)  # the database server starts when none runs
console = Console(highlight=False, soft_wrap=True, markup=False)

PAUSE = 0.5  # seconds between two looks at a watched job
Number = Annotated[UUID, typer.Argument(metavar="JOB", help="the job's number, as `bashu jobs list` prints it")]


@app.command("list")
def list_jobs(
    state: Annotated[JobState | None, typer.Option(help="only those in one state")] = None,
    limit: Annotated[int, typer.Option(help="how many, newest first", min=1)] = 20,
) -> None:
    """List jobs, newest first."""
    actor = acting()
    table = Table("job", "work", "state", "done", "submitted", box=None, pad_edge=False)
    with seen_by(actor):
        for job in selectors.job_list(actor=actor, state=state)[:limit]:
            done = "" if job.percent is None else f"{job.percent} %"
            table.add_row(
                str(job.public_id), title_of(job.kind), job.state, done, f"{job.submitted_at:%Y-%m-%d %H:%M}Z"
            )
    console.print(table)


@app.command()
def show(number: Number) -> None:
    """Print one job as JSON: what was asked, how far it is, what came of it."""
    job = look(number, acting())
    fields = ["kind", "state", "done", "total", "message", "attempt", "parameters", "result", "error"]
    times = {name: str(getattr(job, name) or "") for name in ("submitted_at", "started_at", "finished_at")}
    shown = {"job": str(job.public_id), **{name: getattr(job, name) for name in fields}, **times}
    console.print_json(json.dumps(shown, ensure_ascii=False))


@app.command()
def watch(number: Number) -> None:
    """Follow one job until it ends; exit with 1 unless it is done. Ctrl-C stops watching, not the job."""
    actor = acting()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bars:
        bar = bars.add_task("", total=None)
        while (job := look(number, actor)).under_way:
            bars.update(bar, description=job.message or title_of(job.kind), completed=job.done, total=job.total or None)
            time.sleep(PAUSE)
        bars.update(bar, description=job.state, completed=job.done, total=job.total or None)
    if job.state != JobState.DONE:
        console.print(job.error or job.state)
        raise typer.Exit(1)


@app.command()
def cancel(number: Number) -> None:
    """Cancel a job that waits or runs."""
    actor = acting()
    services.job_cancel(ctx=Command(actor=actor, now=now()), job=look(number, actor))
    console.print("Cancelled.")


def look(number: UUID, actor: Actor) -> Job:
    """The job as it is at this moment."""
    with seen_by(actor):
        return selectors.job_get(number, actor=actor)
