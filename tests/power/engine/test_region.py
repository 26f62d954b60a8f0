"""The region's model: its hours add up to what is cited, and its dispatch says what its series say."""

from datetime import datetime

import numpy as np
import pytest

from bashu.power.engine import region as model
from bashu.power.engine.coalitions import ownership
from bashu.power.engine.dispatch import answer_of
from bashu.power.engine.hours import hours_of, totals_of
from bashu.power.engine.model import Model
from bashu.power.formats.region import region_facts, region_of

SHORT = {"hours": 72}


@pytest.fixture(scope="module")
def region() -> model.Region:
    return region_of(region_facts())


def short(season: str) -> model.Horizon:
    return model.horizon_of(season, **SHORT)


def solved(region: model.Region, season: str, configuration: str):
    living = Model(model.network_of(region, short(season)))
    living.switch("links", model.closed_in(region, configuration), on=False)
    return answer_of(living)


class TestNetwork:
    def test_a_year_draws_the_cited_energy_and_reaches_the_cited_peak(self, region):
        network = model.network_of(region, model.Horizon(datetime(2025, 1, 1), 8760))
        loads = network["loads"]
        for side in model.SIDES:
            drawn = loads["p_set"][[bus.startswith(side) for bus in loads["bus"]]].sum(axis=0)
            assert drawn.sum() == pytest.approx(region.totals[f"{side}-load"], rel=1e-9)
            assert drawn.max() == pytest.approx(region.totals[f"{side}-peak"], rel=1e-9)

    def test_a_drought_halves_what_reservoirs_receive(self, region):
        horizon = model.Horizon(datetime(2025, 8, 11), 48)
        usual, dry = (model.network_of(region, horizon._replace(season=season)) for season in ("normal", "drought"))
        ratio = dry["storage_units"]["inflow"].sum() / usual["storage_units"]["inflow"].sum()
        assert ratio == pytest.approx(0.5)

    def test_steps_keep_the_energy_of_the_hours(self, region):
        horizon = model.Horizon(datetime(2025, 3, 1), 48)
        fine, coarse = (model.network_of(region, horizon._replace(step=step)) for step in (1, 3))
        assert (coarse["loads"]["p_set"] @ coarse.cost_hours).sum() == pytest.approx(fine["loads"]["p_set"].sum())

    def test_the_digest_tells_networks_apart_and_is_the_same_for_the_same(self, region):
        first, again, other = (
            model.digest_of(model.network_of(region, short(season))) for season in ("wet", "wet", "drought")
        )
        assert first == again != other

    @pytest.mark.parametrize(
        ("start", "hours", "step", "problem"),
        [((2025, 12, 31), 48, 1, "leaves its year"), ((2025, 1, 1), 48, 5, "does not divide"), ((2025, 1, 1), 0, 1, "leaves")],
    )  # fmt: skip
    def test_impossible_horizons_are_refused(self, region, start, hours, step, problem):
        with pytest.raises(ValueError, match=problem):
            model.network_of(region, model.Horizon(datetime(*start), hours, step))

    def test_every_bus_has_a_player_and_the_line_has_an_owner_of_its_own(self, region):
        network = model.network_of(region, short("wet"))
        own = ownership(network, model.players_of(region))
        assert len(own.players) == 4
        assert {own.players[i] for i in own.component.values()} == {"UHV"}


class TestDispatch:
    @pytest.mark.parametrize("season", ["wet", "drought"])
    def test_more_of_the_grid_never_costs_more(self, region, season):
        apart, joint, line = (solved(region, season, how).objective for how in ("separate", "joint", "uhv"))
        assert apart >= joint * (1 - 1e-9) >= line * (1 - 2e-9)
        assert apart > joint

    def test_nothing_flows_between_the_provinces_apart(self, region):
        answer = solved(region, "wet", "separate")
        hours = hours_of(answer, region)
        assert (
            max(
                abs(values).max()
                for (kind, _, what), values in hours.items()
                if kind == "flow" and what in ("tie", "uhv")
            )
            == 0
        )
        assert totals_of(answer, region, hours).exchanged_mwh == 0

    def test_the_series_balance_at_every_zone_and_hour(self, region):
        answer = solved(region, "drought", "uhv")
        hours = hours_of(answer, region)
        for zone in region.zones:
            net = sum(
                values if kind in ("generation", "unserved") else -values
                for (kind, place, _), values in hours.items()
                if place == zone.id and kind in ("generation", "unserved", "load")
            )
            for line in region.lines:
                flow = hours["flow", line.id, line.kind]
                there, back, kept = np.maximum(flow, 0), np.maximum(-flow, 0), 1 - line.loss
                if line.zone0 == zone.id:
                    net = net - there + back * kept
                if line.zone1 == zone.id:
                    net = net + there * kept - back
            assert abs(net).max() < 1e-4

    def test_the_totals_are_the_sums_of_the_series_and_the_engines_own(self, region):
        answer = solved(region, "drought", "separate")
        hours = hours_of(answer, region)
        totals = totals_of(answer, region, hours)
        unserved = sum(values.sum() for (kind, _, _), values in hours.items() if kind == "unserved")
        assert totals.unserved_mwh == pytest.approx(unserved)
        assert sum(side.load for side in totals.sides.values()) == pytest.approx(
            sum(values.sum() for (kind, _, what), values in hours.items() if kind == "load" and what == "load")
        )
