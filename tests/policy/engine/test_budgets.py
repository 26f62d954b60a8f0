"""Shared budgets: against every combination of sets of a few projects."""

import itertools
import random
from fractions import Fraction

import numpy as np
import pytest
from tests.policy.engine.test_choosing import random_catalogue, worth

from bashu.policy.engine.budgets import Budget, allocate
from bashu.policy.engine.choosing import CQ, SC, Cap, Catalogue, Item, Share, choose, problem_of
from bashu.policy.engine.faults import RuleFault


class TestAllocate:
    def test_equals_trying_every_combination(self):
        rng = random.Random(3)
        compared = 0
        while compared < 25:
            catalogue = random_catalogue(rng, 4)
            if catalogue.share and catalogue.share.void:
                continue
            amounts = np.array([[rng.randint(-1, 20) for _ in range(4)] for _ in range(3)])
            investment, budget = np.array([60, 80, 100]), Budget(rng.randint(5, 40), 0b0111)
            found = allocate(problem_of(catalogue), amounts, investment, [budget])
            assert found.total == best_of_all(catalogue, amounts, investment, budget)
            assert found.proven
            assert found.spent[0] <= budget.most
            compared += 1

    def test_without_scarcity_it_is_each_project_alone_and_the_budget_has_no_price(self):
        problem = problem_of(Catalogue((Item("a", CQ), Item("b", SC)), {SC: Cap(5)}))
        amounts, investment = np.array([[3, 9], [4, 2]]), np.array([100, 100])
        found = allocate(problem, amounts, investment, [Budget(1000, 0b11)])
        assert found.paid == choose(problem, amounts, investment).total.tolist()
        assert found.price == [0.0]

    def test_a_scarce_budget_has_the_price_of_the_next_fen(self):
        problem = problem_of(Catalogue((Item("a", CQ),), {}))
        found = allocate(problem, np.array([[10], [10]]), np.array([100, 100]), [Budget(15, 1)])
        assert (found.total, found.spent, found.price) == (10, [10], [1.0])

    def test_a_voiding_share_beside_truncating_caps_is_refused(self):
        problem = problem_of(Catalogue((Item("a", CQ),), {CQ: Cap(5)}, Share(Fraction(1, 2), True)))
        with pytest.raises(RuleFault, match="voiding share"):
            allocate(problem, np.array([[10]]), np.array([100]), [])


def best_of_all(catalogue, amounts, investment, budget):
    """The greatest total by trying every combination of sets."""
    options = []
    for row, money in zip(amounts.tolist(), investment.tolist(), strict=True):
        sets = [[index for index in range(4) if bits >> index & 1] for bits in range(16)]
        paid = [
            (worth(catalogue, row, money, members), sum(row[index] for index in members if budget.mask >> index & 1))
            for members in sets
        ]
        options.append([pair for pair in paid if pair[0] is not None])
    return max(
        sum(pair[0] for pair in combination)
        for combination in itertools.product(*options)
        if sum(pair[1] for pair in combination) <= budget.most
    )
