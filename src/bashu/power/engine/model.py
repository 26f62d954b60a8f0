"""The dispatch model of a network, living in the solver: solve, change bounds, solve again from where it stands."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from bashu.power.engine.commitment import add_commitment
from bashu.power.engine.components import (
    Frame,
    add_flexible_loads,
    add_generators,
    add_limits,
    add_lines,
    add_links,
    add_loads,
    add_unserved,
)
from bashu.power.engine.network import Network, active_only
from bashu.power.engine.program import Assembly, Program
from bashu.power.engine.storage import add_storage_units, add_stores

STATUS = {
    highspy.HighsModelStatus.kOptimal: "optimal",
    highspy.HighsModelStatus.kInfeasible: "infeasible",
    highspy.HighsModelStatus.kUnbounded: "unbounded",
    highspy.HighsModelStatus.kUnboundedOrInfeasible: "unbounded_or_infeasible",
    highspy.HighsModelStatus.kTimeLimit: "time_limit",
    highspy.HighsModelStatus.kIterationLimit: "iteration_limit",
    highspy.HighsModelStatus.kInterrupt: "cancelled",
}
ROUNDS = 60
AGREED = 1e-11  # what tangents may still miss of curved costs, as a share of the objective
REACH = 1e4  # megawatts within which an unbounded curve gets its first tangents
SMALL = 20_000  # rows up to which presolve takes longer than it saves, as measured on weeks and their coalitions
FLOWS = {"links": "links.p", "lines": "lines.s"}


@dataclass
class Point:
    """Where a solve ended: status, values of columns, duals of rows, both empty unless the status is optimal."""

    status: str
    x: np.ndarray
    dual: np.ndarray
    objective: float
    iterations: int = 0


class Model:
    """A network's program and the solver that holds it.

    carbon_price: money a tonne, added to the cost of what burns fuel. Blocks of columns and rows are found by name in
    `columns` and `rows`, each an array of indices shaped (units, hours).
    """

    def __init__(self, network: Network, *, carbon_price: float = 0.0) -> None:
        self.network = active_only(network)
        build = Assembly()
        shape = (len(self.network["buses"]), self.network.hours)
        build.offset = self.network.fixed_cost
        balance = build.rows("balance", shape)
        frame = Frame(self.network, build, balance, carbon_price)
        self.demand = add_loads(frame)
        add_unserved(frame, self.demand)
        add_generators(frame)
        add_commitment(frame)
        add_storage_units(frame)
        add_stores(frame)
        add_links(frame)
        add_lines(frame)
        add_flexible_loads(frame)
        add_limits(frame)
        self.frame = frame
        self.columns, self.rows = build.column_blocks, build.row_blocks
        self.program = settle(build.program(), balance, self.demand)
        self.lower, self.upper = self.program.lower.copy(), self.program.upper.copy()
        self.curved = np.flatnonzero(self.program.quadratic)
        self.solver = load(self.program)

    @property
    def whole(self) -> bool:
        """Whether some columns must be whole numbers."""
        return bool(self.program.whole.any())

    def solve(
        self, *, time_limit: float = 0.0, cancelled: Callable[[], bool] | None = None, iteration_limit: int = 0
    ) -> Point:
        """Solve from the present basis, if there is one.

        time_limit: seconds; iteration_limit: of the simplex; 0 for none. cancelled: asked now and then during the solve; true
        ends it. A solve that ends without optimality has no values.
        """
        solver = self.solver
        if time_limit:
            time_limit += solver.getRunTime()  # the solver's clock runs on from solve to solve
        solver.setOptionValue("time_limit", time_limit or highspy.kHighsInf)
        solver.setOptionValue("simplex_iteration_limit", iteration_limit or highspy.kHighsIInf)
        if cancelled is not None:
            watch(solver, cancelled)
        solver.run()
        status = STATUS.get(solver.getModelStatus(), "failed")
        if status != "optimal":
            return Point(status, np.zeros(0), np.zeros(0), float("nan"))
        if self.curved.size and (status := self.close_in()) != "optimal":
            return Point(status, np.zeros(0), np.zeros(0), float("nan"))
        solution = solver.getSolution()
        x = np.array(solution.col_value)[: len(self.program.cost)]
        dual = np.array(solution.row_dual)[: len(self.program.row_lower)]
        return Point(status, x, dual, self.program.value(x), solver.getInfo().simplex_iteration_count)

    def start(self, columns: np.ndarray, rows: np.ndarray) -> None:
        """Begin the next solve from a basis: the solver's status number of each column and each row.

        Raises ValueError when that is no basis of this program.
        """
        words = [highspy.HighsBasisStatus(number) for number in range(5)]
        basis = highspy.HighsBasis()
        basis.col_status = [words[number] for number in columns.tolist()]
        basis.row_status = [words[number] for number in rows.tolist()]
        basis.valid = True
        if self.solver.setBasis(basis) != highspy.HighsStatus.kOk:
            raise ValueError("not a basis of this program")

    def close_in(self) -> str:
        """Add tangents where the curves lie above them until curve and tangents agree (Kelley, 1960); the status at the end.

        Each round cuts the distance on every curve about fourfold, and starts from the last basis. Tangents hold for any
        bounds, so they serve the next solve as well.
        """
        for _ in range(ROUNDS):
            values = np.array(self.solver.getSolution().col_value)
            x, below = values[self.curved], values[len(self.program.cost) :]
            missing = 0.5 * self.program.quadratic[self.curved] * x**2 - below
            if missing.sum() <= AGREED * (1 + abs(self.program.value(values[: len(self.program.cost)]))):
                break
            add_tangents(self.solver, self.program, self.curved, np.where(missing > 0, x, np.nan))
            self.solver.run()
            if (status := STATUS.get(self.solver.getModelStatus(), "failed")) != "optimal":
                return status
        return "optimal"

    def bound(self, columns: np.ndarray, lower: np.ndarray | float, upper: np.ndarray | float) -> None:
        """Change the bounds of columns, given by their indices in any shape."""
        index = columns.ravel().astype(np.int32)
        self.lower[index] = np.broadcast_to(lower, columns.shape).ravel()
        self.upper[index] = np.broadcast_to(upper, columns.shape).ravel()
        self.solver.changeColsBounds(len(index), index, self.lower[index], self.upper[index])

    def switch(self, kind: str, names: list[str], *, on: bool) -> None:
        """Open or close links or lines: flows go to zero, or back to the bounds they were built with.

        A line that is off also leaves its angles free. Raises KeyError for an unknown name.
        """
        table = self.network[kind]
        units = np.array([table.position(name) for name in names], dtype=int)
        if not len(units):
            return
        flows = self.columns[FLOWS[kind]][units]
        if on:
            self.bound(flows, self.program.lower[flows], self.program.upper[flows])
        else:
            self.bound(flows, 0.0, 0.0)
        if kind == "lines":
            rows = self.rows["lines.kirchhoff"][units]
            free = np.full(rows.shape, highspy.kHighsInf)
            lower, upper = (self.program.row_lower[rows], self.program.row_upper[rows]) if on else (-free, free)
            for row, low, high in zip(rows.ravel(), lower.ravel(), upper.ravel(), strict=True):
                self.solver.changeRowBounds(int(row), float(low), float(high))

    def fix_whole_numbers(self, point: Point) -> Point:
        """Solve again with the whole numbers of a point held, as a linear program: the prices of a commitment."""
        index = np.flatnonzero(self.program.whole).astype(np.int32)
        held = np.round(point.x[index])
        self.solver.changeColsBounds(len(index), index, held, held)
        kinds = np.zeros(len(index), dtype=np.uint8)
        self.solver.changeColsIntegrality(len(index), index, kinds)
        again = self.solve()
        self.solver.changeColsBounds(len(index), index, self.lower[index], self.upper[index])
        self.solver.changeColsIntegrality(len(index), index, np.ones(len(index), dtype=np.uint8))
        return again


def settle(program: Program, balance: np.ndarray, demand: np.ndarray) -> Program:
    """Put the demand on the right-hand side of the balance rows."""
    program.row_lower[balance] = demand
    program.row_upper[balance] = demand
    return program


def load(program: Program) -> highspy.Highs:
    """A silent solver on one thread that holds the program."""
    solver = highspy.Highs()
    for option, value in (("output_flag", False), ("threads", 1), ("mip_rel_gap", 0.0), ("mip_abs_gap", 0.0)):
        solver.setOptionValue(option, value)
    matrix = program.matrix
    if len(program.row_lower) <= SMALL and not program.whole.any() and not program.quadratic.any():
        solver.setOptionValue("presolve", "off")
    solver.passModel(
        len(program.cost),
        len(program.row_lower),
        matrix.nnz,
        int(highspy.MatrixFormat.kColwise),
        int(highspy.ObjSense.kMinimize),
        program.offset,
        program.cost,
        program.lower,
        program.upper,
        program.row_lower,
        program.row_upper,
        matrix.indptr.astype(np.int32),
        matrix.indices.astype(np.int32),
        matrix.data,
        program.whole.astype(np.int32),
    )
    curved = np.flatnonzero(program.quadratic)
    if len(curved):
        count = len(curved)
        none = np.zeros(0, np.int32)
        free = np.full(count, highspy.kHighsInf)
        solver.addCols(count, np.ones(count), -free, free, 0, np.zeros(count, np.int32), none, np.zeros(0))
        low, high = np.maximum(program.lower[curved], -REACH), np.minimum(program.upper[curved], REACH)
        for share in (0.0, 0.25, 0.5, 0.75, 1.0):
            add_tangents(solver, program, curved, low + share * (high - low))
    return solver


def add_tangents(solver: highspy.Highs, program: Program, curved: np.ndarray, at: np.ndarray) -> None:
    """One row for each curved column whose point in `at` is a number: curve variable ≥ the tangent of ½·Q·x² there."""
    which = np.flatnonzero(~np.isnan(at))
    point, bend = at[which], program.quadratic[curved[which]]
    count = len(which)
    columns = np.stack([curved[which], len(program.cost) + which], axis=1).ravel().astype(np.int32)
    values = np.stack([-bend * point, np.ones(count)], axis=1).ravel()
    start = np.arange(0, 2 * count, 2, dtype=np.int32)
    top = np.full(count, highspy.kHighsInf)
    solver.addRows(count, -0.5 * bend * point**2, top, 2 * count, start, columns, values)


def watch(solver: highspy.Highs, cancelled: Callable[[], bool]) -> None:
    """Ask `cancelled` at the solver's own interruption points."""

    def ask(event: Any) -> None:
        event.interrupt(cancelled())

    for signal in (solver.cbSimplexInterrupt, solver.cbIpmInterrupt, solver.cbMipInterrupt):
        signal.clear()
        signal.subscribe(ask)
