"""Populations and projects for the policy benchmarks: seeded, hard on purpose, no fact of any enterprise."""

from fractions import Fraction

import numpy as np

from bashu.policy.engine.choosing import Cap, Catalogue, Item, Share
from bashu.policy.engine.levies import Population, Rowset
from bashu.policy.engine.rules import RuleSet
from bashu.policy.formats.rule_files import rules_of_text

UNITS = {
    "flat": '"1"',
    "per_unit": "yuan/m2/year",
    "graded": "yuan/m2/year",
    "relieved": '"1"',
    "capped": "1/year",
    "rows": "yuan/equivalent",
}
SHAPES = tuple(UNITS)


def thirty_levies() -> RuleSet:
    """Thirty levies of six shapes with different numbers in both provinces; five of them read child tables."""
    head = """
catalogue: benchmark
choices: {grade: [one, two, three], medium: [air, water]}
sources: {made: {title: made for measuring}}
facts:
  small: {label: {zh: 小, en: small}, type: boolean}
  grade: {label: {zh: 级, en: grade}, type: choice, choice: grade}
  turnover: {label: {zh: 流转, en: turnover}, unit: yuan/year, decimals: 2, max: 1000000000}
  value: {label: {zh: 值, en: value}, unit: yuan, decimals: 2, max: 1000000000}
  area: {label: {zh: 面积, en: area}, unit: m2, decimals: 2, max: 1000000}
tables:
  outlets:
    label: {zh: 排放, en: outlets}
    rows: 100
    facts:
      outlet: {label: {zh: 口, en: outlet}, type: text}
      date: {label: {zh: 日, en: date}, type: date}
      medium: {label: {zh: 介质, en: medium}, type: choice, choice: medium}
      mass: {label: {zh: 量, en: mass}, unit: equivalent, decimals: 3, max: 100000}
parameters:
  cap_share: {label: {zh: 上限, en: cap}, unit: 1/year, versions: [{in: CN, from: 2020-01-01, value: 5‰, status: assumed, source: made}]}
"""
    parameters, levies = [], ["levies:"]
    for index in range(30):
        shape = SHAPES[index % len(SHAPES)]
        unit = UNITS[shape]
        by = "by: grade, " if shape == "graded" else ""
        sides = [number(shape, index, side) for side in (0, 1)]
        parameters.append(
            f"  rate_{index}: {{label: {{zh: 率, en: rate}}, unit: {unit}, {by}versions: ["
            f"{{in: CQ, from: 2020-01-01, value: {sides[0]}, status: assumed, source: made}},"
            f"{{in: SC, from: 2020-01-01, value: {sides[1]}, status: assumed, source: made}}]}}"
        )
        levies.append(levy(shape, index))
    return rules_of_text(head + "\n".join(parameters) + "\n" + "\n".join(levies) + "\n", "benchmark.yaml")


def number(shape: str, index: int, side: int) -> str:
    """A rate that differs between the provinces now one way, now the other."""
    step = 1 + (index * 7 + side * (3 if index % 2 else -1)) % 9
    if shape == "graded":
        return f"{{one: {step}.5, two: {step}.25, three: {step}}}"
    return {"flat": f"{step}.3%", "relieved": f"{step}%", "capped": f"{step}‰"}.get(shape, f"{step}.7")


def levy(shape: str, index: int) -> str:
    """One levy as it stands in a rule file."""
    by = "{by: event, date: outlets.date}" if shape == "rows" else "{by: month}"
    base = {"flat": "turnover", "relieved": "turnover", "capped": "value", "per_unit": "area", "graded": "area"}.get(
        shape
    )
    base = (
        base
        or f'sum(top(outlets.mass, 3, per=[outlets.outlet], where=outlets.medium == "{"air" if index % 4 else "water"}"))'
    )
    rate = f"rate_{index}[grade]" if shape == "graded" else f"rate_{index}"
    extra = ""
    if shape == "relieved":
        extra = "    reliefs: [{id: half, label: {zh: 减半, en: half}, when: small, pay: 0.5, status: assumed, source: made}]\n"
    if shape == "capped":
        extra = "    cap: value * cap_share\n"
    return (
        f"  levy_{index}:\n    label: {{zh: 项, en: levy}}\n    accrual: {by}\n    base: '{base}'\n    rate: {rate}\n{extra}"
        "    sources: [made]\n    setter: {zh: 无, en: nobody}\n    from: 2020-01-01"
    )


def enterprises(count: int, seed: int = 7) -> Population:
    """Enterprises with facts of wide ranges; a tenth of them have eight rows of emissions."""
    rng = np.random.default_rng(seed)
    rows = np.where(np.arange(count) % 10 == 0, 8, 0)
    offsets = np.zeros(count + 1, np.int64)
    np.cumsum(rows, out=offsets[1:])
    many = int(offsets[-1])
    table = Rowset(
        offsets,
        {
            "outlet": rng.integers(0, 2, many),
            "date": rng.integers(20089, 20454, many),
            "medium": rng.integers(0, 2, many),
            "mass": rng.integers(0, 100_000_000, many),
        },
    )
    return Population(
        [f"e{index}" for index in range(count)],
        {
            "small": rng.integers(0, 2, count).astype(bool),
            "grade": rng.integers(0, 3, count),
            "turnover": (10 ** rng.uniform(3, 10.9, count)).astype(np.int64),
            "value": (10 ** rng.uniform(3, 10.9, count)).astype(np.int64),
            "area": rng.integers(0, 100_000_000, count),
        },
        {"outlets": table},
    )


def hard_catalogue(void: bool) -> Catalogue:
    """Twenty-four items on twelve topics, both provinces, with groups and prerequisites, and caps that bind."""
    items = []
    for topic in range(12):
        for side, name in ((0, "cq"), (1, "sc")):
            requires = (f"{name}-{topic - 1:02d}",) if topic % 5 == 4 else ()
            items.append(Item(f"{name}-{topic:02d}", side, f"topic-{topic}", requires))
    groups = (
        (3, tuple(f"cq-{topic:02d}" for topic in range(0, 8, 2))),
        (2, tuple(f"sc-{topic:02d}" for topic in (1, 3, 5))),
    )
    caps = {0: Cap(200_000_000, void), 1: Cap(160_000_000, void)}
    return Catalogue(tuple(sorted(items, key=lambda item: item.id)), caps, Share(Fraction(3, 10)), groups)


def hard_projects(count: int, seed: int = 11) -> tuple[np.ndarray, np.ndarray]:
    """Amounts (fen; −1 not eligible) and investments: both provinces offer nearly the same, so that caps decide."""
    rng = np.random.default_rng(seed)
    topic = rng.integers(1_000_000, 40_000_000, (count, 12))
    cq = topic * rng.integers(80, 121, (count, 12)) // 100
    sc = topic * rng.integers(80, 121, (count, 12)) // 100
    amounts = np.concatenate([cq, sc], axis=1)
    amounts[rng.random((count, 24)) < 0.15] = -1
    return amounts, rng.integers(700_000_000, 2_000_000_000, count)
