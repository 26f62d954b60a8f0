"""Places on the command line."""

import pytest
from typer.testing import CliRunner

from bashu.kernel.places.cli import app
from bashu.kernel.places.errors import PlaceAmbiguous

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    done = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_list_shows_the_divisions_under_a_parent():
    shown = run("list", "--parent", "511600", "--as-of", "2025-11-05")
    codes = [line.split()[0] for line in shown.splitlines()[1:]]
    assert codes == ["511602", "511603", "511621", "511622", "511623", "511681"]


def test_list_takes_a_jurisdiction():
    shown = run("list", "--jurisdiction", "CQ", "--as-of", "2025-11-05")
    assert len(shown.splitlines()) == 1 + 39


def test_resolve_says_the_code():
    assert run("resolve", "渝中", "--as-of", "2025-11-05").splitlines()[1].split()[0] == "500103"


def test_resolve_leaves_a_refusal_to_the_command_line_to_print():
    with pytest.raises(PlaceAmbiguous):
        run("resolve", "市中区")


def test_groups_show_members_or_say_that_they_are_unknown():
    shown = run("groups")
    assert "成都市, 德阳市" in shown
    assert len(shown.splitlines()) == 1 + 18
