"""The expression language: text of a rule to steps of a columnar program.

A small part of Python's expression syntax, read with the standard parser and never evaluated by it:

    emissions.mass, land_rate[land_grade]           facts, and parameters by choice
    + - *, a / constant, < <= > >= == !=, and or not, x if test else y
    sum(x, where=c)  count(c)  any(c)  all(c)       over a table's rows
    top(x, 3, per=[emissions.outlet], where=c)      x on the rows that are among the 3 largest, else 0
    divide(x, y, 6)                                 a quotient of facts, rounded half up to 6 decimals
    round(x, 2)  round(x, 2, "down")                decimals of the yuan for money, else of the base unit
    min(x, y)  max(x, y)                            lesser, greater
    bracket(x, scale)  band(x, scale)  steps(x, scale)   marginal rates; amount of the band x is in; sum of amounts passed
    years(birth)                                    completed years on the first day of the period

Numbers written in a rule have no unit; everything that has one is a cited parameter or a fact.
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

from bashu.policy.engine.columns import CONSTANT, ENTITY, Column, Program
from bashu.policy.engine.faults import NotInForce, RuleFault
from bashu.policy.engine.rules import Definition, Exemption, Fact, Formula, RuleSet, Version
from bashu.policy.engine.units import MONEY, PURE, Unit, plain_number, unit

COMPARISONS: dict[type, tuple[str, bool, bool]] = {  # operation, swap sides, negate
    ast.Lt: ("less", False, False),
    ast.LtE: ("less_equal", False, False),
    ast.Gt: ("less", True, False),
    ast.GtE: ("less_equal", True, False),
    ast.Eq: ("equal", False, False),
    ast.NotEq: ("equal", False, True),
}
DEEPEST = 60


@dataclass(frozen=True)
class Context:
    """What names mean: a jurisdiction's values on a day, for a period; `given` definitions are read as facts.

    event: the date fact that places something in the period; window: the first and last day that count, as day numbers.
    """

    jurisdiction: str
    on: date
    period_start: date
    event: str | None = None
    window: tuple[int, int] | None = None
    given: frozenset[str] = frozenset()
    part_end: date | None = None


@dataclass
class Lowering:
    """Turns formulas into columns of one program and remembers what they read."""

    program: Program
    rules: RuleSet
    context: Context
    facts_read: set[str] = field(default_factory=set)
    versions_read: dict[str, Version] = field(default_factory=dict)
    conflicts: list[tuple[Column, str, str]] = field(default_factory=list)
    done: dict[str, Column] = field(default_factory=dict)
    pending: list[str] = field(default_factory=list)
    exceptions: list[tuple[Exemption, Column]] = field(default_factory=list)

    def formula(self, formula: Formula) -> Column:
        """A formula's value; of two exceptions that hold together with different values none may outrank silently."""
        value = self.text(formula.text, formula.place)
        tests = {item.id: self.text(item.when, item.place) for item in formula.exceptions}
        values = {item.id: self.text(item.value, item.place) for item in formula.exceptions}
        self.exceptions += [(item, tests[item.id]) for item in formula.exceptions]
        for index, item in enumerate(formula.exceptions):
            for other in formula.exceptions[index + 1 :]:
                if other.id in item.over or item.id in other.over:
                    continue
                met = self.program.both(tests[item.id], tests[other.id])
                differ = self.program.negated(self.program.compare(values[item.id], values[other.id], "equal"))
                clash = self.program.both(met, differ)
                if clash.constant != 0:
                    self.conflicts.append((clash, item.id, other.id))
        for name in weakest_first(formula):
            value = self.program.where(tests[name], values[name], value)
        return value

    def text(self, text: str, place: str) -> Column:
        """An expression's value. Faults name the place the rule is written at."""
        try:
            tree = ast.parse(text.strip(), mode="eval")
        except (SyntaxError, ValueError, MemoryError, RecursionError) as fault:
            raise RuleFault(f"{place}: cannot read “{text.strip()[:60]}”: {getattr(fault, 'msg', fault)}") from None
        try:
            return self.node(tree.body, text.strip(), 0)
        except NotInForce:
            raise
        except RuleFault as fault:
            if str(fault).startswith(place.split(":", maxsplit=1)[0]) and ":" in str(fault):
                raise
            raise RuleFault(f"{place}: {fault}") from None

    def node(self, node: ast.expr, text: str, depth: int) -> Column:  # noqa: PLR0911, PLR0912 (one case a kind of node)
        """One node of the tree."""
        if depth > DEEPEST:
            raise RuleFault("the expression is nested too deeply")

        def below(part: ast.expr) -> Column:
            return self.node(part, text, depth + 1)

        program = self.program
        match node:
            case ast.Constant(value=bool(said)):
                return program.truth(said)
            case ast.Constant(value=int() | float()):
                return program.constant(plain_number(ast.get_source_segment(text, node) or "0"))
            case ast.Name(id=name):
                return self.name(name)
            case ast.Attribute(value=ast.Name(id=table), attr=name):
                return self.row_fact(table, name)
            case ast.Subscript(value=ast.Name(id=name), slice=key):
                return self.lookup(name, below(key))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return program.negated(below(operand))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return program.product(program.constant(-1), below(operand))
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                return program.product(below(left), below(right))
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return program.sum_of(below(left), below(right))
            case ast.BinOp(left=left, op=ast.Sub(), right=right):
                return program.sum_of(below(left), below(right), -1)
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                return self.exact_quotient(below(left), below(right))
            case ast.BoolOp(op=operation, values=values):
                word = "and" if isinstance(operation, ast.And) else "or"
                result = below(values[0])
                for part in values[1:]:
                    result = program.both(result, below(part), word)
                return result
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return program.where(below(test), below(body), below(orelse))
            case ast.Compare(left=left, ops=[operation], comparators=[right]):
                return self.comparison(left, operation, right, below)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=keywords):
                return self.call(name, arguments, {word.arg or "**": word.value for word in keywords}, below)
        raise RuleFault(f"“{ast.unparse(node)[:60]}” is not part of the rule language")

    def exact_quotient(self, left: Column, right: Column) -> Column:
        """Division by a constant is exact; quotients of facts must name their rounding."""
        if right.constant is None:
            raise RuleFault("a quotient of facts must say how it is rounded: divide(x, y, decimals)")
        if right.constant == 0:
            raise RuleFault("division by zero")
        return self.program.product(left, self.program.constant(1 / right.value, PURE.times(right.unit or PURE, -1)))

    def comparison(
        self, left: ast.expr, operation: ast.cmpop, right: ast.expr, below: Callable[[ast.expr], Column]
    ) -> Column:
        """A comparison; a quoted word is one of the other side's choices."""
        if type(operation) not in COMPARISONS:
            raise RuleFault("only < <= > >= == != compare")
        word, swap, negate = COMPARISONS[type(operation)]
        quoted = [isinstance(side, ast.Constant) and isinstance(side.value, str) for side in (left, right)]
        if any(quoted):
            column = below(right if quoted[0] else left)
            said = left if quoted[0] else right
            assert isinstance(said, ast.Constant)
            first, second = column, self.choice_code(column, str(said.value))
        else:
            first, second = below(left), below(right)
        result = self.program.compare(*((second, first) if swap else (first, second)), word)
        return self.program.negated(result) if negate else result

    def choice_code(self, column: Column, word: str) -> Column:
        """The constant code of a choice."""
        values = self.rules.choices.get(column.choice or "", ())
        if column.kind != "choice" or word not in values:
            raise RuleFault(f"“{word}” is not one of {', '.join(values) or 'any choice'}")
        code = values.index(word)
        slot = self.program.emit("constant", (), code, CONSTANT)
        return Column(slot, "choice", CONSTANT, low=code, high=code, choice=column.choice, constant=code)

    def name(self, name: str) -> Column:
        """A definition, a fact or a parameter's value in force."""
        if name in self.done:
            return self.done[name]
        if name in self.rules.definitions and name not in self.context.given:
            self.done[name] = self.definition(self.rules.definitions[name])
            return self.done[name]
        if name in self.rules.facts:
            return self.fact(self.rules.facts[name], ENTITY)
        if name in self.rules.parameters:
            version, parameter = self.version(name), self.rules.parameters[name]
            if not isinstance(version.value, Fraction):
                raise RuleFault(f"{name} has a value for each choice or bracket: say which")
            return self.program.constant(version.value * unit(parameter.unit).factor, plain(unit(parameter.unit)))
        raise RuleFault(f"nothing is called {name}")

    def definition(self, definition: Definition) -> Column:
        """A definition's value on the context's day; zero outside its dates."""
        if definition.id in self.pending:
            raise RuleFault(f"{definition.place}: {' → '.join([*self.pending, definition.id])} is a circle")
        formula = definition.in_force(self.context.on)
        if formula is None:
            return self.program.constant(0)
        self.pending.append(definition.id)
        value = self.formula(formula)
        self.pending.pop()
        return value

    def version(self, name: str) -> Version:
        """The parameter's version in force, remembered for the explanation."""
        version = self.rules.parameters[name].in_force(self.context.jurisdiction, self.context.on)
        if version is None or version.value is None:
            raise NotInForce(name)
        self.versions_read[name] = version
        return version

    def fact(self, fact: Fact, level: str) -> Column:
        """A fact's column, with the range it was declared with."""
        path = fact.id if level == ENTITY else f"{level}.{fact.id}"
        self.facts_read.add(path)
        if fact.kind == "number":
            of = unit(fact.unit)
            low, high = (int(end * 10**fact.decimals) for end in (fact.low, fact.high))
            scale = of.factor / 10**fact.decimals
            return self.program.input(fact.id, "number", level, low=low, high=high, scale=scale, unit=plain(of))
        high = len(self.rules.choices[fact.choice]) - 1 if fact.choice else 10**9
        return self.program.input(fact.id, fact.kind, level, low=0, high=max(high, 1), choice=fact.choice)

    def row_fact(self, table: str, name: str) -> Column:
        """A column of a table."""
        if table not in self.rules.tables:
            raise RuleFault(f"no table is called {table}")
        facts = self.rules.tables[table].facts
        path = f"{table}.{name}"
        if path in self.rules.definitions and path not in self.context.given:
            if path not in self.done:
                self.done[path] = self.definition(self.rules.definitions[path])
            return self.done[path]
        if name not in facts:
            raise RuleFault(f"rows of {table} have no {name}")
        return self.fact(facts[name], table)

    def lookup(self, name: str, key: Column) -> Column:
        """A parameter's value for each choice."""
        if name not in self.rules.parameters:
            raise RuleFault(f"no parameter is called {name}")
        parameter = self.rules.parameters[name]
        if parameter.choice is None or key.kind != "choice" or key.choice != parameter.choice:
            raise RuleFault(f"{name} is looked up by {parameter.choice or 'nothing'}, not by {key.choice or key.kind}")
        version = self.version(name)
        assert isinstance(version.value, dict)
        return self.program.looked_up(
            key, [version.value[word] for word in self.rules.choices[parameter.choice]], unit(parameter.unit)
        )

    def call(
        self, name: str, arguments: list[ast.expr], words: dict[str, ast.expr], below: Callable[[ast.expr], Column]
    ) -> Column:
        """A function of the language."""
        function = FUNCTIONS.get(name)
        if function is None:
            raise RuleFault(f"no function is called {name}; there are {', '.join(sorted(FUNCTIONS))}")
        try:
            return function(self, below, *arguments, **words)
        except TypeError:
            raise RuleFault(f"{name} does not take these arguments") from None

    def in_window(self, level: str) -> Column | None:
        """The condition that a table's row falls into the window, when its date decides that."""
        event = self.context.event
        if event is None or self.context.window is None:
            return None
        table, _, column = event.rpartition(".")
        if (table or ENTITY) != level:
            return None
        day = self.row_fact(table, column) if table else self.name(event)
        return Column(self.program.emit("between", (day.slot,), self.context.window, level), "boolean", level)

    def filtered(self, level: str, where: Column | None) -> Column | None:
        """The rows' own condition together with the window."""
        window = self.in_window(level)
        if where is None or window is None:
            return where if window is None else window
        return self.program.both(where, window)

    def brackets(self, node: ast.expr) -> tuple[list[tuple[Fraction, Fraction]], Unit, Unit]:
        """A scale's thresholds and numbers in base units, and both units."""
        if not isinstance(node, ast.Name) or node.id not in self.rules.parameters:
            raise RuleFault("the scale must be a parameter")
        version, parameter = self.version(node.id), self.rules.parameters[node.id]
        if not isinstance(version.value, tuple) or parameter.threshold_unit is None:
            raise RuleFault(f"{node.id} has no brackets")
        of, at = unit(parameter.unit), unit(parameter.threshold_unit)
        return [(edge * at.factor, value * of.factor) for edge, value in version.value], plain(at), plain(of)


def plain(of: Unit) -> Unit:
    """The unit's base units."""
    return of._replace(factor=Fraction(1))


def weakest_first(formula: Formula) -> list[str]:
    """Exceptions so that one that outranks another comes after it."""
    order: list[str] = []
    over = {item.id: item.over for item in formula.exceptions}

    def place(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise RuleFault(f"{formula.place}: exceptions {' → '.join([*path, name])} outrank each other in a circle")
        if name not in over:
            raise RuleFault(f"{formula.place}: no exception is called {name}")
        for weaker in over[name]:
            place(weaker, (*path, name))
        if name not in order:
            order.append(name)

    for name in over:
        place(name, ())
    return order


Below = Callable[[ast.expr], Column]


def rows_of(lowering: Lowering, level: str) -> int:
    """The most rows an entity has in a table."""
    if level not in lowering.rules.tables:
        raise RuleFault("there are no rows to sum here")
    return lowering.rules.tables[level].rows


def total(lowering: Lowering, below: Below, value: ast.expr, where: ast.expr | None = None) -> Column:
    """sum(x, where=c)"""
    column, program = below(value), lowering.program
    test = below(where) if where is not None else None
    level = program.level_of(*(part for part in (column, test) if part is not None))
    if level == CONSTANT:  # a rate of zero makes a constant of what was said of rows: they are the rows it names
        level = table_named(lowering, value)
    test = lowering.filtered(level, test)
    if column.kind == "boolean":
        column = program.where(column, program.constant(1), program.constant(0))
    if test is not None:
        column = program.where(test, column, program.constant(0))
    if column.constant == 0:
        return program.constant(0)
    if column.level == CONSTANT:
        column = replace(column, slot=program.emit("spread", (column.slot,), None, level), level=level, constant=None)
    return program.total(column, rows_of(lowering, level))


def table_named(lowering: Lowering, value: ast.expr) -> str:
    """The table whose rows an expression speaks of."""
    parts = [part.value for part in ast.walk(value) if isinstance(part, ast.Attribute)]
    names = {part.id for part in parts if isinstance(part, ast.Name)} & lowering.rules.tables.keys()
    return names.pop() if len(names) == 1 else CONSTANT


def count(lowering: Lowering, below: Below, test: ast.expr) -> Column:
    """count(c)"""
    return total(lowering, below, test)


def any_(lowering: Lowering, below: Below, test: ast.expr) -> Column:
    """any(c)"""
    return lowering.program.compare(lowering.program.constant(0), total(lowering, below, test), "less")


def all_(lowering: Lowering, below: Below, test: ast.expr) -> Column:
    """all(c): no row breaks it"""
    return lowering.program.negated(any_(lowering, lambda node: lowering.program.negated(below(node)), test))


def top(
    lowering: Lowering,
    below: Below,
    value: ast.expr,
    most: ast.expr,
    *,
    per: ast.expr | None = None,
    where: ast.expr | None = None,
) -> Column:
    """top(x, n, per=[…], where=c)"""
    column = below(value)
    if column.constant == 0:
        return column
    rows_of(lowering, column.level)
    keys = [below(key) for key in per.elts] if isinstance(per, ast.List) else [below(per)] if per is not None else []
    limit = below(most)
    if limit.constant is None or limit.value.denominator != 1:
        raise RuleFault("top keeps a fixed whole number of rows")
    test = lowering.filtered(column.level, below(where) if where is not None else None)
    return lowering.program.top(column, int(limit.value), keys, test)


def divide(lowering: Lowering, below: Below, left: ast.expr, right: ast.expr, digits: ast.expr) -> Column:
    """divide(x, y, decimals)"""
    return lowering.program.divided(below(left), below(right), int(below(digits).value))


def round_(lowering: Lowering, below: Below, value: ast.expr, digits: ast.expr, mode: ast.expr | None = None) -> Column:
    """round(x, decimals, mode)"""
    column = below(value)
    word = mode.value if isinstance(mode, ast.Constant) else "half_up"
    if word not in ("half_up", "down", "up"):
        raise RuleFault("rounding is half_up, down or up")
    to = unit("yuan") if column.unit and column.unit.powers == MONEY.powers else column.unit or PURE
    return lowering.program.rounded(column, to, int(below(digits).value), str(word))


def least(lowering: Lowering, below: Below, left: ast.expr, right: ast.expr) -> Column:
    """min(x, y)"""
    return lowering.program.extreme(below(left), below(right), "minimum")


def greatest(lowering: Lowering, below: Below, left: ast.expr, right: ast.expr) -> Column:
    """max(x, y)"""
    return lowering.program.extreme(below(left), below(right), "maximum")


def bracket(lowering: Lowering, below: Below, value: ast.expr, scale: ast.expr) -> Column:
    """bracket(x, scale): each slice of x at its own rate: the sum of (rate − rate before) × what lies above."""
    program, column = lowering.program, below(value)
    edges, at, of = lowering.brackets(scale)
    result, before = program.constant(0), Fraction(0)
    for edge, rate in edges:
        above = program.extreme(program.sum_of(column, program.constant(edge, at), -1), program.constant(0), "maximum")
        result = program.sum_of(result, program.product(above, program.constant(rate - before, of)))
        before = rate
    return result


def band(lowering: Lowering, below: Below, value: ast.expr, scale: ast.expr) -> Column:
    """band(x, scale): the amount of the highest threshold that x reaches."""
    program, column = lowering.program, below(value)
    edges, at, of = lowering.brackets(scale)
    result = program.constant(0)
    for edge, amount in edges:
        result = program.where(
            program.compare(program.constant(edge, at), column, "less_equal"), program.constant(amount, of), result
        )
    return result


def steps(lowering: Lowering, below: Below, value: ast.expr, scale: ast.expr) -> Column:
    """steps(x, scale): the sum of the amounts of all thresholds that x exceeds."""
    program, column = lowering.program, below(value)
    edges, at, of = lowering.brackets(scale)
    result = program.constant(0)
    for edge, amount in edges:
        passed = program.compare(program.constant(edge, at), column, "less")
        result = program.sum_of(result, program.where(passed, program.constant(amount, of), program.constant(0)))
    return result


def years(lowering: Lowering, below: Below, born: ast.expr) -> Column:
    """years(birth)"""
    day, column = lowering.context.period_start, below(born)
    if column.kind != "date":
        raise RuleFault("years counts from a date")
    slot = lowering.program.emit("years", (column.slot,), (day.year, day.month, day.day), column.level)
    return Column(
        slot,
        "number",
        column.level,
        low=-10_000,
        high=10_000,
        unit=unit("year")._replace(factor=Fraction(1)),
        scale=Fraction(12),
    )


FUNCTIONS: dict[str, Callable[..., Column]] = {
    "sum": total,
    "count": count,
    "any": any_,
    "all": all_,
    "top": top,
    "divide": divide,
    "round": round_,
    "min": least,
    "max": greatest,
    "bracket": bracket,
    "band": band,
    "steps": steps,
    "years": years,
}
