"""The API of parties: who gets which answer."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client
from party_people import Member, accepted, command, invited, member, node, organisation, token_of, with_password

from bashu.kernel.commands.actor import Role
from bashu.kernel.parties import services

pytestmark = pytest.mark.django_db

ROOT = "/api/v1/parties"
NEW = {"name_zh": "新公司", "jurisdiction": "CQ", "kind": "enterprise"}


def post(client: Client, path: str, body: object = None, **headers: str):
    """Send JSON."""
    return client.post(ROOT + path, json.dumps(body or {}), content_type="application/json", **headers)


def bearer(owner: Member, *scopes: str) -> dict[str, str]:
    """The header of a token of a member."""
    return {"HTTP_AUTHORIZATION": f"Bearer {token_of(owner, list(scopes)).secret}"}


def test_me_is_nobody_a_person_or_a_token():
    owner = member(Role.ENTERPRISE)
    assert Client().get(f"{ROOT}/me").json() == {"kind": "anonymous", "id": None, "grants": [], "scopes": None}
    mine = owner.browser().get(f"{ROOT}/me").json()
    assert (mine["kind"], mine["id"], mine["grants"][0]["role"]) == (
        "person",
        str(owner.person.public_id),
        "enterprise",
    )
    assert Client().get(f"{ROOT}/me", **bearer(owner, "parties.")).json()["scopes"] == ["parties."]


def test_a_dead_token_is_401_problem_json():
    answer = Client().get(f"{ROOT}/organisations", HTTP_AUTHORIZATION="Bearer bashu_00000000_" + "x" * 43)
    assert answer.status_code == 401 and answer["Content-Type"] == "application/problem+json"


class TestOrganisations:
    def test_anonymous_reads_and_does_not_write(self):
        body = organisation(Role.ENTERPRISE, "CQ")
        listed = Client().get(f"{ROOT}/organisations?size=500").json()["items"]
        assert str(body.public_id) in {item["public_id"] for item in listed}
        assert post(Client(), "/organisations", NEW).status_code == 401

    def test_what_may_not_be_seen_is_not_there(self):
        applied = services.organisation_apply(ctx=command(node()), name_zh="甲", jurisdiction="CQ", kind="enterprise")
        path = f"{ROOT}/organisations/{applied.public_id}"
        assert Client().get(path).status_code == 404
        assert member(Role.AUTHORITY, "SC").browser().get(path).status_code == 404
        assert post(member(Role.ENTERPRISE).browser(), f"/organisations/{applied.public_id}/approve").status_code == 404
        assert member(Role.AUTHORITY, "CQ").browser().get(path).status_code == 200

    def test_visible_and_forbidden_is_403(self):
        body = organisation(Role.ENTERPRISE, "CQ")
        assert (
            post(member(Role.AUTHORITY, "SC").browser(), f"/organisations/{body.public_id}/suspend").status_code == 403
        )

    def test_a_token_writes_within_its_scopes(self):
        authority = member(Role.AUTHORITY, "CQ")
        assert (
            post(Client(), "/organisations", NEW, **bearer(authority, "parties.organisation.apply")).status_code == 201
        )
        assert post(Client(), "/organisations", NEW, **bearer(authority)).status_code == 403

    def test_a_session_needs_the_anti_forgery_token(self):
        owner = member(Role.ENTERPRISE)
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(owner.person, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert post(strict, "/organisations", NEW).status_code == 403

    def test_a_repeat_with_the_same_key_answers_the_same(self):
        browser = member(Role.ENTERPRISE).browser()
        first = post(browser, "/organisations", NEW, HTTP_IDEMPOTENCY_KEY="once").json()
        assert (
            post(browser, "/organisations", NEW, HTTP_IDEMPOTENCY_KEY="once").json()["public_id"] == first["public_id"]
        )

    @pytest.mark.parametrize("change", [
        {"kind": "node"}, {"kind": "x"}, {"jurisdiction": "XX"}, {"name_zh": ""}, {"name_zh": "\x00"}, {"name_zh": None},
        {"credit_code": "91350100M000100Y44"}, {"name_zh": "x" * 201},
    ])  # fmt: skip
    def test_malformed_is_422(self, change):
        assert post(member(Role.ENTERPRISE).browser(), "/organisations", {**NEW, **change}).status_code == 422

    def test_an_enterprise_cannot_be_joint(self):
        assert (
            post(member(Role.ENTERPRISE).browser(), "/organisations", {**NEW, "jurisdiction": "joint"}).status_code
            == 409
        )


class TestMemberships:
    def test_the_list_is_one_s_own_or_all_for_who_looks_after(self):
        first = member(Role.ENTERPRISE, "CQ")
        member(Role.ENTERPRISE, body=first.organisation)
        path = f"{ROOT}/organisations/{first.organisation.public_id}/memberships"
        assert Client().get(path).json()["count"] == 0
        assert first.browser().get(path).json()["count"] == 1
        assert member(Role.AUTHORITY, "SC").browser().get(path).json()["count"] == 0
        listed = member(Role.AUTHORITY, "CQ").browser().get(path).json()
        assert listed["count"] == 2 and "测试人员" not in json.dumps(listed, ensure_ascii=False)

    def test_approving_needs_an_office_of_the_place_and_a_second_person(self):
        pending = accepted(invited(organisation(Role.ENTERPRISE, "CQ"), Role.ENTERPRISE))
        path = f"/memberships/{pending.public_id}/approve"
        assert post(Client(), path).status_code == 401
        assert post(member(Role.AUTHORITY, "SC").browser(), path).status_code == 404
        assert post(member(Role.AUTHORITY, "CQ").browser(), path, HTTP_IF_MATCH='"9"').status_code == 409
        assert post(member(Role.AUTHORITY, "CQ").browser(), path).json()["state"] == "active"
        assert post(member(Role.AUTHORITY, "CQ").browser(), f"/memberships/{uuid4()}/approve").status_code == 404

    def test_an_invitation_s_secret_goes_by_letter_only(self):
        body, authority = organisation(Role.ENTERPRISE, "CQ"), member(Role.AUTHORITY, "CQ")
        answer = post(
            authority.browser(),
            f"/organisations/{body.public_id}/invitations",
            {"email": "a@example.org", "role": "enterprise"},
        )
        assert (
            answer.status_code == 201
            and "secret" not in answer.json()
            and "a@example.org" not in answer.content.decode()
        )
        assert "secret=" in mail.outbox[0].body


class TestTokens:
    def wish(self, owner: Member) -> dict:
        return {
            "membership": str(owner.membership.public_id), "name": "脚本", "scopes": ["parties."],
            "expires_at": (datetime.now(UTC) + timedelta(days=3)).isoformat(),
        }  # fmt: skip

    def test_nobody_401_and_a_token_403(self):
        owner = member(Role.ENTERPRISE)
        assert post(Client(), "/tokens", self.wish(owner)).status_code == 401
        assert post(Client(), "/tokens", self.wish(owner), **bearer(owner, "parties.")).status_code == 403

    def test_needs_the_password_again(self):
        owner = member(Role.ENTERPRISE)
        assert post(owner.browser(), "/tokens", self.wish(owner)).status_code == 403

    def test_shown_once_listed_without_and_revoked(self):
        owner = member(Role.ENTERPRISE)
        browser = with_password(owner)
        made = post(browser, "/tokens", self.wish(owner))
        assert made.status_code == 201 and made.json()["secret"].startswith("bashu_")
        listed = browser.get(f"{ROOT}/tokens").json()["items"]
        assert [item["secret"] for item in listed] == [None]
        assert post(member(Role.VERIFIER).browser(), f"/tokens/{listed[0]['public_id']}/revoke").status_code == 404
        assert post(browser, f"/tokens/{listed[0]['public_id']}/revoke").json()["revoked_at"]
