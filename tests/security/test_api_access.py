"""Every operation of the API, tried by nobody, the wrong role, the wrong jurisdiction, the wrong organisation and the right one.

A new operation fails here until it has a line in EXPECTED. Each line: what the right caller sends, and the five answers.
401: sign in first. 404: you may not know of it. 403: you see it and may not do this.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from bashu.kernel.web.operations import contract
from bashu.logistics import readiness
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
    "GET /logistics/places": (200, 200, 200, 200, 200),
    "POST /logistics/route": (404, 404, 404, 404, 404),
    "POST /logistics/latest": (404, 404, 404, 404, 404),
    "GET /logistics/hubs": (200, 200, 200, 200, 200),
    "GET /logistics/hubs/{port}/departures": (200, 200, 200, 200, 200),
    "POST /logistics/hubs/{port}/closures": (401, 403, 403, 403, 201),
    "GET /logistics/closures": (200, 200, 200, 200, 200),
    "POST /logistics/closures/{closure}/lift": (401, 403, 403, 403, 200),
    "GET /logistics/networks": (200, 200, 200, 200, 200),
    "POST /logistics/networks": (401, 403, 403, 403, 403),
    "GET /logistics/networks/{network}/network.zip": (200, 200, 200, 200, 200),
    "POST /logistics/networks/{network}/restore": (401, 403, 403, 403, 403),
    "GET /logistics/consignments": (200, 200, 200, 200, 200),
    "POST /logistics/consignments": (401, 403, 403, 403, 403),
    "GET /logistics/consignments/{consignment}": (404, 404, 404, 404, 200),
    "POST /logistics/consignments/{consignment}/amend": (404, 404, 404, 404, 403),
    "POST /logistics/consignments/{consignment}/boxes": (404, 404, 404, 404, 403),
    "POST /logistics/consignments/{consignment}/cancel": (404, 404, 404, 404, 403),
    "POST /logistics/consignments/{consignment}/confirm": (404, 404, 404, 404, 403),
    "POST /logistics/consignments/{consignment}/declarations": (404, 404, 404, 404, 403),
    "GET /logistics/consignments/{consignment}/documents": (404, 404, 404, 404, 200),
    "POST /logistics/consignments/{consignment}/documents": (404, 404, 404, 404, 201),
    "POST /logistics/consignments/{consignment}/rebook": (404, 404, 404, 404, 403),
    "GET /logistics/consignments/{consignment}/events": (404, 404, 404, 404, 200),
    "POST /logistics/events": (401, 403, 403, 404, 403),
    "POST /logistics/events/batch": (401, 403, 403, 422, 403),
    "GET /logistics/figures": (200, 200, 200, 200, 200),
    "GET /logistics/notifications": (401, 200, 200, 200, 200),
    "POST /logistics/notifications/read": (401, 403, 403, 403, 200),
    "GET /logistics/declarations": (200, 200, 200, 200, 200),
    "GET /logistics/declarations/{declaration}": (404, 404, 404, 404, 200),
    "POST /logistics/declarations/{declaration}/accept": (404, 404, 404, 404, 200),
    "POST /logistics/declarations/{declaration}/hold": (404, 404, 404, 404, 200),
    "POST /logistics/declarations/{declaration}/inspect": (404, 404, 404, 404, 409),
    "POST /logistics/declarations/{declaration}/inspected": (404, 404, 404, 404, 409),
    "POST /logistics/declarations/{declaration}/refuse": (404, 404, 404, 404, 200),
    "POST /logistics/declarations/{declaration}/release": (404, 404, 404, 404, 409),
    "POST /logistics/declarations/{declaration}/transit": (404, 404, 404, 404, 409),
    "POST /logistics/declarations/{declaration}/unhold": (404, 404, 404, 404, 409),
    "POST /logistics/declarations/{declaration}/withdraw": (404, 404, 404, 404, 403),
    "GET /logistics/legs": (200, 200, 200, 200, 200),
    "POST /logistics/legs/{leg}/reject": (404, 404, 404, 404, 403),
    "GET /logistics/ports": (200, 200, 200, 200, 200),
    "POST /logistics/ports/{port}": (401, 403, 403, 403, 403),
    "GET /logistics/transits": (200, 200, 200, 200, 200),
    "POST /logistics/transits/{transit}/discharge": (404, 404, 404, 404, 200),
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
    "POST /policy/appeals/{appeal}/change": (404, 404, 404, 404, 200),
    "POST /policy/appeals/{appeal}/uphold": (404, 404, 404, 404, 200),
    "GET /policy/applications": (200, 200, 200, 200, 200),
    "POST /policy/applications": (401, 403, 403, 403, 403),
    "GET /policy/applications/{application}": (404, 404, 404, 404, 200),
    "POST /policy/applications/{application}/accept": (404, 404, 404, 404, 200),
    "POST /policy/applications/{application}/appeal": (404, 404, 404, 404, 403),
    "POST /policy/applications/{application}/pay": (404, 404, 404, 404, 409),
    "POST /policy/applications/{application}/return": (404, 404, 404, 404, 200),
    "POST /policy/applications/{application}/review": (404, 404, 404, 404, 409),
    "POST /policy/applications/{application}/supplement": (404, 404, 404, 404, 403),
    "POST /policy/applications/{application}/withdraw": (404, 404, 404, 404, 403),
    "POST /policy/applications/{reviewed}/approve": (404, 404, 404, 404, 200),
    "POST /policy/applications/{reviewed}/refuse": (404, 404, 404, 404, 200),
    "GET /policy/budgets": (200, 200, 200, 200, 200),
    "GET /policy/delegations": (200, 200, 200, 200, 200),
    "POST /policy/delegations": (401, 403, 403, 403, 201),
    "GET /policy/delegations/{delegation}/acts": (200, 200, 200, 200, 200),
    "POST /policy/delegations/{delegation}/acts": (401, 403, 403, 403, 403),
    "POST /policy/delegations/{delegation}/revoke": (401, 403, 403, 403, 200),
    "GET /policy/items": (200, 200, 200, 200, 200),
    "GET /policy/land/accounts": (200, 200, 200, 200, 200),
    "POST /policy/land/accounts/{land}/allocate": (401, 403, 403, 403, 200),
    "POST /policy/land/accounts/{land}/reserve": (401, 403, 403, 403, 201),
    "GET /policy/land/entries": (200, 200, 200, 200, 200),
    "POST /policy/land/plan": (401, 403, 403, 403, 200),
    "GET /policy/land/reservations": (200, 200, 200, 200, 200),
    "POST /policy/land/reservations/{held}/release": (401, 403, 403, 403, 200),
    "POST /policy/land/reservations/{held}/use": (401, 403, 403, 403, 200),
    "GET /policy/offers": (200, 200, 200, 200, 200),
    "POST /policy/offers/push": (401, 403, 403, 403, 403),
    "POST /policy/offers/{offer}/accept": (404, 404, 404, 404, 403),
    "POST /policy/offers/{offer}/decline": (404, 404, 404, 404, 403),
    "GET /policy/profiles/{organisation}": (200, 200, 200, 200, 200),
    "POST /policy/profiles/{organisation}": (401, 403, 403, 403, 200),
    "GET /policy/tariffs": (200, 200, 200, 200, 200),
    "POST /policy/choose": (200, 200, 200, 200, 200),
    "POST /policy/evaluate": (200, 200, 200, 200, 200),
    "GET /policy/explain": (404, 404, 404, 404, 200),
    "GET /policy/rules": (200, 200, 200, 200, 200),
    "GET /policy/runs": (200, 200, 200, 200, 200),
    "POST /policy/runs": (401, 403, 201, 201, 201),
    "GET /policy/schemas/{schema}": (200, 200, 200, 200, 200),
    "POST /policy/whatif": (200, 200, 200, 200, 200),
    "POST /power/areas": (401, 403, 201, 403, 201),
    "GET /power/batches": (200, 200, 200, 200, 200),
    "GET /power/holdings": (200, 200, 200, 200, 200),
    "POST /power/holdings/{holding}/offer": (404, 404, 404, 404, 201),
    "POST /power/holdings/{holding}/retire": (404, 404, 404, 404, 201),
    "POST /power/hours": (401, 403, 422, 403, 201),
    "GET /power/intensity": (200, 200, 200, 200, 200),
    "POST /power/issue": (401, 403, 200, 403, 200),
    "POST /power/organisations/{authority}/consumption": (401, 403, 403, 403, 201),
    "GET /power/organisations/{authority}/matching": (404, 404, 404, 404, 200),
    "GET /power/retirements": (200, 200, 200, 200, 200),
    "GET /power/retirements/unclaimed": (200, 200, 200, 200, 200),
    "POST /power/retirements/{retirement}/claim": (401, 403, 403, 403, 201),
    "GET /power/settlements": (200, 200, 200, 200, 200),
    "POST /power/settlements": (401, 403, 409, 403, 201),
    "GET /power/settlements/{settlement}": (404, 404, 200, 404, 200),
    "POST /power/settlements/{settlement}/decline": (404, 404, 403, 404, 200),
    "POST /power/settlements/{settlement}/sign": (404, 404, 403, 404, 200),
    "POST /power/settlements/{settlement}/withdraw": (404, 404, 200, 404, 403),
    "GET /power/transfers": (200, 200, 200, 200, 200),
    "POST /power/transfers/{transfer}/accept": (404, 404, 404, 404, 200),
    "POST /power/transfers/{transfer}/decline": (404, 404, 404, 404, 200),
    "POST /power/transfers/{transfer}/withdraw": (404, 404, 404, 404, 403),
    "GET /power/units": (200, 200, 200, 200, 200),
    "POST /power/units": (401, 403, 403, 403, 201),
    "POST /power/units/{power_unit}/credit": (401, 403, 403, 403, 201),
    "POST /power/units/{power_unit}/issue": (401, 403, 403, 403, 409),
    "GET /power/cases": (200, 200, 200, 200, 200),
    "POST /power/cases": (401, 403, 201, 403, 201),
    "GET /power/cases/{case}": (404, 404, 404, 404, 200),
    "POST /power/cases/{case}/games": (404, 404, 404, 404, 201),
    "POST /power/cases/{case}/publish": (404, 404, 404, 404, 200),
    "POST /power/cases/{case}/runs": (404, 404, 404, 404, 201),
    "POST /power/cases/{case}/tree": (404, 404, 404, 404, 201),
    "GET /power/games/{game}": (404, 404, 404, 404, 200),
    "GET /power/runs/{run}": (404, 404, 404, 404, 200),
    "GET /power/runs/{run}/hours": (404, 404, 404, 404, 200),
    "GET /power/trees/{tree}": (404, 404, 404, 404, 200),
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
    "POST /policy/profiles/{organisation}": {"facts": {"staff": 20}, "as_of": "2025-06-01"},
    "POST /policy/offers/push": {"year": 2025},
    "POST /policy/applications": {"organisation": "{organisation}", "item": "{support_item}", "year": 2026},
    "POST /policy/applications/{application}/return": {"reason": "缺件"},
    "POST /policy/applications/{application}/supplement": {"note": "已补"},
    "POST /policy/applications/{application}/review": {"finding": "属实"},
    "POST /policy/applications/{reviewed}/refuse": {"reason": "不符"},
    "POST /policy/applications/{application}/pay": {"order": "ZF-1"},
    "POST /policy/applications/{application}/appeal": {"grounds": "有误"},
    "POST /policy/appeals/{appeal}/uphold": {"reason": "不符"},
    "POST /policy/appeals/{appeal}/change": {"reason": "属实"},
    "POST /policy/delegations": {
        "delegator": "{authority}",
        "delegate": "{joint_office}",
        "acts": ["land.use"],
        "area": "new-area-gaozhu",
        "basis": "依法",
        "source": "决定",
        "valid_from": "2025-01-01",
    },
    "POST /policy/delegations/{delegation}/revoke": {"reason": "收回"},
    "POST /policy/delegations/{delegation}/acts": {"kind": "land.use", "place": "cizhu", "matter": "供地"},
    "POST /policy/land/plan": {"area": "new-area-gaozhu", "side": "CQ", "year": 2025, "m2": 5, "reason": "计划"},
    "POST /policy/land/accounts/{land}/allocate": {"m2": 5, "reason": "下达"},
    "POST /policy/land/accounts/{land}/reserve": {"m2": 5, "reason": "落地", "project": "项目"},
    "POST /policy/land/reservations/{held}/use": {"m2": 5, "reason": "供地"},
    "POST /policy/land/reservations/{held}/release": {"m2": 5, "reason": "调减"},
    "POST /policy/choose": {"projects": [{"id": "p", "investment": "1000000", "amounts": {"cq-research": "5"}}]},
    "POST /policy/evaluate": {"period": "2025", "entities": [{"id": "a"}]},
    "POST /policy/runs": {"period": "2025", "entities": [{"id": "a"}]},
    "POST /policy/whatif": {"change": {"parameter": "soil_rate", "province": "SC", "value": "1.2"}},
    "POST /logistics/route": {"origin": "NOWHERE", "destination": "GUOYUAN", "depart": "2025-06-01"},
    "POST /logistics/latest": {
        "origin": "NOWHERE",
        "destination": "GUOYUAN",
        "earliest": "2025-06-01",
        "deadline": "2025-07-01T00:00:00Z",
    },
    "POST /logistics/hubs/{port}/closures": {"closed_from": "2031-01-01T00:00:00Z", "reason": "r"},
    "POST /logistics/consignments": {
        "quote": "x",
        "shipper": "{organisation}",
        "description": "d",
        "hs_code": "840690",
        "weight_kg": 1,
        "boxes": [20],
        "value": "1",
        "consignee": "c",
    },
    "POST /logistics/consignments/{consignment}/boxes": {"boxes": [{"sequence": 1, "number": "CSQU3054383"}]},
    "POST /logistics/consignments/{consignment}/declarations": {"hub": "GUOYUAN", "procedure": "import"},
    "POST /logistics/consignments/{consignment}/documents": {
        "kind": "other",
        "name": "n",
        "size": 1,
        "sha256": "0" * 64,
    },
    "POST /logistics/consignments/{consignment}/rebook": {"quote": "x"},
    "POST /logistics/events": {
        "reference": "e1",
        "kind": "loaded",
        "happened_at": "2025-05-01T08:00:00+08:00",
        "consignment": "B9",
        "leg": 1,
    },
    "POST /logistics/events/batch": {
        "rows": [
            {
                "reference": "e1",
                "kind": "loaded",
                "happened_at": "2025-05-01T08:00:00+08:00",
                "consignment": "B9",
                "leg": 1,
            }
        ]
    },
    "POST /logistics/notifications/read": {"organisation": "{office}", "upto": "{tomorrow}"},
    "POST /logistics/declarations/{declaration}/hold": {"reason": "r"},
    "POST /logistics/declarations/{declaration}/inspect": {"reason": "r"},
    "POST /logistics/declarations/{declaration}/inspected": {"reason": "r"},
    "POST /logistics/declarations/{declaration}/refuse": {"reason": "r"},
    "POST /logistics/declarations/{declaration}/unhold": {"reason": "r"},
    "POST /logistics/declarations/{declaration}/transit": {
        "target": "GUOYUAN",
        "seal": "s",
        "due_at": "2030-01-01T00:00:00Z",
    },
    "POST /logistics/legs/{leg}/reject": {"reason": "r"},
    "POST /logistics/ports/{port}": {"office": "{office}"},
    "POST /logistics/transits/{transit}/discharge": {"seal": "CN-1"},
    "POST /parties/organisations": {"name_zh": "新企业", "jurisdiction": "CQ", "kind": "enterprise"},
    "POST /parties/organisations/{organisation}/invitations": {"email": "somebody@example.com", "role": "enterprise"},
    "POST /parties/tokens": {"membership": "{own_membership}", "name": "t", "expires_at": "{tomorrow}"},
    "POST /power/holdings/{holding}/offer": {"receiver": "{firm}", "quantity": 1},
    "POST /power/holdings/{holding}/retire": {"quantity": 1, "purpose": "2025年绿色电力消费"},
    "POST /power/issue": {"month": "2025-04-01"},
    "POST /power/retirements/{retirement}/claim": {"claimant": "carbon", "reference": "carbon.entry:1"},
    "POST /power/settlements": {
        "counterparty": "{authority_sc}",
        "period_start": "2025-05-08",
        "period_end": "2025-05-14",
        "division": "nash",
        "baseline": "ties",
        "target": {"SC": "1", "CQ": "1"},
        "settled": {"SC": "2", "CQ": "0"},
    },
    "POST /power/settlements/{settlement}/decline": {"reason": "口径不符"},
    "POST /power/settlements/{settlement}/withdraw": {"reason": "口径不符"},
    "POST /power/units": {
        "jurisdiction": "CQ",
        "code": "W9",
        "owner": "{firm}",
        "technology": "wind",
        "commissioned_on": "2024-01-01",
        "name_zh": "风电场",
    },
    "POST /power/units/{power_unit}/credit": {
        "start": "2025-05-01T00:00+08:00",
        "stop": "2025-05-02T00:00+08:00",
        "claimant": "carbon",
        "reference": "carbon.project:1",
    },
    "POST /power/units/{power_unit}/issue": {"month": "2025-04-01"},
    "POST /power/cases": {"name": "算例", "season": "wet", "starts_at": "2025-07-06T16:00:00Z", "hours": 6},
    "POST /power/cases/{case}/games": {"voll_fen": 1000000},
    "POST /power/cases/{case}/runs": {"configuration": "uhv"},
    "POST /power/cases/{case}/tree": {},
    "POST /programme/blockers/{blocker}/resolve": {"resolution": "已落实"},
    "POST /programme/milestones/{milestone}/meet": {"met_on": "2025-05-01"},
    "POST /programme/readings/{reading}/reject": {"reason": "口径不符"},
    "POST /programme/readings/{reading}/withdraw": {"reason": "口径不符"},
    "POST /programme/tasks/{task}/blockers": {"description": "用地未落实"},
    "POST /programme/tasks/{task}/milestones": {"name": "开工", "due": "2025-12-31"},
    "POST /programme/tasks/{task}/state": {"state": "under_way", "note": "已开工"},
}
HOUR = "2025-05-01T00:00+08:00"
FORMS: dict[str, Callable[[], dict[str, Any]]] = {
    "POST /power/areas": lambda: {
        "source": "演示数据", "hours": SimpleUploadedFile("h.csv", f"area,hour,used_wh,emitted_g\nCQ,{HOUR},5,5\nSC,{HOUR},5,0\n".encode()),
        "flows": SimpleUploadedFile("f.csv", f"area,neighbour,hour,sent_wh\nSC,CQ,{HOUR},5\n".encode()),
    },
    "POST /power/hours": lambda: {"file": SimpleUploadedFile("h.csv", f"unit,hour,generated_wh\nW1,{HOUR},5\n".encode())},
    "POST /power/organisations/{authority}/consumption": lambda: {
        "file": SimpleUploadedFile("c.csv", f"hour,used_wh\n{HOUR},5\n".encode())
    },
    "POST /logistics/networks": lambda: {"file": SimpleUploadedFile("n.zip", b"PK")},
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
SPAN = "?start=2025-04-01T00:00%2B08:00&stop=2025-05-01T00:00%2B08:00"
QUERIES = {
    "GET /power/intensity": f"{SPAN}&area=CQ", "GET /power/organisations/{authority}/matching": SPAN,
    "GET /places/resolve": "?text=500000", "GET /journal/consistency": "?old=1",
    "GET /policy/explain": "?id={rules_run}", "GET /logistics/places": "?text=g",
}  # fmt: skip


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
    address = (path + QUERIES.get(operation, "")).format(**world)
    if operation in FORMS:
        return api(method, address, FORMS[operation](), by=by, content_type=None).status_code
    body = {
        name: value.format(**world) if isinstance(value, str) else value
        for name, value in BODIES.get(operation, {}).items()
    }
    return api(method, address, body if method == "POST" else None, by=by).status_code


@pytest.mark.slow
def test_who_may_do_what(api, actors, world, undone) -> None:
    readiness.warm()
    answers = {
        operation: tuple(
            undone(partial(tried, api, world, operation, actors[caller] if caller else None)) for caller in CALLERS
        )
        for operation in operations()
    }
    assert answers == EXPECTED
