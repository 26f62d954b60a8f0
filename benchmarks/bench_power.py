"""The dispatch beside PyPSA with linopy and the same HiGHS: same network, interleaved, one JSON document.

python benchmarks/bench_power.py [--year]      (peers: pip install -r requirements/bench.lock)

`week`       168 h of a synthetic two-province network: building and solving, from arrays in memory, CPU and wall, median of pairs.
`what_if`    five named lines closed one after another on the living model, beside a cold solve of the same network.
`coalitions` all 31 coalitions of five players over that week, with every division.
`year`       8,760 h by pieces in two processes, each tool in a session of its own: CPU, wall, peak memory of all its processes
             summed; then a wet and a drought year by pieces beside the plain solve. Only with --year; take minutes.
"""

import json
import logging
import os
import platform
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path

import numpy as np

from bashu.kernel.jobs.mapping import map_jobs
from bashu.power.engine.coalitions import divide, ownership
from bashu.power.engine.model import Model
from bashu.power.engine.network import Network, Table
from bashu.power.engine.scenarios import Weather, under
from bashu.power.engine.stitched import Way, dispatch_long

PAIRS = 5
WEEK = 168
YEAR = 8760
YEAR_PAIRS = 2
PROCESSES = 2
SEASONS = {
    "wet": Weather("wet", inflow=1.3, river=1.3, load=0.97),
    "drought": Weather("drought", inflow=0.5, river=0.5, load=1.15),
}
WEST, EAST = ("Ganzi", "Aba", "Panxi", "Yaan"), ("TianfuSouth", "ChengduEast", "ChuanEast")
CORE, HILLS = ("Tongliang", "CQMain"), ("CQNorthEast", "CQSouthEast")
BUSES = (*WEST, *EAST, *CORE, *HILLS)
ROUTES = (
    ("Ganzi", "TianfuSouth", 8000), ("Aba", "ChengduEast", 9000), ("Panxi", "TianfuSouth", 11000), ("Panxi", "Yaan", 6000),
    ("Yaan", "TianfuSouth", 12000), ("Yaan", "ChengduEast", 8000), ("TianfuSouth", "ChengduEast", 12000),
    ("ChengduEast", "ChuanEast", 9000), ("TianfuSouth", "ChuanEast", 4000), ("ChuanEast", "CQNorthEast", 3000),
    ("TianfuSouth", "Tongliang", 3000), ("Tongliang", "CQMain", 9000), ("CQNorthEast", "CQMain", 5000),
    ("CQSouthEast", "CQMain", 5000), ("CQNorthEast", "CQSouthEast", 2000),
)  # fmt: skip
CLOSED = ("UHV >", "TianfuSouth-Tongliang >", "Panxi-Yaan >", "Yaan-ChengduEast >", "CQNorthEast-CQMain >")
SHARE = (0.012, 0.018, 0.06, 0.03, 0.133, 0.229, 0.12, 0.08, 0.22, 0.06, 0.04)


def two_provinces(hours: int) -> Network:
    """Eleven areas of two provinces with round, assumed capacities and seeded weather: of the region's shape, not its data."""
    rng = np.random.default_rng(2025)
    clock = np.arange(hours)
    day = 1 + 0.16 * np.sin((clock - 9) * 2 * np.pi / 24)
    season = 1 + 0.15 * np.cos((clock - 4800) * 2 * np.pi / YEAR)
    load = 46000 * np.array(SHARE)[:, None] * day * season * (1 + 0.03 * rng.standard_normal((len(BUSES), hours)))
    river = np.clip(0.55 + 0.35 * np.cos((clock - 5200) * 2 * np.pi / YEAR) + 0.03 * rng.standard_normal(hours), 0.1, 1)
    sun = np.maximum(np.sin((clock % 24 - 6) * np.pi / 12), 0) * rng.uniform(0.4, 1, hours)
    wind = np.clip(0.25 + 0.15 * rng.standard_normal((3, hours)), 0, 1)
    units: list[tuple[str, str, float, float, np.ndarray]] = []
    full = np.full(hours, 0.92)
    for bus, size in zip(
        ("Ganzi", "Aba", "Panxi", "Yaan", "CQSouthEast", "CQNorthEast"),
        (8000, 9000, 15000, 14000, 4500, 1200),
        strict=True,
    ):
        units.append((f"river {bus}", bus, size, 5.0, river))
    for i, (bus, size) in enumerate((("Panxi", 5000), ("CQSouthEast", 900), ("CQNorthEast", 700))):
        units.append((f"wind {bus}", bus, size, 2.0, wind[i]))
    for bus, size in (("Panxi", 1800), ("Ganzi", 1200), ("CQNorthEast", 600)):
        units.append((f"sun {bus}", bus, size, 1.0, sun))
    coal = (
        ("ChuanEast", 9500),
        ("ChengduEast", 1800),
        ("TianfuSouth", 2900),
        ("CQMain", 7500),
        ("CQNorthEast", 4100),
        ("CQSouthEast", 1300),
        ("Tongliang", 1300),
    )
    for i, (bus, size) in enumerate(coal):
        units.append((f"coal {bus}", bus, size, 380.0 + 9.1 * i, full))
    for bus, size, price in (
        ("ChuanEast", 700, 643.0),
        ("CQMain", 940, 653.0),
        ("ChengduEast", 3000, 466.0),
        ("CQNorthEast", 3000, 506.0),
    ):
        units.append((f"gas {bus}", bus, size, price, full))
    units += [(f"shed {bus}", bus, 1e5, 20000.0, np.ones(hours)) for bus in BUSES]
    both = [(f"{a}-{b}", a, b, size) for a, b, size in ROUTES] + [("UHV", "TianfuSouth", "Tongliang", 8000)]
    ties = [(f"{name} >", a, b, size) for name, a, b, size in both] + [
        (f"{name} <", b, a, size) for name, a, b, size in both
    ]
    lakes = (
        ("Lianghekou", "Ganzi", 3000, 1800),
        ("Ertan", "Panxi", 6900, 900),
        ("Pubugou", "Yaan", 3600, 450),
        ("Shiziping", "Aba", 1500, 300),
    )
    inflow = np.vstack([0.5 * size * river / 0.55 for _, _, size, _ in lakes] + [np.zeros(hours)])
    return Network(
        [str(np.datetime64("2025-01-01T00") + hour) for hour in clock],
        {
            "buses": Table("buses", BUSES),
            "loads": Table("loads", BUSES, bus=BUSES, p_set=load),
            "generators": Table(
                "generators",
                [unit[0] for unit in units],
                bus=[unit[1] for unit in units],
                carrier=[unit[0].split()[0] for unit in units],
                p_nom=[unit[2] for unit in units],
                marginal_cost=[unit[3] for unit in units],
                p_max_pu=np.vstack([unit[4] for unit in units]),
            ),
            "links": Table(
                "links", [tie[0] for tie in ties], bus0=[tie[1] for tie in ties], bus1=[tie[2] for tie in ties],
                p_nom=[float(tie[3]) for tie in ties], marginal_cost=0.5,
            ),
            "storage_units": Table(
                "storage_units", [*(lake[0] for lake in lakes), "pumped"], bus=[*(lake[1] for lake in lakes), "CQMain"],
                p_nom=[*(float(lake[2]) for lake in lakes), 1200.0], max_hours=[*(float(lake[3]) for lake in lakes), 6.0],
                p_min_pu=[0.0] * 4 + [-1.0], marginal_cost=[3.0] * 4 + [1.0], inflow=inflow, cyclic_state_of_charge=[True] * 5,
                efficiency_store=[1.0] * 4 + [0.87], efficiency_dispatch=[1.0] * 4 + [0.87],
            ),
        },
    )  # fmt: skip


def peer(network: Network) -> float:
    """Build the same network in PyPSA from the same arrays, and solve it."""
    import pandas as pd
    import pypsa

    n = pypsa.Network()
    n.set_snapshots(pd.DatetimeIndex(network.snapshots))
    for kind, name in (
        ("buses", "Bus"),
        ("loads", "Load"),
        ("generators", "Generator"),
        ("links", "Link"),
        ("storage_units", "StorageUnit"),
    ):
        table = network[kind]
        index = pd.Index(table.names)
        columns = {
            what: pd.DataFrame(values.T, n.snapshots, index) if values.ndim == 2 else pd.Series(values, index)
            for what, values in table.values.items()
        }
        n.add(name, index, **columns)
    n.optimize(solver_name="highs", io_api="direct", log_to_console=False, include_objective_constant=False, threads=1)
    return float(n.objective)


def ours(network: Network) -> float:
    """Assemble and solve."""
    return Model(network).solve().objective


def timed(what: Callable[[], float]) -> tuple[float, float, float]:
    """Answer, CPU seconds, wall seconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    answer = what()
    return answer, time.process_time() - cpu, time.perf_counter() - wall


def week() -> dict[str, object]:
    """Pairs of one solve each, in alternating order; a first pair warms up imports."""
    network = two_provinces(WEEK)
    runs: dict[str, list[tuple[float, float, float]]] = {"ours": [], "peer": []}
    for pair in range(PAIRS + 1):
        for name, solve in (("ours", ours), ("peer", peer))[:: 1 if pair % 2 else -1]:
            outcome = timed(lambda solve=solve: solve(network))
            if pair:
                runs[name].append(outcome)
    said: dict[str, object] = {"hours": WEEK, "pairs": PAIRS}
    for i, unit in ((1, "cpu_s"), (2, "wall_s")):
        mine, theirs = (statistics.median(run[i] for run in runs[name]) for name in ("ours", "peer"))
        said |= {f"ours_{unit}": mine, f"peer_{unit}": theirs, f"ratio_{unit}": theirs / mine}
    return said | {"objective_difference": abs(runs["ours"][0][0] / runs["peer"][0][0] - 1)}


def what_if() -> dict[str, object]:
    """Each named line closed on the living model from the open optimum, beside a cold solve."""
    network = two_provinces(WEEK)
    cold = statistics.median(timed(lambda: ours(network))[1] for _ in range(PAIRS))
    model = Model(network)
    model.solve()
    ratios = {}
    for name in CLOSED:
        model.switch("links", [name], on=False)
        ratios[name] = timed(lambda: model.solve().objective)[1] / cold
        model.switch("links", [name], on=True)
        model.solve()
    values = list(ratios.values())
    return {"cold_cpu_s": cold, "median_ratio": statistics.median(values), "worst_ratio": max(values), "ratios": ratios}


def coalitions() -> dict[str, object]:
    """Every coalition of five players: four parts of the region and the owner of the UHV line."""
    network = two_provinces(WEEK)
    players = {"west": WEST, "east": EAST, "core": CORE, "hills": HILLS, "UHV": ("UHV >", "UHV <")}
    own = ownership(network, players)
    runs = [timed(lambda: float(divide(network, own).values[-1])) for _ in range(PAIRS)]
    return {
        "coalitions": 31,
        "cpu_s": statistics.median(run[1] for run in runs),
        "wall_s": statistics.median(run[2] for run in runs),
    }


def year() -> dict[str, object]:
    """The year by pieces in two processes beside the peer's, each alone in a session of its own, in alternating order."""
    runs: dict[str, list[dict]] = {"ours": [], "peer": []}
    for pair in range(YEAR_PAIRS):
        for name in ("ours", "peer")[:: 1 if pair % 2 == 0 else -1]:
            runs[name].append(watched(name, "normal"))
    said: dict[str, object] = {
        "hours": YEAR,
        "pairs": YEAR_PAIRS,
        "processes": PROCESSES,
        "way": runs["ours"][0]["way"],
    }
    for unit in ("cpu_s", "wall_s", "peak_mb"):
        mine, theirs = (statistics.median(run[unit] for run in runs[name]) for name in ("ours", "peer"))
        said |= {f"ours_{unit}": mine, f"peer_{unit}": theirs, f"ours_to_peer_{unit}": mine / theirs}
    said["objective_difference"] = abs(runs["ours"][0]["objective"] / runs["peer"][0]["objective"] - 1)
    said["seasons"] = {season: beside_plain(season) for season in SEASONS}
    return said


def beside_plain(season: str) -> dict[str, object]:
    """The year by pieces against the plain solve of the same season."""
    pieces, plain = watched("ours", season), watched("plain", season)
    return {
        "way": pieces["way"]["taken"],
        "cpu_s": pieces["cpu_s"],
        "plain_cpu_s": plain["cpu_s"],
        "objective_difference": abs(pieces["objective"] / plain["objective"] - 1),
    }


def watched(name: str, season: str) -> dict:
    """One year in a session of its own: CPU of all its processes, and the peak of their memory summed."""
    command = [sys.executable, __file__, "--alone", name, season]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    peak, others = 0.0, {}
    while process.poll() is None:
        members = session(process.pid)
        peak = max(peak, sum(memory for _, memory in members.values()))
        others |= {pid: cpu for pid, (cpu, _) in members.items() if pid != process.pid}
        time.sleep(0.02)
    said = json.loads(process.stdout.read().splitlines()[-1]) if process.returncode == 0 and process.stdout else {}
    said["cpu_s"] += sum(others.values())  # of the first process without its imports, of its helpers with them
    return said | {"peak_mb": peak}


def session(leader: int) -> dict[int, tuple[float, float]]:
    """CPU seconds and resident MB of every process of a session (Linux)."""
    ticks, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE") / 2**20
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue  # it ended while we looked
        if int(fields[3]) == leader:
            found[int(folder.name)] = ((int(fields[11]) + int(fields[12])) / ticks, int(fields[21]) * page)
    return found


def alone(name: str, season: str) -> dict[str, object]:
    """One year in this process and its helpers."""
    network = under(two_provinces(YEAR), SEASONS.get(season, Weather("normal")))
    way: list[Way] = []

    def pieces() -> float:
        answer, taken = dispatch_long(network, mapper=partial(map_jobs, workers=PROCESSES))
        way.append(taken)
        return answer.objective

    what = {"ours": pieces, "plain": lambda: ours(network), "peer": lambda: peer(network)}[name]
    objective, cpu, wall = timed(what)
    said = {"objective": objective, "cpu_s": cpu, "wall_s": wall}
    return said | {"way": way[0]._asdict()} if way else said


def main() -> None:
    """Print the figures."""
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # the peer's solver prints banners; standard output is for the figures alone
    if "--alone" in sys.argv:
        print(json.dumps(alone(*sys.argv[-2:])), file=out)
        return
    versions = {name: version(name) for name in ("numpy", "highspy")}
    said: dict[str, object] = {"benchmark": "power", "python": platform.python_version(), "versions": versions}
    try:
        versions |= {name: version(name) for name in ("pypsa", "linopy")}
        said["week"] = week()
    except ImportError:
        said["week"] = "the peer is not installed: pip install -r requirements/bench.lock"
    said |= {"what_if": what_if(), "coalitions": coalitions()}
    if "--year" in sys.argv:
        said["year"] = year()
    print(json.dumps(said, indent=2), file=out)


if __name__ == "__main__":
    main()
