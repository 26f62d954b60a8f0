"""Signing in: the same answer for everybody, lock-out, second factor, audit, reset, sessions."""

import hmac
import logging
import re
import struct
import time
from base64 import b32decode
from datetime import UTC, datetime, timedelta
from hashlib import sha1

import pytest
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.contrib.auth.hashers import get_hasher
from django.core import mail
from django.test import Client
from django.urls import NoReverseMatch, reverse
from party_people import PASSWORD, Member, member, node

from bashu.kernel.commands.actor import Role
from bashu.kernel.parties import selectors
from bashu.kernel.parties.models import Outcome, Person, SignIn
from bashu.kernel.parties.signin import family_of, network_of

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def enterprise() -> Member:
    """Somebody with a login."""
    return member(Role.ENTERPRISE)


def sign_in(client: Client, email: str, password: str = PASSWORD, **options):
    """Send the sign-in form."""
    return client.post(LOGIN, {"login": email, "password": password}, HTTP_USER_AGENT=FIREFOX, **options)


def audit() -> list[tuple]:
    """The sign-in audit, oldest first, as the node sees it."""
    selectors.set_scope(node())
    return list(SignIn.objects.order_by("at").values_list("person", "outcome", "method", "network", "agent"))


def code_now(secret: str) -> str:
    """The one-time code of this moment (RFC 6238, from its text: HMAC-SHA-1 over the count of 30-second steps)."""
    digest = hmac.new(b32decode(secret), struct.pack(">Q", int(time.time()) // 30), sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


class TestPassword:
    def test_unknown_address_wrong_password_and_closed_login_get_the_same_answer(self, enterprise):
        closed = member(Role.VERIFIER)
        email = closed.person.email
        Person.objects.filter(pk=closed.person.pk).update(is_active=False)
        answers = []
        for address in (enterprise.person.email, "nobody@example.org", email):
            answer = sign_in(Client(), address, "a wrong sentence")
            text = re.sub(r'(value="[^"]*"|content="[^"]*"|urn:uuid:\S+)', "", answer.content.decode())
            answers.append((answer.status_code, text.replace(address, "ADDRESS")))
        assert answers[0] == answers[1] == answers[2]

    def test_an_unknown_address_costs_one_hash_as_a_wrong_password_does(self, enterprise, monkeypatch):
        hashed = []
        hasher = type(get_hasher())
        encode = hasher.encode
        monkeypatch.setattr(
            hasher,
            "encode",
            lambda self, password, salt, *rest: hashed.append(1) or encode(self, password, salt, *rest),
        )
        sign_in(Client(), enterprise.person.email, "a wrong sentence")
        wrong = len(hashed)
        sign_in(Client(), "nobody@example.org", "a wrong sentence")
        assert wrong == len(hashed) - wrong == 1

    def test_passwords_are_kept_by_argon2(self):
        from bashu import settings

        assert settings.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")

    def test_the_session_gets_a_new_key(self, enterprise):
        client = Client()
        client.get(LOGIN)
        session = client.session
        session["kept"] = 1
        session.save()
        before = session.session_key
        assert sign_in(client, enterprise.person.email).status_code == 302
        assert client.session.session_key != before

    def test_the_cookie_is_out_of_reach_of_scripts(self, enterprise):
        client = Client()
        sign_in(client, enterprise.person.email)
        cookie = client.cookies["sessionid"]
        assert cookie["httponly"] and cookie["samesite"] == "Lax"

    @pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
    def test_it_never_leads_off_the_node(self, enterprise, target):
        answer = Client().post(LOGIN, {"login": enterprise.person.email, "password": PASSWORD, "next": target})
        assert answer.status_code == 302 and answer["Location"] == "/"

    def test_signing_up_is_closed(self):
        page = Client().get("/accounts/signup/")
        assert page.status_code == 200 and "password1" not in page.content.decode()
        answer = Client().post(
            "/accounts/signup/", {"email": "x@example.org", "password1": PASSWORD, "password2": PASSWORD}
        )
        assert answer.status_code == 200 and not Person.objects.filter(email="x@example.org").exists()

    @pytest.mark.parametrize(
        "name", ["account_email", "account_set_password", "account_confirm_email", "mfa_trust", "socialaccount_login"]
    )
    def test_pages_of_allauth_that_are_not_used_are_not_served(self, name):
        with pytest.raises(NoReverseMatch):
            reverse(name)


class TestLockOut:
    def test_after_five_failures_the_right_password_is_refused_for_fifteen_minutes(self, enterprise):
        client = Client()
        for _ in range(5):
            last = sign_in(client, enterprise.person.email, "a wrong sentence")
        assert last.status_code == 429
        refused = sign_in(client, enterprise.person.email)
        assert refused.status_code == 429 and "sessionid" not in client.cookies
        AccessAttempt.objects.update(attempt_time=datetime.now(UTC) - timedelta(minutes=15, seconds=1))
        assert sign_in(client, enterprise.person.email).status_code == 302

    def test_an_unknown_address_is_locked_out_likewise(self):
        for _ in range(5):
            last = sign_in(Client(), "nobody@example.org", "a wrong sentence")
        assert last.status_code == 429

    def test_the_owner_elsewhere_is_not_locked_out(self, enterprise):
        for _ in range(5):
            sign_in(Client(), enterprise.person.email, "a wrong sentence", REMOTE_ADDR="203.0.113.9")
        assert sign_in(Client(), enterprise.person.email, REMOTE_ADDR="198.51.100.7").status_code == 302

    def test_neither_its_table_nor_any_log_has_the_address(self, enterprise, caplog):
        with caplog.at_level(logging.DEBUG):
            for _ in range(6):
                sign_in(Client(), enterprise.person.email, "a wrong sentence")
        assert enterprise.person.email not in caplog.text and PASSWORD not in caplog.text
        attempt = AccessAttempt.objects.get()
        assert enterprise.person.email not in f"{attempt.username}{attempt.get_data}{attempt.post_data}"


class TestAudit:
    def test_every_outcome_is_noted_with_network_and_program_only(self, enterprise):
        me, client = enterprise.person.public_id, Client(REMOTE_ADDR="203.0.113.77")
        for _ in range(5):
            sign_in(client, enterprise.person.email, "a wrong sentence")
        sign_in(client, enterprise.person.email)
        other = Client(REMOTE_ADDR="2001:db8:1:2::3")
        sign_in(other, enterprise.person.email)
        other.post("/accounts/logout/", HTTP_USER_AGENT=FIREFOX)
        network = "203.0.113.0/24"
        assert audit() == [
            *[(me, Outcome.REFUSED, "password", network, "Firefox")] * 5,
            (me, Outcome.LOCKED, "password", network, "Firefox"),
            (me, Outcome.ENTERED, "password", "2001:db8:1::/48", "Firefox"),
            (me, Outcome.LEFT, "", "2001:db8:1::/48", "Firefox"),
        ]

    def test_an_unknown_address_is_noted_without_it(self):
        sign_in(Client(), "nobody@example.org")
        assert [row[:2] for row in audit()] == [(None, Outcome.REFUSED)]

    def test_one_sees_one_s_own(self, enterprise):
        browser = Client(REMOTE_ADDR="203.0.113.77")
        sign_in(browser, enterprise.person.email)
        assert "203.0.113.0/24" in browser.get("/account/").content.decode()

    @pytest.mark.parametrize(("address", "network"), [("::ffff:203.0.113.9", "::/48"), ("", ""), ("unknown", "")])
    def test_odd_addresses_are_cut_too(self, address, network):
        assert network_of(address) == network

    def test_unknown_programs_are_other(self):
        assert family_of("") == family_of("<script>") == "other"


class TestSecondFactor:
    def activated(self, enterprise: Member) -> tuple[Client, str]:
        browser = Client()
        sign_in(browser, enterprise.person.email)
        assert browser.get("/accounts/2fa/totp/activate/")["Location"].startswith("/accounts/reauthenticate/")
        browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
        page = browser.get("/accounts/2fa/totp/activate/")
        secret = page.context["form"].secret
        assert "data:image/svg+xml" in page.content.decode()
        assert browser.post("/accounts/2fa/totp/activate/", {"code": code_now(secret)}).status_code == 302
        return browser, secret

    def test_the_password_alone_is_no_longer_enough(self, enterprise):
        _, secret = self.activated(enterprise)
        client = Client()
        assert sign_in(client, enterprise.person.email)["Location"] == "/accounts/2fa/authenticate/"
        assert client.get("/account/").status_code == 302
        wrong = client.post("/accounts/2fa/authenticate/", {"code": "000000"})
        assert wrong.status_code == 200 and client.get("/account/").status_code == 302
        from django.core.cache import cache

        cache.clear()  # allauth lets no code be used twice: the one that activated counts
        assert client.post("/accounts/2fa/authenticate/", {"code": code_now(secret)}).status_code == 302
        assert client.get("/account/").status_code == 200
        outcomes = [(row[1], row[2]) for row in audit()]
        assert (Outcome.REFUSED, "mfa") in outcomes and outcomes[-1] == (Outcome.ENTERED, "password+totp")

    def test_the_seed_is_kept_encrypted(self, enterprise):
        _, secret = self.activated(enterprise)
        kept = Authenticator.objects.get(user=enterprise.person, type="totp")
        assert secret not in str(kept.data)

    def test_a_recovery_code_works_once(self, enterprise):
        browser, _ = self.activated(enterprise)
        code = browser.get("/accounts/2fa/recovery-codes/").context["unused_codes"][0]
        for client, good in ((Client(), True), (Client(), False)):
            sign_in(client, enterprise.person.email)
            client.post("/accounts/2fa/authenticate/", {"code": code})
            assert (client.get("/account/").status_code == 200) is good


class TestReset:
    def test_the_page_answers_the_same_for_an_unknown_address_and_writes_no_letter(self, enterprise):
        known = Client().post("/accounts/password/reset/", {"email": enterprise.person.email})
        unknown = Client().post("/accounts/password/reset/", {"email": "nobody@example.org"})
        assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
        assert [letter.to for letter in mail.outbox] == [[enterprise.person.email]]

    def test_the_link_works_once_and_ends_all_sessions(self, enterprise):
        browser = enterprise.browser()
        Client().post("/accounts/password/reset/", {"email": enterprise.person.email})
        link = re.search(r"http://testserver(\S+)", mail.outbox[0].body)[1]
        client = Client()
        form = client.get(link)["Location"]
        new = "another sentence to keep"
        assert client.post(form, {"password1": new, "password2": new}).status_code == 302
        assert browser.get("/account/").status_code == 302
        assert Client().get(link).context["token_fail"]
        assert sign_in(Client(), enterprise.person.email).status_code == 200
        assert sign_in(Client(), enterprise.person.email, new).status_code == 302


class TestSessions:
    def test_a_changed_password_ends_every_other_session_and_not_this_one(self, enterprise):
        here, there = Client(), Client()
        sign_in(here, enterprise.person.email)
        sign_in(there, enterprise.person.email)
        new = "another sentence to keep"
        here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
        assert here.get("/account/").status_code == 200
        assert there.get("/account/").status_code == 302
        assert [letter.to for letter in mail.outbox] == [[enterprise.person.email]]  # the owner is told

    def test_all_sessions_can_be_ended(self, enterprise):
        here, there = enterprise.browser(), enterprise.browser()
        here.post("/account/leave-sessions")
        assert here.get("/account/").status_code == there.get("/account/").status_code == 302
