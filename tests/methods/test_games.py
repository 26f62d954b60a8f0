"""Cooperative games against textbook answers, brute force and an independent library."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bashu.methods import games

CLAIMS = (100, 200, 300)


def talmud(estate: float) -> np.ndarray:
    """The bankruptcy game of an estate and CLAIMS: what is left when the others have been paid in full."""
    return games.game(3, lambda s: max(0.0, estate - sum(c for i, c in enumerate(CLAIMS) if i not in s)))


def airport(costs: tuple[float, ...]) -> np.ndarray:
    """What the aircraft of a coalition save by sharing one runway, as long as the largest of them needs."""
    return games.game(len(costs), lambda s: sum(costs[i] for i in s) - max(costs[i] for i in s))


def superadditive(players: int, seed: int) -> np.ndarray:
    """A random game in which no union loses anything."""
    rng = np.random.default_rng(seed)
    values = np.zeros(1 << players)
    for mask in range(1, 1 << players):
        parts = [values[part] + values[mask ^ part] for part in range(1, mask) if part & mask == part]
        values[mask] = max(parts, default=0.0) + round(float(rng.exponential(5)), 2)
    return values


class TestShapley:
    def test_equals_the_average_over_all_orders_of_arrival(self):
        values = superadditive(5, 1)
        orders = list(permutations(range(5)))
        average = np.zeros(5)
        for order in orders:
            mask = 0
            for player in order:
                average[player] += (values[mask | 1 << player] - values[mask]) / len(orders)
                mask |= 1 << player
        np.testing.assert_allclose(games.shapley(values), average, rtol=1e-12)

    def test_airport_users_share_each_stretch_of_runway_equally(self):
        costs = (10.0, 40.0, 70.0)
        share = np.array(costs) - games.shapley(airport(costs))
        np.testing.assert_allclose(share, [10 / 3, 10 / 3 + 15, 10 / 3 + 15 + 30])

    def test_gives_the_scarce_glove_two_thirds(self):
        glove = games.game(3, lambda s: float(0 in s and len(s) > 1))
        np.testing.assert_allclose(games.shapley(glove), [2 / 3, 1 / 6, 1 / 6])

    def test_may_fall_outside_the_core(self):
        glove = games.game(3, lambda s: float(0 in s and len(s) > 1))
        assert not games.in_core(glove, games.shapley(glove))

    @given(st.integers(0, 10_000), st.integers(2, 5))
    @settings(max_examples=30)
    def test_divides_exactly_what_everybody_gains(self, seed, players):
        values = superadditive(players, seed)
        assert games.shapley(values).sum() == pytest.approx(values[-1])


class TestNucleolus:
    @pytest.mark.parametrize(("estate", "shares"), [(100, [100 / 3] * 3), (200, [50, 75, 75]), (300, [50, 100, 150])])
    def test_divides_the_estates_of_the_talmud(self, estate, shares):
        found = games.nucleolus(talmud(estate))
        np.testing.assert_allclose(found.payoff, shares, atol=1e-9)
        assert games.certified(talmud(estate), found)

    def test_gives_the_scarce_glove_everything(self):
        glove = games.game(3, lambda s: float(0 in s and len(s) > 1))
        np.testing.assert_allclose(games.nucleolus(glove).payoff, [1, 0, 0], atol=1e-9)

    @pytest.mark.parametrize("seed", range(25))
    def test_carries_a_certificate_that_holds(self, seed):
        values = superadditive(2 + seed % 4, seed)
        found = games.nucleolus(values)
        assert found.payoff.sum() == pytest.approx(values[-1])
        assert games.certified(values, found)

    def test_certificate_refuses_another_division(self):
        values = superadditive(4, 3)
        other = games.nucleolus(values).payoff + np.array([0.5, -0.5, 0, 0])
        assert not games.certified(values, games.Nucleolus(other, games.certificate(values, other)))

    @pytest.mark.parametrize("seed", range(10))
    def test_lies_in_the_core_whenever_there_is_one(self, seed):
        values = superadditive(4, 100 + seed)
        least = games.least_core(values)
        assert games.in_core(values, games.nucleolus(values).payoff) != least.core_is_empty(values)

    def test_refuses_a_game_in_which_nobody_can_be_given_their_due(self):
        with pytest.raises(ValueError, match="nobody"):
            games.nucleolus(np.array([0, 5.0, 5.0, 9.0]))

    @pytest.mark.parametrize("seed", range(20))
    def test_agrees_with_an_independent_library(self, seed):
        peer = pytest.importorskip("coopgame")
        players = 3 + seed % 3
        values = superadditive(players, 1000 + seed)
        other = peer.Game(values[1:].tolist())
        np.testing.assert_allclose(
            games.nucleolus(values).payoff, peer.nucleolus(other)["allocation"], atol=1e-6 * values[-1]
        )
        np.testing.assert_allclose(games.shapley(values), peer.shapley(other), rtol=1e-9)


class TestNash:
    def test_for_two_it_is_the_shapley_value(self):
        values = np.array([0.0, 3, 4, 20])
        np.testing.assert_allclose(games.nash(values), games.shapley(values))

    def test_divides_the_gain_by_weight(self):
        np.testing.assert_allclose(games.nash(np.array([0.0, 3, 4, 20]), [3, 1]), [3 + 9.75, 4 + 3.25])

    @pytest.mark.parametrize("weights", [[1, 0], [1], [-1, 2]])
    def test_refuses_weights_that_are_not_positive(self, weights):
        with pytest.raises(ValueError, match="weight"):
            games.nash(np.array([0.0, 1, 1, 5]), weights)


class TestCore:
    def test_majority_game_has_an_empty_core(self):
        majority = games.game(3, lambda s: float(len(s) > 1))
        found = games.least_core(majority)
        assert found.epsilon == pytest.approx(1 / 3)
        assert found.core_is_empty(majority)

    def test_a_game_of_zeros_has_a_core(self):
        assert not games.least_core(np.zeros(8)).core_is_empty(np.zeros(8))


@pytest.mark.parametrize("values", [[0.0, 1, 2], [1.0, 1], [0.0, float("nan")]])
def test_what_is_no_game_is_refused(values):
    with pytest.raises(ValueError, match="game"):
        games.shapley(np.array(values))
