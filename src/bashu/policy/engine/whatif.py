"""What a changed number would do: the levies that rest on it, evaluated for a population before and after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from bashu.policy.engine.faults import RuleFault
from bashu.policy.engine.levies import Outcome, Population, compile_levies, evaluate, words
from bashu.policy.engine.periods import Period
from bashu.policy.engine.rules import PROVINCES, Parameter, RuleSet, Version

STEPS = (1, 100, 1_000, 10_000, 100_000)  # yuan: edges of the distribution's classes, on both sides of zero
FEN = 100


@dataclass(frozen=True)
class Change:
    """A province's number and what it would be, in the parameter's own unit; `choice`: for which choice, where it has one for each."""

    parameter: str
    province: str
    value: Fraction
    choice: str | None = None


class Effect(NamedTuple):
    """What a population pays before and after, in fen. `known`: who has a result in both; others count for nothing."""

    levies: tuple[str, ...]
    before: np.ndarray
    after: np.ndarray
    known: np.ndarray

    @property
    def difference(self) -> np.ndarray:
        """More to pay is positive."""
        found: np.ndarray = np.where(self.known, self.after - self.before, 0)
        return found


class Sums(NamedTuple):
    """Who wins, who loses, and what it costs the treasury: fen collected less is negative."""

    winners: int
    losers: int
    unchanged: int
    unknown: int
    gained: int
    lost: int

    @property
    def collected(self) -> int:
        """How much more is collected in all."""
        return self.lost - self.gained


def changed(rules: RuleSet, change: Change, period: Period) -> RuleSet:
    """The rules with one number changed throughout a period. Raises RuleFault when there is no such number."""
    parameter = rules.parameters.get(change.parameter)
    if parameter is None or change.province not in PROVINCES:
        raise RuleFault(f"no number is called {change.parameter} in {change.province}")
    live = [version for version in parameter.versions if touches(version, period)]
    own = [version for version in live if version.jurisdiction == change.province]
    if not own and not live:
        raise RuleFault(f"{change.parameter} has no version from {period.start} to {period.end}")
    if not own:  # a province gets a number of its own where a national one held
        made = replace(live[0], jurisdiction=change.province, start=period.start, end=period.end)
        versions = (*parameter.versions, with_value(rules, parameter, made, change))
    else:
        versions = tuple(
            with_value(rules, parameter, version, change) if version in own else version
            for version in parameter.versions
        )
    return replace(rules, parameters={**rules.parameters, parameter.id: replace(parameter, versions=versions)})


def touches(version: Version, period: Period) -> bool:
    """Whether a version holds on some day of a period."""
    return version.start <= period.end and (version.end is None or version.end >= period.start)


def with_value(rules: RuleSet, parameter: Parameter, version: Version, change: Change) -> Version:
    """A version with its number changed; from then on it is assumed."""
    value: Fraction | Mapping[str, Fraction] = change.value
    if parameter.threshold_unit is not None:
        raise RuleFault(f"{parameter.id} is a scale of brackets; only single numbers can be tried")
    if parameter.choice is not None:
        known = version.value if isinstance(version.value, Mapping) else {}
        if change.choice not in rules.choices[parameter.choice]:
            raise RuleFault(f"{parameter.id} has one number for each {parameter.choice}: name which")
        value = {**known, change.choice: change.value}
        if set(value) != set(rules.choices[parameter.choice]):
            raise RuleFault(f"{parameter.id}: the numbers of the other choices are not known")
    return replace(version, value=value, status="assumed")


def effect_of(rules: RuleSet, change: Change, period: Period, population: Population) -> Effect:
    """What everybody pays before and after a change, over the levies that rest on the number."""
    levies = tuple(levy.id for levy in rules.levies.values() if change.parameter in words(levy, rules))
    size = len(population.ids)
    sides = []
    for each in (rules, changed(rules, change, period)):
        sides.append(evaluate(compile_levies(each, period, levies), population))
    before, after, known = np.zeros(size, np.int64), np.zeros(size, np.int64), np.zeros(size, bool)
    for one, other in zip(*sides, strict=True):
        if one.payable is None or other.payable is None:
            continue
        both = told(one, size) & told(other, size)
        before += np.where(both, one.payable, 0)
        after += np.where(both, other.payable, 0)
        known |= both
    return Effect(levies, before, after, known)


def told(outcome: Outcome, size: int) -> np.ndarray:
    """Who has a result."""
    result = np.ones(size, bool) if outcome.known is None else outcome.known.copy()
    return result if outcome.conflict is None else result & ~outcome.conflict


def sums(effect: Effect, among: np.ndarray | None = None) -> Sums:
    """The effect in figures, over all or over some."""
    some = np.ones(len(effect.known), bool) if among is None else among
    known, difference = effect.known & some, effect.difference
    winners, losers = known & (difference < 0), known & (difference > 0)
    return Sums(
        int(winners.sum()), int(losers.sum()), int((known & (difference == 0)).sum()), int((some & ~known).sum()),
        -int(difference[winners].sum()), int(difference[losers].sum()),
    )  # fmt: skip


def distribution(effect: Effect) -> list[tuple[int | None, int | None, int]]:
    """How many pay so much more or less: classes (from, to, number) in whole yuan, from the greatest relief to the greatest burden."""
    edges = [-edge * FEN for edge in reversed(STEPS)] + [0] + [edge * FEN for edge in STEPS]
    moved = effect.difference[effect.known]
    result: list[tuple[int | None, int | None, int]] = []
    for low, high in zip([None, *edges], [*edges, None], strict=True):
        inside = np.ones(len(moved), bool)
        if low is not None:
            inside &= moved > low if low >= 0 else moved >= low
        if high is not None:
            inside &= moved <= high if high > 0 else moved < high
        result.append((None if low is None else low // FEN, None if high is None else high // FEN, int(inside.sum())))
    return [*result[: len(STEPS) + 1], (0, 0, int((moved == 0).sum())), *result[len(STEPS) + 1 :]]


def by_place(effect: Effect, places: Sequence[str]) -> dict[str, Sums]:
    """The effect for each place that entities name; those that name none are left out."""
    names, codes = np.unique(np.array(places, dtype=object).astype(str), return_inverse=True)
    return {str(name): sums(effect, codes == index) for index, name in enumerate(names) if name}
