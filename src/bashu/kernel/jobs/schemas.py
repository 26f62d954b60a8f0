"""Jobs as the API says them."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Schema

from bashu.kernel.jobs.models import Job
from bashu.kernel.jobs.registry import title_of

State = Literal["queued", "running", "done", "failed", "cancelled"]


class JobOut(Schema):
    """One job. `total` 0: not known yet. `error` says why it failed; `result` is there when it is done."""

    public_id: UUID
    version: int
    kind: str
    title: str
    state: State
    done: int
    total: int
    message: str
    error: str
    organisation: UUID
    jurisdiction: str
    submitted_by: str
    submitted_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @staticmethod
    def resolve_title(job: Job) -> str:
        """What people call it, in the caller's language."""
        return title_of(job.kind)


class JobDetailOut(JobOut):
    """One job with what was asked and what came of it."""

    parameters: dict[str, Any]
    result: Any
