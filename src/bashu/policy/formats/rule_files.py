"""Rule files to rules: read, put together, and name file and line of whatever is wrong."""

import hashlib
from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bashu.policy.engine.faults import RuleFault
from bashu.policy.engine.rules import (
    Accrual,
    Area,
    Check,
    Definition,
    Delegation,
    Exemption,
    Fact,
    Formula,
    Label,
    Levy,
    Parameter,
    Quota,
    Relief,
    RuleSet,
    Source,
    Table,
    Version,
)
from bashu.policy.engine.units import unit
from bashu.policy.formats import schema
from bashu.policy.formats.yaml_lines import Document, FileFaults, Path_, parse, text_of

Shape = TypeVar("Shape", bound=BaseModel)


def checked(document: Document, shape: type[Shape]) -> Shape:
    """A document in the shape its kind has. Raises FileFaults with a line for each fault."""
    try:
        return shape.model_validate(document.value)
    except ValidationError as fault:
        faults = {}
        for error in fault.errors():
            path = tuple(part for part in error["loc"] if part in reachable(document, error["loc"]))
            faults[path] = f"{document.place(path)}: {'.'.join(map(str, path)) or 'file'}: {error['msg']}"
        raise FileFaults(list(faults.values())) from None


def reachable(document: Document, loc: tuple) -> set:
    """The parts of a fault's path that are in the file: names of alternative shapes are not."""
    found: set = set()
    path: Path_ = ()
    for part in loc:
        if (*path, part) in document.lines:
            path = (*path, part)
            found.add(part)
    return found | ({loc[-1]} if loc and isinstance(loc[-1], str) and loc[-1].isidentifier() else set())


def rule_files(folder: Path) -> list[Path]:
    """The rule files of a folder, in order of name; tests beside them are left out."""
    files = sorted(file for file in folder.rglob("*.yaml") if not file.name.endswith(".test.yaml"))
    if not files:
        raise FileFaults([f"{folder}:1: no rule file (*.yaml) here"])
    return files


def read_rules(folder: Path) -> RuleSet:
    """All rule files of a folder as one rule set. Raises FileFaults."""
    return rules_of_texts(folder_texts(folder))


def folder_texts(folder: Path) -> dict[str, str]:
    """The rule files of a folder, word for word: name → text. Raises FileFaults."""
    names = {file.relative_to(folder).as_posix(): file for file in rule_files(folder)}
    return {name: text_of(file, name) for name, file in names.items()}


def rules_of_texts(texts: Mapping[str, str]) -> RuleSet:
    """The rule set that texts make, in whatever order they are given: it and its digest depend on names and words alone."""
    return rules_of([parse(texts[name], name) for name in sorted(texts)])


def rules_of_text(text: str, name: str = "rules.yaml") -> RuleSet:
    """A rule set in one text."""
    return rules_of([parse(text, name)])


def rules_of(documents: Iterable[Document]) -> RuleSet:
    """Put documents together; an id may stand in one of them only."""
    faults: list[str] = []
    name = ""
    digest = hashlib.sha256()
    rooms: dict[str, dict[str, Any]] = {key: {} for key in MAKERS}
    for document in documents:
        digest.update(repr((document.name, document.text)).encode())
        try:
            file = checked(document, schema.RuleFile)
        except FileFaults as fault:
            faults += fault.faults
            continue
        if name and file.catalogue != name:
            faults.append(f"{document.place(('catalogue',))}: another file is of catalogue {name}")
        name = file.catalogue
        for room, make in MAKERS.items():
            for key, value in getattr(file, room).items():
                if key in rooms[room]:
                    faults.append(f"{document.place((room, key))}: {key} is defined twice")
                rooms[room][key] = make(key, value, document, (room, key))
    rules = RuleSet(name=name, digest="sha256:" + digest.hexdigest(), **rooms)
    faults += list(loose_ends(rules))
    if faults:
        raise FileFaults(faults)
    return rules


def loose_ends(rules: RuleSet) -> Iterable[str]:
    """References that lead nowhere, units that do not exist, tables of values with holes."""
    everywhere = [*rules.facts.values(), *(fact for table in rules.tables.values() for fact in table.facts.values())]
    for fact in everywhere:
        yield from unit_faults(fact.unit, fact.place)
        if fact.choice is not None and fact.choice not in rules.choices:
            yield f"{fact.place}: no choice is called {fact.choice}"
    for parameter in rules.parameters.values():
        yield from unit_faults(parameter.unit, parameter.place)
        if parameter.threshold_unit is not None:
            yield from unit_faults(parameter.threshold_unit, parameter.place)
        if parameter.choice is not None and parameter.choice not in rules.choices:
            yield f"{parameter.place}: no choice is called {parameter.choice}"
            continue
        for version in parameter.versions:
            yield from version_faults(rules, parameter, version)
    for levy in rules.levies.values():
        for source in levy.sources:
            if source not in rules.sources:
                yield f"{levy.place}: no source is called {source}"
    yield from measures_faults(rules)
    for name in set(rules.facts) & set(rules.parameters) | set(rules.facts) & set(rules.definitions):
        yield f"{rules.facts[name].place}: {name} is also a parameter or definition"


def measures_faults(rules: RuleSet) -> Iterable[str]:
    """Areas, delegations and quotas that point nowhere."""
    cited_ones: list[Area | Delegation] = [*rules.areas.values(), *rules.delegations.values()]
    for cited in cited_ones:
        if cited.source not in rules.sources:
            yield f"{cited.place}: no source is called {cited.source}"
    within: list[Levy | Delegation | Quota] = [
        *rules.levies.values(),
        *rules.delegations.values(),
        *rules.quotas.values(),
    ]
    for thing in within:
        if thing.area is not None and thing.area not in rules.areas:
            yield f"{thing.place}: no area is called {thing.area}"
    for quota in rules.quotas.values():
        yield from unit_faults(quota.unit, quota.place)
        for version in quota.versions:
            yield from version_faults(rules, Parameter(quota.id, quota.label, quota.place, quota.unit, ()), version)
            if isinstance(version.value, Fraction) and version.value < 0:
                yield f"{version.place}: {quota.id}: a quota is not below zero"


def unit_faults(text: str, place: str) -> Iterable[str]:
    """A unit that is not one."""
    try:
        unit(text)
    except RuleFault as fault:
        yield f"{place}: {fault}"


def version_faults(rules: RuleSet, parameter: Parameter, version: Version) -> Iterable[str]:
    """A value of the wrong shape, a choice left out or unknown, an unknown source."""
    if version.source not in rules.sources:
        yield f"{version.place}: no source is called {version.source}"
    value = version.value
    if value is None:
        return
    if isinstance(value, Mapping) != (parameter.choice is not None):
        yield f"{version.place}: {parameter.id} is given by {parameter.choice or 'nothing'}"
    elif isinstance(value, Mapping) and set(value) != set(rules.choices[parameter.choice or ""]):
        wrong = set(value) ^ set(rules.choices[parameter.choice or ""])
        yield f"{version.place}: {', '.join(sorted(wrong))}: each choice of {parameter.choice} needs one value"
    if isinstance(value, tuple) != (parameter.threshold_unit is not None):
        yield f"{version.place}: brackets, and nothing else, have a threshold_unit"
    elif isinstance(value, tuple) and any(edge >= after for (edge, _), (after, _) in pairwise(value)):
        yield f"{version.place}: thresholds must ascend"


def label(value: schema.Said) -> Label:
    """Both languages; words written once stand for both."""
    return {"zh": value, "en": value} if isinstance(value, str) else {"zh": value.zh, "en": value.en}


def fact_of(key: str, value: schema.FactIn, document: Document, path: Path_) -> Fact:
    """A fact's declaration."""
    return Fact(
        key,
        label(value.label),
        document.place(path),
        value.type,
        value.unit,
        value.decimals,
        value.min,
        value.max,
        value.choice,
        value.default,
    )


def table_of(key: str, value: schema.TableIn, document: Document, path: Path_) -> Table:
    """A table's declaration."""
    facts = {name: fact_of(name, fact, document, (*path, "facts", name)) for name, fact in value.facts.items()}
    return Table(key, label(value.label), document.place(path), facts, value.rows)


def parameter_of(key: str, value: schema.ParameterIn, document: Document, path: Path_) -> Parameter:
    """A parameter with its versions."""
    versions = []
    for index, version in enumerate(value.versions):
        number = version.value
        exact = tuple((step.above, step.value) for step in number) if isinstance(number, list) else number
        place = document.place((*path, "versions", index))
        versions.append(
            Version(
                version.jurisdiction,
                version.start,
                version.end,
                exact,
                version.status,
                version.source,
                place,
                label(version.note),
            )
        )
    return Parameter(
        key, label(value.label), document.place(path), value.unit, tuple(versions), value.by, value.threshold_unit
    )


def formula_of(value: str | schema.FormulaIn, document: Document, path: Path_) -> Formula:
    """A formula, plain or with exceptions."""
    place = document.place(path)
    if isinstance(value, str):
        return Formula(value, place)
    exceptions = tuple(
        Exemption(item.id, item.when, item.value, tuple(item.over), document.place((*path, "exceptions", index)))
        for index, item in enumerate(value.exceptions)
    )
    return Formula(value.value, place, exceptions, value.start, value.end)


def definition_of(key: str, value: schema.DefinitionIn, document: Document, path: Path_) -> Definition:
    """A definition with its formulas by date."""
    if value.formula is not None:
        formulas = [formula_of(value.formula, document, (*path, "formula"))]
    else:
        formulas = [
            formula_of(formula, document, (*path, "formulas", index)) for index, formula in enumerate(value.formulas)
        ]
    return Definition(key, label(value.label), document.place(path), tuple(formulas))


def levy_of(key: str, value: schema.LevyIn, document: Document, path: Path_) -> Levy:
    """A levy."""

    def formula(name: str) -> Formula | None:
        said = getattr(value, name)
        return None if said is None else formula_of(said, document, (*path, name))

    reliefs = tuple(
        Relief(
            item.id,
            label(item.label),
            document.place((*path, "reliefs", index)),
            item.when,
            item.pay,
            item.less,
            item.status,
            item.source,
            item.start,
            item.end,
        )
        for index, item in enumerate(value.reliefs)
    )
    base = formula("base")
    assert base is not None
    return Levy(
        id=key,
        label=label(value.label),
        place=document.place(path),
        accrual=Accrual(value.accrual.by, value.accrual.date),
        base=base,
        rate=formula("rate"),
        amount=formula("amount"),
        reliefs=reliefs,
        cap=formula("cap"),
        rounding=value.rounding,
        comparand=value.comparand,
        sources=tuple(value.sources),
        setter=label(value.setter),
        start=value.start,
        end=value.end,
        kind=value.kind,
        area=value.area,
    )


def source_of(key: str, value: schema.SourceIn, document: Document, path: Path_) -> Source:
    """A publication."""
    return Source(key, label(value.title), document.place(path), value.url, label(value.note))


def check_of(key: str, value: schema.CheckIn, document: Document, path: Path_) -> Check:
    """A check between facts."""
    return Check(key, label(value.label), document.place(path), value.holds)


def area_of(key: str, value: schema.AreaIn, document: Document, path: Path_) -> Area:
    """An area of the measures."""
    return Area(key, label(value.label), document.place(path), value.quote, value.status, value.source)


def delegation_of(key: str, value: schema.DelegationIn, document: Document, path: Path_) -> Delegation:
    """Powers given."""
    powers = {name: label(power) for name, power in value.powers.items()}
    given = (value.side, label(value.holder), powers, tuple(value.divisions), value.start, value.end)
    place = document.place(path)
    return Delegation(key, label(value.label), place, *given, value.status, value.source, label(value.note), value.area)


def quota_of(key: str, value: schema.QuotaIn, document: Document, path: Path_) -> Quota:
    """A quota, whose versions are written as a parameter's."""
    plain = schema.ParameterIn.model_construct(label=value.label, unit=value.unit, versions=value.versions)
    parameter = parameter_of(key, plain, document, path)
    return Quota(key, parameter.label, parameter.place, parameter.unit, parameter.versions, value.area)


def choice_of(_key: str, value: list[str], _document: Document, _path: Path_) -> tuple[str, ...]:
    """The words of a choice, in order."""
    return tuple(value)


MAKERS: dict[str, Any] = {
    "choices": choice_of,
    "sources": source_of,
    "facts": fact_of,
    "tables": table_of,
    "parameters": parameter_of,
    "definitions": definition_of,
    "levies": levy_of,
    "checks": check_of,
    "areas": area_of,
    "delegations": delegation_of,
    "quotas": quota_of,
}
