"""The same network solved by PyPSA, where it is installed, beside our own answer."""

import contextlib
import importlib
import logging
import os
import tempfile
import time
import warnings
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from bashu.power.engine.dispatch import Answer
from bashu.power.engine.network import Network
from bashu.power.engine.results import degenerate_prices
from bashu.power.errors import PeerFailed, PeerMissing
from bashu.power.formats import pypsa as format_of_peer
from bashu.power.formats import tidy

AGREED = 1e-8  # relative difference of objectives up to which two answers are the same


class Peer(NamedTuple):
    """What PyPSA says of a network: money over the horizon, prices (buses, hours) by bus name, CPU seconds of building and solving."""

    objective: float
    buses: list[str]
    prices: np.ndarray
    cpu_s: float
    version: str


def solved_by_pypsa(path: Path, network: Network) -> Peer:
    """Solve PyPSA's own file as it is, and any other through our export.

    Raises PeerMissing where PyPSA is not installed, PeerFailed where it finds no optimum, NotExportable for what it cannot hold.
    """
    try:
        pypsa = importlib.import_module("pypsa")
    except ImportError as error:
        raise PeerMissing(peer="PyPSA", install="pip install -r requirements/bench.lock") from error
    with quiet(), tempfile.TemporaryDirectory() as folder:
        given = path
        if path.suffix == ".m" or (path.is_dir() and tidy.is_tidy(path)):
            given = Path(folder) / "network.nc"
            format_of_peer.write(network, given)
        n = pypsa.Network(str(given))
        started = time.process_time()
        status = n.optimize(
            solver_name="highs",
            io_api="direct",
            log_to_console=False,
            mip_rel_gap=0.0,
            include_objective_constant=True,
        )
        return answer_of_peer(n, status, time.process_time() - started)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """No warnings, no log, and what the peer's solver prints goes to standard error: standard output is for figures."""
    level, kept = logging.root.manager.disable, os.dup(1)
    logging.disable(logging.WARNING)
    os.dup2(2, 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        logging.disable(level)


def answer_of_peer(n: Any, status: tuple[str, str], cpu_s: float) -> Peer:
    """The solved network's figures. Raises PeerFailed."""
    if status != ("ok", "optimal"):
        raise PeerFailed(peer="PyPSA", status=" ".join(status))
    prices = n.buses_t.marginal_price
    return Peer(float(n.objective), list(prices.columns), prices.to_numpy().T, cpu_s, version("pypsa"))


def compared(answer: Answer, cpu_s: float, peer: Peer) -> dict[str, object]:
    """Both answers side by side, for programs. Prices are compared at the buses and hours where they are unique."""
    mine = answer.objective
    difference = abs(mine - peer.objective) / max(abs(mine), abs(peer.objective), 1e-12)
    buses = answer.model.network["buses"]
    shared = [(buses.position(name), j) for j, name in enumerate(peer.buses) if name in buses]
    furthest, unique = None, 0
    if shared and not answer.model.whole:
        here, there = (np.array(side) for side in zip(*shared, strict=True))
        sure = ~degenerate_prices(answer.model, answer.point)[here]
        apart = np.abs(answer.prices[here] - peer.prices[there])[sure]
        unique, furthest = int(sure.sum()), float(apart.max(initial=0.0))
    return {
        "peer": f"PyPSA {peer.version}",
        "objective": mine,
        "peer_objective": peer.objective,
        "relative_difference": difference,
        "same": bool(difference <= AGREED),
        "unique_prices": unique,
        "largest_price_difference": furthest,
        "cpu_s": cpu_s,
        "peer_cpu_s": peer.cpu_s,
    }
