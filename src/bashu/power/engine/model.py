"""The dispatch model of a network, living in the solver: solve, change bounds, solve again from where it stands."""

from collections.abc import Callable
from dataclasses import dataclass

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
    highspy.HighsModelStatus.kInterrupt: "cancelled",
}
REGULARISED = 1e-7  # the solver's own default for quadratic programs
PROXIMAL_STEPS = 3
STILL = 1e-9
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
        self.solver = load(self.program)

    @property
    def whole(self) -> bool:
        """Whether some columns must be whole numbers."""
        return bool(self.program.whole.any())

    def solve(self, *, time_limit: float = 0.0, cancelled: Callable[[], bool] | None = None) -> Point:
        """Solve from the present basis, if there is one.

        time_limit: seconds, 0 for none. cancelled: asked now and then during the solve; true ends it. A solve that ends
        without optimality has no values.
        """
        solver = self.solver
        solver.setOptionValue("time_limit", time_limit or highspy.kHighsInf)
        if cancelled is not None:
            watch(solver, cancelled)
        solver.run()
        status = STATUS.get(solver.getModelStatus(), "failed")
        if status != "optimal":
            return Point(status, np.zeros(0), np.zeros(0), float("nan"))
        solution = solver.getSolution()
        x, dual = np.array(solution.col_value), np.array(solution.row_dual)
        if self.program.quadratic.any():
            x, dual = self.refined(x, dual)
        return Point(status, x, dual, self.program.value(x), solver.getInfo().simplex_iteration_count)

    def refined(self, x: np.ndarray, dual: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Values and duals with the solver's regularisation of a quadratic program undone (proximal steps, Rockafellar 1976).

        The solver adds ½ε‖x‖²; solving again with cost c - ε·x cancels it at x. Stops when x stands still.
        """
        solver, index = self.solver, np.arange(len(self.program.cost), dtype=np.int32)
        for _ in range(PROXIMAL_STEPS):
            solver.changeColsCost(len(index), index, self.program.cost - REGULARISED * x)
            solver.run()
            if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                break
            before, solution = x, solver.getSolution()
            x, dual = np.array(solution.col_value), np.array(solution.row_dual)
            if np.abs(x - before).max(initial=0.0) <= STILL * (1 + np.abs(x).max(initial=0.0)):
                break
        solver.changeColsCost(len(index), index, self.program.cost)
        return x, dual

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
    if program.quadratic.any():
        curved = np.flatnonzero(program.quadratic).astype(np.int32)
        start = np.concatenate([[0], np.cumsum(program.quadratic != 0)]).astype(np.int32)
        solver.passHessian(
            len(program.cost),
            len(curved),
            int(highspy.HessianFormat.kTriangular),
            start,
            curved,
            program.quadratic[curved],
        )
    return solver


def watch(solver: highspy.Highs, cancelled: Callable[[], bool]) -> None:
    """Ask `cancelled` at the solver's own interruption points."""

    def ask(event: highspy.cb.HighsCallbackEvent) -> None:
        event.interrupt(cancelled())

    for signal in (solver.cbSimplexInterrupt, solver.cbIpmInterrupt, solver.cbMipInterrupt):
        signal.clear()
        signal += ask
