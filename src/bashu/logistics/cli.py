"""`bashu logistics`: ways through the network on the command line. Needs no database.

The compiled engine is imported by the command that needs it, so that other commands start without it.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from bashu.logistics.errors import NetworkRefused
from bashu.logistics.terms import HORIZON, HOUR_FEN, REGION, TONNE_FEN

if TYPE_CHECKING:
    from bashu.logistics.formats.folder import Folder

app = typer.Typer(no_args_is_help=True)
console = Console(highlight=False)
SHOWN = 100  # wrong lines that are printed; the rest are counted

From = Annotated[str, typer.Option("--from", help="hub code, UN/LOCODE, GB/T 2260 code, or a name")]
To = Annotated[str, typer.Option("--to", help="likewise")]
Depart = Annotated[
    datetime, typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="ready at the origin, by its clock")
]
Teu = Annotated[int, typer.Option(help="twenty-foot units; a 40-foot box is two")]
Dangerous = Annotated[int | None, typer.Option(help="UN dangerous-goods class, 1 to 9")]
Reefer = Annotated[bool, typer.Option("--reefer", help="needs cooling")]
Network = Annotated[
    Path | None, typer.Option(help="folder of CSVs (docs/logistics.md); default: the shipped, assumed one")
]
AsJson = Annotated[bool, typer.Option("--json", help="for programs")]


def network_at(folder: Path | None) -> "Folder":
    """The network; a refused one has its wrong lines printed first."""
    from bashu.logistics import selectors

    try:
        return selectors.network_read(folder)
    except NetworkRefused as refused:
        problems = refused.context["problems"]
        for one in problems[:SHOWN]:
            typer.echo(f"{one.file}:{one.line}: {one.text}" if one.line else f"{one.file}: {one.text}", err=True)
        raise


@app.command()
def route(
    origin: From,
    to: To,
    depart: Depart,
    teu: Teu = 1,
    dangerous: Dangerous = None,
    reefer: Reefer = False,
    network: Network = None,
    hour: Annotated[int, typer.Option(help="value of time, fen an hour for the consignment")] = HOUR_FEN,
    tonne: Annotated[int, typer.Option(help="carbon price, fen a tonne of CO2e")] = TONNE_FEN,
    as_json: AsJson = False,
) -> None:
    """Print every way that no other beats in arrival, price and CO2e together, best first by your values."""
    from bashu.logistics import selectors

    answer = selectors.route(
        network_at(network),
        origin=origin,
        destination=to,
        departs=depart,
        cargo=selectors.Cargo(teu, dangerous, reefer),
        hour=hour,
        tonne=tonne,
    )
    options = selectors.answer_out(answer)
    if as_json:
        typer.echo(json.dumps(options, ensure_ascii=False, indent=2))
        return
    if not options:
        console.print(_("The timetable offers no way within {days} days.").format(days=HORIZON))
        return
    table = Table(
        "",
        _("arrives"),
        _("yuan"),
        "kg CO2e",
        _("way"),
        title=f"{answer.origin.name_zh} → {answer.destination.name_zh}",
    )
    for number, option in enumerate(options, start=1):
        way = " → ".join([option["legs"][0]["from"], *(f"{leg['to']} ({leg['mode']})" for leg in option["legs"])])
        yuan, kg = f"{option['price_fen'] / 100:,.2f}", f"{option['gco2e'] / 1000:,.1f}"
        table.add_row(str(number), option["arrives_at"], yuan, kg, way)
    console.print(table)
    if options[0]["network"]["status"] != "sourced":
        console.print(_("Timetable, prices and emissions of this network are assumed, not offers."))


@app.command()
def latest(
    origin: From,
    to: To,
    depart: Annotated[datetime, typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="not before this")],
    deadline: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="there by then, by the destination's clock")
    ],
    teu: Teu = 1,
    dangerous: Dangerous = None,
    reefer: Reefer = False,
    network: Network = None,
) -> None:
    """Print the latest moment at which a consignment may leave and still meet a deadline."""
    from bashu.logistics import selectors
    from bashu.logistics.engine.network import moment_of

    cargo = selectors.Cargo(teu, dangerous, reefer)
    folder = network_at(network)
    minute = selectors.latest(folder, origin=origin, destination=to, earliest=depart, deadline=deadline, cargo=cargo)
    if minute is None:
        console.print(
            _("No departure from {depart} on meets the deadline.").format(depart=depart.isoformat(timespec="minutes"))
        )
        raise typer.Exit(1)
    typer.echo(moment_of(minute, REGION).isoformat(timespec="minutes"))


@app.command()
def check(folder: Annotated[Path, typer.Argument(help="folder of CSVs", exists=True, file_okay=False)]) -> None:
    """Read a network folder and print what it holds, or every line that is wrong."""
    read = network_at(folder)
    console.print(
        _("{hubs} hubs, {services} services, {departures} single departures; version {version}").format(
            hubs=len(read.hubs), services=len(read.services), departures=read.singles.line.size, version=read.version
        )
    )
