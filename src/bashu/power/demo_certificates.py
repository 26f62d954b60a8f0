"""The certificates' part of the demonstration: three months of synthetic hours, issued, traded, retired and matched; two settlements.

Every figure is made up. Keys are fixed: a second play finds what the first one wrote.
"""

import csv
import io
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
from django.conf import settings

from bashu.kernel.commands.actor import Actor
from bashu.kernel.commands.command import Command
from bashu.kernel.parties.models import Organisation
from bashu.kernel.parties.selectors import actor_of_person, person_by_email, seen_by
from bashu.power.models import Holding, Settlement, Unit
from bashu.power.selectors.certificates import month_span
from bashu.power.services import certificates, metering, settlement

MARK = "演示数据"
KEY = "demo-certificates-1"
SEED = 20250801
MONTHS = [date(2025, month, 1) for month in (8, 9, 10)]
EMAIL = "{role}.{side}@demo.example"


class Plant(NamedTuple):
    """A made-up unit: code, names, technology, side, capacity in MW, the day it began."""

    code: str
    name_zh: str
    name_en: str
    technology: str
    side: str
    mw: int
    since: date


PLANTS = (
    Plant("SC-WIND-01", "凉山风电场（演示）", "Liangshan wind farm (demonstration)", "wind", "SC", 60, date(2021, 6, 30)),
    Plant("SC-SUN-01", "甘孜光伏电站（演示）", "Garzê solar station (demonstration)", "solar", "SC", 80, date(2023, 9, 1)),
    Plant("SC-HYDRO-01", "大渡河水电站（演示）", "Dadu River hydropower station (demonstration)", "hydro", "SC", 40, date(2009, 12, 1)),
    Plant("CQ-WIND-01", "武隆风电场（演示）", "Wulong wind farm (demonstration)", "wind", "CQ", 30, date(2019, 4, 1)),
)  # fmt: skip
LOAD_MW = 44  # a made-up factory's mean
STEPS = 6


def play(progress: Callable[[int, int], None]) -> None:
    """Play it all, or what is missing of it; `progress` is called with steps done and in all."""
    with seen_by(whom("operator", "CQ")):
        done = Settlement.objects.exists()
    if done:
        progress(STEPS, STEPS)
        return
    units = [registered(plant) for plant in PLANTS]
    progress(1, STEPS)
    for side in ("CQ", "SC"):
        metered(side, [plant for plant in PLANTS if plant.side == side])
    consumed()
    progress(2, STEPS)
    for month in MONTHS:
        for side in ("CQ", "SC"):
            certificates.month_issue(
                actor=whom("operator", side), now=at(month, 40), month=month, key=f"{KEY}-issue-{month:%m}"
            )
    progress(3, STEPS)
    for unit in units[:2]:
        traded(unit)
    progress(4, STEPS)
    used()
    progress(5, STEPS)
    settled()
    progress(STEPS, STEPS)


def whom(role: str, side: str) -> Actor:
    """One of the demonstration's people."""
    return actor_of_person(person_by_email(EMAIL.format(role=role, side=side.lower())))


def body(role: str, side: str) -> Organisation:
    """The organisation that he acts for."""
    return Organisation.objects.get(public_id=whom(role, side).organisations()[0])


def at(month: date, days: int) -> datetime:
    """A morning so many days after a month began, never after the demonstration's instant."""
    return min(month_span(month)[0] + timedelta(days=days, hours=10), settings.DEMO_INSTANT)


def ctx(role: str, side: str, now: datetime, what: str) -> Command:
    """A command of one of them under a fixed key."""
    return Command(actor=whom(role, side), now=now, key=f"{KEY}-{what}")


def registered(plant: Plant) -> Unit:
    """The unit, put on record by its side's operator."""
    return metering.unit_register(
        ctx=ctx("operator", plant.side, at(MONTHS[0], 0), plant.code), jurisdiction=plant.side, code=plant.code,
        owner=body("enterprise", plant.side), technology=plant.technology, commissioned_on=plant.since,
        name_zh=plant.name_zh, name_en=plant.name_en,
    )  # fmt: skip


def hours() -> list[datetime]:
    """Every hour of the three months."""
    first, stop = month_span(MONTHS[0])[0], month_span(MONTHS[-1])[1]
    return [first + timedelta(hours=i) for i in range(int((stop - first).total_seconds() // 3600))]


def output(plant: Plant, when: list[datetime]) -> np.ndarray:
    """A plausible output in watt-hours: sun by day, wind in spells and stronger at night, rivers that ebb toward winter."""
    generator = np.random.default_rng([SEED, *plant.code.encode()])
    hour = np.array([one.hour for one in when])
    if plant.technology == "solar":
        clear = np.repeat(generator.uniform(0.35, 1.0, len(when) // 24 + 1), 24)[: len(when)]
        share = np.clip(np.sin((hour - 6) / 12 * np.pi), 0, None) * clear * 0.8
    elif plant.technology == "wind":
        spells = np.convolve(generator.normal(0, 1, len(when) + 23), np.ones(24) / 24, "valid")
        share = np.clip(0.3 + 1.1 * spells + 0.12 * np.cos((hour - 2) / 24 * 2 * np.pi), 0.02, 0.95)
    else:
        share = np.linspace(0.85, 0.5, len(when)) + 0.05 * np.sin(hour / 24 * 2 * np.pi)
    return np.rint(share * plant.mw * 1e6).astype(np.int64)


def table(header: list[str], rows: Iterable[tuple[Any, ...]]) -> bytes:
    """A CSV file."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def metered(side: str, plants: list[Plant]) -> None:
    """A side's unit-hours, taken by its operator."""
    when = hours()
    rows = (
        (plant.code, hour.isoformat(), int(wh))
        for plant in plants
        for hour, wh in zip(when, output(plant, when), strict=True)
    )
    content = table(["unit", "hour", "generated_wh"], rows)
    metering.hours_meter(ctx=ctx("operator", side, at(MONTHS[-1], 31), f"meter-{side}"), content=content)


def consumed() -> None:
    """A Chongqing factory's consumption: two shifts, less at night and on Sundays."""
    when = hours()
    generator = np.random.default_rng(SEED)
    shift = np.array([1.15 if 7 <= one.hour < 23 else 0.7 for one in when])
    rest = np.array([0.55 if one.weekday() == 6 else 1.0 for one in when])
    wh = np.rint(LOAD_MW * 1e6 * shift * rest * generator.uniform(0.95, 1.05, len(when))).astype(int)
    content = table(["hour", "used_wh"], zip((one.isoformat() for one in when), wh.tolist(), strict=True))
    metering.consumption_record(
        ctx=ctx("enterprise", "CQ", at(MONTHS[-1], 31), "consume"),
        organisation=body("enterprise", "CQ"),
        content=content,
    )


def traded(unit: Unit) -> None:
    """Sichuan's wind and sun go to the factory in Chongqing; of October's last certificates an offer stays open."""
    giver, receiver = whom("enterprise", "SC"), body("enterprise", "CQ")
    with seen_by(giver):
        owned = list(Holding.objects.filter(unit=unit, owner__public_id=giver.organisations()[0]).order_by("first"))
    for holding in owned:
        last = holding.batch.month == MONTHS[-1]
        name = f"{unit.code}-{holding.first}"
        offer = certificates.transfer_offer(
            ctx=ctx("enterprise", "SC", at(MONTHS[-1], 45), f"offer-{name}"), holding=holding, receiver=receiver,
            quantity=holding.count - 400 if last else holding.count,
        )  # fmt: skip
        certificates.transfer_accept(ctx=ctx("enterprise", "CQ", at(MONTHS[-1], 46), f"accept-{name}"), transfer=offer)
        if last:
            rest = offered_rest(giver, unit, offer.last + 1)
            certificates.transfer_offer(
                ctx=ctx("enterprise", "SC", at(MONTHS[-1], 50), f"open-{name}"),
                holding=rest,
                receiver=receiver,
                quantity=250,
            )


def offered_rest(giver: Actor, unit: Unit, first: int) -> Holding:
    """What the giver kept."""
    with seen_by(giver):
        return Holding.objects.get(unit=unit, first=first)


def used() -> None:
    """The factory retires what it holds, but for the last three hundred of October's."""
    firm = whom("enterprise", "CQ")
    with seen_by(firm):
        owned = list(
            Holding.objects.filter(owner__public_id=firm.organisations()[0], state="held")
            .select_related("batch", "unit")
            .order_by("unit__code", "first")
        )
    for holding in owned:
        last = holding.batch.month == MONTHS[-1]
        period = "2025年10月" if last else "2025年第三季度"
        certificates.certificates_retire(
            ctx=ctx("enterprise", "CQ", at(MONTHS[-1], 52), f"retire-{holding.unit.code}-{holding.first}"),
            holding=holding,
            quantity=holding.count - 300 if last else holding.count,
            purpose=f"{period}绿色电力消费（{MARK}）",
        )


def settled() -> None:
    """A week that both grids signed, and one that waits for Sichuan."""
    weeks = (
        (date(2025, 7, 7), ("18420365.118", "17905211.463", "4210007.419"), ("25110402.007", "11215581.993", "4209600.000")),
        (date(2025, 8, 18), ("6120488.335", "9874120.772", "1500390.893"), ("4002155.500", "12892844.500", "600000.000")),
    )  # fmt: skip
    players = ("四川电网", "重庆电网", "特高压线路")
    for number, (first, target, got) in enumerate(weeks):
        proposed = settlement.settlement_propose(
            ctx=ctx("operator", "CQ", at(MONTHS[-1], 53), f"propose-{number}"), counterparty=body("operator", "SC"),
            period_start=first, period_end=first + timedelta(days=6), division="shapley", baseline="isolated",
            target=dict(zip(players, map(Decimal, target), strict=True)), settled=dict(zip(players, map(Decimal, got), strict=True)),
            note=MARK,
        )  # fmt: skip
        if number == 0:
            settlement.settlement_sign(ctx=ctx("operator", "SC", at(MONTHS[-1], 54), "sign"), settlement=proposed)
