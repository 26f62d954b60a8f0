"""What the API of the power pool takes and gives. Money in fen, energy in MWh, carbon in tonnes."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Schema
from pydantic import AwareDatetime

from bashu.power.engine.region import FORTNIGHT, SEED
from bashu.power.models import CHANCES, OUT_PERCENT, Case, Configuration, Season, TreeResult
from bashu.power.selectors.trees import expected_of
from bashu.power.services.dispatch import EQUAL


class CaseIn(Schema):
    """A question to the region's model."""

    name: str = Field(min_length=1, max_length=200)
    season: Season
    starts_at: AwareDatetime
    hours: int = Field(default=FORTNIGHT, ge=1, le=8760)
    step: int = Field(default=1, ge=1, le=24)
    seed: int = Field(default=SEED, ge=0, le=2**31 - 1)
    voll_fen: int = Field(default=2_000_000, ge=1, le=10**9)
    carbon_price_fen: int = Field(default=0, ge=0, le=10**9)


class RunOut(Schema):
    """One dispatch; its figures are null until there is an optimum. `job` can be watched under /jobs."""

    id: UUID = Field(alias="public_id")
    version: int
    case: UUID = Field(alias="case.public_id")
    configuration: str
    status: str
    job: UUID | None
    asked_at: datetime
    solved_at: datetime | None
    objective_fen: int | None
    unserved_mwh: Decimal | None
    curtailed_mwh: Decimal | None
    exchanged_mwh: Decimal | None
    co2_t: Decimal | None
    primal_residual: float | None
    dual_gap: float | None
    figures: dict[str, Any] = Field(description="totals by province in whole MWh and tonnes")
    way: dict[str, Any] = Field(
        description="how a long horizon was solved: stitched or plain, and why; empty for a short one"
    )
    hourly_digest: str = Field(description="SHA-256 of the stored hours; empty without an optimum")


Percent = Annotated[int, Field(ge=0, le=100)]


class TreeIn(Schema):
    """How likely the seasons are, and that the line is out of service, in whole per cent; the seasons' chances sum to 100."""

    chances: dict[Season, Percent] = {Season(name): chance for name, chance in CHANCES.items()}
    out_percent: Percent = OUT_PERCENT


class LeafOut(Schema):
    """A season with the line in service (`uhv`) or out (`joint`); figures are null without an optimum."""

    season: str
    configuration: str
    probability: Decimal
    status: str
    objective_fen: int | None
    unserved_mwh: Decimal | None
    curtailed_mwh: Decimal | None
    spilled_mwh: Decimal | None
    co2_t: Decimal | None


class ExpectedOut(Schema):
    """The means of a tree's figures by the probabilities of its leaves."""

    objective_fen: int
    unserved_mwh: Decimal
    curtailed_mwh: Decimal
    spilled_mwh: Decimal
    co2_t: Decimal


class TreeOut(Schema):
    """A case's scenario tree; without leaves until its `job` (see /jobs) is done. `expected` is null unless every leaf is solved."""

    id: UUID = Field(alias="public_id")
    version: int
    case: UUID = Field(alias="case.public_id")
    chances: dict[str, int]
    out_percent: int
    status: str
    job: UUID | None
    leaves: list[LeafOut]
    expected: ExpectedOut | None

    @staticmethod
    def resolve_expected(tree: TreeResult) -> dict[str, Decimal] | None:
        """Computed from the leaves."""
        return expected_of(tree)


class GameOut(Schema):
    """One division of a case's gain. Lists by coalition are indexed by bit mask over `players`, empty until it is solved."""

    id: UUID = Field(alias="public_id")
    version: int
    case: UUID = Field(alias="case.public_id")
    baseline: str
    voll_fen: int
    status: str
    job: UUID | None
    players: list[str]
    weights: list[int]
    values_fen: list[int]
    costs: list[dict[str, Any]]
    payoffs: dict[str, list[int]]
    certificate: list[dict[str, Any]]
    certified: bool | None
    core_empty: bool | None
    shapley_in_core: bool | None
    least_core_epsilon_fen: int | None


class CaseOut(Schema):
    """A case. Everything in it rests on synthetic hours; `assumptions` says which facts are cited and which assumed."""

    id: UUID = Field(alias="public_id")
    version: int
    name: str
    season: str
    starts_at: datetime
    hours: int
    step: int
    seed: int
    voll_fen: int
    carbon_price_fen: int
    network_digest: str
    organisation: str = Field(alias="organisation.name_zh")
    jurisdiction: str
    created_at: datetime
    published_at: datetime | None
    synthetic: bool = True


class CaseDetailOut(CaseOut):
    """A case with its runs, its divisions, its scenario trees and the facts it rests on."""

    runs: list[RunOut]
    games: list[GameOut]
    trees: list[TreeOut]
    assumptions: list[dict[str, str]]

    @staticmethod
    def resolve_runs(case: Case) -> list[Any]:
        """Newest first, without their hours."""
        return list(case.runs.select_related("case").defer("hourly").order_by("-id"))

    @staticmethod
    def resolve_games(case: Case) -> list[Any]:
        """Newest first."""
        return list(case.games.select_related("case").order_by("-id"))

    @staticmethod
    def resolve_trees(case: Case) -> list[Any]:
        """Newest first."""
        return list(case.trees.select_related("case").order_by("-id"))


class RunIn(Schema):
    """Which configuration to dispatch."""

    configuration: Configuration


class GameIn(Schema):
    """What not cooperating means, and what lost load is held to be worth."""

    baseline: Literal["isolated", "ties"] = "isolated"
    voll_fen: int = Field(ge=1, le=10**9)
    weights: list[Annotated[int, Field(ge=1, le=10**6)]] = Field(
        default=list(EQUAL), description="of the players in the Nash solution, in their order"
    )


class SeriesOut(Schema):
    """One series: its kind (generation, load, unserved, curtailed, price, level, flow), its zone or line, its subject."""

    kind: str
    place: str
    subject: str
    values: list[float]


class HoursOut(Schema):
    """Every snapshot of a run: labels in local time, hours a snapshot, and the series."""

    snapshots: list[str]
    step: int
    digest: str
    series: list[SeriesOut]
