"""The lower of two: a levy under both provinces' rules, per tax period and rate version, for whole populations.

For each levy and each part of the period in which no rate changes: Chongqing's amount, Sichuan's amount, payable is
the lower one. A result over several parts is the sum of theirs, so it is never above either province's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np

from bashu.policy.engine.columns import CONSTANT, ENTITY, Column, Program, Rows
from bashu.policy.engine.expressions import Context, Lowering
from bashu.policy.engine.faults import NotInForce, RuleFault
from bashu.policy.engine.names import formula_names, names_in
from bashu.policy.engine.periods import Period, month_after, months_of, split
from bashu.policy.engine.rules import PROVINCES, Exemption, Formula, Levy, RuleSet, Version
from bashu.policy.engine.units import MONEY, MONEY_A_MONTH, MONTH

CHUNK = 8192
TIE, CQ, SC, MIXED = 0, 1, 2, 3
WINNERS = ("tie", "cq", "sc", "mixed")
CAP = ""  # no relief is called so


@dataclass(frozen=True)
class Rowset:
    """A table of a population: rows sorted by entity, `offsets` (n + 1)."""

    offsets: np.ndarray
    columns: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Population:
    """Entities as columns. `known` has a mask for each fact (or "table.fact") that some entity does not tell."""

    ids: Sequence[Any]
    facts: Mapping[str, np.ndarray]
    tables: Mapping[str, Rowset] = field(default_factory=dict)
    known: Mapping[str, np.ndarray] = field(default_factory=dict)

    def take(self, index: int) -> "Population":
        """One entity alone."""
        tables = {}
        for name, table in self.tables.items():
            first, last = int(table.offsets[index]), int(table.offsets[index + 1])
            tables[name] = Rowset(
                np.array([0, last - first]), {key: column[first:last] for key, column in table.columns.items()}
            )
        one = slice(index, index + 1)
        return Population(
            [self.ids[index]],
            {key: column[one] for key, column in self.facts.items()},
            tables,
            {key: mask[one] for key, mask in self.known.items()},
        )


@dataclass
class Side:
    """One province's side of a part: its columns in the program and what they rest on.

    used: what each amount taken off, and the cap, have used up since the period began (by event only).
    """

    province: str
    base: Column
    rate: Column | None
    gross: Column
    reliefs: list[tuple[str, Column, Column]]  # relief, whether it holds, amount after it
    due: Column
    versions: dict[str, Version]
    facts: set[str]
    conflicts: list[tuple[Column, str, str]]
    used: dict[str, Column]
    exceptions: list[tuple[Exemption, Column]]


@dataclass
class Part:
    """A levy in a part of the period without a change; a side is None when a parameter has no value in force."""

    period: Period
    sides: dict[str, Side | None]
    missing: dict[str, str]  # province → parameter without a value


@dataclass
class Plan:
    """A levy compiled for one period."""

    levy: Levy
    parts: list[Part]
    cq: Column | None
    sc: Column | None
    payable: Column | None
    rate_winner: Column | int | None
    facts: tuple[str, ...]
    conflict: Column | None
    status: str  # sourced when every number is


@dataclass
class Compiled:
    """All levies of a rule set in one program, for one period."""

    rules: RuleSet
    period: Period
    program: Program
    plans: list[Plan]


class Outcome(NamedTuple):
    """A levy over a population, amounts in fen. `known` is None when every entity has a result.

    rate_winner: codes of WINNERS; None when the rates cannot be compared. by_part: both sides of each part, when there are several.
    """

    plan: Plan
    cq: np.ndarray | None
    sc: np.ndarray | None
    payable: np.ndarray | None
    rate_winner: np.ndarray | int | None
    known: np.ndarray | None
    conflict: np.ndarray | None
    by_part: tuple[tuple[np.ndarray | None, np.ndarray | None], ...] = ()

    def winner(self) -> np.ndarray:
        """Codes of WINNERS: whose total is lower."""
        assert self.cq is not None and self.sc is not None
        return np.where(self.cq == self.sc, TIE, np.where(self.cq < self.sc, CQ, SC)).astype(np.int8)

    def saving(self) -> np.ndarray:
        """What the lower side saves against the higher one, summed over the parts."""
        assert self.cq is not None and self.sc is not None and self.payable is not None
        saved: np.ndarray = self.cq + self.sc - 2 * self.payable
        return saved


def compile_levies(rules: RuleSet, period: Period, only: Sequence[str] | None = None) -> Compiled:
    """Compile levies (all, or those named) for a period. Raises RuleFault naming file and line."""
    program = Program()
    levies = [levy for levy in rules.levies.values() if only is None or levy.id in only]
    return Compiled(rules, period, program, [plan_of(program, rules, period, levy) for levy in levies])


def plan_of(program: Program, rules: RuleSet, period: Period, levy: Levy) -> Plan:
    """One levy: its parts, both sides of each, and the sums over them."""
    live = in_force(levy, period)
    whole = [] if live is None else split(live, changes(rules, levy, live), by=levy.accrual.by)
    parts: list[Part] = []
    for stretch in whole:
        parts.append(part_of(program, rules, levy, stretch, period=period, before=parts[-1] if parts else None))
    sides = [side for part in parts for side in part.sides.values()]
    facts = tuple(sorted({fact for side in sides if side for fact in side.facts}))
    clash: Column | None = None
    for side in sides:
        for conflict, _, _ in side.conflicts if side else ():
            entity = conflict if conflict.level in (ENTITY, CONSTANT) else counted(program, rules, conflict)
            clash = entity if clash is None else program.both(clash, entity, "or")
    statuses = {version.status for side in sides if side for version in side.versions.values()}
    held = {name for side in sides if side for name, _, _ in side.reliefs}
    statuses |= {relief.status for relief in levy.reliefs if relief.id in held}
    status = "sourced" if statuses <= {"sourced", "derived"} else "unverified"
    totals = [total(program, parts, province) for province in PROVINCES]
    payable = None if None in totals else lower(program, parts)
    return Plan(levy, parts, totals[0], totals[1], payable, rate_winner(program, parts), facts, clash, status)


def in_force(levy: Levy, period: Period) -> Period | None:
    """The days of a period on which a levy holds; by month, a month counts whole when it holds on the first of it."""
    first = levy.start
    if levy.accrual.by == "month" and first.day > 1 and first <= period.end:
        first = month_after(first.replace(day=1), 1)
    live = Period(max(period.start, first), min(period.end, levy.end or date.max))
    return live if live.start <= live.end else None


def counted(program: Program, rules: RuleSet, condition: Column) -> Column:
    """Whether a condition holds on any row."""
    number = program.where(condition, program.constant(1), program.constant(0))
    return program.compare(program.constant(0), program.total(number, rules.tables[condition.level].rows), "less")


def total(program: Program, parts: list[Part], province: str) -> Column | None:
    """A province's sum over the parts; nothing when one of them has no rate."""
    result = program.constant(0)
    for part in parts:
        side = part.sides[province]
        if side is None:
            return None
        result = program.sum_of(result, side.due)
    return result


def lower(program: Program, parts: list[Part]) -> Column:
    """The sum of each part's lower side."""
    result = program.constant(0)
    for part in parts:
        cq, sc = (part.sides[province] for province in PROVINCES)
        assert cq is not None and sc is not None
        same = cq.due.slot == sc.due.slot and cq.due.scale == sc.due.scale
        result = program.sum_of(result, cq.due if same else program.extreme(cq.due, sc.due, "minimum"))
    return result


def rate_winner(program: Program, parts: list[Part]) -> Column | int | None:
    """Which side has the lower rate; MIXED when the parts disagree."""
    codes: list[Column | int] = []
    for part in parts:
        cq, sc = (part.sides[province] for province in PROVINCES)
        if cq is None or sc is None or cq.rate is None or sc.rate is None:
            return None
        if cq.rate.level not in (CONSTANT, ENTITY) or sc.rate.level not in (CONSTANT, ENTITY):
            return None
        below = program.compare(cq.rate, sc.rate, "less")
        above = program.compare(sc.rate, cq.rate, "less")
        if below.constant is not None and above.constant is not None:
            codes.append(CQ if below.constant else SC if above.constant else TIE)
            continue
        tie_or_sc = program.where(above, program.constant(SC), program.constant(TIE))
        codes.append(program.where(below, program.constant(CQ), tie_or_sc))
    if not codes:
        return None
    whole = [code for code in codes if isinstance(code, int)]
    if len(whole) == len(codes):
        return whole[0] if len(set(whole)) == 1 else MIXED
    columns = [program.constant(code) if isinstance(code, int) else code for code in codes]
    result = columns[0]
    for column in columns[1:]:
        result = program.where(program.compare(result, column, "equal"), result, program.constant(MIXED))
    return result


def part_of(program: Program, rules: RuleSet, levy: Levy, part: Period, *, period: Period, before: Part | None) -> Part:
    """Both sides of a levy in one part, after the part before it."""
    sides: dict[str, Side | None] = {}
    missing = {}
    for province in PROVINCES:
        try:
            used = {} if before is None or (side := before.sides[province]) is None else side.used
            sides[province] = side_of(program, rules, levy, part, period=period, province=province, used=used)
        except NotInForce as fault:
            sides[province] = None
            missing[province] = fault.parameter
    return Part(part, sides, missing)


def side_of(
    program: Program,
    rules: RuleSet,
    levy: Levy,
    part: Period,
    *,
    period: Period,
    province: str,
    used: Mapping[str, Column],
) -> Side:
    """Base × rate, reliefs in their order, cap, rounding to fen, as one province's rules say.

    used: by event, what the parts before this one have used up of amounts taken off and of the cap: both are the period's.
    """
    event = levy.accrual.date if levy.accrual.by == "event" else None
    context = Context(province, part.start, period.start, event, part.days() if event else None, part_end=part.end)
    lowering = Lowering(program, rules, context)
    base = lowering.formula(levy.base)
    rate = lowering.formula(levy.rate) if levy.rate else None
    gross = amount_of(lowering, levy, base, rate)
    if event is not None and "." not in event:
        day = lowering.name(event)
        inside = Column(program.emit("between", (day.slot,), part.days(), ENTITY), "boolean", ENTITY)
        gross = program.where(inside, gross, program.constant(0))
    amount, reliefs, spent = gross, [], dict(used)
    for relief in levy.reliefs:
        if not relief.holds(part.start):
            continue
        holds = lowering.text(relief.when, relief.place)
        if relief.pay is not None:
            reduced = program.product(amount, lowering.text(relief.pay, relief.place))
        else:
            less = in_part(lowering, levy, lowering.text(relief.less or "0", relief.place), f"relief {relief.id}")
            reduced = left_of(program, amount, left_of(program, less, used.get(relief.id)))
            if event is not None:
                taken = program.where(holds, program.sum_of(amount, reduced, -1), program.constant(0))
                spent[relief.id] = program.sum_of(used.get(relief.id, program.constant(0)), taken)
        amount = program.where(holds, reduced, amount)
        reliefs.append((relief.id, holds, amount))
    if levy.cap is not None:
        cap = in_part(lowering, levy, lowering.formula(levy.cap), "the cap")
        amount = program.extreme(amount, left_of(program, cap, used.get(CAP)), "minimum")
        if event is not None:
            spent[CAP] = program.sum_of(used.get(CAP, program.constant(0)), amount)
    try:
        due = program.rounded(amount, MONEY, 0, levy.rounding)
    except RuleFault as fault:
        raise RuleFault(f"{levy.place}: {fault}") from None
    return Side(
        province,
        base,
        rate,
        gross,
        reliefs,
        due,
        lowering.versions_read,
        lowering.facts_read,
        lowering.conflicts,
        spent,
        lowering.exceptions,
    )


def left_of(program: Program, amount: Column, taken: Column | None) -> Column:
    """What is left of an amount, never below zero."""
    if taken is None:
        return amount
    return program.extreme(program.sum_of(amount, taken, -1), program.constant(0), "maximum")


def amount_of(lowering: Lowering, levy: Levy, base: Column, rate: Column | None) -> Column:
    """The amount before reliefs, in money."""
    program = lowering.program
    if levy.amount is not None:
        amount = lowering.formula(levy.amount)
    else:
        assert rate is not None
        amount = program.product(base, rate)
    return in_part(lowering, levy, amount, levy.id)


def in_part(lowering: Lowering, levy: Levy, amount: Column, what: str) -> Column:
    """Money of a part: by event as it is; by month or day an amount a year counts for the part's months, so that cutting a
    period where nothing differs changes nothing."""
    if amount.level not in (ENTITY, CONSTANT):
        raise RuleFault(f"{levy.place}: {what} gives a value for each row of {amount.level}: sum them")
    if amount.unit is None:
        return amount
    wanted = MONEY if levy.accrual.by == "event" else MONEY_A_MONTH
    if amount.unit.powers != wanted.powers:
        raise RuleFault(f"{levy.place}: {what} gives {amount.unit}, but accrual by {levy.accrual.by} needs {wanted}")
    if levy.accrual.by == "event":
        return amount
    assert lowering.context.part_end is not None
    months = months_of(Period(lowering.context.on, lowering.context.part_end), by=levy.accrual.by)
    return lowering.program.product(amount, lowering.program.constant(months, MONTH))


def changes(rules: RuleSet, levy: Levy, live: Period) -> set[date]:
    """Days in the period on which something the levy rests on begins to differ."""
    days: set[date] = set()
    after = timedelta(days=1)
    names = words(levy, rules)
    for name in names:
        if name in rules.parameters:
            for version in rules.parameters[name].versions:
                days.add(version.start)
                if version.end is not None:
                    days.add(version.end + after)
        for formula in rules.definitions[name].formulas if name in rules.definitions else ():
            days.add(formula.start)
            if formula.end is not None:
                days.add(formula.end + after)
    for relief in levy.reliefs:
        days.add(relief.start)
        if relief.end is not None:
            days.add(relief.end + after)
    return {day for day in days if live.start < day <= live.end}


def words(levy: Levy, rules: RuleSet) -> set[str]:
    """Every name a levy's formulas mention, directly or through definitions."""
    found: set[str] = set()
    waiting: list[Formula] = [formula for formula in (levy.base, levy.rate, levy.amount, levy.cap) if formula]
    for relief in levy.reliefs:
        for text in (relief.when, relief.pay, relief.less):
            found |= names_in(text or "")
    waiting += [formula for name in found for formula in definition_formulas(rules, name)]
    while waiting:
        for name in formula_names(waiting.pop()) - found:
            found.add(name)
            waiting += definition_formulas(rules, name)
    return found


def definition_formulas(rules: RuleSet, name: str) -> tuple[Formula, ...]:
    """A definition's formulas, or none when the name is something else."""
    return rules.definitions[name].formulas if name in rules.definitions else ()


def evaluate(compiled: Compiled, population: Population) -> list[Outcome]:
    """Evaluate every levy for every entity, chunk by chunk so that columns stay in the processor's cache."""
    size = len(population.ids)
    wanted = {column.slot for plan in compiled.plans for column in outputs(plan)}
    arrays: dict[int, np.ndarray] = {slot: np.empty(size, kind(compiled, slot)) for slot in wanted}
    for first in range(0, size, CHUNK):
        last = min(first + CHUNK, size)
        inputs, rows = chunk(population, first, last)
        for slot, values in compiled.program.run(inputs, rows, tuple(sorted(wanted))).items():
            arrays[slot][first:last] = values
    return [outcome(plan, arrays, population) for plan in compiled.plans]


def outputs(plan: Plan) -> list[Column]:
    """The columns of a plan that are kept."""
    columns = (plan.cq, plan.sc, plan.payable, plan.rate_winner, plan.conflict)
    dues = [side.due for part in several(plan) for side in part.sides.values() if side]
    return [column for column in (*columns, *dues) if isinstance(column, Column)]


def several(plan: Plan) -> list[Part]:
    """The parts of a plan that has more than one."""
    return plan.parts if len(plan.parts) > 1 else []


def kind(compiled: Compiled, slot: int) -> type:
    """Conditions are kept as booleans, all else as int64."""
    return (
        bool
        if compiled.program.steps[slot].operation in ("and", "or", "not", "less", "equal", "less_equal")
        else np.int64
    )


def chunk(population: Population, first: int, last: int) -> tuple[dict[tuple[str, str], np.ndarray], dict[str, Rows]]:
    """Entities first…last and their rows."""
    inputs = {(ENTITY, name): column[first:last] for name, column in population.facts.items()}
    rows = {}
    for name, table in population.tables.items():
        offsets = table.offsets[first : last + 1]
        low, high = int(offsets[0]), int(offsets[-1])
        local = offsets - low
        rows[name] = Rows(local, np.repeat(np.arange(last - first), np.diff(local)))
        inputs.update({(name, key): column[low:high] for key, column in table.columns.items()})
    return inputs, rows


def outcome(plan: Plan, arrays: dict[int, np.ndarray], population: Population) -> Outcome:
    """A plan's arrays in fen, with the entities that lack a fact marked."""
    masks = [population.known[fact] for fact in plan.facts if fact in population.known]
    known = np.logical_and.reduce(masks) if masks else None
    conflict = None if plan.conflict is None or plan.conflict.constant == 0 else arrays[plan.conflict.slot]
    winner = plan.rate_winner
    rates = arrays[winner.slot] * int(winner.scale) if isinstance(winner, Column) else winner
    cq, sc, payable = (fen(column, arrays) for column in (plan.cq, plan.sc, plan.payable))
    dues = [[side.due if side else None for side in part.sides.values()] for part in several(plan)]
    by_part = tuple((fen(one, arrays), fen(other, arrays)) for one, other in dues)
    return Outcome(plan, cq, sc, payable, rates, known, conflict, by_part)


def fen(column: Column | None, arrays: dict[int, np.ndarray]) -> np.ndarray | None:
    """A rounded column is whole fen already, up to a whole scale."""
    if column is None:
        return None
    values = arrays[column.slot]
    return values if column.scale == 1 else values * column.scale.numerator // column.scale.denominator
