"""The test cases that OpenFisca publishes with its country template, answered by our engine from the same legislation in our form.

The cases are read from the installed package; those that first apply a Python reform are left out.
"""

import ast
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from bashu.policy.engine.rules import Fact
from bashu.policy.engine.units import unit
from bashu.policy.engine.values import definition_values, with_given
from bashu.policy.formats.entities import of_objects
from bashu.policy.formats.rule_files import rules_of
from bashu.policy.formats.yaml_lines import read

SPEC = find_spec("openfisca_country_template")
CASES = Path(SPEC.origin).parent / "tests" if SPEC and SPEC.origin else Path("/nowhere")
RULES = rules_of([read(Path(__file__).parent / "country_template.rules.yaml")])
PERSONAL = {*RULES.tables["members"].facts, *(name.split(".")[1] for name in RULES.definitions if "." in name)}
TOLD = {
    "age": Fact("age", {}, "case", unit="year", low=Fraction(0), high=Fraction(150)),
    "household_income": Fact("household_income", {}, "case", unit="yuan", decimals=2, high=Fraction(10**7)),
}


def cases() -> Iterator:
    """Every published case without a reform."""
    for file in sorted(CASES.rglob("*.yaml")):
        if "reforms" not in file.parts:
            for case in yaml.load(file.read_text(), yaml.BaseLoader):
                yield pytest.param(case, id=f"{file.stem}: {case['name']}")


def arithmetic(text: str) -> Fraction:
    """An expected amount, written as a sum of products."""
    sides = {
        ast.Add: lambda a, b: a + b,
        ast.Sub: lambda a, b: a - b,
        ast.Mult: lambda a, b: a * b,
        ast.Div: lambda a, b: a / b,
    }

    def value(node: ast.expr) -> Fraction:
        if isinstance(node, ast.BinOp):
            return sides[type(node.op)](value(node.left), value(node.right))
        return Fraction(ast.unparse(node))

    return value(ast.parse(text, mode="eval").body)


def first_day(period: str) -> date:
    return date(int(period[:4]), int(period[5:7] or 1), 1)


def said(value, name: str, day: date):
    """What a case says of a variable in a month: plain, by month, or by year to be shared out."""
    if not isinstance(value, dict):
        return value
    month, year = f"{day:%Y-%m}", f"{day:%Y}"
    if month in value:
        return value[month]
    return str(Decimal(value[year]) / 12) if year in value and name == "salary" else None


def households(case: dict, day: date) -> list[dict]:
    """A case's input as entities of ours."""
    given = case["input"]
    if "household" in given:
        home = {
            name: said(value, name, day)
            for name, value in given["household"].items()
            if name not in ("adults", "children")
        }
        roles = {
            **dict.fromkeys(given["household"].get("adults", []), "adult"),
            **dict.fromkeys(given["household"].get("children", []), "child"),
        }
        members = [
            {"role": role, **{key: said(value, key, day) for key, value in given["persons"][name].items()}}
            for name, role in roles.items()
        ]
        return [{"id": "0", **home, "members": members}]
    many = max([len(value) for value in given.values() if isinstance(value, list)], default=1)
    result = []
    for index in range(many):
        plain = {
            name: said(value[index] if isinstance(value, list) else value, name, day) for name, value in given.items()
        }
        home = {name: value for name, value in plain.items() if name not in PERSONAL}
        result.append(
            {"id": str(index), **home, "members": [{name: value for name, value in plain.items() if name in PERSONAL}]}
        )
    return result


def expectations(case: dict) -> Iterator[tuple[str, str, int | None, object]]:
    """Variable, period, which member, and what is expected."""
    for name, value in case["output"].items():
        if name == "persons":
            order = [*case["input"]["household"].get("adults", []), *case["input"]["household"].get("children", [])]
            for person, own in value.items():
                yield from ((variable, case["period"], order.index(person), amount) for variable, amount in own.items())
        else:
            for variable, amount in (value if name == "household" else {name: value}).items():
                dated = amount if isinstance(amount, dict) else {case["period"]: amount}
                yield from ((variable, period, None, expected) for period, expected in dated.items())


@pytest.mark.slow
class TestCountryTemplate:
    @pytest.mark.parametrize("case", list(cases()))
    def test_answers_as_published(self, case):
        told = [(f"members.{name}" if name in PERSONAL else name, TOLD[name]) for name in case["input"] if name in TOLD]
        rules = with_given(RULES, told)
        margin = Fraction(case.get("absolute_error_margin", "0"))
        for variable, period, member, expected in expectations(case):
            day = first_day(period)
            entities = households(case, day)
            population = of_objects(entities, rules)
            if variable in RULES.facts:
                assert population.facts[variable][0] == RULES.choices["occupancy"].index(expected)
                continue
            name = f"members.{variable}" if variable in PERSONAL else variable
            values, _ = definition_values(
                rules, population, name, province="CQ", on=day, given=[name for name, _ in told]
            )
            factor = unit("year" if variable == "age" else "yuan").factor
            wanted = expected if isinstance(expected, list) else [expected]
            found = values if member is None else [values[member]]
            assert len(found) == len(wanted)
            for value, amount in zip(found, wanted, strict=True):
                assert abs(value / factor - arithmetic(amount)) <= margin, (variable, period)

    def test_all_thirty_one_cases_are_there(self):
        assert len(list(cases())) == 31
