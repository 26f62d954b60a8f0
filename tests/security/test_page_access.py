"""Every page, opened and sent by nobody, the wrong role, the wrong jurisdiction, the wrong organisation and the right one.

A new page fails here until it has a line in EXPECTED: five answers to GET, five to an empty POST.
302 for nobody leads to signing in; 422 shows the form with its faults; 405: the page takes no such request.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

CALLERS = (None, "resident.SC", "authority.SC", "enterprise.SC", "colleague.CQ")
ARGUMENTS: dict[str, dict[str, str]] = {
    "programme:document": {"code": "document"}, "programme:report": {"year": "plan"}, "programme:evidence": {"public_id": "evidence"},
    "programme:milestone_meet": {"public_id": "milestone"}, "programme:blocker_resolve": {"public_id": "blocker"},
    "programme:plan_item_decide": {"public_id": "item"}, "journal:entry": {"entry_id": "entry"},
    "parties:organisation_approve": {"public_id": "applied"}, "policy:apply": {"public_id": "support_item"},
    "policy:application_approve": {"public_id": "reviewed"}, "policy:application_refuse": {"public_id": "reviewed"},
    "policy:land_use": {"public_id": "held"}, "policy:land_release": {"public_id": "held"},
    "policy:rule": {"code": "levy"}, "policy:item": {"code": "sample_item"},
    "policy:whatif_study": {"public_id": "study"},
    "logistics:leg_reject": {"public_id": "leg"},
    "logistics:event_report": {"public_id": "leg"},
    "logistics:restore": {"public_id": "network"}, "logistics:export": {"public_id": "network"}, "logistics:hub": {"code": "port"},
    "logistics:hub_close": {"code": "port"}, "logistics:closure_lift": {"public_id": "closure"},
    "logistics:declaration_step": {"public_id": "declaration", "name": "step"}, "logistics:transit_open": {"public_id": "declaration"},
    "logistics:transit_discharge": {"public_id": "transit"},
}  # fmt: skip
BY_START = {
    "programme:target": "target", "programme:reading_report": "target", "programme:reading": "reading", "programme:task": "task",
    "programme:milestone_add": "task", "power:run_hours": "run",
    "power:case_publish": "case", "power:tree_start": "case", "programme:blocker_raise": "task", "programme:plan": "plan",
    "parties:organisation": "organisation", "parties:invite": "organisation", "parties:membership": "membership",
    "parties:token": "token", "jobs:": "job", "policy:profile": "organisation", "policy:offer": "offer",
    "policy:application": "application", "policy:appeal": "appeal", "policy:delegation": "delegation", "policy:land": "land",
    "power:unit": "power_unit", "power:holding": "holding",
    "power:transfer": "transfer", "power:settlement": "settlement",
    "logistics:declaration": "declaration",
    "logistics:consignment": "consignment", "logistics:confirm": "consignment", "logistics:cancel": "consignment",
    "logistics:amend": "consignment", "logistics:boxes": "consignment", "logistics:document": "consignment",
    "logistics:declare": "consignment", "logistics:rebook": "consignment",
}  # fmt: skip
# Tests of signing in have the first, whose address holds a secret; tests of health the second, which depends on the clock.
ELSEWHERE = {"account_reset_password_from_key", "web:ready"}
EXPECTED: dict[str, tuple[str, str]] = {
    "programme:overview": ("200 200 200 200 200", "200 200 200 200 200"),
    "programme:boundaries": ("200 200 200 200 200", "200 200 200 200 200"),
    "programme:search": ("200 200 200 200 200", "200 200 200 200 200"),
    "programme:document": ("200 200 200 200 200", "200 200 200 200 200"),
    "programme:target": ("200 200 200 200 200", "200 200 200 200 200"),
    "programme:reading_report": ("302 403 200 403 200", "401 403 422 403 422"),
    "programme:readings_import": ("302 403 200 403 200", "401 403 422 403 422"),
    "programme:readings_template": ("200 200 200 200 200", "200 200 200 200 200"),
    "programme:reading": ("404 404 404 404 200", "404 404 404 404 200"),
    "programme:reading_confirm": ("404 404 404 404 200", "404 404 404 404 303"),
    "programme:reading_reject": ("404 404 404 404 200", "404 404 404 404 422"),
    "programme:reading_withdraw": ("404 404 404 404 200", "404 404 404 404 422"),
    "programme:evidence": ("404 404 404 404 200", "404 404 404 404 200"),
    "programme:inbox": ("302 403 200 403 200", "401 403 200 403 200"),
    "programme:tasks": ("200 200 200 200 200", "200 200 200 200 200"),
    "programme:projects": ("200 200 200 200 200", "200 200 200 200 200"),
    "programme:task": ("200 200 200 200 200", "200 200 200 200 200"),
    "programme:task_state": ("302 403 200 403 200", "401 403 422 403 422"),
    "programme:task_investment": ("302 403 200 403 200", "401 403 422 403 422"),
    "programme:milestone_add": ("302 403 200 403 200", "401 403 422 403 422"),
    "programme:milestone_meet": ("302 403 403 403 200", "401 403 403 403 422"),
    "programme:blocker_raise": ("302 403 200 403 200", "401 403 422 403 422"),
    "programme:blocker_resolve": ("302 403 200 403 200", "401 403 422 403 422"),
    "programme:plans": ("200 200 200 200 200", "200 200 200 200 200"),
    "programme:plan_open": ("302 403 403 403 403", "401 403 403 403 403"),
    "programme:plan": ("200 200 200 200 200", "200 200 200 200 200"),
    "programme:plan_item_add": ("302 403 403 403 403", "401 403 403 403 403"),
    "programme:plan_item_decide": ("302 403 403 403 403", "401 403 403 403 403"),
    "programme:plan_close": ("302 403 403 403 403", "401 403 403 403 403"),
    "programme:changes": ("200 200 200 200 200", "200 200 200 200 200"),
    "programme:report": ("404 404 404 404 404", "404 404 404 404 404"),
    "policy:mine": ("302 403 403 200 403", "401 403 403 200 403"),
    "policy:profiles": ("302 403 200 403 200", "401 403 200 403 200"),
    "policy:profile": ("302 403 403 403 200", "401 403 403 403 200"),
    "policy:profile_record": ("302 403 403 403 200", "401 403 403 403 422"),
    "policy:profile_table": ("302 403 403 403 200", "401 403 403 403 422"),
    "policy:profile_take": ("302 403 403 403 403", "401 403 403 403 403"),
    "policy:apply": ("302 403 403 200 403", "401 403 403 422 403"),
    "policy:offer_accept": ("404 404 404 404 403", "404 404 404 404 403"),
    "policy:offer_decline": ("404 404 404 404 403", "404 404 404 404 403"),
    "policy:desk": ("302 403 200 403 200", "401 403 200 403 200"),
    "policy:offers_push": ("302 403 403 403 403", "401 403 403 403 403"),
    "policy:application": ("404 404 404 404 200", "404 404 404 404 200"),
    "policy:application_accept": ("404 404 404 404 200", "404 404 404 404 303"),
    "policy:application_return": ("404 404 404 404 200", "404 404 404 404 422"),
    "policy:application_supplement": ("404 404 404 404 403", "404 404 404 404 403"),
    "policy:application_review": ("404 404 404 404 200", "404 404 404 404 422"),
    "policy:application_approve": ("404 404 404 404 200", "404 404 404 404 303"),
    "policy:application_refuse": ("404 404 404 404 200", "404 404 404 404 422"),
    "policy:application_pay": ("404 404 404 404 200", "404 404 404 404 422"),
    "policy:application_appeal": ("404 404 404 404 403", "404 404 404 404 403"),
    "policy:application_withdraw": ("404 404 404 404 403", "404 404 404 404 403"),
    "policy:appeal_change": ("404 404 404 404 200", "404 404 404 404 422"),
    "policy:appeal_uphold": ("404 404 404 404 200", "404 404 404 404 422"),
    "policy:powers": ("200 200 200 200 200", "200 200 200 200 200"),
    "policy:delegation_grant": ("302 403 200 403 200", "401 403 422 403 422"),
    "policy:delegation": ("200 200 200 200 200", "200 200 200 200 200"),
    "policy:delegation_revoke": ("302 403 403 403 200", "401 403 403 403 422"),
    "policy:delegation_act": ("302 403 403 403 403", "401 403 403 403 403"),
    "policy:land": ("200 200 200 200 200", "200 200 200 200 200"),
    "policy:land_plan": ("302 403 200 403 200", "401 403 422 403 422"),
    "policy:land_allocate": ("302 403 403 403 200", "401 403 403 403 422"),
    "policy:land_reserve": ("302 403 403 403 200", "401 403 403 403 422"),
    "policy:land_use": ("302 403 403 403 200", "401 403 403 403 422"),
    "policy:land_release": ("302 403 403 403 200", "401 403 403 403 422"),
    "policy:tariffs": ("200 200 200 200 200", "200 200 200 200 200"),
    "policy:entitled": ("200 200 200 200 200", "200 200 200 200 200"),
    "policy:rules": ("200 200 200 200 200", "200 200 200 200 200"),
    "policy:rule": ("200 200 200 200 200", "200 200 200 200 200"),
    "policy:item": ("200 200 200 200 200", "200 200 200 200 200"),
    "policy:whatif": ("200 200 200 200 200", "200 200 200 200 200"),
    "policy:whatif_studies": ("200 200 200 200 200", "200 200 200 200 200"),
    "policy:whatif_new": ("302 403 200 200 200", "401 403 422 422 422"),
    "policy:whatif_study": ("404 404 404 404 200", "404 404 404 404 200"),
    "power:certificates": ("200 200 200 200 200", "200 200 200 200 200"),
    "power:certificates_issue": ("302 403 200 403 200", "401 403 422 403 422"),
    "power:hours_import": ("302 403 200 403 200", "401 403 422 403 422"),
    "power:unit": ("200 200 200 200 200", "200 200 200 200 200"),
    "power:holding_retire": ("404 404 404 404 200", "404 404 404 404 422"),
    "power:holding_offer": ("404 404 404 404 200", "404 404 404 404 422"),
    "power:transfer_accept": ("404 404 404 404 200", "404 404 404 404 303"),
    "power:transfer_decline": ("404 404 404 404 200", "404 404 404 404 303"),
    "power:transfer_withdraw": ("404 404 404 404 403", "404 404 404 404 403"),
    "power:matching": ("302 200 200 200 200", "401 200 200 200 200"),
    "power:consumption_import": ("302 403 200 200 200", "401 403 422 422 422"),
    "power:settlements": ("200 200 200 200 200", "200 200 200 200 200"),
    "power:settlement_propose": ("302 403 200 403 200", "401 403 422 403 422"),
    "power:settlement": ("404 404 200 404 200", "404 404 200 404 200"),
    "power:settlement_sign": ("404 404 403 404 200", "404 404 403 404 303"),
    "power:settlement_decline": ("404 404 403 404 200", "404 404 403 404 422"),
    "power:settlement_withdraw": ("404 404 200 404 403", "404 404 422 404 403"),
    "power:overview": ("200 200 200 200 200", "405 405 405 405 405"),
    "power:run_hours": ("404 404 404 404 200", "405 405 405 405 405"),
    "power:trees": ("200 200 200 200 200", "405 405 405 405 405"),
    "power:tree_start": ("404 404 404 404 200", "404 404 404 404 422"),
    "power:compare": ("200 200 200 200 200", "405 405 405 405 405"),
    "power:benefit": ("200 200 200 200 200", "405 405 405 405 405"),
    "power:facts": ("200 200 200 200 200", "405 405 405 405 405"),
    "power:case_new": ("302 403 200 403 200", "401 403 422 403 422"),
    "power:case_publish": ("405 405 405 405 405", "404 404 404 404 302"),
    "logistics:planner": ("200 200 200 200 200", "200 200 200 200 200"),
    "logistics:suggestions": ("200 200 200 200 200", "200 200 200 200 200"),
    "logistics:network": ("200 200 200 200 200", "200 200 200 200 200"),
    "logistics:imports": ("302 403 403 403 403", "401 403 403 403 403"),
    "logistics:restore": ("302 403 403 403 403", "401 403 403 403 403"),
    "logistics:export": ("200 200 200 200 200", "200 200 200 200 200"),
    "logistics:hub": ("200 200 200 200 200", "200 200 200 200 200"),
    "logistics:hub_close": ("302 403 200 403 200", "401 403 422 403 422"),
    "logistics:closure_lift": ("302 403 200 403 200", "401 403 403 403 303"),
    "logistics:book": ("302 403 403 302 403", "401 403 403 422 403"),
    "logistics:consignments": ("302 200 200 200 200", "401 200 200 200 200"),
    "logistics:consignment": ("404 404 404 404 200", "404 404 404 404 200"),
    "logistics:confirm": ("404 404 404 404 403", "404 404 404 404 403"),
    "logistics:cancel": ("404 404 404 404 403", "404 404 404 404 403"),
    "logistics:amend": ("404 404 404 404 403", "404 404 404 404 403"),
    "logistics:rebook": ("404 404 404 404 403", "404 404 404 404 403"),
    "logistics:boxes": ("404 404 404 404 403", "404 404 404 404 403"),
    "logistics:document_attach": ("404 404 404 404 200", "404 404 404 404 422"),
    "logistics:document_check": ("404 404 404 404 200", "404 404 404 404 422"),
    "logistics:declare": ("404 404 404 404 403", "404 404 404 404 403"),
    "logistics:operator_desk": ("302 403 403 403 403", "401 403 403 403 403"),
    "logistics:leg_reject": ("404 404 404 404 403", "404 404 404 404 403"),
    "logistics:customs_desk": ("302 403 200 403 200", "401 403 200 403 200"),
    "logistics:declaration": ("404 404 404 404 200", "404 404 404 404 200"),
    "logistics:transit_open": ("404 404 404 404 200", "404 404 404 404 422"),
    "logistics:declaration_step": ("404 404 404 404 200", "404 404 404 404 303"),
    "logistics:indicators": ("200 200 200 200 200", "200 200 200 200 200"),
    "logistics:notifications": ("302 200 200 200 200", "401 200 200 200 200"),
    "logistics:notifications_read": ("405 405 405 405 405", "401 303 303 303 303"),
    "logistics:event_report": ("302 403 403 404 403", "401 403 403 404 403"),
    "logistics:events_import": ("302 403 403 200 403", "401 403 403 422 403"),
    "logistics:events_template": ("200 200 200 200 200", "200 200 200 200 200"),
    "logistics:transit_discharge": ("404 404 404 404 200", "404 404 404 404 422"),
    "web:live": ("200 200 200 200 200", "200 200 200 200 200"),
    "web:metrics": ("200 200 200 200 200", "200 200 200 200 200"),
    "web:language": ("302 302 302 302 302", "302 302 302 302 302"),
    "web:operations": ("200 200 200 200 200", "200 200 200 200 200"),
    "web:styleguide": ("404 200 200 200 200", "404 422 422 422 422"),
    "parties:organisations": ("200 200 200 200 200", "200 200 200 200 200"),
    "parties:apply": ("302 200 200 200 200", "401 422 422 422 422"),
    "parties:organisation": ("200 200 200 200 200", "200 200 200 200 200"),
    "parties:organisation_approve": ("405 405 405 405 405", "404 404 404 404 302"),
    "parties:organisation_suspend": ("405 405 405 405 405", "401 403 403 403 302"),
    "parties:invite": ("302 403 403 403 200", "401 403 403 403 422"),
    "parties:membership_approve": ("405 405 405 405 405", "404 404 404 404 302"),
    "parties:membership_end": ("405 405 405 405 405", "404 404 404 404 302"),
    "parties:invitation": ("404 404 404 404 404", "404 404 404 404 404"),
    "parties:account": ("302 200 200 200 200", "401 200 200 200 200"),
    "parties:leave_sessions": ("405 405 405 405 405", "401 302 302 302 302"),
    "parties:erase": ("302 302 302 302 302", "302 302 302 302 302"),
    "parties:tokens": ("302 302 302 302 302", "302 302 302 302 302"),
    "parties:token_revoke": ("405 405 405 405 405", "401 404 404 404 302"),
    "account_login": ("200 302 302 302 302", "200 302 302 302 302"),
    "account_logout": ("302 200 200 200 200", "302 302 302 302 302"),
    "account_signup": ("200 302 302 302 302", "200 302 302 302 302"),
    "account_inactive": ("200 200 200 200 200", "405 405 405 405 405"),
    "account_reauthenticate": ("302 200 200 200 200", "302 200 200 200 200"),
    "account_change_password": ("302 200 200 200 200", "302 200 200 200 200"),
    "account_reset_password": ("200 200 200 200 200", "200 200 200 200 200"),
    "account_reset_password_done": ("200 200 200 200 200", "405 405 405 405 405"),
    "account_reset_password_from_key_done": ("200 200 200 200 200", "405 405 405 405 405"),
    "mfa_index": ("302 200 200 200 200", "302 405 405 405 405"),
    "mfa_authenticate": ("302 302 302 302 302", "302 302 302 302 302"),
    "mfa_reauthenticate": ("302 302 302 302 302", "302 302 302 302 302"),
    "mfa_activate_totp": ("302 302 302 302 302", "302 302 302 302 302"),
    "mfa_deactivate_totp": ("302 404 404 404 404", "302 404 404 404 404"),
    "mfa_view_recovery_codes": ("302 404 404 404 404", "302 405 405 405 405"),
    "mfa_generate_recovery_codes": ("302 302 302 302 302", "302 302 302 302 302"),
    "mfa_download_recovery_codes": ("302 404 404 404 404", "302 404 404 404 404"),
    "journal:overview": ("200 200 200 200 200", "200 200 200 200 200"),
    "journal:entry": ("200 200 200 200 200", "200 200 200 200 200"),
    "jobs:list": ("302 200 200 200 200", "405 405 405 405 405"),
    "jobs:detail": ("302 404 404 404 200", "405 405 405 405 405"),
    "jobs:progress": ("302 404 404 404 200", "405 405 405 405 405"),
    "jobs:cancel": ("405 405 405 405 405", "401 404 404 404 302"),
}


def pages() -> Iterator[tuple[str, URLPattern]]:
    """Every named page but those of the API, as `parties:organisation`."""

    def walk(patterns: list[Any], space: str) -> Iterator[tuple[str, URLPattern]]:
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                yield f"{space}{pattern.name}", pattern
            elif pattern.namespace != "api":
                yield from walk(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else space)

    yield from walk(get_resolver().url_patterns, "")


def address(name: str, pattern: URLPattern, world: dict[str, Any]) -> str:
    """Where a page of the world is."""
    named = ARGUMENTS.get(name, {})
    start = next((kind for start, kind in BY_START.items() if name.startswith(start)), None)
    values = {key: world[named.get(key) or start] for key in pattern.pattern.converters}
    return reverse(name, kwargs=values)


def test_every_page_has_its_line_and_every_line_its_page() -> None:
    assert {name for name, _ in pages()} - ELSEWHERE == set(EXPECTED)


@pytest.fixture
def visitors(actors: dict[str, Any], signed_in: Callable[..., Client]) -> list[Client]:
    """A browser for each caller."""
    clients = []
    for caller in CALLERS:
        client = Client(raise_request_exception=False)
        clients.append(signed_in(client, actors[caller]) if caller else client)
    return clients


def visit(client: Client, how: str, where: str) -> int:
    """One request with the session as it was before all of them: signing out must not spoil the rest."""
    kept = client.cookies.get("sessionid")
    session = kept.value if kept else ""
    status = getattr(client, how)(where).status_code
    client.cookies.clear()
    if session:
        client.cookies["sessionid"] = session
    return status


@pytest.mark.slow
def test_who_may_open_and_send_what(visitors, world, undone) -> None:
    answers = {}
    for name, pattern in pages():
        if name in ELSEWHERE:
            continue
        where = address(name, pattern, world)
        opened, sent = (
            " ".join(str(undone(partial(visit, client, how, where))) for client in visitors) for how in ("get", "post")
        )
        answers[name] = (opened, sent)
    assert answers == EXPECTED
