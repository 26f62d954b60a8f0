"""Every page of the scoreboard: who may see it and act on it, in both languages, with hostile text and files."""

import json
import os
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bashu.kernel.parties.selectors import seen_by
from bashu.programme.models import Blocker, Evidence, Milestone, Plan, Reading, Task, TaskState
from bashu.programme.services.plans import plan_item_add, plan_open
from bashu.programme.services.work import blocker_raise, milestone_add, task_set_investment, task_set_state
from bashu.programme.urls import urlpatterns

CSV = b"figure,value\r\nsynthetic,1\r\n"
XSS = '<script>alert("x")</script><img src=x onerror=1>'
BASELINE = Path(__file__).parent / "query_counts.json"
LANGUAGES = ["zh-hans", "en"]
OPEN = [
    "/", "/?as_of=2023-01-01", "/?as_of=nonsense", "/documents/D1/", "/targets/T01/", "/targets/T05/", "/targets/T07/?as_of=2024-12-31",
    "/targets/T09/", "/tasks/", "/tasks/?view=table", "/tasks/?group=carbon", "/tasks/?group=%3Cscript%3E", "/projects/", "/tasks/EQ2/",
    "/tasks/J01/", "/plans/", "/plans/2024/", "/changes/", "/changes/?month=2025-11", "/changes/?month=9999-99", "/report/2024/",
    "/search/", "/search/?q=%E6%B0%B8%E5%B7%9D", "/search/?q=%00", "/boundaries.topojson",
]  # fmt: skip
OFFICES_ONLY = [
    "/inbox/",
    "/readings/import/",
    "/targets/T03/report/",
    "/tasks/EQ2/state/",
    "/tasks/EQ2/blockers/",
    "/tasks/EQ2/milestones/",
    "/tasks/EQ2/investment/",
]
JOINT_ONLY = ["/plans/open/", "/plans/2024/items/", "/plans/2024/close/"]
NOWHERE = [
    "/documents/D99/", "/targets/T99/", "/tasks/nothing/", "/plans/1999/", "/report/1999/", "/report/2030/",
    "/readings/00000000-0000-7000-8000-000000000000/", "/evidence/00000000-0000-7000-8000-000000000000/",
]  # fmt: skip


@pytest.fixture
def world(actors, acting, confirmed, reported) -> dict[str, Any]:
    """Two readings, one waiting, a task with all it can have, a plan; every free text is hostile."""
    office = actors["authority.CQ"]
    task = Task.objects.get(code="EQ2")
    task_set_state(ctx=acting(office), task=task, state=TaskState.UNDER_WAY, note=XSS)
    milestone = milestone_add(ctx=acting(office), task=task, name=XSS, due=date(2025, 6, 30))
    blocker = blocker_raise(ctx=acting(office), task=task, description=XSS)
    task_set_investment(ctx=acting(office), task=task, investment_fen=100, source=XSS)
    plan = plan_open(ctx=acting(actors["coordinator"]), year=2024)
    item = plan_item_add(ctx=acting(actors["coordinator"]), plan=plan, task=task, goal=XSS)
    public = confirmed(target="T02", value=9, note=XSS)
    waiting = reported(note=XSS)
    return {
        "task": task,
        "milestone": milestone,
        "blocker": blocker,
        "item": item,
        "public": public,
        "waiting": waiting,
    }


@pytest.fixture
def as_person(actors, signed_in) -> Callable[[str], Client]:
    """`as_person("authority.CQ")`: a browser in which that person is signed in; nobody for an empty name."""
    return lambda name="": signed_in(Client(), actors[name]) if name else Client()


def speaking(client: Client, language: str) -> Client:
    """The browser in a language."""
    client.cookies["bashu_language"] = language
    return client


def page(path: str, reading: Reading) -> str:
    """The address of a reading's page, or of an act on it."""
    return f"/readings/{reading.public_id}/{path}"


class TestReading:
    @pytest.mark.parametrize("path", OPEN)
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_everybody_reads_the_scoreboard_in_both_languages(self, world, path, language):
        response = speaking(Client(), language).get(path)
        assert response.status_code == 200, path
        content = b"".join(response) if response.streaming else response.content
        if b"<html" in content:
            assert f'<html lang="{"zh-Hans" if language == "zh-hans" else "en"}"'.encode() in content

    @pytest.mark.parametrize("path", NOWHERE)
    def test_what_does_not_exist_answers_404(self, world, path):
        assert Client().get(path).status_code == 404

    def test_quotes_are_marked_as_chinese_on_an_english_page(self, world):
        assert '<blockquote lang="zh-Hans">' in speaking(Client(), "en").get("/targets/T01/").content.decode()

    def test_an_unconfirmed_figure_does_not_exist_for_outsiders(self, world, as_person):
        with seen_by(_office(world)):
            file = world["waiting"].evidence.get().public_id
        for who, status in (
            ("", 404),
            ("enterprise.CQ", 404),
            ("authority.SC", 404),
            ("colleague.CQ", 200),
            ("coordinator", 200),
        ):
            client = as_person(who)
            assert client.get(page("", world["waiting"])).status_code == status, who
            assert client.get(f"/evidence/{file}/").status_code == status, who

    def test_a_confirmed_figure_is_everybodys(self, world):
        assert Client().get(page("", world["public"])).status_code == 200

    def test_hostile_text_is_shown_as_text_on_every_page(self, world, as_person):
        client = as_person("coordinator")
        paths = [*OPEN[:-1], "/inbox/", page("", world["public"]), page("", world["waiting"]), page("reject/", world["waiting"]),
                 f"/blockers/{world['blocker'].public_id}/resolve/", f"/plan-items/{world['item'].public_id}/decide/",
                 "/search/?q=%3Cscript%3Ealert(1)%3C/script%3E"]  # fmt: skip
        shown = "".join(client.get(path).content.decode() for path in paths)
        assert "&lt;script&gt;alert(" in shown
        assert "<script>alert(" not in shown
        assert "<img src=x" not in shown

    def test_no_page_carries_code_or_style_of_its_own(self, world, as_person):
        client = as_person("coordinator")
        for path in [*OPEN[:-1], "/inbox/", page("", world["waiting"]), "/targets/T05/report/", "/readings/import/"]:
            content = client.get(path).content.decode()
            assert not re.search(
                r"<style|\sstyle=|\son[a-z]+=[\"']|<script(?![^>]*(src=|type=\"application/json\"))", content
            ), path

    def test_evidence_is_a_download_that_no_browser_runs(self, world, as_person):
        with seen_by(_office(world)):
            file = Evidence.objects.filter(readings=world["public"]).get()
        response = Client().get(f"/evidence/{file.public_id}/")
        assert response["Content-Disposition"].startswith("attachment")
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Security-Policy"] == "sandbox"
        assert response.content == CSV

    def test_nobodys_name_is_on_a_page(self, world, as_person):
        content = as_person("coordinator").get(page("", world["public"])).content.decode()
        assert "authority.CQ" not in content
        assert "@example.com" not in content

    @pytest.mark.parametrize("form", ["csv", "xlsx"])
    def test_tables_are_exported(self, world, form):
        for path in (f"/tasks/?tasks.as={form}", f"/targets/T02/?readings.as={form}"):
            response = Client().get(path)
            assert response.status_code == 200
            assert "attachment" in response["Content-Disposition"]

    def test_the_annual_report_is_a_workbook_too(self, world):
        response = Client().get("/report/2024/?as=xlsx")
        assert response.content.startswith(b"PK")
        assert response["Content-Disposition"] == 'attachment; filename="bashu-2024.xlsx"'


def _office(world: dict[str, Any]) -> Any:
    """An actor who sees the readings of Chongqing."""
    from bashu.kernel.parties.services import ADMINISTRATOR, actor_named

    return actor_named(ADMINISTRATOR)


class TestActing:
    """Each page on which something is done, by who may not do it."""

    @pytest.mark.parametrize("path", [*OFFICES_ONLY, *JOINT_ONLY])
    def test_nobody_is_led_to_the_sign_in(self, world, path):
        response = Client().get(path)
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("account_login"))
        assert Client().post(path, {"_key": "k"}).status_code in (401, 405, 302)

    @pytest.mark.parametrize("who", ["enterprise.CQ", "operator.CQ", "verifier.CQ", "resident.SC"])
    @pytest.mark.parametrize("path", [*OFFICES_ONLY, *JOINT_ONLY])
    def test_who_is_no_office_is_refused(self, world, as_person, path, who):
        client = as_person(who)
        assert client.get(path).status_code == 403
        if path != "/inbox/":
            assert client.post(path, {"_key": "k"}).status_code == 403

    @pytest.mark.parametrize("path", JOINT_ONLY)
    def test_an_office_of_one_side_does_not_plan(self, world, as_person, path):
        assert as_person("authority.CQ").get(path).status_code == 403

    def test_the_other_side_cannot_even_see_what_it_may_not_decide(self, world, as_person):
        for act in ("confirm/", "reject/", "withdraw/"):
            response = as_person("authority.SC").post(page(act, world["waiting"]), {"_key": "k", "reason": "r"})
            assert response.status_code == 404, act

    def test_the_other_side_may_see_but_not_withdraw_what_is_public(self, world, as_person):
        response = as_person("authority.SC").post(page("withdraw/", world["public"]), {"_key": "k", "reason": "r"})
        assert response.status_code == 403

    def test_the_other_sides_milestone_is_not_mine_to_meet(self, world, as_person):
        path = f"/milestones/{world['milestone'].public_id}/meet/"
        assert as_person("authority.SC").post(path, {"_key": "k", "met_on": "2025-06-01"}).status_code == 403
        assert Milestone.objects.get().met_on is None

    def test_the_reporter_is_told_that_somebody_else_must_confirm(self, world, as_person):
        client = as_person("authority.CQ")
        assert (
            f'action="/readings/{world["waiting"].public_id}/confirm/"'
            not in client.get(page("", world["waiting"])).content.decode()
        )
        assert client.post(page("confirm/", world["waiting"]), {"_key": "k"}).status_code == 403


class TestReportPage:
    PATH = "/targets/T03/report/"

    def fields(self, **changes: Any) -> dict[str, Any]:
        return {
            "_key": "k1", "jurisdiction": "CQ", "period_start": "2023-01-01", "period_end": "2023-12-31", "value": "13",
            "coverage": "whole", "evidence": [SimpleUploadedFile("paper.csv", CSV)], **changes,
        }  # fmt: skip

    def test_offers_only_the_viewers_own_side(self, world, as_person):
        content = as_person("authority.CQ").get(self.PATH).content.decode()
        assert '<option value="CQ"' in content
        assert '<option value="SC"' not in content

    def test_a_figure_reported_and_confirmed_in_the_browser_moves_its_target(self, actors, as_person):
        reporter = {"CQ": as_person("authority.CQ"), "SC": as_person("authority.SC")}
        for side, client in reporter.items():
            response = client.post("/targets/T02/report/", self.fields(jurisdiction=side, value="10"))
            assert response.status_code == 303, response.content.decode()
            address = response["Location"]
            assert as_person("coordinator").post(f"{address}confirm/", {"_key": f"c{side}"}).status_code == 303
        assert 'class="target met"' in Client().get("/documents/D2/").content.decode()

    def test_another_side_in_the_form_is_refused_beside_its_field(self, world, as_person):
        response = as_person("authority.CQ").post(self.PATH, self.fields(jurisdiction="SC"))
        assert response.status_code == 422

    @pytest.mark.parametrize(
        ("changes", "status"),
        [
            ({"evidence": []}, 422), ({"evidence": [SimpleUploadedFile("photo.png", b"MZ a program")]}, 422),
            ({"evidence": [SimpleUploadedFile("page.html", b"<script>")]}, 422), ({"value": "many"}, 422), ({"value": "NaN"}, 422),
            ({"period_end": "2030-01-01"}, 422), ({"period_end": "2023-02-30"}, 422), ({"_key": "k" * 201}, 422),
        ],
    )  # fmt: skip
    def test_bad_input_is_named_and_nothing_is_written(self, actors, as_person, changes, status):
        response = as_person("authority.CQ").post(self.PATH, self.fields(**changes))
        assert response.status_code == status
        with seen_by(actors["coordinator"].actor):
            assert not Reading.objects.exists()

    def test_a_file_too_large_is_refused_before_it_is_read(self, actors, as_person):
        large = SimpleUploadedFile("big.pdf", b"%PDF-" + bytes(10 * 1024 * 1024))
        assert as_person("authority.CQ").post(self.PATH, self.fields(evidence=[large])).status_code == 422

    def test_a_repeated_click_is_one_report(self, actors, as_person):
        client = as_person("authority.CQ")
        answers = {client.post(self.PATH, self.fields())["Location"] for _ in range(2)}
        assert len(answers) == 1

    def test_a_roster_gives_the_value(self, actors, as_person):
        roster = SimpleUploadedFile("roster.csv", "统一社会信用代码\r\n91350100M000100Y43\r\n".encode())
        response = as_person("authority.CQ").post(
            "/targets/T05/report/", self.fields(value="", evidence=[], roster=roster)
        )
        assert response.status_code == 303, response.content.decode()
        with seen_by(actors["coordinator"].actor):
            assert Reading.objects.get().value == 1

    def test_a_faulty_roster_names_its_line(self, actors, as_person):
        roster = SimpleUploadedFile("roster.csv", b"91350100M000100Y43\r\n91350100M000100Y44\r\n")
        response = as_person("authority.CQ").post(
            "/targets/T05/report/", self.fields(value="", evidence=[], roster=roster)
        )
        assert response.status_code == 422
        assert re.search(r"第 ?2 ?行|line 2", response.content.decode())


class TestDecidePages:
    def test_a_stale_version_is_refused(self, world, as_person):
        response = as_person("coordinator").post(page("confirm/", world["waiting"]), {"_key": "k", "_version": "9"})
        assert response.status_code == 409

    def test_rejects_with_a_reason_and_not_without(self, world, as_person):
        client = as_person("coordinator")
        assert client.post(page("reject/", world["waiting"]), {"_key": "k", "reason": ""}).status_code == 422
        assert client.post(page("reject/", world["waiting"]), {"_key": "k", "reason": "not legible"}).status_code == 303

    def test_withdrawing_says_what_will_happen_and_does_it(self, world, as_person):
        client = as_person("authority.CQ")
        assert "data-confirm=" in client.get(page("withdraw/", world["public"])).content.decode()
        assert (
            client.post(page("withdraw/", world["public"]), {"_key": "k", "reason": "typing error"}).status_code == 303
        )
        with seen_by(_office(world)):
            assert Reading.objects.get(pk=world["public"].pk).state == "withdrawn"

    def test_the_inbox_leads_the_second_person_to_it(self, world, as_person):
        address = page("", world["waiting"])
        assert as_person("coordinator").get("/inbox/").content.decode().count(address) >= 1
        assert address in as_person("authority.CQ").get("/inbox/").content.decode()
        assert address not in as_person("authority.SC").get("/inbox/").content.decode()


class TestImportPage:
    HEAD = "target,jurisdiction,period_start,period_end,value\r\n"

    def send(self, client: Client, text: str) -> Any:
        return client.post(
            "/readings/import/", {"_key": "k", "file": SimpleUploadedFile("readings.csv", text.encode())}
        )

    def test_faults_are_listed_with_their_lines(self, actors, as_person):
        text = f"{self.HEAD}T03,CQ,2024-01-01,2024-12-31,18\r\nT99,CQ,2024-01-01,2024-12-31,1\r\nT03,CQ,{XSS},2024-12-31,1\r\n"
        response = self.send(as_person("authority.CQ"), text)
        content = response.content.decode()
        assert response.status_code == 422
        assert re.findall(r'<td class="number">(\d+)</td>', content) == ["3", "4"]
        assert "<script>alert(" not in content

    def test_good_rows_wait_for_a_second_person(self, actors, as_person):
        assert (
            self.send(as_person("authority.CQ"), f"{self.HEAD}T03,CQ,2024-01-01,2024-12-31,18\r\n").status_code == 303
        )
        with seen_by(actors["coordinator"].actor):
            assert Reading.objects.get().state == "reported"

    def test_the_template_is_a_file_that_the_import_takes(self, actors, as_person):
        client = as_person("authority.CQ")
        template = client.get("/readings/import/template.csv").content.decode()
        assert self.send(client, template).status_code == 303


class TestWorkPages:
    @pytest.mark.parametrize(
        ("path", "fields"),
        [
            ("/tasks/EQ3/state/", {"state": "planned", "note": "n"}), ("/tasks/EQ3/milestones/", {"name": "m", "due": "2026-01-01"}),
            ("/tasks/EQ3/blockers/", {"description": "d"}), ("/tasks/EQ3/investment/", {"yuan": "12.34", "source": "paper"}),
        ],
    )  # fmt: skip
    def test_an_office_reports_and_is_led_back_to_the_task(self, actors, as_person, path, fields):
        client = as_person("authority.SC")
        assert client.get(path).status_code == 200
        response = client.post(path, {"_key": "k", **fields})
        assert (response.status_code, response["Location"]) == (303, "/tasks/EQ3/")
        assert client.get("/tasks/EQ3/").status_code == 200

    def test_yuan_become_exact_fen(self, actors, as_person):
        as_person("authority.SC").post("/tasks/EQ3/investment/", {"_key": "k", "yuan": "12.34", "source": "paper"})
        assert Task.objects.get(code="EQ3").investment_fen == 1234

    def test_resolves_and_meets(self, world, as_person):
        client = as_person("authority.CQ")
        assert (
            client.post(
                f"/blockers/{world['blocker'].public_id}/resolve/", {"_key": "a", "resolution": "done"}
            ).status_code
            == 303
        )
        assert (
            client.post(
                f"/milestones/{world['milestone'].public_id}/meet/", {"_key": "b", "met_on": "2025-06-01"}
            ).status_code
            == 303
        )
        assert Blocker.objects.get().resolved_at is not None

    def test_a_year_is_planned_decided_and_closed_in_the_browser(self, world, as_person):
        client = as_person("coordinator")
        assert client.post("/plans/2024/items/", {"_key": "a", "task": "EQ1", "goal": ""}).status_code == 303
        assert client.post("/plans/2024/close/", {"_key": "b", "summary": "s"}).status_code == 409
        for number, item in enumerate(Plan.objects.get(year=2024).items.all()):
            fields = {"_key": f"d{number}", "state": "carried", "reason": "unfinished"}
            assert client.post(f"/plan-items/{item.public_id}/decide/", fields).status_code == 303
        assert client.post("/plans/2024/close/", {"_key": "c", "summary": "s"}).status_code == 303
        assert Plan.objects.get(year=2025).items.count() == 2
        assert client.get("/plans/2025/").status_code == 200


def test_every_address_is_tested(world):
    """A page added to the addresses must appear in these tests."""
    source = Path(__file__).read_text(encoding="utf-8")
    for pattern in urlpatterns:
        last = [part for part in str(pattern.pattern).split("/") if part and "<" not in part]
        assert not last or last[-1] in source, pattern


class TestQueryCounts:
    """`query_counts.json` holds how many statements each page takes. A page that takes more has a loop of queries or a reason.

    After a change with a reason, write the new numbers by `WRITE_QUERY_COUNTS=1 pytest tests/programme/test_pages.py -k query_counts`.
    """

    PAGES = ["/", "/documents/D1/", "/targets/T02/", "/tasks/", "/tasks/?view=table", "/projects/", "/tasks/EQ2/",
             "/plans/", "/plans/2024/", "/changes/?month=2025-11", "/report/2024/", "/search/?q=%E8%A3%85%E5%A4%87",
             "/api/v1/programme/documents",
             "/api/v1/programme/targets", "/api/v1/programme/targets/T02/readings", "/api/v1/programme/tasks",
             "/api/v1/programme/counts"]  # fmt: skip

    def counted(self) -> dict[str, int]:
        found = {}
        for path in self.PAGES:
            Client().get(path)  # what is cached once a process is not counted
            with CaptureQueriesContext(connection) as queries:
                assert Client().get(path).status_code == 200, path
            found[path] = len(queries)
        return found

    def test_query_counts_do_not_grow(self, world, confirmed):
        confirmed(by="authority.SC", target="T02", value=11)
        found = self.counted()
        if os.environ.get("WRITE_QUERY_COUNTS"):
            BASELINE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        baseline = json.loads(BASELINE.read_text(encoding="utf-8"))
        assert found == baseline, (
            "more or fewer statements than tests/programme/query_counts.json says; see this class's docstring"
        )
