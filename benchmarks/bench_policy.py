"""Policy: levies of both provinces beside openfisca-core, the choice of support beside HiGHS, one explained enterprise.

python benchmarks/bench_policy.py [enterprises] [projects]

openfisca-core (AGPL) and HiGHS are measured here only. The rules compared with OpenFisca are what both can express: three
salary-like rates on one input, without the second province. Its figures include building its input, ours do too.
"""
# ruff: noqa: E501

import json
import os
import platform
import resource
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import highspy
import numpy as np
import policy_cases as cases

from bashu.policy.engine.choosing import Catalogue, choose, problem_of
from bashu.policy.engine.explain import explain
from bashu.policy.engine.levies import Population, compile_levies, evaluate
from bashu.policy.engine.periods import period
from bashu.policy.formats.rule_files import rules_of_text

SAMPLED = 500
HALF_A_FEN = 50  # in hundredths of a fen, which is what two decimals of a salary times whole percentages come out in
SALARY = """
catalogue: peer
sources: {template: {title: OpenFisca country template 8.2.0}}
facts: {salary: {label: {zh: 工资, en: salary}, unit: yuan/month, decimals: 2, max: 10000000000}}
parameters:
  income_tax_rate: {label: {zh: 税率, en: rate}, unit: "1", versions: [{in: CN, from: 2015-01-01, value: 15%, status: sourced, source: template}]}
  contribution:
    label: {zh: 社保, en: contribution}
    unit: "1"
    threshold_unit: yuan/month
    versions:
      - {in: CN, from: 2017-01-01, value: [{above: 0, value: 2%}, {above: 6000, value: 6%}, {above: 12400, value: 12%}], status: sourced, source: template}
levies:
  income_tax: {label: {zh: 税, en: tax}, accrual: {by: month}, base: salary, rate: income_tax_rate, sources: [template], setter: {zh: 无, en: nobody}}
  social_security: {label: {zh: 社保, en: contribution}, accrual: {by: month}, base: salary, amount: 'bracket(salary, contribution)',
    sources: [template], setter: {zh: 无, en: nobody}}
"""


def timed(work: Callable[[], Any], runs: int = 3) -> tuple[float, Any]:
    """The best wall time of some runs, and the answer."""
    times, answer = [], None
    for _ in range(runs):
        start = time.perf_counter()
        answer = work()
        times.append(time.perf_counter() - start)
    return min(times), answer


def levies(count: int) -> dict[str, object]:
    """Thirty levies of both provinces over a whole population, child tables included."""
    population, rules = cases.enterprises(count), cases.thirty_levies()
    compiling, compiled = timed(lambda: compile_levies(rules, period("2025")), runs=1)
    before = time.process_time()
    seconds, outcomes = timed(lambda: evaluate(compiled, population))
    processor = (time.process_time() - before) / 3
    explaining, _ = timed(lambda: explain(compiled, population.take(count // 2)), runs=20)
    return {
        "enterprises": count,
        "levies": len(outcomes),
        "compile_seconds": round(compiling, 3),
        "seconds": round(seconds, 3),
        "processor_seconds": round(processor, 3),
        "explain_one_milliseconds": round(explaining * 1000, 2),
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def beside_openfisca(count: int) -> dict[str, object]:
    """Income tax and contribution of one month; OpenFisca keeps money in float32."""
    from openfisca_core.simulation_builder import SimulationBuilder
    from openfisca_country_template import CountryTaxBenefitSystem

    salary = (10 ** np.random.default_rng(3).uniform(5, 10.7, count)).astype(np.int64)
    compiled = compile_levies(rules_of_text(SALARY), period("2025-01"))
    system = CountryTaxBenefitSystem()
    names = range(count)  # who they are takes no part in either

    def ours() -> list:
        return evaluate(compiled, Population(names, {"salary": salary.copy()}))

    def theirs() -> list:
        simulation = SimulationBuilder().build_default_simulation(system, count)
        simulation.set_input("salary", "2025-01", salary / 100)
        return [simulation.calculate(name, "2025-01") for name in ("income_tax", "social_security_contribution")]

    our_seconds, found = timed(ours)
    their_seconds, peer = timed(theirs)
    slices = [np.maximum(salary - edge, 0) * step for edge, step in ((0, 2), (600_000, 4), (1_240_000, 6))]
    exact = [salary * 15, sum(slices)]
    for outcome, hundredths in zip(found, exact, strict=True):
        assert outcome.payable is not None
        assert (outcome.payable == (hundredths + 50) // 100).all()
    off = [
        np.abs(np.asarray(value, np.float64) * 10_000 - hundredths) >= HALF_A_FEN
        for value, hundredths in zip(peer, exact, strict=True)
    ]
    wrong, missed = sum(int(one.sum()) for one in off), int(np.logical_or.reduce(off).sum())
    return {
        "people": count,
        "ours_seconds": round(our_seconds, 3),
        "peer_seconds": round(their_seconds, 3),
        "ratio": round(their_seconds / our_seconds, 1),
        "peer_results_off_by_half_a_fen_or_more": wrong,
        "peer_people_missed": missed,
        "results": 2 * count,
    }


def highs_total(catalogue: Catalogue, amounts: np.ndarray, investment: int) -> int:
    """The best total of one project by mixed-integer programming."""
    model = highspy.Highs()
    model.silent()
    model.setOptionValue("mip_rel_gap", 0.0)
    model.setOptionValue("mip_abs_gap", 0.5)
    items = catalogue.items
    z = [
        model.addVariable(0, 1 if amounts[index] >= 0 else 0, type=highspy.HighsVarType.kInteger)
        for index in range(len(items))
    ]
    place = {item.id: index for index, item in enumerate(items)}
    paid = []
    for side, cap in catalogue.caps.items():
        spent = sum(
            float(max(amounts[index], 0)) * z[index] for index, item in enumerate(items) if item.province == side
        )
        y = model.addVariable(0, cap.most)
        model.addConstr(y <= spent)
        if cap.void:
            model.addConstr(spent <= cap.most)
        paid.append(y)
    for topic in {item.topic for item in items if item.topic}:
        model.addConstr(sum(z[index] for index, item in enumerate(items) if item.topic == topic) <= 1)
    for most, names in catalogue.groups:
        model.addConstr(sum(z[place[name]] for name in names) <= most)
    for index, item in enumerate(items):
        for name in item.requires:
            model.addConstr(z[index] <= z[place[name]])
    total = paid[0] + paid[1]
    assert catalogue.share is not None
    model.addConstr(total <= investment * catalogue.share.share.numerator // catalogue.share.share.denominator)
    model.maximize(total)
    return round(model.getObjectiveValue())


def choices(count: int) -> dict[str, object]:
    """Hard projects, a tenth of them with voiding caps; a sample again by HiGHS."""
    amounts, investment = cases.hard_projects(count)
    tenth = count // 10
    seconds, certified, proven, differing, peer, sampled, processor = 0.0, 0, 0, 0, 0.0, 0, 0.0
    for void, part in ((True, slice(0, tenth)), (False, slice(tenth, count))):
        catalogue = cases.hard_catalogue(void)
        problem = problem_of(catalogue)
        choose(problem, amounts[:1000], investment[:1000])  # compiled once, before the clock runs
        before = time.process_time()
        used, best = timed(lambda part=part, problem=problem: choose(problem, amounts[part], investment[part]), runs=1)
        seconds, certified, proven = (
            seconds + used,
            certified + int((best.total == best.simple).sum()),
            proven + int(best.proven.sum()),
        )
        processor += time.process_time() - before
        share = SAMPLED // 10 if void else SAMPLED - SAMPLED // 10
        for index in np.linspace(0, len(best.total) - 1, share).astype(int):
            start = time.perf_counter()
            other = highs_total(catalogue, amounts[part][index], int(investment[part][index]))
            peer += time.perf_counter() - start
            differing, sampled = differing + int(other != best.total[index]), sampled + 1
    return {
        "projects": count,
        "items": amounts.shape[1],
        "seconds": round(seconds, 2),
        "processor_seconds_of_all_cores": round(processor, 2),
        "microseconds_each": round(seconds / count * 1e6, 1),
        "proven": proven,
        "not_certified_by_the_simple_bound": round(1 - certified / count, 3),
        "peer_sampled": sampled,
        "peer_microseconds_each": round(peer / sampled * 1e6, 1),
        "ratio": round(peer / sampled / (seconds / count), 1),
        "differing_from_peer": differing,
    }


def main() -> None:
    """Print one JSON object."""
    enterprises = int(sys.argv[1]) if len(sys.argv) > 1 else 500_000
    projects = int(sys.argv[2]) if len(sys.argv) > 2 else 500_000
    figures = {
        "levies": levies(enterprises),
        "beside_openfisca_core": beside_openfisca(enterprises),
        "choices_beside_highs": choices(projects),
    }
    machine = {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "load": os.getloadavg()[0],
    }
    versions = {
        name: version(name) for name in ("numpy", "numba", "openfisca-core", "openfisca-country-template", "highspy")
    }
    print(
        json.dumps({"benchmark": "policy", **figures, "machine": machine, "versions": versions}, ensure_ascii=False),
        flush=True,
    )


if __name__ == "__main__":
    main()
