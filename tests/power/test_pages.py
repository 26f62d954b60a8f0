"""The pages of dispatch and division: what the public reads, in both languages, and what the exports hold."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from bashu.kernel.jobs.models import Job
from bashu.kernel.jobs.services import job_cancel
from bashu.kernel.parties.selectors import seen_by
from bashu.power.models import Case, Configuration
from bashu.power.services.dispatch import case_publish, case_start
from power_cases import branched, posed, question, recorded, shared, told

PAGES = ["power:overview", "power:compare", "power:benefit", "power:trees", "power:facts"]
XSS = "<script>alert(1)</script>"


@pytest.fixture
def public(actors):
    """A public case with all three dispatches and a division; its name is hostile."""
    case = posed(actors["operator.CQ"], name=XSS)
    runs = {kind: recorded(actors["operator.CQ"], case, kind) for kind in Configuration.values}
    game = shared(actors["operator.CQ"], case)
    tree = branched(actors["operator.CQ"], case)
    case_publish(ctx=told(actors["authority.CQ"]), case=case)
    return {"case": case, "runs": runs, "game": game, "tree": tree}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_says_that_its_data_is_synthetic_or_where_it_is_from(public, client: Client, language):
    client.cookies["bashu_language"] = language
    for page in PAGES:  # in one test: the case takes longer to make than its pages to show
        text = client.get(reverse(page)).content.decode()
        assert XSS not in text, page
        assert reverse("power:facts") in text, page


@pytest.mark.parametrize("page", PAGES)
def test_without_a_case_the_pages_stand_and_say_who_makes_one(db, client: Client, page):
    answer = client.get(reverse(page))
    assert answer.status_code == 200


@pytest.mark.parametrize("query", ["case=nonsense", "case=01930000-0000-7000-8000-000000000000", "run=x", "game=x"])
def test_what_is_not_there_answers_404(public, client: Client, query):
    page = "power:benefit" if query.startswith("game") else "power:overview"
    assert client.get(f"{reverse(page)}?{query}").status_code == 404


def test_the_hours_of_a_run_are_those_of_its_table(public, client: Client):
    run = public["runs"]["uhv"]
    hours = json.loads(client.get(reverse("power:run_hours", args=[run.public_id])).content)
    answer = client.get(f"{reverse('power:overview')}?run={run.public_id}&hours.as=csv")
    table = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert len(table) - 1 == len(hours["labels"]) == 6
    assert [float(row[1]) for row in table[1:]] == hours["sides"]["SC"]["load"]
    made = sum(layer["values"][0] for layer in hours["sides"]["CQ"]["layers"])
    assert made == pytest.approx(hours["sides"]["CQ"]["load"][0], rel=0.02)  # but for losses inside the province


@pytest.mark.slow
def test_a_year_is_shown_by_the_day(actors, client: Client):
    from bashu.power.pages.overview import shown_of

    case = posed(actors["operator.CQ"], starts_at=datetime(2025, 1, 31, 16, tzinfo=UTC), hours=1008)
    run = recorded(actors["operator.CQ"], case, "joint")
    with seen_by(actors["operator.CQ"].actor):
        shown = shown_of(run)
    assert shown.grain == 24
    assert shown.labels[0] == "2025-02-01"
    assert len(shown.labels) == 42


def test_comparing_shows_the_difference_of_the_exact_figures(public, client: Client):
    answer = client.get(f"{reverse('power:compare')}?compare.as=csv")
    table = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    apart, line = public["runs"]["separate"].objective_fen, public["runs"]["uhv"].objective_fen
    assert float(table[1][-1].lstrip("'")) == pytest.approx((line - apart) / 1e8, abs=0.051)


def test_the_division_names_every_player_and_the_core(public, client: Client):
    client.cookies["bashu_language"] = "en"
    text = client.get(reverse("power:benefit")).content.decode()
    assert "Owner of the ultra-high-voltage line" in text
    assert "certified" in text
    assert "in the core" in text


def test_an_operator_makes_a_case_from_the_page(actors, client: Client, signed_in):
    signed_in(client, actors["operator.CQ"])
    page = reverse("power:case_new")
    assert client.get(page).status_code == 200
    sent = {"name": "夏季", "season": "wet", "starts_on": "2025-07-01", "hours": "24", "step": "1", "voll": "20000"}
    assert client.post(page, {**sent, "step": "7"}).status_code == 422
    assert client.post(page, sent).status_code == 303
    with seen_by(actors["operator.CQ"].actor):
        assert Case.objects.get().hours == 24
        assert Job.objects.count() == 4


def test_a_scenario_tree_is_asked_for_on_a_page_that_follows_its_job(actors, client: Client, signed_in):
    case = posed(actors["operator.CQ"])
    signed_in(client, actors["operator.CQ"])
    page = reverse("power:tree_start", args=[case.public_id])
    assert client.get(page).status_code == 200
    sent = {"wet": "30", "normal": "40", "drought": "30", "out_percent": "10"}
    assert client.post(page, {**sent, "wet": "31"}).status_code == 422
    shown = client.get(client.post(page, sent)["Location"]).content.decode()
    with seen_by(actors["operator.CQ"].actor):
        job = Job.objects.get()
    assert f'hx-get="{reverse("jobs:progress", args=[job.public_id])}"' in shown


def test_a_tree_shows_every_leaf_what_is_expected_and_the_run_it_is(public, client: Client):
    client.cookies["bashu_language"] = "en"
    text = client.get(f"{reverse('power:trees')}?case={public['case'].public_id}").content.decode()
    assert "Expected cost" in text
    assert f"run={public['runs']['uhv'].public_id}" in text
    answer = client.get(f"{reverse('power:trees')}?leaves.as=csv")
    table = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert len(table) == 7
    assert sum(float(row[2]) for row in table[1:]) == pytest.approx(100)


def test_work_that_was_cancelled_is_not_said_to_be_under_way(actors, client: Client, signed_in):
    case = case_start(ctx=told(actors["operator.CQ"]), case=question())
    with seen_by(actors["operator.CQ"].actor):
        jobs = list(Job.objects.all())
    for job in jobs:
        job_cancel(ctx=told(actors["operator.CQ"]), job=job)
    signed_in(client, actors["operator.CQ"])
    assert "hx-get" not in client.get(case.get_absolute_url()).content.decode()


def test_facts_are_exported_with_status_and_source(db, client: Client):
    answer = client.get(f"{reverse('power:facts')}?fleet.as=csv")
    table = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert len(table) > 20
    assert all(row[3] and row[4] for row in table[1:])
