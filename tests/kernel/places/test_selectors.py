"""Which divisions there are on a day, what a text means, and which map is shown."""

import json
from datetime import date

import pytest

from bashu.kernel.places import selectors
from bashu.kernel.places.errors import BoundariesUnreadable, PlaceAmbiguous, PlaceEnded, PlaceUnknown
from bashu.kernel.places.models import COUNTIES, PREFECTURES

BEFORE, AFTER = date(2025, 11, 5), date(2025, 11, 6)

pytestmark = pytest.mark.django_db


class TestDivisionList:
    def test_it_counts_each_jurisdiction_as_on_the_day(self):
        def count(**asked) -> int:
            return selectors.division_list(**asked).count()

        assert count(as_of=BEFORE, jurisdiction="CQ", kinds=COUNTIES) == 38
        assert count(as_of=AFTER, jurisdiction="CQ", kinds=COUNTIES) == 37
        assert count(as_of=AFTER, jurisdiction="SC", kinds=COUNTIES) == 183
        assert count(as_of=AFTER, kinds=PREFECTURES) == 21

    def test_it_lists_what_stands_under_a_parent(self):
        names = {place.name_zh for place in selectors.division_list(as_of=AFTER, parent="510600")}
        assert names == {"旌阳区", "罗江区", "中江县", "广汉市", "什邡市", "绵竹市"}

    def test_a_division_holds_from_its_first_day_until_before_its_last(self):
        assert not selectors.division_list(as_of=BEFORE).filter(code="500157").exists()
        assert selectors.division_list(as_of=AFTER).filter(code="500157").exists()
        assert selectors.division_list(as_of=BEFORE).filter(code="500105").exists()
        assert not selectors.division_list(as_of=AFTER).filter(code="500105").exists()

    def test_it_asks_the_database_once(self, django_assert_num_queries):
        with django_assert_num_queries(1):
            found = selectors.division_list(as_of=AFTER, parent="511600")
            assert [place.parent.code for place in found] == ["511600"] * 6


class TestPlaceResolve:
    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("500103", "500103"),
            ("渝中区", "500103"),
            (" 渝中 ", "500103"),
            ("Yuzhong District", "500103"),
            ("yuzhong", "500103"),
            ("石柱", "500240"),
            ("Pengshui Miao and Tujia Autonomous County", "500243"),
            ("成都", "510100"),
            ("Chengdu City", "510100"),
            ("甘孜州", None),
            ("Garze Tibetan Autonomous Prefecture", "513300"),
            ("Ganzi Tibetan Autonomous Prefecture", "513300"),
            ("甘孜县", "513328"),
            ("乐山市市中区", "511102"),
            ("Shizhong District, Neijiang", "511002"),
            ("忠县", "500233"),
            ("忠", None),
            ("yaan", "511800"),
            ("火星", None),
            ("999999", None),
            ("", None),
            ("\0", None),
        ],
    )
    def test_a_code_or_a_name_in_either_language_means_one_division_or_none(self, text, code):
        if code:
            assert selectors.place_resolve(text, as_of=BEFORE).code == code
        else:
            with pytest.raises(PlaceUnknown):
                selectors.place_resolve(text, as_of=BEFORE)

    @pytest.mark.parametrize("text", ["市中区", "Shizhong", "广安", "Guang'an"])
    def test_a_name_of_several_is_refused_with_the_candidates(self, text):
        with pytest.raises(PlaceAmbiguous) as refusal:
            selectors.place_resolve(text, as_of=AFTER)
        assert refusal.value.context["candidates"].count(", ") == 1
        assert "511" in str(refusal.value)

    @pytest.mark.parametrize(
        ("text", "became"),
        [("513425", "513402 会理市"), ("会理县", "513402 会理市"), ("渝北", "500109 北碚区, 500157 两江新区")],
    )
    def test_what_has_ended_is_refused_with_what_it_became(self, text, became):
        with pytest.raises(PlaceEnded) as refusal:
            selectors.place_resolve(text, as_of=AFTER)
        assert refusal.value.context["candidates"] == became

    def test_an_old_name_still_means_its_division_in_its_time(self):
        assert selectors.place_resolve("会理县", as_of=date(2020, 12, 31)).code == "513425"
        assert selectors.place_resolve("500110", as_of=date(2011, 10, 21)).name_zh == "万盛区"
        assert selectors.place_resolve("500110", as_of=date(2011, 10, 22)).name_zh == "綦江区"


class TestGroupList:
    def test_groups_come_in_the_programmes_order_with_their_known_members(self):
        groups = selectors.group_list()
        assert [group.name_zh for group in groups[:3]] == ["重庆", "成都", "西部陆海"]
        gaozhu = groups[-1]
        assert [(m.place.name_zh, m.extent) for m in gaozhu.members.all()] == [("渝北区", "part"), ("广安市", "part")]

    def test_hub_regions_have_no_members_because_the_page_names_none(self):
        regions = selectors.group_list(kind="hub_region")
        assert len(regions) == 5
        assert all(group.members_status == "unknown" and not group.members.all() for group in regions)

    def test_it_asks_the_database_twice(self, django_assert_num_queries):
        with django_assert_num_queries(2):
            assert sum(len(group.members.all()) for group in selectors.group_list()) == 6


class TestBoundaries:
    def test_the_shipped_map_names_its_areas_and_says_what_it_is(self):
        shown = selectors.boundary_features("prefectures", as_of=BEFORE)
        named = {f["properties"]["code"]: f["properties"]["name_zh"] for f in shown["features"]}
        assert len(named) == 22
        assert named["513300"] == "甘孜藏族自治州"
        assert "示意图" in shown["bashu"]["notice"]

    def test_areas_say_which_divisions_hold_them_on_the_day(self):
        def current(day: date) -> dict[str, list[str]]:
            shown = selectors.boundary_features("counties", as_of=day)
            return {f["id"]: f["properties"]["current"] for f in shown["features"]}

        assert current(BEFORE)["500112"] == ["500112"]
        assert current(AFTER)["500105"] == ["500157"]
        assert current(AFTER)["500112"] == ["500109", "500157"]
        assert current(AFTER)["500109"] == ["500109"]

    def test_the_operators_own_map_is_shown_instead(self, tmp_path, settings):
        settings.BASHU_HOME = tmp_path
        topology = json.loads(selectors.SHIPPED_BOUNDARIES.read_text(encoding="utf-8"))
        topology["bashu"]["notice"] = "审图号"
        (tmp_path / "boundaries.topojson").write_text(json.dumps(topology), encoding="utf-8")
        assert selectors.boundaries_path() == tmp_path / "boundaries.topojson"
        assert selectors.boundary_features("counties", as_of=BEFORE)["bashu"]["notice"] == "审图号"

    @pytest.mark.parametrize("text", ["", "[]", '"x"', "{}", '{"type":"Topology","objects":{},"transform":{}}', "\xff"])
    def test_a_broken_map_of_the_operator_is_refused_by_name(self, text, tmp_path, settings):
        settings.BASHU_HOME = tmp_path
        (tmp_path / "boundaries.topojson").write_text(text, encoding="latin-1")
        with pytest.raises(BoundariesUnreadable) as refusal:
            selectors.boundaries_read()
        assert str(tmp_path) in str(refusal.value)
