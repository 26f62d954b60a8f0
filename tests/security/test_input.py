"""What is typed, uploaded and exported: shown as text, refused as malformed, never run and never a fault of ours."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from bashu.kernel.commands.command import Command
from bashu.programme.formats.evidence import File
from bashu.programme.models import PlanItemState, Target, Task, TaskState
from bashu.programme.services import plans, readings, work

NASTY = "\"><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}'-alert(3)-'"
FORMULA = '=HYPERLINK("https://evil.example","click")'
PROBLEM = "application/problem+json"
FIGURE = {
    "target": "T03",
    "jurisdiction": "CQ",
    "period_start": "2023-01-01",
    "period_end": "2023-12-31",
    "value": "17",
}


def refused(answer: Any, *statuses: int) -> dict[str, Any]:
    """The problem details of a refusal with one of the statuses (RFC 9457)."""
    assert answer.status_code in statuses, answer.content[:500]
    assert answer["Content-Type"] == PROBLEM
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert {"type", "title", "detail", "instance"} <= set(problem)
    return problem


class TestFreeText:
    """Each free text of parties and the scoreboard, written with markup in it, on every page that shows it."""

    @pytest.fixture
    def written(self, actors: dict[str, Any]) -> list[str]:
        from django.utils import timezone

        from bashu.kernel.parties import services

        now = timezone.now()
        office, joint = actors["authority.CQ"].actor, actors["coordinator"].actor

        def ctx(actor: Any) -> Command:
            return Command(actor=actor, now=now)

        body = services.organisation_apply(
            ctx=ctx(office), name_zh=NASTY, name_en=NASTY, jurisdiction="CQ", kind="enterprise"
        )
        services.organisation_approve(ctx=ctx(actors["colleague.CQ"].actor), organisation=body)
        task, other = Task.objects.order_by("code")[:2]
        target = Target.objects.get(code="T03")
        values = {
            "jurisdiction": "CQ",
            "target": target,
            "period_start": date(2023, 1, 1),
            "period_end": date(2023, 12, 31),
        }
        rejected, confirmed, withdrawn = (
            readings.reading_report(
                ctx=ctx(office), **values, value=Decimal(17), note=NASTY, evidence=[File(f"{NASTY}.csv", b"a,b\r\n")]
            )
            for _ in range(3)
        )
        second = actors["colleague.CQ"].actor
        readings.reading_reject(ctx=ctx(second), reading=rejected, reason=NASTY)
        readings.reading_confirm(ctx=ctx(second), reading=confirmed)
        readings.reading_withdraw(ctx=ctx(office), reading=withdrawn, reason=NASTY)
        work.task_set_state(ctx=ctx(office), task=task, state=TaskState.UNDER_WAY, note=NASTY)
        work.task_set_investment(ctx=ctx(office), task=task, investment_fen=100, source=NASTY)
        work.milestone_add(ctx=ctx(office), task=task, name=NASTY, due=date(2026, 1, 1))
        blocker = work.blocker_raise(ctx=ctx(office), task=task, description=NASTY)
        work.blocker_resolve(ctx=ctx(office), blocker=blocker, resolution=NASTY)
        work.blocker_raise(ctx=ctx(office), task=other, description=NASTY)
        plan = plans.plan_open(ctx=ctx(joint), year=now.year)
        item = plans.plan_item_add(ctx=ctx(joint), plan=plan, task=task, goal=NASTY)
        plans.plan_item_decide(ctx=ctx(joint), item=item, state=PlanItemState.CARRIED, reason=NASTY)
        plans.plan_close(ctx=ctx(joint), plan=plan, summary=NASTY)
        shown = [
            "/",
            "/inbox/",
            "/tasks/",
            "/projects/",
            "/plans/",
            "/changes/",
            "/organisations/",
            "/journal/",
            "/account/",
        ]
        shown += [f"/targets/{target.code}/", f"/tasks/{task.code}/", f"/tasks/{other.code}/", body.address]
        shown += [
            f"/plans/{now.year}/",
            f"/plans/{now.year + 1}/",
            f"/report/{now.year}/",
            f"/tasks/{task.code}/state/",
        ]
        shown += [f"/readings/{reading.public_id}/" for reading in (rejected, confirmed, withdrawn)]
        shown += [
            f"/readings/{rejected.public_id}/withdraw/",
            f"/search/?q={'%22%3E%3Cscript%3E'}",
            "/organisations/?q=%3Cscript%3E",
        ]
        return shown

    def test_is_shown_as_text_on_every_page(self, written, actors, signed_in) -> None:
        client = signed_in(Client(), actors["colleague.CQ"])
        seen = 0
        for page in written:
            answer = client.get(page)
            text = answer.content.decode()
            assert answer.status_code in (200, 404, 409), page
            assert "<script>alert" not in text, page
            assert "<img src=x" not in text, page
            assert '"><script>' not in text, page
            seen += "&lt;script&gt;alert" in text
        assert seen >= 10, "hardly any page showed the text: the test looks at the wrong pages"

    def test_the_journal_shows_it_as_text(self, written, actors, signed_in) -> None:
        from bashu.kernel.journal.models import Entry

        client = signed_in(Client(), actors["colleague.CQ"])
        for entry in Entry.objects.order_by("-id")[:20]:
            text = client.get(entry.get_absolute_url()).content.decode()
            assert "<script>alert" not in text
            assert "<img src=x" not in text


def test_a_formula_never_leaves_in_an_export(actors, signed_in) -> None:
    from django.utils import timezone

    from bashu.kernel.parties import services

    client = signed_in(Client(), actors["authority.CQ"])
    services.organisation_apply(
        ctx=Command(actor=actors["authority.CQ"].actor, now=timezone.now()),
        name_zh=FORMULA, name_en="+1", jurisdiction="CQ", kind="enterprise",
    )  # fmt: skip
    answer = client.get("/organisations/?organisations.as=csv")
    assert "csv" in answer["Content-Type"]
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert "HYPERLINK" in text
    for line in text.splitlines():
        assert not line.startswith(("=", "+", "-", "@")), line
        assert ',"=' not in line and ",=" not in line and ",+" not in line, line


class TestUploads:
    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("photo.png", b"MZ\x90\x00 this is a program"), ("page.pdf", b"<html><script>alert(1)</script>"),
            ("table.xlsx", b"PK\x03\x04 not a workbook"), ("table.csv", b"a,b\x00c"), ("script.html", b"<script>"),
            ("drawing.svg", b"<svg onload=alert(1)>"), ("../../etc/passwd", b"x"), ("", b"x"), ("empty.pdf", b""),
        ],
    )  # fmt: skip
    def test_a_disguised_file_is_refused(self, api, actors, name: str, content: bytes) -> None:
        form = FIGURE | {"evidence": SimpleUploadedFile(name or "x", content)}
        refused(api.post("/programme/readings", form, by=actors["authority.CQ"], content_type=None), 422)

    def test_a_true_file_comes_back_as_a_download_only(self, api, actors, signed_in) -> None:
        form = FIGURE | {"evidence": SimpleUploadedFile("表 1.csv", b"a,b\r\n1,2\r\n")}
        made = api.post("/programme/readings", form, by=actors["authority.CQ"], content_type=None).json()
        from bashu.programme.models import Evidence

        client = signed_in(Client(), actors["colleague.CQ"])
        client.get(f"/readings/{made['id']}/")
        found = Evidence.objects.get(readings__public_id=made["id"])
        answer = client.get(f"/evidence/{found.public_id}/")
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["X-Content-Type-Options"] == "nosniff"


class TestMalformed:
    @pytest.mark.parametrize(
        "body",
        [
            b"", b"{", b"null", b"[]", b"\x00", b"\xff\xfe", b'{"name_zh": "\xed\xa0\x80"}',
            b"[" * 100_000, b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
            json.dumps({"name_zh": "x\x00y", "jurisdiction": "CQ", "kind": "enterprise"}).encode(),
            json.dumps({"name_zh": "\ud800", "jurisdiction": "CQ", "kind": "enterprise"}).encode(),
            json.dumps({"name_zh": "长" * 100_000, "jurisdiction": "CQ", "kind": "enterprise"}).encode(),
            json.dumps({"name_zh": {"$ne": 1}, "jurisdiction": "CQ", "kind": "enterprise"}).encode(),
            b'{"name_zh": 1e999, "jurisdiction": NaN, "kind": 9999999999999999999999999}',
        ],
        ids=lambda body: repr(body[:24]),
    )  # fmt: skip
    def test_a_broken_body_is_422_and_nothing_else(self, api, actors, body: bytes) -> None:
        refused(api("POST", "/parties/organisations", body, by=actors["authority.CQ"]), 400, 422)

    def test_a_body_beyond_the_limit_is_refused(self, api, actors) -> None:
        refused(
            api("POST", "/parties/organisations", b" " * (6 * 1024 * 1024), by=actors["authority.CQ"]), 400, 413, 422
        )

    @pytest.mark.parametrize(
        "content",
        [
            b"", b"\x00" * 100, b"a" * 1_000_000, b"target,jurisdiction\r\n", b'"', b"\xff\xfe\x00", b"target\r\n" * 200_000,
            b"target,jurisdiction,period_start,period_end,value\r\n" + b"T03,CQ,2023-01-01,2023-12-31,1e400\r\n",
            b"target,jurisdiction,period_start,period_end,value\r\n" + b"T03,CQ,2023-01-01,2023-12-31,NaN\r\n",
            b"target,jurisdiction,period_start,period_end,value,note\r\nT03,CQ,2023-01-01,2023-12-31,1," + b"x" * 200_000,
            b"target,jurisdiction,period_start,period_end,value\r\n" + b"T03,CQ,2023-01-01,2023-12-31,1\r\n" * 10_001,
        ],
        ids=lambda content: repr(content[:24]),
    )  # fmt: skip
    def test_a_broken_table_is_422_and_writes_nothing(self, api, actors, content: bytes) -> None:
        from bashu.programme.models import Reading

        form = {"file": SimpleUploadedFile("r.csv", content)}
        refused(api.post("/programme/readings/import", form, by=actors["authority.CQ"], content_type=None), 422)
        assert not Reading.objects.exists()

    @pytest.mark.parametrize(
        "address",
        [
            "/programme/targets/%00", "/programme/targets/" + "x" * 5_000, "/programme/readings/not-a-uuid", "/journal/entries?subject=%00",
            "/programme/targets?as_of=0000-00-00", "/programme/targets?as_of=99999-01-01", "/places/resolve?text=%00",
            "/places/divisions?parent=%E2%80%8B", "/journal/entries?page=99999999999999999999", "/programme/changes?month=9999-12-31",
            "/journal/consistency?old=99999999999999999999", "/journal/entries/00000000-0000-0000-0000-000000000000/proof?size=-1",
            "/programme/changes?month=0001-01-01", "/programme/tasks?kind=%00", "/jobs?state=%00", "/places/boundaries/%2e%2e%2f",
            "/programme/targets?as_of=0001-01-01", "/programme/targets?as_of=9999-12-31",
        ],
    )  # fmt: skip
    def test_a_strange_address_is_no_fault_of_ours(self, api, db, address: str) -> None:
        answer = api.get(address)
        if answer.status_code != 200:
            refused(answer, 400, 401, 404, 422)

    @pytest.mark.slow
    @pytest.mark.parametrize("query", ["%00", "'%20OR%201=1--", "%F0%9F%98%80" * 500, "a" * 3_000, "%ED%A0%80"])
    def test_a_strange_query_shows_the_page_all_the_same(self, db, query: str) -> None:
        client = Client(raise_request_exception=False)
        for page in ("/search/", "/organisations/", "/journal/", "/tasks/", "/changes/", "/projects/", "/"):
            for name in ("q", "page", "sort", "month", "year", "kind", "subject", "state", "as_of", "day"):
                assert client.get(f"{page}?{name}={query}").status_code < 500, (page, name)

    @pytest.mark.parametrize(
        "header", [{"If-Match": "x"}, {"Idempotency-Key": "a b"}, {"Idempotency-Key": "k" * 300}, {"If-Match": '"1"'}]
    )
    def test_a_strange_header_is_refused(self, api, actors, header: dict[str, str]) -> None:
        body = {"name_zh": "新企业", "jurisdiction": "CQ", "kind": "enterprise"}
        refused(api.post("/parties/organisations", body, by=actors["authority.CQ"], headers=header), 422)

    def test_a_method_that_is_not_offered_is_405_as_a_problem(self, api, db) -> None:
        refused(api("DELETE", "/programme/targets"), 405)


class TestWhichRefusal:
    """422 what cannot be read, 403 what one may not do, 404 what one may not know of, 409 what contradicts what is."""

    def test_each_in_its_place(self, api, actors) -> None:
        office, other = actors["authority.CQ"], actors["authority.SC"]
        form = FIGURE | {"evidence": SimpleUploadedFile("e.csv", b"a,b\r\n")}
        made = api.post("/programme/readings", form, by=office, content_type=None).json()["id"]
        assert refused(api.get(f"/programme/readings/{made}", by=other), 404)["type"].endswith("bashu.not_found")
        assert refused(api.post(f"/programme/readings/{made}/confirm", by=office), 403)["type"].endswith("same_person")
        stale = api.post(f"/programme/readings/{made}/confirm", by=actors["colleague.CQ"], headers={"If-Match": '"7"'})
        assert refused(stale, 409)["type"].endswith("bashu.stale")
        assert api.post(f"/programme/readings/{made}/confirm", by=actors["colleague.CQ"]).status_code == 200
        again = api.post(f"/programme/readings/{made}/confirm", by=actors["colleague.CQ"])
        assert refused(again, 409)["type"].endswith("reading.decided")
        assert refused(api.post(f"/programme/readings/{made}/reject", {}, by=office), 422)["type"].endswith("malformed")
