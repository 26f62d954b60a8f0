"""`bashu programme`: the scoreboard on the command line."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bashu.kernel.commands.command import Command
from bashu.kernel.parties.cli import acting
from bashu.kernel.parties.services import node_actor
from bashu.kernel.web import clock
from bashu.programme import selectors, wording
from bashu.programme.api import target_out
from bashu.programme.engine.judge import SIGN, Operator
from bashu.programme.errors import ImportRefused
from bashu.programme.formats.evidence import File
from bashu.programme.models import TaskReading
from bashu.programme.services import imports, measuring

app = typer.Typer(no_args_is_help=True)
console = Console(highlight=False)
COLOURS = {
    "met": "green",
    "on_track": "green",
    "behind": "yellow",
    "missed": "red",
    "cannot_judge": "dim",
    "no_data": "dim",
}
AsOf = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="the day to judge on; default: today")]


def day_of(as_of: datetime | None) -> date:
    """The day asked for, or today in the region."""
    return as_of.date() if as_of else clock.today()


@app.command()
def status(as_of: AsOf = None, as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False) -> None:
    """Print every target with its judgement; --json tells each judgement's method and formula too."""
    day = day_of(as_of)
    scored = selectors.scoreboard(as_of=day)
    if as_json:
        typer.echo(json.dumps([target_out(row, day) for row in scored], ensure_ascii=False, default=str, indent=2))
        return
    table = Table("", "target", "known", "promised", "judgement", title=f"Scoreboard on {day}")
    for row in scored:
        target, word = row.target, str(row.judgement.status)
        figure = row.rate if target.kind == "growth" else row.known.value if row.known else None
        known, promised = (
            wording.amount(value, target.unit, target.unit_en) or "–" for value in (figure, target.value)
        )
        sign = f"{SIGN[Operator(target.operator)]} " if target.operator else ""
        table.add_row(target.code, target.name, str(known), f"{sign}{promised}", f"[{COLOURS[word]}]{word}[/]")
    console.print(table)


@app.command()
def report(
    year: Annotated[int, typer.Option(help="the year reported on")],
    xlsx: Annotated[Path, typer.Option(help="spreadsheet to write")],
) -> None:
    """Write the annual report as a spreadsheet: targets, readings, tasks, projects, plan, what is unknown."""
    from bashu.programme.formats import report_xlsx

    xlsx.write_bytes(report_xlsx.write(selectors.annual_report(year=year)))
    console.print(f"Wrote {xlsx}")


@app.command()
def measure(as_of: AsOf = None) -> None:
    """Run every installed system's indicators and keep what they measured."""
    kept = measuring.indicators_measure(actor=node_actor(), now=clock.now(), as_of=day_of(as_of))
    for reading in kept:
        subject = reading.task if isinstance(reading, TaskReading) else reading.target
        console.print(f"{subject.code} {reading.indicator}: {reading.value} on {reading.period_end}")
    console.print(f"Kept {len(kept)} new readings.")


@app.command("import")
def import_(file: Annotated[Path, typer.Argument(help="CSV file of readings", exists=True, dir_okay=False)]) -> None:
    """Report every row of a CSV file: all of it or nothing. Columns: see `docs/programme.md`."""
    try:
        done = imports.readings_import(
            ctx=Command(actor=acting(), now=clock.now()), file=File(file.name, file.read_bytes())
        )
    except ImportRefused as refusal:
        for row in refusal.context["rows"]:
            console.print(f"line {row['line']}: {row['problem']}", markup=False)
        raise
    console.print(f"Imported {done['imported']} readings; each waits for a second person's confirmation.")
