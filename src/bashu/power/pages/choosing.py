"""Which case and which run a page speaks of: as its address says, else the newest."""

from typing import Any, NamedTuple
from uuid import UUID

from django.http import HttpRequest

from bashu.kernel.errors import NotFound
from bashu.power import wording
from bashu.power.models import Case, Configuration, DispatchRun
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
