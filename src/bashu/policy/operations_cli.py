"""`bashu policy offers|applications|delegations|land|tariffs`: operations on the command line, as whom `--as` names."""

from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, TypeVar
from uuid import UUID

import typer
from django.db.models import Model
from django.utils import timezone
from rich.console import Console
from rich.table import Column, Table

from bashu.kernel.commands.command import Command
from bashu.kernel.errors import NotFound
from bashu.kernel.parties.cli import acting
from bashu.kernel.parties.selectors import seen_by
from bashu.kernel.web import clock
from bashu.policy import profile_cli
from bashu.policy.errors import TariffWrong
from bashu.policy.models import Application, Delegation, LandAccount
from bashu.policy.selectors import applications as application_selectors
from bashu.policy.selectors import delegations as delegation_selectors
from bashu.policy.selectors import land as land_selectors
from bashu.policy.selectors import support
from bashu.policy.selectors.tariffs import tariffs_compared
from bashu.policy.services import applications, catalogues, delegations, land
from bashu.policy.services.tariffs import Row, tariffs_publish

M = TypeVar("M", bound=Model)
console = Console(highlight=False, soft_wrap=True)
offers = typer.Typer(no_args_is_help=True)
application = typer.Typer(no_args_is_help=True)
delegation = typer.Typer(no_args_is_help=True)
quota = typer.Typer(no_args_is_help=True)
tariff = typer.Typer(no_args_is_help=True)
Id = Annotated[UUID, typer.Argument(help="identifier, as the list prints it")]
Reason = Annotated[str, typer.Option(help="why")]


def add_commands(app: typer.Typer) -> None:
    """Hang the operations under `bashu policy`."""
    app.add_typer(profile_cli.app, name="profiles", help="What is known of enterprises, and what they pay.")
    app.add_typer(offers, name="offers", help="Catalogues of support, and offers made without application.")
    app.add_typer(application, name="applications", help="Applications for support: list and decide.")
    app.add_typer(delegation, name="delegations", help="Powers lent to the area's body.")
    app.add_typer(quota, name="land", help="The land quota and its ledger.")
    app.add_typer(tariff, name="tariffs", help="Prices and standards of water, power and gas.")


def fresh() -> Command:
    """A command of this moment by whoever acts."""
    return Command(actor=acting(), now=clock.now())


def found(model: type[M], public_id: UUID, *related: str) -> M:
    """A record as the acting person sees it."""
    with seen_by(acting()):
        record = model._default_manager.select_related(*related).filter(public_id=public_id).first()
    if record is None:
        raise NotFound
    return record


@offers.command("publish")
def catalogue_publish(
    file: Annotated[Path, typer.Argument(help="catalogue (YAML)", exists=True, dir_okay=False)],
) -> None:
    """Publish a catalogue file: its items can be offered and applied for from now on."""
    catalogue = catalogues.catalogue_publish(ctx=fresh(), content=file.read_text(encoding="utf-8"))
    console.print(f"Published {catalogue.name}, {catalogue.items.count()} items, sha256:{catalogue.digest}")


@offers.command("push")
def offers_push(year: Annotated[int, typer.Option(help="year of the support")]) -> None:
    """Evaluate every profile against the catalogues that hold and make offers."""
    for catalogue in support.catalogue_list():
        batch = catalogues.offers_push(ctx=fresh(), catalogue=catalogue, year=year)
        console.print(f"{catalogue.name}: {batch.profiles} profiles, {batch.offers} offers, sha256:{batch.digest}")


@offers.command("list")
def offers_list(state: Annotated[str, typer.Option(help="open, accepted, declined, lapsed")] = "") -> None:
    """List offers with their amounts."""
    table = Table(Column("id", overflow="fold", min_width=36), "enterprise", "item", "yuan", "until", "state")
    with seen_by(acting()):
        for offer in support.offer_list(state=state or None):
            until = str(offer.expires_on)
            table.add_row(
                str(offer.public_id), offer.organisation.name_zh, offer.item.code, in_yuan(offer.amount_fen), until, offer.state
            )  # fmt: skip
    console.print(table)


def in_yuan(fen: int) -> str:
    """Fen as yuan."""
    return f"{Decimal(fen) / 100:,.2f}"


@application.command("list")
def application_list(
    waiting: Annotated[
        bool, typer.Option("--waiting", help="only what waits for an office, nearest deadline first")
    ] = False,
) -> None:
    """List applications."""
    today = timezone.localdate(clock.now())
    table = Table(Column("id", overflow="fold", min_width=36), "enterprise", "item", "yuan", "state", "due", "")
    with seen_by(acting()):
        for row in application_selectors.queue() if waiting else application_selectors.application_list():
            table.add_row(
                str(row.public_id), row.organisation.name_zh, row.item.code, in_yuan(row.amount_fen or row.computed_fen), row.state,
                str(row.due_on or ""), "overdue" if row.overdue(today) else "",
            )  # fmt: skip
    console.print(table)


@application.command("approve")
def application_approve(public_id: Id) -> None:
    """Grant what is computed for a reviewed application."""
    done = applications.application_approve(ctx=fresh(), application=reviewed(public_id))
    console.print(f"Approved: {in_yuan(done.amount_fen or 0)} yuan.")


@application.command("refuse")
def application_refuse(public_id: Id, reason: Reason) -> None:
    """Refuse a reviewed application."""
    applications.application_refuse(ctx=fresh(), application=reviewed(public_id), reason=reason)
    console.print("Refused.")


@application.command("pay")
def application_pay(
    public_id: Id, order: Annotated[str, typer.Option(help="payment order that moved the money")]
) -> None:
    """Record the payment of an approved application."""
    applications.application_pay(ctx=fresh(), application=reviewed(public_id), order=order)
    console.print("Paid.")


def reviewed(public_id: UUID) -> Application:
    """An application with its item."""
    return found(Application, public_id, "item__catalogue", "organisation")


@delegation.command("list")
def delegation_list() -> None:
    """List powers lent and how they stand."""
    today = timezone.localdate(clock.now())
    table = Table(Column("id", overflow="fold", min_width=36), "side", "acts", "from", "to", "stands", "acts done")
    for row in delegation_selectors.delegation_list():
        span = [str(row.valid_from), str(row.valid_to or "")]
        table.add_row(
            str(row.public_id), row.province, ", ".join(row.acts), *span, row.standing(today), str(row.done.count())
        )
    console.print(table)


@delegation.command("revoke")
def delegation_revoke(public_id: Id, reason: Reason) -> None:
    """Take a power back from today on."""
    delegations.delegation_revoke(ctx=fresh(), delegation=found(Delegation, public_id), reason=reason)
    console.print("Revoked.")


@quota.command("list")
def land_list() -> None:
    """List the quota of each side in m²."""
    table = Table(
        Column("id", overflow="fold", min_width=36),
        "area",
        "side",
        "year",
        "planned",
        "allocated",
        "reserved",
        "used",
        "free",
    )
    for row in land_selectors.account_list():
        balances = [f"{m2:,}" for m2 in (row.planned, row.allocated, row.reserved, row.used, row.free)]
        table.add_row(str(row.public_id), row.area, row.side, str(row.year), *balances)
    console.print(table)


@quota.command("reserve")
def land_reserve(
    account: Id,
    m2: Annotated[int, typer.Option(help="whole m²")],
    project: Annotated[str, typer.Option(help="for which project")],
    reason: Reason,
    under: Annotated[
        UUID | None, typer.Option(help="delegation that is cited; an office of the side cites none")
    ] = None,
) -> None:
    """Hold quota for a project."""
    lent = found(Delegation, under) if under else None
    held = land.land_reserve(
        ctx=fresh(), account=found(LandAccount, account), project=project, m2=m2, reason=reason, delegation=lent
    )
    console.print(f"Held: {held.public_id}")


@tariff.command("list")
def tariff_list() -> None:
    """Compare tariffs in force today."""
    table = Table("supply", "customers", "what", "Chongqing", "Sichuan", "area", "lower")
    for row in tariffs_compared(timezone.localdate(clock.now())):
        cells = [
            "–" if one is None or one.value is None else f"{one.value.normalize():f} {one.unit} ({one.status})"
            for one in (row.cq, row.sc, row.area)
        ]
        table.add_row(row.utility, row.customers, row.measure, *cells, ", ".join(row.lower))
    console.print(table)


@tariff.command("publish")
def tariff_publish(
    file: Annotated[
        Path,
        typer.Argument(help="CSV: utility,customers,measure,value,unit,valid_from,status,source,note", exists=True),
    ],
    jurisdiction: Annotated[str, typer.Option(help="CQ, SC, or joint for the area")],
) -> None:
    """Publish tariffs from a CSV file: all rows or none."""
    import csv

    with file.open(encoding="utf-8-sig", newline="") as lines:
        try:
            rows = [row_of(line) for line in csv.DictReader(lines)]
        except (InvalidOperation, KeyError, TypeError, ValueError) as fault:
            raise TariffWrong(problem=fault) from None
    number = tariffs_publish(ctx=fresh(), jurisdiction=jurisdiction, rows=rows)
    console.print(f"Published {number} rows.")


def row_of(line: dict[str, str]) -> Row:
    """A line of the file as a row. Raises KeyError, TypeError, ValueError, InvalidOperation."""
    value = Decimal(line["value"]) if line["value"] else None
    words = [line[name] for name in ("unit", "status", "source")]
    if None in words or None in line:
        raise ValueError("a line has too few or too many fields")
    valid_from = date.fromisoformat(line["valid_from"])
    return Row(
        line["utility"], line["customers"], line["measure"], value, line["unit"], valid_from, line["status"], line["source"],
        line.get("note") or "",
    )  # fmt: skip
