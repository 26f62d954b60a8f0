"""What PyPSA says of the hundred random networks of `tests/power_random.py`, kept so that `make test` needs no PyPSA.

    python tools/power_peer.py            solve every network with PyPSA (requirements/bench.lock) and write the file

Each line of `tests/power/data/random_networks.csv` has the seed, the digest of what was drawn, and PyPSA's objective.
"""

import csv
import logging
import sys
import warnings
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "tests" / "power" / "data" / "random_networks.csv"
SEEDS = range(100)
MOST = 20_000  # steps after which PyPSA's solver of quadratic programs goes round in circles; the others need some three hundred
LONGEST = 120.0  # seconds for one solve, whatever goes wrong


class Kept(NamedTuple):
    """PyPSA's objective of a network, and the digest of the network."""

    digest: str
    objective: float


def objective(n: Any) -> float:
    """PyPSA's objective of its own network; NaN where its solver finds no optimum.

    The solver adds a small multiple of x² to a quadratic program, and on a few of them it then never ends: those are solved
    without it. Mixed-integer programs are solved to a gap of zero.
    """
    for more in ({}, {"qp_regularization_value": 0.0}):
        status, condition = n.optimize(
            solver_name="highs",
            io_api="direct",
            log_to_console=False,
            mip_rel_gap=0.0,
            include_objective_constant=True,
            threads=1,
            qp_iteration_limit=MOST,
            time_limit=LONGEST,
            **more,
        )
        if (status, condition) == ("ok", "optimal"):
            return float(n.objective)
    return float("nan")


@cache
def kept() -> dict[int, Kept]:
    """What the file holds, by seed."""
    with KEPT.open(encoding="utf-8") as stream:
        rows = csv.DictReader(line for line in stream if not line.startswith("#"))
        return {int(row["seed"]): Kept(row["digest"], float(row["objective"])) for row in rows}


def main() -> None:
    """Solve and write, and say how far it is."""
    sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]
    import highspy
    import pypsa

    from power_random import random_network

    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    rows = []
    for seed in SEEDS:
        described = random_network(seed)
        rows.append([seed, described.digest(), repr(objective(described.for_pypsa()))])
        print(*rows[-1], file=sys.stderr, flush=True)
    with KEPT.open("w", encoding="utf-8", newline="") as stream:
        stream.write(
            f"# PyPSA {pypsa.__version__}, HiGHS {highspy.Highs().version()}; written by tools/power_peer.py\n"
        )
        csv.writer(stream, lineterminator="\n").writerows([["seed", "digest", "objective"], *rows])


if __name__ == "__main__":
    main()
