"""`bashu power settle`: what each player receives so that the gain is divided as agreed, proposed and signed."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table as Sheet

from bashu.kernel.errors import NotFound
from bashu.power.errors import FileUnreadable

app = typer.Typer(no_args_is_help=True)
console = Console(highlight=False, soft_wrap=True)
Day = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"])]
Division = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="what `bashu power share … --json` wrote")]


@app.command()
def show(division: Division, as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False) -> None:
    """The transfers of a division in whole fen; they and the rounding account sum to zero. Needs no database."""
    from bashu.power.engine.settling import transfers

    terms = read(division)
    try:
        found = transfers(terms["target"], terms["settled"])
    except ValueError as error:
        raise FileUnreadable(place=division.name, problem=str(error)) from error
    lines = [line._asdict() for line in found.lines]
    if as_json:
        typer.echo(
            json.dumps(
                {"division": terms["division"], "lines": lines, "rounding": found.rounding},
                ensure_ascii=False,
                indent=2,
            )
        )
        return
    sheet = Sheet("player", "target", "settled", "transfer", title="fen")
    for line in found.lines:
        sheet.add_row(line.player, *(f"{fen:,}" for fen in line[1:]))
    sheet.add_row("rounding account", "", "", f"{found.rounding:,}")
    console.print(sheet)


@app.command()
def propose(
    division: Division,
    counterparty: Annotated[UUID, typer.Option(help="the other grid's organisation")],
    start: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="first day")],
    stop: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="last day")],
    note: str = "",
) -> None:
    """Propose the transfers to the other grid, signed by the acting one."""
    from bashu.power.cli_certificates import fresh, organisation
    from bashu.power.services.settlement import settlement_propose

    with_server()
    done = settlement_propose(
        ctx=fresh(), counterparty=organisation(counterparty), period_start=start.date(), period_end=stop.date(),
        note=note, **read(division),
    )  # fmt: skip
    console.print(str(done.public_id))


@app.command("list")
def settlements() -> None:
    """Settlements: identifier, period, state, the two grids."""
    from bashu.kernel.parties.cli import acting
    from bashu.kernel.parties.selectors import seen_by
    from bashu.power.selectors.settlement import settlement_list

    with_server()
    with seen_by(acting()):
        for row in settlement_list():
            console.print(
                f"{row.public_id}  {row.period_start} - {row.period_end}  {row.state}  {row.proposer} → {row.counterparty}"
            )


@app.command()
def sign(settlement: UUID) -> None:
    """Sign for the other side: the transfers bind."""
    from bashu.power.cli_certificates import fresh
    from bashu.power.services.settlement import settlement_sign

    console.print(settlement_sign(ctx=fresh(), settlement=found(settlement)).state)


@app.command()
def close(settlement: UUID, reason: Annotated[str, typer.Option(help="why")]) -> None:
    """Take back one's own proposal, or decline the other grid's."""
    from bashu.power.cli_certificates import fresh
    from bashu.power.services.settlement import settlement_decline, settlement_withdraw

    ctx, row = fresh(), found(settlement)
    own = row.proposer_id in ctx.actor.organisations()
    act = settlement_withdraw if own else settlement_decline
    console.print(act(ctx=ctx, settlement=row, reason=reason).state)


def with_server() -> None:
    """Start the database server when none runs."""
    from bashu.kernel.parties.cli import server

    server()


def found(public_id: UUID):  # type: ignore[no-untyped-def]
    """A settlement as the actor sees it; refuses (NotFound)."""
    from bashu.kernel.parties.cli import acting
    from bashu.kernel.parties.selectors import seen_by
    from bashu.power.models import Settlement

    with_server()
    with seen_by(acting()):
        row = Settlement.objects.filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def read(path: Path):  # type: ignore[no-untyped-def]
    """The terms of a division's file. Raises FileUnreadable."""
    from bashu.power.formats.division import terms_of

    try:
        return terms_of(path.read_bytes())
    except ValueError as error:
        raise FileUnreadable(place=path.name, problem=str(error)) from error
