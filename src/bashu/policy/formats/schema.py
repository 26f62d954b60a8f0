"""The shape of rule files and support catalogues; their JSON Schema is made from these types."""

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from bashu.policy.engine.units import plain_number

SHARE = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?[%‰]")
Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=80)]
ItemId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=80)]
DefinitionId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$", max_length=120)]
Status = Literal["sourced", "derived", "unverified", "assumed"]
Place = Literal["CN", "CQ", "SC"]


def exact(value: Any) -> Fraction:
    """An exact number: 3, 3.90, "30%", "0.3‰" or "1/3"."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | Fraction | str):
        raise ValueError("write a number, such as 3.90, 30% or 1/3")
    text = str(value).strip()
    for sign, size in (("%", 100), ("‰", 1000)):
        if text.endswith(sign):
            return plain_number(text[:-1].strip()) / size
    return plain_number(text)


def expression(value: Any) -> Any:
    """An expression may be written as a bare number, or as a share such as 50%."""
    if isinstance(value, str) and SHARE.fullmatch(value.strip()):
        return str(exact(value))
    return str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


Number = Annotated[Fraction, BeforeValidator(exact), WithJsonSchema({"type": ["number", "string"]})]
Expression = Annotated[
    str,
    BeforeValidator(expression),
    StringConstraints(min_length=1, max_length=2000),
    WithJsonSchema({"type": ["string", "number"]}),
]


def unit_text(value: Any) -> Any:
    """A unit; plain numbers are of unit 1, which may be written without quotes."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


UnitText = Annotated[str, BeforeValidator(unit_text), WithJsonSchema({"type": ["string", "integer"]})]


def refuse_twice(names: list[str]) -> list[str]:
    """A list whose names are said once."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{name} is said twice")
        seen.add(name)
    return names


Words = Annotated[list[str], Field(min_length=1), AfterValidator(refuse_twice)]


class Part(BaseModel):
    """Nothing unknown is let by."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, arbitrary_types_allowed=True)


class LabelIn(Part):
    """A name in both languages."""

    zh: str
    en: str


Said = LabelIn | str  # words written once stand for both languages


class Dated(Part):
    """From one day to another, both included."""

    start: date = Field(date.min, alias="from")
    end: date | None = Field(None, alias="to")

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "Dated":
        if self.end is not None and self.end < self.start:
            raise ValueError("“to” lies before “from”")
        return self


class SourceIn(Part):
    """A publication: its title as printed and in English."""

    title: Said
    url: str | None = None
    note: Said = ""


class FactIn(Part):
    """What an entity, or a row of its table, tells."""

    label: LabelIn
    type: Literal["number", "boolean", "choice", "date", "text"] = "number"
    unit: UnitText = "1"
    decimals: int = Field(0, ge=0, le=9)
    min: Number = Fraction(0)
    max: Number = Fraction(10**9)
    choice: Id | None = None
    default: bool | int | Decimal | date | str | None = None

    @model_validator(mode="after")
    def _choice_names_its_values(self) -> "FactIn":
        if (self.type == "choice") != (self.choice is not None):
            raise ValueError("a fact of type choice, and no other, names its choice")
        return self


class TableIn(Part):
    """Child rows."""

    label: LabelIn
    rows: int = Field(1000, ge=1, le=1_000_000)
    facts: dict[Id, FactIn]


class BracketIn(Part):
    """From a threshold on, a rate or an amount."""

    above: Number
    value: Number


class VersionIn(Dated):
    """A value in a jurisdiction from a day on; no value: it is not known."""

    jurisdiction: Place = Field(alias="in")
    value: Number | dict[str, Number] | list[BracketIn] | None
    status: Status
    source: str
    note: Said = ""


class ParameterIn(Part):
    """A dated, cited, jurisdictional number."""

    label: LabelIn
    unit: UnitText
    by: Id | None = None
    threshold_unit: UnitText | None = None
    versions: list[VersionIn]


class ExceptionIn(Part):
    """A value in the general one's place."""

    id: Id
    when: Expression
    value: Expression
    over: list[Id] = []


class FormulaIn(Dated):
    """A general value and its exceptions."""

    value: Expression
    exceptions: list[ExceptionIn] = []

    @model_validator(mode="after")
    def _each_exception_once(self) -> "FormulaIn":
        refuse_twice([item.id for item in self.exceptions])
        return self


class DefinitionIn(Part):
    """A named value: one formula, or several by date."""

    label: LabelIn
    formula: Expression | FormulaIn | None = None
    formulas: list[FormulaIn] = []

    @model_validator(mode="after")
    def _one_way_of_saying_it(self) -> "DefinitionIn":
        if (self.formula is None) != bool(self.formulas):
            raise ValueError("give either formula or formulas")
        return self


class ReliefIn(Dated):
    """A reduction: the share still paid, or the amount taken off."""

    id: Id
    label: LabelIn
    when: Expression
    pay: Expression | None = None
    less: Expression | None = None
    status: Status
    source: str

    @model_validator(mode="after")
    def _one_way_of_reducing(self) -> "ReliefIn":
        if (self.pay is None) == (self.less is None):
            raise ValueError("give either pay or less")
        return self


class AccrualIn(Part):
    """By month or day of the year, or by event on a date."""

    by: Literal["month", "day", "event"]
    date: str | None = None

    @model_validator(mode="after")
    def _events_have_dates(self) -> "AccrualIn":
        if (self.by == "event") != (self.date is not None):
            raise ValueError("accrual by event, and no other, names its date")
        return self


class LevyIn(Dated):
    """A tax or fee."""

    label: LabelIn
    kind: Literal["tax", "fee", "fund"] = "tax"
    area: Id | None = None
    accrual: AccrualIn
    base: Expression | FormulaIn
    rate: Expression | FormulaIn | None = None
    amount: Expression | FormulaIn | None = None
    reliefs: list[ReliefIn] = []
    cap: Expression | FormulaIn | None = None
    rounding: Literal["half_up", "down", "up"] = "half_up"
    comparand: bool = True
    sources: list[str]
    setter: LabelIn

    @model_validator(mode="after")
    def _each_relief_once(self) -> "LevyIn":
        refuse_twice([item.id for item in self.reliefs])
        return self

    @model_validator(mode="after")
    def _says_how_much(self) -> "LevyIn":
        if self.rate is None and self.amount is None:
            raise ValueError("give a rate or an amount")
        return self


class CheckIn(Part):
    """What must hold between the facts of one entity."""

    label: LabelIn
    holds: Expression


class AreaIn(Part):
    """One of the areas of the measures, with its words."""

    label: LabelIn
    quote: str
    status: Status
    source: str


class DelegationIn(Dated):
    """Powers that one side gave to a holder, over which divisions (codes; none: not told)."""

    label: LabelIn
    side: Place = Field(alias="in")
    holder: LabelIn
    powers: dict[Id, LabelIn] = {}
    divisions: list[str] = []
    status: Status
    source: str
    note: Said = ""
    area: Id | None = None


class QuotaIn(Part):
    """An amount that is shared out, dated and cited as a parameter is."""

    label: LabelIn
    unit: UnitText
    versions: list[VersionIn]
    area: Id | None = None


class RuleFile(Part):
    """One file of a folder of rules; what several files say is put together."""

    catalogue: str
    choices: dict[Id, Words] = {}
    sources: dict[ItemId, SourceIn] = {}
    facts: dict[Id, FactIn] = {}
    tables: dict[Id, TableIn] = {}
    parameters: dict[Id, ParameterIn] = {}
    definitions: dict[DefinitionId, DefinitionIn] = {}
    levies: dict[Id, LevyIn] = {}
    checks: dict[Id, CheckIn] = {}
    areas: dict[Id, AreaIn] = {}
    delegations: dict[Id, DelegationIn] = {}
    quotas: dict[Id, QuotaIn] = {}


class CapIn(Part):
    """An upper limit: what is above is cut off (truncate), or going above loses everything (void)."""

    most: Number
    over: Literal["truncate", "void"] = "truncate"


class ShareIn(Part):
    """All support together, as a share of the investment."""

    share: Number
    over: Literal["truncate", "void"] = "truncate"


class GroupIn(Part):
    """At most so many items of a group."""

    at_most: int = Field(ge=1)
    items: list[ItemId]


class BudgetIn(Part):
    """Money for some items over all projects together, in yuan."""

    label: LabelIn | None = None
    most: Number
    items: list[ItemId]


class ItemIn(Part):
    """A support item of one province."""

    province: Literal["CQ", "SC"]
    topic: str | None = None
    area: Id | None = None
    label: LabelIn
    when: Expression | None = None
    amount: Expression | None = None
    cap: CapIn | None = None
    requires: list[ItemId] = []
    excludes: list[ItemId] = []
    status: Status
    source: str


class CatalogueFile(Part):
    """The support items of both provinces."""

    catalogue: str
    choices: dict[Id, Words] = {}
    sources: dict[ItemId, SourceIn] = {}
    facts: dict[Id, FactIn] = {}
    tables: dict[Id, TableIn] = {}
    parameters: dict[Id, ParameterIn] = {}
    definitions: dict[DefinitionId, DefinitionIn] = {}
    provinces: dict[Literal["CQ", "SC"], CapIn] = {}
    investment: ShareIn | None = None
    groups: dict[ItemId, GroupIn] = {}
    budgets: dict[ItemId, BudgetIn] = {}
    items: dict[ItemId, ItemIn]
