"""`bashu policy offers|applications|delegations|land|tariffs`: operations on the command line, as whom `--as` names."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, TypeVar
from uuid import UUID

import typer
from django.db.models import Model
from rich.console import Console
from rich.table import Table

from bashu.kernel.commands.command import Command
from bashu.kernel.errors import NotFound
from bashu.kernel.parties.cli import acting
from bashu.kernel.parties.models import Organisation
from bashu.kernel.parties.selectors import seen_by
from bashu.kernel.web import clock
from bashu.policy import profile_cli
from bashu.policy.engine.explain import yuan
from bashu.policy.errors import TariffWrong
from bashu.policy.models import Appeal, Application, Delegation, Item, LandAccount, LandReservation, Offer, OfferState
from bashu.policy.profile_cli import identifier
from bashu.policy.selectors import applications as application_selectors
from bashu.policy.selectors import delegations as delegation_selectors
from bashu.policy.selectors import land as land_selectors
from bashu.policy.selectors import support
from bashu.policy.selectors.tariffs import tariffs_compared
from bashu.policy.services import appeals, applications, catalogues, delegations, land
from bashu.policy.services.tariffs import Row, tariffs_publish

M = TypeVar("M", bound=Model)
COLUMNS = ("utility", "customers", "measure", "value", "unit", "valid_from", "status", "source")  # of a file of tariffs
console = Console(highlight=False, soft_wrap=True)
offers = typer.Typer(no_args_is_help=True)
application = typer.Typer(no_args_is_help=True)
delegation = typer.Typer(no_args_is_help=True)
quota = typer.Typer(no_args_is_help=True)
tariff = typer.Typer(no_args_is_help=True)
Id = Annotated[UUID, typer.Argument(metavar="ID", help="identifier, as the list prints it")]
AppealId = Annotated[UUID, typer.Argument(metavar="APPEAL", help="its identifier, as `applications appeals` prints it")]
Reason = Annotated[str, typer.Option(help="why")]
SquareMetres = Annotated[int, typer.Option(help="whole m²", min=1)]
Held = Annotated[UUID, typer.Argument(metavar="HELD", help="identifier, as `land held` prints it")]
Under = Annotated[UUID | None, typer.Option(help="delegation that is cited; an office of the side cites none")]


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


@offers.command("accept")
def offer_accept(public_id: Id) -> None:
    """Accept an offer made to your enterprise; it goes to decision."""
    made = catalogues.offer_accept(ctx=fresh(), offer=found(Offer, public_id, "item__catalogue"))
    console.print(f"Accepted; application {made.public_id} waits for a decision until {made.due_on}.")


@offers.command("decline")
def offer_decline(public_id: Id) -> None:
    """Decline an offer made to your enterprise; it is not offered again this year."""
    catalogues.offer_decline(ctx=fresh(), offer=found(Offer, public_id, "item__catalogue"))
    console.print("Declined.")


@offers.command("list")
def offers_list(state: Annotated[OfferState | None, typer.Option(help="only those that stand so")] = None) -> None:
    """List offers with their amounts."""
    table = Table(identifier(), "enterprise", "item", "yuan", "until", "state")
    with seen_by(acting()):
        for offer in support.offer_list(state=state):
            until = str(offer.expires_on)
            table.add_row(
                str(offer.public_id), offer.organisation.name_zh, offer.item.code, yuan(offer.amount_fen), until, offer.state
            )  # fmt: skip
    console.print(table)


@application.command("list")
def application_list(
    waiting: Annotated[
        bool, typer.Option("--waiting", help="only what waits for an office, nearest deadline first")
    ] = False,
) -> None:
    """List applications."""
    today = clock.today()
    table = Table(identifier(), "enterprise", "item", "yuan", "state", "due", "")
    with seen_by(acting()):
        for row in application_selectors.queue() if waiting else application_selectors.application_list():
            table.add_row(
                str(row.public_id), row.organisation.name_zh, row.item.code, yuan(row.amount_fen or row.computed_fen), row.state,
                str(row.due_on or ""), "overdue" if row.overdue(today) else "",
            )  # fmt: skip
    console.print(table)


@application.command("items")
def application_items() -> None:
    """List the items one can apply for."""
    table = Table(identifier(), "item", "name", "side", "reads", "status")
    for row in support.item_list():
        table.add_row(str(row.public_id), row.code, row.name, row.province, ", ".join(row.facts), row.status)
    console.print(table)


@application.command("submit")
def application_submit(
    item: Annotated[UUID, typer.Argument(metavar="ITEM", help="its identifier, as `applications items` prints it")],
    enterprise: Annotated[UUID, typer.Option(help="identifier of your enterprise, as `profiles list` prints it")],
    year: Annotated[int, typer.Option(help="year of the support; default: this year")] = 0,
) -> None:
    """Apply for an item with what the profile tells; record what is missing with `bashu policy profiles record`."""
    made = applications.application_submit(
        ctx=fresh(), organisation=found(Organisation, enterprise), item=found(Item, item, "catalogue"),
        year=year or clock.today().year,
    )  # fmt: skip
    console.print(f"Submitted: {made.public_id}, computed {yuan(made.computed_fen)} yuan, answer due {made.due_on}.")


@application.command("complete")
def application_complete(public_id: Id) -> None:
    """Find a submitted application complete: its review begins."""
    done = applications.application_accept(ctx=fresh(), application=as_seen(public_id))
    console.print(f"Complete; the review is due {done.due_on}.")


@application.command("return")
def application_return(public_id: Id, reason: Reason) -> None:
    """Send a submitted application back, saying once what is missing."""
    done = applications.application_return(ctx=fresh(), application=as_seen(public_id), reason=reason)
    console.print(f"Sent back; the enterprise has until {done.due_on}.")


@application.command("supplement")
def application_supplement(public_id: Id, note: Annotated[str, typer.Option(help="what was added")]) -> None:
    """Complete an application that was sent back; its facts and amount are taken anew from the profile."""
    done = applications.application_supplement(ctx=fresh(), application=as_seen(public_id), note=note)
    console.print(f"Completed, computed {yuan(done.computed_fen)} yuan; the office has until {done.due_on}.")


@application.command("review")
def application_review(
    public_id: Id, finding: Annotated[str, typer.Option(help="what was compared with what")]
) -> None:
    """Review a complete application; somebody else decides."""
    done = applications.application_review(ctx=fresh(), application=as_seen(public_id), finding=finding)
    console.print(f"Reviewed; somebody else decides until {done.due_on}.")


@application.command("withdraw")
def application_withdraw(public_id: Id, reason: Annotated[str, typer.Option(help="why, if you like")] = "") -> None:
    """Take your enterprise's application back before it is decided."""
    applications.application_withdraw(ctx=fresh(), application=as_seen(public_id), reason=reason)
    console.print("Withdrawn.")


@application.command("appeal")
def application_appeal(public_id: Id, grounds: Annotated[str, typer.Option(help="why the refusal is wrong")]) -> None:
    """Appeal against a refusal, to an office other than the one that refused."""
    filed = appeals.appeal_file(ctx=fresh(), application=as_seen(public_id), grounds=grounds)
    console.print(f"Filed: {filed.public_id}, decision due {filed.due_on}.")


@application.command("appeals")
def application_appeals() -> None:
    """List the appeals that wait for a decision."""
    table = Table(identifier(), "enterprise", "item", "grounds", "due")
    with seen_by(acting()):
        for row in application_selectors.appeals_waiting():
            about = row.application
            table.add_row(str(row.public_id), about.organisation.name_zh, about.item.code, row.grounds, str(row.due_on))
    console.print(table)


@application.command("uphold")
def appeal_uphold(appeal: AppealId, reason: Reason) -> None:
    """Uphold the refusal an appeal is about."""
    appeals.appeal_uphold(ctx=fresh(), appeal=appealed(appeal), reason=reason)
    console.print("The refusal stands.")


@application.command("change")
def appeal_change(appeal: AppealId, reason: Reason) -> None:
    """Grant what was refused: what is computed, within limits and budget."""
    done = appealed(appeal)
    appeals.appeal_change(ctx=fresh(), appeal=done, reason=reason)
    console.print(f"Granted: {yuan(as_seen(done.application.public_id).amount_fen or 0)} yuan.")


def appealed(public_id: UUID) -> Appeal:
    """An appeal with its application."""
    return found(Appeal, public_id, "application__item__catalogue", "application__organisation")


@application.command("approve")
def application_approve(public_id: Id) -> None:
    """Grant what is computed for a reviewed application."""
    done = applications.application_approve(ctx=fresh(), application=as_seen(public_id))
    console.print(f"Approved: {yuan(done.amount_fen or 0)} yuan.")


@application.command("refuse")
def application_refuse(public_id: Id, reason: Reason) -> None:
    """Refuse a reviewed application."""
    applications.application_refuse(ctx=fresh(), application=as_seen(public_id), reason=reason)
    console.print("Refused.")


@application.command("pay")
def application_pay(
    public_id: Id, order: Annotated[str, typer.Option(help="payment order that moved the money")]
) -> None:
    """Record the payment of an approved application."""
    applications.application_pay(ctx=fresh(), application=as_seen(public_id), order=order)
    console.print("Paid.")


def as_seen(public_id: UUID) -> Application:
    """An application with its item."""
    return found(Application, public_id, "item__catalogue", "organisation")


@delegation.command("list")
def delegation_list() -> None:
    """List powers lent and how they stand."""
    today = clock.today()
    table = Table(identifier(), "side", "acts", "from", "to", "stands", "acts done")
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
        identifier(),
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
    m2: SquareMetres,
    project: Annotated[str, typer.Option(help="for which project")],
    reason: Reason,
    under: Under = None,
) -> None:
    """Hold quota for a project."""
    lent = found(Delegation, under) if under else None
    held = land.land_reserve(
        ctx=fresh(), account=found(LandAccount, account), project=project, m2=m2, reason=reason, delegation=lent
    )
    console.print(f"Held: {held.public_id}")


@quota.command("held")
def land_held() -> None:
    """List what is held for projects, in m²."""
    table = Table(identifier(), "side", "project", "claimed", "used", "released", "held")
    for row in land_selectors.reservation_list():
        amounts = [f"{m2:,}" for m2 in (row.claimed, row.used, row.released, row.held)]
        table.add_row(str(row.public_id), row.account.side, row.project, *amounts)
    console.print(table)


@quota.command("use")
def land_use(held: Held, m2: SquareMetres, reason: Reason, under: Under = None) -> None:
    """Use quota that is held for a project."""
    settle(land.land_use, held, m2, reason, under)


@quota.command("release")
def land_release(held: Held, m2: SquareMetres, reason: Reason, under: Under = None) -> None:
    """Give quota that is held for a project back."""
    settle(land.land_release, held, m2, reason, under)


def settle(service: Callable[..., LandReservation], held: UUID, m2: int, reason: str, under: UUID | None) -> None:
    """Use or release, and say what is left."""
    lent = found(Delegation, under) if under else None
    reservation = found(LandReservation, held, "account")
    done = service(ctx=fresh(), reservation=reservation, m2=m2, reason=reason, delegation=lent)
    console.print(f"Done; {done.held:,} m² are still held for {done.project}.", markup=False)


@tariff.command("list")
def tariff_list() -> None:
    """Compare tariffs in force today."""
    table = Table("supply", "customers", "what", "Chongqing", "Sichuan", "area", "lower")
    for row in tariffs_compared(clock.today()):
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
        read = csv.DictReader(lines)
        if absent := [name for name in COLUMNS if name not in (read.fieldnames or ())]:
            raise TariffWrong(problem=f"{file.name}:1: the heading lacks {', '.join(absent)}")
        rows = []
        for line in read:
            try:
                rows.append(row_of(line))
            except ValueError as fault:
                raise TariffWrong(problem=f"{file.name}:{read.line_num}: {fault}") from None
    number = tariffs_publish(ctx=fresh(), jurisdiction=jurisdiction, rows=rows)
    console.print(f"Published {number} row{'' if number == 1 else 's'}.")


def row_of(line: dict[str, str]) -> Row:
    """A line of the file as a row. Raises ValueError saying what is wrong with it."""
    if None in line or any(line[name] is None for name in COLUMNS):
        raise ValueError("the line has fewer or more fields than the heading")
    try:
        value = Decimal(line["value"]) if line["value"] else None
    except InvalidOperation:
        raise ValueError(f"value: {line['value']} is not a number") from None
    try:
        valid_from = date.fromisoformat(line["valid_from"])
    except ValueError:
        raise ValueError(f"valid_from: {line['valid_from']} is not a day such as 2025-03-31") from None
    return Row(
        line["utility"], line["customers"], line["measure"], value, line["unit"], valid_from, line["status"], line["source"],
        line.get("note") or "",
    )  # fmt: skip
