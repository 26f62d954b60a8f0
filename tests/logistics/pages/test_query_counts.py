"""How many statements pages and API take: as few for twelve consignments as for two."""

import json
import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bashu.kernel.parties.models import Person
from bashu.kernel.parties.selectors import seen_by
from bashu.logistics.services.booking import consignment_confirm
from bashu.logistics.services.clearance import (
    declaration_accept,
    declaration_lodge,
    declaration_release,
    transit_open,
)
from bashu.logistics.services.tracking import event_report
from harbour import NOW, Harbour, command, harbour_make

BASELINE = Path(__file__).parent.parent / "query_counts.json"
ASKED = urlencode({"origin": "DEYANG", "destination": "SGSIN", "depart": "2025-06-02", "ft20": 2, "ft40": 0})
FEW, MANY = 2, 12
# who looks, at what; {consignment} and {declaration} are those of the first booking
PAGES = [
    ("", f"/logistics/?{ASKED}"), ("", "/logistics/network/"), ("", "/logistics/network/hubs/GUOYUAN/"), ("", "/logistics/figures/"),
    ("enterprise.CQ", "/logistics/bookings/"), ("enterprise.CQ", "/logistics/bookings/{consignment}/"),
    ("enterprise.CQ", "/logistics/notices/"), ("rail", "/logistics/desk/"), ("port.CQ", "/logistics/desk/"),
    ("customs.SC", "/logistics/customs/"), ("customs.CQ", "/logistics/customs/"), ("customs.SC", "/logistics/declarations/{declaration}/"),
    ("coordinator", "/logistics/network/versions/"), ("coordinator", "/logistics/bookings/"), ("coordinator", "/logistics/customs/"),
    ("", "/api/v1/logistics/hubs"), ("", "/api/v1/logistics/hubs/GUOYUAN/departures"), ("enterprise.CQ", "/api/v1/logistics/consignments"),
    ("enterprise.CQ", "/api/v1/logistics/consignments/{consignment}"),
    ("enterprise.CQ", "/api/v1/logistics/consignments/{consignment}/events"),
    ("rail", "/api/v1/logistics/legs"), ("customs.SC", "/api/v1/logistics/declarations"), ("customs.CQ", "/api/v1/logistics/transits"),
    ("enterprise.CQ", "/api/v1/logistics/notifications"),
]  # fmt: skip


@pytest.fixture
def world(actors) -> Harbour:
    """The network of `harbour`, with room for everybody."""
    return harbour_make(actors, capacity=1000)


def play(world: Harbour, number: int) -> tuple[str, str]:
    """Book, declare for transit, send every other under bond; all trains of the way are late, and all are told."""
    first = None
    shipper, office = world.actors["enterprise.CQ"], world.actors["customs.SC"]
    for at in range(number):
        one = consignment_confirm(ctx=command(shipper), consignment=world.hold())
        declared = declaration_lodge(
            ctx=command(shipper), consignment=one, hub="QINGBAIJIANG", procedure="transit" if at % 2 else "export"
        )
        if at % 2:
            declaration_accept(ctx=command(office), declaration=declared)
            declaration_release(ctx=command(office), declaration=declared)
            due = NOW + timedelta(days=9)
            transit_open(ctx=command(office), declaration=declared, target="GUOYUAN", seal=f"S{at}", due_at=due)
        first = first or (str(one.public_id), str(declared.public_id))
    return first or ("", "")


def late(world: Harbour, reference: str) -> None:
    """The ship of all of them is expected late."""
    from bashu.logistics.selectors.reporting import Told

    told = Told(reference, "expected_arrival", NOW + timedelta(days=30), None, service="SEA", trip="T0", sequence=1)
    event_report(ctx=command(world.actors["sea"]), reporter=world.organisations["sea"], told=told)


def client_of(world: Harbour, who: str) -> Client:
    """A signed-in browser."""
    client = Client()
    if who:
        with seen_by(world.actors["node"]):
            person = Person.objects.get(public_id=world.actors[who].id)
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def counted(world: Harbour, ids: tuple[str, str]) -> dict[str, int]:
    """Statements of each page."""
    found = {}
    for who, path in PAGES:
        address, client = path.format(consignment=ids[0], declaration=ids[1]), client_of(world, who)
        token = {"Authorization": f"Bearer {world.tokens[who]}"} if who and path.startswith("/api") else {}
        assert client.get(address, headers=token).status_code == 200, (
            path
        )  # what is cached once a process is not counted
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address, headers=token).status_code == 200, path
        found[f"{who} {path}".strip()] = len(queries)
    return found


def test_query_counts_do_not_grow_with_the_rows_nor_from_version_to_version(world, monkeypatch):
    """`query_counts.json` holds how many statements each page takes. A page that takes more has a loop of queries or a reason.

    After a change with a reason, write the new numbers by `WRITE_QUERY_COUNTS=1 pytest tests/logistics/pages/test_query_counts.py`.
    """
    from bashu.kernel.web import clock
    from bashu.logistics import readiness

    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setattr(readiness, "need", lambda: None)
    ids = play(world, FEW)
    late(world, "first")
    few = counted(world, ids)
    play(world, MANY - FEW)
    many = counted(world, ids)
    assert {page: (few[page], many[page]) for page in few if few[page] < many[page]} == {}
    if os.environ.get("WRITE_QUERY_COUNTS"):
        BASELINE.write_text(json.dumps(many, indent=1) + "\n", encoding="utf-8")
    assert many == json.loads(BASELINE.read_text(encoding="utf-8")), "see this test's docstring"
