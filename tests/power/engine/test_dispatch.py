"""Dispatch against answers that can be worked out by hand, and properties that hold for every network."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bashu.power.engine.check import findings
from bashu.power.engine.dispatch import answer_of, dispatch
from bashu.power.engine.model import Model
from bashu.power.engine.network import Network, Table
from bashu.power.engine.results import degenerate_prices, receipts, values
from power_networks import COAL, generators, load, network, synthetic


class TestMeritOrder:
    def test_cheap_power_flows_until_the_tie_is_full_and_losses_are_paid(self):
        rain = generators(
            names=["rain", "coal"], bus=["mountain", "city"], p_nom=[90.0, 80.0], marginal_cost=[0.0, 400.0]
        )
        tie = Table("links", ["tie"], bus0=["mountain"], bus1=["city"], p_nom=[40.0], efficiency=[0.95])
        answer = dispatch(network(1, generators=rain, links=tie, loads=load(60)))
        assert answer.objective == pytest.approx((60 - 0.95 * 40) * 400)
        np.testing.assert_allclose(answer.prices[:, 0], [0, 400], atol=1e-9)

    def test_price_is_the_dual_over_the_weight_of_the_snapshot(self):
        weighted = replace(
            network(2, generators=generators(**COAL), loads=load(50, 60)), cost_hours=np.array([3.0, 1.0])
        )
        answer = dispatch(weighted)
        np.testing.assert_allclose(answer.prices[1], [400, 400])
        assert answer.objective == pytest.approx(400 * (3 * 50 + 60))

    def test_equal_marginal_costs_share_a_load_between_curved_costs(self):
        two = generators(
            names=["a", "b"],
            bus=["city", "city"],
            p_nom=[200.0, 200.0],
            marginal_cost=[10.0, 20.0],
            marginal_cost_quadratic=[0.5, 0.25],
        )
        answer = dispatch(network(1, generators=two, loads=load(100)))
        # 10 + a = 20 + b/2 with a + b = 100: a = 40
        np.testing.assert_allclose(values(answer.model, answer.point, "generators.p")[:, 0], [40, 60], rtol=1e-4)
        assert answer.prices[1, 0] == pytest.approx(50, rel=1e-4)
        assert answer.residuals.gap < 1e-9

    def test_carbon_price_changes_who_runs_first(self):
        both = generators(
            names=["coal", "gas"],
            bus=["city", "city"],
            carrier=["coal", "gas"],
            p_nom=[100.0, 100.0],
            marginal_cost=[300.0, 500.0],
            efficiency=[0.4, 0.5],
        )
        carriers = Table("carriers", ["coal", "gas"], co2_emissions=[0.34, 0.2])
        given_network = network(1, generators=both, carriers=carriers, loads=load(80))
        assert dispatch(given_network).energy.co2_t == pytest.approx(80 * 0.85)
        assert dispatch(given_network, carbon_price=500).energy.co2_t == pytest.approx(80 * 0.4)

    def test_carbon_cap_is_met_by_the_cheaper_mixture(self):
        both = generators(
            names=["coal", "gas"],
            bus=["city", "city"],
            carrier=["coal", "gas"],
            p_nom=[100.0, 100.0],
            marginal_cost=[300.0, 500.0],
            efficiency=[0.4, 0.5],
        )
        carriers = Table("carriers", ["coal", "gas"], co2_emissions=[0.34, 0.2])
        cap = Table("limits", ["cap"], sense=["<="], constant=[50.0])
        answer = dispatch(network(1, generators=both, carriers=carriers, loads=load(80), limits=cap))
        assert answer.energy.co2_t == pytest.approx(50)

    def test_outages_take_capacity_away_in_their_hours(self):
        plants = generators(
            names=["coal", "oil"],
            bus=["city", "city"],
            p_nom=[100.0, 100.0],
            marginal_cost=[400.0, 900.0],
            outage=[[0.0, 0.5], [0.0, 0.0]],
        )
        answer = dispatch(network(2, generators=plants, loads=load(80, 80)))
        np.testing.assert_allclose(values(answer.model, answer.point, "generators.p"), [[80, 50], [0, 30]])

    def test_an_outage_is_no_weather_and_leaves_nothing_curtailed(self):
        coal = generators(**COAL).changed(outage=[[0.0, 0.5]])
        assert dispatch(network(2, generators=coal, loads=load(30, 30))).energy.curtailed_mwh == 0

    def test_an_hour_without_a_ramp_limit_lets_a_unit_go_from_end_to_end(self):
        both_ways = generators(
            names=["tie", "oil"], bus=["city"] * 2, p_nom=[50.0, 200.0], p_min_pu=[-1.0, 0.0], marginal_cost=[1.0, 900.0],
            ramp_limit_up=[[np.nan, np.nan, 0.1], [np.nan] * 3],
        )  # fmt: skip
        answer = dispatch(network(3, generators=both_ways, loads=load(-50, 50, 50)))
        np.testing.assert_allclose(values(answer.model, answer.point, "generators.p")[0], [-50, 50, 50])

    def test_unserved_load_is_priced_where_the_bus_says_so(self):
        short = network(1, generators=generators(**COAL), loads=load(130))
        assert dispatch(short).status == "infeasible"
        priced = short.with_tables(buses=short["buses"].changed(unserved_cost=[np.nan, 20000.0]))
        answer = dispatch(priced)
        assert answer.energy.unserved_mwh == pytest.approx(30)
        assert answer.prices[1, 0] == pytest.approx(20000)


class TestStorage:
    def lake(self, **more) -> Table:
        return Table("storage_units", ["lake"], bus=["city"], p_nom=[50.0], p_min_pu=0.0, max_hours=4.0, **more)

    def test_water_is_kept_for_the_dear_hour(self):
        plants = generators(names=["coal"], bus=["city"], p_nom=[100.0], marginal_cost=[[100.0, 900.0]])
        answer = dispatch(
            network(2, generators=plants, storage_units=self.lake(state_of_charge_initial=[30.0]), loads=load(40, 40))
        )
        np.testing.assert_allclose(values(answer.model, answer.point, "storage_units.p_out")[0], [0, 30], atol=1e-9)

    def test_terminal_water_value_keeps_water_that_is_worth_more_later(self):
        kept = self.lake(state_of_charge_initial=[30.0], water_value=[500.0])
        answer = dispatch(network(2, generators=generators(**COAL), storage_units=kept, loads=load(40, 40)))
        assert values(answer.model, answer.point, "storage_units.level")[0, -1] == pytest.approx(30)

    def test_a_reservoir_that_ends_as_it_began_is_paid_nothing_for_what_it_still_holds(self):
        lake = Table(
            "storage_units", ["lake"], bus=["city"], p_nom=[10.0], max_hours=[5.0], cyclic_state_of_charge=True, water_value=90.0
        )  # fmt: skip
        assert (
            dispatch(network(2, generators=generators(**COAL), storage_units=lake, loads=load(50, 50))).objective
            == 40_000
        )

    def test_water_released_above_arrives_below_after_its_travel_time(self):
        cascade = Table(
            "storage_units", ["upper", "lower"], bus=["mountain", "city"], p_nom=[10.0, 10.0], p_min_pu=0.0, max_hours=10.0,
            state_of_charge_initial=[10.0, 0.0], downstream=["lower", ""], travel_time=[2.0, 0.0], head_ratio=[0.5, 1.0],
        )  # fmt: skip
        tie = Table("links", ["tie"], bus0=["mountain"], bus1=["city"], p_nom=[100.0])
        answer = dispatch(
            network(4, generators=generators(**COAL), storage_units=cascade, links=tie, loads=load(20, 20, 20, 20))
        )
        out = values(answer.model, answer.point, "storage_units.p_out")
        assert out[0].sum() == pytest.approx(10)
        assert out[1, :2].sum() == pytest.approx(0, abs=1e-9)
        assert out[1].sum() <= 0.5 * out[0, :2].sum() + 1e-9
        assert answer.objective == pytest.approx(400 * (80 - 15))

    def test_demand_that_waits_is_made_good_in_its_window(self):
        plants = generators(names=["coal"], bus=["city"], p_nom=[100.0], marginal_cost=[[900.0, 100.0, 100.0, 900.0]])
        waits = Table("flexible_loads", ["factory"], bus=["city"], p_nom=[10.0], window=[2.0])
        answer = dispatch(network(4, generators=plants, flexible_loads=waits, loads=load(40, 40, 40, 40)))
        assert answer.objective == pytest.approx(900 * 30 + 100 * 50 + 100 * 50 + 900 * 30)


class TestLines:
    def ring(self, **more) -> Network:
        """Three buses in a ring of equal lines: two thirds of a transfer take the short way (Kirchhoff)."""
        lines = Table(
            "lines",
            ["ab", "bc", "ac"],
            bus0=["a", "b", "a"],
            bus1=["b", "c", "c"],
            s_nom=[1e3] * 3,
            angle=[0.01] * 3,
            **more,
        )
        plant = Table("generators", ["g", "h"], bus=["a", "c"], p_nom=[100.0, 100.0], marginal_cost=[1.0, 50.0])
        return network(1, ("a", "b", "c"), generators=plant, lines=lines, loads=load(90, bus="c"))

    def test_flow_divides_by_reactance(self):
        answer = dispatch(self.ring())
        np.testing.assert_allclose(values(answer.model, answer.point, "lines.s")[:, 0], [30, 30, 60], atol=1e-9)

    def test_angle_limit_holds_back_the_transfer(self):
        answer = dispatch(self.ring(angle_max=np.rad2deg([9, 9, 0.3]), angle_min=np.rad2deg([-9, -9, -0.3])))
        assert values(answer.model, answer.point, "lines.s")[2, 0] == pytest.approx(30)

    def test_a_line_switched_off_on_the_living_model_equals_a_network_without_it(self):
        model = Model(self.ring())
        model.solve()
        model.switch("lines", ["ac"], on=False)
        off = answer_of(model)
        np.testing.assert_allclose(values(model, off.point, "lines.s")[:, 0], [90, 90, 0], atol=1e-9)
        model.switch("lines", ["ac"], on=True)
        np.testing.assert_allclose(values(model, answer_of(model).point, "lines.s")[:, 0], [30, 30, 60], atol=1e-9)

    def test_section_limits_the_sum_of_two_ties(self):
        ties = Table("links", ["north", "south"], bus0=["mountain"] * 2, bus1=["city"] * 2, p_nom=[40.0, 40.0])
        section = Table("sections", ["border"], links=["north;south"], p_max=[50.0])
        rain = generators(
            names=["rain", "coal"], bus=["mountain", "city"], p_nom=[90.0, 80.0], marginal_cost=[0.0, 400.0]
        )
        answer = dispatch(network(1, generators=rain, links=ties, sections=section, loads=load(60)))
        assert answer.objective == pytest.approx(4000)


class TestCommitment:
    def test_start_cost_and_minimum_output_decide_and_uplift_covers_the_loss(self):
        plants = generators(
            names=["big", "peaker"], bus=["city", "city"], p_nom=[100.0, 100.0], p_min_pu=[0.6, 0.0], marginal_cost=[100.0, 300.0],
            committable=[True, False], start_up_cost=[5000.0, 0.0], up_time_before=[0.0, 1.0], down_time_before=[1.0, 0.0],
        )  # fmt: skip
        answer = dispatch(network(2, generators=plants, loads=load(70, 70)))
        assert answer.objective == pytest.approx(5000 + 2 * 70 * 100)
        assert answer.prices[1].tolist() == pytest.approx([100, 100])
        assert answer.uplift.tolist() == pytest.approx([5000, 0])

    def test_off_units_stay_off_for_their_minimum_time(self):
        plants = generators(
            names=["big", "peaker"], bus=["city", "city"], p_nom=[100.0, 100.0], marginal_cost=[100.0, 300.0],
            committable=[True, False], min_down_time=[3.0, 0.0], up_time_before=[0.0, 1.0], down_time_before=[1.0, 0.0],
        )  # fmt: skip
        answer = dispatch(network(4, generators=plants, loads=load(50, 50, 50, 50)))
        np.testing.assert_allclose(values(answer.model, answer.point, "generators.p")[0], [0, 0, 50, 50], atol=1e-9)


class TestIdentity:
    @given(st.integers(0, 10_000))
    @settings(max_examples=15)
    def test_what_loads_pay_is_what_everybody_else_receives(self, seed):
        answer = dispatch(synthetic(seed, 12))
        got = {kind: amount.sum() for kind, amount in receipts(answer.model, answer.point).items()}
        paid = -got.pop("loads")
        assert sum(got.values()) == pytest.approx(paid, rel=1e-9)

    @given(st.integers(0, 10_000))
    @settings(max_examples=15)
    def test_the_answer_holds_outside_the_solver(self, seed):
        answer = dispatch(synthetic(seed, 12))
        assert answer.residuals.primal < 1e-9
        assert answer.residuals.gap < 1e-9

    def test_the_check_notices_a_wrong_answer(self):
        answer = dispatch(synthetic(1, 6))
        answer.model.program.cost[:] *= 1.01
        wrong = answer.point.x * 1.0
        wrong[0] += 1.0
        from bashu.power.engine.results import residuals

        moved = residuals(answer.model.program, replace(answer.point, x=wrong), answer.model.lower, answer.model.upper)
        assert moved.primal > 1e-4 or moved.gap > 1e-4

    @given(st.integers(0, 10_000))
    @settings(max_examples=10)
    def test_a_tie_never_makes_power_dearer(self, seed):
        given_network = synthetic(seed, 12)
        model = Model(given_network)
        together = answer_of(model).objective
        model.switch("links", ["tie", "uhv"], on=False)
        assert answer_of(model).objective >= together - 1e-6 * abs(together)

    def test_hot_changes_equal_cold_solves(self):
        given_network = synthetic(3, 48)
        model = Model(given_network)
        model.solve()
        for closed in (["uhv"], ["tie"], ["t0", "uhv"]):
            model.switch("links", ["uhv", "tie", "t0"], on=True)
            model.switch("links", closed, on=False)
            cold = given_network.with_tables(
                links=given_network["links"].select(
                    np.array([name not in closed for name in given_network["links"].names])
                )
            )
            assert answer_of(model).objective == pytest.approx(dispatch(cold).objective, rel=1e-10)

    def test_a_price_with_nothing_between_its_limits_is_called_not_unique(self):
        plants = generators(names=["a", "b"], bus=["city", "city"], p_nom=[50.0, 50.0], marginal_cost=[100.0, 300.0])
        answer = dispatch(network(1, ("city",), generators=plants, loads=load(50)))
        assert degenerate_prices(answer.model, answer.point).all()
        answer = dispatch(network(1, ("city",), generators=plants, loads=load(60)))
        assert not degenerate_prices(answer.model, answer.point).any()


class TestRefusals:
    @pytest.mark.parametrize(
        ("kind", "change", "where"),
        [
            ("generators", {"p_nom": [np.nan]}, "generators.coal.p_nom"),
            ("generators", {"bus": ["nowhere"]}, "generators.coal.bus"),
            ("generators", {"efficiency": [-0.4]}, "generators.coal.efficiency"),
            ("generators", {"p_min_pu": [1.2]}, "generators.coal"),
            ("generators", {"marginal_cost_quadratic": [-1.0]}, "generators.coal.marginal_cost_quadratic"),
            ("generators", {"outage": [1.5]}, "generators.coal.outage"),
            ("loads", {"p_set": [[60000.0, 50000.0]]}, "loads.p_set"),
            ("generators", {"p_nom": [100000.0]}, "generators.p_nom"),
            ("loads", {"p_set": [[np.nan, 1.0]]}, "loads.load.p_set"),
        ],
    )
    def test_each_fault_is_named_where_it_is(self, kind, change, where):
        sound = network(2, generators=generators(**COAL), loads=load(60, 60))
        assert findings(sound) == []
        broken = sound.with_tables(**{kind: sound[kind].changed(**change)})
        assert where in [finding.where for finding in findings(broken)]

    @pytest.mark.parametrize(
        ("columns", "word"),
        [
            ({"type": ["tech_capacity_expansion_limit"]}, "type"),
            ({"sense": ["<"]}, "sense"),
            ({"carrier_attribute": ["nox_emissions"]}, "carrier_attribute"),
        ],
    )
    def test_a_limit_that_is_not_computed_with_is_refused_by_name(self, columns, word):
        cap = Table("limits", ["cap"], constant=[5.0], **{"sense": ["<="], **columns})
        wrong = network(2, generators=generators(**COAL), loads=load(60, 60), limits=cap)
        assert [finding.where for finding in findings(wrong)] == [f"limits.cap.{word}"]

    @pytest.mark.parametrize(
        "labels",
        [
            ["2025-01-01T01", "2025-01-01T00"],
            ["2025-01-01T00", "2025-01-01T00"],
            [f"2025-01-01T{h:02}" for h in (0, 1, 2, 3, 4, 6, 7, 8)],
        ],
    )
    def test_hours_out_of_order_twice_or_missing_are_refused(self, labels):
        wrong = replace(
            network(len(labels), generators=generators(**COAL), loads=load(*[5.0] * len(labels))), snapshots=labels
        )
        assert any(finding.where.startswith("snapshots") for finding in findings(wrong))

    def test_kilowatts_are_noticed_beside_generators_that_stand_for_lost_load(self):
        plants = generators(
            names=["coal", "lost"], bus=["city"] * 2, p_nom=[100.0, 1e6], carrier=["coal", "load shedding"]
        )
        wrong = network(2, generators=plants, loads=load(60_000, 50_000))
        assert [finding.where for finding in findings(wrong)] == ["loads.p_set"]

    def test_cascade_in_a_circle_is_refused(self):
        lakes = Table("storage_units", ["a", "b"], bus=["city"] * 2, downstream=["b", "a"])
        assert any("circle" in finding.what for finding in findings(network(2, storage_units=lakes)))

    def test_infeasible_dispatch_names_bus_and_hour(self):
        answer = dispatch(network(2, generators=generators(**COAL), loads=load(60, 130)))
        assert answer.status == "infeasible"
        said = [str(finding) for finding in answer.explanation]
        assert any(line.startswith("balance city in h1") for line in said)
        assert "generators.p coal in h1: held between 0 and 100" in said
        assert not any("h0" in line for line in said)  # irreducible: the hour that can be served is not blamed

    def test_an_island_without_power_is_named(self):
        apart = Table("loads", ["a", "b"], bus=["city", "mountain"], p_set=[[60.0, 60.0], [0.0, 5.0]])
        answer = dispatch(network(2, generators=generators(**COAL), loads=apart))
        assert answer.status == "infeasible"
        assert any("mountain in h1" in finding.where for finding in answer.explanation)

    def test_large_infeasible_dispatch_says_how_much_is_missing(self):
        demand = np.full(600, 60.0)
        demand[417] = 130.0
        answer = dispatch(network(600, generators=generators(**COAL), loads=load(*demand)))
        assert [str(finding) for finding in answer.explanation] == ["city in h417: 30.0 MW are missing"]

    def test_a_commitment_that_cannot_run_so_low_is_explained(self):
        plants = generators(
            names=["big"], bus=["city"], p_nom=[100.0], p_min_pu=[0.6], marginal_cost=[100.0], committable=[True]
        )
        answer = dispatch(network(2, generators=plants, loads=load(70, 20)))
        assert answer.status == "infeasible"
        assert [str(finding) for finding in answer.explanation] == ["city in h1: 20.0 MW are missing"]

    def test_a_ramp_and_a_carbon_cap_are_named_in_the_contradiction(self):
        slow = generators(**COAL, ramp_limit_up=[0.1], p_init=[10.0])
        answer = dispatch(network(2, generators=slow, loads=load(60, 60)))
        assert "generators.ramp_limit_up coal in h0" in [finding.where for finding in answer.explanation]
        capped = network(
            1,
            generators=generators(**COAL, carrier=["coal"]),
            carriers=Table("carriers", ["coal"], co2_emissions=[0.34]),
            limits=Table("limits", ["cap"], sense=["<="], constant=[1.0]),
            loads=load(60),
        )
        assert "limits.cap in h0" in [finding.where for finding in dispatch(capped).explanation]

    def test_a_link_that_loses_more_than_it_has_is_refused(self):
        tie = Table("links", ["tie"], bus0=["mountain"], bus1=["city"], p_nom=[40.0], efficiency=[-0.2])
        assert "links.tie.efficiency" in [finding.where for finding in findings(network(1, links=tie))]

    def test_unbounded_dispatch_is_no_answer(self):
        gift = Table("stores", ["gift"], bus=["city"], e_nom=0.0, e_nom_extendable=True, capital_cost=-1.0)
        answer = dispatch(network(1, generators=generators(**COAL), stores=gift, loads=load(60)))
        assert answer.status in ("unbounded", "unbounded_or_infeasible")
        assert np.isnan(answer.objective)
        assert [finding.where for finding in answer.explanation] == ["stores.e_nom gift"]

    def test_output_paid_for_without_end_is_named_by_unit_and_hour(self):
        both = Table(
            "generators", ["gift", "dump"], bus=["city"] * 2, p_nom=[np.inf] * 2, sign=[1.0, -1.0],
            marginal_cost=[[5.0, -1.0], [0.0, 0.0]],
        )  # fmt: skip
        answer = dispatch(network(2, generators=both, loads=load(60, 60)))
        assert [finding.where for finding in answer.explanation] == ["generators.p gift in h1"]

    def test_a_cancelled_solve_has_no_values(self):
        answer = dispatch(synthetic(1, 168), cancelled=lambda: True)
        assert answer.status == "cancelled"
        assert not len(answer.point.x)

    def test_cancelling_in_the_middle_of_a_solve_ends_it(self):
        asked = []

        def enough() -> bool:
            asked.append(1)
            return len(asked) > 20

        answer = dispatch(synthetic(1, 336), cancelled=enough)
        assert answer.status == "cancelled"
        assert len(asked) > 20
        assert np.isnan(answer.objective)

    def test_a_solve_that_runs_out_of_time_is_no_answer(self):
        answer = dispatch(synthetic(1, 720), time_limit=1e-3)
        assert answer.status == "time_limit"
        assert np.isnan(answer.objective)
        assert not len(answer.point.x)
