"""The commands as a shipper types them."""

import json
import shutil
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from bashu.kernel.errors import BashuError
from bashu.logistics.cli import app
from bashu.logistics.engine.network import DAY, minutes_of
from bashu.logistics.formats.folder import read_folder
from bashu.logistics.selectors import SHIPPED
from bashu.logistics.selectors.routes import Cargo, latest, route

ASKED = ["route", "--from", "DEYANG", "--to", "SGSIN", "--depart", "2025-03-03", "--teu", "2"]

pytestmark = pytest.mark.django_db  # without --network the question goes to the network in force


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def options(*words):
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


class TestRoute:
    def test_legs_lead_from_origin_to_destination_and_add_up(self):
        found = options(*ASKED)
        assert len(found) >= 3
        for option in found:
            legs = option["legs"]
            assert sum(leg["price_fen"] for leg in legs) == option["price_fen"]
            assert sum(leg["gco2e"] for leg in legs) == option["gco2e"]
            assert [leg["to"] for leg in legs[:-1]] == [leg["from"] for leg in legs[1:]]
            assert legs[0]["from"] == "510600"
            assert legs[-1]["to"] in ("SINGAPORE", "SIN")
            assert legs[-1]["arrives_at"] == option["arrives_at"]
            times = [datetime.fromisoformat(leg[end]) for leg in legs for end in ("departs_at", "arrives_at")]
            assert times == sorted(times)
            assert times[0] >= datetime.fromisoformat("2025-03-03T00:00+08:00")

    def test_no_option_beats_another(self):
        vectors = [
            (datetime.fromisoformat(one["arrives_at"]), one["price_fen"], one["gco2e"]) for one in options(*ASKED)
        ]
        assert not any(a != b and all(x <= y for x, y in zip(a, b, strict=True)) for a in vectors for b in vectors)

    def test_one_option_goes_through_a_port_of_each_province(self):
        hubs = [{leg["from"] for leg in option["legs"]} for option in options(*ASKED)]
        assert any(
            through & {"QINGBAIJIANG", "LUZHOU", "YIBIN"} and through & {"GUOYUAN", "WANZHOU"} for through in hubs
        )

    def test_the_network_is_said_to_be_assumed(self):
        assert {option["network"]["status"] for option in options(*ASKED)} == {"assumed"}
        assert "assumed" in run(*ASKED).stdout

    def test_one_place_has_three_names(self):
        answers = [
            options(*(name if word == "DEYANG" else word for word in ASKED)) for name in ("DEYANG", "德阳", "510600")
        ]
        assert answers[0] == answers[1] == answers[2]

    def test_the_best_depends_on_the_value_of_time(self):
        hurried, patient = options(*ASKED, "--hour", 10_000_000)[0], options(*ASKED, "--hour", 0)[0]
        assert hurried["arrives_at"] < patient["arrives_at"]
        assert hurried["price_fen"] > patient["price_fen"]

    def test_a_folder_of_ones_own_is_used(self, tmp_path):
        folder = shutil.copytree(SHIPPED, tmp_path / "own")
        services = (folder / "timetables.csv").read_text(encoding="utf-8").splitlines(keepends=True)
        (folder / "timetables.csv").write_text(
            "".join(line for line in services if not line.startswith("AIR")), encoding="utf-8"
        )
        assert {leg["mode"] for option in options(*ASKED, "--network", folder) for leg in option["legs"]} == {
            "road",
            "rail",
            "river",
            "sea",
            "handling",
        }

    def test_a_neighbour_is_reached_by_road(self):
        (only,) = options("route", "--from", "德阳", "--to", "绵阳", "--depart", "2025-03-03")
        assert [leg["mode"] for leg in only["legs"]] == ["road"]

    def test_a_time_of_day_is_read_by_the_clock_of_the_origin(self):
        (only,) = options("route", "--from", "德阳", "--to", "绵阳", "--depart", "2025-03-03T10:00")
        assert only["departs_at"] == "2025-03-03T10:00+08:00"

    def test_goods_that_no_service_takes_have_no_way(self):
        assert options(*ASKED, "--dangerous", 1) == []
        assert run(*ASKED, "--dangerous", 1).exit_code == 0

    @pytest.mark.parametrize(
        "words",
        [
            ["--from", "NOWHERE AT ALL"], ["--to", "德阳"], ["--teu", "0"], ["--teu", "99999999"], ["--dangerous", "10"],
            ["--depart", "9999-12-31"], ["--depart", "0001-01-01"],
        ],
    )  # fmt: skip
    def test_what_cannot_be_answered_is_refused_in_one_sentence(self, words):
        result = run(*ASKED, *words)
        assert isinstance(result.exception, BashuError), result.exception
        assert "\n" not in str(result.exception)

    def test_a_refused_network_prints_its_wrong_lines(self, tmp_path):
        folder = shutil.copytree(SHIPPED, tmp_path / "own")
        with (folder / "windows.csv").open("a", encoding="utf-8") as windows:
            windows.write("NOWHERE,1,08:00,09:00\nGUOYUAN,9,08:00,09:00\n")
        result = run(*ASKED, "--network", folder)
        assert isinstance(result.exception, BashuError)
        assert "windows.csv:11: " in result.stderr
        assert "windows.csv:12: " in result.stderr


class TestLatest:
    def test_the_consignment_is_there_by_the_deadline(self):
        asked = ["--from", "DEYANG", "--to", "SGSIN", "--teu", 2]
        result = run("latest", *asked, "--depart", "2025-03-03", "--deadline", "2025-03-20T12:00")
        assert result.exit_code == 0
        found = options("route", *asked, "--depart", result.stdout.strip()[:16])
        assert min(option["arrives_at"] for option in found) <= "2025-03-20T12:00+08:00"

    def test_a_deadline_that_cannot_be_met_is_said(self):
        result = run(
            "latest", "--from", "DEYANG", "--to", "SGSIN", "--depart", "2025-03-03", "--deadline", "2025-03-03T12:00"
        )
        assert result.exit_code == 1

    @pytest.mark.parametrize(
        "deadline", ["2025-03-03T09:00", "2025-03-03T12:30", "2025-03-03T20:00", "2025-03-04T07:59"]
    )
    @pytest.mark.parametrize("ends", [("510600", "QINGBAIJIANG"), ("QINGBAIJIANG", "510600")])
    def test_by_road_it_is_the_last_minute_that_will_do_though_a_hub_closes_at_night(self, tmp_path, ends, deadline):
        """A port that is open from 8 to 18; the minute found will do, and the next one will not."""
        folder = shutil.copytree(SHIPPED, tmp_path / "network")
        (folder / "windows.csv").write_text(
            "hub,weekdays,opens,closes\nQINGBAIJIANG,1234567,08:00,18:00\n", encoding="utf-8"
        )
        given, start, end = read_folder(folder), datetime(2025, 3, 3), datetime.fromisoformat(deadline)
        asked = {"origin": ends[0], "destination": ends[1], "cargo": Cargo(2)}
        by, first = (minutes_of(moment.replace(tzinfo=ZoneInfo("Asia/Shanghai"))) for moment in (end, start))

        def arrives(minute: int) -> int:
            departs = start + timedelta(minutes=minute - first)
            return min(one.journey.arrives for one in route(given, **asked, departs=departs).options)

        found = latest(given, **asked, earliest=start, deadline=end)
        assert arrives(found) <= by < arrives(found + 1)
        if deadline.endswith("07:59"):
            assert found < by - DAY // 2, "nothing is taken in or goes out at night"

    @pytest.mark.parametrize("ends", [("510600", "QINGBAIJIANG"), ("QINGBAIJIANG", "510600")])
    @pytest.mark.parametrize("year", [2025, 2031])
    def test_by_road_a_hub_with_hours_is_reached_where_nothing_is_timetabled(self, tmp_path, ends, year):
        folder = shutil.copytree(SHIPPED, tmp_path / "network")
        (folder / "windows.csv").write_text(
            "hub,weekdays,opens,closes\nQINGBAIJIANG,1234567,08:00,18:00\n", encoding="utf-8"
        )
        for name in ("timetables.csv", "calls.csv") if year == 2025 else ():
            head = (folder / name).read_text(encoding="utf-8").splitlines()[0]
            (folder / name).write_text(head + "\n", encoding="utf-8")
        start = datetime(year, 3, 3, 3, tzinfo=ZoneInfo("Asia/Shanghai"))
        found = route(read_folder(folder), origin=ends[0], destination=ends[1], departs=start, cargo=Cargo(2))
        (only,) = found.options
        assert only.journey.arrives >= minutes_of(start.replace(hour=8))

    def test_a_hub_that_may_not_handle_the_goods_takes_none_by_road_either(self):
        asked = ["route", "--from", "DEYANG", "--to", "QINGBAIJIANG", "--depart", "2025-03-03"]
        assert options(*asked)
        assert options(*asked, "--dangerous", "1") == []


def test_check_reads_a_folder():
    assert "21 hubs" in run("check", SHIPPED).stdout
