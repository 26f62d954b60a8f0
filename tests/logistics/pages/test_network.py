"""The network's pages: public maps and hubs, closures by who runs the hub, versions imported and brought back."""

import shutil
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from django.test import Client

from bashu.kernel.commands.command import Command
from bashu.logistics.formats.archive import pack
from bashu.logistics.models import Closure, Departure, NetworkVersion
from bashu.logistics.pages.network import departure_row
from bashu.logistics.selectors import SHIPPED
from bashu.logistics.services.network import network_import

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    client = Client()
    client.cookies["bashu_language"] = "en"
    return client


@pytest.fixture
def signed(client, actors, signed_in):
    return lambda name: signed_in(client, actors[name])


@pytest.fixture
def imported(actors):
    ctx = Command(actor=actors["coordinator"].actor, now=datetime.now(UTC))
    return network_import(ctx=ctx, folder_bytes=pack(SHIPPED))


def upload(content, name="network.zip"):
    file = BytesIO(content)
    file.name = name
    return {"file": file}


class TestPublic:
    def test_the_map_shows_every_hub_and_says_what_is_assumed(self, client):
        html = client.get("/logistics/network/").content.decode()
        for name in (
            "Guoyuan Port",
            "Wanzhou Port",
            "Gaozhu Dry Port",
            "Alashankou",
            "Duisburg",
            "Łódź",
            "Port of Singapore",
        ):
            assert name in html
        assert "badge assumed" in html

    def test_a_hub_says_its_hours_facilities_and_next_departures(self, client, imported):
        response = client.get("/logistics/network/hubs/DUISBURG/")
        assert ("Mon–Sat", "05:00–23:00") in response.context["windows"]
        assert ("Sun", "closed") in response.context["windows"]
        html = client.get("/logistics/network/hubs/GUOYUAN/").content.decode()
        assert "Bonded area" in html
        assert client.get("/logistics/network/hubs/NOWHERE/").status_code == 404

    def test_the_board_exports(self, client, imported):
        assert client.get("/logistics/network/hubs/GUOYUAN/?departures.as=csv").status_code == 200
        assert client.get("/logistics/network/?services.as=csv").status_code == 200


class TestClosures:
    def test_a_closure_is_declared_and_lifted_by_the_hub_s_side(self, signed):
        client = signed("authority.CQ")
        sent = {"closed_from": "2031-01-01T08:00", "until": "2031-01-03T08:00", "reason": "high water"}
        assert (
            client.post("/logistics/network/hubs/GUOYUAN/close/", {**sent, "until": "2030-01-01T08:00"}).status_code
            == 409
        )
        assert client.post("/logistics/network/hubs/GUOYUAN/close/", sent).status_code == 303
        closure = Closure.objects.get()
        assert closure.closed_from == datetime(2031, 1, 1, tzinfo=UTC)
        assert "high water" in client.get("/logistics/network/hubs/GUOYUAN/").content.decode()
        response = client.get("/logistics/network/")
        assert "high water" in response.content.decode()
        assert not any(stop.closed for stop in response.context["stops"]), "announced is not closed yet"
        lift = f"/logistics/network/closures/{closure.public_id}/lift/"
        assert client.get(lift).status_code == 200
        assert client.post(lift).status_code == 303
        assert "high water" not in client.get("/logistics/network/").content.decode()

    @pytest.mark.parametrize(("hub", "hours"), [("GUOYUAN", 0), ("YANGSHAN", 48)])
    def test_the_board_offers_no_space_to_a_departure_that_finds_either_end_closed(self, hub, hours):
        leaves = datetime(2025, 12, 1, tzinfo=UTC)
        row = Departure(
            service="S", origin="GUOYUAN", target="YANGSHAN", departs_at=leaves, arrives_at=leaves + 48 * HOUR,
            capacity_teu=9, held_teu=2,
        )  # fmt: skip
        begins = leaves + hours * HOUR
        shut = Closure(hub=hub, closed_from=begins, until=begins + HOUR)
        assert departure_row(row, {}, {}, [])["free"] == 7
        assert departure_row(row, {}, {}, [shut])["free"] is None
        shut.lifted_at = begins - HOUR
        assert departure_row(row, {}, {}, [shut])["free"] == 7

    def test_another_side_s_authority_is_refused_and_sees_why(self, signed):
        sent = {"closed_from": "2031-01-01T08:00", "reason": "high water"}
        response = signed("authority.SC").post("/logistics/network/hubs/GUOYUAN/close/", sent)
        assert response.status_code == 403
        assert not Closure.objects.exists()


class TestVersions:
    def test_a_network_is_imported_listed_exported_and_brought_back(self, signed, tmp_path):
        client = signed("coordinator")
        folder = shutil.copytree(SHIPPED, tmp_path / "network")
        assert client.post("/logistics/network/versions/", upload(pack(folder))).status_code == 303
        rates = folder / "rates.csv"
        rates.write_text(rates.read_text(encoding="utf-8").replace("403000", "403001"), encoding="utf-8")
        assert client.post("/logistics/network/versions/", upload(pack(folder))).status_code == 303
        html = client.get("/logistics/network/versions/").content.decode()
        assert "+2 −2" in html
        first, second = NetworkVersion.objects.order_by("pk")
        assert client.get(f"/logistics/network/versions/{first.public_id}/network.zip").content == pack(SHIPPED)
        assert client.get(f"/logistics/network/versions/{first.public_id}/restore/").status_code == 200
        assert client.post(f"/logistics/network/versions/{first.public_id}/restore/").status_code == 303
        second.refresh_from_db()
        assert not second.current

    def test_wrong_lines_are_listed(self, signed, tmp_path):
        folder = shutil.copytree(SHIPPED, tmp_path / "network")
        (folder / "road.csv").write_text("x\n", encoding="utf-8")
        response = signed("coordinator").post("/logistics/network/versions/", upload(pack(folder)))
        assert response.status_code == 422
        assert "road.csv" in response.content.decode()
        assert not NetworkVersion.objects.exists()

    def test_who_brings_no_networks_is_refused(self, signed, client):
        assert client.get("/logistics/network/versions/").status_code == 302
        assert signed("enterprise.CQ").get("/logistics/network/versions/").status_code == 403
