"""Choosing: against all subsets of small catalogues, and what must hold of any choice."""

import random
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from bashu.policy.engine.choosing import CQ, SC, Cap, Catalogue, Item, Share, choose, only, problem_of, rejections
from bashu.policy.engine.faults import RuleFault

SECTIONS = [None, "a", "b", "c"]


def worth(catalogue, amounts, investment, members):
    """What a set pays, None when a rule forbids it."""
    items = catalogue.items
    names = {items[index].id for index in members}
    topics = [items[index].topic for index in members if items[index].topic]
    if any(
        amounts[index] < 0 or not set(items[index].requires) <= names or set(items[index].excludes) & names
        for index in members
    ):
        return None
    if len(topics) != len(set(topics)) or any(len(names & set(group)) > most for most, group in catalogue.groups):
        return None
    total = 0
    for side in (CQ, SC):
        spent = sum(amounts[index] for index in members if items[index].province == side)
        if side in catalogue.caps:
            if catalogue.caps[side].void and spent > catalogue.caps[side].most:
                return None
            spent = min(spent, catalogue.caps[side].most)
        total += spent
    if catalogue.share and total > investment * catalogue.share.share:
        return None if catalogue.share.void else int(investment * catalogue.share.share)
    return total


def every_subset(catalogue, amounts, investment):
    """Total, number and ids of the best set by trying all."""
    best = (0, 0, [])
    for bits in range(1 << len(catalogue.items)):
        members = [index for index in range(len(catalogue.items)) if bits >> index & 1]
        total = worth(catalogue, amounts, investment, members)
        if total is not None:
            best = min(best, (-total, len(members), [catalogue.items[index].id for index in members]))
    return best


def random_catalogue(rng, size):
    items = tuple(
        Item(
            f"i{index}", rng.randint(0, 1), rng.choice(SECTIONS),
            tuple(f"i{other}" for other in range(index) if rng.random() < 0.1),
            tuple(f"i{other}" for other in range(size) if other != index and rng.random() < 0.05),
        )
        for index in range(size)
    )  # fmt: skip
    caps = {side: Cap(rng.randint(5, 60), rng.random() < 0.4) for side in (CQ, SC) if rng.random() < 0.7}
    share = Share(Fraction(rng.randint(1, 9), 10), rng.random() < 0.3) if rng.random() < 0.5 else None
    groups = tuple(
        (rng.randint(1, 2), tuple(f"i{other}" for other in range(size) if rng.random() < 0.5))
        for _ in range(rng.randint(0, 2))
    )
    return Catalogue(items, caps, share, groups)


def chosen(catalogue, mask):
    return [item.id for index, item in enumerate(catalogue.items) if int(mask) >> index & 1]


class TestChoose:
    def test_equals_trying_every_subset_ties_included(self):
        rng = random.Random(5)
        for _ in range(300):
            catalogue = random_catalogue(rng, rng.randint(1, 9))
            amounts, investment = [rng.randint(-1, 20) for _ in catalogue.items], rng.randint(10, 120)
            best = choose(problem_of(catalogue), np.array([amounts]), np.array([investment]))
            assert best.proven[0]
            assert best.bound[0] == best.total[0]
            got = (-int(best.total[0]), int(best.mask[0]).bit_count(), chosen(catalogue, best.mask[0]))
            assert got == every_subset(catalogue, amounts, investment), (catalogue, amounts, investment)

    def test_many_projects_at_once_equal_one_at_a_time(self):
        rng = random.Random(6)
        catalogue = random_catalogue(rng, 9)
        problem = problem_of(catalogue)
        amounts = np.array([[rng.randint(-1, 30) for _ in range(9)] for _ in range(1200)])
        investment = np.array([rng.randint(10, 200) for _ in range(1200)])
        whole = choose(problem, amounts, investment)
        for index in range(0, 1200, 100):
            one = choose(problem, amounts[index : index + 1], investment[index : index + 1])
            assert (one.total[0], one.mask[0]) == (whole.total[index], whole.mask[index])

    def test_a_higher_cap_never_pays_less(self):
        rng = random.Random(7)
        for _ in range(50):
            catalogue = random_catalogue(rng, 8)
            amounts, investment = np.array([[rng.randint(-1, 20) for _ in range(8)]]), np.array([100])
            higher = replace(
                catalogue, caps={side: Cap(cap.most + 5, cap.void) for side, cap in catalogue.caps.items()}
            )
            if catalogue.share and catalogue.share.void:
                continue
            before, after = (choose(problem_of(one), amounts, investment).total[0] for one in (catalogue, higher))
            assert after >= before

    def test_both_catalogues_are_never_worse_than_one(self):
        rng = random.Random(8)
        for _ in range(50):
            catalogue = random_catalogue(rng, 8)
            problem, amounts = problem_of(catalogue), np.array([[rng.randint(-1, 20) for _ in range(8)]])
            both = choose(problem, amounts, np.array([100])).total[0]
            for side in (CQ, SC):
                assert choose(problem, only(problem, amounts, side), np.array([100])).total[0] <= both

    def test_amounts_beyond_range_are_refused(self):
        problem = problem_of(Catalogue((Item("a", CQ),), {}))
        with pytest.raises(ValueError, match="between 0 and"):
            choose(problem, np.array([[10**16]]), np.array([1]))


class TestRejections:
    def test_the_best_total_with_a_rejected_item_equals_trying_every_subset(self):
        rng = random.Random(9)
        for _ in range(60):
            catalogue = random_catalogue(rng, 7)
            problem, amounts, investment = (
                problem_of(catalogue),
                np.array([rng.randint(-1, 20) for _ in range(7)]),
                rng.randint(20, 120),
            )
            best = choose(problem, amounts[None, :], np.array([investment]))
            for item in rejections(catalogue, problem, amounts, investment, int(best.mask[0])):
                place = int(item.item[1:])
                sets = [
                    [index for index in range(7) if bits >> index & 1] for bits in range(1 << 7) if bits >> place & 1
                ]
                totals = [
                    total
                    for members in sets
                    if (total := worth(catalogue, amounts.tolist(), investment, members)) is not None
                ]
                assert item.best_with == max(totals, default=None), (catalogue, amounts, item)

    def test_each_reason_is_named(self):
        items = (
            Item("a", CQ, "one"), Item("b", SC, "one"), Item("c", CQ, None, ("z",)), Item("d", CQ), Item("e", SC), Item("z", CQ),
        )  # fmt: skip
        catalogue = Catalogue(items, {SC: Cap(5, True)}, None, ((1, ("a", "d")),))
        amounts = np.array([10, 3, 4, 2, 6, -1])
        best = choose(problem_of(catalogue), amounts[None, :], np.array([100]))
        reasons = {
            item.item: item.reason
            for item in rejections(catalogue, problem_of(catalogue), amounts, 100, int(best.mask[0]))
        }
        assert reasons == {"b": "excluded", "c": "prerequisite", "d": "group_full", "e": "void", "z": "not_eligible"}


class TestCatalogue:
    @pytest.mark.parametrize(
        ("items", "says"),
        [
            ((Item("b", CQ), Item("a", CQ)), "in order of id"),
            ((Item("a", CQ), Item("a", CQ)), "each once"),
            ((Item("a", CQ, None, ("b",)), Item("b", CQ, None, ("a",))), "requires itself"),
            ((Item("a", CQ, None, (), ("x",)),), "no item is called x"),
            (tuple(Item(f"i{index:02d}", CQ) for index in range(63)), "at most 62"),
        ],
    )
    def test_what_cannot_be_weighed_is_refused(self, items, says):
        with pytest.raises(RuleFault, match=says):
            problem_of(Catalogue(items, {}))
