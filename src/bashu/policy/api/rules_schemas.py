"""What the API of the rules takes and gives. Money is integer fen; facts as in entity files."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Field, Schema


class LevyOut(Schema):
    """A levy of the rules with its words and its numbers."""

    id: str
    area: str | None
    kind: str
    label: dict[str, str]
    comparand: bool
    base: dict[str, str]
    decided_by: dict[str, str]
    valid_from: date
    valid_to: date | None
    numbers: list[dict[str, Any]]
    written: str


class SampleItemOut(Schema):
    """A support item of the shipped catalogue: a sample."""

    id: str
    province: str
    topic: str | None
    area: str | None
    label: dict[str, str]
    status: str
    written: str


class RulesOut(Schema):
    """Everything the shipped rules say."""

    catalogue: str
    digest: str
    areas: list[dict[str, Any]]
    levies: list[LevyOut]
    items: list[SampleItemOut]
    delegations: list[dict[str, Any]]
    quotas: list[dict[str, Any]]


class EvaluateIn(Schema):
    """Entities as in an entity file, and the period: 2025, 2025-Q1 or 2025-03."""

    period: str = Field(max_length=10)
    entities: list[dict[str, Any]] = Field(max_length=1000)
    explain: bool = False


class ChooseIn(Schema):
    """Projects as in a project file: `id`, `investment`, and either `amounts` by item or the facts the items ask for."""

    on: date | None = None
    projects: list[dict[str, Any]] = Field(max_length=1000)


class ChangeIn(Schema):
    """A number and what it would be, exact as in the rules: "1.6%", "3.9", "1/3"."""

    parameter: str = Field(max_length=80)
    province: Literal["CQ", "SC"]
    value: str = Field(max_length=20)
    choice: str | None = Field(None, max_length=80)


class WhatIfIn(Schema):
    """The change, the period, and whose facts are computed with: given entities, else made-up ones or the profiles one may see."""

    period: str = Field("2025", max_length=10)
    change: ChangeIn
    entities: list[dict[str, Any]] | None = Field(None, max_length=1000)
    population: Literal["made_up", "profiles"] = "made_up"


class WhatIfOut(Schema):
    """Who pays less and more, and by how much; `rows`: the hundred most affected, in fen."""

    levies: list[str]
    sums: dict[str, int]
    distribution: list[list[int | None]]
    places: dict[str, dict[str, int]]
    rows: list[dict[str, Any]]


class KeptRunOut(Schema):
    """A kept run."""

    id: UUID = Field(alias="public_id")
    rules: str = Field(alias="rules_id")
    period: str
    organisation: UUID = Field(alias="organisation_id")
    jurisdiction: str
    made_at: datetime
    file: str
    engine: str
    items: list[str]
    entities: int
    digest: str


class ExplanationOut(Schema):
    """A kept run or a part of it, explained; `verified` is true when it was computed again to the same fen."""

    run: KeptRunOut
    verified: bool | None
    results: list[dict[str, Any]]
