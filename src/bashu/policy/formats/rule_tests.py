"""Tests beside the rules, in the form OpenFisca's YAML tests have: name, period, input, output (amounts in yuan).

A case of delegated powers has `act` ({in, power, division, on}) and output {delegation}; one of quotas has `quota` ({id, in, on})
and output {value}.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from bashu.policy.engine.delegating import delegation_for, quota_on
from bashu.policy.engine.faults import RuleFault
from bashu.policy.engine.levies import Outcome, compile_levies, evaluate
from bashu.policy.engine.periods import period
from bashu.policy.engine.rules import RuleSet
from bashu.policy.formats.entities import of_objects
from bashu.policy.formats.yaml_lines import FileFaults, read


def run_tests(folder: Path, rules: RuleSet) -> tuple[int, list[str]]:
    """Run every *.test.yaml of a folder. Answers how many cases there are, and a line for each that fails."""
    cases, failures = 0, []
    for file in sorted(folder.rglob("*.test.yaml")):
        document = read(file, str(file.relative_to(folder)))
        if not isinstance(document.value, list):
            raise FileFaults([f"{document.name}:1: a list of cases is needed"])
        for index, case in enumerate(document.value):
            cases += 1
            place = document.place((index,))
            try:
                failures += [f"{place}: {case['name']}: {problem}" for problem in differences(case, rules)]
            except (KeyError, TypeError, AttributeError, RuleFault, FileFaults) as fault:
                failures.append(f"{place}: {fault!r}")
    return cases, failures


def differences(case: Mapping[str, Any], rules: RuleSet) -> Iterator[str]:
    """What a case expects and does not get."""
    wanted = case["output"]
    if "act" in case or "quota" in case:
        yield from measures_differences(case, rules)
        return
    for name in wanted:
        if name not in rules.levies:
            yield f"no levy is called {name}"
    population = of_objects([{**case["input"], "id": "case"}], rules)
    margin = Fraction(str(case.get("absolute_error_margin", 0)))
    for found in evaluate(compile_levies(rules, period(str(case["period"])), list(wanted)), population):
        expected = wanted[found.plan.levy.id]
        sides = expected if isinstance(expected, Mapping) else {"payable": expected}
        for side, amount in sides.items():
            got = yuan_of(found, side)
            same = got is amount if None in (got, amount) else abs(Fraction(str(got)) - Fraction(str(amount))) <= margin
            if not same:
                yield f"{found.plan.levy.id}: {side} is {got}, expected {amount}"


def measures_differences(case: Mapping[str, Any], rules: RuleSet) -> Iterator[str]:
    """What a case of delegated powers or of a quota expects and does not get."""
    if act := case.get("act"):
        found = delegation_for(rules, side=act["in"], power=act["power"], division=str(act["division"]), on=act["on"])
        if (got := found.id if found else None) != case["output"]["delegation"]:
            yield f"delegation is {got}, expected {case['output']['delegation']}"
        return
    asked, expected = case["quota"], case["output"]["value"]
    value = quota_on(rules.quotas[asked["id"]], side=asked["in"], on=asked["on"])
    if value != (None if expected is None else Fraction(str(expected))):
        yield f"quota is {value}, expected {expected}"


def yuan_of(found: Outcome, side: str) -> Decimal | None:
    """An amount of the only entity in yuan; None without a result."""
    values = {"cq": found.cq, "sc": found.sc, "payable": found.payable}[side]
    if values is None or (found.known is not None and not found.known[0]):
        return None
    return Decimal(int(values[0])) / 100
