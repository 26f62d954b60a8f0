"""Facts that contradict one another: conditions that every entity's facts must meet."""

from collections.abc import Iterator
from datetime import date

import numpy as np

from bashu.policy.engine.columns import CONSTANT, ENTITY, Program
from bashu.policy.engine.expressions import Context, Lowering
from bashu.policy.engine.faults import RuleFault
from bashu.policy.engine.levies import Population, chunk
from bashu.policy.engine.rules import NATION, Check, RuleSet


def contradictions(rules: RuleSet, population: Population, on: date) -> Iterator[tuple[int, Check]]:
    """Each entity (by index) that breaks a check, check by check; where a fact is not told, a check says nothing."""
    for check in rules.checks.values():
        program = Program()
        lowering = Lowering(program, rules, Context(NATION, on, on))
        holds = lowering.text(check.holds, check.place)
        if holds.kind != "boolean" or holds.level not in (ENTITY, CONSTANT):
            raise RuleFault(f"{check.place}: a check is one condition for each entity")
        inputs, rows = chunk(population, 0, len(population.ids))
        broken = np.broadcast_to(
            ~np.asarray(program.run(inputs, rows, [holds.slot])[holds.slot], bool), len(population.ids)
        ).copy()
        for fact in lowering.facts_read:
            if fact in population.known:
                broken &= population.known[fact]
        for index in np.flatnonzero(broken).tolist():
            yield index, check
