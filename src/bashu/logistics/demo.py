"""The year of consignments: booked, cleared, carried, delayed, re-booked and delivered through the real services.

Everything is made up and says so. The year goes in ticks of three days, each in one transaction: a play that was interrupted goes on
with the first tick that is not there, a whole one is not played again. What a tick does follows from its number and the
records alone.

Of about two thousand consignments nearly a tenth miss a connection: vehicles come late by hours (eleven in a hundred) or by a day or two
(three), customs holds goods past their train or ends a bond only with the next tick, a port closes for nine days. Each miss is told to
two, the shipper and the operator whose space stays empty; who is free to go then finds another way that can be reached.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property, partial
from hashlib import sha256
from pathlib import Path
from random import Random
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from bashu.kernel.commands.actor import Actor
from bashu.kernel.commands.command import Command
from bashu.kernel.parties import demo as parties
from bashu.kernel.parties.selectors import seen_by
from bashu.logistics.demo_cast import BEGIN, LISTED, STORY, Cast, bodies, cast_make, rows_of
from bashu.logistics.engine.network import minutes_of, moment_of
from bashu.logistics.errors import ConnectionOutOfReach, HubClosed, SpaceGone
from bashu.logistics.formats.archive import pack
from bashu.logistics.goods import Goods, Parties
from bashu.logistics.models import (
    Closure,
    Consignment,
    ConsignmentState,
    Declaration,
    DeclarationState,
    Departure,
    Event,
    Leg,
    LegDeparture,
    LegState,
    NetworkVersion,
    PortOffice,
    Transit,
    TransitState,
)
from bashu.logistics.quotes import quote_sign
from bashu.logistics.selectors import SHIPPED, answer_out
from bashu.logistics.selectors.clearance import CLEARING, blocked
from bashu.logistics.selectors.ground import Ground, ground_current
from bashu.logistics.selectors.planner import options
from bashu.logistics.selectors.reporting import Told
from bashu.logistics.selectors.routes import Cargo
from bashu.logistics.services import amending, booking, clearance, network, tracking
from bashu.logistics.services.following import onward

MARK = "演示数据"
SEED = 20250101
TICK = timedelta(days=3)
# hub: side
PORTS = {"GUOYUAN": "CQ", "TUANJIECUN": "CQ", "WANZHOU": "CQ", "QINGBAIJIANG": "SC", "LUZHOU": "SC", "YIBIN": "SC"}
FLOOD = ("LUZHOU", "2025-07-12T00:00:00+08:00", "2025-07-21T00:00:00+08:00")
# hub, announced, closed from, until: the year ends before they begin
LOW_WATER = ("WANZHOU", "2025-11-25T09:00:00+08:00", "2025-12-10T00:00:00+08:00", "2025-12-12T00:00:00+08:00")
SUMMER = datetime.fromisoformat("2025-07-01T09:00:00+08:00")  # from then on the trains below are longer
LONGER = ("LSC-CQ,1234567,10:00,2025-01-01,2026-03-31,100", "LSC-CQ,1234567,10:00,2025-01-01,2026-03-31,120")
PAPERS = 0.1  # of the booked consignments have their invoice on record; of the last days' all
A_TICK = 18.6  # consignments booked in a tick, on average: about 2,000 in the year
HOUR = timedelta(hours=1)
MINUTES_MADE_UP = 40
LIVE = (LegState.CONFIRMED, LegState.LOADED, LegState.DEPARTED, LegState.ARRIVED)
RATES = {"CNY": "1", "USD": "7.1", "EUR": "7.8"}  # made up

Progress = Callable[[int, int], None]


def play(progress: Progress | None = None) -> None:
    """Play what has not been played. Needs the demonstration's log-ins. Raises RuntimeError on a real node."""
    if not settings.BASHU_DEMO:
        raise RuntimeError("the demonstration year is played in the demonstration only")
    parties.logins_ensure([body for body in bodies() if body.mailbox in LISTED.values()])
    story = Story(cast_make())
    story.stage()
    ticks = list(moments())
    for number, (start, end) in enumerate(ticks, start=1):
        if not story.played(end):
            with transaction.atomic():
                Tick(story, number, start, end, last=number == len(ticks)).play()
        if progress:
            progress(number, len(ticks))


def moments() -> Iterator[tuple[datetime, datetime]]:
    """Begin and end of every tick; the last ends at the demonstration's instant."""
    start = BEGIN
    while start < settings.DEMO_INSTANT:
        end = min(start + TICK, settings.DEMO_INSTANT)
        yield start, end
        start = end


# Who sends what, and what the network is


@dataclass(frozen=True, eq=False)
class Way:
    """What is sent from where to where, how often."""

    origin: str
    destination: str
    weight: int
    boxes: tuple[int, ...]
    row: dict[str, str]

    @property
    def cargo(self) -> Cargo:
        """As the planner asks."""
        return Cargo(
            sum(self.boxes) // 20, int(self.row["danger_class"] or 0) or None, bool(self.row["reefer_celsius"])
        )

    def goods(self, rng: Random) -> Goods:
        """As a booking declares them, each a little different."""
        currency, teu = self.row["currency"], self.cargo.teu
        yuan = Decimal(int(self.row["yuan_per_teu"]) * teu * rng.randint(80, 120) // 100)
        cold = self.row["reefer_celsius"]
        return Goods(
            description=f"{self.row['goods']}（{MARK}）",
            hs_code=self.row["hs_code"],
            weight_kg=int(self.row["weight_kg"]) * rng.randint(85, 100) // 100,
            boxes=self.boxes,
            value=(yuan / Decimal(RATES[currency])).quantize(Decimal("0.01")),
            currency=currency,
            exchange_rate=Decimal(RATES[currency]),
            un_number=self.row["un_number"],
            reefer_celsius=Decimal(cold) if cold else None,
        )


class Story:
    """What all ticks share."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.ways = [
            Way(row["origin"], row["destination"], int(row["weight"]), tuple(map(int, row["boxes"].split())), row)
            for row in rows_of(STORY / "ways.csv")
        ]

    def stage(self) -> None:
        """The network in force from the year's first days on, and who clears goods where."""
        before = BEGIN - 10 * HOUR
        with seen_by(self.cast.node):
            there = NetworkVersion.objects.exists()
            offices = set(PortOffice.objects.values_list("hub", flat=True))
        if not there:
            network.network_import(ctx=Command(actor=self.cast.joint, now=before), folder_bytes=pack(SHIPPED))
        for hub, side in PORTS.items():
            if hub not in offices:
                office = self.cast.customs[side]
                clearance.port_office_set(ctx=Command(actor=self.cast.joint, now=before), hub=hub, office=office)

    def played(self, end: datetime) -> bool:
        """Whether the tick that ends so is there: it is written whole, and reports what happened at its end."""
        with seen_by(self.cast.node):
            return Event.objects.filter(received_at__gte=end).exists()


def summer_network() -> bytes:
    """The shipped network with the longer train."""
    with TemporaryDirectory() as made:
        folder = Path(made)
        for file in SHIPPED.glob("*.csv"):
            copyfile(file, folder / file.name)
        timetables = (folder / "timetables.csv").read_text(encoding="utf-8")
        assert LONGER[0] in timetables, "the shipped timetable has this train"
        (folder / "timetables.csv").write_text(timetables.replace(*LONGER), encoding="utf-8")
        return pack(folder)


def actual(row: Departure) -> tuple[datetime, datetime]:
    """When a departure really leaves and arrives in the story: most keep their time, some are late, a few very late.

    Some minutes are made up under way: without that reserve punctual trains would miss connections that the planner made to the minute.
    """
    rng = Random(f"{SEED}-{row.service}-{row.trip}")  # noqa: S311 - a repeatable story, not a secret
    long = 6 if row.mode in ("sea", "river") else 3
    late = rng.choices(
        [rng.randint(0, MINUTES_MADE_UP), rng.randint(60, 60 * long), rng.randint(60 * long, 60 * 8 * long)],
        [86, 11, 3],
    )[0]
    span = int((row.arrives_at - row.departs_at).total_seconds() // 60)
    slow = rng.randint(-2, 1) * span // 100
    leaves = row.departs_at + timedelta(minutes=late)
    if late <= MINUTES_MADE_UP:
        return leaves, max(row.arrives_at, leaves + timedelta(minutes=span * 9 // 10))
    return leaves, leaves + timedelta(minutes=span + slow)


@dataclass
class Tick:
    """Three days of the year: what was decided, booked, cleared, carried in them."""

    story: Story
    number: int
    start: datetime
    end: datetime
    last: bool
    acts: list[tuple[datetime, Callable[[], Any]]] = field(default_factory=list)
    told: dict[UUID, list[Told]] = field(default_factory=lambda: defaultdict(list))

    @cached_property
    def rng(self) -> Random:
        """This tick's own dice."""
        return Random(f"{SEED}-{self.number}")  # noqa: S311 - a repeatable story, not a secret

    def command(self, who: UUID | Actor, at: datetime) -> Command:
        """A command of somebody at a moment of the tick."""
        actor = who if isinstance(who, Actor) else self.story.cast.actors[who]
        return Command(actor=actor, now=at)

    def play(self) -> None:
        """Everything of the tick: offices decide, vehicles run, the shippers find other ways, and book anew."""
        self.flood()
        self.low_water()
        self.summer()
        self.offices()
        for _, act in sorted(self.acts, key=lambda one: one[0]):
            act()
        self.look()
        self.vehicles()
        self.goods_move()
        self.report()
        self.rebook()
        self.book()

    def look(self) -> None:
        """See with the node's eyes again, after a command of somebody else."""
        with seen_by(self.story.cast.node):
            pass

    # The flood

    def flood(self) -> None:
        """The port closes for nine days; nobody knows for how long until it opens."""
        hub, first, last = FLOOD
        closes, opens = datetime.fromisoformat(first), datetime.fromisoformat(last)
        if self.start < closes <= self.end:
            known, why = closes - 4 * HOUR, f"洪水封港（{MARK}）"
            declare = partial(network.closure_declare, hub=hub, closed_from=closes, until=None, reason=why)
            self.acts.append((known, lambda: declare(ctx=self.command(self.story.cast.joint, known))))
        if self.start < opens <= self.end:
            self.look()
            closure = Closure.objects.get(hub=hub, lifted_at=None)
            self.acts.append(
                (opens, lambda: network.closure_lift(ctx=self.command(self.story.cast.joint, opens), closure=closure))
            )

    def low_water(self) -> None:
        """A port announces works while the river is low, with their end."""
        hub, *moments = LOW_WATER
        known, closes, opens = map(datetime.fromisoformat, moments)
        if self.start < known <= self.end:
            declare = partial(
                network.closure_declare, hub=hub, closed_from=closes, until=opens, reason=f"枯水期疏浚（{MARK}）"
            )
            self.acts.append((known, lambda: declare(ctx=self.command(self.story.cast.joint, known))))

    # The timetable of summer

    def summer(self) -> None:
        """The joint office imports the network anew: a train has become longer."""
        if self.start < SUMMER <= self.end:
            bring = partial(network.network_import, folder_bytes=summer_network())
            self.acts.append((SUMMER, lambda: bring(ctx=self.command(self.story.cast.joint, SUMMER))))

    # Offices

    def offices(self) -> None:
        """Declarations go their way, seals are checked; at the end of the year some wait on every desk."""
        self.look()
        waiting = Declaration.objects.filter(state__in=CLEARING).select_related("consignment").order_by("pk")
        for one in waiting:
            rng = Random(f"{SEED}-{one.consignment.number}-{one.hub}-{one.procedure}")  # noqa: S311
            lot, at = rng.random(), one.lodged_at + rng.randint(60, 900) * timedelta(minutes=1)
            if one.lodged_at + TICK * 2 < self.start and one.on_hold:
                self.decide(one, "unhold", self.start + rng.randint(1, 9) * HOUR, reason=f"单证补齐（{MARK}）")
                self.decide(one, "release", self.start + rng.randint(10, 20) * HOUR)
            elif (
                one.state == DeclarationState.LODGED
                and at <= self.end
                and not (self.last and lot < 0.4 and one.procedure != "transit")
            ):
                self.clear(one, at, lot, rng)

    def clear(self, one: Declaration, at: datetime, lot: float, rng: Random) -> None:
        """Accept a declaration, look into some, hold a few, release the rest; some goods go on under bond."""
        self.decide(one, "accept", at)
        if lot < 0.03:
            self.decide(one, "hold", at + HOUR, reason=f"品名与单证不符，待核（{MARK}）")
            return
        if lot < 0.1:
            self.decide(one, "inspect", at + HOUR, reason=f"随机抽查（{MARK}）")
            at += rng.randint(4, 14) * HOUR
            self.decide(one, "inspected", at, reason=f"相符（{MARK}）")
        released = at + rng.randint(30, 500) * timedelta(minutes=1)
        self.decide(one, "release", released)
        target = self.bond_target(one) if one.procedure == "transit" else None
        if target and not self.last:  # at the end of the year some wait to be sent
            self.acts.append((released + HOUR, partial(self.bond, one, target, released + HOUR)))

    def decide(self, one: Declaration, step: str, at: datetime, **said: str) -> None:
        """One step of an office, within the tick."""
        at = min(at, self.end)
        service = getattr(clearance, f"declaration_{step}")

        def act() -> None:
            service(ctx=self.command(one.office_id, at), declaration=one, **said)

        self.acts.append((at, act))

    def bond_target(self, one: Declaration) -> str | None:
        """The other side's port of entry further on the way."""
        legs = Leg.objects.filter(consignment=one.consignment, state__in=LIVE).order_by("sequence")
        targets = [leg.target for leg in legs]
        return next((hub for hub in targets if PORTS.get(hub, PORTS[one.hub]) != PORTS[one.hub]), None)

    def bond(self, one: Declaration, target: str, at: datetime) -> None:
        """Open a transit under bond."""
        clearance.transit_open(
            ctx=self.command(one.office_id, at),
            declaration=one,
            target=target,
            seal=f"DEMO{one.pk:06}",
            due_at=at + 12 * 24 * HOUR,
        )

    # What moves

    def vehicles(self) -> None:
        """Every vehicle that left or arrived in these three days is reported by its operator."""
        day = timedelta(days=4)
        span = Departure.objects.filter(
            departs_at__lte=self.end, arrives_at__gt=self.start - day, operator__isnull=False, withdrawn=False
        )
        for row in span.order_by("pk"):
            if self.ground.closed(row.origin, minutes_of(row.departs_at)) or self.ground.closed(
                row.target, minutes_of(row.arrives_at)
            ):
                continue
            name = f"{row.service}-{row.trip}-{row.sequence}"
            leaves, arrives = actual(row)
            side: dict[str, Any] = {"service": row.service, "trip": row.trip, "sequence": row.sequence}
            assert row.operator_id
            if self.start < leaves <= self.end:
                self.say(row.operator_id, f"{name}-d", "departed", leaves, **side)
                if arrives - row.arrives_at > 4 * HOUR and arrives > self.end:
                    self.say(
                        row.operator_id, f"{name}-x", "expected_arrival", arrives, min(leaves + HOUR, self.end), **side
                    )
            if self.start < arrives <= self.end:
                self.say(row.operator_id, f"{name}-a", "arrived", arrives, **side)

    @cached_property
    def ground(self) -> Ground:
        """The network as it is in this tick."""
        return ground_current(self.start - 60 * 24 * HOUR)

    def say(
        self, who: UUID, name: str, kind: str, at: datetime, told_at: datetime | None = None, **subject: Any
    ) -> None:
        """Put one report aside for its reporter's batch."""
        self.told[who].append(Told(reference=name, kind=kind, happened_at=at, told_at=told_at or at, **subject))

    def goods_move(self) -> None:
        """Every consignment on its way: aboard where it could be loaded, on the road, delivered."""
        active = (ConsignmentState.CONFIRMED, ConsignmentState.UNDER_WAY)
        self.consignments = {one.pk: one for one in Consignment.objects.filter(state__in=active)}
        legs: dict[int, list[Leg]] = defaultdict(list)
        for leg in Leg.objects.filter(consignment__in=self.consignments, state__in=LIVE).order_by(
            "consignment", "sequence"
        ):
            legs[leg.consignment_id].append(leg)
        held = LegDeparture.objects.filter(leg__consignment__in=self.consignments, leg__state__in=LIVE).select_related(
            "departure"
        )
        self.runs: dict[int, list[Departure]] = defaultdict(list)
        for pair in held.order_by("departure__sequence"):
            self.runs[pair.leg_id].append(pair.departure)
        self.bonds = defaultdict(list)
        for bond in Transit.objects.filter(state=TransitState.OPEN):
            self.bonds[bond.consignment_id].append(bond)
        self.discharge(legs)
        self.look()
        self.stopped = blocked([leg for found in legs.values() for leg in found if leg.state == LegState.CONFIRMED])
        for pk, found in legs.items():
            self.walk(self.consignments[pk], found)

    def discharge(self, legs: dict[int, list[Leg]]) -> None:
        """The second office takes goods out of bond three hours after they came."""
        for pk, found in list(self.bonds.items()):
            for bond in found:
                came = next(
                    (leg.arrived_at for leg in legs.get(pk, []) if leg.target == bond.target and leg.arrived_at), None
                )
                if came:
                    at = max(came, self.start) + 3 * HOUR
                    clearance.transit_discharge(
                        ctx=self.command(bond.target_office_id, min(at, self.end)), transit=bond, seal=bond.seal
                    )

    def walk(self, one: Consignment, legs: Sequence[Leg]) -> None:
        """Go on along the legs until the end of the tick."""
        here: datetime | None = None
        by = "road"
        for leg in legs:
            here = leg.arrived_at if leg.state == LegState.ARRIVED else self.carry(one, leg, here, by)
            if here is None or here > self.end:
                return
            by = leg.mode
        assert here is not None
        done = here + 5 * HOUR
        if self.start < done <= self.end or legs[-1].state == LegState.ARRIVED:
            self.say(
                legs[-1].operator_id or one.shipper_id,
                f"{one.number}-delivered",
                "delivered",
                min(done, self.end),
                consignment=one.number,
            )

    def carry(self, one: Consignment, leg: Leg, here: datetime | None, by: str) -> datetime | None:
        """One leg: when the goods come to its end, None while they cannot go aboard."""
        name, run = f"{one.number}-{leg.sequence}", self.runs[leg.pk]
        who = leg.operator_id or one.shipper_id
        about: dict[str, Any] = {"consignment": one.number, "leg": leg.sequence}
        ready = self.ready(leg, here, by)
        if not run:
            span = leg.arrives_at - leg.departs_at
            leaves = leg.departed_at or (leg.departs_at if here is None else ready)
            assert leaves is not None
            if leg.pk in self.stopped or leaves > self.end:
                return None
            if leg.state == LegState.CONFIRMED:
                if here is not None:
                    self.say(who, f"{name}-l", "loaded", leaves, **about)
                self.say(who, f"{name}-d", "departed", leaves, **about)
            if leaves + span <= self.end:
                self.say(who, f"{name}-a", "arrived", leaves + span, **about)
            return leaves + span
        leaves, arrives = actual(run[0])[0], actual(run[-1])[1]
        if leg.state == LegState.CONFIRMED:
            cutoff = moment_of(self.ground.cutoff(leg.service, leg.origin, minutes_of(leaves)))
            too_late = ready is not None and ready > cutoff
            if too_late or leg.pk in self.stopped or leaves <= self.start or leaves - HOUR > self.end or self.shut(run):
                return None
            if here is not None and leg.origin_operator_id:
                self.say(leg.origin_operator_id, f"{name}-g", "gate_in", here, **about)
            self.say(who, f"{name}-l", "loaded", leaves - HOUR, **about)
        return arrives

    def ready(self, leg: Leg, here: datetime | None, by: str) -> datetime | None:
        """When goods that came at a moment are ready for a leg."""
        if here is None:
            return None
        minutes = self.ground.opens(leg.origin, minutes_of(here)) + self.ground.handling(leg.origin, by, leg.mode)
        return moment_of(minutes)

    def shut(self, run: Sequence[Departure]) -> bool:
        """Whether a vehicle does not run for a closed port."""
        ends = ((row.origin, row.departs_at, row.target, row.arrives_at) for row in run)
        closed = self.ground.closed
        return any(closed(a, minutes_of(leaves)) or closed(b, minutes_of(comes)) for a, leaves, b, comes in ends)

    def report(self) -> None:
        """One batch of each reporter."""
        for who, rows in sorted(self.told.items(), key=lambda one: str(one[0])):
            tracking.events_report(ctx=self.command(who, self.end), reporter=who, rows=rows)

    # Shippers

    def rebook(self) -> None:
        """Who lost a connection finds another way from where the goods are; some give up before anything moved."""
        self.look()
        lost = list(Consignment.objects.filter(missed=True, state__in=["confirmed", "under_way"]).order_by("pk"))
        for one in lost:
            if self.last and one.pk % 2:
                continue  # at the end of the year some still wait for their shipper
            self.look()
            if one.declarations.filter(on_hold=True).exists():
                continue  # nothing to book before customs lets the goods go
            ends = (one.origin, one.destination)
            way = next((way for way in self.story.ways if (way.origin, way.destination) == ends), None)
            start, at = onward(one, self.end)
            if way and start != one.destination:
                self.rebook_one(one, start, at, way.cargo)

    def rebook_one(self, one: Consignment, start: str, at: datetime, cargo: Cargo) -> None:
        """Take the first way on that the goods can reach, with some hours, a day or two for what has to be handled."""
        for wait in (8, 24, 48):
            self.look()
            if not (token := self.quote(start, one.destination, at + wait * HOUR, cargo)):
                return
            try:
                booking.consignment_rebook(ctx=self.command(one.shipper_id, self.end), consignment=one, quote=token)
            except ConnectionOutOfReach:
                continue
            except (SpaceGone, HubClosed):
                pass
            return

    def quote(self, start: str, destination: str, departs: datetime, cargo: Cargo) -> str | None:
        """A signed option, the cheapest but for a few; None where there is no way."""
        found = answer_out(options(origin=start, destination=destination, departs=departs, cargo=cargo))
        found = [one for one in found if all(leg["mode"] != "air" for leg in one["legs"])]
        if not found:
            return None
        chosen = found[0] if self.rng.random() < 0.55 else self.rng.choice(found)
        return quote_sign(chosen, (cargo.teu, cargo.dangerous, cargo.reefer), departs)

    def book(self) -> None:
        """New consignments of these three days, more towards the year's end; a few cancelled, the last only held."""
        number = round(
            A_TICK * (0.85 + 0.3 * (self.end - BEGIN) / (settings.DEMO_INSTANT - BEGIN)) + self.rng.uniform(-1, 1)
        )
        weights = [way.weight for way in self.story.ways]
        tokens: dict[Way, str | None] = {}
        for nth in range(number):
            self.look()
            way = self.rng.choices(self.story.ways, weights)[0]
            if way not in tokens or self.rng.random() < 0.3:  # others take the way that somebody just asked for
                departs = self.end + self.rng.randint(52, 120) * HOUR
                tokens[way] = self.quote(way.origin, way.destination, departs, way.cargo)
            shipper = self.story.cast.shippers[self.rng.randrange(len(self.story.cast.shippers))]
            goods, at = way.goods(self.rng), self.end - self.rng.randint(2, 20) * timedelta(minutes=1)
            if token := tokens[way]:
                self.book_one(shipper, token, goods, at, held=self.last and nth % 2 == 0)

    def book_one(self, shipper: UUID, token: str, goods: Goods, at: datetime, *, held: bool) -> None:
        """Hold, confirm, declare at the ports of entry; or hold only, or cancel again."""
        whom = Parties(f"收货人（{MARK}）", "")
        try:
            one = booking.consignment_hold(
                ctx=self.command(shipper, at), shipper=shipper, quote=token, goods=goods, parties=whom
            )
        except (SpaceGone, HubClosed):
            return
        if held:
            return
        one = booking.consignment_confirm(ctx=self.command(shipper, at + timedelta(minutes=1)), consignment=one)
        if self.rng.random() < 0.03:
            booking.consignment_cancel(
                ctx=self.command(shipper, self.end), consignment=one, reason=f"订单取消（{MARK}）"
            )
            return
        self.paper(one, self.end)
        for hub, procedure in self.declared(one):
            clearance.declaration_lodge(
                ctx=self.command(shipper, self.end), consignment=one, hub=hub, procedure=procedure
            )

    def paper(self, one: Consignment, at: datetime) -> None:
        """The digest of an invoice that is nowhere kept."""
        lot = Random(f"{SEED}-{one.number}-papers").random()  # noqa: S311 - a repeatable story, not a secret
        if not self.last and lot > PAPERS:
            return
        content = f"{MARK} {one.number}".encode()
        amending.document_attach(
            ctx=self.command(one.shipper_id, at), consignment=one, kind="invoice", name=f"发票（{MARK}）.txt",
            media_type="text/plain", size=len(content), sha256=sha256(content).hexdigest(),
        )  # fmt: skip

    def declared(self, one: Consignment) -> list[tuple[str, str]]:
        """Where a consignment is declared for what: coming in at the last port of the region, going out at the first; under bond
        where the first is one side's and the second the other's."""
        self.look()
        calls = list(
            dict.fromkeys(
                hub for leg in one.legs.order_by("sequence") for hub in (leg.origin, leg.target) if hub in PORTS
            )
        )
        if not calls or one.destination == "YANGSHAN":
            return []
        if one.origin in ("DUISBURG", "SINGAPORE"):
            return [(calls[-1], "import")]
        sides = {PORTS[hub] for hub in calls}
        return [(calls[0], "transit" if len(sides) == 2 and self.rng.random() < 0.5 else "export")]
