"""Budgets that many projects share: one mixed-integer programme over all of them, with a price for each budget.

Variables: z (item chosen) for each project and item, y (paid) for each project and province. HiGHS (through scipy) solves
it in floating point; totals and budgets are then added up again in whole fen from the chosen sets. The price of a budget
is its dual in the linear relaxation: what one more fen of it would bring.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import optimize, sparse

from bashu.policy.engine.choosing import CQ, SC, Problem, totals_of
from bashu.policy.engine.faults import RuleFault
from bashu.policy.engine.search import ENDLESS

SECONDS = 60.0


class Budget(NamedTuple):
    """Money for some items (a mask) over all projects together, in fen."""

    most: int
    mask: int


class Allocation(NamedTuple):
    """The best sets within the budgets. price: fen gained by one more fen of each budget; bound: no allocation pays more."""

    total: int
    masks: list[int]
    paid: list[int]
    spent: list[int]
    price: list[float]
    bound: int
    proven: bool


class Matrix(NamedTuple):
    """Rows with an upper limit each."""

    rows: sparse.csr_array
    upper: np.ndarray


def allocate(
    problem: Problem, amounts: np.ndarray, investment: np.ndarray, budgets: Sequence[Budget], seconds: float = SECONDS
) -> Allocation:
    """Choose every project's items so that all together receive most and no budget is passed.

    amounts: fen, shape (projects, items), −1 where not eligible. Stops after `seconds` with what it has and the bound.
    Raises RuleFault for a voiding share of the investment beside truncating caps, which a linear programme cannot say.
    """
    projects, items = amounts.shape
    if projects == 0:
        return Allocation(0, [], [], [0] * len(budgets), [0.0] * len(budgets), 0, True)
    if problem.share is not None and problem.share.void and not all(problem.voids | (problem.caps >= ENDLESS)):
        raise RuleFault("a voiding share of the investment cannot be allocated beside truncating caps")
    money = np.maximum(amounts, 0)
    totals = totals_of(problem, investment)
    within = projects_alone(problem, money, totals)
    shared = [budget_row(budget, money) for budget in budgets]
    rows = sparse.vstack([within.rows, *shared]).tocsr()
    upper = np.concatenate([within.upper, [budget.most for budget in budgets]])
    width = items + 2
    objective = np.tile(np.concatenate([np.zeros(items), [-1.0, -1.0]]), projects)
    highest = np.concatenate(
        [(amounts >= 0).astype(float), np.tile(np.minimum(problem.caps, 10**15).astype(float), (projects, 1))], axis=1
    ).ravel()
    whole = np.tile(np.concatenate([np.ones(items), np.zeros(2)]), projects)
    solved = optimize.milp(
        objective,
        constraints=optimize.LinearConstraint(rows, -np.inf, upper),
        bounds=optimize.Bounds(0, highest),
        integrality=whole,
        options={"mip_rel_gap": 0.0, "time_limit": seconds},
    )
    if solved.x is None:
        raise RuleFault(f"no allocation was found in {seconds:g} seconds")
    chosen = np.rint(solved.x.reshape(projects, width)[:, :items]).astype(np.int64)
    spent = [int((money * chosen)[:, bits(budget.mask, items)].sum()) for budget in budgets]
    if any(used > budget.most for used, budget in zip(spent, budgets, strict=True)):
        raise RuleFault("the solver's rounding passed a budget; nothing is allocated")
    paid = [paid_out(problem, money[index] * chosen[index], int(totals[index])) for index in range(projects)]
    bound = max(round(-solved.mip_dual_bound), sum(paid))
    relaxed = optimize.linprog(
        objective, A_ub=rows, b_ub=upper, bounds=np.column_stack([np.zeros(len(highest)), highest]), method="highs"
    )
    price = [-float(value) + 0.0 for value in relaxed.ineqlin.marginals[len(within.upper) :]]
    masks = [sum(1 << int(item) for item in np.flatnonzero(row)) for row in chosen]
    return Allocation(sum(paid), masks, paid, spent, price, bound, bound == sum(paid))


def paid_out(problem: Problem, given: np.ndarray, most: int) -> int:
    """What a project's chosen amounts pay under its caps, exactly."""
    sides = [min(int(given[problem.province == side].sum()), int(problem.caps[side])) for side in (CQ, SC)]
    return min(sum(sides), most)


def bits(mask: int, items: int) -> np.ndarray:
    """A mask as booleans."""
    return np.array([bool(mask >> item & 1) for item in range(items)])


def projects_alone(problem: Problem, money: np.ndarray, totals: np.ndarray) -> Matrix:
    """The rules of the catalogue, project by project."""
    projects, items = money.shape
    eye = sparse.eye_array(projects)
    fixed, limits = rules_of_choice(problem, items)
    blocks: list[sparse.sparray] = [sparse.kron(eye, sparse.csr_array(fixed))]
    upper = [np.tile(limits, projects)]
    for side in (CQ, SC):
        given = money * (problem.province == side)
        pays = np.zeros(items + 2)
        pays[items + side] = 1
        blocks.append(sparse.kron(eye, sparse.csr_array(pays[None, :])) - spread(given))
        upper.append(np.zeros(projects))
        if problem.voids[side]:
            blocks.append(spread(given))
            upper.append(np.full(projects, float(problem.caps[side])))
    both = np.concatenate([np.zeros(items), [1.0, 1.0]])
    if problem.share is not None:
        blocks.append(spread(money) if problem.share.void else sparse.kron(eye, sparse.csr_array(both[None, :])))
        upper.append(totals.astype(float))
    return Matrix(sparse.vstack(blocks).tocsr(), np.concatenate(upper))


def spread(values: np.ndarray) -> sparse.csr_array:
    """One row a project: its values on its own items."""
    projects, items = values.shape
    columns = (np.arange(projects)[:, None] * (items + 2) + np.arange(items)[None, :]).ravel()
    rows = np.repeat(np.arange(projects), items)
    return sparse.csr_array((values.ravel().astype(float), (rows, columns)), shape=(projects, projects * (items + 2)))


def budget_row(budget: Budget, money: np.ndarray) -> sparse.csr_array:
    """One row over all projects."""
    given = np.concatenate([money * bits(budget.mask, money.shape[1]), np.zeros((len(money), 2))], axis=1)
    return sparse.csr_array(given.ravel().astype(float)[None, :])


def rules_of_choice(problem: Problem, items: int) -> tuple[np.ndarray, np.ndarray]:
    """Exclusions, groups and prerequisites of one project: rows over its items, and their limits."""
    rows, limits = [], []
    for one in range(items):
        for other in range(items):
            if other > one and problem.excludes[one] >> other & 1:
                rows.append([float(place in (one, other)) for place in range(items + 2)])
                limits.append(1.0)
            if problem.requires[one] >> other & 1:
                rows.append([float(place == one) - float(place == other) for place in range(items + 2)])
                limits.append(0.0)
    for mask, most in zip(problem.group_masks, problem.group_most, strict=True):
        rows.append([float(place < items and bool(mask >> place & 1)) for place in range(items + 2)])
        limits.append(float(most))
    return np.array(rows).reshape(len(rows), items + 2), np.array(limits)
