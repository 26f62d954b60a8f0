"""`bashu power` as a program sees it."""

import json
from importlib.util import find_spec
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bashu.power.cli import app
from bashu.power.engine.network import Network, Table
from bashu.power.errors import NetworkRefused, NotSolved, PeerMissing, PlayersRefused, TreeRefused
from bashu.power.formats import tidy

DATA = Path(__file__).parent / "data"


def run(*arguments: object):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def pool(tmp_path) -> Path:
    """A tidy folder: rain in the mountains, coal in the city, one tie."""
    tables = {
        "buses": Table("buses", ["mountain", "city"]),
        "generators": Table(
            "generators", ["rain", "coal"], bus=["mountain", "city"], p_nom=[100.0, 80.0], marginal_cost=[1.0, 400.0]
        ),
        "links": Table("links", ["tie"], bus0=["mountain"], bus1=["city"], p_nom=[20.0]),
        "loads": Table("loads", ["m", "c"], bus=["mountain", "city"], p_set=[[60.0, 60.0], [70.0, 50.0]]),
    }
    tidy.write(Network(["2025-08-01T00:00:00", "2025-08-01T01:00:00"], tables), tmp_path / "pool")
    (tmp_path / "players.json").write_text('{"Sichuan": ["mountain"], "Chongqing": ["city"]}')
    return tmp_path


class TestSolve:
    def test_says_status_objective_residuals_and_energy(self):
        said = json.loads(run("solve", DATA / "pypsa" / "storage-hvdc", "--json").stdout)
        assert said["status"] == "optimal"
        assert said["objective"] == pytest.approx(14670508.825359242)
        assert said["primal_residual"] < 1e-8
        assert said["dual_gap"] < 1e-8
        assert said["co2_t"] == pytest.approx(1000)
        assert {"unserved_mwh", "curtailed_mwh"} <= set(said)
        assert said["way"]["taken"] == "plain"
        assert said["accounts_fen"]["loads"] < 0
        assert sum(said["accounts_fen"].values()) == 0

    def test_a_contradiction_is_a_status_an_explanation_and_an_error(self, pool):
        text = (pool / "pool" / "generators.csv").read_text()
        (pool / "pool" / "generators.csv").write_text(text.replace("80", "10"))
        result = run("solve", pool / "pool", "--json")
        assert isinstance(result.exception, NotSolved)
        said = json.loads(result.stdout)
        assert said["status"] == "infeasible"
        assert said["objective"] is None
        assert said["explanation"]

    def test_load_may_go_unserved_at_a_price(self, pool):
        text = (pool / "pool" / "generators.csv").read_text()
        (pool / "pool" / "generators.csv").write_text(text.replace("80", "10"))
        said = json.loads(run("solve", pool / "pool", "--voll", 20000, "--json").stdout)
        assert said["unserved_mwh"] == pytest.approx(40 + 20)


class TestCompare:
    def test_says_that_the_peer_is_missing_or_that_both_agree(self):
        result = run("compare", DATA / "pypsa" / "ac-dc-meshed.nc", "--json")
        if find_spec("pypsa") is None:
            assert isinstance(result.exception, PeerMissing)
            assert "requirements/bench.lock" in str(result.exception)
        else:
            said = json.loads(result.stdout)
            assert said["same"] is True
            assert said["relative_difference"] < 1e-8
            assert said["largest_price_difference"] < 1e-6

    def test_knows_one_peer(self, pool):
        assert run("compare", pool / "pool", "--peer", "abacus").exit_code == 2


class TestRoll:
    def test_the_lake_of_the_guide_costs_more_hour_by_hour(self, tmp_path):
        tables = {
            "buses": Table("buses", ["city"]),
            "generators": Table("generators", ["coal"], bus=["city"], p_nom=[100.0], marginal_cost=[[100.0, 900.0]]),
            "storage_units": Table(
                "storage_units", ["lake"], bus=["city"], p_nom=[50.0], p_min_pu=0.0, max_hours=4.0,
                state_of_charge_initial=[30.0],
            ),
            "loads": Table("loads", ["city"], bus=["city"], p_set=[[40.0, 40.0]]),
        }  # fmt: skip
        tidy.write(Network(["2025-08-01T00:00:00", "2025-08-01T01:00:00"], tables), tmp_path / "lake")
        said = json.loads(run("solve", tmp_path / "lake", "--json").stdout)
        assert said["objective"] == pytest.approx(13_000)
        for ahead, cost in ((0, 37_000), (1, 13_000)):
            options = ("--step", 1, "--ahead", ahead, "--json")
            said = json.loads(run("roll", tmp_path / "lake", *options).stdout)
            assert (said["status"], said["windows"]) == ("optimal", 2)
            assert said["objective"] == pytest.approx(cost)

    def test_what_a_window_cannot_decide_is_refused(self):
        result = run("roll", DATA / "pypsa" / "storage-hvdc")
        assert isinstance(result.exception, NetworkRefused)
        assert "extended" in str(result.exception)

    def test_a_window_without_an_optimum_is_an_error_with_its_reason(self, pool):
        text = (pool / "pool" / "generators.csv").read_text()
        (pool / "pool" / "generators.csv").write_text(text.replace("80", "10"))
        result = run("roll", pool / "pool", "--step", 1, "--ahead", 0, "--json")
        assert isinstance(result.exception, NotSolved)
        assert json.loads(result.stdout)["objective"] is None


class TestScenarios:
    def test_every_weather_with_the_tie_open_and_out_and_what_is_expected(self, pool):
        (pool / "tree.json").write_text(
            '{"weathers": {"usual": {"probability": 0.9}, "hot": {"load": 1.1, "probability": 0.1}},'
            ' "branches": {"open": {"probability": 0.5}, "out": {"closed": ["tie"], "probability": 0.5}}}'
        )
        said = json.loads(run("scenarios", pool / "pool", "--tree", pool / "tree.json", "--json").stdout)
        cost = {leaf["scenario"]: leaf["objective"] for leaf in said["leaves"]}
        usual_out = 120 * 1 + 120 * 400
        assert cost["usual, out"] == pytest.approx(usual_out)
        assert cost["usual, open"] == pytest.approx(usual_out - 2 * 20 * 399)
        assert cost["hot, out"] == pytest.approx(1.1 * usual_out)
        assert said["expected"] == pytest.approx(
            0.45 * (cost["usual, open"] + usual_out) + 0.05 * (cost["hot, open"] + cost["hot, out"])
        )

    @pytest.mark.parametrize(
        ("tree", "word"),
        [
            ("{}", "weathers"),
            ('{"weathers": {"dry": {"inflows": 0.5}}}', "inflows"),
            ('{"weathers": {"dry": {"inflow": -0.5}}}', "negative"),
            ('{"weathers": {"dry": {}}, "branches": {"out": {"closed": ["moon"]}}}', "moon"),
            ('{"weathers": ["dry"]}', "items"),
        ],
    )
    def test_a_tree_that_cannot_be_solved_is_refused(self, pool, tree, word):
        (pool / "tree.json").write_text(tree)
        result = run("scenarios", pool / "pool", "--tree", pool / "tree.json")
        assert isinstance(result.exception, TreeRefused)
        assert word in str(result.exception)

    def test_without_probabilities_nothing_is_expected(self, pool):
        (pool / "tree.json").write_text('{"weathers": {"usual": {}, "hot": {"load": 1.1}}}')
        said = json.loads(run("scenarios", pool / "pool", "--tree", pool / "tree.json", "--json").stdout)
        assert said["expected"] is None


class TestShare:
    def test_divides_by_name_and_transfers_sum_to_zero(self, pool):
        said = json.loads(run("share", pool / "pool", "--players", pool / "players.json", "--json").stdout)
        gain = 2 * 20 * 399
        assert said["v"] == pytest.approx({"Sichuan": 0, "Chongqing": 0, "Sichuan+Chongqing": gain})
        assert said["shapley"] == pytest.approx({"Sichuan": gain / 2, "Chongqing": gain / 2})
        assert said["nucleolus"] == pytest.approx(said["shapley"])
        assert said["core_empty"] is False
        assert said["least_core_epsilon"] == pytest.approx(-gain / 2)
        assert said["nucleolus_certified"] is True
        assert sum(round(100 * amount) for amount in said["transfers"].values()) == 0

    def test_shows_how_far_the_gain_rests_on_the_price_of_lost_load(self, pool):
        text = (pool / "pool" / "generators.csv").read_text()
        (pool / "pool" / "generators.csv").write_text(text.replace("80", "60"))
        options = ("--players", pool / "players.json", "--voll", 10000, "--json")
        said = json.loads(run("share", pool / "pool", *options).stdout)
        # alone the city lacks 10 MW in the first hour; the tie of 20 MW ends that and saves 399 a MWh otherwise
        assert said["v"]["Sichuan+Chongqing"] == pytest.approx(10 * 10000 + 10 * 400 - 20 + 20 * 399)
        seen = said["lost_load_sensitivity"]
        assert seen["0.5"]["gain"] == pytest.approx(said["v"]["Sichuan+Chongqing"] - 10 * 5000)
        assert seen["2"]["gain"] == pytest.approx(said["v"]["Sichuan+Chongqing"] + 10 * 10000)
        assert seen["2"]["unserved_mwh_together"] == 0

    def test_refuses_players_that_do_not_divide_the_network(self, pool):
        (pool / "players.json").write_text('{"Sichuan": ["mountain"]}')
        assert isinstance(run("share", pool / "pool", "--players", pool / "players.json").exception, PlayersRefused)


def test_export_writes_what_solves_to_the_same_cost(pool):
    assert run("export", pool / "pool", pool / "out.nc").exit_code == 0
    given, written = (
        json.loads(run("solve", file, "--json").stdout)["objective"] for file in (pool / "pool", pool / "out.nc")
    )
    assert written == pytest.approx(given, rel=1e-12)
