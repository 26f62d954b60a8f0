"""A formula in words: the same expression with what things are called instead of their names."""

import ast
from collections.abc import Callable, Mapping

from bashu.policy.engine.faults import RuleFault
from bashu.policy.engine.rules import Formula, RuleSet

SIGNS: dict[type, str] = {
    ast.Add: "+", ast.Sub: "−", ast.Mult: "×", ast.Div: "÷", ast.Lt: "<", ast.LtE: "≤", ast.Gt: ">", ast.GtE: "≥", ast.Eq: "=",
    ast.NotEq: "≠",
}  # fmt: skip
LOOSE = (ast.BoolOp, ast.IfExp, ast.Compare)
PHRASES: dict[str, dict[str, str]] = {
    "zh": {
        "sum": "各行“{0}”之和",
        "count": "符合“{0}”的行数",
        "any": "有一行符合“{0}”",
        "all": "各行均符合“{0}”",
        "top": "“{0}”最大的 {1} 项",
        "divide": "{0} ÷ {1}（保留 {2} 位小数）",
        "round": "{0}（保留 {1} 位小数）",
        "min": "“{0}”与“{1}”中较小者",
        "max": "“{0}”与“{1}”中较大者",
        "bracket": "“{0}”按“{1}”分段累进",
        "band": "“{0}”所在档次的“{1}”",
        "steps": "“{0}”逐档超过“{1}”的各档之和",
        "years": "自“{0}”起的周岁",
        "per": "每一{0}中",
        "where": "（只计{0}）",
        "and": "且",
        "or": "或",
        "not": "不符合“{0}”",
        "if": "若{0}则 {1}，否则 {2}",
        "by": "{0}（按{1}）",
        "join": "、",
        "exceptions": "{0}；例外：{1}",
        "exception": "若{0}，则 {1}",
        "between": "；",
    },
    "en": {
        "sum": "the sum of “{0}” over all rows",
        "count": "the number of rows with {0}",
        "any": "some row has {0}",
        "all": "every row has {0}",
        "top": "the {1} largest of “{0}”",
        "divide": "{0} ÷ {1} (to {2} decimals)",
        "round": "{0} (to {1} decimals)",
        "min": "the smaller of “{0}” and “{1}”",
        "max": "the larger of “{0}” and “{1}”",
        "bracket": "each slice of “{0}” at its rate in “{1}”",
        "band": "“{1}” of the band of “{0}”",
        "steps": "the sum of “{1}” for each threshold “{0}” exceeds",
        "years": "completed years since “{0}”",
        "per": "for each {0}, ",
        "where": " (only where {0})",
        "and": "and",
        "or": "or",
        "not": "not {0}",
        "if": "{1} if {0}, else {2}",
        "by": "{0} by {1}",
        "join": " and ",
        "exceptions": "{0}; except: {1}",
        "exception": "{1} if {0}",
        "between": "; ",
    },
}


def in_words(formula: Formula, rules: RuleSet, language: str, called: Mapping[str, str] | None = None) -> str:
    """A formula and its exceptions as a sentence part, in zh or en.

    Names of facts, numbers and definitions are replaced by their labels; the arithmetic stays as it is written. called: what
    words of choices are called, and numbers that shall stand with their value.
    """
    said = words(formula.text, rules, language, called)
    if not formula.exceptions:
        return said
    phrases = PHRASES[language]
    cases = [
        phrases["exception"].format(
            words(item.when, rules, language, called), words(item.value, rules, language, called)
        )
        for item in formula.exceptions
    ]
    return phrases["exceptions"].format(said, phrases["between"].join(cases))


def words(text: str, rules: RuleSet, language: str, called: Mapping[str, str] | None = None) -> str:
    """An expression in words. Raises RuleFault when it cannot be read."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as fault:
        raise RuleFault(f"cannot read “{text.strip()[:60]}”") from fault
    phrases = PHRASES[language]

    def say(node: ast.expr) -> str:  # noqa: PLR0911 (one case a kind of node)
        match node:
            case ast.Name() | ast.Attribute():
                name = ast.unparse(node)
                return (called or {}).get(name) or name_of(name, rules, language)
            case ast.Subscript(value=value, slice=key):
                return phrases["by"].format(say(value), say(key))
            case ast.Constant(value=value):
                return (called or {}).get(str(value), str(value))
            case ast.BinOp(left=left, op=op, right=right):
                return f"{inside(left, op)} {SIGNS[type(op)]} {inside(right, op, right=True)}"
            case ast.Compare(left=left, ops=ops, comparators=others):
                pairs = zip(ops, others, strict=True)
                return " ".join([say(left), *(f"{SIGNS[type(op)]} {say(other)}" for op, other in pairs)])
            case ast.BoolOp(op=op, values=values):
                sign = phrases["and" if isinstance(op, ast.And) else "or"]
                return f" {sign} ".join(say(value) for value in values)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return phrases["not"].format(say(operand))
            case ast.UnaryOp(operand=operand):
                return f"−{say(operand)}"
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return phrases["if"].format(say(test), say(body), say(orelse))
            case ast.Call(func=ast.Name(id=name)):
                return call(name, node, say, phrases)
        return ast.unparse(node)

    def inside(node: ast.expr, op: ast.operator, *, right: bool = False) -> str:
        loose = isinstance(node, LOOSE) or (isinstance(node, ast.BinOp) and binds_less(node.op, op, right=right))
        return f"({say(node)})" if loose else say(node)

    return say(tree.body)


def binds_less(inner: ast.operator, outer: ast.operator, *, right: bool) -> bool:
    """Whether a part needs brackets: sums within products, and what is taken away or divided by."""
    tight = isinstance(outer, ast.Mult | ast.Div)
    if isinstance(inner, ast.Add | ast.Sub):
        return tight or (right and isinstance(outer, ast.Sub))
    return right and isinstance(outer, ast.Div)


def call(name: str, node: ast.Call, say: Callable[[ast.expr], str], phrases: dict[str, str]) -> str:
    """A function in words, with its groups before and its condition after."""
    said = phrases.get(name, name).format(*[say(part) for part in node.args], *[""] * 3)
    for keyword in node.keywords:
        if keyword.arg == "where":
            said += phrases["where"].format(say(keyword.value))
        if keyword.arg == "per":
            keys = keyword.value.elts if isinstance(keyword.value, ast.List) else [keyword.value]
            said = phrases["per"].format(phrases["join"].join(say(key) for key in keys)) + said
    return said


def name_of(name: str, rules: RuleSet, language: str) -> str:
    """What a fact, number or definition is called; the name itself when it is none."""
    table, _, own = name.rpartition(".")
    if table in rules.tables and own in rules.tables[table].facts:
        return rules.tables[table].facts[own].label[language]
    for room in (rules.facts, rules.parameters, rules.definitions):
        if name in room:
            return str(room[name].label[language])
    return name
