"""Places over the API: open to everybody, clear about what they do not know."""

import pytest

pytestmark = pytest.mark.django_db


class TestDivisions:
    def test_anonymous_reads_them_by_page(self, client):
        page = client.get("/api/v1/places/divisions", {"as_of": "2025-11-05", "jurisdiction": "CQ", "size": 10}).json()
        assert page["count"] == 39
        assert [item["code"] for item in page["items"][:2]] == ["500000", "500101"]
        assert page["items"][1]["parent"] == {"code": "500000", "name_zh": "重庆市", "name_en": "Chongqing"}

    def test_liangjiang_is_shown_as_unverified(self, client):
        page = client.get("/api/v1/places/divisions", {"as_of": "2025-11-06", "parent": "500000", "size": 100}).json()
        assert page["count"] == 37
        assert {item["code"]: item["status"] for item in page["items"]}["500157"] == "unverified"

    @pytest.mark.parametrize("query", [{"parent": "x"}, {"jurisdiction": "XX"}, {"kind": "town"}, {"as_of": "soon"}])
    def test_malformed_questions_are_refused_as_such(self, client, query):
        assert client.get("/api/v1/places/divisions", query).status_code == 422

    def test_nobody_writes_over_the_api(self, client):
        assert client.post("/api/v1/places/divisions", {}).status_code == 405


class TestResolve:
    def test_it_answers_the_one_division(self, client):
        found = client.get("/api/v1/places/resolve", {"text": "渝中", "as_of": "2025-11-05"}).json()
        assert (found["code"], found["crs"]) == ("500103", "WGS-84")

    @pytest.mark.parametrize(
        ("text", "status", "code"),
        [
            ("火星", 404, "places.unknown"),
            ("江北区", 404, "places.ended"),
            ("市中区", 409, "places.ambiguous"),
            ("\0", 404, "places.unknown"),
        ],
    )
    def test_refusals_carry_their_code(self, client, text, status, code):
        answer = client.get("/api/v1/places/resolve", {"text": text, "as_of": "2025-11-06"})
        assert (answer.status_code, answer.json()["type"]) == (status, f"urn:bashu:error:{code}")


class TestGroups:
    def test_unknown_members_are_said_to_be_unknown(self, client):
        groups = {group["slug"]: group for group in client.get("/api/v1/places/groups").json()}
        assert len(groups) == 18
        assert (groups["hub-wandakai"]["members_status"], groups["hub-wandakai"]["members"]) == ("unknown", [])
        assert [m["place"]["code"] for m in groups["core-chengdu-deyang"]["members"]] == ["510100", "510600"]


class TestBoundaries:
    def test_the_map_comes_as_geojson_with_its_notice(self, client):
        shown = client.get("/api/v1/places/boundaries/counties", {"as_of": "2025-11-05"}).json()
        assert (shown["type"], len(shown["features"])) == ("FeatureCollection", 221)
        assert "示意图" in shown["bashu"]["notice"]

    def test_another_level_is_refused(self, client):
        assert client.get("/api/v1/places/boundaries/villages").status_code == 422
