"""`bashu power certify`, `certificates` and `settle` as a program sees them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bashu.kernel.parties.selectors import seen_by
from bashu.power.cli import app
from bashu.power.errors import FileUnreadable
from bashu.power.models import Holding
from power_hours import hours_csv

DATA = Path(__file__).parent / "data"
MONTH = "2025-07"


def run(*arguments: object):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


class TestCertify:
    def test_says_certificates_and_intensity_of_a_file(self):
        said = json.loads(run("certify", DATA / "pypsa" / "ac-dc-meshed", "--json").stdout)
        assert said["certified_wh"] == sum(
            row["certificates"] * 1_000_000 + row["remainder_wh"] for row in said["units"]
        )
        emitted, borne = (sum(area[name] for area in said["areas"]) for name in ("emitted_t", "borne_t"))
        assert borne == pytest.approx(emitted, abs=0.01)

    def test_a_bus_without_an_area_is_refused(self, tmp_path):
        (tmp_path / "areas.json").write_text('{"SC": ["London"]}')
        said = run("certify", DATA / "pypsa" / "ac-dc-meshed", "--areas", tmp_path / "areas.json")
        assert "has no area" in str(said.exception)

    def test_files_of_hours_need_to_know_when_they_begin(self, tmp_path):
        said = run("certify", DATA / "pypsa" / "ac-dc-meshed", "--write", tmp_path)
        assert isinstance(said.exception, FileUnreadable)


class TestSettle:
    FILE = {
        "division": "nash",
        "baseline": "ties",
        "nash": {"SC": 0.005, "CQ": 0.005},
        "settlement": {"SC": 0.01, "CQ": 0.0},
    }

    def test_shows_transfers_that_sum_to_zero_with_the_rounding_account(self, tmp_path):
        (tmp_path / "share.json").write_text(json.dumps(self.FILE))
        said = json.loads(run("settle", "show", tmp_path / "share.json", "--json").stdout)
        assert said["lines"] == [
            {"player": "SC", "target": 1, "settled": 1, "transfer": 0}, {"player": "CQ", "target": 1, "settled": 0, "transfer": 1}
        ]  # fmt: skip
        assert said["rounding"] == -1

    @pytest.mark.parametrize(
        "text", ["", "[]", "{}", '{"division": "nash"}', '{"division": "nash", "nash": {"a": NaN}}', "\x00"]
    )
    def test_what_is_no_division_is_refused(self, tmp_path, text):
        (tmp_path / "share.json").write_text(text)
        assert isinstance(run("settle", "show", tmp_path / "share.json").exception, FileUnreadable)


class TestCertificates:
    def test_from_meter_to_score(self, database, actors, unit, tmp_path, monkeypatch):
        unit("W1")
        (tmp_path / "hours.csv").write_bytes(hours_csv("W1", [1_000_000, 2_500_000]))
        (tmp_path / "used.csv").write_text(
            "hour,used_wh\n2025-07-01T00:00+08:00,2000000\n2025-07-01T01:00+08:00,2000000\n"
        )
        monkeypatch.setenv("BASHU_AS", "operator.cq@example.com")
        assert "2 hours taken, 0" in run("certificates", "meter", tmp_path / "hours.csv").stdout
        assert json.loads(run("certificates", "issue", MONTH, "--json").stdout)["issued"] == 3
        assert json.loads(run("certificates", "issue", MONTH, "--json").stdout)["issued"] == 0
        firm = actors["enterprise.CQ"]
        monkeypatch.setenv("BASHU_AS", "enterprise.cq@example.com")
        with seen_by(firm.actor):
            holding = Holding.objects.get().public_id
        own = firm.organisation.public_id
        assert "1-3  held" in run("certificates", "list").stdout
        assert "  1-3" in run("certificates", "retire", holding, 3, "--purpose", "2025").stdout
        assert "2 hours taken" in run("certificates", "consume", own, tmp_path / "used.csv").stdout
        said = json.loads(run("certificates", "score", own, MONTH, "--json").stdout)
        assert said == {
            "used_wh": 4_000_000,
            "certified_wh": 3_000_000,
            "matched_wh": 3_000_000,
            "hourly": 0.75,
            "annual": 0.75,
        }
        assert "W1  1-3" in run("certificates", "unclaimed").stdout
