"""Every operation of the API, tried by nobody, the wrong role, the wrong jurisdiction, the wrong organisation and the right one.

A new operation fails here until it has a line in EXPECTED. Each line: what the right caller sends, and the five answers.
401: sign in first. 404: you may not know of it. 403: you see it and may not do this.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from bashu.kernel.web.operations import contract
from world import NAMED

CALLERS = (None, "resident.SC", "authority.SC", "enterprise.SC", "colleague.CQ")
# Nothing is sealed in the tests' database: no checkpoint (404), no tree to compare (422), no proof yet (409).
EXPECTED: dict[str, tuple[int, int, int, int, int]] = {
    "GET /jobs": (401, 200, 200, 200, 200),
    "GET /jobs/{job}": (404, 404, 404, 404, 200),
    "POST /jobs/{job}/cancel": (404, 404, 404, 404, 200),
    "GET /journal/checkpoint": (404, 404, 404, 404, 404),
    "GET /journal/consistency": (422, 422, 422, 422, 422),
    "GET /journal/entries": (200, 200, 200, 200, 200),
    "GET /journal/entries/{entry}": (200, 200, 200, 200, 200),
    "GET /journal/entries/{entry}/proof": (409, 409, 409, 409, 409),
    "GET /journal/keys": (200, 200, 200, 200, 200),
    "GET /parties/me": (200, 200, 200, 200, 200),
    "POST /parties/memberships/{membership}/approve": (401, 404, 404, 404, 200),
    "POST /parties/memberships/{membership}/end": (401, 404, 404, 404, 200),
    "GET /parties/organisations": (200, 200, 200, 200, 200),
    "POST /parties/organisations": (401, 201, 201, 201, 201),
    "GET /parties/organisations/{organisation}": (200, 200, 200, 200, 200),
    "POST /parties/organisations/{applied}/approve": (404, 404, 404, 404, 200),
    "POST /parties/organisations/{organisation}/invitations": (401, 403, 403, 403, 201),
    "GET /parties/organisations/{organisation}/memberships": (200, 200, 200, 200, 200),
    "POST /parties/organisations/{organisation}/suspend": (401, 403, 403, 403, 200),
    "GET /parties/tokens": (401, 403, 403, 403, 403),
    "POST /parties/tokens": (401, 403, 403, 403, 403),
    "POST /parties/tokens/{token}/revoke": (404, 404, 404, 404, 200),
    "GET /places/boundaries/{level}": (200, 200, 200, 200, 200),
    "GET /places/divisions": (200, 200, 200, 200, 200),
    "GET /places/groups": (200, 200, 200, 200, 200),
    "GET /places/resolve": (200, 200, 200, 200, 200),
    "GET /power/cases": (200, 200, 200, 200, 200),
    "POST /power/cases": (401, 403, 201, 403, 201),
    "GET /power/cases/{case}": (404, 404, 404, 404, 200),
    "POST /power/cases/{case}/games": (404, 404, 404, 404, 201),
    "POST /power/cases/{case}/publish": (404, 404, 404, 404, 200),
    "POST /power/cases/{case}/runs": (404, 404, 404, 404, 201),
    "GET /power/games/{game}": (404, 404, 404, 404, 200),
    "GET /power/runs/{run}": (404, 404, 404, 404, 200),
    "GET /power/runs/{run}/hours": (404, 404, 404, 404, 200),
    "POST /programme/blockers/{blocker}/resolve": (401, 403, 200, 403, 200),
    "GET /programme/changes": (200, 200, 200, 200, 200),
    "GET /programme/counts": (200, 200, 200, 200, 200),
    "GET /programme/documents": (200, 200, 200, 200, 200),
    "POST /programme/milestones/{milestone}/meet": (401, 403, 403, 403, 200),
    "POST /programme/readings": (401, 403, 403, 403, 201),
    "POST /programme/readings/import": (401, 403, 422, 403, 201),
    "GET /programme/readings/{reading}": (404, 404, 404, 404, 200),
    "POST /programme/readings/{reading}/confirm": (404, 404, 404, 404, 200),
    "POST /programme/readings/{reading}/reject": (404, 404, 404, 404, 200),
    "POST /programme/readings/{reading}/withdraw": (404, 404, 404, 404, 200),
    "GET /programme/targets": (200, 200, 200, 200, 200),
    "GET /programme/targets/{target}": (200, 200, 200, 200, 200),
    "GET /programme/targets/{target}/readings": (200, 200, 200, 200, 200),
    "GET /programme/tasks": (200, 200, 200, 200, 200),
    "GET /programme/tasks/{task}": (200, 200, 200, 200, 200),
    "POST /programme/tasks/{task}/blockers": (401, 403, 201, 403, 201),
    "POST /programme/tasks/{task}/milestones": (401, 403, 201, 403, 201),
    "POST /programme/tasks/{task}/state": (401, 403, 200, 403, 200),
}
BODIES: dict[str, dict[str, Any]] = {
    "POST /parties/organisations": {"name_zh": "新企业", "jurisdiction": "CQ", "kind": "enterprise"},
    "POST /parties/organisations/{organisation}/invitations": {"email": "somebody@example.com", "role": "enterprise"},
    "POST /parties/tokens": {"membership": "{own_membership}", "name": "t", "expires_at": "{tomorrow}"},
    "POST /power/cases": {"name": "算例", "season": "wet", "starts_at": "2025-07-06T16:00:00Z", "hours": 6},
    "POST /power/cases/{case}/games": {"voll_fen": 1000000},
    "POST /power/cases/{case}/runs": {"configuration": "uhv"},
    "POST /programme/blockers/{blocker}/resolve": {"resolution": "已落实"},
    "POST /programme/milestones/{milestone}/meet": {"met_on": "2025-05-01"},
    "POST /programme/readings/{reading}/reject": {"reason": "口径不符"},
    "POST /programme/readings/{reading}/withdraw": {"reason": "口径不符"},
    "POST /programme/tasks/{task}/blockers": {"description": "用地未落实"},
    "POST /programme/tasks/{task}/milestones": {"name": "开工", "due": "2025-12-31"},
    "POST /programme/tasks/{task}/state": {"state": "under_way", "note": "已开工"},
}
FORMS: dict[str, Callable[[], dict[str, Any]]] = {
    "POST /programme/readings": lambda: {
        "target": "T03", "jurisdiction": "CQ", "period_start": "2023-01-01", "period_end": "2023-12-31", "value": "17",
        "evidence": SimpleUploadedFile("e.csv", b"a,b\r\n1,2\r\n"),
    },
    "POST /programme/readings/import": lambda: {
        "file": SimpleUploadedFile(
            "r.csv", b"target,jurisdiction,period_start,period_end,value\r\nT03,CQ,2023-01-01,2023-12-31,17\r\n"
        )
    },
}  # fmt: skip
QUERIES = {"GET /places/resolve": "?text=500000", "GET /journal/consistency": "?old=1"}


def operations() -> list[str]:
    """Every operation of the contract, as `POST /programme/readings/{reading}/confirm`."""
    found = []
    for path, methods in contract()["paths"].items():
        short = path.removeprefix("/api/v1")
        start = next((start for start in NAMED if short.startswith(start)), None)
        if start:
            short = re.sub(r"{\w+}", f"{{{NAMED[start]}}}", short)
        found += [f"{method.upper()} {short}" for method in methods]
    return found


def test_every_operation_has_its_line_and_every_line_its_operation() -> None:
    assert set(operations()) == set(EXPECTED)


def tried(api: Any, world: dict[str, Any], operation: str, by: Any) -> int:
    """The status of one try."""
    method, path = operation.split(" ")
    address = path.format(**world) + QUERIES.get(operation, "")
    if operation in FORMS:
        return api(method, address, FORMS[operation](), by=by, content_type=None).status_code
    body = {
        name: value.format(**world) if isinstance(value, str) else value
        for name, value in BODIES.get(operation, {}).items()
    }
    return api(method, address, body if method == "POST" else None, by=by).status_code


def test_who_may_do_what(api, actors, world, undone) -> None:
    answers = {
        operation: tuple(
            undone(partial(tried, api, world, operation, actors[caller] if caller else None)) for caller in CALLERS
        )
        for operation in operations()
    }
    assert answers == EXPECTED
