"""What the pages and the API show, and to whom."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import resolve
from django.utils import translation
from long_work import CHONGQING, COLLEAGUE, OPERATOR, SICHUAN, STRANGER
from ninja.testing import TestClient

from bashu.kernel.commands.actor import ANONYMOUS, Actor
from bashu.kernel.errors import NotFound, SignInNeeded
from bashu.kernel.jobs.api import router
from bashu.kernel.jobs.models import JobState
from bashu.kernel.web.api import make_api

pytestmark = pytest.mark.django_db

OTHERS = {"other organisation": STRANGER, "other office": SICHUAN}


@pytest.fixture
def page(seen_by) -> Callable[..., HttpResponse]:
    """Answer a page as an actor; refusals are raised."""

    def answer(actor: Actor, path: str, method: str = "GET", language: str = "en") -> HttpResponse:
        request: Any = RequestFactory().generic(method, path)
        request.actor, request._messages = actor, CookieStorage(RequestFactory().get(path))
        found = resolve(path.partition("?")[0])

        def view() -> HttpResponse:
            return found.func(request, *found.args, **found.kwargs)

        with translation.override(language):
            return seen_by(actor, view) if method == "GET" else view()

    return answer


@pytest.fixture
def client() -> TestClient:
    """The API with the jobs' router; `actor=` says who asks."""
    api = make_api(urls_namespace="jobs-in-tests")
    api.add_router("/jobs", router)
    return TestClient(api)


class TestPages:
    @pytest.mark.parametrize("part", ["", "progress"])
    def test_anonymous_is_asked_to_sign_in(self, page, submit, part):
        job = submit("tests.spin")
        for path in ("/jobs/", f"/jobs/{job.public_id}/{part}"):
            with pytest.raises(SignInNeeded):
                page(ANONYMOUS, path)

    @pytest.mark.parametrize("actor", OTHERS.values(), ids=OTHERS)
    def test_others_find_nothing(self, page, submit, actor):
        job = submit("tests.add", numbers=[1])
        assert "Adding up" not in page(actor, "/jobs/").content.decode()
        for path, method in (("", "GET"), ("progress", "GET"), ("cancel", "POST")):
            with pytest.raises(NotFound):
                page(actor, f"/jobs/{job.public_id}/{path}", method)

    def test_the_list_names_the_work_and_leads_to_it(self, page, submit):
        job = submit("tests.add", numbers=[1])
        shown = page(COLLEAGUE, "/jobs/").content.decode()
        assert "Adding up" in shown
        assert f"/jobs/{job.public_id}/" in shown

    def test_an_empty_list_says_how_it_is_filled(self, page):
        assert "A job begins where a page offers long work" in page(OPERATOR, "/jobs/").content.decode()

    def test_a_job_under_way_shows_progress_and_can_be_cancelled(self, page, submit):
        job = submit("tests.spin")
        shown = page(CHONGQING, f"/jobs/{job.public_id}/").content.decode()
        assert f'hx-get="/jobs/{job.public_id}/progress"' in shown
        assert f'action="/jobs/{job.public_id}/cancel"' in shown
        assert "data-confirm" in shown
        assert "HX-Refresh" not in page(OPERATOR, f"/jobs/{job.public_id}/progress")

    def test_cancelling_leads_back_to_the_job_and_twice_says_that_it_has_ended(self, page, submit):
        job = submit("tests.spin")
        for _ in range(2):
            answer = page(COLLEAGUE, f"/jobs/{job.public_id}/cancel", "POST")
            assert (answer.status_code, answer["Location"]) == (302, f"/jobs/{job.public_id}/")
        job.refresh_from_db()
        assert (job.state, job.version) == (JobState.CANCELLED, 2)

    def test_a_finished_job_shows_its_result_and_its_progress_reloads_the_page(self, page, submit, perform):
        job = submit("tests.add", numbers=[20, 22])
        perform(job)
        shown = page(OPERATOR, f"/jobs/{job.public_id}/").content.decode()
        assert "&quot;sum&quot;: 42" in shown
        assert "hx-get" not in shown.partition('<div class="job')[2]
        assert page(OPERATOR, f"/jobs/{job.public_id}/progress")["HX-Refresh"] == "true"

    def test_free_text_cannot_become_markup(self, page, submit):
        job = submit("tests.add", numbers=[], label="<script>alert(1)</script>")
        shown = page(OPERATOR, f"/jobs/{job.public_id}/").content.decode()
        assert "<script>alert" not in shown
        assert "&lt;script&gt;alert" in shown


class TestApi:
    def test_anonymous_is_asked_to_sign_in(self, client, submit):
        job = submit("tests.spin")
        assert client.get("/jobs", actor=ANONYMOUS).status_code == SignInNeeded.status
        assert client.get(f"/jobs/{job.public_id}", actor=ANONYMOUS).status_code == NotFound.status
        assert client.post(f"/jobs/{job.public_id}/cancel", actor=ANONYMOUS).status_code == NotFound.status

    @pytest.mark.parametrize("actor", OTHERS.values(), ids=OTHERS)
    def test_others_find_nothing(self, client, submit, seen_by, actor):
        job = submit("tests.spin")
        assert seen_by(actor, lambda: client.get("/jobs", actor=actor)).json()["items"] == []
        assert client.get(f"/jobs/{job.public_id}", actor=actor).status_code == NotFound.status
        assert client.post(f"/jobs/{job.public_id}/cancel", actor=actor).status_code == NotFound.status

    def test_lists_shows_and_cancels(self, client, submit, seen_by):
        job = submit("tests.add", numbers=[1])
        (listed,) = seen_by(OPERATOR, lambda: client.get("/jobs?state=queued", actor=OPERATOR)).json()["items"]
        assert (listed["public_id"], listed["title"], listed["state"]) == (str(job.public_id), "Adding up", "queued")
        detail = seen_by(OPERATOR, lambda: client.get(f"/jobs/{job.public_id}", actor=OPERATOR)).json()
        assert detail["parameters"] == {"numbers": [1]}
        cancelled = client.post(f"/jobs/{job.public_id}/cancel", actor=COLLEAGUE)
        assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
        again = client.post(f"/jobs/{job.public_id}/cancel", actor=COLLEAGUE)
        assert (again.status_code, json.loads(again.content)["type"]) == (409, "urn:bashu:error:jobs.ended")

    def test_an_unknown_state_is_malformed(self, client):
        assert client.get("/jobs?state=sleeping", actor=OPERATOR).status_code == 422
