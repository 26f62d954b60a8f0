"""Exact values of definitions, for tests and for looking into rules."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction

import numpy as np

from bashu.policy.engine.columns import CONSTANT, Program
from bashu.policy.engine.expressions import Context, Lowering
from bashu.policy.engine.levies import Population, chunk
from bashu.policy.engine.rules import Fact, RuleSet
from bashu.policy.engine.units import Unit


def definition_values(
    rules: RuleSet, population: Population, name: str, *, province: str, on: date, given: Sequence[str] = ()
) -> tuple[list[Fraction], Unit | None]:
    """A definition's value for each entity, or for each row of its table, exact and in base units.

    given: definitions that the population tells as facts (see `with_given`).
    """
    program = Program()
    lowering = Lowering(program, rules, Context(province, on, on, given=frozenset(given)))
    table, _, own = name.rpartition(".")
    column = lowering.row_fact(table, own) if table else lowering.name(name)
    inputs, rows = chunk(population, 0, len(population.ids))
    found = program.run(inputs, rows, [column.slot])[column.slot]
    size = len(rows[table].parent) if table else len(population.ids)
    whole = (
        np.broadcast_to(np.asarray(found, np.int64), size) if column.level == CONSTANT else np.asarray(found, np.int64)
    )
    return [int(value) * column.scale for value in whole], column.unit


def with_given(rules: RuleSet, facts: Sequence[tuple[str, Fact]]) -> RuleSet:
    """Rules whose definitions of these names may be told as facts instead: "name" or "table.name"."""
    entity, tables = dict(rules.facts), dict(rules.tables)
    for name, fact in facts:
        table, _, own = name.rpartition(".")
        if table:
            tables[table] = replace(tables[table], facts={**tables[table].facts, own: fact})
        else:
            entity[name] = fact
    return replace(rules, facts=entity, tables=tables)
