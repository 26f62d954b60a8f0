"""The planner page: refused while the engine loads, faults beside their fields, options that can be chosen and booked."""

import re

import pytest
from django.test import Client

from bashu.logistics import readiness
from bashu.logistics.quotes import quote_read

pytestmark = pytest.mark.django_db
ASKED = {"origin": "德阳", "destination": "SGSIN", "depart": "2025-11-30", "ft20": "2"}


@pytest.fixture(scope="module", autouse=True)
def warm():
    readiness.warm()


@pytest.fixture
def client():
    client = Client()
    client.cookies["bashu_language"] = "en"
    return client


def get(client, **changes):
    return client.get("/logistics/", {**ASKED, **changes})


class TestWarming:
    def test_questions_are_refused_until_the_engine_is_loaded_and_the_page_asks_again(self, client, monkeypatch):
        monkeypatch.setattr(readiness, "_ready", type(readiness._ready)())
        response = get(client)
        assert (response.status_code, response["Retry-After"], response["Refresh"]) == (503, "5", "5")
        assert 'value="德阳"' in response.content.decode()
        sent = {"origin": "DEYANG", "destination": "SGSIN", "depart": "2025-03-03"}
        told = client.post("/api/v1/logistics/route", sent, content_type="application/json")
        assert (told.status_code, told["Retry-After"]) == (503, "5")
        assert told.json()["type"] == "urn:bashu:error:logistics.warming"
        assert client.get("/logistics/").status_code == 200
        readiness.warm()
        assert get(client).status_code == 200

    def test_health_tells_whether_it_is_loaded(self, client, monkeypatch):
        assert client.get("/health/ready").json()["engines"]["logistics"] == "ready"
        monkeypatch.setattr(readiness, "_ready", type(readiness._ready)())
        assert client.get("/health/ready").json()["engines"]["logistics"] == "starting"


class TestFaults:
    @pytest.mark.parametrize(
        ("changes", "field", "words"),
        [
            ({"origin": "Deyan"}, "origin", "德阳"),
            ({"origin": ""}, "origin", "required"),
            ({"destination": "南岸", "origin": "GUOYUAN"}, None, ""),
            ({"destination": "德阳"}, "destination", "one place"),
            ({"ft20": "0"}, "ft20", "At least one box"),
            ({"ft20": "-1"}, "ft20", ""),
            ({"depart": "2025-02-30"}, "depart", ""),
            ({"depart": "9999-12-31"}, "depart", "No network"),
            ({"dangerous": "12"}, "dangerous", ""),
            ({"origin": "<script>alert(1)</script>"}, "origin", ""),
        ],
    )
    def test_a_fault_stands_beside_its_field(self, client, changes, field, words):
        response = get(client, **changes)
        html = response.content.decode()
        assert "<script>alert" not in html
        if field is None:
            assert response.status_code in (200, 409, 422)
            return
        assert response.status_code in (409, 422)
        fault = re.search(rf'id="ask-{field}-fault".*?</p>', html, re.DOTALL)
        assert fault
        if words == "德阳":
            assert "Deyang" in fault[0] or "德阳" in fault[0]
        else:
            assert words in fault[0]


class TestOptions:
    def test_each_option_has_its_legs_and_one_goes_through_a_port_of_each_province(self, client):
        response = get(client)
        rows = response.context["rows"]
        assert response.status_code == 200
        assert len(rows) >= 2
        for row in rows:
            said = [leg["yuan"] for leg in row["legs"]]
            said += [leg["handling"][part] for leg in row["legs"] if leg["handling"] for part in ("yuan", "storage")]
            assert sum(float(yuan.replace(",", "")) for yuan in said) == pytest.approx(row["yuan"])
        ways = [{place for _, place in row["way"]} for row in rows]
        assert any({"Chengdu International Railway Port", "Guoyuan Port"} <= way for way in ways)

    def test_a_choice_is_shown_on_the_map_and_stands_in_the_address(self, client):
        response = get(client, option="2")
        assert [row["chosen"] for row in response.context["rows"]][:2] == [False, True]
        assert response.context["lines"]
        assert get(client, option="99999999999").context["chosen"] == 1
        assert get(client, option="x").context["chosen"] == 1

    def test_own_values_and_sorting_change_the_order(self, client):
        dear = get(client, hour="100000").context["rows"]
        cheap = get(client, hour="0", tonne="0").context["rows"]
        assert dear[0]["dot"].x < cheap[0]["dot"].x
        arrivals = [row["dot"].x for row in get(client, sort="arrival").context["rows"]]
        assert arrivals == sorted(arrivals)

    def test_a_quote_says_what_was_shown(self, client, actors, signed_in):
        signed_in(client, actors["enterprise.SC"])
        row = get(client, depart="2026-01-05").context["rows"][0]
        if row["quote"]:
            assert quote_read(row["quote"]).price_fen == round(100 * row["yuan"])

    def test_a_deadline_says_when_to_leave_at_the_latest(self, client):
        assert get(client, deadline="2025-12-24T12:00").context["latest"]
        assert get(client, deadline="2025-11-30T12:00").context["latest"] is None

    def test_pages_read_well_in_both_languages(self, client):
        for language in ("en", "zh-hans"):
            client.cookies["bashu_language"] = language
            assert get(client).status_code == client.get("/logistics/").status_code == 200


class TestSuggestions:
    def test_what_is_typed_finds_hubs_and_divisions(self, client):
        html = client.get("/logistics/places/", {"origin": "guoy"}).content.decode()
        assert 'value="GUOYUAN"' in html
        assert 'value="510600"' in client.get("/logistics/places/", {"destination": "德阳"}).content.decode()
        assert "option" not in client.get("/logistics/places/").content.decode()
        assert "<b>" not in client.get("/logistics/places/", {"origin": "<b>"}).content.decode()
