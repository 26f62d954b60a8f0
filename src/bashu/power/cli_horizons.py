"""`bashu power roll` and `scenarios`: one network seen some hours at a time, or in several weathers with lines open or closed."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table as Sheet

from bashu.power.errors import NetworkRefused, NotSolved, TreeRefused

console = Console(highlight=False)
NetworkFile = Annotated[Path, typer.Argument(metavar="NETWORK", help=".nc, .m, a PyPSA CSV folder, or a tidy folder")]
Carbon = Annotated[float, typer.Option("--carbon-price", help="money a tonne, added to the cost of fuel")]
Voll = Annotated[
    float, typer.Option("--voll", help="price of unserved energy at buses that name none, money/MWh; 0: none")
]
AsJson = Annotated[bool, typer.Option("--json", help="for programs")]
FACTORS = ("inflow", "river", "load", "probability")


def roll(
    network: NetworkFile,
    step: Annotated[int, typer.Option("--step", min=1, help="snapshots kept of each window")] = 24,
    ahead: Annotated[int, typer.Option("--ahead", min=0, help="snapshots seen beyond them")] = 24,
    carbon_price: Carbon = 0.0,
    voll: Voll = 0.0,
    as_json: AsJson = False,
) -> None:
    """Dispatch in windows, seeing only some hours ahead: never cheaper than `solve`, which sees all of them."""
    from bashu.power.answers import rolled, with_voll
    from bashu.power.engine import rolling
    from bashu.power.formats import files

    given = with_voll(files.read(network).network, voll)
    with Progress(console=Console(stderr=True), disable=as_json) as bars:
        bar = bars.add_task("", total=None)
        try:
            found = rolling.roll(
                given,
                step=step,
                ahead=ahead,
                carbon_price=carbon_price,
                progress=lambda done, total: bars.update(bar, completed=done, total=total),
            )
        except ValueError as error:
            raise NetworkRefused(problems=str(error)) from error
    show(rolled(found), network.name, as_json=as_json)
    if found.status != "optimal":
        raise NotSolved(status=found.status, explanation="; ".join(map(str, found.explanation[:5])))


def scenarios(
    network: NetworkFile,
    tree: Annotated[
        Path,
        typer.Option(
            "--tree",
            help='JSON: {"weathers": {"drought": {"inflow": 0.5, "probability": 0.1}, …}, "branches": {"out": {"closed": ["line"], …}, …}}',
        ),
    ],
    carbon_price: Carbon = 0.0,
    voll: Voll = 0.0,
    as_json: AsJson = False,
) -> None:
    """Solve a network in every weather with every choice of closed lines; the expected cost where probabilities are complete."""
    from bashu.power.answers import swept, with_voll
    from bashu.power.engine.scenarios import sweep
    from bashu.power.formats import files

    given = with_voll(files.read(network).network, voll)
    leaves = tree_of(tree)
    with Progress(console=Console(stderr=True), disable=as_json) as bars:
        bar = bars.add_task("", total=len(leaves))
        try:
            found = sweep(given, leaves, lambda done, _all: bars.update(bar, completed=done), carbon_price=carbon_price)
        except ValueError as error:
            raise TreeRefused(place=tree.name, problem=str(error)) from error
    shown = swept(found)
    if as_json:
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    sheet = Sheet("scenario", "status", "objective", "unserved MWh", "curtailed MWh", "t CO2")
    for leaf in shown["leaves"]:
        figures = (leaf[name] for name in ("objective", "unserved_mwh", "curtailed_mwh", "co2_t"))
        sheet.add_row(
            leaf["scenario"], leaf["status"], *("–" if value is None else f"{value:,.6g}" for value in figures)
        )
    console.print(sheet)
    if shown["expected"] is not None:
        console.print(f"expected: {shown['expected']:,.6g}")


def tree_of(path: Path) -> list[Any]:
    """The leaves of a tree file; probabilities are one where none are given. Raises TreeRefused, naming what is wrong."""
    from bashu.power.engine.scenarios import Weather, tree

    try:
        read = json.loads(path.read_text(encoding="utf-8"))
        weathers = {name: dict(words) for name, words in read["weathers"].items()}
        branches = {name: dict(words) for name, words in read.get("branches", {"open": {}}).items()}
        for name, words, known in (
            *((n, w, FACTORS) for n, w in weathers.items()),
            *((n, w, ("closed", "probability")) for n, w in branches.items()),
        ):
            if unknown := set(words) - set(known):
                raise TreeRefused(place=path.name, problem=f"{name}: {min(unknown)}")
        return tree(
            [
                Weather(name, **{word: float(value) for word, value in words.items()})
                for name, words in weathers.items()
            ],
            [
                (n, [str(line) for line in w.get("closed", [])], float(w.get("probability", 1.0)))
                for n, w in branches.items()
            ],
        )
    except (OSError, UnicodeDecodeError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise TreeRefused(place=path.name, problem=str(error)) from error


def show(shown: dict[str, Any], title: str, *, as_json: bool) -> None:
    """Figures for programs, or as a sheet."""
    if as_json:
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    sheet = Sheet("", "", title=title)
    for name, value in shown.items():
        if not isinstance(value, list | dict):
            sheet.add_row(name, f"{value:,.6g}" if isinstance(value, float) else str(value))
    console.print(sheet)
