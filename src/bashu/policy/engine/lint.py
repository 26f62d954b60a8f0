"""What is doubtful in a rule set though it can be read: one finding a line."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations, pairwise
from typing import NamedTuple

from bashu.policy.engine.columns import Program
from bashu.policy.engine.expressions import Context, Lowering
from bashu.policy.engine.faults import RuleFault
from bashu.policy.engine.levies import Plan, changes, compile_levies
from bashu.policy.engine.names import formula_names, names_in
from bashu.policy.engine.periods import Period
from bashu.policy.engine.rules import NATION, PROVINCES, Definition, Formula, Levy, Parameter, RuleSet, Version

DAY = timedelta(days=1)
KNOWN = ("sourced", "derived")


class Finding(NamedTuple):
    """A place and what is doubtful there; `strict`: only --strict refuses it."""

    place: str
    kind: str  # citation, overlap, gap, unreachable, comparand, unverified, unknown, rule
    problem: str
    strict: bool

    def __str__(self) -> str:
        return f"{self.place}: {self.kind}: {self.problem}"


def lint(rules: RuleSet) -> list[Finding]:
    """Everything doubtful, in order of place."""
    found = [
        *citations(rules),
        *dates(rules),
        *delegated(rules),
        *unreachable(rules),
        *unsure(rules),
        *compiling(rules),
    ]
    return sorted(
        set(found), key=lambda finding: (finding.place.split(":")[0], int(finding.place.split(":")[1]), finding.problem)
    )


def citations(rules: RuleSet) -> Iterator[Finding]:
    """Numbers, levies and delegations without a publication."""
    for delegation in rules.delegations.values():
        if not delegation.source.strip():
            yield Finding(delegation.place, "citation", f"{delegation.id} has no source", False)
    for parameter in rules.numbers:
        for version in parameter.versions:
            if not version.source.strip():
                yield Finding(version.place, "citation", f"{parameter.id} has no source", False)
    for levy in rules.levies.values():
        if not levy.sources:
            yield Finding(levy.place, "citation", f"{levy.id} names no source", False)
        for relief in levy.reliefs:
            if relief.source not in rules.sources:
                yield Finding(relief.place, "citation", f"{levy.id}: no source is called {relief.source}", False)


def dates(rules: RuleSet) -> Iterator[Finding]:
    """Versions of one jurisdiction that overlap or leave days between them."""
    for parameter in rules.numbers:
        for jurisdiction in {version.jurisdiction for version in parameter.versions}:
            versions = sorted(
                (v for v in parameter.versions if v.jurisdiction == jurisdiction), key=lambda version: version.start
            )
            for earlier, later in pairwise(versions):
                yield from neighbours(parameter.id, jurisdiction, earlier.end, later)
    for definition in rules.definitions.values():
        formulas = sorted(definition.formulas, key=lambda formula: formula.start)
        for before, after in pairwise(formulas):
            yield from neighbours(definition.id, "", before.end, after)


def delegated(rules: RuleSet) -> Iterator[Finding]:
    """Delegations of nothing; one power given by one side to two holders at once."""
    for delegation in rules.delegations.values():
        if not delegation.powers:
            yield Finding(delegation.place, "unknown", f"{delegation.id}: the powers given are not known", True)
    ordered = sorted(rules.delegations.values(), key=lambda delegation: (delegation.start, delegation.id))
    for earlier, later in combinations(ordered, 2):
        both = earlier.side == later.side and (earlier.end is None or earlier.end >= later.start)
        if both and earlier.holder != later.holder:
            for power in sorted(earlier.powers.keys() & later.powers.keys()):
                problem = f"{power} is given by {later.side} to another holder already, in {earlier.id}"
                yield Finding(later.place, "overlap", problem, False)


def neighbours(name: str, jurisdiction: str, end: date | None, later: Version | Formula) -> Iterator[Finding]:
    """Two versions that follow one another."""
    shown = f"{name} {jurisdiction}".strip()
    if end is None or end >= later.start:
        yield Finding(later.place, "overlap", f"{shown}: another version still holds on {later.start}", False)
    elif end + DAY < later.start:
        yield Finding(later.place, "gap", f"{shown}: nothing holds from {end + DAY} to {later.start - DAY}", False)


def unreachable(rules: RuleSet) -> Iterator[Finding]:
    """Parameters and definitions that no levy reads; exceptions and reliefs that can never hold."""
    read = set().union(*(formula_names(formula) for formula in formulas_of(rules))) if rules.levies else set()
    named: list[Parameter | Definition] = [*rules.parameters.values(), *rules.definitions.values()]
    for thing in named:
        if thing.id not in read:
            yield Finding(thing.place, "unreachable", f"nothing reads {thing.id}", False)
    for levy in rules.levies.values():
        for relief in levy.reliefs:
            outside = (relief.end is not None and relief.end < levy.start) or (
                levy.end is not None and relief.start > levy.end
            )
            if outside or relief.when.strip() == "False":
                yield Finding(relief.place, "unreachable", f"{levy.id}: {relief.id} can never hold", False)


def formulas_of(rules: RuleSet) -> Iterator[Formula]:
    """Every formula of levies and definitions; reliefs and accrual dates as formulas."""
    for definition in rules.definitions.values():
        yield from definition.formulas
    for levy in rules.levies.values():
        yield from (formula for formula in (levy.base, levy.rate, levy.amount, levy.cap) if formula)
        for relief in levy.reliefs:
            for text in (relief.when, relief.pay, relief.less):
                if text and names_in(text):
                    yield Formula(text, relief.place)


def unsure(rules: RuleSet) -> Iterator[Finding]:
    """Numbers, delegations and reliefs that are not sourced, or not known at all."""
    for delegation in rules.delegations.values():
        if delegation.status not in KNOWN:
            yield Finding(delegation.place, "unverified", f"delegation {delegation.id} is {delegation.status}", True)
    for parameter in rules.numbers:
        for version in parameter.versions:
            where = f"{parameter.id} {version.jurisdiction} from {version.start}"
            if version.value is None:
                yield Finding(version.place, "unknown", f"{where} is not known", True)
            elif version.status not in KNOWN:
                yield Finding(version.place, "unverified", f"{where} is {version.status}", True)
    for levy in rules.levies.values():
        for relief in levy.reliefs:
            if relief.status not in KNOWN:
                yield Finding(relief.place, "unverified", f"{levy.id}: relief {relief.id} is {relief.status}", True)


def compiling(rules: RuleSet) -> Iterator[Finding]:
    """What only shows when rules are compiled on each stretch between two changes: units, names, circles, ranges."""
    for check in rules.checks.values():
        try:
            Lowering(Program(), rules, Context(NATION, date(2025, 1, 1), date(2025, 1, 1))).text(
                check.holds, check.place
            )
        except RuleFault as fault:
            yield faulty(check.place, str(fault))
    conditions: dict[tuple[str, str], bool] = {}
    for levy in rules.levies.values():
        for start in stretches(rules, levy):
            try:
                compiled = compile_levies(rules, Period(start, start.replace(month=12, day=31)), [levy.id])
            except RuleFault as fault:
                yield faulty(levy.place, str(fault))
                break
            yield from national(levy, compiled.plans[0])
            for condition, may_hold in conditions_of(compiled.plans[0]):
                conditions[condition] = conditions.get(condition, False) or may_hold
            for part in compiled.plans[0].parts:
                for province in PROVINCES:
                    name = part.missing.get(province)
                    versions = rules.parameters[name].versions if name else ()
                    if name and not any(v.jurisdiction in (province, "CN") and v.value is None for v in versions):
                        yield Finding(
                            levy.place,
                            "gap",
                            f"{levy.id}: {name} has no value for {province} from {part.period.start}",
                            False,
                        )
    for (place, name), may_hold in conditions.items():
        if not may_hold:
            yield Finding(place, "unreachable", f"{name} can never hold", False)


def national(levy: Levy, plan: Plan) -> Iterator[Finding]:
    """A levy that is not compared, and reads a number of one province."""
    for part in plan.parts if not levy.comparand else ():
        for side in part.sides.values():
            for name, version in side.versions.items() if side else ():
                if version.jurisdiction != NATION:
                    problem = f"{levy.id} is national, yet {name} is {version.jurisdiction}'s"
                    yield Finding(levy.place, "comparand", problem, False)


def conditions_of(plan: Plan) -> Iterator[tuple[tuple[str, str], bool]]:
    """The conditions of reliefs and exceptions by place and name, and whether the declared ranges let them hold."""
    reliefs = {relief.id: relief for relief in plan.levy.reliefs}
    for part in plan.parts:
        for side in part.sides.values():
            for name, holds, _ in side.reliefs if side else ():
                yield (reliefs[name].place, f"{plan.levy.id}: {name}"), holds.constant != 0
            for item, holds in side.exceptions if side else ():
                yield (item.place, item.id), holds.constant != 0


def stretches(rules: RuleSet, levy: Levy) -> list[date]:
    """The levy's first day and every later change, each compiled to the end of its year."""
    last = levy.end or date(9000, 1, 1)
    return sorted({levy.start, *changes(rules, levy, Period(levy.start, last))})


def faulty(place: str, problem: str) -> Finding:
    """A fault of compiling; it says its own place when it knows a better one."""
    head, _, rest = problem.partition(": ")
    if head.rpartition(":")[2].isdigit():
        return Finding(head, "rule", rest, False)
    return Finding(place, "rule", problem, False)
