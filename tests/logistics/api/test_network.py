"""The API of places, ways and the network."""

from datetime import UTC, datetime

import pytest

from bashu.kernel.commands.command import Command
from bashu.logistics import readiness
from bashu.logistics.formats.archive import pack
from bashu.logistics.quotes import quote_read
from bashu.logistics.selectors import SHIPPED
from bashu.logistics.services.network import network_import

pytestmark = pytest.mark.django_db
ASKED = {"origin": "DEYANG", "destination": "SGSIN", "depart": "2025-03-03", "teu": 2}


@pytest.fixture(scope="module", autouse=True)
def warm():
    readiness.warm()


def test_places_are_found_by_part_of_their_name(api):
    found = api("get", "/logistics/places?text=guoy").json()
    assert found[0]["code"] == "GUOYUAN"
    assert api("get", "/logistics/places").status_code == 422


def test_ways_come_with_legs_that_add_up(api):
    for option in api("post", "/logistics/route", ASKED).json():
        assert sum(leg["price_fen"] for leg in option["legs"]) == option["price_fen"]
        assert option["legs"][0]["from"] == "510600"
        assert option["quote"] is None  # departed long ago


def test_a_way_to_come_is_quoted(api):
    day = "2026-03-01"
    for option in api("post", "/logistics/route", {**ASKED, "depart": day}).json():
        if option["quote"]:
            assert quote_read(option["quote"]).price_fen == option["price_fen"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"origin": "NOWHERE"}, 404), ({"destination": "德阳"}, 409), ({"teu": 0}, 422), ({"depart": "soon"}, 422),
        ({"dangerous": 10}, 422), ({"origin": "x" * 101}, 422), ({"depart": "0001-01-01"}, 404), ({"depart": "9999-12-31"}, 422),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_refused(api, changes, status):
    assert api("post", "/logistics/route", {**ASKED, **changes}).status_code == status


def test_the_latest_departure_meets_the_deadline(api):
    asked = {
        "origin": "DEYANG",
        "destination": "SGSIN",
        "earliest": "2025-03-03",
        "deadline": "2025-03-20T12:00",
        "teu": 2,
    }
    leave = api("post", "/logistics/latest", asked).json()["leave_by"]
    option = api("post", "/logistics/route", {**ASKED, "depart": leave}).json()
    assert min(datetime.fromisoformat(one["arrives_at"]) for one in option) <= datetime(2025, 3, 20, 4, tzinfo=UTC)


def test_versions_hubs_departures_and_closures_are_told(api, actors):
    version = network_import(
        ctx=Command(actor=actors["coordinator"].actor, now=datetime(2025, 11, 30, tzinfo=UTC)),
        folder_bytes=pack(SHIPPED),
    )
    (told,) = api("get", "/logistics/networks").json()["items"]
    assert (told["digest"], told["current"]) == (version.digest, True)
    assert api("get", f"/logistics/networks/{version.public_id}/network.zip").content == pack(SHIPPED)
    assert {hub["code"] for hub in api("get", "/logistics/hubs").json()} >= {"GUOYUAN", "GAOZHU", "LODZ"}
    assert api("get", "/logistics/hubs/GUOYUAN/departures").status_code == 200
    assert api("get", "/logistics/hubs/NOWHERE/departures").status_code == 404
    closed = {"closed_from": "2031-01-01T08:00", "reason": "high water"}
    made = api("post", "/logistics/hubs/GUOYUAN/closures", closed, by=actors["authority.CQ"])
    assert made.status_code == 201
    assert [one["hub"] for one in api("get", "/logistics/closures").json()] == ["GUOYUAN"]
    lifted = api("post", f"/logistics/closures/{made.json()['public_id']}/lift", by=actors["authority.CQ"])
    assert lifted.json()["lifted_at"]
    assert api("post", f"/logistics/networks/{version.public_id}/restore", by=actors["coordinator"]).status_code == 409
