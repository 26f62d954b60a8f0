"""`bashu power`: solve a network file, divide what cooperation saves, write a network in another format."""

import json
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table as Sheet

from bashu.methods import games
from bashu.power.engine.coalitions import Division, Ownership, Unsolvable, divide, in_fen, ownership
from bashu.power.engine.dispatch import Answer, dispatch
from bashu.power.engine.network import Network
from bashu.power.engine.results import degenerate_prices
from bashu.power.errors import FileUnreadable, NotSolved, PlayersRefused
from bashu.power.formats import files, pypsa, tidy

app = typer.Typer(no_args_is_help=True)
console = Console(highlight=False)
NetworkFile = Annotated[Path, typer.Argument(metavar="NETWORK", help=".nc, .m, a PyPSA CSV folder, or a tidy folder")]
Dc = Annotated[str, typer.Option("--dc", help="how .m files become direct current: matpower or powermodels")]
AsJson = Annotated[bool, typer.Option("--json", help="for programs")]
Carbon = Annotated[float, typer.Option("--carbon-price", help="money a tonne, added to the cost of fuel")]
Voll = Annotated[
    float, typer.Option("--voll", help="price of unserved energy at buses that name none, money/MWh; 0: none")
]


def with_voll(network: Network, voll: float) -> Network:
    """The network in which load may go unserved at a price, where its buses do not say so already."""
    if voll <= 0:
        return network
    given = network["buses"]["unserved_cost"]
    return network.with_tables(buses=network["buses"].changed(unserved_cost=np.where(np.isnan(given), voll, given)))


@app.command()
def solve(
    network: NetworkFile,
    dc: Dc = "matpower",
    carbon_price: Carbon = 0.0,
    voll: Voll = 0.0,
    time_limit: Annotated[float, typer.Option("--time-limit", help="seconds; 0: none")] = 0.0,
    as_json: AsJson = False,
) -> None:
    """The least-cost dispatch of a network, with its residuals recomputed outside the solver."""
    reading = files.read(network, dc=dc)
    answer = dispatch(with_voll(reading.network, voll), carbon_price=carbon_price, time_limit=time_limit)
    shown = summary(answer) | {"annotations": reading.notes}
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


def summary(answer: Answer) -> dict[str, object]:
    """What the command line says of an answer; numbers are null without optimality."""
    if answer.status != "optimal":
        names = ("objective", "primal_residual", "dual_gap", "unserved_mwh", "curtailed_mwh", "co2_t")
        return {
            "status": answer.status,
            **dict.fromkeys(names),
            "explanation": [str(line) for line in answer.explanation],
        }
    model, energy = answer.model, answer.energy
    return {
        "status": answer.status,
        "objective": answer.objective,
        "primal_residual": answer.residuals.primal,
        "dual_residual": answer.residuals.dual,
        "dual_gap": answer.residuals.gap,
        "unserved_mwh": energy.unserved_mwh,
        "curtailed_mwh": energy.curtailed_mwh,
        "spilled_mwh": energy.spilled_mwh,
        "co2_t": energy.co2_t,
        "uplift": float(answer.uplift.sum()),
        "prices_not_unique": int(degenerate_prices(model, answer.point).sum()),
        "snapshots": model.network.hours,
    }


@app.command()
def share(
    network: NetworkFile,
    players: Annotated[Path, typer.Option("--players", help='JSON: {"player": ["bus or component", …], …}')],
    baseline: Annotated[
        str, typer.Option("--baseline", help="without cooperation: isolated, or ties (see --existing)")
    ] = "isolated",
    existing: Annotated[
        list[str] | None, typer.Option("--existing", help="a link or line that works without cooperation")
    ] = None,
    division: Annotated[
        str, typer.Option("--division", help="what transfers aim at: shapley, nucleolus or nash")
    ] = "shapley",
    weight: Annotated[list[float] | None, typer.Option("--weight", help="of each player, in order, for nash")] = None,
    dc: Dc = "matpower",
    carbon_price: Carbon = 0.0,
    voll: Voll = 0.0,
    as_json: AsJson = False,
) -> None:
    """What the players save by dispatching together, and ways to divide it."""
    pool = with_voll(files.read(network, dc=dc).network, voll)
    if division not in ("shapley", "nucleolus", "nash"):
        raise PlayersRefused(place="--division", problem=division)
    try:
        own = ownership(pool, players_of(players))
        with console.status("") as line:

            def tell(done: int, total: int) -> None:
                line.update("" if as_json else f"{done}/{total}")

            found = divide(
                pool,
                own,
                baseline=baseline,
                existing=existing or [],
                weights=weight,
                carbon_price=carbon_price,
                progress=tell,
            )
    except ValueError as error:
        raise PlayersRefused(place=players.name, problem=str(error)) from error
    except Unsolvable as error:
        who, status, why = error.args
        raise NotSolved(
            status=f"{who}: {status}", explanation=f"{why} --voll lets load go unserved at a price."
        ) from error
    shown = shared(own, found, division, baseline)
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


def players_of(path: Path) -> dict[str, list[str]]:
    """The players of a JSON file. Raises FileUnreadable or PlayersRefused."""
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise FileUnreadable(place=path.name, problem=str(error)) from error
    shaped = isinstance(read, dict) and all(
        isinstance(names, list) and all(isinstance(name, str) for name in names) for names in read.values()
    )
    if not shaped or not 1 <= len(read) <= games.LARGEST:
        raise PlayersRefused(
            place=path.name, problem=f"an object of 1 to {games.LARGEST} players, each a list of names, is needed"
        )
    return {str(player): list(names) for player, names in read.items()}


def shared(own: Ownership, found: Division, division: str, baseline: str) -> dict:
    """A division for programs: payoffs by player, coalitions by their members' names joined with “+”."""
    target = {"shapley": found.shapley, "nucleolus": found.nucleolus.payoff, "nash": found.nash}[division]
    fen, moved = in_fen(target - found.settlement)
    label = ["+".join(own.players[i] for i in sorted(games.members(mask))) for mask in range(len(found.values))]
    coalitions = range(1, len(found.values))

    def by_player(values: np.ndarray) -> dict[str, float]:
        return dict(zip(own.players, values.tolist(), strict=True))

    return {
        "players": list(own.players),
        "baseline": baseline,
        "v": {label[mask]: float(found.values[mask]) for mask in coalitions},
        "cost": {label[mask]: found.costs[mask].money for mask in coalitions},
        "energy": {label[mask]: found.costs[mask].energy._asdict() for mask in coalitions},
        "shapley": by_player(found.shapley),
        "nucleolus": by_player(found.nucleolus.payoff),
        "nucleolus_certified": games.certified(found.values, found.nucleolus),
        "nash": by_player(found.nash),
        "core_empty": found.least_core.core_is_empty(found.values),
        "least_core_epsilon": found.least_core.epsilon,
        "shapley_in_core": games.in_core(found.values, found.shapley),
        "division": division,
        "settlement": by_player(found.settlement),
        "transfers": by_player(fen / 100),
        "rounding_fen": moved,
    }


@app.command()
def export(
    network: NetworkFile,
    target: Annotated[Path, typer.Argument(help=".nc, or a folder")],
    tidy_folder: Annotated[str, typer.Option("--tidy", help="write our tidy tables instead: csv or parquet")] = "",
    dc: Dc = "matpower",
) -> None:
    """Write a network that PyPSA solves to the same objective; what PyPSA cannot hold is refused by name."""
    reading = files.read(network, dc=dc)
    if tidy_folder not in ("", "csv", "parquet"):
        raise FileUnreadable(place="--tidy", problem=tidy_folder)
    if tidy_folder:
        tidy.write(reading.network, target, suffix=f".{tidy_folder}")
    else:
        pypsa.write(reading.network, target)
    console.print(str(target))
