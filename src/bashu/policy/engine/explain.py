"""Why a result is what it is: versions in force, inputs, branches taken, in both languages."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from bashu.policy.engine.columns import CONSTANT, ENTITY, Column
from bashu.policy.engine.levies import Compiled, Outcome, Part, Plan, Population, Side, chunk
from bashu.policy.engine.rules import PROVINCES, RuleSet, Version

NAMES = {"CQ": {"zh": "重庆", "en": "Chongqing"}, "SC": {"zh": "四川", "en": "Sichuan"}}
Values = Mapping[int, Any]


def explain(compiled: Compiled, population: Population) -> dict[str, dict[str, Any]]:
    """The first entity's results explained, by levy. Everything in it is plain values, ready for JSON."""
    one = population.take(0)
    wanted = sorted({column.slot for plan in compiled.plans for column in shown_columns(plan)})
    values = compiled.program.run(*chunk(one, 0, 1), wanted)
    waiting = waiting_for(compiled, one)
    return {plan.levy.id: explained(plan, compiled.rules, values, waiting) for plan in compiled.plans}


def waiting_for(compiled: Compiled, one: Population) -> dict[str, list[str]]:
    """For each fact an entity does not tell, the levies that wait for it."""
    waiting: dict[str, list[str]] = {}
    for plan in compiled.plans:
        for fact in plan.facts:
            if plan.parts and fact in one.known and not one.known[fact][0]:
                waiting.setdefault(fact, []).append(plan.levy.id)
    return waiting


def shown_columns(plan: Plan) -> list[Column]:
    """The columns an explanation quotes."""
    found: list[Column] = []
    for part in plan.parts:
        for side in part.sides.values():
            if side is not None:
                found += [column for column in (side.base, side.rate, side.gross, side.due) if column]
                found += [column for _, holds, after in side.reliefs for column in (holds, after)]
    return [column for column in found if column.level in (ENTITY, CONSTANT)]


def explained(plan: Plan, rules: RuleSet, values: Values, waiting: Mapping[str, list[str]]) -> dict[str, Any]:
    """One levy."""
    levy = plan.levy
    missing = [asked(rules, fact, waiting[fact]) for fact in plan.facts if fact in waiting]
    return {
        "label": dict(levy.label),
        "place": levy.place,
        "decided_by": dict(levy.setter),
        "sources": {source: rules.sources[source].title["zh"] for source in levy.sources},
        "missing_facts": missing,
        "parts": [] if missing else [explained_part(part, rules, values, levy.label) for part in plan.parts],
    }


def asked(rules: RuleSet, name: str, waiting: list[str]) -> dict[str, Any]:
    """A fact that an entity does not tell: what it is, what it may be, and which levies get a result once it is told."""
    table, _, own = name.rpartition(".")
    fact = rules.tables[table].facts[own] if table else rules.facts[name]
    told: dict[str, Any] = {"fact": name, "label": dict(fact.label), "type": fact.kind, "would_decide": waiting}
    if fact.kind == "number":
        told |= {"unit": fact.unit, "between": [decimal(Fraction(fact.low)), decimal(Fraction(fact.high))]}
    if fact.choice is not None:
        told["choices"] = list(rules.choices[fact.choice])
    return told


def explained_part(part: Part, rules: RuleSet, values: Values, label: Mapping[str, str]) -> dict[str, Any]:
    """One part of the period: both sides and a sentence."""
    sides = {province: explained_side(side, rules, values) if side else None for province, side in part.sides.items()}
    shown = {"from": part.period.start.isoformat(), "to": part.period.end.isoformat()}
    return {**shown, "missing_parameters": dict(part.missing), **sides, "sentence": sentence(part, values, label)}


def explained_side(side: Side, rules: RuleSet, values: Values) -> dict[str, Any]:
    """Base, rate, each relief and what it left, the amount due, and the numbers it rests on."""
    return {
        "base": shown(side.base, values),
        "rate": shown(side.rate, values) if side.rate else None,
        "before_reliefs": shown(side.gross, values),
        "reliefs": [
            {"id": name, "holds": bool(one_value(holds, values)), "after": shown(after, values)}
            for name, holds, after in side.reliefs
        ],
        "due_fen": int(exact(side.due, values)),
        "parameters": {name: cited(version, rules) for name, version in sorted(side.versions.items())},
    }


def cited(version: Version, rules: RuleSet) -> dict[str, Any]:
    """A version and what says so."""
    value = version.value
    if isinstance(value, Fraction):
        written: Any = decimal(value)
    elif isinstance(value, Mapping):
        written = {key: decimal(number) for key, number in value.items()}
    else:
        written = [[decimal(edge), decimal(number)] for edge, number in value or ()]
    return {
        "value": written,
        "jurisdiction": version.jurisdiction,
        "from": version.start.isoformat(),
        "to": version.end.isoformat() if version.end else None,
        "status": version.status,
        "source": rules.sources[version.source].title["zh"],
        "note": dict(version.note),
        "place": version.place,
    }


def one_value(column: Column, values: Values) -> int:
    """The only entity's integer."""
    found = values[column.slot]
    return int(found) if column.level == CONSTANT else int(found[0])


def exact(column: Column, values: Values) -> Fraction:
    """The only entity's exact value in base units."""
    return one_value(column, values) * column.scale


def shown(column: Column, values: Values) -> str | None:
    """A value as text in base units; nothing for a column with a value for each row."""
    if column.level not in (ENTITY, CONSTANT):
        return None
    unit = f" {column.unit}" if column.unit and column.unit.powers else ""
    return decimal(exact(column, values)) + unit


def decimal(value: Fraction) -> str:
    """An exact number: decimals when they end, else a fraction.

    >>> decimal(Fraction(39, 10)), decimal(Fraction(1, 3))
    ('3.9', '1/3')
    """
    down, places = value.denominator, 0
    while down % 10 == 0 or down % 2 == 0 or down % 5 == 0:
        down = down // 10 if down % 10 == 0 else down // 2 if down % 2 == 0 else down // 5
        places += 1
    if down != 1:
        return str(value)
    digits = f"{abs(value) * 10**places // 1:0{places + 1}d}"
    text = f"{digits[:-places]}.{digits[-places:]}".rstrip("0").rstrip(".") if places else digits
    return ("-" if value < 0 else "") + text


def yuan(fen: int) -> str:
    """Fen as yuan.

    >>> yuan(123456), yuan(-50)
    ('1,234.56', '-0.50')
    """
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def sentence(part: Part, values: Values, label: Mapping[str, str]) -> dict[str, str]:
    """The part in one sentence of each language."""
    due = {province: int(exact(side.due, values)) for province, side in part.sides.items() if side}
    if len(due) < len(PROVINCES):
        lacking = {
            language: "、".join(NAMES[province][language] for province in part.missing) for language in ("zh", "en")
        }
        return {
            "zh": f"{label['zh']}：{lacking['zh']}的标准尚未查明，不能比较。",
            "en": f"{label['en']}: the rate of {lacking['en'].replace('、', ' and ')} is not known, so the two cannot be compared.",
        }
    lower = min(due.values())
    winners = [province for province, fen in due.items() if fen == lower]
    zh = "两地相同" if len(winners) > 1 else f"{NAMES[winners[0]]['zh']}较低"
    en = "both are equal" if len(winners) > 1 else f"{NAMES[winners[0]]['en']} is lower"
    return {
        "zh": f"{label['zh']}：重庆 {yuan(due['CQ'])} 元，四川 {yuan(due['SC'])} 元，{zh}，应缴 {yuan(lower)} 元。",
        "en": f"{label['en']}: Chongqing {yuan(due['CQ'])} yuan, Sichuan {yuan(due['SC'])} yuan; {en}; payable {yuan(lower)} yuan.",
    }


def lacking(outcome: Outcome, population: Population, index: int) -> list[str]:
    """The facts an entity would have to tell before a levy has a result."""
    known = population.known
    return [fact for fact in outcome.plan.facts if fact in known and not known[fact][index]]
