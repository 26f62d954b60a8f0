"""Cooperative games: who should get how much of what a group gains together.

A game gives each coalition a value: an array of 2ⁿ numbers indexed by bit mask (bit i set: player i is in), value 0 for nobody.
Payoffs are arrays of n numbers. References: Peleg & Sudhölter, *Introduction to the Theory of Cooperative Games* (2007);
Maschler, Peleg & Shapley (1979) for the nucleolus by successive linear programs; Kohlberg (1971) for its certificate.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import factorial
from typing import NamedTuple

import numpy as np
from scipy.linalg import null_space
from scipy.optimize import linprog

EXACT = 1e-9  # differences below this share of the game's scale are rounding
LARGEST = 16


def game(players: int, value: Callable[[frozenset[int]], float]) -> np.ndarray:
    """The values of all coalitions from a function of the set of players.

    >>> game(2, lambda members: float(len(members) == 2)).tolist()
    [0.0, 0.0, 0.0, 1.0]
    """
    return np.array([0.0 if mask == 0 else value(members(mask)) for mask in range(1 << players)])


def members(mask: int) -> frozenset[int]:
    """The players of a coalition.

    >>> sorted(members(0b101))
    [0, 2]
    """
    return frozenset(i for i in range(mask.bit_length()) if mask >> i & 1)


def size_of(values: np.ndarray) -> int:
    """How many players the game has. Raises ValueError when the array is no game."""
    players = len(values).bit_length() - 1
    if len(values) != 1 << players or players < 1 or not np.isfinite(values).all() or values[0] != 0:
        raise ValueError("a game of n players has 2ⁿ finite values, the first of them 0")
    if players > LARGEST:
        raise ValueError(f"more than {LARGEST} players")
    return players


def incidence(players: int) -> np.ndarray:
    """Which players each coalition holds: (2ⁿ, n) of 0 and 1."""
    return (np.arange(1 << players)[:, None] >> np.arange(players) & 1).astype(float)


def shapley(values: np.ndarray) -> np.ndarray:
    """Each player's marginal contribution averaged over all orders of arrival (Shapley, 1953).

    The glove market: player 0 has a left glove, players 1 and 2 a right one each, a pair is worth 1.

    >>> glove = game(3, lambda s: float(0 in s and len(s) > 1))
    >>> shapley(glove).round(4).tolist()
    [0.6667, 0.1667, 0.1667]
    """
    players = size_of(values)
    masks = np.arange(1 << players)
    counts = incidence(players).sum(axis=1).astype(int)
    weight = np.array([factorial(k) * factorial(players - k - 1) / factorial(players) for k in range(players)])
    payoff = np.empty(players)
    for i in range(players):
        without = masks[masks >> i & 1 == 0]
        payoff[i] = weight[counts[without]] @ (values[without | 1 << i] - values[without])
    return payoff


def nash(values: np.ndarray, weights: Sequence[float] | None = None) -> np.ndarray:
    """The weighted Nash bargaining solution with each player alone as the disagreement point: the gain in proportion to weights.

    Maximises Π(xᵢ - v(i))^wᵢ over Σxᵢ = v(N). Raises ValueError for weights that are not positive, or without a gain.

    >>> nash(np.array([0, 10.0, 20.0, 60.0]), [1, 2])
    array([20., 40.])
    """
    players = size_of(values)
    share = np.ones(players) if weights is None else np.asarray(weights, float)
    if share.shape != (players,) or not (share > 0).all():
        raise ValueError("one positive weight a player")
    alone = values[1 << np.arange(players)]
    gain = values[-1] - alone.sum()
    if gain < -EXACT * scale(values):
        raise ValueError("the grand coalition is worth less than its members alone: there is nothing to bargain for")
    return alone + share / share.sum() * gain


def excess(values: np.ndarray, payoff: np.ndarray) -> np.ndarray:
    """What each coalition could still gain by leaving: v(S) - x(S), shape (2ⁿ,)."""
    return values - incidence(size_of(values)) @ payoff


def in_core(values: np.ndarray, payoff: np.ndarray) -> bool:
    """Whether the payoff divides v(N) exactly and no coalition gains by leaving.

    >>> glove = game(3, lambda s: float(0 in s and len(s) > 1))
    >>> in_core(glove, shapley(glove)), in_core(glove, np.array([1.0, 0, 0]))
    (False, True)
    """
    left = excess(values, payoff)
    return bool(left.max() <= EXACT * scale(values) and abs(left[-1]) <= EXACT * scale(values))


class LeastCore(NamedTuple):
    """The smallest ε such that no proper coalition gains more than ε by leaving, and one payoff that reaches it."""

    epsilon: float
    payoff: np.ndarray

    def core_is_empty(self, values: np.ndarray) -> bool:
        """The core is empty when even the best division leaves somebody a gain from leaving."""
        return self.epsilon > EXACT * scale(values)


def least_core(values: np.ndarray) -> LeastCore:
    """The least core (Shapley & Shubik, 1966).

    Three players of whom any two get everything have an empty core: whoever is left out can tempt one of the others away.

    >>> round(least_core(game(3, lambda s: float(len(s) > 1))).epsilon, 6)
    0.333333
    """
    players = size_of(values)
    if players == 1:
        return LeastCore(0.0, values[1:].copy())
    step = descend(values, np.zeros(0, int), proper(players))
    return LeastCore(step.level, step.payoff)


class Nucleolus(NamedTuple):
    """The nucleolus and its certificate: for each level of excess, highest first, the coalitions that reach it and weights
    that balance them (Kohlberg, 1971); checked by `certified`."""

    payoff: np.ndarray
    levels: list[tuple[float, list[int], list[float]]]


def nucleolus(values: np.ndarray) -> Nucleolus:
    """The imputation that makes the largest complaint as small as it can be, then the next largest, and so on (Schmeidler, 1969).

    Nobody gets less than alone; raises ValueError where v(N) is too small for that.

    The Talmud's estate: claims of 100, 200 and 300 on 200 (Ketubot 93a; Aumann & Maschler, 1985).

    >>> claims = (100, 200, 300)
    >>> estate = game(3, lambda s: max(0.0, 200.0 - sum(c for i, c in enumerate(claims) if i not in s)))
    >>> nucleolus(estate).payoff.round(6).tolist()
    [50.0, 75.0, 75.0]
    """
    players = size_of(values)
    if players == 1:
        return Nucleolus(values[1:].copy(), [])
    unit = scale(values)
    if values[-1] < values[1 << np.arange(players)].sum() - EXACT * unit:
        raise ValueError("the grand coalition is worth less than its members alone: nobody can be given their due")
    normal = values / unit
    held, levels_of_held = np.zeros(0, int), np.zeros(0)
    free = proper(players)
    matrix = incidence(players)
    payoff = np.zeros(players)
    while len(free):
        step = descend(normal, held, free, levels_of_held, normal[1 << np.arange(players)])
        payoff = step.payoff
        held = np.concatenate([held, step.tight])
        levels_of_held = np.concatenate([levels_of_held, np.full(len(step.tight), step.level)])
        fixed = matrix[np.concatenate([[(1 << players) - 1], held])]
        if np.linalg.matrix_rank(fixed) == players:
            payoff = np.linalg.lstsq(fixed, np.concatenate([[normal[-1]], normal[held] - levels_of_held]), rcond=None)[
                0
            ]
            break
        # what depends on the coalitions held is settled with them
        space = null_space(fixed)
        free = np.array([s for s in free if s not in step.tight and np.abs(matrix[s] @ space).max() > EXACT], dtype=int)
    return Nucleolus(payoff * unit, certificate(values, payoff * unit))


class Step(NamedTuple):
    """One linear program of the sequence: its level, the coalitions that cannot do better, a payoff that reaches it."""

    level: float
    tight: np.ndarray
    payoff: np.ndarray


def descend(
    values: np.ndarray,
    held: np.ndarray,
    free: np.ndarray,
    at: np.ndarray | None = None,
    least: np.ndarray | None = None,
) -> Step:
    """Minimise the largest excess of the free coalitions while the held ones keep theirs and nobody gets less than `least`.

    A coalition whose constraint carries a positive dual is at the level in every optimum.
    """
    players = size_of(values)
    matrix = incidence(players)
    at = np.zeros(len(held)) if at is None else at
    upper = np.hstack([-matrix[free], -np.ones((len(free), 1))])
    equal = np.hstack([matrix[np.concatenate([[(1 << players) - 1], held])], np.zeros((len(held) + 1, 1))])
    goal = np.append(np.zeros(players), 1.0)
    right = np.append(values[-1], values[held] - at)
    floor: list[float | None] = [None] * players if least is None else [float(v) for v in least]
    bounds = [*((low, None) for low in floor), (None, None)]
    answer = linprog(goal, A_ub=upper, b_ub=-values[free], A_eq=equal, b_eq=right, bounds=bounds, method="highs-ds")
    if answer.status != 0:
        raise ArithmeticError(f"the linear program of the nucleolus ended with: {answer.message}")
    tight = free[answer.ineqlin.marginals < -EXACT]
    return Step(float(answer.x[-1]), tight, answer.x[:-1])


def certificate(values: np.ndarray, payoff: np.ndarray) -> list[tuple[float, list[int], list[float]]]:
    """For each distinct level of excess: its coalitions, and weights of all coalitions down to it that cover every player alike.

    Coalitions have positive weights; players who get no more than alone add weights of zero or more, listed after them.
    Empty weights mean that the level is not balanced: the payoff is not the nucleolus.
    """
    players = size_of(values)
    left = excess(values, payoff)
    order = sorted(proper(players).tolist(), key=lambda mask: -left[mask])
    near = 1e-7 * scale(values)
    cuts = [0, *(i for i, (a, b) in enumerate(pairwise(order), 1) if left[a] - left[b] > near), len(order)]
    matrix, alone = incidence(players), at_floor(values, payoff)
    levels: list[tuple[float, list[int], list[float]]] = []
    for start, stop in pairwise(cuts):
        above = order[:stop]
        # weights of at least 1 on this family, and a free total t for everybody: Σ w_S·1_S + Σ w_i·1_i = t·1
        equal = np.hstack([matrix[above].T, matrix[alone].T, -np.ones((players, 1))])
        bounds = [*[(1, None)] * len(above), *[(0, None)] * len(alone), (None, None)]
        answer = linprog(np.ones(len(bounds)), A_eq=equal, b_eq=np.zeros(players), bounds=bounds)
        levels.append(
            (float(left[order[start]]), order[start:stop], answer.x[:-1].tolist() if answer.status == 0 else [])
        )
        if np.linalg.matrix_rank(matrix[above]) == players:
            break
    return levels


def at_floor(values: np.ndarray, payoff: np.ndarray) -> list[int]:
    """The single-player coalitions of those who get exactly what they have alone."""
    alone = 1 << np.arange(len(payoff))
    return [int(mask) for mask in alone[np.abs(payoff - values[alone]) <= 1e-7 * scale(values)]]


def certified(values: np.ndarray, found: Nucleolus) -> bool:
    """Whether the certificate proves the payoff to be the nucleolus, by arithmetic alone.

    >>> glove = game(3, lambda s: float(0 in s and len(s) > 1))
    >>> certified(glove, nucleolus(glove)), certified(glove, Nucleolus(shapley(glove), certificate(glove, shapley(glove))))
    (True, False)
    """
    players = size_of(values)
    if abs(found.payoff.sum() - values[-1]) > EXACT * scale(values) * players:
        return False
    left, matrix, above = excess(values, found.payoff), incidence(players), list[int]()
    alone = at_floor(values, found.payoff)
    for level, coalitions, weights in found.levels:
        above += coalitions
        if len(weights) != len(above) + len(alone) or min(weights[: len(above)]) <= 0 or min(weights) < -EXACT:
            return False
        if np.abs(left[coalitions] - level).max() > 1e-6 * scale(values):
            return False
        cover = np.array(weights) @ matrix[above + alone]
        if np.ptp(cover) > 1e-6 * cover.max():
            return False
    outside = [mask for mask in proper(players).tolist() if mask not in above]
    lowest = found.levels[-1][0] if found.levels else 0.0
    return players == 1 or bool(
        np.linalg.matrix_rank(matrix[above]) == players
        and (not outside or left[outside].max() <= lowest + 1e-6 * scale(values))
    )


def proper(players: int) -> np.ndarray:
    """Every coalition but nobody and everybody."""
    return np.arange(1, (1 << players) - 1)


def scale(values: np.ndarray) -> float:
    """The size of the numbers in a game, for tolerances; 1 for a game of zeros."""
    return float(np.abs(values).max()) or 1.0
