"""Putting hours on record: what units made, what an organisation used, what areas used, emitted and sent."""

from collections.abc import Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.utils.translation import gettext as _

from bashu.kernel.commands.actor import Role
from bashu.kernel.commands.command import Command, command
from bashu.kernel.parties.models import Kind, Organisation, OrganisationState
from bashu.power.certificate_rules import rules
from bashu.power.engine.certificates import rule_for
from bashu.power.errors import HoursRefused, NotCertified, PartyWrong
from bashu.power.formats import meter_files
from bashu.power.formats.meter_files import Fault, Row
from bashu.power.models import AreaFlow, AreaHour, ConsumedHour, MeteredHour, Unit
from bashu.power.selectors.certificates import closed_until
from bashu.power.services.rows import rows_insert

REGISTRY = {Role.OPERATOR, Role.AUTHORITY, Role.COORDINATOR}
HOLDERS = {Role.ENTERPRISE, Role.OPERATOR, Role.AUTHORITY}
HOLDER_KINDS = (Kind.ENTERPRISE, Kind.OPERATOR, Kind.AUTHORITY)


def party_check(organisation: Organisation) -> None:
    """Refuse (PartyWrong) an organisation that cannot hold certificates."""
    if organisation.state != OrganisationState.ACTIVE or organisation.kind not in HOLDER_KINDS:
        raise PartyWrong(
            organisation=organisation.name_zh, problem=_("it is not an active enterprise, operator or authority")
        )


@command("power.unit.register", roles=REGISTRY, at="jurisdiction")
def unit_register(
    *,
    ctx: Command,
    jurisdiction: str,
    code: str,
    owner: Organisation,
    technology: str,
    commissioned_on: date,
    name_zh: str,
    name_en: str = "",
    storage_ppm: int = 0,
) -> Unit:
    """Put a renewable unit on record, with the acting organisation as its registry; refuses what no certificates are issued for."""
    party_check(owner)
    try:
        rule = rule_for(rules(), technology, commissioned_on)
    except LookupError as error:
        raise NotCertified(unit=code, rule=str(error)) from error
    if not rule.certified:
        raise NotCertified(unit=code, rule=rule.id)
    unit = Unit.objects.create(
        code=code,
        name_zh=name_zh,
        name_en=name_en,
        technology=technology,
        commissioned_on=commissioned_on,
        storage_ppm=storage_ppm,
        jurisdiction=jurisdiction,
        owner=owner,
        registry_id=ctx.grant.organisation,
    )
    told = {"code": code, "owner": owner.public_id, "technology": technology, "commissioned_on": commissioned_on}
    ctx.append(subject=unit, before=None, after=told, public=True)
    return unit


@command("power.hours.meter", roles=REGISTRY)
def hours_meter(*, ctx: Command, content: bytes) -> dict[str, int]:
    """Take a file of unit-hours (formats/meter_files), all of it or nothing; hours on record with the same figures are passed over.

    Refuses (HoursRefused, 422) units of another registry, hours of a month that is issued, hours on record otherwise.
    """
    rows, faults = meter_files.read(content, meter_files.UNIT_HOURS)
    codes = {row.keys[0] for row in rows}
    units = {
        unit.code: unit for unit in Unit.objects.filter(code__in=codes).select_for_update(no_key=True).order_by("pk")
    }
    closed = closed_until(units.values())
    known = {
        (unit, hour): figures
        for unit, hour, *figures in MeteredHour.objects.filter(
            unit__in=units.values(), hour__range=span(rows)
        ).values_list("unit", "hour", "generated_wh", "charged_wh", "charged_other_wh", "returned_wh")
    }
    new = []
    for row in rows:
        unit = units.get(row.keys[0])
        if unit is None:
            faults.append(Fault(row.number, _("there is no unit {code}").format(code=row.keys[0])))
        elif ctx.actor.grant_for(REGISTRY, unit.where) is None:
            faults.append(Fault(row.number, _("{code} is metered by another registry").format(code=unit.code)))
        elif problem := wrong(unit, row, known.get((unit.pk, row.hour)), closed.get(unit.pk)):
            faults.append(Fault(row.number, problem))
        elif (unit.pk, row.hour) not in known:
            new.append((unit.pk, row.hour, *row.numbers))
    refuse(faults)
    if new:
        names = ("unit_id", "hour", "generated_wh", "charged_wh", "charged_other_wh", "returned_wh")
        rows_insert(MeteredHour, dict(zip(names, zip(*new, strict=True), strict=True)))
    return told(ctx, content, taken=len(new), known=len(rows) - len(new))


def wrong(unit: Unit, row: Row, known: Sequence[int] | None, closed: datetime | None) -> str:
    """What speaks against a row, empty when nothing does."""
    if known is not None:
        return "" if list(row.numbers) == list(known) else _("the hour is on record with other figures")
    if closed is not None and row.hour < closed:
        return _("certificates were issued for this month or a later one: no hour is added")
    generated, charged, charged_other, returned = row.numbers
    if charged > generated:
        return _("more is stored than generated")
    if not unit.storage_ppm and (charged or charged_other or returned):
        return _("the unit has no storage behind its meter")
    return ""


def span(rows: Sequence[Row]) -> tuple[datetime, datetime]:
    """The first and the last hour of rows; of no rows a span without hours."""
    hours = [row.hour for row in rows] or [datetime.fromisoformat("0001-01-02T00:00Z")]
    return min(hours), max(hours)


def refuse(faults: list[Fault]) -> None:
    """Refuse (HoursRefused) when there are faults, naming the first; the rest stand in the context."""
    if faults:
        faults.sort()
        first = _("line {number}: {problem}").format(**faults[0]._asdict())
        rows = [{"line": fault.number, "problem": fault.problem} for fault in faults[:100]]
        raise HoursRefused(count=len(faults), first=first, rows=rows)


def told(ctx: Command, content: bytes, *, taken: int, known: int) -> dict[str, int]:
    """Journal a file of hours under the acting organisation, and answer how many rows were new."""
    body = {"file": sha256(content).hexdigest(), "taken": taken, "known": known}
    organisation = Organisation.objects.get(public_id=ctx.grant.organisation)
    ctx.append(subject=organisation, before=None, after=body)
    return {"taken": taken, "known": known}


@command("power.consumption.record", roles=HOLDERS, at="organisation")
def consumption_record(*, ctx: Command, organisation: Organisation, content: bytes) -> dict[str, int]:
    """Take a file of an organisation's hourly consumption, all of it or nothing."""
    rows, faults = meter_files.read(content, meter_files.CONSUMED_HOURS)
    found = ConsumedHour.objects.filter(organisation=organisation, hour__range=span(rows))
    known: dict[Any, int] = dict(found.values_list("hour", "wh"))
    faults += [
        Fault(row.number, _("the hour is on record with other figures"))
        for row in rows if known.get(row.hour, row.numbers[0]) != row.numbers[0]
    ]  # fmt: skip
    refuse(faults)
    new = [row for row in rows if row.hour not in known]
    if new:
        columns: dict[str, list[Any]] = {
            "organisation_id": [organisation.public_id] * len(new),
            "hour": [row.hour for row in new],
            "wh": [row.numbers[0] for row in new],
        }
        rows_insert(ConsumedHour, columns)
    return told(ctx, content, taken=len(new), known=len(rows) - len(new))


@command("power.areas.record", roles=REGISTRY)
def areas_record(*, ctx: Command, hours: bytes, flows: bytes, source: str) -> dict[str, int]:
    """Take what areas used, emitted and sent, hour by hour; consumption-based intensity is traced from it.

    hours, flows: the two files. source: what they come from, shown beside every intensity. Refuses hours on record.
    """
    rows, faults = meter_files.read(hours, meter_files.AREA_HOURS)
    sent, more = meter_files.read(flows, meter_files.AREA_FLOWS)
    areas = {(row.keys[0], row.hour) for row in rows}
    known = set(AreaHour.objects.filter(hour__range=span(rows)).values_list("area", "hour"))
    faults += [Fault(row.number, _("the hour is on record")) for row in rows if (row.keys[0], row.hour) in known]
    more += [
        Fault(row.number, _("{end} has no such hour in the file of areas").format(end=end))
        for row in sent for end in row.keys if (end, row.hour) not in areas
    ]  # fmt: skip
    refuse(faults + more)
    rows_insert(AreaHour, {
        "area": [row.keys[0] for row in rows], "hour": [row.hour for row in rows], "used_wh": [row.numbers[0] for row in rows],
        "emitted_g": [row.numbers[1] for row in rows], "source": [source] * len(rows),
    })  # fmt: skip
    rows_insert(AreaFlow, {
        "area": [row.keys[0] for row in sent], "neighbour": [row.keys[1] for row in sent], "hour": [row.hour for row in sent],
        "sent_wh": [row.numbers[0] for row in sent],
    })  # fmt: skip
    return told(ctx, hours + flows, taken=len(rows), known=0)
