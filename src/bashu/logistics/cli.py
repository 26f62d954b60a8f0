"""`bashu logistics`: ways through the network on the command line, and the network itself.

The compiled engine is imported by the command that needs it, so that other commands start without it.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer
from django.conf import settings
from django.db import OperationalError, ProgrammingError
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from bashu.kernel.database.connection import external
from bashu.kernel.database.errors import DatabaseUnavailableError
from bashu.kernel.database.layout import Layout
from bashu.logistics.errors import NetworkRefused
from bashu.logistics.terms import HORIZON, HOUR_FEN, REGION, TONNE_FEN

if TYPE_CHECKING:
    from bashu.kernel.commands.command import Command
    from bashu.logistics.formats.folder import Folder
    from bashu.logistics.formats.tables import Problem
    from bashu.logistics.models import Consignment, NetworkVersion
    from bashu.logistics.selectors.routes import Live

app = typer.Typer(no_args_is_help=True)
versions = typer.Typer(no_args_is_help=True)
app.add_typer(versions, name="network", help="The network in force: import, versions, export, back to an earlier one.")
events = typer.Typer(no_args_is_help=True)
app.add_typer(events, name="events", help="Reports of what happens on the way.")
console = Console(highlight=False)
NOT_MADE = (None, "3D000", "42P01")  # no such database yet, no such table yet
SHOWN = 100  # wrong lines that are printed; the rest are counted

From = Annotated[str, typer.Option("--from", help="hub code, UN/LOCODE, GB/T 2260 code, or a name")]
To = Annotated[str, typer.Option("--to", help="likewise")]
Depart = Annotated[
    datetime, typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="ready at the origin, by its clock")
]
Teu = Annotated[int, typer.Option(help="twenty-foot units; a 40-foot box is two")]
Dangerous = Annotated[int | None, typer.Option(help="UN dangerous-goods class, 1 to 9")]
Reefer = Annotated[bool, typer.Option("--reefer", help="needs cooling")]
Network = Annotated[Path | None, typer.Option(help="folder of CSVs (docs/logistics.md); default: the network in force")]
AsJson = Annotated[bool, typer.Option("--json", help="for programs")]


def network_at(folder: Path) -> "Folder":
    """The network in a folder; each wrong line is printed as it is found, the first SHOWN of them."""
    from bashu.logistics import selectors

    shown = 0

    def tell(one: "Problem") -> None:
        nonlocal shown
        shown += 1
        if shown <= SHOWN:
            problem_print(one)

    return selectors.network_read(folder, tell)


def problem_print(one: "Problem") -> None:
    """One wrong line, on standard error."""
    typer.echo(f"{one.file}:{one.line}: {one.text}" if one.line else f"{one.file}: {one.text}", err=True)


def asked(folder: Path | None, depart: datetime) -> "tuple[Folder, Live]":
    """The folder that was named; else the network in force with what is held and closed; the shipped one on a node without a database."""
    from bashu.logistics.selectors.network import network_shipped, network_state
    from bashu.logistics.selectors.planner import span
    from bashu.logistics.selectors.routes import NOTHING

    if folder:
        return network_at(folder), NOTHING
    if not external() and not Layout(settings.BASHU_HOME).data_dir.exists():
        return network_shipped(), NOTHING
    try:
        return network_state(*span(depart))
    except (OperationalError, ProgrammingError) as error:
        if getattr(error.__cause__, "sqlstate", None) not in NOT_MADE:
            raise DatabaseUnavailableError(str(error)) from error
        return network_shipped(), NOTHING


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
    from bashu.kernel.web import clock
    from bashu.logistics import selectors
    from bashu.logistics.quotes import quoted
    from bashu.logistics.wording import name_of

    folder, live = asked(network, depart)
    cargo = selectors.Cargo(teu, dangerous, reefer)
    answer = selectors.route(
        folder, origin=origin, destination=to, departs=depart, cargo=cargo, hour=hour, tonne=tonne, live=live
    )
    options = selectors.answer_out(answer)
    if as_json:
        told = options if network else [quoted(option, cargo, clock.now()) for option in options]
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2, default=datetime.isoformat))
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
        title=f"{name_of(answer.origin)} → {name_of(answer.destination)}",
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
    folder, live = asked(network, depart)
    minute = selectors.latest(
        folder, origin=origin, destination=to, earliest=depart, deadline=deadline, cargo=cargo, live=live
    )
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


@versions.command("import")
def import_(folder: Annotated[Path, typer.Argument(help="folder of CSVs, or a ZIP of one", exists=True)]) -> None:
    """Bring a network into force: all of it, or nothing and every wrong line."""
    from bashu.logistics.formats.archive import pack
    from bashu.logistics.services.network import network_import

    if folder.is_dir():
        network_at(folder)  # prints what is wrong before anything is packed
    content = pack(folder) if folder.is_dir() else folder.read_bytes()
    try:
        version = network_import(ctx=fresh(), folder_bytes=content)
    except NetworkRefused as refused:
        for one in refused.context["problems"][:SHOWN]:
            problem_print(one)
        raise
    console.print(
        _("Version {version} is in force: {hubs} hubs, {services} services, {departures} departures.").format(
            version=version.digest[:12], hubs=version.hubs, services=version.services, departures=version.departures
        )
    )
    for file, rows in version.difference.items():
        console.print(f"  {file}  +{rows.get('added', 0)} -{rows.get('removed', 0)}")


@versions.command("list")
def list_() -> None:
    """Print the versions, the newest first, each with its difference to the one before."""
    from bashu.kernel.parties.cli import acting
    from bashu.kernel.parties.selectors import seen_by
    from bashu.logistics.selectors.network import network_versions

    table = Table("", _("version"), _("imported"), _("departures"), _("difference"))
    with seen_by(acting()):
        for one in network_versions():
            rows = [f"{file} +{n.get('added', 0)} -{n.get('removed', 0)}" for file, n in one.difference.items()]
            day = one.imported_at.isoformat(timespec="minutes")
            table.add_row("*" if one.current else "", one.digest[:12], day, str(one.departures), "\n".join(rows))
    console.print(table)


Named = Annotated[str, typer.Argument(help="the first characters of the version")]


@versions.command("export")
def export(version: Named, file: Annotated[Path, typer.Argument(help="ZIP to write")]) -> None:
    """Write a version as a ZIP of its CSV files."""
    file.write_bytes(bytes(version_named(version).content))
    console.print(_("Wrote {file}").format(file=file))


@versions.command("restore")
def restore(version: Named, yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False) -> None:
    """Bring an earlier version back into force."""
    from bashu.logistics.services.network import network_restore

    found = version_named(version)
    if not yes:
        typer.confirm(_("Bring version {version} back into force?").format(version=found.digest[:12]), abort=True)
    network_restore(ctx=fresh(), version=found)
    console.print(_("Version {version} is in force.").format(version=found.digest[:12]))


def version_named(start: str) -> "NetworkVersion":
    """The one version whose digest begins so."""
    from bashu.kernel.errors import NotFound
    from bashu.kernel.parties.cli import acting
    from bashu.kernel.parties.selectors import seen_by
    from bashu.logistics.models import NetworkVersion

    with seen_by(acting()):
        found = list(NetworkVersion.objects.filter(digest__startswith=start)[:2])
    if len(found) != 1 or not start:
        raise NotFound
    return found[0]


def fresh() -> "Command":
    """A command of this moment by whom `--as` names; starts the database's supervisor when none runs."""
    from bashu.kernel.commands.command import Command
    from bashu.kernel.database.supervisor import ensure
    from bashu.kernel.parties.cli import acting
    from bashu.kernel.web import clock

    ensure(settings.BASHU_HOME)
    return Command(actor=acting(), now=clock.now())


def consignment_called(ctx: "Command", number: str) -> "Consignment":
    """The consignment with a number, as the actor may see it; NotFound else."""
    from bashu.kernel.errors import NotFound
    from bashu.kernel.parties.selectors import seen_by
    from bashu.logistics.selectors.bookings import consignment_detail

    with seen_by(ctx.actor):
        found = consignment_detail().filter(number=number.upper()).first()
    if found is None:
        raise NotFound
    return found


@app.command()
def book(
    option: Annotated[
        Path,
        typer.Argument(help="what `route --json` printed: its options with their quotes", exists=True, dir_okay=False),
    ],
    goods: Annotated[str, typer.Option(help="what is carried")],
    hs_code: Annotated[str, typer.Option(help="6, 8 or 10 digits")],
    weight_kg: Annotated[int, typer.Option(help="gross weight")],
    boxes: Annotated[str, typer.Option(help="feet of each box, as 40,20")],
    value: Annotated[str, typer.Option(help="value of the goods in the currency")],
    consignee: Annotated[str, typer.Option(help="who receives the goods")],
    number: Annotated[int, typer.Option(help="which option of the file, from 1", min=1)] = 1,
    currency: Annotated[str, typer.Option(help="as CNY or USD")] = "CNY",
    exchange_rate: Annotated[str, typer.Option(help="yuan a unit")] = "1",
    un_number: Annotated[str, typer.Option(help="of dangerous goods")] = "",
    celsius: Annotated[float | None, typer.Option(help="temperature to keep; makes it a reefer")] = None,
    notify_party: Annotated[str, typer.Option(help="who else is told")] = "",
) -> None:
    """Hold space for a quoted option on every leg, for the first organisation of whom `--as` names. Confirm it afterwards."""
    from decimal import Decimal, InvalidOperation

    from bashu.kernel.errors import Forbidden, Malformed
    from bashu.logistics.goods import Goods, Parties
    from bashu.logistics.selectors.bookings import shippers_of
    from bashu.logistics.services.booking import consignment_hold

    ctx = fresh()
    shippers = shippers_of(ctx.actor)
    if not shippers:
        raise Forbidden(needed="enterprise / operator")
    if not all(one.strip().isdecimal() for one in boxes.split(",")):
        raise Malformed(place="--boxes", problem=_("give the feet of each box, as 40,20"))
    try:
        amount, rate = Decimal(value), Decimal(exchange_rate)
    except InvalidOperation as error:
        raise Malformed(place="--value, --exchange-rate", problem=_("give numbers, as 1450000.50")) from error
    feet = [int(one) for one in boxes.split(",")]
    cold = None if celsius is None else Decimal(str(celsius))
    said = Goods(goods, hs_code, weight_kg, feet, amount, currency, rate, un_number, cold)
    try:
        read = json.loads(option.read_text(encoding="utf-8"))
        quote = (read[number - 1] if isinstance(read, list) else read)["quote"]
    except (ValueError, KeyError, IndexError, TypeError) as error:
        problem = _("has no option {number} as `route --json` prints them").format(number=number)
        raise Malformed(place=option.name, problem=problem) from error
    if not isinstance(quote, str):
        raise Malformed(
            place=option.name, problem=_("option {number} has no quote: it has departed").format(number=number)
        )
    held = consignment_hold(
        ctx=ctx, shipper=shippers[0][0], quote=quote, goods=said, parties=Parties(consignee, notify_party)
    )
    console.print(
        _("{number} is held until {until}.").format(
            number=held.number, until=held.held_until.isoformat(timespec="minutes")
        )
    )


@app.command()
def bookings(
    state: Annotated[str, typer.Option(help="held, confirmed, under_way, delivered, cancelled, expired")] = "",
) -> None:
    """List consignments that whom `--as` names may see: number, state, departure, arrival foreseen, way, goods."""
    from bashu.kernel.errors import Malformed
    from bashu.kernel.parties.selectors import seen_by
    from bashu.logistics.models import ConsignmentState
    from bashu.logistics.selectors.bookings import consignment_list

    if state and state not in ConsignmentState.values:
        words = ", ".join(ConsignmentState.values)
        raise Malformed(place="--state", problem=_("must be one of {words}").format(words=words))
    ctx = fresh()
    with seen_by(ctx.actor):
        for one in consignment_list(state=state or None):
            times = f"{one.departs_at:%Y-%m-%d} {one.predicted_at:%Y-%m-%d}"
            way = f"{one.origin_zh} → {one.destination_zh}"
            console.print(
                f"{one.number}  {one.state:9}  {times}  {way}  {one.teu} TEU  {one.goods}", markup=False, soft_wrap=True
            )


@app.command()
def show(number: Annotated[str, typer.Argument(help="number of the consignment")]) -> None:
    """Print a consignment with its legs and declarations, as far as whom `--as` names may see it."""
    one = consignment_called(fresh(), number)
    console.print(f"{one.number}  {one.state}  {one.goods}  {one.teu} TEU", markup=False)
    for leg in one.legs.all():
        times = f"{leg.departs_at.isoformat(timespec='minutes')} {leg.arrives_at.isoformat(timespec='minutes')}"
        console.print(
            f"  {leg.sequence}  {leg.mode:8} {leg.service:12} {leg.origin} → {leg.target}  {times}  {leg.state}",
            markup=False,
            soft_wrap=True,
        )
    for found in one.declarations.all():
        console.print(
            f"  {found.hub}  {found.procedure}  {found.state}  {found.public_id}", markup=False, soft_wrap=True
        )


@app.command()
def confirm(number: Annotated[str, typer.Argument(help="number of the consignment")]) -> None:
    """Turn a hold into a booking on all its legs."""
    from bashu.logistics.services.booking import consignment_confirm

    ctx = fresh()
    done = consignment_confirm(ctx=ctx, consignment=consignment_called(ctx, number))
    console.print(_("{number} is confirmed.").format(number=done.number))


@app.command()
def cancel(
    number: Annotated[str, typer.Argument(help="number of the consignment")],
    reason: Annotated[str, typer.Option(help="goes into the journal")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Cancel a consignment that is not loaded; its space goes back."""
    from bashu.logistics.services.booking import consignment_cancel

    ctx = fresh()
    found = consignment_called(ctx, number)
    if not yes:
        typer.confirm(_("Cancel {number}? This cannot be undone.").format(number=found.number), abort=True)
    consignment_cancel(ctx=ctx, consignment=found, reason=reason)
    console.print(_("{number} is cancelled.").format(number=found.number))


@app.command()
def declare(
    number: Annotated[str, typer.Argument(help="number of the consignment")],
    hub: Annotated[str, typer.Argument(help="port of entry on its way")],
    procedure: Annotated[str, typer.Option(help="export, import or transit")] = "export",
) -> None:
    """Declare a consignment at a port of entry; prints the declaration's identifier."""
    from bashu.logistics.services.clearance import declaration_lodge

    ctx = fresh()
    typer.echo(
        declaration_lodge(
            ctx=ctx, consignment=consignment_called(ctx, number), hub=hub.upper(), procedure=procedure
        ).public_id
    )


@app.command("port")
def port_office(
    hub: Annotated[str, typer.Argument(help="code of the hub")],
    office: Annotated[UUID, typer.Argument(help="identifier of the authority")],
) -> None:
    """Say which authority clears goods at a hub, as the joint office."""
    from bashu.logistics.services.clearance import port_office_set

    done = port_office_set(ctx=fresh(), hub=hub.upper(), office=office)
    console.print(f"{done.hub}: {done.office.name_zh}", markup=False)


@app.command()
def release(declaration: Annotated[UUID, typer.Argument(help="identifier of the declaration")]) -> None:
    """Let declared goods go, as the responsible office; accepts them first where that is still to do."""
    from bashu.kernel.errors import NotFound
    from bashu.kernel.parties.selectors import seen_by
    from bashu.logistics.models import Declaration, DeclarationState
    from bashu.logistics.services.clearance import declaration_accept, declaration_release

    ctx = fresh()
    with seen_by(ctx.actor):
        found = Declaration.objects.filter(public_id=declaration).first()
    if found is None:
        raise NotFound
    if found.state == DeclarationState.LODGED:
        declaration_accept(ctx=fresh(), declaration=found)
    declaration_release(ctx=ctx, declaration=found)
    console.print(_("Released."))


@app.command()
def track(number: Annotated[str, typer.Argument(help="the consignment's number")], as_json: AsJson = False) -> None:
    """Print where a consignment is, when it is expected, and everything that was reported of it."""
    from django.utils.timezone import localtime

    from bashu.kernel.errors import NotFound
    from bashu.kernel.parties.cli import acting
    from bashu.kernel.parties.selectors import seen_by
    from bashu.logistics.models import Consignment
    from bashu.logistics.selectors.tracking import reported

    with seen_by(acting()):
        one = Consignment.objects.filter(number=number.strip().upper()).first()
        if one is None:
            raise NotFound
        told, legs = reported(one), list(one.legs.order_by("sequence"))
    if as_json:
        found = {
            "number": one.number,
            "state": one.state,
            "missed": one.missed,
            "booked": one.arrives_at.isoformat(),
            "predicted": one.predicted_at.isoformat(),
            "legs": [
                {
                    "leg": leg.sequence,
                    "mode": leg.mode,
                    "service": leg.service,
                    "from": leg.origin,
                    "to": leg.target,
                    "state": leg.state,
                }
                for leg in legs
            ],
            "events": [
                {
                    "kind": event.kind,
                    "at": event.happened_at.isoformat(),
                    "hub": event.hub,
                    "reference": event.reference,
                }
                for event in told.events
            ],
            "contradictions": [[first, after] for first, _, after, _ in told.doubtful],
        }
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    clock = "%Y-%m-%d %H:%M"
    expected = f"{localtime(one.predicted_at):{clock}}"
    console.print(
        _("{number}: {state}, expected on {at}").format(number=one.number, state=one.get_state_display(), at=expected)
    )
    if one.missed:
        console.print(_("A connection can no longer be reached: the rest is to be booked anew."))
    for leg in legs:
        console.print(
            f"  {leg.sequence}. {leg.origin} → {leg.target}  {leg.service or leg.mode}  {leg.get_state_display()}"
        )
    for event in told.events:
        corrected = _("(corrected)") if str(event.public_id) in told.corrected else ""
        console.print(
            f"  {localtime(event.happened_at):{clock}}  {event.get_kind_display()}  {event.hub}  {corrected}".rstrip()
        )
    for first, at, after, then in told.doubtful:
        console.print(
            _("Cannot be right: {after} {then}, before {first} {at}").format(
                after=after, then=f"{localtime(then):{clock}}", first=first, at=f"{localtime(at):{clock}}"
            )
        )


@events.command("import")
def events_import(
    file: Annotated[Path, typer.Argument(help="CSV file of reports", exists=True, dir_okay=False)],
    reporter: Annotated[
        str, typer.Option(help="credit code of the organisation that reports; default: the actor's own")
    ] = "",
) -> None:
    """Report every row of a CSV file: all of it, or nothing and every faulty line. Columns: see docs/logistics.md."""
    from bashu.kernel.commands.command import Command
    from bashu.kernel.errors import NotFound
    from bashu.kernel.parties.cli import acting
    from bashu.kernel.parties.models import Organisation
    from bashu.kernel.web import clock
    from bashu.logistics.errors import EventsRefused
    from bashu.logistics.selectors.reporting import reporter_of
    from bashu.logistics.services.tracking import events_import as import_rows

    actor = acting()
    body = Organisation.objects.filter(credit_code=reporter).first() if reporter else None
    if reporter and body is None:
        raise NotFound
    try:
        done = import_rows(
            ctx=Command(actor=actor, now=clock.now()),
            reporter=reporter_of(actor, body.public_id if body else None),
            content=file.read_bytes(),
        )
    except EventsRefused as refused:
        for row in refused.context["rows"]:
            typer.echo(f"{file.name}:{row['line']}: {row['problem']}", err=True)
        raise
    console.print(_("Recorded {recorded} events; {repeated} were known.").format(**done))


@app.command()
def indicators(
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="make every figure again from events and records first")
    ] = False,
    as_json: AsJson = False,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="first day; default: the year's first")
    ] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="last day; default: today")] = None,
) -> None:
    """Print what was booked, carried and cleared: corridor volume, trains, clearance time, adherence, value of goods."""

    from bashu.kernel.commands.command import Command
    from bashu.kernel.parties.cli import acting
    from bashu.kernel.parties.selectors import seen_by
    from bashu.kernel.web import clock
    from bashu.logistics.selectors.figures import figures, figures_out
    from bashu.logistics.services.measures import figures_rebuild

    actor, today = acting(), clock.today()
    rebuilt = figures_rebuild(ctx=Command(actor=actor, now=clock.now())) if rebuild else None
    last = until.date() if until else today
    with seen_by(actor):
        found = figures_out(figures(since.date() if since else last.replace(month=1, day=1), last))
    if as_json:
        typer.echo(json.dumps(found | ({"rebuilt": rebuilt} if rebuilt else {}), ensure_ascii=False, indent=2))
        return
    if rebuilt:
        differed = sum(number for name, number in rebuilt.items() if name != "rows")
        console.print(
            _("Made again: {rows} rows, {differed} differed.").format(rows=rebuilt["rows"], differed=differed)
        )
    for name, value in found.items():
        if name != "months":
            console.print(f"{name}: {value}")
