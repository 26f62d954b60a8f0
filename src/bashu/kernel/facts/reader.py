"""Reading fact files: TOML or CSV rows in, typed rows out, or one error that names file, row, field and remedy.

The schema is a pydantic model. Nothing is filled in: an empty CSV field is absent, as a key left out of TOML is.
"""

import csv
import io
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, NamedTuple, TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bashu.kernel.errors import Malformed
from bashu.kernel.facts.schema import Fact, Row, Source

R = TypeVar("R", bound=Row)


# Why a value does not fit, by the first word of pydantic's type of the fault: `date_from_datetime_parsing`, `int_parsing`, …
REASONS = {
    "string": gettext_lazy("it must be text"),
    "date": gettext_lazy("it must be a day, such as 2025-01-31"),
    "bool": gettext_lazy("it must be true or false"),
    "int": gettext_lazy("it must be a whole number"),
    "decimal": gettext_lazy("it must be a number"),
    "float": gettext_lazy("it must be a number"),
    "finite": gettext_lazy("it must be a finite number"),
    "tuple": gettext_lazy("it must be a list"),
    "list": gettext_lazy("it must be a list"),
    "dict": gettext_lazy("it must be a table of fields"),
    "model": gettext_lazy("it must be a table of fields"),
}
LIMITS = {
    "string_too_short": ("min_length", gettext_lazy("it needs at least {limit} characters")),
    "string_too_long": ("max_length", gettext_lazy("it has more than {limit} characters")),
    "greater_than": ("gt", gettext_lazy("it must be more than {limit}")),
    "greater_than_equal": ("ge", gettext_lazy("it must be at least {limit}")),
    "less_than": ("lt", gettext_lazy("it must be less than {limit}")),
    "less_than_equal": ("le", gettext_lazy("it must be at most {limit}")),
}


class Place(NamedTuple):
    """Where a row stands: file, its number (TOML) or line (CSV), and its id where it has one."""

    file: str
    row: str

    def fail(self, problem: str, field: str = "") -> Malformed:
        """The error at this place, or at one field of it."""
        return Malformed(place=", ".join(part for part in (self.file, self.row, field) if part), problem=problem)


def read_toml(path: Traversable, schema: type[R], *, table: str | None = None) -> tuple[R, ...]:
    """The rows of a file's one array of tables, in its order; it must be called `[[table]]` when that is named.

    Raises Malformed (422) when the file is missing or no TOML, when a row has an unknown, missing or wrong field, or when
    an id stands twice.
    """
    whole = Place(path.name, "")
    try:
        with path.open("rb") as stream:
            content = tomllib.load(stream)
    except FileNotFoundError:
        raise whole.fail(_("the file is missing")) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise whole.fail(_("is not TOML: {why}").format(why=error)) from None
    if len(content) != 1 or table not in (None, *content) or not isinstance(next(iter(content.values())), list):
        wanted = f"[[{table}]]" if table else _("one array of tables")
        raise whole.fail(_("must hold {wanted} and nothing else").format(wanted=wanted))
    (rows,) = content.values()
    return _typed(_numbered(path.name, rows), schema)


def read_csv(path: Traversable, schema: type[R]) -> tuple[R, ...]:
    """The rows of a CSV file (UTF-8, header line, comma) in its order; a field left empty is absent.

    Raises Malformed (422) as `read_toml` does, with the line at which the row ends.
    """
    whole = Place(path.name, "")
    try:
        with path.open("rb") as stream:
            text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
            return _typed(_lines(path.name, csv.DictReader(text, strict=True)), schema)
    except FileNotFoundError:
        raise whole.fail(_("the file is missing")) from None
    except UnicodeDecodeError:
        raise whole.fail(_("is not UTF-8; save it as UTF-8")) from None


def read_sources(path: Traversable) -> dict[str, Source]:
    """The table of sources in a `sources.toml`, by id. Raises Malformed (422)."""
    return {source.id: source for source in read_toml(path, Source, table="source")}


def kernel_sources() -> dict[str, Source]:
    """The sources that more than one system reads, by id."""
    return read_sources(resources.files("bashu.kernel.facts") / "facts" / "sources.toml")


def sources_check(file: str, facts: Iterable[Fact], sources: Mapping[str, Source]) -> None:
    """Refuse (Malformed, 422) facts read from `file` that cite a source which `sources` does not hold."""
    for number, fact in enumerate(facts, start=1):
        if fact.source not in sources:
            problem = _("“{id}” is not in the table of sources; add it to sources.toml or correct it")
            raise _place(file, _("row {number}"), number, fact).fail(problem.format(id=fact.source), "source")


def _numbered(file: str, rows: list[Any]) -> Iterator[tuple[Place, dict[str, Any]]]:
    for number, fields in enumerate(rows, start=1):
        place = _place(file, _("row {number}"), number, fields)
        if not isinstance(fields, dict):
            raise place.fail(_("is no table of fields"))
        yield place, fields


def _lines(file: str, reader: "csv.DictReader[str]") -> Iterator[tuple[Place, dict[str, Any]]]:
    try:
        for fields in reader:
            place = _place(file, _("line {number}"), reader.line_num, fields)
            if None in fields:
                raise place.fail(_("has more fields than the header; put text with commas in quote marks"))
            if None in fields.values():
                raise place.fail(_("has fewer fields than the header"))
            yield place, {name: value for name, value in fields.items() if value.strip()}
    except csv.Error as error:
        raise _place(file, _("line {number}"), reader.line_num, {}).fail(
            _("is not CSV: {why}").format(why=error)
        ) from None


def _place(file: str, word: str, number: int, fields: Any) -> Place:
    known = fields.get("id") if isinstance(fields, dict) else getattr(fields, "id", None)
    return Place(file, word.format(number=number) + (f" ({known})" if known else ""))


def _typed(rows: Iterator[tuple[Place, dict[str, Any]]], schema: type[R]) -> tuple[R, ...]:
    typed: list[R] = []
    seen: set[object] = set()
    for place, fields in rows:
        try:
            row = schema.model_validate(fields)
        except ValidationError as error:
            raise _first(place, error, schema) from None
        identity = getattr(row, "id", None)
        if identity is not None and identity in seen:
            raise place.fail(_("“{id}” stands twice; ids are unique within a file").format(id=identity), "id")
        seen.add(identity)
        typed.append(row)
    return tuple(typed)


def _first(place: Place, error: ValidationError, schema: type[Row]) -> Malformed:
    """The first fault of a row in words that say what to do."""
    fault = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in fault["loc"])
    match fault["type"]:
        case "missing":
            problem = _("is missing; add it")
        case "extra_forbidden":
            problem = _("is no field here; there are: {fields}").format(fields=", ".join(schema.model_fields))
        case "enum" | "literal_error":
            problem = _("must be one of {choices}, not “{value}”").format(
                choices=fault["ctx"]["expected"], value=str(fault["input"])[:60]
            )
        case "value_error":
            problem = str(fault["ctx"]["error"])
        case _:
            problem = _("“{value}” does not fit: {why}").format(value=str(fault["input"])[:60], why=reason_of(fault))
    return place.fail(problem, field)


def reason_of(fault: ErrorDetails) -> str:
    """Why a value does not fit, in the language being spoken; pydantic's own English for a fault that no schema here can have."""
    if fault["type"] in LIMITS:
        name, sentence = LIMITS[fault["type"]]
        return str(sentence).format(limit=fault["ctx"][name])
    return str(REASONS.get(fault["type"].split("_", 1)[0], fault["msg"]))
