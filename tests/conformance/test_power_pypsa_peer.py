"""Dispatch beside PyPSA: a hundred random networks of all component kinds, and the way back through our export."""

import logging
from pathlib import Path

import numpy as np
import pytest

from bashu.power.engine.dispatch import dispatch
from bashu.power.engine.vocabulary import VOCABULARY, port
from bashu.power.formats import files
from bashu.power.formats import pypsa as ours
from bashu.power.formats import pypsa_words as words
from bashu.power.peer import compared, solved_by_pypsa
from power_random import random_network

pypsa = pytest.importorskip("pypsa", reason="the peer is in requirements/bench.in")
power_peer = pytest.importorskip("power_peer")
pytestmark = pytest.mark.slow
DATA = Path(__file__).parents[1] / "power" / "data" / "pypsa"


@pytest.fixture(autouse=True)
def quiet_peer():
    """The peer explains itself at length."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("seed", range(100))
def test_random_network_costs_the_same(seed, tmp_path: Path):
    n = random_network(seed).for_pypsa()
    theirs = power_peer.objective(n)
    assert np.isfinite(theirs)
    assert theirs == pytest.approx(power_peer.kept()[seed].objective, rel=1e-8)
    n.export_to_netcdf(tmp_path / "n.nc")
    answer = dispatch(files.read(tmp_path / "n.nc").network)
    assert answer.status == "optimal"
    assert answer.objective == pytest.approx(theirs, rel=1e-8)


@pytest.mark.parametrize(("seed", "target"), [(1, "n.nc"), (2, "folder"), (3, "n.nc"), (5, "folder")])
def test_peer_solves_our_export_to_the_same_cost(seed, target, tmp_path: Path):
    n = random_network(seed).without("tx").for_pypsa()
    n.export_to_csv_folder(tmp_path / "given")
    network = files.read(tmp_path / "given").network
    ours.write(network, tmp_path / target)
    m = pypsa.Network(str(tmp_path / target))
    assert power_peer.objective(m) == pytest.approx(dispatch(network).objective, rel=1e-8)


def test_every_attribute_of_the_peer_is_computed_with_or_refused_or_known_to_be_harmless():
    n = pypsa.Network()
    for kind, harmless in words.HARMLESS.items():
        ours_too = set(VOCABULARY[words.KIND_OF.get(kind, kind)]) | {"name"}
        known = ours_too | harmless | words.ELECTRICAL.get(kind, set()) | words.CONDITIONAL | set(words.NEUTRAL[kind])
        theirs = set(getattr(n.components, kind).defaults.index)
        assert {name for name in theirs - known if not (kind == "links" and port(name))} == set()


@pytest.mark.parametrize("name", ["ac-dc-meshed.nc", "storage-hvdc", "../pglib/pglib_opf_case30_ieee.m"])
def test_compare_finds_both_tools_agreed_on_cost_and_unique_prices(name):
    path = DATA / name
    network = files.read(path).network
    said = compared(dispatch(network), 0.0, solved_by_pypsa(path, network))
    assert said["same"]
    assert said["unique_prices"] > 0
    assert said["largest_price_difference"] < 1e-6
