"""The rules and the sample catalogue that ship, read once; what pages and the API ask of them."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import bashu.policy
from bashu.policy.engine.levies import Compiled, compile_levies, words
from bashu.policy.engine.names import names_in
from bashu.policy.engine.periods import period as period_of
from bashu.policy.engine.rules import NATION, PROVINCES, Levy, Parameter, RuleSet, Version
from bashu.policy.engine.support import Support
from bashu.policy.formats.catalogue import Offers, read_catalogue
from bashu.policy.formats.rule_files import folder_texts, rules_of_texts

FACTS = Path(bashu.policy.__file__).parent / "facts"
REGIONAL, SAMPLE = FACTS / "regional", FACTS / "sample" / "catalogue.yaml"
YEARS_KEPT = 8


@lru_cache(maxsize=1)
def shipped_texts() -> Mapping[str, str]:
    """The shipped rule files, word for word."""
    return folder_texts(REGIONAL)


@lru_cache(maxsize=1)
def shipped() -> RuleSet:
    """The shipped rules."""
    return rules_of_texts(shipped_texts())


@lru_cache(maxsize=1)
def offers() -> Offers:
    """The shipped catalogue: a sample."""
    return read_catalogue(SAMPLE)


@lru_cache(maxsize=YEARS_KEPT)
def compiled(period: str) -> Compiled:
    """The shipped levies, compiled for a period."""
    return compile_levies(shipped(), period_of(period))


class Sides(NamedTuple):
    """A number of the rules on a day: each province's version (its own or the national one), and whose is lower."""

    parameter: Parameter
    cq: Version | None
    sc: Version | None
    lower: str  # cq, sc, tie; empty when they cannot be compared

    @property
    def national(self) -> bool:
        """Whether one national version holds in both."""
        return self.cq is not None and self.cq is self.sc

    @property
    def versions(self) -> list[Version]:
        """Both sides' versions that there are, the national one once."""
        return [version for version in (self.cq, *(() if self.national else (self.sc,))) if version is not None]


def sides_of(parameter: Parameter, on: date) -> Sides:
    """A number's two sides on a day."""
    cq, sc = (parameter.in_force(province, on) for province in PROVINCES)
    return Sides(parameter, cq, sc, lower_of(cq, sc))


def lower_of(cq: Version | None, sc: Version | None) -> str:
    """Whose value is lower; by choice only when one side's is lower for every choice."""
    if cq is None or sc is None or cq.value is None or sc.value is None:
        return ""
    pairs = list(zip(plain_values(cq), plain_values(sc), strict=False))
    if all(one == other for one, other in pairs):
        return "tie"
    if all(one <= other for one, other in pairs):
        return "cq"
    return "sc" if all(one >= other for one, other in pairs) else ""


def plain_values(version: Version) -> list[Fraction]:
    """A version's numbers in order of choice or threshold."""
    value = version.value
    if isinstance(value, Fraction):
        return [value]
    if isinstance(value, Mapping):
        return [value[key] for key in sorted(value)]
    return list(chain.from_iterable(value or ()))


def numbers_of(levy: Levy, rules: RuleSet, on: date) -> list[Sides]:
    """The numbers a levy rests on, those that differ by province first."""
    read = [rules.parameters[name] for name in sorted(words(levy, rules)) if name in rules.parameters]
    sides = [sides_of(parameter, on) for parameter in read]
    return sorted(sides, key=lambda one: (one.national, one.parameter.id))


def rate_of(levy: Levy, rules: RuleSet, on: date) -> Sides | None:
    """The number that the two governments may set each for itself, and that decides whose levy is lower."""
    own = [side for side in numbers_of(levy, rules, on) if not is_national(side.parameter)]
    named = names_in(levy.rate.text) if levy.rate else frozenset()
    return next((side for side in own if side.parameter.id in named), own[0] if own else None)


def is_national(parameter: Parameter) -> bool:
    """Whether one number holds in the whole nation."""
    return all(version.jurisdiction == NATION for version in parameter.versions)


def numbers_to_try() -> list[tuple[Parameter, str | None]]:
    """The numbers that the what-if desk can change, by choice where they have one for each: all that some levy reads."""
    rules = shipped()
    read = set().union(*(words(levy, rules) for levy in rules.levies.values()))
    found: list[tuple[Parameter, str | None]] = []
    for parameter in rules.parameters.values():
        known = all(version.value is not None for version in parameter.versions)
        if parameter.id not in read or parameter.threshold_unit is not None or is_national(parameter):
            continue
        if parameter.choice is None:
            found.append((parameter, None))
        elif known:
            found += [(parameter, choice) for choice in rules.choices[parameter.choice]]
    return found


def excerpt(place: str, texts: Mapping[str, str]) -> str:
    """The lines of a file in which something is written: from its own line to the next that stands as far left."""
    name, _, number = place.rpartition(":")
    lines = texts[name].splitlines()[int(number) - 1 :]
    indent = len(lines[0]) - len(lines[0].lstrip())
    end = next(
        (
            index
            for index, line in enumerate(lines[1:], start=1)
            if line.strip() and len(line) - len(line.lstrip()) <= indent
        ),
        len(lines),
    )
    return "\n".join(line[indent:] for line in lines[:end]).rstrip()


def topics() -> list[tuple[Support | None, Support | None]]:
    """The catalogue's items, both provinces' of one topic side by side."""
    read = offers()
    topic_of = {item.id: item.topic or item.id for item in read.catalogue.items}
    pairs: dict[str, dict[str, Support]] = {}
    for item in read.items:
        pairs.setdefault(topic_of[item.id], {})[item.province] = item
    return [(pair.get("CQ"), pair.get("SC")) for pair in pairs.values()]


def sample_text() -> dict[str, str]:
    """The sample catalogue, word for word, by its file's name."""
    return {SAMPLE.name: SAMPLE.read_text(encoding="utf-8")}


def entity_of(answers: Mapping[str, Any], on: date) -> dict[str, Any]:
    """The five answers as the facts of an entity: land disturbed becomes works begun that day."""
    told = {key: value for key, value in answers.items() if value is not None and key != "disturbed_area"}
    if answers.get("disturbed_area") is not None:
        told["disturbances"] = [{"date": on.isoformat(), "area": answers["disturbed_area"]}]
    return told
