"""A hundred random networks of all component kinds, written as files, cost what PyPSA said of them."""

from pathlib import Path

import pytest

import power_peer
from bashu.power.engine.dispatch import Answer, dispatch
from bashu.power.engine.results import accounts, receipts
from bashu.power.formats import files, pypsa_files
from power_random import random_network

SLOW = [pytest.param(seed, marks=pytest.mark.slow) for seed in range(20, 100)]


def answered(seed: int, folder: Path) -> Answer:
    """The network of a seed, written and read as a folder of files, dispatched."""
    pypsa_files.write_folder(random_network(seed).tables(), folder)
    return dispatch(files.read(folder).network)


@pytest.mark.parametrize("seed", [*range(20), *SLOW])
def test_costs_what_pypsa_said(seed, tmp_path: Path):
    kept = power_peer.kept()[seed]
    assert random_network(seed).digest() == kept.digest, "other numbers were drawn: run tools/power_peer.py again"
    answer = answered(seed, tmp_path)
    assert answer.objective == pytest.approx(kept.objective, rel=1e-8)
    assert answer.residuals.primal < 1e-8
    assert answer.residuals.gap < 1e-8


@pytest.mark.parametrize("seed", [*range(10), *SLOW])
def test_what_loads_pay_everybody_else_receives_whatever_stands_in_the_network(seed, tmp_path: Path):
    answer = answered(seed, tmp_path)
    got = {kind: amount.sum() for kind, amount in receipts(answer.model, answer.point).items()}
    paid = -got.pop("loads")
    assert sum(got.values()) == pytest.approx(paid, rel=1e-9)
    books = accounts(answer.model, answer.point)
    assert sum(books.received.values()) + books.rounding == 0
    units = sum(len(table) for table in answer.model.network.tables.values())
    assert abs(books.rounding) <= 0.5 * units + 1
    assert books.received["loads"] == pytest.approx(-100 * paid, abs=units)
