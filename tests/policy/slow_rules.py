"""A second reading of the rule language: one entity, Fractions, plain loops.

Slow on purpose; it shares no arithmetic with the engine.
"""
# ruff: noqa: PLR0911

import ast
from calendar import isleap
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from math import ceil, floor
from typing import Any

from bashu.policy.engine.rules import Fact, Levy, RuleSet
from bashu.policy.engine.units import unit


class Unknown(Exception):
    """A parameter without a value."""


class Rows(list):
    """A value for each row of a table."""


def levy_dues(
    rules: RuleSet, levy: Levy, entity: Mapping[str, Any], province: str, parts: Sequence[tuple[date, date]]
) -> list[int]:
    """A levy in fen, part by part; by event, what is taken off and the cap are used up as the period goes on."""
    left: dict[str, Fraction] = {}
    return [part_due(Reader(rules, entity, province, first, last, levy), levy, left) for first, last in parts]


def part_due(reader: "Reader", levy: Levy, left: dict[str, Fraction]) -> int:
    """A levy of one part of a period, in fen. left: what earlier parts left of each amount off and of the cap."""
    event = levy.accrual.by == "event"
    months = Fraction(1) if event else months_of_days(reader.first, reader.last, levy.accrual.by)

    def money(name: str, value: Fraction, taken: Fraction) -> Fraction:
        """What is left of an amount off or of the cap, which other parts have used `taken` of."""
        return max(value - taken, Fraction(0)) if event else value * months

    amount = reader.formula(levy.amount) if levy.amount else reader.formula(levy.base) * reader.formula(levy.rate)
    amount *= months
    if event and "." not in levy.accrual.date:
        signed = date.fromisoformat(reader.entity[levy.accrual.date])
        amount = amount if reader.first <= signed <= reader.last else Fraction(0)
    for relief in levy.reliefs:
        in_force = relief.start <= reader.first and (relief.end is None or reader.first <= relief.end)
        if in_force and reader.text(relief.when):
            if relief.pay:
                amount = amount * reader.text(relief.pay)
            else:
                less = money(relief.id, reader.text(relief.less), left.get(relief.id, Fraction(0)))
                after = max(amount - less, Fraction(0))
                left[relief.id] = left.get(relief.id, Fraction(0)) + amount - after
                amount = after
    if levy.cap:
        amount = min(amount, money("", reader.formula(levy.cap), left.get("", Fraction(0))))
        left[""] = left.get("", Fraction(0)) + amount
    return {"half_up": half_up, "down": floor, "up": ceil}[levy.rounding](amount)


def months_of_days(first: date, last: date, by: str) -> Fraction:
    """A part's length in months, day by day: by month each first of a month counts one, by day each its year's share of twelve."""
    days = [date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1)]
    if by == "month":
        return Fraction(sum(day.day == 1 for day in days))
    return sum((Fraction(12, 366 if isleap(day.year) else 365) for day in days), Fraction(0))


def half_up(value: Fraction) -> int:
    """The nearest whole number; of two equally near the greater."""
    return floor(value + Fraction(1, 2))


class Reader:
    """Names and operators for one entity."""

    def __init__(self, rules, entity, province, first, last, levy):
        self.rules, self.entity, self.province, self.first, self.last, self.levy = (
            rules,
            entity,
            province,
            first,
            last,
            levy,
        )

    def formula(self, formula):
        value = self.text(formula.text)
        for item in sorted(formula.exceptions, key=lambda item: len(item.over)):
            value = lift(lambda c, a, b: a if c else b, self.text(item.when), self.text(item.value), value)
        return value

    def text(self, text):
        return self.value(ast.parse(text.strip(), mode="eval").body, text.strip())

    def fact(self, fact: Fact, said):
        if fact.kind == "number":
            return Fraction(str(fact.default if said is None else said)) * unit(fact.unit).factor
        return date.fromisoformat(said) if fact.kind == "date" else said

    def version(self, name):
        parameter = self.rules.parameters[name]
        version = parameter.in_force(self.province, self.first)
        if version is None or version.value is None:
            raise Unknown(name)
        return version.value, unit(parameter.unit).factor

    def name(self, name):
        if name in self.rules.definitions:
            return self.formula(
                next(
                    f
                    for f in self.rules.definitions[name].formulas
                    if f.start <= self.first and (f.end is None or self.first <= f.end)
                )
            )
        if name in self.rules.facts:
            return self.fact(self.rules.facts[name], self.entity[name])
        value, factor = self.version(name)
        return value * factor

    def value(self, node, text):  # noqa: PLR0912 (one case a kind of node)
        go = lambda part: self.value(part, text)  # noqa: E731
        match node:
            case ast.Constant(value=str(word)):
                return word
            case ast.Constant():
                return Fraction(ast.get_source_segment(text, node))
            case ast.Name(id=name):
                return self.name(name)
            case ast.Attribute(value=ast.Name(id=table), attr=column):
                if f"{table}.{column}" in self.rules.definitions:
                    return self.name(f"{table}.{column}")
                fact = self.rules.tables[table].facts[column]
                return Rows(self.fact(fact, row.get(column)) for row in self.entity[table])
            case ast.Subscript(value=ast.Name(id=name), slice=key):
                values, factor = self.version(name)
                return lift(lambda word: values[word] * factor, go(key))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return lift(lambda a: not a, go(operand))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return lift(lambda a: -a, go(operand))
            case ast.BinOp(left=left, op=operation, right=right):
                act = {
                    ast.Mult: lambda a, b: a * b,
                    ast.Add: lambda a, b: a + b,
                    ast.Sub: lambda a, b: a - b,
                    ast.Div: lambda a, b: a / b,
                }
                return lift(act[type(operation)], go(left), go(right))
            case ast.BoolOp(op=operation, values=values):
                join = all if isinstance(operation, ast.And) else any
                return lift(lambda *parts: join(parts), *[go(value) for value in values])
            case ast.IfExp(test=test, body=body, orelse=other):
                return lift(lambda c, a, b: a if c else b, go(test), go(body), go(other))
            case ast.Compare(left=left, ops=[operation], comparators=[right]):
                act = {
                    ast.Lt: lambda a, b: a < b, ast.LtE: lambda a, b: a <= b, ast.Gt: lambda a, b: a > b, ast.GtE: lambda a, b: a >= b,
                    ast.Eq: lambda a, b: a == b, ast.NotEq: lambda a, b: a != b,
                }  # fmt: skip
                return lift(act[type(operation)], go(left), go(right))
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=words):
                return self.call(name, arguments, {word.arg: word.value for word in words}, go)
        raise AssertionError(ast.dump(node))

    def scaled(self, name, value, scale):
        """Marginal rates slice by slice; the amount of the highest threshold reached; the amounts of all exceeded."""
        number, factor = self.version(scale)
        at = unit(self.rules.parameters[scale].threshold_unit).factor
        edges = [(edge * at, step * factor) for edge, step in number]
        if name == "band":
            return next((step for edge, step in reversed(edges) if value >= edge), Fraction(0))
        if name == "steps":
            return sum((step for edge, step in edges if value > edge), Fraction(0))
        ends = [edge for edge, _ in edges[1:]] + [max(value, edges[-1][0])]
        slices = zip(edges, ends, strict=True)
        return sum((max(min(value, end) - edge, Fraction(0)) * step for (edge, step), end in slices), Fraction(0))

    def window(self, table):
        event = self.levy.accrual.date
        if event is None or not event.startswith(f"{table}."):
            return [True] * len(self.entity[table])
        return [self.first <= date.fromisoformat(row[event.split(".")[1]]) <= self.last for row in self.entity[table]]

    def call(self, name, arguments, words, go):
        if name in ("min", "max"):
            return lift(min if name == "min" else max, *[go(part) for part in arguments])
        if name == "divide":
            places = 10 ** int(go(arguments[2]))
            return lift(lambda a, b: Fraction(half_up(a / b * places), places), go(arguments[0]), go(arguments[1]))
        if name in ("bracket", "band", "steps"):
            return self.scaled(name, go(arguments[0]), arguments[1].id)
        table = next(
            part.value.id for part in ast.walk(ast.parse(ast.unparse(arguments[0]))) if isinstance(part, ast.Attribute)
        )
        live = self.window(table)
        tests = go(words["where"]) if "where" in words else [True] * len(live)
        live = [a and b for a, b in zip(live, tests, strict=True)]
        values = go(arguments[0])
        if name == "sum":
            return sum((value for value, counts in zip(values, live, strict=True) if counts), Fraction(0))
        assert name == "top"
        keys = list(zip(*[go(key) for key in words["per"].elts], strict=True)) if "per" in words else [()] * len(live)
        kept = Rows(Fraction(0) for _ in values)
        for key in set(keys):
            group = sorted((i for i in range(len(values)) if live[i] and keys[i] == key), key=lambda i: (-values[i], i))
            for index in group[: int(go(arguments[1]))]:
                kept[index] = values[index]
        return kept


def lift(act, *parts):
    """Row by row when any part has rows."""
    rows = next((part for part in parts if isinstance(part, Rows)), None)
    if rows is None:
        return act(*parts)
    return Rows(act(*[part[index] if isinstance(part, Rows) else part for part in parts]) for index in range(len(rows)))
