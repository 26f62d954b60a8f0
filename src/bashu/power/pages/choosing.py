"""Which case and which run a page speaks of: as its address says, else the newest."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.http import HttpRequest

from bashu.kernel.errors import NotFound
from bashu.kernel.jobs.models import Job
from bashu.kernel.jobs.selectors import job_list
from bashu.kernel.web.requests import actor_of
from bashu.power import wording
from bashu.power.models import Case, Configuration, DispatchRun, GameResult, TreeResult
from bashu.power.selectors import dispatch as selectors


class Chosen(NamedTuple):
    """The cases the viewer may see, the one shown (None: there is none), and its optima by configuration."""

    cases: list[Case]
    case: Case | None
    runs: dict[str, DispatchRun]

    @property
    def run(self) -> DispatchRun | None:
        """The run with the most of the grid: what a page shows unless asked otherwise."""
        return next((self.runs[kind] for kind in reversed(Configuration.values) if kind in self.runs), None)


def identifier(request: HttpRequest, name: str) -> UUID | None:
    """A record's identifier in the query string; None when none is given. Refuses (NotFound, 404) what is none."""
    given = request.GET.get(name, "")
    try:
        return UUID(given) if given else None
    except ValueError:
        raise NotFound from None


def chosen(request: HttpRequest) -> Chosen:
    """The case that the query string names, else the newest with an optimum, else the newest."""
    cases = list(selectors.case_list())
    wanted = identifier(request, "case")
    if wanted:
        case = next((case for case in cases if case.public_id == wanted), None)
        if case is None:
            raise NotFound
    else:
        case = next((case for case in cases if case.solved), cases[0] if cases else None)  # type: ignore[attr-defined]
    return Chosen(cases, case, selectors.runs_by_configuration(case) if case else {})


def told(found: Chosen) -> dict[str, Any]:
    """What every page's head needs of a choice."""
    return {
        "cases": [
            {"record": case, "name": wording.name_of(case), "current": case == found.case} for case in found.cases
        ],
        "case": found.case,
        "case_name": wording.name_of(found.case) if found.case else "",
    }


class Waiting(NamedTuple):
    """A job of something asked for, and how it is shown: `outcome` when it ended without an answer."""

    job: Job
    title: str
    message: str
    outcome: str = "missed"


def jobs_of(request: HttpRequest, asked: Sequence[tuple[DispatchRun | GameResult | TreeResult, str]]) -> list[Waiting]:
    """The jobs behind records that have no answer yet, with what each is called; those that the viewer may see."""
    numbers = [record.job for record, _title in asked if record.job]
    jobs = (
        {job.public_id: job for job in job_list(actor=actor_of(request)).filter(public_id__in=numbers)}
        if numbers
        else {}
    )
    return [
        Waiting(
            jobs[record.job],
            title,
            jobs[record.job].error or jobs[record.job].message or jobs[record.job].get_state_display(),
        )
        for record, title in asked
        if record.job in jobs
    ]
