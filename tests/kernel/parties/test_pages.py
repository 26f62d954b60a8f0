"""The pages of parties, walked as visitors walk them."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.test import Client
from party_people import PASSWORD, Member, command, invited, member, node, organisation, token_of, with_password

from bashu.kernel.commands.actor import Role
from bashu.kernel.parties import selectors, services
from bashu.kernel.parties.models import ApiToken, Membership, Organisation

pytestmark = pytest.mark.django_db

OWN = ["/organisations/apply", "/account/", "/account/tokens/", "/account/erase"]


@pytest.fixture
def authority() -> Member:
    """The authority of Chongqing."""
    return member(Role.AUTHORITY, "CQ")


class TestAnonymous:
    @pytest.mark.parametrize("path", OWN)
    def test_own_pages_ask_to_sign_in(self, path):
        answer = Client().get(path)
        assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")

    def test_organisations_are_public_and_their_members_are_not(self):
        found = member(Role.ENTERPRISE)
        page = Client().get(found.organisation.address)
        assert page.status_code == 200 and found.organisation.name_zh in page.content.decode()
        assert "测试人员" not in page.content.decode()

    def test_applications_are_not(self):
        body = services.organisation_apply(ctx=command(node()), name_zh="未批准", jurisdiction="CQ", kind="enterprise")
        assert Client().get(body.address).status_code == 404
        assert "未批准" not in Client().get("/organisations/").content.decode()

    @pytest.mark.parametrize("act", ["approve", "suspend"])
    def test_no_decision_without_signing_in(self, act):
        body = organisation(Role.ENTERPRISE, "CQ")
        assert Client().post(f"{body.address}{act}").status_code == 401

    def test_memberships_are_not_there(self):
        found = member(Role.ENTERPRISE)
        for act in ("approve", "end"):
            assert Client().post(f"/memberships/{found.membership.public_id}/{act}").status_code in (401, 404)
        selectors.set_scope(node())
        assert Membership.objects.get(pk=found.membership.pk).state == "active"


class TestOrganisation:
    def test_applied_in_the_browser_and_admitted_by_the_authority(self, authority):
        applicant = member(Role.ENTERPRISE, "CQ").browser()
        form = {
            "name_zh": "新公司<script>",
            "credit_code": "91350100M000100Y43",
            "jurisdiction": "CQ",
            "kind": "enterprise",
        }
        answer = applicant.post("/organisations/apply", form)
        assert answer.status_code == 303
        body = Organisation.objects.get(name_zh="新公司<script>")
        page = authority.browser().get(body.address).content.decode()
        assert "<script>" not in page.split("<main", 1)[1] and f"{body.address}approve" in page
        assert authority.browser().post(f"{body.address}approve").status_code == 302
        body.refresh_from_db()
        assert body.state == "active"

    def test_a_wrong_code_is_said_beside_the_form(self, authority):
        form = {"name_zh": "新公司", "credit_code": "91350100M000100Y44", "jurisdiction": "CQ", "kind": "enterprise"}
        answer = authority.browser().post("/organisations/apply", form)
        assert answer.status_code == 422 and "91350100M000100Y44" in answer.content.decode()

    def test_the_other_province_may_look_and_not_decide(self):
        body, stranger = organisation(Role.ENTERPRISE, "CQ"), member(Role.AUTHORITY, "SC").browser()
        page = stranger.get(body.address)
        assert page.status_code == 200 and f"{body.address}suspend" not in page.content.decode()
        assert stranger.post(f"{body.address}suspend").status_code == 403

    def test_a_stale_page_is_refused(self, authority):
        body = organisation(Role.ENTERPRISE, "CQ")
        answer = authority.browser().post(f"{body.address}suspend", {"_version": "1"})
        assert answer.status_code == 409

    def test_without_the_anti_forgery_token_nothing_happens(self, authority):
        client = Client(enforce_csrf_checks=True)
        client.force_login(authority.person, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert client.post(f"{organisation(Role.ENTERPRISE, 'CQ').address}suspend").status_code == 403


class TestInvitation:
    def test_from_the_letter_to_a_working_member(self, authority):
        body = organisation(Role.ENTERPRISE, "CQ")
        sent = authority.browser().post(f"{body.address}invite", {"email": "new@example.org", "role": "enterprise"})
        assert sent.status_code == 303 and mail.outbox[0].to == ["new@example.org"]
        link = re.search(r"http://testserver(\S+)", mail.outbox[0].body)[1]
        visitor = Client()
        moved = visitor.get(link)
        assert moved["Location"] == "/invitation/" and visitor.cookies["bashu_invitation"]["httponly"]
        assert body.name_zh in visitor.get("/invitation/").content.decode()
        form = {"display_name": "新人", "password": PASSWORD, "repeated": PASSWORD}
        assert visitor.post("/invitation/", {**form, "repeated": "x"}).status_code == 422
        assert visitor.post("/invitation/", form).status_code == 303
        assert visitor.get("/account/").status_code == 200
        selectors.set_scope(node())
        pending = Membership.objects.get(person__email="new@example.org")
        assert pending.state == "pending"
        assert authority.browser().post(f"/memberships/{pending.public_id}/approve").status_code == 403
        second = member(Role.AUTHORITY, body=authority.organisation).browser()
        assert "新人" in second.get(body.address).content.decode()
        assert second.post(f"/memberships/{pending.public_id}/approve").status_code == 302
        assert visitor.post("/invitation/", form).status_code in (403, 409)

    def test_who_has_a_login_signs_in_first(self):
        known = member(Role.ENTERPRISE)
        letter = invited(organisation(Role.VERIFIER, "SC"), Role.VERIFIER, known.person.email)
        visitor = Client()
        visitor.get(f"/invitation/?secret={letter.secret}")
        assert visitor.get("/invitation/")["Location"] == "/accounts/login/?next=/invitation/"
        visitor.force_login(known.person, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert visitor.post("/invitation/").status_code == 303

    @pytest.mark.parametrize("secret", ["", "guess", "\x00", "x" * 5000])
    def test_a_guess_finds_nothing(self, secret):
        visitor = Client()
        visitor.get("/invitation/", {"secret": secret})
        assert visitor.get("/invitation/").status_code == 404

    def test_a_plain_member_gets_403(self):
        plain = member(Role.ENTERPRISE)
        answer = plain.browser().post(
            f"{plain.organisation.address}invite", {"email": "a@example.org", "role": "enterprise"}
        )
        assert answer.status_code == 403 and not mail.outbox


class TestTokens:
    def test_made_once_shown_once_and_revoked(self):
        owner = member(Role.ENTERPRISE)
        browser = with_password(owner)
        form = {
            "name": "脚本", "membership": str(owner.membership.public_id), "scopes": ["parties."],
            "expires_on": (datetime.now(UTC) + timedelta(days=30)).date().isoformat(), "_key": "once",
        }  # fmt: skip
        made = browser.post("/account/tokens/", form)
        secret = re.search(r"bashu_[0-9a-f]{8}_[\w-]{43}", made.content.decode())[0]
        assert made.status_code == 201 and selectors.actor_of_token(secret) is not None
        assert secret not in browser.get("/account/tokens/").content.decode()
        assert secret not in browser.post("/account/tokens/", form).content.decode()
        selectors.set_scope(node())
        token = ApiToken.objects.get(membership=owner.membership)
        assert browser.post(f"/account/tokens/{token.public_id}/revoke").status_code == 302
        assert selectors.actor_of_token(secret) is None

    def test_the_password_is_asked_again(self):
        answer = member(Role.ENTERPRISE).browser().get("/account/tokens/")
        assert answer.status_code == 302 and answer["Location"].startswith("/accounts/reauthenticate/")

    def test_somebody_else_s_token_is_not_there(self):
        token = token_of(member(Role.ENTERPRISE), [])
        assert member(Role.VERIFIER).browser().post(f"/account/tokens/{token.public_id}/revoke").status_code == 404


class TestErase:
    def test_one_erases_oneself_after_the_password(self):
        found = member(Role.ENTERPRISE)
        assert found.browser().get("/account/erase").status_code == 302
        browser = with_password(found)
        assert browser.get("/account/erase").status_code == 200
        assert browser.post("/account/erase").status_code == 303
        assert browser.get("/account/").status_code == 302
        found.person.refresh_from_db()
        assert found.person.email is None

    def test_who_holds_no_role_any_more_still_may(self):
        found = member(Role.ENTERPRISE)
        browser = with_password(found)
        services.membership_end(ctx=command(found.actor), membership=found.membership)
        assert browser.post("/account/erase").status_code == 303
        found.person.refresh_from_db()
        assert found.person.email is None

    def test_who_holds_no_role_any_more_still_ends_his_sessions_and_nothing_else(self):
        found = member(Role.ENTERPRISE)
        browser = found.browser()
        services.membership_end(ctx=command(found.actor), membership=found.membership)
        assert (
            browser.post(
                "/organisations/apply", {"name_zh": "某", "jurisdiction": "CQ", "kind": "enterprise"}
            ).status_code
            == 403
        )
        assert browser.post("/account/leave-sessions").status_code == 302
        assert browser.get("/account/").status_code == 302


class TestLooks:
    @pytest.mark.parametrize("path", [
        "/organisations/", "/account/", "/accounts/login/", "/accounts/logout/", "/accounts/password/change/", "/accounts/password/reset/",
        "/accounts/password/reset/done/", "/accounts/password/reset/key/done/", "/accounts/inactive/", "/accounts/signup/",
        "/accounts/2fa/", "/accounts/reauthenticate/", "/organisations/apply",
    ])  # fmt: skip
    def test_every_page_stands_in_the_shell_without_inline_code(self, path):
        anonymous = path in ("/accounts/login/", "/accounts/signup/")  # who is signed in is sent home
        page = (Client() if anonymous else member(Role.ENTERPRISE).browser()).get(path, follow=True)
        text = page.content.decode()
        assert page.status_code == 200 and 'id="main"' in text
        assert (
            " style=" not in text
            and "onclick" not in text
            and not re.search(r"<script(?![^>]*(src|application/json))", text)
        )


class TestLanguages:
    @pytest.fixture
    def english(self) -> Client:
        """A signed-in browser that reads English, whose password is too long ago for sensitive acts."""
        browser = member(Role.ENTERPRISE).browser()
        browser.cookies["bashu_language"] = "en"
        return browser

    def test_the_help_under_a_password_is_a_link_in_english_too(self, english):
        text = english.get("/accounts/reauthenticate/").content.decode()
        assert '<a href="/accounts/password/reset/">' in text and "&lt;a" not in text

    def test_an_organisation_is_headed_by_its_name_in_the_language_of_the_page(self, english):
        body = services.organisation_apply(
            ctx=command(node()), name_zh="某机关", name_en="Some Office", jurisdiction="CQ", kind="authority"
        )
        services.organisation_approve(ctx=command(member(Role.AUTHORITY, "CQ").actor), organisation=body)
        assert re.search(r"<h1[^>]*>\s*Some Office\s*</h1>", english.get(body.address).content.decode())
        assert re.search(r"<h1[^>]*>\s*某机关\s*</h1>", Client().get(body.address).content.decode())
