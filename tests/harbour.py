"""A small network with its organisations, for tests of bookings and clearance: Deyang by rail and sea to Singapore.

A road leg, then RAIL from QINGBAIJIANG (Sichuan) to GUOYUAN (Chongqing), LSC on to QINZHOU and SEA to SINGAPORE; a trip of each sets out
every day, as `T0` to `T9`. Hubs and
their operators are those of the shipped network; the departures are written past the import, which tests of its own prove.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

NOW = datetime(2025, 6, 1, 2, tzinfo=UTC)
# name: (organisation, credit code, kind, jurisdiction, role)
PORT_ACTORS = {
    "rail": ("铁路班列运营方", "91510113DEMQ000046", "operator", "SC", "operator"),
    "sea": ("远洋航运公司", "91500112DEMQ00006R", "operator", "CQ", "operator"),
    "truck": ("公路货运公司", "91510113DEMQ00007F", "operator", "SC", "operator"),
    "port.CQ": ("重庆港口", "91500112DEMQ00001A", "operator", "CQ", "operator"),
    "port.SC": ("四川港口", "91510500DEMQ00002R", "operator", "SC", "operator"),
    "customs.CQ": ("重庆口岸监管", "11500112DEMQ00009B", "authority", "CQ", "authority"),
    "customs.SC": ("四川口岸监管", "11510113DEMQ000103", "authority", "SC", "authority"),
}
# service: (mode, corridor, from, to, hours after the start of the way, hours under way, operator)
SERVICES = {
    "RAIL": ("rail", "land_sea", "QINGBAIJIANG", "GUOYUAN", 12, 10, "rail"),
    "LSC": ("rail", "land_sea", "GUOYUAN", "QINZHOU", 36, 60, "rail"),
    "SEA": ("sea", "land_sea", "QINZHOU", "SINGAPORE", 120, 90, "sea"),
}


@dataclass
class Harbour:
    """The network and who is in it; actors by the names of PORT_ACTORS, shippers as `players` have them."""

    actors: dict[str, Any]
    organisations: dict[str, UUID]
    tokens: dict[str, str]

    def option(
        self, trip: int = 0, *, teu: int = 2, services: Sequence[str] = tuple(SERVICES), road: bool = True
    ) -> dict[str, Any]:
        """A way as the planner tells it, on each service's trip of a day."""
        from bashu.logistics.selectors.network import network_shipped

        start = NOW + timedelta(days=1 + trip)
        legs = [leg(service, start, trip, teu) for service in services]
        if road and services[0] == "RAIL":
            ends = {"departs_at": start.isoformat(), "arrives_at": (start + timedelta(hours=3)).isoformat()}
            legs.insert(
                0,
                {
                    "mode": "road",
                    "service": None,
                    "from": "510600",
                    "to": "QINGBAIJIANG",
                    **ends,
                    "price_fen": 20_000 * teu,
                    "gco2e": 9_000,
                    "handling": None,
                },
            )
        names = {"510600": ("德阳市", "Deyang"), "SINGAPORE": ("新加坡", "Singapore")}
        ends = {
            end: {
                "code": code,
                "name_zh": names.get(code, (code, code))[0],
                "name_en": names.get(code, (code, code))[1],
            }
            for end, code in (("origin", legs[0]["from"]), ("destination", legs[-1]["to"]))
        }
        return {
            **ends, "departs_at": legs[0]["departs_at"], "arrives_at": legs[-1]["arrives_at"], "legs": legs,
            "price_fen": sum(one["price_fen"] for one in legs), "gco2e": sum(one["gco2e"] for one in legs),
            "network": {"version": network_shipped().version, "status": "assumed"},
        }  # fmt: skip

    def quote(
        self,
        trip: int = 0,
        *,
        teu: int = 2,
        dangerous: int | None = None,
        reefer: bool = False,
        until: datetime | None = None,
        **way: Any,
    ) -> str:
        """A signed quote for such a way."""
        from bashu.logistics.quotes import quote_sign

        return quote_sign(
            self.option(trip, teu=teu, **way), (teu, dangerous, reefer), until or NOW + timedelta(hours=2)
        )

    def hold(
        self, trip: int = 0, *, by: str = "enterprise.CQ", boxes: Sequence[int] = (40,), now: datetime = NOW, **way: Any
    ) -> Any:
        """Hold a consignment for a shipper."""
        from bashu.logistics.services.booking import consignment_hold

        teu = sum(feet // 20 for feet in boxes)
        return consignment_hold(
            ctx=command(self.actors[by], now),
            shipper=self.organisations[by],
            quote=self.quote(trip, teu=teu, **way),
            goods=goods(boxes=boxes),
            parties=parties(),
        )

    def booked(self, trip: int = 0, **options: Any) -> Any:
        """Hold and confirm."""
        from bashu.logistics.services.booking import consignment_confirm

        by, now = options.get("by", "enterprise.CQ"), options.get("now", NOW)
        return consignment_confirm(ctx=command(self.actors[by], now), consignment=self.hold(trip, **options))

    def held(self) -> dict[tuple[str, str], int]:
        """TEU held on departures where any is."""
        from bashu.logistics.models import Departure

        return {(one.service, one.trip): one.held_teu for one in Departure.objects.filter(held_teu__gt=0)}


def leg(service: str, start: datetime, trip: int, teu: int) -> dict[str, Any]:
    """A leg by one service."""
    mode, _, origin, target, after, hours, _ = SERVICES[service]
    departs = start + timedelta(hours=after)
    return {
        "mode": mode, "service": service, "service_zh": service, "service_en": service, "trip": f"T{trip}", "sequences": [1],
        "from": origin, "to": target, "departs_at": departs.isoformat(), "arrives_at": (departs + timedelta(hours=hours)).isoformat(),
        "price_fen": 100_000 * teu, "gco2e": 50_000 * teu, "handling": None,
    }  # fmt: skip


def command(actor: Any, now: datetime = NOW, **options: Any) -> Any:
    """A command of an actor."""
    from bashu.kernel.commands.command import Command

    return Command(actor=actor, now=now, **options)


def goods(**changes: Any) -> Any:
    """Goods of one 40-foot box."""
    from bashu.logistics.goods import Goods

    said: Mapping[str, Any] = {
        "description": "汽轮机部件", "hs_code": "840690", "weight_kg": 21_000, "boxes": (40,), "value": Decimal("1000000.00"),
    }  # fmt: skip
    return Goods(**{**said, **changes})


def parties() -> Any:
    """Who receives them."""
    from bashu.logistics.goods import Parties

    return Parties("Singapore Power Works", "Harbour Agents")


def harbour_make(players: Mapping[str, Any], *, capacity: int = 10, trips: int = 10) -> Harbour:
    """Write organisations, their people and the network; `players` are those of `players_make`."""
    from django.db import connection, transaction
    from django.utils import timezone
    from uuid_utils.compat import uuid7

    from bashu.kernel.commands.actor import ANONYMOUS
    from bashu.kernel.commands.command import DECLARED
    from bashu.kernel.parties import models, selectors, services
    from bashu.logistics.formats.archive import pack
    from bashu.logistics.models import Departure, NetworkVersion, PortOffice
    from bashu.logistics.selectors.network import SHIPPED, network_shipped

    # tokens are judged by the real clock, and the database lets none live longer than a year
    moment, scopes = timezone.now(), sorted({name.split(".")[0] + "." for name in DECLARED})
    with transaction.atomic():
        node = services.node_actor()
        selectors.set_scope(node)
        bodies, people, tokens = {}, {}, {}
        for name, (title, code, kind, side, role) in PORT_ACTORS.items():
            body = models.Organisation.objects.create(
                name_zh=title,
                credit_code=code,
                kind=kind,
                jurisdiction=side,
                state="active",
                applied_by=uuid7(),
                applied_at=moment,
            )
            person = models.Person.objects.create(
                email=f"{name.lower()}@ports.example.com", display_name=name, password="!"
            )
            member = models.Membership.objects.create(
                person=person, organisation=body, role=role, state="active", since=moment
            )
            secret = f"{selectors.TOKEN_START}{member.public_id.hex}"
            models.ApiToken.objects.create(
                membership=member, name="test", prefix=secret[-8:], digest=selectors.digest_of(secret), scopes=scopes,
                made_at=moment, expires_at=moment + timedelta(days=1),
            )  # fmt: skip
            bodies[name], people[name], tokens[name] = body, person, secret
        network = NetworkVersion.objects.create(
            digest=network_shipped().version, content=pack(SHIPPED), status="assumed", hubs=21, services=len(SERVICES),
            departures=trips * len(SERVICES), difference={}, current=True, organisation_id=bodies["rail"].public_id,
            imported_by=uuid7(), imported_at=NOW,
        )  # fmt: skip
        Departure.objects.bulk_create(
            departure(
                network,
                bodies[SERVICES[service][-1]].public_id,
                leg(service, NOW + timedelta(days=1 + trip), trip, 1),
                capacity,
            )
            for trip in range(trips)
            for service in SERVICES
        )
        for hub, office in (("QINGBAIJIANG", "customs.SC"), ("GUOYUAN", "customs.CQ")):
            PortOffice.objects.create(hub=hub, office_id=bodies[office].public_id)
        if connection.in_atomic_block:
            selectors.set_scope(ANONYMOUS)
    actors = {name: selectors.actor_of_person(person) for name, person in people.items()}
    actors |= {name: player.actor for name, player in players.items()} | {"node": node}
    organisations = {name: body.public_id for name, body in bodies.items()}
    organisations |= {name: player.organisation.public_id for name, player in players.items()}
    return Harbour(actors, organisations, tokens | {name: player.token for name, player in players.items()})


def departure(network: Any, operator: UUID, one: Mapping[str, Any], capacity: int) -> Any:
    """The departure that a leg rides on."""
    from bashu.logistics.models import Departure

    return Departure(
        network=network, service=one["service"], trip=one["trip"], sequence=1, mode=one["mode"], corridor="land_sea", operator_id=operator,
        origin=one["from"], target=one["to"], departs_at=datetime.fromisoformat(one["departs_at"]),
        arrives_at=datetime.fromisoformat(one["arrives_at"]), capacity_teu=capacity,
    )  # fmt: skip
