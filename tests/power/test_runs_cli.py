"""`bashu power region` writes what the other commands read; `bashu power run` lists."""

import json

import pytest
from typer.testing import CliRunner

from bashu.power.cli import app


def run(*arguments: object):
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The drought over twelve hours."""
    path = tmp_path_factory.mktemp("region") / "drought"
    assert run("region", path, "--season", "drought", "--hours", 12).exit_code == 0
    return path


def test_solve_answers_on_the_region(folder):
    said = json.loads(run("solve", folder, "--json").stdout)
    assert said["status"] == "optimal"
    assert said["dual_gap"] < 1e-9


def test_share_divides_among_its_four_players(folder):
    said = json.loads(run("share", folder, "--players", folder / "players.json", "--json").stdout)
    assert said["players"] == ["Sichuan", "Chongqing", "Northwest", "UHV"]
    assert said["nucleolus_certified"]
    assert sum(said["transfers"].values()) == pytest.approx(0, abs=1e-6)


def test_export_writes_what_solves_to_the_same_objective(folder, tmp_path):
    assert run("export", folder, tmp_path / "region.nc").exit_code == 0
    first, again = (json.loads(run("solve", path, "--json").stdout) for path in (folder, tmp_path / "region.nc"))
    assert again["objective"] == pytest.approx(first["objective"], rel=1e-9)


def test_the_same_seed_writes_the_same_files(folder, tmp_path):
    run("region", tmp_path / "again", "--season", "drought", "--hours", 12)
    for file in folder.iterdir():
        assert (tmp_path / "again" / file.name).read_bytes() == file.read_bytes()


def test_another_seed_writes_other_hours(folder, tmp_path):
    run("region", tmp_path / "other", "--season", "drought", "--hours", 12, "--seed", 5)
    assert (tmp_path / "other" / "profiles.csv").read_bytes() != (folder / "profiles.csv").read_bytes()


def test_a_horizon_that_leaves_its_year_is_refused(tmp_path):
    from bashu.power.errors import HorizonRefused

    with pytest.raises(HorizonRefused):
        run("region", tmp_path / "x", "--hours", 9000)
