"""The API of the rules: the same answers as the command line's, and refusals in its own form."""

from bashu.policy.selectors.library import shipped

SOIL = {"id": "gz-1", "disturbances": [{"date": "2025-06-01", "area": 10000.5}]}
CHANGE = {"parameter": "soil_rate", "province": "SC", "value": "1.2"}


def test_rules_tell_both_sides_with_status_and_source(db, api):
    told = api.get("/policy/rules").json()
    levy = next(levy for levy in told["levies"] if levy["id"] == "environment_air")
    assert told["digest"] == shipped().digest
    assert (levy["numbers"][0]["CQ"]["value"], levy["numbers"][0]["SC"]["status"]) == ("3.5", "sourced")
    assert len(told["areas"]) == 7
    assert {item["status"] for item in told["items"]} == {"assumed"}


def test_evaluates_choosing_and_whatif_for_everybody(db, api):
    rows = api.post("/policy/evaluate", {"period": "2025", "entities": [SOIL], "explain": True}).json()
    soil = next(row for row in rows if row["item"] == "soil_conservation")
    assert (soil["payable_fen"], soil["disagree"]) == (1300065, False)
    assert soil["why"]["parts"][0]["sentence"]["zh"].startswith("水土保持补偿费")
    project = {"id": "p", "investment": "50000000", "research_spending": "12000000", "hired_doctors": 12}
    (choice,) = api.post("/policy/choose", {"on": "2025-06-01", "projects": [project]}).json()
    waiting = next(row for row in choice["rejected"] if row["item"] == "sc-equipment")
    assert (waiting["reason"], waiting["because"]) == ("missing_facts", ["equipment"])
    assert waiting["could_reach_fen"] >= choice["total_fen"]
    effect = api.post("/policy/whatif", {"change": CHANGE, "entities": [SOIL]}).json()
    assert (effect["sums"]["winners"], effect["rows"][0]["after_fen"]) == (1, 1200060)


def test_what_cannot_be_read_is_a_problem_with_its_line(db, api):
    bad = {"period": "2025", "entities": [{"id": "a", "staff": -1}]}
    for path in ("/policy/evaluate",):
        answer = api.post(path, bad)
        assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
        assert "entities:1: staff" in answer.json()["detail"]
    assert api.post("/policy/evaluate", {"period": "2025-13", "entities": []}).status_code == 422
    assert api.post("/policy/whatif", {"change": {**CHANGE, "value": "1e99999"}}).status_code == 422
    assert api.get("/policy/schemas/nonsense").status_code == 422


def test_a_kept_run_is_explained_and_verified(actors, api):
    own = actors["enterprise.CQ"]
    run = api.post("/policy/runs", {"period": "2025", "entities": [SOIL]}, by=own).json()
    told = api.get(f"/policy/explain?id={run['id']}/gz-1/soil_conservation&verify=true", by=own).json()
    assert (told["verified"], [row["payable_fen"] for row in told["results"]]) == (True, [1300065])
    assert api.get(f"/policy/explain?id={run['id']}", by=actors["enterprise.SC"]).status_code == 404
