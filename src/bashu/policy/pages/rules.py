"""The rule browser: levies and support items by area, both provinces' values side by side, history, words, source, file."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from bashu.kernel.errors import NotFound
from bashu.kernel.web import clock
from bashu.kernel.web.templatetags.bashu import Point
from bashu.policy import rule_words
from bashu.policy.engine.levies import words as words_of
from bashu.policy.engine.names import names_in
from bashu.policy.engine.rules import Area, Formula, Levy, Parameter, RuleSet
from bashu.policy.engine.support import Support
from bashu.policy.engine.wording import in_words, words
from bashu.policy.selectors import library
from bashu.policy.selectors.library import Sides

KNOWN_BEFORE = date(1990, 1, 1)  # charts do not reach back further than this


class LevyLine(NamedTuple):
    """A levy in the list."""

    levy: Levy
    sides: Sides | None
    cq: str
    sc: str
    difference: str
    status: str
    url: str


class TopicLine(NamedTuple):
    """A topic of the catalogue: both provinces' items side by side."""

    cq: Support | None
    sc: Support | None
    area: str | None
    cq_words: str
    sc_words: str


class Section(NamedTuple):
    """One of the seven areas with what is known of it."""

    area: Area
    source: str
    levies: list[LevyLine]
    topics: list[TopicLine]
    delegations: list[Any]
    quotas: list[Any]


class NumberShown(NamedTuple):
    """A number that a levy rests on: both sides now, its history, where it is from."""

    sides: Sides
    cq: str
    sc: str
    difference: str
    versions: list[dict[str, Any]]
    lines: dict[str, list[Point]]
    unit: str


def browser(request: HttpRequest) -> HttpResponse:
    """Everything known, by the seven areas of the measures."""
    rules, today = library.shipped(), clock.today()
    lines = [(levy.area, levy_line(levy, rules, today)) for levy in rules.levies.values()]
    pairs = [topic_line(cq, sc) for cq, sc in library.topics()]
    sections = [
        Section(
            area, rule_words.named(rules.sources[area.source].title), [line for name, line in lines if name == area.id],
            [pair for pair in pairs if pair.area == area.id],
            [{"given": one, "source": rules.sources[one.source]} for one in rules.delegations.values() if one.area == area.id],
            [quota_shown(one, today) for one in rules.quotas.values() if one.area == area.id],
        )
        for area in rules.areas.values()
    ]  # fmt: skip
    unsure = sum(line.status not in ("sourced", "derived") for _area, line in lines)
    context = {
        "sections": sections,
        "today": today,
        "levies": len(lines),
        "unsure": unsure,
        "items": len(library.offers().items),
    }
    return render(request, "policy/rules.html", context)


def levy_line(levy: Levy, rules: RuleSet, on: date) -> LevyLine:
    """A levy with the number by which the provinces differ."""
    sides = library.rate_of(levy, rules, on) if levy.comparand else None
    numbers = library.numbers_of(levy, rules, on)
    told = [rule_words.status_of(version) for one in numbers for version in (one.cq, one.sc)]
    status = rule_words.weakest([*told, *(relief.status for relief in levy.reliefs if relief.holds(on))])
    url = reverse("policy:rule", args=[levy.id])
    if sides is None:
        charged = frozenset().union(*(names_in(formula.text) for formula in (levy.rate, levy.amount) if formula))
        rate = next((one for one in numbers if one.parameter.id in charged), None)
        shown = rule_words.value_of(rate.cq, rate.parameter.unit, short=True) if rate else ""
        return LevyLine(levy, None, shown, shown, "", status, url)
    cq, sc = (rule_words.value_of(side, sides.parameter.unit, short=True) for side in (sides.cq, sides.sc))
    return LevyLine(levy, sides, cq, sc, difference(sides), status, url)


def difference(sides: Sides) -> str:
    """How far the two sides are apart, in their unit; empty where they cannot be compared in one number."""
    cq, sc = (side.value if side else None for side in (sides.cq, sides.sc))
    if isinstance(cq, Fraction) and isinstance(sc, Fraction) and cq != sc:
        return rule_words.amount(abs(cq - sc), sides.parameter.unit)
    return ""


def topic_line(cq: Support | None, sc: Support | None) -> TopicLine:
    """One topic with both formulas in words."""
    found = cq or sc
    return TopicLine(cq, sc, found.area if found else None, item_words(cq), item_words(sc))


def item_words(item: Support | None) -> str:
    """What an item pays, in words: formula and cap."""
    if item is None:
        return ""
    rules, today = library.offers().rules, clock.today()
    called = {
        parameter.id: rule_words.value_of(parameter.in_force(item.province, today), parameter.unit)
        for parameter in rules.parameters.values()
    }
    said = words(item.amount, rules, rule_words.language(), called) if item.amount else ""
    if item.cap is not None:
        most = rule_words.in_yuan(item.cap)
        text = _("; above {most} yuan it is lost") if item.void else _("; at most {most} yuan")
        said += text.format(most=most)
    return said


def quota_shown(quota: Any, on: date) -> dict[str, Any]:
    """A quota with both sides' amounts."""
    as_number = Parameter(quota.id, quota.label, quota.place, quota.unit, quota.versions)
    sides = library.sides_of(as_number, on)
    cq, sc = (rule_words.value_of(side, quota.unit) for side in (sides.cq, sides.sc))
    status = rule_words.weakest([rule_words.status_of(side) for side in (sides.cq, sides.sc)])
    return {"quota": quota, "cq": cq, "sc": sc, "status": status}


def rule(request: HttpRequest, code: str) -> HttpResponse:
    """One levy: formula in words and as it is written, its numbers with history and sources, who may change them."""
    rules, today = library.shipped(), clock.today()
    if code not in rules.levies:
        raise NotFound
    levy = rules.levies[code]
    language, texts, called = rule_words.language(), library.shipped_texts(), rule_words.choice_names()
    formulas = [
        (name, in_words(formula, rules, language, called))
        for name, formula in ((_("Base"), levy.base), (_("Rate"), levy.rate), (_("Amount"), levy.amount), (_("Cap"), levy.cap))
        if formula
    ]  # fmt: skip
    used = [rules.definitions[name] for name in sorted(words_of(levy, rules)) if name in rules.definitions]
    line = levy_line(levy, rules, today)
    context = {
        "levy": levy,
        "line": line,
        "area": rules.areas.get(levy.area or ""),
        "kind": rule_words.KINDS[levy.kind],
        "accrual": rule_words.ACCRUALS[levy.accrual.by],
        "formulas": formulas,
        "definitions": [(one, definition_words(one.formulas, rules, language)) for one in used],
        "reliefs": [relief_shown(relief, rules, language) for relief in levy.reliefs],
        "numbers": [number_shown(sides, rules, today) for sides in library.numbers_of(levy, rules, today)],
        "sources": [rules.sources[name] for name in levy.sources],
        "needs_basis": levy.comparand and line.sides is not None and line.sides.lower != "tie",
        "written": library.excerpt(levy.place, texts),
        "file": levy.place.rpartition(":")[0],
        "also": [(one.id, library.excerpt(one.place, texts)) for one in used],
        "digest": rules.digest,
        "today": today,
    }
    return render(request, "policy/rule.html", context)


def definition_words(formulas: Sequence[Formula], rules: RuleSet, language: str) -> str:
    """A definition's formulas in words, by date where there are several."""
    return str(_("; ")).join(in_words(formula, rules, language, rule_words.choice_names()) for formula in formulas)


def relief_shown(relief: Any, rules: RuleSet, language: str) -> dict[str, Any]:
    """A relief with its condition and effect in words."""
    effect = words(relief.pay or relief.less or "0", rules, language)
    text = _("{effect} of the amount is due") if relief.pay is not None else _("{effect} is taken off")
    source = rules.sources.get(relief.source)
    return {
        "relief": relief, "when": words(relief.when, rules, language), "effect": text.format(effect=effect),
        "source": source, "until": relief.end,
    }  # fmt: skip


def number_shown(sides: Sides, rules: RuleSet, today: date) -> NumberShown:
    """A number with both sides, its versions, and its steps over time."""
    parameter = sides.parameter
    cq, sc = (rule_words.value_of(side, parameter.unit, short=True) for side in (sides.cq, sides.sc))
    versions = [
        {
            "side": version.jurisdiction, "from": version.start, "to": version.end,
            "value": rule_words.value_of(version, parameter.unit), "status": rule_words.status_of(version),
            "source": rules.sources[version.source], "note": version.note,
        }
        for version in sorted(parameter.versions, key=lambda version: (version.jurisdiction, version.start), reverse=True)
    ]  # fmt: skip
    percent = parameter.unit.split("/", maxsplit=1)[0] == "1"
    unit = "%" + rule_words.unit_name(parameter.unit) if percent else rule_words.unit_name(parameter.unit)
    return NumberShown(sides, cq, sc, difference(sides), versions, steps(parameter, today, 100 if percent else 1), unit)


def steps(parameter: Parameter, today: date, scale: int) -> dict[str, list[Point]]:
    """The number over time, a step at each change; nothing for numbers by choice, unknown ones, and those that never changed."""
    said = {(one.jurisdiction, one.value) for one in parameter.versions if isinstance(one.value, Fraction)}
    unknown = any(not isinstance(one.value, Fraction) for one in parameter.versions)
    if unknown or len(said) == len({jurisdiction for jurisdiction, _value in said}):
        return {}
    lines: dict[str, list[Point]] = {}
    for version in sorted(parameter.versions, key=lambda version: version.start):
        if version.start > today:
            continue
        value, source = float(version.value * scale), str(rule_words.STATUSES[version.status])  # type: ignore[operator, arg-type]
        start, end = max(version.start, KNOWN_BEFORE), min(version.end or today, today)
        lines.setdefault(str(rule_words.SIDES[version.jurisdiction]), []).extend(
            [Point(start, value, source), Point(end, value, source)]
        )
    return lines


def item(request: HttpRequest, code: str) -> HttpResponse:
    """One support item of the catalogue, beside the other province's on the same topic."""
    offers, today = library.offers(), clock.today()
    found = {one.id: one for one in offers.items}.get(code)
    if found is None:
        raise NotFound
    pair = next(pair for pair in library.topics() if found in pair)
    conditions = {one.id: one for one in offers.catalogue.items}
    items = {one.id: one for one in offers.items}
    names = sorted(set().union(*(names_of(one) for one in pair if one)) & offers.rules.parameters.keys())
    context = {
        "item": found,
        "pair": [
            (one, item_words(one), when_words(one), [items[name] for name in conditions[one.id].requires])
            for one in pair
            if one
        ],
        "area": library.shipped().areas.get(found.area or ""),
        "numbers": [
            number_shown(library.sides_of(offers.rules.parameters[name], today), offers.rules, today) for name in names
        ],
        "source": offers.rules.sources[found.source],
        "written": library.excerpt(found.place, library.sample_text()),
        "today": today,
    }
    return render(request, "policy/item.html", context)


def names_of(item: Support) -> frozenset[str]:
    """What an item's formulas mention."""
    return names_in(item.amount or "") | names_in(item.when or "")


def when_words(item: Support) -> str:
    """An item's condition in words."""
    return words(item.when, library.offers().rules, rule_words.language()) if item.when else ""
