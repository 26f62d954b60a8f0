"""MATPOWER and PGLib cases (`.m`, version 2) as one hour of a network under a named direct-current convention.

Two conventions are in use and give different optima:
`matpower`    flow = (θf - θt - shift) / (x·tap) (MATPOWER manual, §3.4); load Pd + Gs.
`powermodels` flow = (θf - θt)·x/(r² + x²), taps and shifts ignored; load Pd + Gs. The published PGLib values use this one.
"""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from bashu.power.engine.network import Network, Table
from bashu.power.errors import FileUnreadable, Unsupported

CONVENTIONS = ("matpower", "powermodels")
OPEN = 360.0  # an angle limit of this many degrees, or zero on both sides, is no limit (MATPOWER manual, table B-3)
POLYNOMIAL = 2
WIDTHS = {"bus": 13, "gen": 10, "branch": 13, "gencost": 4}  # columns of version 2 that are read or stand before those


def read(path: Path, *, convention: str) -> Network:
    """A case file as a network of one hour. Raises FileUnreadable or Unsupported."""
    try:
        source = path.read_text(encoding="utf-8", errors="strict")
    except (OSError, UnicodeDecodeError) as error:
        raise FileUnreadable(place=path.name, problem=str(error)) from error
    return parse(source, place=path.name, convention=convention)


def parse(source: str, *, place: str, convention: str) -> Network:
    """A case's text as a network of one hour; `convention` is one of CONVENTIONS."""
    if convention not in CONVENTIONS:
        raise Unsupported(attribute="--dc", value=convention)
    tables = matrices(source, place)
    base = re.search(r"mpc\.baseMVA\s*=\s*([-+.\deE]+)", source)
    if base is None or not {"bus", "gen", "branch", "gencost"} <= set(tables):
        raise FileUnreadable(place=place, problem="baseMVA, bus, gen, branch and gencost are needed")
    for name, width in WIDTHS.items():
        if tables[name].shape[1] < width:
            problem = f"{tables[name].shape[1]} columns where version 2 has {width}"
            raise FileUnreadable(place=f"{place}: mpc.{name}", problem=problem)
    if len(tables["gencost"]) < len(tables["gen"]):
        problem = f"{len(tables['gencost'])} rows for {len(tables['gen'])} generators"
        raise FileUnreadable(place=f"{place}: mpc.gencost", problem=problem)
    if len(tables.get("dcline", ())):
        raise Unsupported(attribute="mpc.dcline", value=f"{len(tables['dcline'])} rows")
    return network_of(tables, float(base[1]), place, convention)


def matrices(source: str, place: str) -> dict[str, np.ndarray]:
    """Every numeric matrix of the case by its name, comments removed."""
    bare = re.sub(r"%.*", "", source)
    found = {}
    for name, body in re.findall(r"mpc\.(\w+)\s*=\s*\[(.*?)\]", bare, flags=re.DOTALL):
        rows = [row.replace(",", " ").split() for row in re.split(r"[;\n]", body)]
        rows = [row for row in rows if row]
        if any(len(row) != len(rows[0]) for row in rows) and name != "gencost":
            raise FileUnreadable(place=f"{place}: mpc.{name}", problem="rows of different length")
        width = max((len(row) for row in rows), default=0)
        try:
            found[name] = np.array(
                [[float(cell) for cell in row] + [0.0] * (width - len(row)) for row in rows]
            ).reshape(len(rows), width)
        except ValueError as error:
            if name in ("bus", "gen", "branch", "gencost"):
                raise FileUnreadable(place=f"{place}: mpc.{name}", problem=str(error)) from error
    return found


def network_of(tables: dict[str, np.ndarray], base: float, place: str, convention: str) -> Network:
    """The network of the parsed matrices."""
    bus, gen, branch, gencost = (tables[name] for name in ("bus", "gen", "branch", "gencost"))
    unknown = set(np.concatenate([branch[:, 0], branch[:, 1], gen[:, 0]]).tolist()) - set(bus[:, 0].tolist())
    if unknown:
        raise FileUnreadable(place=place, problem=f"a branch or generator stands at unknown bus {min(unknown):g}")
    live = bus[:, 1] != 4  # isolated buses take no part
    bus = bus[live]
    number = [str(int(value)) for value in bus[:, 0]]
    loads = bus[:, 2] + bus[:, 4]
    quadratic, linear, fixed = polynomial(gencost[: len(gen)], place)
    on = (gen[:, 7] > 0) & np.isin(gen[:, 0], bus[:, 0])
    joined = (branch[:, 10] > 0) & np.isin(branch[:, 0], bus[:, 0]) & np.isin(branch[:, 1], bus[:, 0])
    size = np.where(gen[:, 8] != 0, np.maximum(np.abs(gen[:, 8]), np.abs(gen[:, 9])), np.abs(gen[:, 9]))
    rated = np.where(size > 0, size, 1.0)
    r, x, rate, ratio, shift = (branch[:, i] for i in (2, 3, 5, 8, 9))
    if convention == "powermodels":
        angle, shift = (r**2 + x**2) / np.where(x == 0, np.nan, x), np.zeros(len(branch))
    else:
        angle = x * np.where(ratio == 0, 1.0, ratio)
    low, high = branch[:, 11], branch[:, 12]
    unlimited = (low == 0) & (high == 0)
    ids = [f"{int(i)}" for i in range(1, len(gen) + 1)]
    generators = Table(
        "generators",
        ids,
        bus=[str(int(value)) for value in gen[:, 0]],
        p_nom=size,
        p_max_pu=gen[:, 8] / rated,
        p_min_pu=gen[:, 9] / rated,
        marginal_cost=linear,
        marginal_cost_quadratic=quadratic,
    ).select(on)
    lines = Table(
        "lines",
        [str(i) for i in range(1, len(branch) + 1)],
        bus0=[str(int(value)) for value in branch[:, 0]],
        bus1=[str(int(value)) for value in branch[:, 1]],
        s_nom=np.where(rate == 0, np.inf, rate),
        angle=np.nan_to_num(angle) / base,
        phase_shift=shift,
        angle_min=np.where(unlimited | (low <= -OPEN), -np.inf, low),
        angle_max=np.where(unlimited | (high >= OPEN), np.inf, high),
    ).select(joined)
    demand = Table("loads", number, bus=number, p_set=loads)
    buses = Table("buses", number, v_nom=np.where(bus[:, 9] == 0, 1.0, bus[:, 9]))
    network = Network(["now"], {"buses": buses, "generators": generators, "lines": lines, "loads": demand}, place)
    return replace(network, fixed_cost=float(fixed[on].sum()))


def polynomial(gencost: np.ndarray, place: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Quadratic, linear and constant coefficients (money/MW²h, money/MWh, money/h).

    Raises Unsupported for other curves, FileUnreadable for a row without all it announces.
    """
    out = np.zeros((3, len(gencost)))
    for i, row in enumerate(gencost):
        count = int(row[3])
        if int(row[0]) != POLYNOMIAL or count > 3:
            raise Unsupported(attribute=f"{place}: mpc.gencost row {i + 1}", value="only polynomials up to the square")
        if len(row) < 4 + count:
            raise FileUnreadable(place=f"{place}: mpc.gencost row {i + 1}", problem=f"fewer than {count} coefficients")
        out[3 - count :, i] = row[4 : 4 + count]
    return out[0], out[1], out[2]
