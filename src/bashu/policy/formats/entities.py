"""Entity files: one JSON object a line → columns. Every line is read; faults name file, line and fact."""

import csv
import json
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal, InvalidOperation
from typing import Any, NamedTuple

import numpy as np

from bashu.policy.engine.levies import Population, Rowset
from bashu.policy.engine.periods import day_number
from bashu.policy.engine.rules import Fact, RuleSet
from bashu.policy.formats.yaml_lines import FileFaults

SHOWN = 100  # faults named one by one; the rest are counted
EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)  # the default one keeps 28 digits and drops the rest
SPARE = frozenset({"id", "name", "credit_code", "place", "province"})  # said of an entity, never computed with


class Entities(NamedTuple):
    """A file read: the entities, the line each stands on, names that no rule reads with the first line of each, and where each
    entity says it is (a division code; empty when it does not say)."""

    population: Population
    lines: list[int]
    unknown: dict[str, int]
    places: list[str]


class Twice(ValueError):
    """A key said twice in one object."""


@dataclass
class Cells:
    """One fact's column as it grows."""

    fact: Fact
    values: array = field(default_factory=lambda: array("q"))
    missing: array = field(default_factory=lambda: array("q"))

    def forget(self) -> None:
        """Keep nothing of what was read."""
        del self.values[:], self.missing[:]


@dataclass
class Reading:
    """A file being read."""

    rules: RuleSet
    name: str
    ids: list[str] = field(default_factory=list)
    first_line: dict[str, int] = field(default_factory=dict)
    cells: dict[str, Cells] = field(default_factory=dict)
    counts: dict[str, array] = field(default_factory=dict)
    rows: dict[str, dict[str, Cells]] = field(default_factory=dict)
    words: dict[str, int] = field(default_factory=dict)  # one numbering for all texts, so that any two can be compared
    faults: list[str] = field(default_factory=list)
    fault_count: int = 0
    unknown: dict[str, int] = field(default_factory=dict)
    places: list[str] = field(default_factory=list)
    heard: Callable[[str], object] | None = None

    def fault(self, line: int, problem: str) -> None:
        """Note a fault; beyond the first hundred they are only counted, and told to whoever wants to hear each."""
        self.fault_count += 1
        said = f"{self.name}:{line}: {problem}"
        if self.heard:
            self.heard(said)
        if self.fault_count <= SHOWN:
            self.faults.append(said)

    def forget(self) -> None:
        """Once there is a fault nothing is answered: keep no values, so that a million bad lines need no memory."""
        for columns in (self.cells, *self.rows.values()):
            for cells in columns.values():
                cells.forget()
        for counts in self.counts.values():
            del counts[:]
        del self.ids[:], self.places[:]


def one_value_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys are said once."""
    result = dict(pairs)
    if len(result) != len(pairs):
        names = [name for name, _ in pairs]
        raise Twice(f"{next(name for name in names if names.count(name) > 1)} is said twice")
    return result


def read_entities(
    lines: Iterable[str | bytes],
    rules: RuleSet,
    name: str = "entities.jsonl",
    *,
    heard: Callable[[str], object] | None = None,
) -> Entities:
    """Read entities. Raises FileFaults naming file, line and fact; `heard` is told every fault as it is found.

    Money is a decimal string in yuan, dates are ISO; whole numbers may be numbers. A table left out is not known; an empty
    list says that there is nothing.
    """
    reading = Reading(rules, name, heard=heard)
    reading.cells = {key: Cells(fact) for key, fact in rules.facts.items()}
    reading.counts = {key: array("q") for key in rules.tables}
    reading.rows = {
        key: {column: Cells(fact) for column, fact in table.facts.items()} for key, table in rules.tables.items()
    }
    for number, text in enumerate(lines, start=1):
        if text.strip():
            read_line(reading, number, text)
            if reading.fault_count:
                reading.forget()
    if reading.fault_count > SHOWN:
        reading.faults.append(f"{name}: {reading.fault_count - SHOWN} more faults")
    if reading.faults:
        raise FileFaults(reading.faults, reading.fault_count)
    return Entities(population_of(reading), list(reading.first_line.values()), reading.unknown, reading.places)


def read_line(reading: Reading, line: int, text: str | bytes) -> None:
    """One entity."""
    try:
        said = json.loads(text, parse_float=Decimal, object_pairs_hook=one_value_each)
    except Twice as fault:
        return reading.fault(line, str(fault))
    except (ValueError, RecursionError) as fault:
        return reading.fault(line, f"not a JSON object: {fault}")
    if not isinstance(said, dict):
        return reading.fault(line, "not a JSON object")
    identity = said.get("id")
    if not isinstance(identity, str) or not identity:
        return reading.fault(line, "id: a text is needed")
    if identity in reading.first_line:
        return reading.fault(line, f"id {identity} stands on line {reading.first_line[identity]} already")
    reading.first_line[identity] = line
    index = len(reading.ids)
    reading.ids.append(identity)
    reading.places.append(str(said.get("place") or ""))
    for key in said:
        if key not in reading.cells and key not in reading.rows and key not in SPARE:
            reading.unknown.setdefault(key, line)
    for key, cells in reading.cells.items():
        put(reading, cells, said.get(key), index, line=line, shown=key)
    for key in reading.rows:
        read_table(reading, key, said, index, line)
    return None


def read_table(reading: Reading, key: str, said: dict[str, Any], index: int, line: int) -> None:
    """An entity's rows of one table."""
    rows, columns = said.get(key), reading.rows[key]
    if rows is None:
        reading.counts[key].append(0)
        for cells in columns.values():
            cells.missing.append(index)
        return None
    if not isinstance(rows, list) or any(not isinstance(row, dict) for row in rows):
        reading.counts[key].append(0)
        return reading.fault(line, f"{key}: a list of objects is needed")
    most = reading.rules.tables[key].rows
    if len(rows) > most:
        reading.fault(line, f"{key}: {len(rows)} rows; the rules are made for at most {most}")
    reading.counts[key].append(len(rows))
    for number, row in enumerate(rows, start=1):
        for word in row:
            if word not in columns:
                reading.unknown.setdefault(f"{key}.{word}", line)
        for column, cells in columns.items():
            put(reading, cells, row.get(column), index, line=line, shown=f"{key}[{number}].{column}")
    return None


def put(reading: Reading, cells: Cells, said: Any, index: int, *, line: int, shown: str) -> None:
    """Append one value as an integer."""
    fact = cells.fact
    if said is None:
        said = fact.default
    if said is None:
        cells.missing.append(index)
        cells.values.append(least(fact))
        return
    try:
        cells.values.append(integer(reading, fact, said))
    except ValueError as problem:
        reading.fault(line, f"{shown}: {problem}")
        cells.values.append(least(fact))


def least(fact: Fact) -> int:
    """What stands where nothing is known; results that rest on it are not given."""
    return int(fact.low * 10**fact.decimals) if fact.kind == "number" else 0


def integer(reading: Reading, fact: Fact, said: Any) -> int:
    """A fact's value as the integer columns hold. Raises ValueError."""
    match fact.kind:
        case "number":
            return number(fact, said)
        case "boolean":
            if not isinstance(said, bool):
                raise ValueError("true or false is needed")
            return int(said)
        case "choice":
            values = reading.rules.choices[fact.choice or ""]
            if said not in values:
                raise ValueError(f"{said!r} is not one of {', '.join(values)}")
            return values.index(said)
        case "date":
            if isinstance(said, date):
                return day_number(said)
            try:
                return day_number(date.fromisoformat(said))
            except (TypeError, ValueError):
                raise ValueError(f"{said!r} is not a date such as 2025-03-31") from None
    if not isinstance(said, str):
        raise ValueError("a text is needed")
    return reading.words.setdefault(said, len(reading.words))


def number(fact: Fact, said: Any) -> int:
    """An exact number within its declared range and decimals."""
    if isinstance(said, bool) or not isinstance(said, int | str | Decimal):
        raise ValueError("a number is needed")
    try:
        value = Decimal(said)
    except InvalidOperation:
        raise ValueError(f"{said!r} is not a number") from None
    if not value.is_finite() or not fact.low <= value <= fact.high:
        raise ValueError(f"{said} is not between {shown(fact.low)} and {shown(fact.high)} {fact.unit}")
    scaled = value.scaleb(fact.decimals, EXACT)
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{said} has more than {fact.decimals} decimals")
    return int(scaled)


def shown(value: Any) -> str:
    """A bound as people write it."""
    return str(value.numerator) if value.denominator == 1 else str(float(value))


def population_of(reading: Reading) -> Population:
    """Columns of everything read."""
    size = len(reading.ids)
    known: dict[str, np.ndarray] = {}

    def column(path: str, cells: Cells) -> np.ndarray:
        if cells.missing:
            known[path] = np.ones(size, bool)
            known[path][cells.missing] = False
        values = np.frombuffer(cells.values, np.int64) if cells.values else np.zeros(0, np.int64)
        return values.astype(bool) if cells.fact.kind == "boolean" else values

    facts = {key: column(key, cells) for key, cells in reading.cells.items()}
    tables = {}
    for key, columns in reading.rows.items():
        offsets = np.zeros(size + 1, np.int64)
        np.cumsum(np.frombuffer(reading.counts[key], np.int64) if size else [], out=offsets[1:])
        tables[key] = Rowset(offsets, {name: column(f"{key}.{name}", cells) for name, cells in columns.items()})
    return Population(reading.ids, facts, tables, known)


def csv_lines(lines: Iterable[str], rules: RuleSet) -> Iterator[str]:
    """A CSV file of entities as JSON lines, one for each of its lines: a heading of names, empty cells are not told.

    Facts alone, no tables. A row that is longer or shorter than the heading becomes a line that is no object, and so a fault.
    """
    rows = csv.reader(lines)
    heading = next(rows, [])
    truth = {name for name, fact in rules.facts.items() if fact.kind == "boolean"}
    yield ""
    behind = 1
    for row in rows:
        yield from [""] * (rows.line_num - behind - 1)  # a cell may hold line breaks
        behind = rows.line_num
        if not row:
            yield ""
            continue
        told: object = f"{len(row)} cells, the heading has {len(heading)}"
        if len(row) == len(heading):
            told = {
                name: {"true": True, "false": False}.get(cell, cell) if name in truth else cell
                for name, cell in zip(heading, row, strict=True)
                if cell
            }
        yield json.dumps(told)


def of_objects(objects: Iterable[Mapping[str, Any]], rules: RuleSet) -> Population:
    """Entities given as objects, for callers that hold no file."""
    return read_entities((json.dumps(said, default=str) for said in objects), rules, "entities").population
