"""Amounts of support items: eligibility, rate × base, own cap, for every project as one columnar program."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from bashu.policy.engine.columns import CONSTANT, ENTITY, Column, Program
from bashu.policy.engine.expressions import Context, Lowering
from bashu.policy.engine.faults import RuleFault
from bashu.policy.engine.levies import Population, chunk
from bashu.policy.engine.rules import Label, RuleSet
from bashu.policy.engine.units import MONEY


@dataclass(frozen=True)
class Support:
    """What a support item pays: `amount` in yuan when `when` holds; above `cap` it is cut off, or (void) lost."""

    id: str
    province: str
    label: Label
    place: str
    when: str | None
    amount: str | None
    cap: int | None
    void: bool
    status: str
    source: str
    area: str | None = None


def amounts_of(
    items: Sequence[Support], rules: RuleSet, population: Population, on: date
) -> tuple[np.ndarray, dict[str, tuple[str, ...]]]:
    """Each item's amount for each entity in fen, −1 where it is not eligible, −2 where a fact is missing.

    Answers also the facts each item reads. Raises RuleFault with file and line.
    """
    program = Program()
    columns: list[tuple[Column, Column]] = []
    facts: dict[str, tuple[str, ...]] = {}
    for item in items:
        if item.amount is None:
            raise RuleFault(f"{item.place}: {item.id} has no amount; projects must give theirs")
        lowering = Lowering(program, rules, Context(item.province, on, on))
        amount = program.rounded(lowering.text(item.amount, item.place), MONEY, 0, "down")
        test = lowering.text(item.when, item.place) if item.when else program.truth(True)
        if amount.level not in (ENTITY, CONSTANT) or test.level not in (ENTITY, CONSTANT):
            raise RuleFault(f"{item.place}: {item.id} gives a value for each row: sum them")
        columns.append((amount, test))
        facts[item.id] = tuple(sorted(lowering.facts_read))
    inputs, rows = chunk(population, 0, len(population.ids))
    slots = program.run(inputs, rows, [column.slot for pair in columns for column in pair])
    result = np.empty((len(population.ids), len(items)), np.int64)
    for place, (item, (amount, test)) in enumerate(zip(items, columns, strict=True)):
        result[:, place] = np.where(slots[test.slot], whole_fen(amount, slots), -1)
        limit(result[:, place], item)
        for fact in facts[item.id]:
            if fact in population.known:
                result[~population.known[fact], place] = -2
    return result, facts


def whole_fen(amount: Column, slots: Mapping[int, np.ndarray]) -> np.ndarray:
    """The integers times their scale, which rounding made whole."""
    return slots[amount.slot] * amount.scale.numerator // amount.scale.denominator


def limit(amounts: np.ndarray, item: Support) -> None:
    """An item's own cap: cut off, or not eligible any more."""
    if item.cap is not None:
        over = amounts > item.cap
        amounts[over] = -1 if item.void else item.cap
