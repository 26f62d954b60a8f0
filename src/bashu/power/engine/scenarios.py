"""Scenario trees: the same horizon in several weathers, with lines open or closed, each solved with perfect foresight.

A tree's leaves are every weather with every choice of lines. One model is built for each weather; its lines are then opened
and closed on the living model, so that a leaf starts from the optimum of the one before it.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np

from bashu.power.engine.check import Finding
from bashu.power.engine.dispatch import Answer, answer_of
from bashu.power.engine.model import Model
from bashu.power.engine.network import Network
from bashu.power.engine.results import Energy

RIVERS = frozenset({"ror", "river", "run of river", "run-of-river", "hydro"})
CANCELLED = "cancelled"


class Weather(NamedTuple):
    """How a season differs from the network as given: factors on inflow into reservoirs, on what rivers can run, on load."""

    name: str
    inflow: float = 1.0
    river: float = 1.0
    load: float = 1.0
    probability: float = 1.0


class Scenario(NamedTuple):
    """One leaf: a weather, the links and lines that are closed, and its probability (weather times branch)."""

    name: str
    weather: Weather
    closed: tuple[str, ...] = ()
    probability: float = 1.0


class ScenarioResult(NamedTuple):
    """What a leaf comes to. Without optimality only scenario, status and explanation mean anything.

    objective: money over the horizon. prices: money a MWh (buses, hours). hourly: MW (or MWh for levels) by block name, such as
    `generators.p`, `links.p`, `lines.s`, `storage_units.p_out`, `storage_units.level`, `buses.unserved`, each (units, hours) in the
    order of the names in `units[block]`.
    """

    scenario: Scenario
    status: str
    objective: float
    energy: Energy
    prices: np.ndarray
    hourly: dict[str, np.ndarray]
    units: dict[str, tuple[str, ...]]
    explanation: list[Finding]


def tree(weathers: Iterable[Weather], branches: Iterable[tuple[str, Sequence[str], float]]) -> list[Scenario]:
    """Every weather with every branch; a branch is a name, the links or lines closed in it, and its probability.

    >>> dry = Weather("drought", inflow=0.5, load=1.25, probability=0.1)
    >>> [(leaf.name, leaf.closed, leaf.probability) for leaf in tree([dry], [("open", [], 0.9), ("line out", ["UHV"], 0.1)])]
    [('drought, open', (), 0.09000000000000001), ('drought, line out', ('UHV',), 0.010000000000000002)]
    """
    choices = list(branches)
    return [
        Scenario(f"{weather.name}, {name}", weather, tuple(closed), weather.probability * share)
        for weather in weathers
        for name, closed, share in choices
    ]


def under(network: Network, weather: Weather) -> Network:
    """The network in a weather. Rivers never run beyond what they are built for. Raises ValueError for a negative factor."""
    if min(weather.inflow, weather.river, weather.load) < 0:
        raise ValueError(f"{weather.name}: a factor is negative")
    generators, storage, loads = network["generators"], network["storage_units"], network["loads"]
    rivers = np.array([carrier.strip().lower() in RIVERS for carrier in generators["carrier"]], dtype=bool)
    tables = {
        "loads": loads.changed(p_set=weather.load * loads["p_set"]),
        "storage_units": storage.changed(inflow=weather.inflow * storage["inflow"]),
    }
    if rivers.any() and weather.river != 1.0:
        high = generators.hourly("p_max_pu", network.hours)
        wet = np.where(rivers[:, None], np.minimum(weather.river * high, np.maximum(high, 1.0)), high)
        low = np.minimum(generators.hourly("p_min_pu", network.hours), wet)
        tables["generators"] = generators.changed(p_max_pu=wet, p_min_pu=low)
    return network.with_tables(**tables)


def sweep(
    network: Network,
    scenarios: Sequence[Scenario],
    progress: Callable[[int, int], None] | None = None,
    *,
    carbon_price: float = 0.0,
    cancelled: Callable[[], bool] | None = None,
) -> list[ScenarioResult]:
    """Solve every scenario; results in the order given.

    progress: called with scenarios done and in all. cancelled: asked before and during each solve; once true, the scenarios
    not yet solved have the status `cancelled`. Raises ValueError for a closed name that is neither link nor line.
    """
    found: dict[int, ScenarioResult] = {}
    order = sorted(range(len(scenarios)), key=lambda i: (scenarios[i].weather, i))
    for weather, leaves in groupby(order, key=lambda i: scenarios[i].weather):
        model = Model(under(network, weather), carbon_price=carbon_price)
        shut: tuple[str, ...] = ()
        for i in leaves:
            if cancelled is not None and cancelled():
                found[i] = without_values(scenarios[i], CANCELLED, [])
                continue
            turn(model, shut, on=True)
            shut = scenarios[i].closed
            turn(model, shut, on=False)
            found[i] = result_of(scenarios[i], answer_of(model, cancelled=cancelled))
            if progress is not None:
                progress(len(found), len(scenarios))
    return [found[i] for i in range(len(scenarios))]


def turn(model: Model, names: Sequence[str], *, on: bool) -> None:
    """Open or close links and lines by name. Raises ValueError for a name that is neither."""
    for name in names:
        kinds = [kind for kind in ("links", "lines") if name in model.network[kind]]
        if not kinds:
            raise ValueError(f"{name} is neither a link nor a line")
        for kind in kinds:
            model.switch(kind, [name], on=on)


def result_of(scenario: Scenario, answer: Answer) -> ScenarioResult:
    """An answer as a scenario's result, with every hourly block of its columns."""
    if answer.status != "optimal":
        return without_values(scenario, answer.status, answer.explanation)
    hourly, units = hourly_blocks(answer.model, answer.point.x)
    return ScenarioResult(
        scenario, "optimal", answer.objective, answer.energy, answer.prices, hourly, units, answer.explanation
    )


def hourly_blocks(model: Model, x: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, tuple[str, ...]]]:
    """Values by hour of every block that has one row a unit, and the units' names; angles and unit commitment have none."""
    hourly, units = {}, {}
    for block, index in model.columns.items():
        names = model.network[block.split(".")[0]].names
        if block == "buses.unserved":
            priced = ~np.isnan(model.network["buses"]["unserved_cost"])
            names = tuple(name for name, has in zip(names, priced, strict=True) if has)
        if block != "lines.theta" and index.shape == (len(names), model.network.hours):
            hourly[block], units[block] = x[index], names
    return hourly, units


def without_values(scenario: Scenario, status: str, explanation: list[Finding]) -> ScenarioResult:
    """A result without an optimum."""
    nan = float("nan")
    return ScenarioResult(scenario, status, nan, Energy(nan, nan, nan, nan), np.zeros((0, 0)), {}, {}, explanation)


def expected(results: Sequence[ScenarioResult]) -> float:
    """Expected cost over the leaves, by their probabilities; NaN unless every leaf is optimal.

    Raises ValueError when the probabilities do not sum to one.
    """
    chance = np.array([result.scenario.probability for result in results])
    if abs(chance.sum() - 1) > 1e-9:
        raise ValueError(f"probabilities sum to {chance.sum():g}")
    return float(chance @ np.array([result.objective for result in results]))
