"""`bashu power region` and `bashu power run`: the region's model as files, and its dispatches as jobs."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table as Sheet

from bashu.kernel.parties.cli import acting, server
from bashu.kernel.parties.selectors import seen_by
from bashu.power.models import CHANCES, OUT_PERCENT, Case, Configuration, Season, TreeResult

runs = typer.Typer(no_args_is_help=True)
runs.callback()(server)  # the database server starts when none runs
console = Console(highlight=False, soft_wrap=True)
ZONE = ZoneInfo("Asia/Shanghai")
Weather = Annotated[Season, typer.Option("--season", help="what the rivers bring")]
Start = Annotated[
    datetime | None,
    typer.Option("--start", formats=["%Y-%m-%d"], help="first day; default: the season's fortnight of 2025"),
]
Hours = Annotated[int, typer.Option("--hours", min=1, help="how many hours")]
Step = Annotated[int, typer.Option("--step", min=1, help="hours a snapshot")]
Seed = Annotated[int | None, typer.Option("--seed", help="of the synthetic hours")]
Chance = Annotated[int, typer.Option(min=0, max=100, help="per cent: how likely the season is")]
Voll = Annotated[int, typer.Option("--voll", min=1, help="yuan a MWh of unserved load")]


def region(
    folder: Annotated[Path, typer.Argument(help="folder to write")],
    season: Weather = Season.WET,
    start: Start = None,
    hours: Hours = 336,
    step: Step = 1,
    seed: Seed = None,
    voll: Voll = 20_000,
    suffix: Annotated[Literal["csv", "parquet"], typer.Option("--tidy", help="the tables' format")] = "csv",
) -> None:
    """Write the two provinces over synthetic hours as a tidy folder, with players.json for `share`.

    `bashu power solve|share|export|compare` accept the folder. Capacities and hours are cited, derived or assumed: see the page of facts.
    """
    from bashu.power.engine import region as model
    from bashu.power.formats import tidy
    from bashu.power.formats.region import region_facts, region_of
    from bashu.power.selectors.dispatch import network_for

    usual = model.horizon_of(season)
    horizon = model.Horizon(start or usual.start, hours, step, str(season), usual.seed if seed is None else seed)
    tidy.write(network_for(horizon, voll_fen=voll * 100), folder, suffix=f".{suffix}")
    facts = region_of(region_facts())
    players = json.dumps(model.players_of(facts), ensure_ascii=False, indent=2)
    (folder / "players.json").write_text(players, encoding="utf-8")
    console.print(f"Wrote {folder}: {hours} synthetic hours ({season}).")
    for configuration in (Configuration.SEPARATE, Configuration.JOINT):
        closed = " ".join(model.closed_in(facts, configuration))
        console.print(f"Closed when {configuration}: {closed}", style="dim")


@runs.command("start")
def start_run(
    case: Annotated[UUID | None, typer.Option("--case", help="an existing case; else a new one is made")] = None,
    configuration: Annotated[
        Configuration | None, typer.Option("--configuration", help="only this one of an existing case")
    ] = None,
    name: Annotated[str, typer.Option("--name", help="of the new case")] = "",
    season: Weather = Season.WET,
    start: Start = None,
    hours: Hours = 336,
    step: Step = 1,
    voll: Voll = 20_000,
) -> None:
    """Ask for dispatches and follow them. A new case gets all three and the division. Ctrl-C stops watching, not the work."""
    from bashu.kernel.commands.command import Command
    from bashu.kernel.jobs.cli import watch
    from bashu.kernel.web.clock import now
    from bashu.power.engine.region import horizon_of
    from bashu.power.services import dispatch as services

    actor = acting()
    if case is None:
        first = (start or horizon_of(season).start).replace(tzinfo=ZONE)
        words = {
            "name": name or f"{season.label} {first:%Y-%m-%d}", "season": season, "starts_at": first, "hours": hours,
            "step": step, "voll_fen": voll * 100,
        }  # fmt: skip
        found = services.case_start(ctx=Command(actor=actor, now=now()), case=words)
        with seen_by(actor):
            jobs = [*found.runs.values_list("job", flat=True), *found.games.values_list("job", flat=True)]
    else:
        found = look(case)
        wanted = [configuration] if configuration else list(Configuration)
        jobs = [
            services.run_start(ctx=Command(actor=actor, now=now()), case=found, configuration=one).job for one in wanted
        ]
    console.print(f"Case {found.public_id}: {found.name}")
    for job in jobs:
        assert job is not None, "started work has a job"
        watch(job)
    list_runs(found.public_id)


@runs.command("tree")
def start_tree(
    case: Annotated[UUID, typer.Option("--case", help="an existing case")],
    wet: Chance = CHANCES["wet"],
    normal: Chance = CHANCES["normal"],
    drought: Chance = CHANCES["drought"],
    out: Annotated[
        int, typer.Option("--out", min=0, max=100, help="per cent: the line is out of service")
    ] = OUT_PERCENT,
) -> None:
    """Solve a case's hours in every season, with the ultra-high-voltage line open and out. Ctrl-C stops watching, not the work."""
    from bashu.kernel.commands.command import Command
    from bashu.kernel.jobs.cli import watch
    from bashu.kernel.web.clock import now
    from bashu.power.services import dispatch as services

    chances = {"wet": wet, "normal": normal, "drought": drought}
    ctx = Command(actor=acting(), now=now())
    tree = services.tree_start(ctx=ctx, case=look(case), chances=chances, out_percent=out)
    console.print(f"Tree {tree.public_id}")
    assert tree.job is not None, "started work has a job"
    watch(tree.job)
    with seen_by(acting()):
        tree.refresh_from_db()
    print_leaves(tree)


def print_leaves(tree: TreeResult) -> None:
    """A tree's leaves and what is to be expected, as a sheet."""
    from bashu.power.selectors.trees import expected_of
    from bashu.power.wording import million_yuan

    columns = ("season", "line", "probability", "status", "million yuan", "unserved MWh", "curtailed MWh", "t CO2")
    sheet = Sheet(*columns, box=None)
    for leaf in tree.leaves:
        energy = (leaf[name] or "–" for name in ("unserved_mwh", "curtailed_mwh", "co2_t"))
        money = "–" if leaf["objective_fen"] is None else f"{million_yuan(leaf['objective_fen']):,.2f}"
        line = "in service" if leaf["configuration"] == Configuration.UHV else "out"
        sheet.add_row(leaf["season"], line, f"{100 * float(leaf['probability']):g} %", leaf["status"], money, *energy)
    if expected := expected_of(tree):
        energy = (f"{expected[name]:.3f}" for name in ("unserved_mwh", "curtailed_mwh", "co2_t"))
        sheet.add_row("expected", "", "", "", f"{million_yuan(int(expected['objective_fen'])):,.2f}", *energy)
    console.print(sheet)


@runs.command("list")
def list_runs(case: Annotated[UUID | None, typer.Option("--case", help="only of this case")] = None) -> None:
    """List dispatches that are public or one's own, newest first."""
    from bashu.power.selectors import dispatch as selectors
    from bashu.power.wording import million_yuan

    sheet = Sheet(
        "run", "case", "configuration", "status", "million yuan", "unserved MWh", "curtailed MWh", "t CO2", box=None
    )
    found = look(case) if case else None
    with seen_by(acting()):
        for run in selectors.run_list(case=found):
            figures = (million_yuan(run.objective_fen), run.unserved_mwh, run.curtailed_mwh, run.co2_t)
            told = ("–" if value is None else f"{value:,.2f}" for value in figures)
            sheet.add_row(str(run.public_id), run.case.name, run.configuration, run.status, *told)
    console.print(sheet)


def look(case: UUID) -> Case:
    """A case as the person acting may see it. Raises NotFound."""
    from bashu.kernel.errors import NotFound

    with seen_by(acting()):
        found = Case.objects.filter(public_id=case).first()
    if found is None:
        raise NotFound
    return found
