"""Scenario trees: each leaf equals the network it describes, solved alone."""

import numpy as np
import pytest

from bashu.power.engine.dispatch import dispatch
from bashu.power.engine.scenarios import Scenario, Weather, expected, sweep, tree, under
from power_networks import synthetic

WEATHERS = [
    Weather("wet", inflow=1.3, river=1.2, load=0.98, probability=0.3),
    Weather("normal", probability=0.6),
    Weather("drought", inflow=0.5, river=0.5, load=1.25, probability=0.1),
]
BRANCHES = [("open", [], 0.9), ("line out", ["uhv", "tie"], 0.1)]


def test_every_leaf_equals_its_own_cold_solve():
    given = synthetic(4, 48)
    found = sweep(given, tree(WEATHERS, BRANCHES))
    assert [result.scenario.name for result in found] == [leaf.name for leaf in tree(WEATHERS, BRANCHES)]
    for result in found:
        alone = under(given, result.scenario.weather)
        keep = np.array([name not in result.scenario.closed for name in alone["links"].names])
        cold = dispatch(alone.with_tables(links=alone["links"].select(keep)))
        assert result.objective == pytest.approx(cold.objective, rel=1e-9)
    assert expected(found) == pytest.approx(sum(r.scenario.probability * r.objective for r in found))


def test_drought_costs_more_and_spills_less_than_a_wet_season():
    wet, normal, dry = sweep(synthetic(4, 48), [Scenario(w.name, w) for w in WEATHERS])
    assert wet.objective < normal.objective < dry.objective
    assert wet.energy.curtailed_mwh > dry.energy.curtailed_mwh


def test_hourly_blocks_name_their_units():
    (result,) = sweep(synthetic(4, 24), [Scenario("normal", Weather("normal"))])
    for block in ("generators.p", "links.p", "storage_units.level"):
        assert result.hourly[block].shape == (len(result.units[block]), 24)
    assert result.units["storage_units.level"] == ("lake", "pumped")
    assert result.prices.shape == (6, 24)


def test_rivers_never_run_beyond_what_they_are_built_for():
    wet = under(synthetic(4, 24), Weather("flood", river=9.0))
    assert wet["generators"]["p_max_pu"].max() <= 1


def test_progress_counts_and_cancelling_leaves_the_rest_unsolved():
    leaves, seen = tree(WEATHERS, BRANCHES), []
    found = sweep(
        synthetic(4, 12),
        leaves,
        lambda done, total: seen.append((done, total)),
        cancelled=lambda: len(seen) >= 2,
    )
    assert seen == [(1, 6), (2, 6)]
    assert [result.status for result in found].count("optimal") == 2
    assert {result.status for result in found} == {"optimal", "cancelled"}
    assert np.isnan(expected(found))


def test_a_line_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="moon"):
        sweep(synthetic(4, 4), [Scenario("x", Weather("normal"), ("moon",))])


def test_probabilities_must_be_complete():
    with pytest.raises(ValueError, match="sum to"):
        expected(sweep(synthetic(4, 4), [Scenario("x", Weather("normal"), probability=0.5)]))
