"""What the API of the scoreboard takes and gives."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from ninja import Field, Schema

from bashu.kernel.indicators.selectors import purposes


class JudgementOut(Schema):
    """A target's judgement on a day: status, why, and the comparison with its numbers filled in."""

    status: str
    method: str
    formula: str
    required: Decimal | None
    latest: Decimal | None
    as_of: date


class TargetOut(Schema):
    """A target with its words and its judgement."""

    id: UUID
    code: str
    name_zh: str
    name_en: str
    document: str | None
    kind: str
    operator: str
    value: Decimal | None
    unit: str
    unit_en: str
    deadline: date | None
    deadline_basis: str
    quote: str
    source: str
    status: str = Field(description="how sure the fact is: sourced, derived, unverified or assumed")
    judgement: JudgementOut


class ReadingOut(Schema):
    """A figure for a target and a period."""

    id: UUID = Field(alias="public_id")
    version: int
    target: str = Field(alias="target.code")
    jurisdiction: str
    period_start: date
    period_end: date
    value: Decimal | None = Field(alias="shown_value")
    achieved: bool | None
    basis: str
    coverage: str
    share: Decimal | None
    state: str
    organisation: str = Field(alias="organisation.name_zh")
    note: str
    reason: str
    evidence: list[str] = Field(description="SHA-256 of each file")
    sources: list[str] = Field(description="records a measured reading was computed from")

    @staticmethod
    def resolve_evidence(reading: Any) -> list[str]:
        """The digests of the reading's files."""
        return [file.sha256 for file in reading.evidence.all()]


class ReadingIn(Schema):
    """A figure to report. Evidence goes as files of the multipart form; the roster is a list of credit codes."""

    target: str = Field(max_length=40)
    jurisdiction: str = Field(max_length=10)
    period_start: date
    period_end: date
    value: Decimal | None = Field(None, max_digits=30, decimal_places=6)
    achieved: bool | None = None
    coverage: str = Field("whole", pattern="^(whole|partial)$")
    share: Decimal | None = Field(None, max_digits=7, decimal_places=6)
    note: str = Field("", max_length=2000)
    roster: list[str] = Field([], max_length=200_000)


class TaskReadingOut(Schema):
    """What the platform measured of a task from its own records, up to a day. It judges nothing."""

    id: UUID = Field(alias="public_id")
    version: int
    indicator: str
    purpose: str = Field(description="what is measured, in a sentence")
    jurisdiction: str
    period_end: date
    value: Decimal = Field(alias="shown_value")
    unit: str
    unit_en: str
    coverage: str
    share: Decimal | None
    sources: list[str] = Field(description="records it was computed from")

    @staticmethod
    def resolve_purpose(reading: Any) -> str:
        """The indicator's sentence in the caller's language; its code when its system is not installed any more."""
        return purposes().get(reading.indicator, str(reading.indicator))


class TaskOut(Schema):
    """A task or major project."""

    id: UUID = Field(alias="public_id")
    version: int
    code: str
    kind: str
    group: str
    number: int | None
    name_zh: str
    name_en: str
    document: str | None
    owners: list[str]
    state: str
    milestones: int = Field(alias="milestone_count")
    milestones_met: int = Field(alias="met_count")
    open_blockers: int = Field(alias="blocker_count")
    investment_fen: int | None
    measured: list[TaskReadingOut] = Field(alias="newest", description="the newest figure of each indicator and side")
    quote: str
    status: str

    @staticmethod
    def resolve_document(task: Any) -> str | None:
        """The document's code, none for a task outside documents."""
        return task.document.code if task.document else None

    @staticmethod
    def resolve_owners(task: Any) -> list[str]:
        """The bodies that own the task."""
        return [body.name_zh for body in task.owners.all()]


class TaskStateIn(Schema):
    """Where a task stands, and why."""

    state: str = Field(pattern="^(planned|under_way|done|dropped)$")
    note: str = Field(min_length=1, max_length=2000)


class MilestoneIn(Schema):
    """A dated step."""

    name: str = Field(min_length=1, max_length=200)
    due: date


class MilestoneOut(Schema):
    """A dated step and when it was met."""

    id: UUID = Field(alias="public_id")
    version: int
    name: str
    due: date
    met_on: date | None


class MetIn(Schema):
    """The day on which a milestone was met."""

    met_on: date


class BlockerIn(Schema):
    """What stands in the way."""

    description: str = Field(min_length=1, max_length=2000)


class BlockerOut(Schema):
    """A blocking issue."""

    id: UUID = Field(alias="public_id")
    version: int
    description: str
    raised_at: datetime
    resolved_at: datetime | None
    resolution: str


class ResolutionIn(Schema):
    """How a blocking issue was resolved."""

    resolution: str = Field(min_length=1, max_length=2000)


class DocumentOut(Schema):
    """A document before the meeting, or one related to it."""

    id: UUID
    code: str
    name_zh: str
    name_en: str
    role: str
    quote: str
    status: str
    targets: int
    tasks: int


class CountOut(Schema):
    """A number the page states about its own lists, and what we hold of it."""

    code: str
    name_zh: str
    name_en: str
    stated: int | None
    held: int
    unknown: int | None
    quote: str


class ImportOut(Schema):
    """How many readings a file brought."""

    imported: int
    evidence: str


class ChangeOut(Schema):
    """One public entry of the journal about the scoreboard."""

    entry: UUID
    kind: str
    subject: str
    organisation: str
    time: str
    sequence: int | None
    body: dict[str, Any] | None
