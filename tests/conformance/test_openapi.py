"""schemathesis over the committed contract, in this process: whatever is sent, no fault of ours, and answers keep their shape."""

from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase

from bashu.kernel.web.operations import contract
from bashu.wsgi import application
from world import NAMED

pytestmark = pytest.mark.slow
EXAMPLES = 8  # for each operation and caller
CALLERS = (None, "coordinator", "authority.CQ")
PROBLEM = "application/problem+json"


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Requests come through WSGI, and their end must not close the test's own transaction."""
    for sign in (request_started, request_finished):
        sign.disconnect(close_old_connections)
    yield
    for sign in (request_started, request_finished):
        sign.connect(close_old_connections)


@pytest.mark.parametrize("caller", CALLERS)
def test_whatever_is_sent_the_answer_keeps_the_contract(
    caller: str | None, actors: dict[str, Any], world: dict[str, Any], undone: Any, one_connection: None
) -> None:
    import schemathesis  # takes a second to import, and `make check` collects this file without running it
    from schemathesis.specs.openapi.checks import response_schema_conformance

    published = schemathesis.openapi.from_dict(contract())
    published.app = application
    headers = {"Authorization": f"Bearer {actors[caller].token}"} if caller else {}

    def send(case: Any) -> None:
        start = next((start for start in NAMED if case.path.removeprefix("/api/v1").startswith(start)), None)
        if start and case.path_parameters and start != "/places/boundaries/{level}":
            case.path_parameters = {name: str(world[NAMED[start]]) for name in case.path_parameters}  # what there is
        response = undone(lambda: case.call(headers=headers))
        assert response.status_code < 500, f"{case.method} {case.path}: {response.text}"
        if response.status_code < 400:
            case.validate_response(response, checks=[response_schema_conformance])
        else:
            assert response.headers["content-type"][0] == PROBLEM, response.text
            problem = response.json()
            assert (problem["status"], problem["type"].startswith("urn:bashu:error:")) == (response.status_code, True)

    for result in published.get_all_operations():
        operation = result.ok()
        strategy = operation.as_strategy()
        limited = hypothesis.settings(
            max_examples=EXAMPLES, database=None, phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        limited(hypothesis.given(case=strategy)(send))()
