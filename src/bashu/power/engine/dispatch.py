"""From a network to an answer that has been checked: solve, price, recompute the residuals, add up the energy."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from bashu.power.engine import results
from bashu.power.engine.check import Finding, endless, explain
from bashu.power.engine.model import Model, Point
from bashu.power.engine.network import Network

FEASIBLE = 1e-6  # relative violation above which an answer is no answer, whatever the solver calls it
CLOSED = 1e-6


class Answer(NamedTuple):
    """A dispatch and what it says. Without optimality only the status and the explanation mean anything.

    objective: money over the horizon. prices: (buses, hours). residuals: recomputed outside the solver.
    uplift: by generator, zero without unit commitment.
    """

    status: str
    model: Model
    point: Point
    prices: np.ndarray
    residuals: results.Residuals
    energy: results.Energy
    uplift: np.ndarray
    explanation: list[Finding]

    @property
    def objective(self) -> float:
        """Money over the horizon, net of what capacity that already stands has cost."""
        return self.point.objective


def dispatch(
    network: Network,
    *,
    carbon_price: float = 0.0,
    time_limit: float = 0.0,
    cancelled: Callable[[], bool] | None = None,
) -> Answer:
    """The least-cost dispatch of a network, checked.

    With unit commitment the prices are those of the same commitment held fixed, and the residuals are its own.

    >>> from bashu.power.engine.network import Table
    >>> rain = Table("generators", ["rain", "coal"], bus=["Ya'an", "Chongqing"], p_nom=[90.0, 80.0], marginal_cost=[0.0, 400.0])
    >>> tie = Table("links", ["tie"], bus0=["Ya'an"], bus1=["Chongqing"], p_nom=[40.0], efficiency=[0.95])
    >>> load = Table("loads", ["city"], bus=["Chongqing"], p_set=[[60.0, 30.0]])
    >>> network = Network(["1", "2"], {"buses": Table("buses", ["Ya'an", "Chongqing"]), "generators": rain, "links": tie, "loads": load})
    >>> answer = dispatch(network)
    >>> answer.status, round(answer.objective), (answer.prices + 0).tolist()
    ('optimal', 8800, [[0.0, 0.0], [400.0, 0.0]])
    """
    return answer_of(Model(network, carbon_price=carbon_price), time_limit=time_limit, cancelled=cancelled)


def answer_of(model: Model, *, time_limit: float = 0.0, cancelled: Callable[[], bool] | None = None) -> Answer:
    """Solve a living model from where it stands, and check what comes out."""
    return checked(model, model.solve(time_limit=time_limit, cancelled=cancelled))


def checked(model: Model, point: Point) -> Answer:
    """The answer that a point of a model is, if it holds outside the solver; otherwise why there is none."""
    if point.status != "optimal":
        return nothing(model, point, reasons(model, point.status))
    lower, upper, uplift = model.lower, model.upper, np.zeros(len(model.network["generators"]))
    if model.whole:
        found, point = point, model.fix_whole_numbers(point)
        if point.status != "optimal":
            return nothing(model, point, [Finding("commitment", "it could not be priced")])
        held = model.program.whole
        lower, upper = (np.where(held, np.round(found.x), bound) for bound in (lower, upper))
        uplift = results.uplift(model, point)
    residuals = results.residuals(model.program, point, lower, upper)
    if residuals.primal > FEASIBLE or residuals.gap > CLOSED:
        worst = f"violation {residuals.primal:.1e}, duality gap {residuals.gap:.1e}"
        return nothing(model, replace(point, status="inaccurate"), [Finding("solve", worst)])
    return Answer(
        "optimal",
        model,
        point,
        results.prices(model, point),
        residuals,
        results.energy(model, point),
        uplift,
        [],
    )


def reasons(model: Model, status: str) -> list[Finding]:
    """Why a solve ended without an optimum."""
    if status == "infeasible":
        return explain(model)
    if status in ("unbounded", "unbounded_or_infeasible"):
        return endless(model) or explain(model)
    return [Finding("solve", status)]


def nothing(model: Model, point: Point, explanation: list[Finding]) -> Answer:
    """An answer without an answer."""
    nan = float("nan")
    empty = np.zeros((0, 0))
    lost = results.Residuals(nan, nan, nan)
    return Answer(point.status, model, point, empty, lost, results.Energy(nan, nan, nan, nan), np.zeros(0), explanation)
