"""`bashu power`: solve a network file, divide what cooperation saves, write a network in another format.

Commands import what they compute with: every other command of `bashu` would wait for numeric libraries otherwise.
"""

import json
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table as Sheet

from bashu.power.cli_certificates import app as certificates
from bashu.power.cli_certificates import certify
from bashu.power.cli_horizons import roll, scenarios
from bashu.power.cli_settlement import app as settlements
from bashu.power.errors import NotSolved, PeerDiffers, PlayersRefused
from bashu.power.runs_cli import region, runs

app = typer.Typer(no_args_is_help=True)
app.command()(certify)
app.command()(region)
app.command()(roll)
app.command()(scenarios)
app.add_typer(certificates, name="certificates", help="Green certificates: meter, issue, offer, retire, match.")
app.add_typer(settlements, name="settle", help="Transfers between the two grids: show, propose, sign.")
app.add_typer(runs, name="run", help="Dispatches of the region: start, watch, list.")
console = Console(highlight=False)
NetworkFile = Annotated[Path, typer.Argument(metavar="NETWORK", help=".nc, .m, a PyPSA CSV folder, or a tidy folder")]
Dc = Annotated[Literal["matpower", "powermodels"], typer.Option("--dc", help="how .m files become direct current")]
Tables = Literal["csv", "parquet"]
AsJson = Annotated[bool, typer.Option("--json", help="for programs")]
Carbon = Annotated[float, typer.Option("--carbon-price", help="money a tonne, added to the cost of fuel")]
Voll = Annotated[
    float, typer.Option("--voll", help="price of unserved energy at buses that name none, money/MWh; 0: none")
]


@app.command()
def solve(
    network: NetworkFile,
    dc: Dc = "matpower",
    carbon_price: Carbon = 0.0,
    voll: Voll = 0.0,
    time_limit: Annotated[float, typer.Option("--time-limit", help="seconds; 0: none")] = 0.0,
    as_json: AsJson = False,
) -> None:
    """The least-cost dispatch of a network, with its residuals recomputed outside the solver; a long horizon by pieces."""
    from bashu.kernel.jobs.mapping import map_jobs
    from bashu.power.answers import summary, with_voll
    from bashu.power.engine.stitched import dispatch_long
    from bashu.power.formats import files

    reading = files.read(network, dc=dc)
    answer, way = dispatch_long(
        with_voll(reading.network, voll), carbon_price=carbon_price, time_limit=time_limit, mapper=map_jobs
    )
    shown = summary(answer) | {"annotations": reading.notes, "way": way._asdict()}
    if as_json:
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))
    if answer.status != "optimal":
        raise NotSolved(status=answer.status, explanation="; ".join(map(str, answer.explanation[:5])))
    if not as_json:
        sheet = Sheet("", "", title=f"{answer.model.network.name}: {answer.status}")
        for name, value in shown.items():
            if not isinstance(value, list | dict):
                sheet.add_row(name, f"{value:,.6g}" if isinstance(value, float) else str(value))
        console.print(sheet)


@app.command()
def share(
    network: NetworkFile,
    players: Annotated[Path, typer.Option("--players", help='JSON: {"player": ["bus or component", …], …}')],
    baseline: Annotated[
        Literal["isolated", "ties"],
        typer.Option("--baseline", help="without cooperation; ties are named by --existing"),
    ] = "isolated",
    existing: Annotated[
        list[str] | None, typer.Option("--existing", help="a link or line that works without cooperation")
    ] = None,
    division: Annotated[
        Literal["shapley", "nucleolus", "nash"], typer.Option("--division", help="what transfers aim at")
    ] = "shapley",
    weight: Annotated[list[float] | None, typer.Option("--weight", help="of each player, in order, for nash")] = None,
    dc: Dc = "matpower",
    carbon_price: Carbon = 0.0,
    voll: Voll = 0.0,
    as_json: AsJson = False,
) -> None:
    """What the players save by dispatching together, and ways to divide it."""
    from bashu.power.answers import players_of, shared, with_voll
    from bashu.power.engine.coalitions import Unsolvable, at_lost_load, divide, ownership
    from bashu.power.formats import files

    pool = with_voll(files.read(network, dc=dc).network, voll)
    try:
        own = ownership(pool, players_of(players))
        with console.status("") as line:

            def tell(done: int, total: int) -> None:
                line.update("" if as_json else f"{done}/{total}")

            divided = partial(
                divide,
                own=own,
                baseline=baseline,
                existing=existing or [],
                weights=weight,
                carbon_price=carbon_price,
                progress=tell,
            )
            found = divided(pool)
            unsure = any(cost.energy.unserved_mwh > 0 for cost in found.costs)
            others = {factor: divided(at_lost_load(pool, factor)) for factor in (0.5, 2.0) if unsure}
    except ValueError as error:
        raise PlayersRefused(place=players.name, problem=str(error)) from error
    except Unsolvable as error:
        who, status, why = error.args
        raise NotSolved(
            status=f"{who}: {status}", explanation=f"{why} --voll lets load go unserved at a price."
        ) from error
    shown = shared(own, found, division, baseline, others)
    if as_json:
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    sheet = Sheet(
        "player", "shapley", "nucleolus", "nash", "settlement", "transfer", title=f"Together {found.values[-1]:,.2f}"
    )
    for i, name in enumerate(own.players):
        row = (
            found.shapley[i],
            found.nucleolus.payoff[i],
            found.nash[i],
            found.settlement[i],
            shown["transfers"][name],
        )
        sheet.add_row(name, *(f"{value:,.2f}" for value in row))
    console.print(sheet)
    console.print(f"core empty: {shown['core_empty']}; least-core ε {shown['least_core_epsilon']:,.2f}")
    for factor, other in others.items():
        console.print(f"lost load at {factor:g} times its price: together {other.values[-1]:,.2f}")


@app.command()
def export(
    network: NetworkFile,
    target: Annotated[Path, typer.Argument(help=".nc, or a folder")],
    tidy_folder: Annotated[Tables | None, typer.Option("--tidy", help="write our tidy tables instead")] = None,
    dc: Dc = "matpower",
) -> None:
    """Write a network that PyPSA solves to the same objective; what PyPSA cannot hold is refused by name."""
    from bashu.power.formats import files, pypsa, tidy

    reading = files.read(network, dc=dc)
    if tidy_folder:
        tidy.write(reading.network, target, suffix=f".{tidy_folder}")
    else:
        pypsa.write(reading.network, target)
    console.print(str(target))


@app.command()
def compare(
    network: NetworkFile,
    peer: Annotated[Literal["pypsa"], typer.Option("--peer", help="the other tool")] = "pypsa",  # noqa: ARG001 - the only one
    dc: Dc = "matpower",
    as_json: AsJson = False,
) -> None:
    """Solve a network here and with another tool; fails when the costs differ by more than one part in 10⁸."""
    import time

    from bashu.power.engine.dispatch import dispatch
    from bashu.power.formats import files
    from bashu.power.peer import compared, solved_by_pypsa

    reading = files.read(network, dc=dc)
    theirs = solved_by_pypsa(network, reading.network)
    started = time.process_time()
    answer = dispatch(reading.network)
    if answer.status != "optimal":
        raise NotSolved(status=answer.status, explanation="; ".join(map(str, answer.explanation[:5])))
    shown = compared(answer, time.process_time() - started, theirs)
    if as_json:
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))
    else:
        sheet = Sheet("", "", title=f"{answer.model.network.name}")
        for name, value in shown.items():
            sheet.add_row(name, f"{value:,.10g}" if isinstance(value, float) else str(value))
        console.print(sheet)
    if not shown["same"]:
        raise PeerDiffers(ours=f"{answer.objective:,.6f}", theirs=f"{theirs.objective:,.6f}", peer=shown["peer"])
