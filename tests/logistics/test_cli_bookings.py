"""Bookings on the command line, as whom `--as` names: hold a quoted option, confirm, declare, release, cancel."""

import json
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from bashu.kernel.errors import Forbidden, Malformed, NotFound
from bashu.logistics.cli import app
from bashu.logistics.errors import QuoteWrong
from bashu.logistics.quotes import quoted
from harbour import NOW

GOODS = [
    "--goods", "汽轮机部件", "--hs-code", "840690", "--weight-kg", "21000", "--boxes", "40", "--value", "1000000", "--consignee", "Works",
]  # fmt: skip


@pytest.fixture
def run(harbour, monkeypatch, tmp_path):
    """`run("enterprise.CQ", "bookings")`: what the command printed; what it raised."""
    from bashu.kernel.commands.command import Command
    from bashu.logistics import cli

    told = [quoted(harbour.option(trip), (2, None, False), NOW) for trip in (0, 1)]
    (tmp_path / "options.json").write_text(json.dumps(told, default=str))
    monkeypatch.chdir(tmp_path)

    def call(who: str, *words: str) -> str:
        monkeypatch.setattr(cli, "fresh", lambda: Command(actor=harbour.actors[who], now=NOW))
        done = CliRunner().invoke(app, list(words), catch_exceptions=True)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.output

    return call


def test_an_office_cannot_book_and_a_broken_file_is_named(run, tmp_path):
    with pytest.raises(Forbidden):
        run("customs.CQ", "book", "options.json", *GOODS)
    (tmp_path / "broken.json").write_text('[{"legs": []}]')
    with pytest.raises(Malformed, match=r"broken\.json"):
        run("enterprise.CQ", "book", "broken.json", *GOODS)


def test_only_what_the_planner_quoted_is_booked_at_the_price_it_quoted(run, tmp_path, harbour):
    gone = quoted(harbour.option(), (2, None, False), NOW + timedelta(days=30))
    (tmp_path / "gone.json").write_text(json.dumps([gone]))
    with pytest.raises(Malformed, match="no quote"):
        run("enterprise.CQ", "book", "gone.json", *GOODS)
    (first, _second) = json.loads((tmp_path / "options.json").read_text())
    first["quote"] = first["quote"][:-1] + ("A" if first["quote"][-1] != "A" else "B")
    (tmp_path / "altered.json").write_text(json.dumps(first))
    with pytest.raises(QuoteWrong):
        run("enterprise.CQ", "book", "altered.json", *GOODS)
    assert not harbour.held()


def test_a_quoted_option_is_held_confirmed_declared_released_and_shown(run, harbour):
    shipper = "enterprise.CQ"
    number = run(shipper, "book", "options.json", "--number", "2", *GOODS).split()[0]
    assert {trip for _, trip in harbour.held()} == {"T1"}
    assert "confirmed" in run(shipper, "confirm", number)
    declaration = run(shipper, "declare", number, "GUOYUAN").strip()
    with pytest.raises(NotFound):
        run("customs.SC", "release", declaration)
    assert "Released" in run("customs.CQ", "release", declaration)
    assert "released" in run(shipper, "show", number)
    assert number in run("rail", "bookings", "--state", "confirmed")
    assert number not in run("enterprise.SC", "bookings")
    with pytest.raises(NotFound):
        run("enterprise.SC", "show", number)
    assert "cancelled" in run(shipper, "cancel", number, "--yes")
    assert harbour.held() == {}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--boxes", "40;20"], "--boxes: give the feet"), (["--value", "abc"], "--value"), (["--exchange-rate", "x"], "--exchange-rate"),
        (["--number", "9"], "options.json: has no option 9"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named_with_its_remedy(run, words, said):
    with pytest.raises(Malformed, match=said):
        run("enterprise.CQ", "book", "options.json", *GOODS, *words)


def test_a_state_that_is_none_lists_those_that_are(run):
    with pytest.raises(Malformed, match="under_way"):
        run("enterprise.CQ", "bookings", "--state", "wrong")
