"""Signing in, second factors, invitations and tokens, as people do them."""

import email
import email.policy
import json
import re
import time
import urllib.error
import urllib.request
from base64 import b32decode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from demonstration import Node
from e2e.visitor import Visitor, Visitors

PASSWORD = "correct horse battery staple 2025"


def code_of(secret: str) -> str:
    """The one-time code that an authenticator app shows (RFC 6238: SHA-1, six digits, thirty seconds)."""
    key = b32decode(secret + "=" * (-len(secret) % 8))
    return TOTP(key, 6, SHA1(), 30, enforce_key_length=False).generate(int(time.time())).decode()


def test_a_wrong_password_is_refused_and_the_fifth_locks_out_even_the_right_one(visitors: Visitors, node: Node):
    address = "resident.sc@demo.example"
    visitor = visitors.enter()
    for _ in range(4):
        visitor.sign_in(address, "wrong password here")
        assert "登录" in visitor.text("h1")
        assert visitor.page.query_selector(".message.error")
    visitor.sign_in(address, "wrong password here", 429)
    assert "锁定" in visitor.text("h1")
    visitor.sign_in(address, status=429)
    assert "锁定" in visitor.text("h1")


def test_a_second_factor_is_enrolled_and_asked_for_from_then_on(visitors: Visitors, node: Node):
    address = "verifier.cq@demo.example"
    visitor = visitors.enter(address)
    visitor.go_sensitive("/accounts/2fa/totp/activate/", address)
    secret = visitor.text("main .panel .code").strip()
    visitor.page.fill("main form input[name=code]", code_of(secret))
    visitor.send()
    assert "/2fa/" in visitor.page.url

    again = visitors.enter()
    again.sign_in(address)
    assert "/2fa/authenticate/" in again.page.url
    again.go("/account/")
    assert "/2fa/authenticate/" in again.page.url, "the password alone opens nothing"
    again.page.fill("main form input[name=code]", "000000")
    again.send()
    assert again.page.query_selector(".message.error")
    again.page.fill("main form input[name=code]", code_of(secret))
    again.send()
    again.go("/account/")
    assert address in again.text(".lede")


def letters(node: Node) -> list[str]:
    """The text of every letter the node has written, newest last; without a mail server they lie in its home."""
    files = sorted((node.home / "mail").glob("*.log"), key=lambda file: file.stat().st_mtime_ns)
    parsed = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]
    return [str(letter.get_content()) for letter in parsed]


def organisation_of(visitor: Visitor) -> str:
    """The path of the organisation a visitor works for."""
    visitor.go("/account/")
    return str(visitor.page.get_attribute("main .panel a[href*='/organisations/']", "href"))


def test_an_invitation_is_accepted_and_a_second_person_approves(visitors: Visitors, node: Node):
    boss = visitors.enter("authority.cq@demo.example")
    organisation = organisation_of(boss)
    boss.go(organisation)
    boss.press("a.primary")
    boss.page.fill("#id_email", "new.colleague@demo.example")
    boss.page.select_option("#id_role", "authority")
    boss.send()
    found = re.search(r"http://\S+secret=\S+", letters(node)[-1])
    assert found

    colleague = visitors.enter()
    colleague.go(found[0].removeprefix(node.address))
    assert "secret" not in colleague.page.url
    colleague.page.fill("#id_display_name", "新同事")
    colleague.page.fill("#id_password", PASSWORD)
    colleague.page.fill("#id_repeated", PASSWORD)
    colleague.send()
    colleague.go("/targets/T03/report/", 403)

    boss.go(organisation)
    assert "新同事" in boss.text()
    approve = "tr:has-text('新同事') form[action$='/approve'] button"
    assert not boss.page.query_selector(approve), "who invited must not approve"

    second = visitors.enter("coordinator.joint@demo.example")
    second.go(organisation)
    second.press(approve)
    colleague.go("/targets/T03/report/")


def test_a_token_is_shown_once_and_lets_a_program_read_and_write(visitors: Visitors, node: Node):
    address = "authority.sc@demo.example"
    visitor = visitors.enter(address)
    visitor.go_sensitive("/account/tokens/", address)
    visitor.page.fill("#id_name", "nightly export")
    visitor.page.select_option("#id_scopes", "programme.reading.report")
    visitor.send(201)
    secret = visitor.text(".message.success .code").strip()
    assert secret.startswith("bashu_")
    visitor.go("/account/tokens/")
    assert secret not in visitor.page.content()

    def call(token: str, path: str, body: bytes | None = None) -> tuple[int, dict[str, object]]:
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Idempotency-Key": "e2e-token-1",
        }
        request = urllib.request.Request(f"{node.address}/api/v1{path}", data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=15) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    assert call(secret, "/programme/targets/T03")[0] == 200
    assert call(secret[:-1] + "x", "/programme/targets/T03")[0] == 401
    status, problem = call(secret, "/programme/tasks/EQ1/state", b'{"state": "under_way", "note": "x"}')
    assert (status, "scope" in json.dumps(problem)) == (403, True), problem
