"""`bashu power certify` on files, and `bashu power certificates`: from metered hours to retirement and score."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table as Sheet

from bashu.kernel.commands.command import Command
from bashu.kernel.errors import NotFound
from bashu.kernel.parties.cli import acting, server
from bashu.kernel.parties.models import Organisation
from bashu.kernel.parties.selectors import seen_by
from bashu.kernel.web import clock
from bashu.power.errors import FileUnreadable, NotSolved, PlayersRefused

app = typer.Typer(no_args_is_help=True, callback=server)
console = Console(highlight=False, soft_wrap=True)
Month = Annotated[datetime, typer.Argument(formats=["%Y-%m"], help="2025-07")]
AsJson = Annotated[bool, typer.Option("--json", help="for programs")]
HoursFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV or Parquet, see docs/power.md")]
Voll = Annotated[
    float, typer.Option("--voll", help="price of unserved energy at buses that name none, money/MWh; 0: none")
]


def certify(
    network: Annotated[Path, typer.Argument(metavar="NETWORK", help=".nc, .m, a PyPSA CSV folder, or a tidy folder")],
    areas: Annotated[
        Path | None, typer.Option("--areas", help='JSON: {"area": ["bus", …], …}; without it each bus is one')
    ] = None,
    write: Annotated[Path | None, typer.Option("--write", help="folder for the files of hours; needs --start")] = None,
    start: Annotated[str, typer.Option("--start", help="when the first hour begins: 2025-07-01T00:00+08:00")] = "",
    voll: Voll = 0.0,
    as_json: AsJson = False,
) -> None:
    """Dispatch a network and say what would be certified for each renewable unit, and each area's carbon intensity."""
    from bashu.power.answers import with_voll
    from bashu.power.engine.dispatch import dispatch
    from bashu.power.engine.metering import areas_of, delivered
    from bashu.power.formats import files, metered
    from bashu.power.formats.meter_files import hour_of

    pool = with_voll(files.read(network).network, voll)
    answer = dispatch(pool)
    if answer.status != "optimal":
        raise NotSolved(status=answer.status, explanation="; ".join(map(str, answer.explanation[:5])))
    units = delivered(answer)
    try:
        traced = areas_of(answer, areas_by_bus(areas, list(pool["buses"].names)))
        if write:
            if (pool.sum_hours != 1).any():
                raise ValueError("--write needs snapshots of one hour")
            metered.write(write, units, traced, hour_of(start))
        shown = told(units, traced)
    except ValueError as error:
        raise FileUnreadable(place=network.name, problem=str(error)) from error
    if as_json:
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    sheet = Sheet("unit", "technology", "certificates", "carried Wh", title=f"{len(units)} renewable units")
    for row in shown["units"]:
        sheet.add_row(row["name"], row["technology"], f"{row['certificates']:,}", f"{row['remainder_wh']:,}")
    console.print(sheet)
    for area in shown["areas"]:
        console.print(f"{area['name']}: {area['kg_per_mwh']} kg/MWh used, {area['used_mwh']:,} MWh")


def areas_by_bus(path: Path | None, buses: list[str]) -> dict[str, str]:
    """The area of each bus. Raises PlayersRefused when a bus has none or two."""
    if path is None:
        return {bus: bus for bus in buses}
    from bashu.power.answers import players_of

    found: dict[str, str] = {}
    for area, names in players_of(path).items():
        for bus in names:
            if bus in found or bus not in buses:
                raise PlayersRefused(place=path.name, problem=f"{bus} has two areas or is no bus")
            found[bus] = area
    if left := [bus for bus in buses if bus not in found]:
        raise PlayersRefused(place=path.name, problem=f"{left[0]} has no area")
    return found


def told(units: list, traced) -> dict:  # type: ignore[no-untyped-def]
    """Certified energy by unit and carbon by area over the horizon, as plain values."""
    import numpy as np

    from bashu.power.engine.certificates import roll
    from bashu.power.engine.tracing import intensities

    found = np.nan_to_num(intensities(traced.used, traced.emitted, traced.sent))
    borne, used = (found * traced.used).sum(axis=0), traced.used.sum(axis=0)
    rows = []
    for unit in units:
        numbers = roll(0, int(unit.wh.sum()))
        rows.append(
            {"name": unit.name, "technology": unit.technology, "certified_wh": int(unit.wh.sum()),
             "certificates": numbers.last, "remainder_wh": numbers.remainder}
        )  # fmt: skip
    areas = [
        {"name": name, "used_mwh": round(float(used[i]), 3), "emitted_t": round(float(traced.emitted[:, i].sum()), 3),
         "borne_t": round(float(borne[i]), 3), "kg_per_mwh": round(1000 * float(borne[i] / used[i]), 3) if used[i] > 1e-3 else None}
        for i, name in enumerate(traced.names)
    ]  # fmt: skip
    return {"units": rows, "certified_wh": sum(row["certified_wh"] for row in rows), "areas": areas}


def fresh() -> Command:
    """A command of this moment by whom `--as` names."""
    return Command(actor=acting(), now=clock.now())


def organisation(public_id: UUID) -> Organisation:
    """An organisation by its identifier; refuses (NotFound)."""
    found = Organisation.objects.filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def record(model: type, **lookup: object):  # type: ignore[no-untyped-def]
    """One record as the actor sees it; refuses (NotFound)."""
    with seen_by(acting()):
        found = model._default_manager.filter(**lookup).first()  # type: ignore[attr-defined]
        if found is None:
            raise NotFound
        return found


@app.command()
def register(
    code: str,
    name: Annotated[str, typer.Argument(help="Chinese name")],
    technology: Annotated[str, typer.Argument(help="wind, solar, hydro or biomass")],
    commissioned: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"])],
    owner: Annotated[UUID, typer.Option(help="the generator's organisation")],
    jurisdiction: Annotated[str, typer.Option(help="CQ or SC")],
    storage_ppm: Annotated[int, typer.Option(help="what comes back of a million stored behind the meter")] = 0,
) -> None:
    """Put a renewable unit on record, with the acting organisation as its registry."""
    from bashu.power.services.metering import unit_register

    unit = unit_register(
        ctx=fresh(), jurisdiction=jurisdiction, code=code, owner=organisation(owner), technology=technology,
        commissioned_on=commissioned.date(), name_zh=name, storage_ppm=storage_ppm,
    )  # fmt: skip
    console.print(str(unit.public_id))


@app.command()
def meter(file: HoursFile) -> None:
    """Take a file of unit-hours: all of it or nothing."""
    from bashu.power.services.metering import hours_meter

    done = hours_meter(ctx=fresh(), content=file.read_bytes())
    console.print(f"{done['taken']} hours taken, {done['known']} on record already.")


@app.command()
def areas(hours: HoursFile, flows: HoursFile, source: Annotated[str, typer.Option(help="what they come from")]) -> None:
    """Take what areas used, emitted and sent: consumption-based carbon intensity is traced from it."""
    from bashu.power.services.metering import areas_record

    done = areas_record(ctx=fresh(), hours=hours.read_bytes(), flows=flows.read_bytes(), source=source)
    console.print(f"{done['taken']} hours taken.")


@app.command()
def issue(month: Month, as_json: AsJson = False) -> None:
    """Issue a month for every unit that waits for it; what is issued already issues nothing."""
    from bashu.power.services.certificates import month_issue

    found = month_issue(actor=acting(), now=clock.now(), month=month.date())
    rows = [
        {"unit": batch.unit.code, "first": batch.first, "last": batch.last, "remainder_wh": batch.remainder_wh}
        for batch in found
    ]
    total = sum(batch.count for batch in found)
    if as_json:
        typer.echo(json.dumps({"issued": total, "batches": rows}, ensure_ascii=False, indent=2))
        return
    for row in rows:
        console.print(f"{row['unit']}: {row['first']}-{row['last']}, {row['remainder_wh']} Wh carried on")
    console.print(f"Issued {total} certificates.")


@app.command("list")
def holdings() -> None:
    """What the acting organisation holds: identifier, unit, month, numbers, state; then open offers."""
    from bashu.power.selectors import certificates as selectors

    actor = acting()
    with seen_by(actor):
        for row in selectors.holding_list(actor):
            console.print(
                f"{row.public_id}  {row.unit.code}  {row.batch.month:%Y-%m}  {row.first}-{row.last}  {row.state}"
            )
        for offered in selectors.offer_list(actor):
            console.print(
                f"{offered.public_id}  {offered.unit.code}  {offered.first}-{offered.last}  → {offered.receiver.name_zh}"
            )


@app.command()
def offer(holding: UUID, receiver: UUID, quantity: int, first: int | None = None) -> None:
    """Offer certificates of a holding to another organisation."""
    from bashu.power.models import Holding
    from bashu.power.services.certificates import transfer_offer

    found = record(Holding, public_id=holding)
    done = transfer_offer(ctx=fresh(), holding=found, receiver=organisation(receiver), quantity=quantity, first=first)
    console.print(f"{done.public_id}  {done.first}-{done.last}")


@app.command()
def answer(offer: UUID, how: Annotated[Literal["accept", "decline", "withdraw"], typer.Argument()]) -> None:
    """Answer an offer, or take one's own back."""
    from bashu.power.models import Transfer
    from bashu.power.services import certificates

    acts = {
        "accept": certificates.transfer_accept,
        "decline": certificates.transfer_decline,
        "withdraw": certificates.transfer_withdraw,
    }
    console.print(acts[how](ctx=fresh(), transfer=record(Transfer, public_id=offer)).state)


@app.command()
def retire(
    holding: UUID,
    quantity: int,
    purpose: Annotated[str, typer.Option(help="what for; everybody can read it")],
    beneficiary: Annotated[UUID | None, typer.Option(help="for whom, when not for the owner")] = None,
    first: Annotated[int | None, typer.Option(help="the number to begin at; the lowest when left out")] = None,
) -> None:
    """Use certificates up, once and for good."""
    from bashu.power.models import Holding
    from bashu.power.services.certificates import certificates_retire

    served = organisation(beneficiary) if beneficiary else None
    found = record(Holding, public_id=holding)
    done = certificates_retire(
        ctx=fresh(), holding=found, quantity=quantity, purpose=purpose, beneficiary=served, first=first
    )
    console.print(f"{done.public_id}  {done.first}-{done.last}")


@app.command()
def consume(organisation_id: UUID, file: HoursFile) -> None:
    """Take a file of an organisation's hourly consumption."""
    from bashu.power.services.metering import consumption_record

    done = consumption_record(ctx=fresh(), organisation=organisation(organisation_id), content=file.read_bytes())
    console.print(f"{done['taken']} hours taken, {done['known']} on record already.")


@app.command()
def score(organisation_id: UUID, month: Month, as_json: AsJson = False) -> None:
    """How an organisation's consumption of a month is matched by retired certificates: hour by hour, and by totals."""
    from bashu.power.selectors import certificates as selectors

    with seen_by(acting()):
        found = selectors.matching(organisation_id, *selectors.month_span(month.date())).match
    shown = {
        "used_wh": found.load,
        "certified_wh": found.certified,
        "matched_wh": int(found.matched.sum()),
        "hourly": None if found.hourly is None else float(found.hourly),
        "annual": None if found.annual is None else float(found.annual),
    }
    console.print(
        json.dumps(shown, indent=2) if as_json else "\n".join(f"{name}: {value}" for name, value in shown.items())
    )


@app.command()
def unclaimed() -> None:
    """The outbox: retirements on which no record of another system rests."""
    from bashu.power.selectors import certificates as selectors

    actor = acting()
    with seen_by(actor):
        for row in selectors.unclaimed(actor):
            console.print(
                f"{row.public_id}  {row.unit.code}  {row.first}-{row.last}  {row.beneficiary.name_zh}  {row.purpose}"
            )


@app.command()
def claim(retirement: UUID, claimant: str, reference: str) -> None:
    """Take a retirement out of the outbox for a record of another system, once."""
    from bashu.power.models import Retirement
    from bashu.power.services.certificates import retirement_claim

    found = record(Retirement, public_id=retirement)
    done = retirement_claim(ctx=fresh(), retirement=found, claimant=claimant, reference=reference)
    console.print(str(done.public_id))


@app.command()
def intensity(area: str, day: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"])]) -> None:
    """Consumption-based carbon intensity of an area, hour by hour, g/kWh."""
    from datetime import timedelta

    from bashu.power.selectors import certificates as selectors

    start = datetime(day.year, day.month, day.day, tzinfo=selectors.ZONE)
    with seen_by(acting()):
        found = selectors.carbon_intensity(area, selectors.area_hours(area, start, start + timedelta(days=1)))
    for hour, one in found.items():
        console.print(f"{hour.astimezone(selectors.ZONE):%Y-%m-%d %H:%M}  {one.g_per_kwh:,.1f}")
