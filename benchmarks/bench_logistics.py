"""Routing: the compiled scan beside a plain-Python label-setting search which returns equal fronts, in the same run.

python benchmarks/bench_logistics.py [questions]

Networks are made by `bashu.logistics.engine.synthetic` from a seed, with storage, opening windows, closures, cut-offs, gauges,
abilities and full vehicles. Every size runs in a process of its own, whose peak memory is printed.
"""

import json
import multiprocessing
import os
import platform
import resource
import subprocess
import sys
import time

import numba
import numpy as np

from bashu.logistics.engine.network import DAY, Demand, Ends, compile_network
from bashu.logistics.engine.reference import Search
from bashu.logistics.engine.scan import pareto_front
from bashu.logistics.engine.synthetic import START, make_network

SEED = 7
DAYS = 60
TEU = 2
SIZES = {
    "60 hubs": (60, 87_000, 1.0, 2),
    "300 hubs": (300, 360_000, 0.25, 0),
}  # share of the questions, questions to the peer
COMMAND = ["logistics", "route", "--from", "DEYANG", "--to", "SGSIN", "--depart", "2025-03-03", "--teu", "2", "--json"]


def hub(index: int) -> Ends:
    """A hub as an end."""
    return Ends(*(np.array([value], dtype=np.int64) for value in (index, 0, 0, 0)))


def questions(hubs: int, count: int) -> list[tuple[Demand, Ends, Ends]]:
    """Pairs of hubs and departures within the first ten days."""
    rng = np.random.default_rng(SEED)
    pairs = [rng.choice(hubs, 2, replace=False).tolist() for _ in range(count)]
    return [(Demand(START + int(rng.integers(0, 10 * DAY)), TEU), hub(a), hub(b)) for a, b in pairs]


def in_ms(seconds: list[float]) -> dict[str, float]:
    """Median and 95th percentile, in milliseconds."""
    return {"median": 1000 * float(np.median(seconds)), "p95": 1000 * float(np.percentile(seconds, 95))}


def measure(hubs: int, connections: int, count: int, peers: int) -> dict[str, object]:
    """Ask the questions; give some of the quicker ones to the peer too, which takes minutes over the others, and compare fronts."""
    network = compile_network(*make_network(SEED, hubs=hubs, connections=connections, days=DAYS))
    asked = questions(hubs, count)
    pareto_front(network, *asked[0])
    seconds, processor, fronts = [], [], []
    for question in asked:
        start, used = time.perf_counter(), time.thread_time()
        front, _ = pareto_front(network, *question)
        processor.append(time.thread_time() - used)
        seconds.append(time.perf_counter() - start)
        fronts.append(list(zip(*(column.tolist() for column in front[:3]), strict=True)))
    sizes = [len(front) for front in fronts]
    figures: dict[str, object] = {
        "hubs": hubs, "connections_given": connections, "connections_running": int(network.departs.size), "questions": count,
        "ours_ms": in_ms(seconds), "ours_processor_ms": in_ms(processor),
        "front": {"median": float(np.median(sizes)), "max": max(sizes)},
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip
    compared = [at for at in np.argsort(seconds)[count // 10 :] if fronts[at]][:peers]
    if compared:
        ours = sum(seconds[at] for at in compared)
        start = time.perf_counter()
        answers = [Search(network, *asked[at]).run() for at in compared]
        peer = time.perf_counter() - start
        figures |= {
            "peer": "plain-Python label setting",
            "peer_questions": len(compared),
            "peer_s": peer,
            "ours_s": ours,
            "ratio": peer / ours,
        }
        figures["equal_fronts"] = answers == [fronts[at] for at in compared]
    return figures


def cold_call() -> float:
    """Seconds of a `bashu logistics route` whose compiled code is cached."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "bashu", *COMMAND], check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return sorted(times)[1]


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    context = multiprocessing.get_context("spawn")
    sizes = {}
    for name, (hubs, connections, share, peers) in SIZES.items():
        with context.Pool(1) as pool:
            sizes[name] = pool.apply(measure, (hubs, connections, max(4, int(count * share)), peers))
    versions = {
        "python": platform.python_version(),
        "numba": numba.__version__,
        "numpy": np.__version__,
        "cpus": os.cpu_count(),
    }
    print(
        json.dumps(
            {
                "seed": SEED,
                "load_average": os.getloadavg(),
                "versions": versions,
                "sizes": sizes,
                "cold_call_s": cold_call(),
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
