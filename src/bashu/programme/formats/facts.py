"""The programme's fact files: cited TOML rows in, typed rows out, or one error that names file, row, field and remedy.

Nothing here fills a gap: what a row does not say stays None or empty.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from importlib.resources.abc import Traversable
from typing import Annotated, Any, Literal, NamedTuple, Self

from django.utils.translation import gettext as _
from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from bashu.kernel.facts.reader import Place, read_sources, read_toml
from bashu.kernel.facts.schema import Fact as CitedRow
from bashu.kernel.facts.schema import Source, Text
from bashu.programme.engine.judge import Kind, Measure, Operator, Target


def _each_once(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) != len(values):
        raise ValueError(_("names something twice"))
    return values


def _in_quotes(value: Any) -> Any:
    if isinstance(value, float):
        raise ValueError(_("must be a number in quotes: a float would change it"))
    return value


Codes = Annotated[tuple[Text, ...], AfterValidator(_each_once)]
Number = Annotated[Decimal, BeforeValidator(_in_quotes), Field(allow_inf_nan=False)]
Whole = Annotated[int, Field(strict=True, ge=0)]

# What a field points at: the table its ids must stand in; None is any table.
POINTERS: dict[str, str | None] = {
    "source": "source", "document": "document", "owners": "body", "said_by": "body", "body": "body", "children": None, "about": None,
}  # fmt: skip


class Basis(StrEnum):
    """Where an operator or a deadline comes from: the page's own word, our reading of it, other words of the page."""

    PAGE = "page"
    READING = "reading"
    DERIVED = "derived"


class Fact(CitedRow):
    """An identified, named and quoted fact. `name` is Chinese; `name_en` is our own rendering."""

    id: Text
    name: Text
    name_en: Text
    quote: Text


class StatementFact(Fact):
    """Something the page says of the meeting, with the number, day or place in it."""

    value: Whole | None = None
    unit: Text | None = None
    unit_en: Text | None = None
    on: date | None = Field(None, alias="date")
    place: Text | None = None
    place_en: Text | None = None
    said_by: Text | None = None


class DocumentFact(Fact):
    """A document: policy and annual ones are the eight that were before the meeting, related ones are not counted."""

    role: Literal["policy", "annual", "related"]
    systems: Codes = ()
    owners: Codes = ()

    @property
    def counted(self) -> bool:
        """Whether it is one of the eight."""
        return self.role != "related"

    @property
    def titled(self) -> bool:
        """False when the page gives no title and `name` only describes the document."""
        return self.role != "annual"


class TargetFact(Fact):
    """A target, and how its operator and deadline were read. `enterprises`: it counts enterprises, each once."""

    document: Text | None = None
    systems: Codes = ()
    kind: Kind
    measure: Measure | None = None
    operator: Operator | None = None
    operator_words: Text | None = None
    operator_basis: Basis | None = None
    value: Number | None = None
    unit: Text | None = None
    unit_en: Text | None = None
    start: date
    window_from: date | None = None
    deadline: date | None = None
    deadline_words: Text | None = None
    deadline_basis: Basis | None = None
    enterprises: bool = False
    owners: Codes = ()
    said_by: Text | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """A number comes with its unit and operator, a deadline with its words; a qualitative target has no number."""
        number = (self.measure, self.operator, self.operator_words, self.operator_basis, self.value, self.unit)
        if self.kind is Kind.QUALITATIVE and any(part is not None for part in number):
            raise ValueError(_("a qualitative target has no measure, operator, value or unit"))
        if self.kind is not Kind.QUALITATIVE and any(part is None for part in number):
            raise ValueError(
                _("a target with a number needs measure, operator, operator_words, operator_basis, value and unit")
            )
        deadline = (self.deadline, self.deadline_words, self.deadline_basis)
        if any(part is None for part in deadline) and any(part is not None for part in deadline):
            raise ValueError(_("deadline, deadline_words and deadline_basis come together"))
        if self.deadline is not None and self.deadline <= self.start:
            raise ValueError(_("the deadline must come after the start"))
        return self

    @property
    def rule(self) -> Target:
        """The target as the engine judges it; without a base, as the page gives none."""
        if self.measure is None or self.operator is None:
            return Target(self.kind, start=self.start, deadline=self.deadline)
        return Target(self.kind, self.measure, self.operator, self.value, self.start, self.deadline)


class CountFact(Fact):
    """A number the page gives for a list of its own, and the children held for it. `stated` is None for a slogan."""

    statement: Text
    basis: Literal["stated", "listed", "slogan"]
    stated: Whole | None = None
    unit: Text | None = None
    unit_en: Text | None = None
    children: Codes = ()
    document: Text | None = None
    owners: Codes = ()
    said_by: Text | None = None

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if (self.stated is None) != (self.basis == "slogan"):
            raise ValueError(_("stated is missing, or a slogan states a number"))
        if self.unnamed < 0:
            raise ValueError(
                _("{held} children, but the page counts {stated}").format(held=len(self.children), stated=self.stated)
            )
        return self

    @property
    def unnamed(self) -> int:
        """How many the page counts but does not name."""
        return 0 if self.stated is None else self.stated - len(self.children)


class TaskFact(Fact):
    """A task or an unnumbered commitment (group "commitment")."""

    group: Literal["equipment", "gaozhu", "carbon", "convenience", "iiot", "logistics", "commitment"]
    number: Whole | None = None
    document: Text | None = None
    systems: Codes = ()
    owners: Codes = ()
    said_by: Text | None = None


class ProjectFact(Fact):
    """A project or undertaking the page names."""

    kind: Text
    document: Text | None = None
    systems: Codes = ()
    owners: Codes = ()
    said_by: Text | None = None


class ElementFact(Fact):
    """A named part of a counted list that is no task: a core, a corridor, a port."""

    group: Text


class BodyFact(Fact):
    """A body and its side."""

    side: Literal["CQ", "SC", "joint", "none"]
    kind: Text


class PostFact(Fact):
    """A post that speaks on the page, without its holder's name."""

    body: Text


class UnknownFact(Fact):
    """Something the page leaves unsaid. `about`: facts it concerns; `missing`: how many are unnamed, where known."""

    about: Codes = ()
    missing: Whole | None = None


class ProgrammeFacts(NamedTuple):
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
        return tuple(fact for rows in self[1:] for fact in rows)


# The files in the order of ProgrammeFacts, and what their tables are called.
FILES = (
    ("meeting.toml", "statement"), ("documents.toml", "document"), ("targets.toml", "target"), ("counts.toml", "count"),
    ("tasks.toml", "task"), ("projects.toml", "project"), ("elements.toml", "element"), ("bodies.toml", "body"),
    ("posts.toml", "post"), ("unknowns.toml", "unknown"),
)  # fmt: skip


def read_programme(folder: Traversable) -> ProgrammeFacts:
    """Read and check the programme's facts from a folder (a path or package data).

    Raises Malformed (422) when a file is missing or no TOML, a field is missing, misspelt or of the wrong type, an id stands
    twice, or a row points at an id that does not exist.
    """
    facts = ProgrammeFacts(
        sources=tuple(read_sources(folder / "sources.toml").values()),
        statements=read_toml(folder / "meeting.toml", StatementFact, table="statement"),
        documents=read_toml(folder / "documents.toml", DocumentFact, table="document"),
        targets=read_toml(folder / "targets.toml", TargetFact, table="target"),
        counts=read_toml(folder / "counts.toml", CountFact, table="count"),
        tasks=read_toml(folder / "tasks.toml", TaskFact, table="task"),
        projects=read_toml(folder / "projects.toml", ProjectFact, table="project"),
        elements=read_toml(folder / "elements.toml", ElementFact, table="element"),
        bodies=read_toml(folder / "bodies.toml", BodyFact, table="body"),
        posts=read_toml(folder / "posts.toml", PostFact, table="post"),
        unknowns=read_toml(folder / "unknowns.toml", UnknownFact, table="unknown"),
    )
    table_of = {source.id: "source" for source in facts.sources}
    for place, table, fact in _placed(facts):
        if fact.id in table_of:
            raise place.fail(_("the id {id} stands twice").format(id=fact.id))
        table_of[fact.id] = table
    for place, _table, fact in _placed(facts):
        _check_pointers(place, fact, table_of)
    return facts


def _placed(facts: ProgrammeFacts) -> Iterator[tuple[Place, str, Fact]]:
    """Every cited fact with where it stands and the name of its table."""
    for (file, table), rows in zip(FILES, facts[1:], strict=True):
        for number, fact in enumerate(rows, start=1):
            yield Place(file, _("row {number}").format(number=number) + f" ({fact.id})"), table, fact


def _check_pointers(place: Place, fact: Fact, table_of: dict[str, str]) -> None:
    for field, table in POINTERS.items():
        value = getattr(fact, field, None) or ()
        for code in (value,) if isinstance(value, str) else value:
            if code not in table_of or table not in (None, table_of[code]):
                problem = _("points at {code}, which is no {table}").format(code=code, table=table or "fact")
                raise place.fail(problem, field)
