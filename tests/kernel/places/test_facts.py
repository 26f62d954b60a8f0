"""The shipped divisions, groups and boundaries agree with each other."""

import csv
import json
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from bashu.kernel import places
from bashu.kernel.places.boundaries import OBJECTS, feature_collection

FACTS = Path(places.__file__).parent / "facts"
COUNTY_KINDS = {"district", "county", "county_level_city", "autonomous_county"}
PREFECTURE_KINDS = {"prefecture_level_city", "autonomous_prefecture"}
BEFORE_LIANGJIANG, AFTER_LIANGJIANG = date(2025, 11, 5), date(2025, 11, 6)


def rows_of(name: str) -> list[dict[str, str]]:
    with (FACTS / f"{name}.csv").open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


DIVISIONS = rows_of("divisions")


def valid(row: dict[str, str], day: date) -> bool:
    return row["valid_from"] <= day.isoformat() and (not row["valid_to"] or day.isoformat() < row["valid_to"])


def codes_on(day: date, jurisdiction: str, kinds: set[str]) -> set[str]:
    return {r["code"] for r in DIVISIONS if valid(r, day) and r["jurisdiction"] == jurisdiction and r["kind"] in kinds}


@pytest.fixture(scope="module")
def topology() -> dict:
    return json.loads((FACTS / "boundaries.topojson").read_text(encoding="utf-8"))


class TestDivisions:
    @pytest.mark.parametrize(
        ("day", "chongqing", "prefectures", "counties"),
        [
            (date(2016, 12, 31), 38, 21, 183),
            (date(2021, 12, 15), 38, 21, 183),
            (BEFORE_LIANGJIANG, 38, 21, 183),
            (AFTER_LIANGJIANG, 37, 21, 183),
        ],
    )
    def test_there_are_as_many_as_on_the_day(self, day, chongqing, prefectures, counties):
        assert len(codes_on(day, "CQ", COUNTY_KINDS)) == chongqing
        assert len(codes_on(day, "SC", PREFECTURE_KINDS)) == prefectures
        assert len(codes_on(day, "SC", COUNTY_KINDS)) == counties

    def test_codes_have_six_digits_and_begin_with_their_jurisdiction(self):
        for row in DIVISIONS:
            assert len(row["code"]) == 6
            assert row["code"].isdecimal()
            assert row["code"][:2] == {"CQ": "50", "SC": "51"}[row["jurisdiction"]]

    def test_the_kind_agrees_with_the_shape_of_the_code(self):
        for row in DIVISIONS:
            level = 1 if row["code"].endswith("0000") else 2 if row["code"].endswith("00") else 3
            kinds = {1: {"municipality", "province"}, 2: PREFECTURE_KINDS, 3: COUNTY_KINDS}[level]
            assert row["kind"] in kinds, row

    def test_a_code_is_never_held_by_two_divisions_on_one_day(self):
        by_code: dict[str, list[dict[str, str]]] = {}
        for row in DIVISIONS:
            by_code.setdefault(row["code"], []).append(row)
        for holders in by_code.values():
            holders.sort(key=lambda r: r["valid_from"])
            for earlier, later in pairwise(holders):
                assert earlier["valid_to"], earlier
                assert earlier["valid_to"] <= later["valid_from"], (earlier, later)

    def test_validity_begins_before_it_ends(self):
        for row in DIVISIONS:
            start = date.fromisoformat(row["valid_from"])
            assert not row["valid_to"] or start < date.fromisoformat(row["valid_to"])

    def test_every_parent_exists_and_outlives_its_children(self):
        parents = {row["code"]: row for row in DIVISIONS}
        for row in DIVISIONS:
            if row["kind"] in {"municipality", "province"}:
                assert row["parent"] == ""
            else:
                parent = parents[row["parent"]]
                assert parent["jurisdiction"] == row["jurisdiction"]
                assert parent["valid_from"] <= row["valid_from"]
                assert not parent["valid_to"]

    def test_names_are_given_in_both_languages_and_said_fully(self):
        for row in DIVISIONS:
            assert row["name_zh"][-1] in "省市区县州", row
            assert row["name_en"].replace("'", "").replace(" ", "").isalpha(), row
            assert row["name_en"][0].isupper()

    def test_every_row_is_cited_and_only_liangjiang_is_unverified(self):
        assert all(row["source"] for row in DIVISIONS)
        assert {row["status"] for row in DIVISIONS} == {"sourced", "unverified"}
        assert [row["code"] for row in DIVISIONS if row["status"] == "unverified"] == ["500157"]

    def test_liangjiang_follows_jiangbei_and_yubei_without_a_gap(self):
        by_name = {row["name_zh"]: row for row in DIVISIONS}
        assert by_name["两江新区"]["valid_from"] == by_name["江北区"]["valid_to"] == by_name["渝北区"]["valid_to"]


class TestCodeHistory:
    def test_both_ends_of_a_change_are_divisions_of_that_name_on_either_side_of_the_day(self):
        held = {(row["code"], row["name_zh"]): row for row in DIVISIONS}
        for change in rows_of("code_history"):
            old, new = held[change["old_code"], change["old_name"]], held[change["new_code"], change["new_name"]]
            assert old["valid_from"] < change["changed_on"]
            assert new["valid_from"] <= change["changed_on"]

    def test_every_division_that_ended_became_something(self):
        ended = {(row["code"], row["name_zh"], row["valid_to"]) for row in DIVISIONS if row["valid_to"]}
        changed = {(c["old_code"], c["old_name"], c["changed_on"]) for c in rows_of("code_history")}
        assert ended <= changed

    def test_what_went_whole_went_to_one_place_only(self):
        changes = rows_of("code_history")
        for change in (c for c in changes if c["extent"] == "whole"):
            same = [c for c in changes if (c["old_code"], c["old_name"]) == (change["old_code"], change["old_name"])]
            assert len(same) == 1, same


class TestGroups:
    def test_there_are_as_many_of_each_kind_as_the_page_counts(self):
        kinds = [group["kind"] for group in rows_of("groups")]
        counts = {kind: kinds.count(kind) for kind in kinds}
        assert counts == {
            "pole": 2,
            "corridor": 4,
            "hub_region": 5,
            "logistics_belt": 3,
            "equipment_core": 2,
            "equipment_belt": 1,
            "new_area": 1,
        }

    def test_members_are_listed_exactly_where_they_are_known(self):
        with_members = {member["group_id"] for member in rows_of("group_members")}
        assert {g["group_id"] for g in rows_of("groups") if g["members_status"] != "unknown"} == with_members

    def test_every_member_was_a_division_on_the_day_of_the_page(self):
        there = {row["code"] for row in DIVISIONS if valid(row, date(2021, 12, 15))}
        assert {member["code"] for member in rows_of("group_members")} <= there

    def test_quotes_are_short_and_cited(self):
        for row in rows_of("groups") + rows_of("group_members"):
            assert 0 < len(row["quote"]) <= 120
            assert row["source"]


class TestBoundaries:
    def test_the_file_is_small_and_says_what_it_is(self, topology):
        assert (FACTS / "boundaries.topojson").stat().st_size <= 110_000
        assert "示意图" in topology["bashu"]["notice"]
        assert topology["bashu"]["crs"] == "WGS-84"

    def test_it_draws_every_division_of_its_day_and_no_other(self, topology):
        day = date.fromisoformat(topology["bashu"]["as_of"])
        drawn = {name: [f["id"] for f in feature_collection(topology, name)["features"]] for name in OBJECTS}
        assert sorted(drawn["counties"]) == sorted(
            codes_on(day, "CQ", COUNTY_KINDS) | codes_on(day, "SC", COUNTY_KINDS)
        )
        assert sorted(drawn["prefectures"]) == sorted(codes_on(day, "SC", PREFECTURE_KINDS) | {"500000"})

    def test_every_ring_is_closed_and_has_an_area(self, topology):
        for name in OBJECTS:
            for feature in feature_collection(topology, name)["features"]:
                for ring in (ring for polygon in polygons_of(feature) for ring in polygon):
                    assert ring[0] == ring[-1]
                    assert len(ring) >= 4, feature["id"]

    def test_every_computed_point_lies_inside_its_division(self, topology):
        areas = {f["id"]: f for name in OBJECTS for f in feature_collection(topology, name)["features"]}
        for row in DIVISIONS:
            if row["point"] == "computed" and row["code"] in areas:
                assert contains(areas[row["code"]], float(row["lon"]), float(row["lat"])), row

    def test_the_point_of_liangjiang_lies_in_what_it_was_made_of(self, topology):
        row = next(row for row in DIVISIONS if row["code"] == "500157")
        areas = {f["id"]: f for f in feature_collection(topology, "counties")["features"]}
        inside = [code for code in ("500105", "500112") if contains(areas[code], float(row["lon"]), float(row["lat"]))]
        assert len(inside) == 1

    def test_every_current_division_has_a_point(self):
        assert all(row["point"] for row in DIVISIONS if not row["valid_to"])

    def test_neighbouring_counties_do_not_overlap_at_any_computed_point(self, topology):
        counties = feature_collection(topology, "counties")["features"]
        for row in (r for r in DIVISIONS if r["point"] == "computed" and r["kind"] in COUNTY_KINDS):
            holders = [f["id"] for f in counties if contains(f, float(row["lon"]), float(row["lat"]))]
            assert holders == [row["code"]]


def polygons_of(feature: dict) -> list:
    geometry = feature["geometry"]
    return [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]


def contains(feature: dict, lon: float, lat: float) -> bool:
    """Even–odd rule: a ray to the east crosses the rings an odd number of times from inside."""
    inside = False
    for ring in (ring for polygon in polygons_of(feature) for ring in polygon):
        for (x1, y1), (x2, y2) in pairwise(ring):
            if (y1 > lat) != (y2 > lat) and lon < x1 + (lat - y1) / (y2 - y1) * (x2 - x1):
                inside = not inside
    return inside
