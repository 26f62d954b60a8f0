"""Columnar integer programs: exact arithmetic over whole populations.

A number is a column of int64 times one exact rational `scale` fixed when the program is built, so a product with a
constant costs nothing at run time and nothing is ever rounded but where a rule says so. Every column carries the
range its facts were declared with; a step whose range leaves 64 bits is refused when the program is built, hence no
step can overflow when it runs. Equal steps are built once (hash-consing), whichever levy or province asks for them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import gcd, lcm
from typing import Any, NamedTuple

import numpy as np

from bashu.policy.engine.faults import RuleFault
from bashu.policy.engine.units import PURE, Unit

LARGEST = 2**63 - 1
ENTITY, CONSTANT = "entity", "constant"
Operation = Callable[..., Any]


class Rows(NamedTuple):
    """Where a table's rows belong: `offsets` (n + 1) into the rows, `parent` of each row."""

    offsets: np.ndarray
    parent: np.ndarray


class Step(NamedTuple):
    """One instruction: an operation on earlier slots with fixed data; `level` is entity, constant or a table."""

    operation: str
    arguments: tuple[int, ...]
    data: Any
    level: str


@dataclass(frozen=True)
class Column:
    """A typed view of a slot: its numbers times `scale`, in base units, between `low` and `high` (of the integers)."""

    slot: int
    kind: str  # number, boolean, choice, date, text
    level: str
    scale: Fraction = Fraction(1)
    low: int = 0
    high: int = 1
    unit: Unit | None = PURE  # None: a zero, which has any unit
    choice: str | None = None
    constant: int | None = None

    @property
    def value(self) -> Fraction:
        """A constant's exact value."""
        assert self.constant is not None
        return self.constant * self.scale


@dataclass
class Program:
    """Steps in order; build with the methods, run with `run`."""

    steps: list[Step] = field(default_factory=list)
    seen: dict[tuple, int] = field(default_factory=dict)

    def emit(self, operation: str, arguments: tuple[int, ...], data: Any, level: str) -> int:
        """Add a step, or find the equal one."""
        key = (operation, arguments, data, level)
        if key not in self.seen:
            self.seen[key] = len(self.steps)
            self.steps.append(Step(operation, arguments, data, level))
        return self.seen[key]

    def constant(self, value: Fraction | int, unit: Unit = PURE) -> Column:
        """An exact constant in base units; zero has any unit."""
        exact = Fraction(value)
        mark = 1 if exact else 0
        slot = self.emit("constant", (), mark, CONSTANT)
        return Column(
            slot, "number", CONSTANT, exact or Fraction(1), mark, mark, unit if exact else None, constant=mark
        )

    def truth(self, value: bool) -> Column:
        """A constant condition."""
        return Column(
            self.emit("constant", (), value, CONSTANT),
            "boolean",
            CONSTANT,
            low=int(value),
            high=int(value),
            constant=int(value),
        )

    def input(
        self,
        name: str,
        kind: str,
        level: str,
        *,
        low: int,
        high: int,
        scale: Fraction = Fraction(1),
        unit: Unit = PURE,
        choice: str | None = None,
    ) -> Column:
        """A fact of the entity or of a table's rows."""
        checked(low, high, name)
        return Column(self.emit("input", (), name, level), kind, level, scale, low, high, unit, choice)

    def level_of(self, *columns: Column) -> str:
        """The common level; an entity's value is spread over the rows it meets."""
        tables = {column.level for column in columns} - {CONSTANT, ENTITY}
        if len(tables) > 1:
            raise RuleFault(f"rows of {' and '.join(sorted(tables))} cannot meet: sum one of them first")
        if tables:
            return tables.pop()
        return ENTITY if any(column.level == ENTITY for column in columns) else CONSTANT

    def spread(self, column: Column, level: str) -> Column:
        """Repeat an entity's value on each row of a table."""
        if column.level in (level, CONSTANT) or level == CONSTANT:
            return column
        return replace(column, slot=self.emit("spread", (column.slot,), None, level), level=level)

    def multiplied(self, column: Column, factor: int) -> Column:
        """The same value on a scale `factor` times finer."""
        if factor == 1:
            return column
        low, high = sorted((column.low * factor, column.high * factor))
        checked(low, high, "a sum or comparison")
        if column.constant is not None:
            number = column.constant * factor
            slot = self.emit("constant", (), number, CONSTANT)
            return replace(column, slot=slot, scale=column.scale / factor, low=low, high=high, constant=number)
        slot = self.emit("scale", (column.slot,), factor, column.level)
        return replace(column, slot=slot, scale=column.scale / factor, low=low, high=high)

    def aligned(self, left: Column, right: Column) -> tuple[Column, Column]:
        """Both on one scale and level, of one unit."""
        if left.kind != right.kind:
            raise RuleFault(f"{left.kind} and {right.kind} cannot be combined")
        if left.kind == "choice" and left.choice != right.choice:
            raise RuleFault(f"choices of {left.choice} and {right.choice} differ")
        if left.unit and right.unit and left.unit.powers != right.unit.powers:
            raise RuleFault(f"units differ: {left.unit} and {right.unit}")
        if left.constant == 0:
            left = replace(left, scale=right.scale)
        if right.constant == 0:
            right = replace(right, scale=left.scale)
        if left.kind == "number" and left.scale != right.scale:
            common = common_scale(left.scale, right.scale)
            left = self.multiplied(left, int(left.scale / common))
            right = self.multiplied(right, int(right.scale / common))
        level = self.level_of(left, right)
        return self.spread(left, level), self.spread(right, level)

    def product(self, left: Column, right: Column) -> Column:
        """Exact product; a constant only changes the scale."""
        number(left, "×")
        number(right, "×")
        unit = None if left.unit is None or right.unit is None else left.unit.times(right.unit)
        if left.constant is not None:
            left, right = right, left
        if right.constant is not None:
            if right.constant == 0 or left.constant == 0:
                return self.constant(0)
            return replace(left, scale=left.scale * right.value, unit=unit)
        level = self.level_of(left, right)
        left, right = self.spread(left, level), self.spread(right, level)
        ends = [a * b for a in (left.low, left.high) for b in (right.low, right.high)]
        checked(min(ends), max(ends), "a product")
        slots = tuple(sorted((left.slot, right.slot)))
        return Column(
            self.emit("multiply", slots, None, level),
            "number",
            level,
            left.scale * right.scale,
            min(ends),
            max(ends),
            unit,
        )

    def sum_of(self, left: Column, right: Column, sign: int = 1) -> Column:
        """Exact sum (sign 1) or difference (sign −1)."""
        number(left, "+")
        number(right, "+")
        if left.constant is not None and right.constant is not None:
            unit = unit_of(left, right)
            self.aligned(left, right)
            return self.constant(left.value + sign * right.value, unit or PURE)
        if right.constant == 0:
            return left
        left, right = self.aligned(left, right)
        low, high = (
            (left.low + right.low, left.high + right.high)
            if sign > 0
            else (left.low - right.high, left.high - right.low)
        )
        checked(low, high, "a sum")
        slot = self.emit("add" if sign > 0 else "subtract", (left.slot, right.slot), None, self.level_of(left, right))
        return Column(slot, "number", self.level_of(left, right), left.scale, low, high, unit_of(left, right))

    def extreme(self, left: Column, right: Column, which: str) -> Column:
        """The lesser ("minimum") or greater ("maximum") of two numbers."""
        number(left, which)
        number(right, which)
        pick = min if which == "minimum" else max
        unit = unit_of(left, right)
        left, right = self.aligned(left, right)
        if left.constant is not None and right.constant is not None:
            return self.constant(pick(left.value, right.value), unit or PURE)
        low, high = pick(left.low, right.low), pick(left.high, right.high)
        level = self.level_of(left, right)
        if left.scale < 0:
            which, low, high = swapped(which, left, right)
        slot = self.emit(which, (left.slot, right.slot), None, level)
        return Column(slot, "number", level, left.scale, low, high, unit)

    def compare(self, left: Column, right: Column, operation: str) -> Column:
        """A condition: less, less_equal or equal."""
        if left.kind in ("boolean", "choice", "text") and operation != "equal":
            raise RuleFault(f"a {left.kind} has no order")
        left, right = self.aligned(left, right)
        if left.scale < 0 and operation != "equal":
            left, right = right, left
        if left.constant is not None and right.constant is not None:
            a, b = left.constant, right.constant
            return self.truth({"less": a < b, "less_equal": a <= b, "equal": a == b}[operation])
        level = self.level_of(left, right)
        decided = by_range(left, right, operation) if left.kind == "number" and level == ENTITY else None
        if decided is not None:
            return self.truth(decided)
        return Column(self.emit(operation, (left.slot, right.slot), None, level), "boolean", level)

    def both(self, left: Column, right: Column, operation: str = "and") -> Column:
        """Both conditions, or (operation "or") either."""
        condition(left)
        condition(right)
        for one, other in ((left, right), (right, left)):
            if one.constant is not None:
                decided = bool(one.constant) == (operation == "or")
                return one if decided else other
        level = self.level_of(left, right)
        slots = tuple(sorted((self.spread(left, level).slot, self.spread(right, level).slot)))
        return Column(self.emit(operation, slots, None, level), "boolean", level)

    def negated(self, column: Column) -> Column:
        """The condition's contrary."""
        condition(column)
        if column.constant is not None:
            return self.truth(not column.constant)
        return replace(column, slot=self.emit("not", (column.slot,), None, column.level))

    def where(self, test: Column, then: Column, otherwise: Column) -> Column:
        """One of two values, by a condition."""
        condition(test)
        if test.constant is not None:
            return then if test.constant else otherwise
        unit = unit_of(then, otherwise)
        then, otherwise = self.aligned(then, otherwise)
        level = self.level_of(test, then, otherwise)
        slots = tuple(self.spread(column, level).slot for column in (test, then, otherwise))
        low, high = min(then.low, otherwise.low), max(then.high, otherwise.high)
        slot = self.emit("where", slots, None, level)
        return Column(slot, then.kind, level, then.scale, low, high, unit, then.choice)

    def rounded(self, column: Column, unit: Unit, digits: int, mode: str) -> Column:
        """Round to `digits` decimals of a unit; half_up (towards +∞ at the half), down (floor) or up (ceiling)."""
        number(column, "rounding")
        if column.unit is not None and column.unit.powers != unit.powers:
            raise RuleFault(f"cannot round {column.unit} to {unit}")
        quantum = unit.factor / 10**digits
        if column.constant is not None:
            return self.constant(
                rounded_fraction(column.value / quantum, mode) * quantum, unit._replace(factor=Fraction(1))
            )
        ratio = column.scale / quantum
        up, down = ratio.numerator, ratio.denominator
        if down == 1:
            return self.multiplied(column, up)
        ends = sorted((column.low * up * 2, column.high * up * 2))
        checked(ends[0] - 2 * down, ends[1] + 2 * down, "a rounding")
        slot = self.emit("round", (column.slot,), (up, down, mode), column.level)
        low, high = (rounded_fraction(Fraction(end, 2 * down), mode) for end in ends)
        return replace(column, slot=slot, scale=quantum, low=low, high=high)

    def divided(self, left: Column, right: Column, digits: int) -> Column:
        """A quotient of columns, rounded half up to `digits` decimals of its base unit; by a constant it is exact."""
        number(left, "÷")
        number(right, "÷")
        if right.constant is not None:
            if right.constant == 0:
                raise RuleFault("division by zero")
            assert right.unit is not None
            inverse = PURE.times(right.unit._replace(factor=Fraction(1)), -1)
            return self.rounded_if(self.product(left, self.constant(1 / right.value, inverse)), digits)
        if right.low <= 0:
            raise RuleFault("the divisor may be zero or negative: declare a lower bound above zero")
        assert right.unit is not None
        level = self.level_of(left, right)
        left, right = self.spread(left, level), self.spread(right, level)
        ratio = left.scale / right.scale * 10**digits
        ends = [Fraction(a * ratio, b) for a in (left.low, left.high) for b in (right.low, right.high)]
        largest = max(abs(left.low), abs(left.high)) * abs(ratio.numerator) * 2 + right.high * ratio.denominator * 2
        checked(-largest, largest, "a quotient")
        slot = self.emit("divide", (left.slot, right.slot), (ratio.numerator, ratio.denominator), level)
        unit = None if left.unit is None else left.unit.times(right.unit or PURE, -1)._replace(factor=Fraction(1))
        low, high = rounded_fraction(min(ends), "half_up"), rounded_fraction(max(ends), "half_up")
        return Column(slot, "number", level, Fraction(1, 10**digits), low, high, unit)

    def rounded_if(self, column: Column, digits: int) -> Column:
        """Rounding of a quotient by a constant."""
        return self.rounded(column, (column.unit or PURE)._replace(factor=Fraction(1)), digits, "half_up")

    def looked_up(self, codes: Column, values: Sequence[Fraction], unit: Unit) -> Column:
        """A number for each choice: `values` by code."""
        if codes.constant is not None:
            return self.constant(values[codes.constant] * unit.factor, unit._replace(factor=Fraction(1)))
        exact = [value * unit.factor for value in values]
        if len(set(exact)) == 1:
            return self.constant(exact[0], unit._replace(factor=Fraction(1)))
        scale = common_scale(*[value for value in exact if value])
        whole = tuple(int(value / scale) for value in exact)
        checked(min(whole), max(whole), "a table of values")
        slot = self.emit("take", (codes.slot,), whole, codes.level)
        return Column(slot, "number", codes.level, scale, min(whole), max(whole), unit._replace(factor=Fraction(1)))

    def total(self, column: Column, rows: int) -> Column:
        """Sum a table's rows for each entity; `rows` bounds their number. Conditions are counted."""
        if column.level in (ENTITY, CONSTANT):
            raise RuleFault("there are no rows to sum here")
        if column.kind == "boolean":
            column = replace(column, kind="number", low=0, high=1, unit=PURE)
        number(column, "sum")
        low, high = min(column.low * rows, 0), max(column.high * rows, 0)
        checked(low, high, "a total")
        return replace(
            column, slot=self.emit("total", (column.slot,), column.level, ENTITY), level=ENTITY, low=low, high=high
        )

    def top(self, column: Column, count: int, keys: Sequence[Column], where: Column | None) -> Column:
        """Keep each group's `count` largest values and put zero elsewhere; of equal ones the first row stays.

        A group is the rows of one entity with the same keys; only rows that meet `where` take part.
        """
        number(column, "top")
        slots = [column.slot, *(key.slot for key in keys)]
        if any(key.level != column.level for key in keys):
            raise RuleFault("top groups by columns of its own table")
        if where is not None:
            slots.append(self.spread(where, column.level).slot)
        data = (count, where is not None, column.scale < 0)
        slot = self.emit("top", tuple(slots), data, column.level)
        return replace(column, slot=slot, low=min(column.low, 0), high=max(column.high, 0))

    def run(
        self, inputs: dict[tuple[str, str], np.ndarray], rows: dict[str, Rows], wanted: Sequence[int]
    ) -> dict[int, Any]:
        """Run all steps on one chunk; answers the wanted slots. A slot is freed after its last use."""
        last = self.last_uses(tuple(wanted))
        slots: list[Any] = [None] * len(self.steps)
        for index, step in enumerate(self.steps):
            if last[index] < 0:
                continue
            if step.operation == "input":
                slots[index] = inputs[step.level, step.data]
            else:
                slots[index] = performed(rows, step, [slots[slot] for slot in step.arguments])
            for slot in step.arguments:
                if last[slot] == index:
                    slots[slot] = None
        return {slot: slots[slot] for slot in wanted}

    def last_uses(self, wanted: tuple[int, ...]) -> list[int]:
        """For each slot the last step that reads it, −1 when nothing does."""
        last = [-1] * len(self.steps)
        for slot in wanted:
            last[slot] = len(self.steps)
        for index in range(len(self.steps) - 1, -1, -1):
            if last[index] >= 0:
                for slot in self.steps[index].arguments:
                    last[slot] = max(last[slot], index)
        return last


def by_range(left: Column, right: Column, operation: str) -> bool | None:
    """What the declared ranges alone decide about a comparison of two numbers of one scale."""
    if operation == "equal":
        return False if left.high < right.low or right.high < left.low else None
    if operation == "less":
        return True if left.high < right.low else False if left.low >= right.high else None
    return True if left.high <= right.low else False if left.low > right.high else None


def unit_of(left: Column, right: Column) -> Unit | None:
    """The unit two combined values share: a zero takes the other's."""
    return right.unit if left.unit is None else left.unit


def swapped(which: str, left: Column, right: Column) -> tuple[str, int, int]:
    """On a negative scale the lesser value is the greater integer."""
    other = "maximum" if which == "minimum" else "minimum"
    pick = max if which == "minimum" else min
    return other, pick(left.low, right.low), pick(left.high, right.high)


def common_scale(*scales: Fraction) -> Fraction:
    """The coarsest scale on which all are whole; negative only when all of them are."""
    below = lcm(*[scale.denominator for scale in scales])
    result = Fraction(gcd(*[int(scale * below) for scale in scales]), below)
    return -result if all(scale < 0 for scale in scales) else result


def rounded_fraction(value: Fraction, mode: str) -> int:
    """Round an exact value to a whole number.

    >>> [rounded_fraction(Fraction(5, 2), mode) for mode in ("half_up", "down", "up")]
    [3, 2, 3]
    """
    if mode == "half_up":
        return (2 * value.numerator + value.denominator) // (2 * value.denominator)
    return value.numerator // value.denominator if mode == "down" else -(-value.numerator // value.denominator)


def checked(low: int, high: int, what: str) -> None:
    """Refuse a range beyond 64 bits."""
    if low < -LARGEST or high > LARGEST:
        raise RuleFault(f"{what} may leave 64 bits (±{max(-low, high):.2e}): declare a narrower range or round earlier")


def number(column: Column, what: str) -> None:
    """Refuse what is not a number."""
    if column.kind != "number":
        raise RuleFault(f"{what} needs a number, not a {column.kind}")


def condition(column: Column) -> None:
    """Refuse what is not a condition."""
    if column.kind != "boolean":
        raise RuleFault(f"a condition is needed, not a {column.kind}")


def performed(rows: dict[str, Rows], step: Step, arguments: list[Any]) -> Any:
    """One step's result."""
    if step.operation in PLAIN:
        return PLAIN[step.operation](*arguments)
    return INFORMED[step.operation](rows, step, *arguments)


def run_constant(_rows: dict, step: Step) -> Any:
    """A whole number or a truth."""
    return step.data


def run_spread(rows: dict[str, Rows], step: Step, values: np.ndarray) -> Any:
    """An entity's value, or a constant, on each of its rows."""
    parent = rows[step.level].parent
    return values[parent] if np.ndim(values) else np.full(len(parent), values, np.int64)


def run_scale(_rows: dict, step: Step, values: np.ndarray) -> Any:
    """Times a whole number."""
    return values * step.data


def run_take(_rows: dict, step: Step, codes: np.ndarray) -> Any:
    """The number of each choice."""
    return np.asarray(step.data, np.int64)[codes]


def run_between(_rows: dict, step: Step, days: np.ndarray) -> Any:
    """Whether a day lies between two, both included."""
    return (days >= step.data[0]) & (days <= step.data[1])


def run_round(_rows: dict, step: Step, values: np.ndarray) -> Any:
    """Numbers × up ÷ down, rounded."""
    up, down, mode = step.data
    scaled = values * up if up != 1 else values
    if mode == "down":
        return scaled // down
    if mode == "up":
        return -((-scaled) // down)
    if down % 2 == 0:  # (x + down/2) ÷ down: the half is a whole number, so one multiplication less
        return (scaled + down // 2) // down
    return (2 * scaled + down) // (2 * down)


def run_divide(_rows: dict, step: Step, above: np.ndarray, below: np.ndarray) -> Any:
    """Quotient × up ÷ down, rounded half up."""
    up, down = step.data
    divisor = below * down
    return (2 * above * up + divisor) // (2 * divisor)


def run_total(rows: dict[str, Rows], step: Step, values: np.ndarray) -> Any:
    """Differences of running sums: empty groups give zero."""
    running = np.zeros(len(values) + 1, np.int64)
    np.cumsum(values, out=running[1:])
    offsets = rows[step.data].offsets
    return running[offsets[1:]] - running[offsets[:-1]]


def run_top(rows: dict[str, Rows], step: Step, values: np.ndarray, *others: np.ndarray) -> Any:
    """Rank inside groups by one stable sort; rows outside the condition rank nowhere."""
    count, filtered, reverse = step.data
    keys = [rows[step.level].parent, *others[: len(others) - filtered]]
    chosen = np.flatnonzero(others[-1]) if filtered else np.arange(len(values))
    wanted = values[chosen] if reverse else -values[chosen]
    picked = [key[chosen] for key in keys]
    order = np.lexsort((wanted, *reversed(picked)))
    new = np.ones(len(chosen), bool)
    new[1:] = False
    for key in picked:
        ordered = key[order]
        new[1:] |= ordered[1:] != ordered[:-1]
    start = np.maximum.accumulate(np.where(new, np.arange(len(chosen)), 0))
    kept = chosen[order[np.arange(len(chosen)) - start < count]]
    result = np.zeros(len(values), np.int64)
    result[kept] = values[kept]
    return result


def run_years(_rows: dict, step: Step, born: np.ndarray) -> Any:
    """Completed years on a day (data: year, month, day)."""
    year, month, day = step.data
    days = np.asarray(born, np.int64).astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    birth_month = months.astype(np.int64) % 12 + 1
    birth_day = (days - months).astype(np.int64) + 1
    past = (birth_month < month) | ((birth_month == month) & (birth_day <= day))
    return year - (days.astype("datetime64[Y]").astype(np.int64) + 1970) - np.where(past, 0, 1)


PLAIN: dict[str, Operation] = {
    "multiply": np.multiply,
    "add": np.add,
    "subtract": np.subtract,
    "minimum": np.minimum,
    "maximum": np.maximum,
    "less": np.less,
    "less_equal": np.less_equal,
    "equal": np.equal,
    "and": np.logical_and,
    "or": np.logical_or,
    "not": np.logical_not,
    "where": np.where,
}
INFORMED: dict[str, Operation] = {  # these also read the step's data or the tables' rows
    "constant": run_constant,
    "spread": run_spread,
    "scale": run_scale,
    "take": run_take,
    "between": run_between,
    "round": run_round,
    "divide": run_divide,
    "total": run_total,
    "top": run_top,
    "years": run_years,
}
