"""Levies: against a slow reading in Fractions, and what must hold of any of them."""
# ruff: noqa: E501

import random
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from tests.policy import slow_rules

import bashu.policy
from bashu.policy.engine.explain import explain
from bashu.policy.engine.faults import RuleFault
from bashu.policy.engine.levies import WINNERS, compile_levies, evaluate
from bashu.policy.engine.periods import period
from bashu.policy.engine.rules import PROVINCES
from bashu.policy.formats.entities import of_objects
from bashu.policy.formats.rule_files import read_rules, rules_of, rules_of_text
from bashu.policy.formats.yaml_lines import parse
from bashu.policy.results import levy_results

SHIPPED = Path(bashu.policy.__file__).parent / "facts" / "regional"
HEAD = """
catalogue: test
sources: {law: {title: a law}}
choices: {grade: [one, two]}
facts:
  area: {label: {zh: 面积, en: area}, unit: m2, decimals: 2, max: 1000000}
  income: {label: {zh: 收入, en: income}, unit: yuan/year, decimals: 2, max: 1000000000}
  small: {label: {zh: 小, en: small}, type: boolean}
  signed: {label: {zh: 签订日, en: signed}, type: date}
  grade: {label: {zh: 级, en: grade}, type: choice, choice: grade}
"""


def rules(parameters, levy, head=HEAD):
    """A rule set of one levy called levy."""
    return rules_of_text(
        f"{head}parameters:\n{parameters}\nlevies:\n  levy:\n    label: {{zh: 项, en: levy}}\n{levy}\n    sources: [law]\n    setter: {{zh: 无, en: nobody}}\n    from: 2000-01-01\n"
    )


def rate(cq, sc, unit="yuan/m2/year"):
    said = "label: {zh: 率, en: rate}"
    versions = [
        f"{{in: {place}, {dates}, value: {value}, status: sourced, source: law}}"
        for place, sides in (("CQ", cq), ("SC", sc))
        for dates, value in sides
    ]
    return f"  rate: {{{said}, unit: {unit}, versions: [{', '.join(versions)}]}}"


ALWAYS = "from: 2000-01-01"
BY_MONTH = "    accrual: {by: month}\n    base: area\n    rate: rate"


def answer(rule_set, entity, text="2025"):
    return evaluate(compile_levies(rule_set, period(text)), of_objects([{"id": "a", **entity}], rule_set))[0]


class TestLowerOfTwo:
    def test_payable_is_the_lower_and_saving_the_difference(self):
        found = answer(rules(rate([(ALWAYS, 6)], [(ALWAYS, 4.5)]), BY_MONTH), {"area": 100})
        assert (found.cq[0], found.sc[0], found.payable[0], found.saving()[0]) == (60000, 45000, 45000, 15000)
        assert WINNERS[found.winner()[0]] == "sc"
        assert WINNERS[found.rate_winner] == "sc"

    def test_a_change_inside_the_year_splits_it_and_each_part_takes_its_lower(self):
        cq = [("from: 2000-01-01, to: 2025-06-30", 6), ("from: 2025-07-01", 2)]
        found = answer(rules(rate(cq, [(ALWAYS, 4)]), BY_MONTH), {"area": 100})
        assert (found.cq[0], found.sc[0], found.payable[0]) == (40000, 40000, 30000)
        assert WINNERS[found.rate_winner] == "mixed"

    def test_by_day_a_part_counts_its_days(self):
        cq = [("from: 2000-01-01, to: 2025-01-10", 365), ("from: 2025-01-11", 0)]
        by_day = BY_MONTH.replace("month", "day")
        assert answer(rules(rate(cq, [(ALWAYS, 365)]), by_day), {"area": 1}).cq[0] == 1000

    def test_an_event_takes_the_rate_of_its_day(self):
        levy = "    accrual: {by: event, date: signed}\n    base: area\n    rate: rate"
        cq = [("from: 2000-01-01, to: 2025-06-30", 6), ("from: 2025-07-01", 2)]
        rule_set = rules(rate(cq, [(ALWAYS, 4)], "yuan/m2"), levy)
        assert answer(rule_set, {"area": 1, "signed": "2025-06-30"}).cq[0] == 600
        assert answer(rule_set, {"area": 1, "signed": "2025-07-01"}).cq[0] == 200
        assert answer(rule_set, {"area": 1, "signed": "2026-01-01"}).cq[0] == 0

    def test_half_a_fen_is_rounded_up(self):
        found = answer(rules(rate([(ALWAYS, 0.01)], [(ALWAYS, 0.01)]), BY_MONTH), {"area": "0.50"})
        assert found.cq[0] == 1

    @pytest.mark.parametrize(("order", "due"), [(("half", "less"), 40000), (("less", "half"), 45000)])
    def test_reliefs_apply_in_their_order(self, order, due):
        said = {"half": "pay: 0.5", "less": "less: allowance"}
        reliefs = [
            f"{{id: {name}, label: {{zh: 减, en: less}}, when: small, {said[name]}, status: sourced, source: law}}"
            for name in order
        ]
        number = "\n  allowance: {label: {zh: 减额, en: allowance}, unit: yuan/year, versions: [{in: CN, from: 2000-01-01, value: 100, status: sourced, source: law}]}"
        rule_set = rules(
            rate([(ALWAYS, 10)], [(ALWAYS, 10)]) + number, BY_MONTH + f"\n    reliefs: [{', '.join(reliefs)}]"
        )
        assert answer(rule_set, {"area": 100, "small": True}).cq[0] == due

    def test_a_province_that_does_not_levy_is_the_lower(self):
        found = answer(rules(rate([(ALWAYS, 0)], [(ALWAYS, 4.5)]), BY_MONTH), {"area": 100})
        assert (found.cq[0], found.sc[0], found.payable[0], found.saving()[0]) == (0, 45000, 0, 45000)

    @pytest.mark.parametrize("inside", ["parcels.size * rate", "top(parcels.size * rate, 2)"])
    def test_a_rate_of_zero_on_rows_is_no_fault(self, inside):
        head = (
            HEAD
            + "tables: {parcels: {label: {zh: 地, en: land}, facts: {size: {label: {zh: 积, en: size}, unit: m2}}}}\n"
        )
        levy = f"    accrual: {{by: month}}\n    base: sum(parcels.size)\n    amount: sum({inside})"
        found = answer(rules(rate([(ALWAYS, 0)], [(ALWAYS, 3)]), levy, head), {"parcels": [{"size": 2}, {"size": 1}]})
        assert (found.cq[0], found.sc[0], found.payable[0]) == (0, 900, 0)

    @pytest.mark.parametrize(
        ("condition", "count"), [("parcels.size * rate < most", 2), ("parcels.size * rate > most", 0)]
    )
    def test_a_condition_that_a_rate_of_zero_decides_still_counts_rows(self, condition, count):
        head = (
            HEAD
            + "tables: {parcels: {label: {zh: 地, en: land}, facts: {size: {label: {zh: 积, en: size}, unit: m2}}}}\n"
        )
        numbers = (
            rate([(ALWAYS, 0)], [(ALWAYS, 0)])
            + "\n"
            + rate([(ALWAYS, 1)], [(ALWAYS, 1)], "yuan/year").replace("rate:", "most:", 1)
        )
        levy = f"    accrual: {{by: month}}\n    base: count({condition})\n    rate: most"
        assert answer(rules(numbers, levy, head), {"parcels": [{"size": 2}, {"size": 1}]}).cq[0] == 100 * count

    @pytest.mark.parametrize(("by", "due"), [("month", 9 * 100), ("day", 953)])
    def test_a_levy_that_begins_inside_a_month_counts_from_the_next_or_from_its_day(self, by, due):
        levy = BY_MONTH.replace("month", by)
        rule_set = rules(rate([(ALWAYS, 12)], [(ALWAYS, 12)]), levy)
        begun = replace(rule_set.levies["levy"], start=date(2025, 3, 17))
        assert answer(replace(rule_set, levies={"levy": begun}), {"area": 1}).cq[0] == due

    def test_a_leap_year_has_a_day_more(self):
        cq = [("from: 2000-01-01, to: 2024-02-29", 366), ("from: 2024-03-01", 0)]
        by_day = BY_MONTH.replace("month", "day")
        assert answer(rules(rate(cq, [(ALWAYS, 0)]), by_day), {"area": 1}, "2024").cq[0] == 60 * 100

    @pytest.mark.parametrize(("text", "fen"), [("2025", 1200), ("2025-Q1", 300), ("2025-03", 100)])
    def test_a_year_a_quarter_and_a_month(self, text, fen):
        assert answer(rules(rate([(ALWAYS, 12)], [(ALWAYS, 12)]), BY_MONTH), {"area": 1}, text).payable[0] == fen

    @pytest.mark.parametrize(("rounding", "due"), [("half_up", 0), ("down", -1), ("up", 0)])
    def test_half_a_fen_below_nothing(self, rounding, due):
        negative = f"    accrual: {{by: month}}\n    base: area\n    amount: -area * rate\n    rounding: {rounding}"
        assert answer(rules(rate([(ALWAYS, 0.01)], [(ALWAYS, 0.01)]), negative), {"area": "0.50"}).cq[0] == due

    def test_two_versions_of_one_day_are_refused_and_none_is_picked(self):
        twice = [(ALWAYS, 6), ("from: 2025-03-01", 2)]
        with pytest.raises(RuleFault, match="two versions of rate CQ hold on 2025-03-01"):
            compile_levies(rules(rate(twice, [(ALWAYS, 4)]), BY_MONTH), period("2025"))

    def test_each_stretch_without_a_change_has_its_own_lower_side(self):
        cq = [("from: 2000-01-01, to: 2025-06-30", 6), ("from: 2025-07-01", 2)]
        rule_set = rules(rate(cq, [(ALWAYS, 4)]), BY_MONTH)
        row = next(
            levy_results(compile_levies(rule_set, period("2025")), of_objects([{"id": "a", "area": 100}], rule_set))
        )
        assert row["versions"] == [
            {
                "from": "2025-01-01",
                "to": "2025-06-30",
                "cq_fen": 30000,
                "sc_fen": 20000,
                "payable_fen": 20000,
                "winner": "sc",
                "saving_fen": 10000,
            },
            {
                "from": "2025-07-01",
                "to": "2025-12-31",
                "cq_fen": 10000,
                "sc_fen": 20000,
                "payable_fen": 10000,
                "winner": "cq",
                "saving_fen": 10000,
            },
        ]
        assert (row["winner"], row["saving_fen"]) == ("tie", 20000)

    @pytest.mark.parametrize(
        ("said", "due"),
        [
            ("cap: most", 10000),
            (
                "reliefs: [{id: off, label: {zh: 减, en: off}, when: small, less: most, status: sourced, source: law}]",
                14000,
            ),
        ],
    )
    def test_what_an_earlier_stretch_used_up_of_a_cap_or_an_amount_off_is_gone(self, said, due):
        head = (
            HEAD
            + "tables: {sales: {label: {zh: 卖, en: sales}, facts: {day: {label: {zh: 日, en: day}, type: date}, size: {label: {zh: 积, en: size}, unit: m2}}}}\n"
        )
        numbers = rate([("from: 2000-01-01, to: 2025-06-30", 6), ("from: 2025-07-01", 2)], [(ALWAYS, 6)], "yuan/m2")
        numbers += "\n" + rate([(ALWAYS, 100)], [(ALWAYS, 100)], "yuan").replace("rate:", "most:", 1)
        levy = f"    accrual: {{by: event, date: sales.day}}\n    base: sum(sales.size)\n    rate: rate\n    {said}"
        sales = [{"day": "2025-01-01", "size": 30}, {"day": "2025-12-31", "size": 30}]
        assert answer(rules(numbers, levy, head), {"small": True, "sales": sales}).cq[0] == due


class TestScales:
    """bracket, band and steps at their edges."""

    @pytest.mark.parametrize(
        ("formula", "at", "due"),
        [
            ("bracket(income, scale)", "1000.00", 100), ("bracket(income, scale)", "1000.01", 100), ("bracket(income, scale)", "1001", 102),
            ("band(income, bands)", "999.99", 0), ("band(income, bands)", "1000", 700), ("steps(income, bands)", "1000", 0),
            ("steps(income, bands)", "1000.01", 700),
        ],
    )  # fmt: skip
    def test_at_its_edge(self, formula, at, due):
        both = "versions: [{in: CN, from: 2000-01-01, value: [%s], status: sourced, source: law}]}"
        numbers = (
            "  scale: {label: {zh: 率, en: rate}, unit: 1, threshold_unit: yuan/year, "
            + both % "{above: 0, value: 0.1%}, {above: 1000, value: 2%}"
        )
        numbers += (
            "\n  bands: {label: {zh: 额, en: amount}, unit: yuan/year, threshold_unit: yuan/year, "
            + both % "{above: 1000, value: 7}"
        )
        levy = f"    accrual: {{by: month}}\n    base: income\n    amount: {formula}"
        assert answer(rules(numbers, levy), {"income": at}).cq[0] == due


class TestMissing:
    def test_a_missing_fact_leaves_no_result(self):
        found = answer(rules(rate([(ALWAYS, 6)], [(ALWAYS, 4)]), BY_MONTH), {})
        assert not found.known[0]

    def test_an_unknown_rate_leaves_no_payable_amount(self):
        found = answer(rules(rate([(ALWAYS, 6)], [(ALWAYS, "null")]), BY_MONTH), {"area": 1})
        assert found.cq[0] == 600
        assert found.sc is None
        assert found.payable is None


class TestFaults:
    @pytest.mark.parametrize(
        ("formula", "says"),
        [
            ("income", "needs fen/month"),
            ("area + income", "units differ"),
            ("nothing", "nothing is called nothing"),
            ("area / income", "must say how it is rounded"),
            ("__import__('os')", "no function is called"),
            ("area.__class__", "no table is called"),
            ("[x for x in area]", "not part of the rule language"),
            ("area +", "cannot read"),
            ("divide(area, income, 2)", "may be zero"),
            ("area * area * area * area", "may leave 64 bits"),
            ("sum(area)", "no rows to sum"),
            ("sum(2)", "no rows to sum"),
            ('area if grade == "three" else 0', "not one of one, two"),
        ],
    )
    def test_a_fault_names_its_line(self, formula, says):
        levy = BY_MONTH.replace("base: area", f"base: '{formula}'" if '"' in formula else f'base: "{formula}"')
        with pytest.raises(RuleFault, match=r"^rules\.yaml:\d+: ") as fault:
            compile_levies(rules(rate([(ALWAYS, 6)], [(ALWAYS, 4)]), levy), period("2025"))
        assert says in str(fault.value)

    def test_definitions_in_a_circle_are_refused(self):
        head = (
            HEAD
            + "definitions:\n  one: {label: {zh: 一, en: one}, formula: two}\n  two: {label: {zh: 二, en: two}, formula: one}\n"
        )
        with pytest.raises(RuleFault, match="one → two → one is a circle"):
            compile_levies(
                rules(rate([(ALWAYS, 6)], [(ALWAYS, 4)]), BY_MONTH.replace("base: area", "base: one"), head),
                period("2025"),
            )

    def test_two_exceptions_that_disagree_are_a_conflict_unless_one_outranks(self):
        exception = "{{id: {0}, when: {1}, value: {2}{3}}}"
        for over, clash in (("", True), (", over: [first]", False)):
            listed = f"[{exception.format('first', 'small', 'area * 2', '')}, {exception.format('second', 'area > area * 0', 'area * 3', over)}]"
            rule_set = rules(
                rate([(ALWAYS, 6)], [(ALWAYS, 4)]),
                BY_MONTH.replace("base: area", f"base: {{value: area, exceptions: {listed}}}"),
            )
            found = answer(rule_set, {"area": 1, "small": True})
            assert (found.conflict is not None and bool(found.conflict[0])) is clash
            if not clash:
                assert found.cq[0] == 1800


def random_entity(rng, number):
    """An enterprise with facts of every shipped levy."""

    def day():
        return (date(2024, 6, 1) + timedelta(days=rng.randrange(700))).isoformat()

    def money():
        return f"{rng.randrange(10 ** rng.randint(1, 11)) / 100:.2f}"

    pollutants = {
        "air": ["so2", "nox", "co", "dust", "soot"],
        "water": ["cod", "petroleum", "mercury", "lead", "cadmium", "arsenic", "nickel", "chromium"],
    }
    emissions = []
    for _ in range(rng.choice([0, 0, 3, 12])):
        medium = rng.choice(["air", "water"])
        emissions.append(
            {"outlet": rng.choice("AB"), "month": rng.choice(["2025-01-31", "2025-02-28", day()]), "medium": medium,
             "pollutant": rng.choice(pollutants[medium]), "mass": f"{rng.randrange(10**9) / 1000:.3f}", "below_standard": rng.choice([0, 29.99, 30, 50, 80])}
        )  # fmt: skip
    return {
        "id": f"e{number}", "small_enterprise": rng.random() < 0.5, "turnover_tax_paid": money(), "town_grade": rng.choice(["city", "county_town", "other"]),
        "property_value": money(), "property_rent": money(), "staff": rng.choice([5, 30, 31, 100, 999]), "disabled_staff": rng.randrange(12),
        "average_wage": f"{rng.randrange(10**7) / 100:.2f}", "local_average_wage": "81234.56", "emissions": emissions,
        "acquisitions": [{"date": day(), "price": money()} for _ in range(rng.randrange(3))],
        "documents": [{"date": day(), "type": rng.choice(["sale", "lease", "transfer", "loan"]), "sum": money()} for _ in range(rng.randrange(3))],
        "disturbances": [{"date": day(), "area": rng.randrange(10**5)} for _ in range(rng.randrange(3))],
    }  # fmt: skip


@pytest.fixture(scope="module")
def shipped():
    return read_rules(SHIPPED)


@pytest.fixture(scope="module")
def entities():
    rng = random.Random(20)
    return [random_entity(rng, number) for number in range(200)]


class TestShippedRules:
    @pytest.mark.parametrize("count", [300, pytest.param(5000, marks=pytest.mark.slow)])
    def test_every_result_equals_the_slow_reading(self, shipped, count):
        rng = random.Random(count)
        entities = [random_entity(rng, number) for number in range(count)]
        compiled = compile_levies(shipped, period("2025"))
        compared = 0
        for found in evaluate(compiled, of_objects(entities, shipped)):
            if found.payable is None:
                continue
            for index, entity in enumerate(entities):
                parts = [part.period for part in found.plan.parts]
                due = [
                    slow_rules.levy_dues(shipped, found.plan.levy, entity, province, parts) for province in PROVINCES
                ]
                expected = (sum(due[0]), sum(due[1]), sum(min(pair) for pair in zip(*due, strict=True)))
                assert (found.cq[index], found.sc[index], found.payable[index]) == expected, (
                    found.plan.levy.id,
                    entity,
                )
                compared += 1
        assert compared == count * 11

    def test_payable_is_never_above_either_province(self, shipped, entities):
        for found in evaluate(compile_levies(shipped, period("2021")), of_objects(entities, shipped)):
            if found.payable is not None:
                assert (found.payable <= np.minimum(found.cq, found.sc)).all()

    def test_chunks_do_not_show(self, shipped, entities, monkeypatch):
        compiled, population = compile_levies(shipped, period("2025")), of_objects(entities, shipped)
        whole = evaluate(compiled, population)
        monkeypatch.setattr("bashu.policy.engine.levies.CHUNK", 7)
        for one, other in zip(whole, evaluate(compiled, population), strict=True):
            if one.payable is not None:
                assert (one.payable == other.payable).all()

    def test_the_explanation_ends_in_the_same_fen(self, shipped, entities):
        compiled, population = compile_levies(shipped, period("2025")), of_objects(entities[:20], shipped)
        results = evaluate(compiled, population)
        for index in range(20):
            reasons = explain(compiled, population.take(index))
            for found in results:
                if found.payable is not None:
                    parts = reasons[found.plan.levy.id]["parts"]
                    assert sum(part["CQ"]["due_fen"] for part in parts) == found.cq[index]

    def test_swapping_the_provinces_swaps_the_answer(self, entities):
        text = (SHIPPED / "environment.yaml").read_text()
        shared = (SHIPPED / "shared.yaml").read_text()
        swapped = text.replace("in: CQ", "in: XX").replace("in: SC", "in: CQ").replace("in: XX", "in: SC")
        measures = (SHIPPED / "measures.yaml").read_text()
        both = [joined(shared, measures, side) for side in (text, swapped)]
        first, second = (
            evaluate(compile_levies(rule_set, period("2025")), of_objects(entities, rule_set)) for rule_set in both
        )
        for one, other in zip(first, second, strict=True):
            assert (one.cq == other.sc).all()
            assert (one.payable == other.payable).all()


def joined(*texts):
    """One rule set of several files."""
    return rules_of([parse(text, f"{index}.yaml") for index, text in enumerate(texts)])
