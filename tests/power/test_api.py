"""Cases, runs and divisions over the API."""

import pytest

from bashu.kernel.parties.selectors import seen_by
from bashu.power.models import Case
from bashu.power.services.dispatch import case_publish
from power_cases import posed, recorded, shared, told

BODY = {"name": "算例", "season": "drought", "starts_at": "2025-08-14T08:00:00Z", "hours": 6}


@pytest.fixture
def public(actors):
    """A public case with one dispatch and a division."""
    case = posed(actors["operator.CQ"])
    run, game = recorded(actors["operator.CQ"], case, "uhv"), shared(actors["operator.CQ"], case)
    case_publish(ctx=told(actors["authority.CQ"]), case=case)
    return case, run, game


def test_nobody_reads_a_public_case_with_everything_in_it(api, public):
    case, run, game = public
    (listed,) = api.get("/power/cases").json()["items"]
    assert listed["synthetic"] is True
    found = api.get(f"/power/cases/{case.public_id}").json()
    assert [one["id"] for one in found["runs"]] == [str(run.public_id)]
    assert found["games"][0]["payoffs"]["shapley"] == game.payoffs["shapley"]
    assert any(row["status"] == "assumed" for row in found["assumptions"])


def test_the_hours_come_with_their_digest(api, public):
    _, run, _ = public
    hours = api.get(f"/power/runs/{run.public_id}/hours").json()
    assert hours["digest"] == run.hourly_digest
    assert all(len(series["values"]) == len(hours["snapshots"]) == 6 for series in hours["series"])
    assert {"generation", "load", "price", "flow"} <= {series["kind"] for series in hours["series"]}


def test_starting_a_case_answers_once_for_one_key(api, actors):
    first, again = (api.post("/power/cases", BODY, by=actors["operator.CQ"], key="k1") for _ in range(2))
    assert first.status_code == again.status_code == 201
    assert first.json()["id"] == again.json()["id"]
    with seen_by(actors["operator.CQ"].actor):
        assert Case.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"hours": 0},
        {"season": "monsoon"},
        {"starts_at": "2025-12-31T00:00:00Z", "hours": 100},
        {"step": 5},
        {"starts_at": "2025-07-01T00:00:00"},
    ],
)
def test_what_cannot_be_modelled_is_malformed(api, actors, change):
    assert api.post("/power/cases", BODY | change, by=actors["operator.CQ"]).status_code == 422


def test_one_more_division_at_another_value_of_lost_load(api, actors, public):
    case, _, _ = public
    made = api.post(f"/power/cases/{case.public_id}/games", {"voll_fen": 100}, by=actors["operator.CQ"])
    assert made.status_code == 201
    assert made.json()["status"] == "asked"
    assert api.get(f"/jobs/{made.json()['job']}", by=actors["operator.CQ"]).status_code == 200


def test_a_scenario_tree_is_asked_for_with_or_without_chances_and_read_back(api, actors, public):
    case, _, _ = public
    made = api.post(f"/power/cases/{case.public_id}/tree", {}, by=actors["operator.CQ"])
    chances = {"wet": 0, "normal": 100, "drought": 0}
    other = api.post(
        f"/power/cases/{case.public_id}/tree", {"chances": chances, "out_percent": 0}, by=actors["operator.CQ"]
    )
    assert (made.status_code, other.status_code) == (201, 201)
    assert api.get(f"/power/trees/{other.json()['id']}").json()["chances"] == chances
    assert made.json()["expected"] is None
    wrong = {"chances": {"wet": 1, "normal": 1, "drought": 1}}
    refused = api.post(f"/power/cases/{case.public_id}/tree", wrong, by=actors["operator.CQ"])
    assert refused.status_code == 422
    assert "power.chances.wrong" in refused.content.decode()
