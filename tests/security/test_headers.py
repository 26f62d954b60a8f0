"""What every answer carries and every write demands: headers, cookies, the anti-forgery token, the host's name."""

import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.test import Client, RequestFactory
from test_page_access import ELSEWHERE, address, pages

from players import PASSWORD

HTTPS = """
import django
django.setup()
from django.conf import settings
from django.test import Client
from django.test.utils import setup_test_environment
setup_test_environment()
plain = Client().get("/styleguide", HTTP_HOST="localhost")
inside = Client().get("/metrics", HTTP_HOST="localhost")
assert inside.status_code == 200, inside
safe = Client().get("/metrics", REMOTE_ADDR="192.0.2.1", HTTP_HOST="localhost", secure=True)
assert (plain.status_code, plain["Location"]) == (301, "https://localhost/styleguide"), plain
assert int(safe["Strict-Transport-Security"].removeprefix("max-age=")) >= 31_536_000
assert settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE and settings.SESSION_COOKIE_HTTPONLY
"""


@pytest.mark.slow
def test_every_page_forbids_what_it_does_not_need(db: None, world: dict[str, Any], undone: Callable[..., Any]) -> None:
    visitor = Client(raise_request_exception=False)
    for name, pattern in pages():
        if name in ELSEWHERE | {"web:live"}:  # live is answered before anything else is asked
            continue
        answer = undone(partial(visitor.get, address(name, pattern, world)))
        policy = answer.headers.get("Content-Security-Policy", f"none on {name}, {answer.status_code}")
        assert "default-src 'none'" in policy, name
        assert "frame-ancestors 'none'" in policy, name
        assert "unsafe" not in policy, name
        assert (answer["X-Content-Type-Options"], answer["X-Frame-Options"]) == ("nosniff", "DENY"), name
        assert answer["Referrer-Policy"] == "same-origin", name


def test_the_api_answers_with_the_same_care(api: Any, db: None) -> None:
    for path in ("/programme/targets", "/no/such/thing", "/parties/tokens"):
        answer = api.get(path)
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.slow
def test_no_post_is_taken_without_its_token(world, actors, signed_in, undone) -> None:
    strict = signed_in(Client(enforce_csrf_checks=True, raise_request_exception=False), actors["colleague.CQ"])
    for name, pattern in pages():
        if name in ELSEWHERE:
            continue
        status = undone(partial(strict.post, address(name, pattern, world))).status_code
        assert status in (403, 405), name


def test_a_sessions_write_over_the_api_needs_the_token_too(actors, signed_in) -> None:
    strict = signed_in(Client(enforce_csrf_checks=True), actors["colleague.CQ"])
    body = {"name_zh": "新企业", "jurisdiction": "CQ", "kind": "enterprise"}
    refused = strict.post("/api/v1/parties/organisations", body, content_type="application/json")
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:bashu:error:bashu.forbidden")
    strict.get("/accounts/password/change/")
    token = strict.cookies["csrftoken"].value
    taken = strict.post(
        "/api/v1/parties/organisations", body, content_type="application/json", headers={"X-CSRFToken": token}
    )
    assert taken.status_code == 201


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost:80:80", "a b"])
def test_another_hosts_name_is_refused_and_never_repeated(host: str, db: None) -> None:
    answer = Client(raise_request_exception=False).get("/accounts/login/", headers={"host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.content.decode()


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_next_never_leads_off_the_node(actors, signed_in, target: str) -> None:
    client = signed_in(Client(), actors["authority.CQ"])
    for answer in (
        client.post("/language", {"language": "en", "next": target}),
        client.get("/accounts/login/", {"next": target}),
    ):
        assert "evil" not in answer["Location"]
        assert "javascript" not in answer["Location"]


def test_cookies_stay_with_the_node_and_out_of_scripts(actors) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": actors["authority.CQ"].person.email, "password": PASSWORD})
    client.get("/accounts/password/change/")
    session = client.cookies["sessionid"]
    assert (session["httponly"], session["samesite"]) == (True, "Lax")
    assert client.cookies["csrftoken"]["samesite"] == "Lax"


@pytest.mark.slow
def test_behind_https_everything_is_https() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HTTPS],
        env={**os.environ, "BASHU_HTTPS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_forwarded_protocol_counts_behind_a_trusted_proxy_only() -> None:
    request = RequestFactory().get("/", headers={"x-forwarded-proto": "https"})
    assert not request.is_secure()
