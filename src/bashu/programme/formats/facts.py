"""Reader of the programme's fact files: TOML rows in, typed rows out, or one clear error that names file and row.

Every row is cited: a verbatim quote, the source it stands in, how far it can be trusted, and the day from which it
holds. Nothing here fills a gap: what a row does not say stays None or empty.
"""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from importlib.resources.abc import Traversable
from typing import TypeVar

from bashu.programme.engine.judge import Kind, Measure, Operator, Target
from bashu.programme.formats.rows import FactError, Row

SIDES = ("CQ", "SC", "joint", "none")
ROLES = ("policy", "annual", "related")
COUNT_BASES = ("stated", "listed", "slogan")
GROUPS = ("equipment", "gaozhu", "carbon", "convenience", "iiot", "logistics", "commitment")

Parsed = TypeVar("Parsed")


class Status(StrEnum):
    """How far a fact can be trusted."""

    SOURCED = "sourced"  # the quote says it
    DERIVED = "derived"  # it follows from the quote
    UNVERIFIED = "unverified"  # said somewhere, not checked
    ASSUMED = "assumed"  # nobody says it; we had to choose


class Basis(StrEnum):
    """Where an operator or a deadline comes from: the page's own word, our reading of it, other words of the page."""

    PAGE = "page"
    READING = "reading"
    DERIVED = "derived"


@dataclass(frozen=True, slots=True)
class Source:
    """A publication that facts are quoted from."""

    id: str
    publisher: str
    publisher_en: str
    title: str
    title_en: str
    published: date
    note: str | None
    note_en: str | None


@dataclass(frozen=True, slots=True)
class Citation:
    """What every fact carries. `also` holds further quotes of the same source."""

    quote: str
    also: tuple[str, ...]
    source: str
    status: Status
    valid_from: date
    note: str | None
    note_en: str | None


@dataclass(frozen=True, slots=True)
class Fact:
    """An identified, named and cited fact. `name` is Chinese; `name_en` is our own rendering."""

    id: str
    name: str
    name_en: str
    cited: Citation


@dataclass(frozen=True, slots=True)
class StatementFact(Fact):
    """Something the page says of the meeting, with the number, day or place in it."""

    value: int | None
    unit: str | None
    unit_en: str | None
    on: date | None
    place: str | None
    place_en: str | None
    said_by: str | None


@dataclass(frozen=True, slots=True)
class DocumentFact(Fact):
    """A document: policy and annual ones are the eight that were before the meeting, related ones are not counted."""

    role: str
    systems: tuple[str, ...]
    owners: tuple[str, ...]

    @property
    def counted(self) -> bool:
        return self.role != "related"

    @property
    def titled(self) -> bool:
        """False when the page gives no title and `name` only describes the document."""
        return self.role != "annual"


@dataclass(frozen=True, slots=True)
class TargetFact(Fact):
    """A target, and how its operator and deadline were read. `enterprises`: it counts enterprises, each once."""

    document: str | None
    systems: tuple[str, ...]
    kind: Kind
    measure: Measure | None
    operator: Operator | None
    operator_words: str | None
    operator_basis: Basis | None
    value: Decimal | None
    unit: str | None
    unit_en: str | None
    start: date
    window_from: date | None
    deadline: date | None
    deadline_words: str | None
    deadline_basis: Basis | None
    enterprises: bool
    owners: tuple[str, ...]
    said_by: str | None

    @property
    def rule(self) -> Target:
        """The target as the engine judges it; without a base, as the page gives none."""
        if self.measure is None or self.operator is None:
            return Target(self.kind, start=self.start, deadline=self.deadline)
        return Target(self.kind, self.measure, self.operator, self.value, self.start, self.deadline)


@dataclass(frozen=True, slots=True)
class CountFact(Fact):
    """A number the page gives for a list of its own, and the children held for it. `stated` is None for a slogan."""

    statement: str
    basis: str
    stated: int | None
    unit: str | None
    unit_en: str | None
    children: tuple[str, ...]
    document: str | None
    owners: tuple[str, ...]
    said_by: str | None

    @property
    def unnamed(self) -> int:
        """How many the page counts but does not name."""
        return 0 if self.stated is None else self.stated - len(self.children)


@dataclass(frozen=True, slots=True)
class TaskFact(Fact):
    """A task or an unnumbered commitment (group "commitment")."""

    group: str
    number: int | None
    document: str | None
    systems: tuple[str, ...]
    owners: tuple[str, ...]
    said_by: str | None


@dataclass(frozen=True, slots=True)
class ProjectFact(Fact):
    """A project or undertaking the page names."""

    kind: str
    document: str | None
    systems: tuple[str, ...]
    owners: tuple[str, ...]
    said_by: str | None


@dataclass(frozen=True, slots=True)
class ElementFact(Fact):
    """A named part of a counted list that is no task: a core, a corridor, a port."""

    group: str


@dataclass(frozen=True, slots=True)
class BodyFact(Fact):
    """A body and its side."""

    side: str
    kind: str


@dataclass(frozen=True, slots=True)
class PostFact(Fact):
    """A post that speaks on the page, without its holder's name."""

    body: str


@dataclass(frozen=True, slots=True)
class UnknownFact(Fact):
    """Something the page leaves unsaid. `about`: facts it concerns; `missing`: how many are unnamed, where known."""

    about: tuple[str, ...]
    missing: int | None


@dataclass(frozen=True, slots=True)
class ProgrammeFacts:
    """All facts of the programme, in the order of their files."""

    sources: tuple[Source, ...]
    statements: tuple[StatementFact, ...]
    documents: tuple[DocumentFact, ...]
    targets: tuple[TargetFact, ...]
    counts: tuple[CountFact, ...]
    tasks: tuple[TaskFact, ...]
    projects: tuple[ProjectFact, ...]
    elements: tuple[ElementFact, ...]
    bodies: tuple[BodyFact, ...]
    posts: tuple[PostFact, ...]
    unknowns: tuple[UnknownFact, ...]

    def all(self) -> tuple[Fact, ...]:
        """Every cited fact, sources excepted."""
        return (
            *self.statements,
            *self.documents,
            *self.targets,
            *self.counts,
            *self.tasks,
            *self.projects,
            *self.elements,
            *self.bodies,
            *self.posts,
            *self.unknowns,
        )


def read_programme(folder: Traversable) -> ProgrammeFacts:
    """Read and check the programme's facts from a folder (a path or package data).

    Raises FactError when a file is missing or no TOML, a field is missing, misspelt or of the wrong type, an id
    stands twice, or a row points at an id that does not exist.
    """
    reader = _Reader(folder)
    facts = ProgrammeFacts(
        sources=reader.table("sources.toml", "source", _source),
        statements=reader.table("meeting.toml", "statement", _statement),
        documents=reader.table("documents.toml", "document", _document),
        targets=reader.table("targets.toml", "target", _target),
        counts=reader.table("counts.toml", "count", _count),
        tasks=reader.table("tasks.toml", "task", _task),
        projects=reader.table("projects.toml", "project", _project),
        elements=reader.table("elements.toml", "element", _element),
        bodies=reader.table("bodies.toml", "body", _body),
        posts=reader.table("posts.toml", "post", _post),
        unknowns=reader.table("unknowns.toml", "unknown", _unknown),
    )
    reader.check_references()
    return facts


class _Reader:
    """Reads the files of one folder and remembers every id, so that references can be checked at the end."""

    def __init__(self, folder: Traversable) -> None:
        self.folder = folder
        self.table_of: dict[str, str] = {}
        self.rows: list[Row] = []

    def table(self, file: str, table: str, parse: Callable[[Row], Parsed]) -> tuple[Parsed, ...]:
        try:
            content = tomllib.loads((self.folder / file).read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise FactError(f"{file}: the file is missing") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise FactError(f"{file}: {error}") from error
        rows = content.pop(table, None)
        if content or not isinstance(rows, list) or not all(isinstance(fields, dict) for fields in rows):
            raise FactError(f"{file}: it must hold [[{table}]] rows and nothing else")
        numbered = enumerate(rows, start=1)
        return tuple(self._parsed(Row(file, number, fields), table, parse) for number, fields in numbered)

    def _parsed(self, row: Row, table: str, parse: Callable[[Row], Parsed]) -> Parsed:
        parsed = parse(row)
        row.done()
        identifier = row.text("id")
        if identifier in self.table_of:
            raise row.fail(f"the id {identifier} stands twice")
        self.table_of[identifier] = table
        self.rows.append(row)
        return parsed

    def check_references(self) -> None:
        for row in self.rows:
            for field, identifier, table in row.references:
                if identifier not in self.table_of or (table and self.table_of[identifier] != table):
                    raise row.fail(f"{field} points at {identifier}, which is no {table or 'fact'}")


def _source(row: Row) -> Source:
    return Source(
        id=row.text("id"),
        publisher=row.text("publisher"),
        publisher_en=row.text("publisher_en"),
        title=row.text("title"),
        title_en=row.text("title_en"),
        published=row.date("published"),
        note=row.text_or_none("note"),
        note_en=row.text_or_none("note_en"),
    )


def _fact(row: Row) -> tuple[str, str, str, Citation]:
    """The fields every fact begins with."""
    cited = Citation(
        quote=row.text("quote"),
        also=row.texts("also"),
        source=row.reference("source", "source"),
        status=Status(row.choice("status", list(Status))),
        valid_from=row.date("valid_from"),
        note=row.text_or_none("note"),
        note_en=row.text_or_none("note_en"),
    )
    return row.text("id"), row.text("name"), row.text("name_en"), cited


def _statement(row: Row) -> StatementFact:
    return StatementFact(
        *_fact(row),
        value=row.whole_number_or_none("value"),
        unit=row.text_or_none("unit"),
        unit_en=row.text_or_none("unit_en"),
        on=row.date_or_none("date"),
        place=row.text_or_none("place"),
        place_en=row.text_or_none("place_en"),
        said_by=row.reference_or_none("said_by", "body"),
    )


def _document(row: Row) -> DocumentFact:
    return DocumentFact(
        *_fact(row),
        role=row.choice("role", ROLES),
        systems=row.texts("systems"),
        owners=row.references_in("owners", "body"),
    )


def _target(row: Row) -> TargetFact:
    kind = Kind(row.choice("kind", list(Kind)))
    measure = row.choice_or_none("measure", list(Measure))
    operator = row.choice_or_none("operator", list(Operator))
    operator_basis = row.choice_or_none("operator_basis", list(Basis))
    deadline_basis = row.choice_or_none("deadline_basis", list(Basis))
    target = TargetFact(
        *_fact(row),
        document=row.reference_or_none("document", "document"),
        systems=row.texts("systems"),
        kind=kind,
        measure=Measure(measure) if measure else None,
        operator=Operator(operator) if operator else None,
        operator_words=row.text_or_none("operator_words"),
        operator_basis=Basis(operator_basis) if operator_basis else None,
        value=row.decimal_or_none("value"),
        unit=row.text_or_none("unit"),
        unit_en=row.text_or_none("unit_en"),
        start=row.date("start"),
        window_from=row.date_or_none("window_from"),
        deadline=row.date_or_none("deadline"),
        deadline_words=row.text_or_none("deadline_words"),
        deadline_basis=Basis(deadline_basis) if deadline_basis else None,
        enterprises=row.flag("enterprises"),
        owners=row.references_in("owners", "body"),
        said_by=row.reference_or_none("said_by", "body"),
    )
    _check_target(row, target)
    return target


def _check_target(row: Row, target: TargetFact) -> None:
    """A number comes with its unit and operator, a deadline with its words; a qualitative target has no number."""
    number = (target.measure, target.operator, target.operator_words, target.operator_basis, target.value, target.unit)
    if target.kind is Kind.QUALITATIVE and any(part is not None for part in number):
        raise row.fail("a qualitative target has no measure, operator, value or unit")
    if target.kind is not Kind.QUALITATIVE and any(part is None for part in number):
        raise row.fail("a target with a number needs measure, operator, operator_words, operator_basis, value and unit")
    deadline = (target.deadline, target.deadline_words, target.deadline_basis)
    if any(part is None for part in deadline) and any(part is not None for part in deadline):
        raise row.fail("deadline, deadline_words and deadline_basis come together")
    if target.deadline is not None and target.deadline <= target.start:
        raise row.fail("the deadline must come after the start")


def _count(row: Row) -> CountFact:
    count = CountFact(
        *_fact(row),
        statement=row.text("statement"),
        basis=row.choice("basis", COUNT_BASES),
        stated=row.whole_number_or_none("stated"),
        unit=row.text_or_none("unit"),
        unit_en=row.text_or_none("unit_en"),
        children=row.references_in("children"),
        document=row.reference_or_none("document", "document"),
        owners=row.references_in("owners", "body"),
        said_by=row.reference_or_none("said_by", "body"),
    )
    if (count.stated is None) != (count.basis == "slogan"):
        raise row.fail("stated is missing, or a slogan states a number")
    if count.unnamed < 0:
        raise row.fail(f"{len(count.children)} children, but the page counts {count.stated}")
    return count


def _task(row: Row) -> TaskFact:
    return TaskFact(
        *_fact(row),
        group=row.choice("group", GROUPS),
        number=row.whole_number_or_none("number"),
        document=row.reference_or_none("document", "document"),
        systems=row.texts("systems"),
        owners=row.references_in("owners", "body"),
        said_by=row.reference_or_none("said_by", "body"),
    )


def _project(row: Row) -> ProjectFact:
    return ProjectFact(
        *_fact(row),
        kind=row.text("kind"),
        document=row.reference_or_none("document", "document"),
        systems=row.texts("systems"),
        owners=row.references_in("owners", "body"),
        said_by=row.reference_or_none("said_by", "body"),
    )


def _element(row: Row) -> ElementFact:
    return ElementFact(*_fact(row), group=row.text("group"))


def _body(row: Row) -> BodyFact:
    return BodyFact(*_fact(row), side=row.choice("side", SIDES), kind=row.text("kind"))


def _post(row: Row) -> PostFact:
    return PostFact(*_fact(row), body=row.reference("body", "body"))


def _unknown(row: Row) -> UnknownFact:
    return UnknownFact(*_fact(row), about=row.references_in("about"), missing=row.whole_number_or_none("missing"))
