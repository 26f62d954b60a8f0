"""The game of a power pool, on networks small enough to know the answer."""

import numpy as np
import pytest

from bashu.methods import games
from bashu.power.engine.coalitions import Unsolvable, divide, in_fen, islands, ownership, part
from bashu.power.engine.dispatch import dispatch
from bashu.power.engine.network import Network, Table


def pool(**more) -> Network:
    """Rain in the mountains, coal in the city, an old tie of 20 MW and a new line of 30 MW."""
    tables = {
        "buses": Table("buses", ["mountain", "city"]),
        "generators": Table(
            "generators",
            ["rain", "dam", "coal"],
            bus=["mountain", "mountain", "city"],
            p_nom=[100.0, 50.0, 80.0],
            marginal_cost=[0.0, 10.0, 400.0],
        ),
        "links": Table("links", ["old", "new"], bus0=["mountain"] * 2, bus1=["city"] * 2, p_nom=[20.0, 30.0]),
        "loads": Table("loads", ["m", "c"], bus=["mountain", "city"], p_set=[[60.0], [70.0]]),
    }
    return Network(["now"], tables | more)


PLAYERS = {"north": ["mountain"], "south": ["city"], "builder": ["new"]}


class TestValue:
    def test_counts_only_what_the_members_have(self):
        found = divide(pool(), ownership(pool(), PLAYERS))
        # alone the city burns 70; over the old tie 20 come free; with the builder 20 + 30, of which 10 cost 10 each
        assert found.values.tolist() == pytest.approx([0, 0, 0, 20 * 400, 0, 0, 0, 50 * 400 - 10 * 10])

    def test_with_existing_ties_as_baseline_only_the_new_line_counts(self):
        found = divide(pool(), ownership(pool(), PLAYERS), baseline="ties", existing=["old"])
        assert found.values.tolist() == pytest.approx([0, 0, 0, 0, 0, 0, 0, 30 * 400 - 10 * 10])
        assert found.settlement.sum() == pytest.approx(found.values[-1])

    def test_a_players_own_line_between_its_own_buses_is_nothing_new(self):
        # one player owns both ends and the new line: with the old tie as it is, nobody gains anything by joining
        own = ownership(pool(), {"both": ["mountain", "city", "new"]})
        assert divide(pool(), own, baseline="ties", existing=["old"]).values.tolist() == [0, 0]
        three = pool(buses=Table("buses", ["mountain", "city", "far"]))
        own = ownership(three, {"both": ["mountain", "city", "new"], "other": ["far"]})
        assert divide(three, own, baseline="ties", existing=["old"]).values.tolist() == pytest.approx([0, 0, 0, 0])

    def test_existing_ties_mean_nothing_where_everybody_was_alone_and_are_refused(self):
        with pytest.raises(ValueError, match="ties"):
            divide(pool(), ownership(pool(), PLAYERS), existing=["old"])

    def test_every_division_gives_away_exactly_the_gain(self):
        found = divide(pool(), ownership(pool(), PLAYERS))
        for payoff in (found.shapley, found.nucleolus.payoff, found.nash, found.settlement):
            assert payoff.sum() == pytest.approx(found.values[-1])
        assert games.certified(found.values, found.nucleolus)

    def test_two_players_halve_the_gain_whatever_the_rule(self):
        own = ownership(pool(), {"north": ["mountain"], "south": ["city"]})
        found = divide(pool(), own)
        half = found.values[-1] / 2
        for payoff in (found.shapley, found.nucleolus.payoff, found.nash):
            assert payoff.tolist() == pytest.approx([half, half])

    def test_settlement_pays_at_the_prices_of_both_ends(self):
        found = divide(pool(), ownership(pool(), {"north": ["mountain"], "south": ["city"]}))
        # prices 10 and 400; 50 MW flow: the sellers' side gains on its own rain, the rent of 50·390 is halved
        assert found.settlement.sum() == pytest.approx(50 * 400 - 100)
        assert found.settlement[0] == pytest.approx(50 * 10 - 10 * 10 + 50 * 390 / 2)

    def test_islands_cost_together_what_they_cost_apart(self):
        given = pool()
        own = ownership(given, PLAYERS)
        apart = part(given, own, frozenset({0, 1}), frozenset({"old", "new"}))
        pieces = islands(apart)
        assert len(pieces) == 2
        assert sum(dispatch(piece).objective for piece in pieces) == pytest.approx(dispatch(apart).objective)

    def test_a_player_who_cannot_serve_its_load_alone_is_named(self):
        thirsty = pool(loads=Table("loads", ["c"], bus=["city"], p_set=[[100.0]]))
        with pytest.raises(Unsolvable, match="south"):
            divide(thirsty, ownership(thirsty, PLAYERS))

    def test_a_shared_carbon_cap_is_refused(self):
        capped = pool(limits=Table("limits", ["cap"], sense=["<="], constant=[5.0]))
        with pytest.raises(ValueError, match="cap"):
            divide(capped, ownership(capped, PLAYERS))

    def test_the_worked_example_of_the_guide(self):
        given = Network(
            ["now"],
            {
                "buses": Table("buses", ["mountain", "city"]),
                "generators": Table(
                    "generators",
                    ["rain", "coal"],
                    bus=["mountain", "city"],
                    p_nom=[90.0, 80.0],
                    marginal_cost=[0.0, 400.0],
                ),
                "links": Table("links", ["tie"], bus0=["mountain"], bus1=["city"], p_nom=[40.0], efficiency=[0.95]),
                "loads": Table("loads", ["city"], bus=["city"], p_set=[[60.0]]),
            },
        )
        found = divide(given, ownership(given, {"mountain": ["mountain"], "city": ["city"]}))
        assert [cost.money for cost in found.costs[1:]] == pytest.approx([0, 24_000, 8_800])
        for payoff in (found.shapley, found.nucleolus.payoff, found.nash, found.settlement):
            assert payoff.tolist() == pytest.approx([7_600, 7_600])
        assert in_fen(found.shapley - found.settlement)[0].tolist() == [0, 0]


class TestOwnership:
    @pytest.mark.parametrize(
        ("players", "word"),
        [
            ({"a": ["mountain"]}, "city"),
            ({"a": ["mountain", "city"], "b": ["city"]}, "two players"),
            ({"a": ["mountain", "city", "moon"]}, "moon"),
        ],
    )
    def test_lists_that_do_not_divide_the_network_are_refused(self, players, word):
        with pytest.raises(ValueError, match=word):
            ownership(pool(), players)


@pytest.mark.parametrize("seed", range(20))
def test_transfers_in_fen_sum_to_zero(seed):
    amounts = np.random.default_rng(seed).normal(0, 1e6, 7)
    amounts -= amounts.mean()
    fen, _ = in_fen(amounts)
    assert fen.sum() == 0
    assert np.abs(fen - amounts * 100).max() < 1.5
