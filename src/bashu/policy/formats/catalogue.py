"""Support catalogues (YAML) and project files (one JSON object a line)."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from bashu.policy.engine.budgets import Budget
from bashu.policy.engine.choosing import CQ, LARGEST, SC, Cap, Catalogue, Item, Problem, Share, problem_of
from bashu.policy.engine.faults import RuleFault
from bashu.policy.engine.rules import Label, RuleSet
from bashu.policy.engine.support import Support, amounts_of
from bashu.policy.formats.entities import EXACT, SHOWN, one_value_each, read_entities
from bashu.policy.formats.rule_files import MAKERS, checked, label, loose_ends
from bashu.policy.formats.schema import CapIn, CatalogueFile
from bashu.policy.formats.yaml_lines import Document, FileFaults, read

SIDES = {"CQ": CQ, "SC": SC}


@dataclass(frozen=True)
class Offers:
    """A catalogue read: what its items pay, and the limits over them."""

    name: str
    rules: RuleSet
    items: tuple[Support, ...]
    catalogue: Catalogue
    problem: Problem
    budgets: dict[str, Budget]
    budget_labels: dict[str, Label]


@dataclass(frozen=True)
class Projects:
    """Projects read: amounts in fen, shape (projects, items); −1 not eligible, −2 not known."""

    ids: list[str]
    investment: np.ndarray
    amounts: np.ndarray
    facts: dict[str, tuple[str, ...]]
    missing: dict[str, set[str]]


def fen(value: Fraction) -> int:
    """Yuan to whole fen, rounded down."""
    return int(value * 100 // 1)


def cap_of(value: CapIn | None) -> Cap | None:
    """A limit in fen."""
    return None if value is None else Cap(fen(value.most), value.over == "void")


def read_catalogue(file: Path) -> Offers:
    """Read a catalogue. Raises FileFaults with file and line."""
    return catalogue_of(read(file))


def catalogue_of(document: Document) -> Offers:
    """A catalogue from a document read. Raises FileFaults with file and line."""
    shape = checked(document, CatalogueFile)
    rooms: dict[str, dict[str, Any]] = {}
    for room, make in MAKERS.items():
        rooms[room] = {key: make(key, value, document, (room, key)) for key, value in getattr(shape, room, {}).items()}
    rules = RuleSet(name=shape.catalogue, digest="", **rooms)
    faults = list(loose_ends(rules))
    items = []
    for key in sorted(shape.items):
        item = shape.items[key]
        place = document.place(("items", key))
        if item.source not in rules.sources:
            faults.append(f"{place}: no source is called {item.source}")
        cap = cap_of(item.cap)
        most, void = (cap.most, cap.void) if cap else (None, False)
        said = (item.when, item.amount, most, void, item.status, item.source)
        items.append(Support(key, item.province, label(item.label), place, *said, area=item.area))
    if faults:
        raise FileFaults(faults)
    caps = {SIDES[side]: limit for side, value in shape.provinces.items() if (limit := cap_of(value))}
    share = None if shape.investment is None else Share(shape.investment.share, shape.investment.over == "void")
    catalogue = Catalogue(
        tuple(
            Item(key, SIDES[item.province], item.topic, tuple(item.requires), tuple(item.excludes))
            for key, item in sorted(shape.items.items())
        ),
        caps,
        share,
        tuple((group.at_most, tuple(group.items)) for group in shape.groups.values()),
    )
    try:
        budgets = {
            name: Budget(fen(budget.most), catalogue.mask(budget.items)) for name, budget in shape.budgets.items()
        }
        labels = {name: label(budget.label) for name, budget in shape.budgets.items() if budget.label}
        return Offers(shape.catalogue, rules, tuple(items), catalogue, problem_of(catalogue), budgets, labels)
    except RuleFault as fault:
        raise FileFaults([f"{document.place(('items',))}: {fault}"]) from None


def money(said: Any) -> int:
    """Yuan, as a decimal string or whole number, to fen. Raises ValueError."""
    if isinstance(said, bool) or not isinstance(said, str | int | Decimal):
        raise ValueError("an amount in yuan is needed")
    try:
        value = Decimal(said).scaleb(2, EXACT)
    except InvalidOperation:
        raise ValueError(f"{said!r} is not an amount in yuan") from None
    if not value.is_finite() or value != value.to_integral_value() or not 0 <= value <= LARGEST:
        raise ValueError(f"{said}: whole fen between 0 and {LARGEST // 100} yuan")
    return int(value)


class Faults(list[str]):
    """What is wrong with a file's lines: the first hundred in words, the rest counted."""

    total = 0

    def note(self, fault: str) -> None:
        """One more."""
        self.total += 1
        if self.total <= SHOWN:
            self.append(fault)

    def refuse(self, name: str) -> None:
        """Raises FileFaults when there is any."""
        if self:
            more = self.total - SHOWN
            raise FileFaults([*self, f"{name}: {more} more faults"] if more > 0 else list(self), self.total)


def project_lines(lines: Iterable[str | bytes], name: str) -> tuple[list[dict[str, Any]], dict[str, int], Faults]:
    """The projects with their investment in fen, the line of each, and what is wrong with others."""
    said: list[dict[str, Any]] = []
    faults = Faults()
    seen: dict[str, int] = {}
    for number, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        try:
            project = json.loads(text, parse_float=Decimal, object_pairs_hook=one_value_each)
            if not isinstance(project, dict) or not isinstance(project.get("id"), str):
                raise ValueError("an object with an id is needed")
            if project["id"] in seen:
                raise ValueError(f"id {project['id']} stands on line {seen[project['id']]} already")
            seen[project["id"]] = number
            if not isinstance(project.get("amounts", {}), dict):
                raise ValueError("amounts: an object is needed")
            project["investment"] = money(project.get("investment"))
            said.append(project)
        except (ValueError, RecursionError) as fault:
            faults.note(f"{name}:{number}: {fault}")
    return said, seen, faults


def asked_lines(projects: Iterable[dict[str, Any]], seen: dict[str, int]) -> Iterator[str]:
    """Projects that tell facts as lines of an entity file, each on the line it stands on."""
    behind = 0
    for project in projects:
        yield from [""] * (seen[project["id"]] - behind - 1)
        behind = seen[project["id"]]
        yield json.dumps({key: value for key, value in project.items() if key != "investment"}, default=str)


def read_projects(lines: Iterable[str | bytes], offers: Offers, on: date, name: str = "projects.jsonl") -> Projects:
    """Read projects: `id`, `investment`, and either `amounts` by item id or the facts the items ask for. Raises FileFaults."""
    said, seen, faults = project_lines(lines, name)
    place = {item.id: index for index, item in enumerate(offers.items)}
    amounts = np.full((len(said), len(place)), -1, np.int64)
    asked = [index for index, project in enumerate(said) if "amounts" not in project]
    for index, project in enumerate(said):
        for item, amount in project.get("amounts", {}).items():
            try:
                if item not in place:
                    raise ValueError(f"no item is called {item}")
                amounts[index, place[item]] = capped(offers.items[place[item]], money(amount))
            except ValueError as fault:
                faults.note(f"{name}:{seen[project['id']]}: amounts.{item}: {fault}")
    faults.refuse(name)
    facts: dict[str, tuple[str, ...]] = {}
    missing: dict[str, set[str]] = {}
    if asked:
        texts = asked_lines((said[index] for index in asked), seen)
        population = read_entities(texts, offers.rules, name).population
        amounts[asked], facts = amounts_of(offers.items, offers.rules, population, on)
        for fact, mask in population.known.items():
            for entity in np.flatnonzero(~mask).tolist():
                missing.setdefault(population.ids[entity], set()).add(fact)
    return Projects(
        [project["id"] for project in said],
        np.array([project["investment"] for project in said], np.int64),
        amounts,
        facts,
        missing,
    )


def capped(item: Support, amount: int) -> int:
    """A given amount under the item's own cap."""
    if item.cap is None or amount <= item.cap:
        return amount
    return -1 if item.void else item.cap
