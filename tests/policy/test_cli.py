"""The commands over files: what they print, and how they refuse."""

import json
from pathlib import Path

import jsonschema_rs
import pytest
from typer.testing import CliRunner

import bashu.policy
from bashu.policy.cli import app
from bashu.policy.errors import FilesRefused, RulesDoubtful

DOCS = Path(__file__).resolve().parents[2] / "docs"
SAMPLE = Path(bashu.policy.__file__).parent / "facts" / "sample" / "catalogue.yaml"


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def lines(file, *objects):
    file.write_text("".join(json.dumps(item, ensure_ascii=False) + "\n" for item in objects))
    return file


class TestEvaluate:
    def test_prints_both_sides_the_lower_and_why_none(self, tmp_path):
        entities = lines(tmp_path / "e.jsonl", {"id": "gz-1", "disturbances": [{"date": "2025-06-01", "area": 10000}]})
        rows = {
            row["item"]: row
            for row in json.loads(run("evaluate", "--entities", entities, "--period", "2025", "--json").stdout)
        }
        soil = rows["soil_conservation"]
        assert [soil[key] for key in ("cq_fen", "sc_fen", "payable_fen", "winner", "rate_winner", "saving_fen")] == [
            1400000,
            1300000,
            1300000,
            "sc",
            "sc",
            100000,
        ]
        assert rows["deed"]["payable_fen"] is None
        assert rows["deed"]["missing"] == ["acquisitions.date", "acquisitions.price"]
        assert rows["land_use"]["missing"][-2:] == ["land_rate (CQ)", "land_rate (SC)"]

    def test_explains_in_both_languages(self, tmp_path):
        entities = lines(tmp_path / "e.jsonl", {"id": "gz-1", "disturbances": [{"date": "2025-06-01", "area": 10000}]})
        rows = json.loads(run("evaluate", "--entities", entities, "--period", "2025", "--json", "--explain").stdout)
        part = next(row for row in rows if row["item"] == "soil_conservation")["why"]["parts"][0]
        assert (
            part["sentence"]["zh"]
            == "水土保持补偿费：重庆 14,000.00 元，四川 13,000.00 元，四川较低，应缴 13,000.00 元。"
        )
        assert part["SC"]["base"] == "10000 m2"
        assert part["SC"]["parameters"]["soil_rate"]["value"] == "1.3"

    def test_refuses_a_bad_file_and_prints_no_result(self, tmp_path):
        entities = lines(tmp_path / "e.jsonl", {"id": "a", "staff": -1})
        result = run("evaluate", "--entities", entities, "--period", "2025", "--json")
        assert isinstance(result.exception, FilesRefused)
        assert result.stdout == ""
        assert "e.jsonl:1: staff: -1 is not between" in result.stderr

    def test_names_the_hundredth_line_as_it_is(self, tmp_path):
        entities = lines(tmp_path / "e.jsonl", *[{"id": str(number), "staff": -1} for number in range(100)])
        assert "e.jsonl:100: staff" in run("evaluate", "--entities", entities, "--period", "2025").stderr

    def test_refuses_facts_that_contradict_one_another(self, tmp_path):
        entities = lines(
            tmp_path / "e.jsonl",
            {"id": "a", "staff": 5, "disabled_staff": 5},
            {"id": "b", "staff": 5, "disabled_staff": 6},
        )
        result = run("evaluate", "--entities", entities, "--period", "2025", "--json")
        assert isinstance(result.exception, FilesRefused)
        assert result.stderr.startswith("e.jsonl:2: disabled_staff is more than staff")

    def test_refuses_what_is_no_period(self, tmp_path):
        result = run("evaluate", "--entities", lines(tmp_path / "e.jsonl"), "--period", "2025-13")
        assert isinstance(result.exception, FilesRefused)


class TestChoose:
    def test_prints_the_best_set_its_proof_and_both_counterfactuals(self, tmp_path):
        project = {
            "id": "p",
            "investment": "50000000",
            "research_spending": "12000000",
            "hired_doctors": 12,
            "equipment": "30000000",
        }
        found = json.loads(
            run(
                "choose",
                "--catalogue",
                SAMPLE,
                "--projects",
                lines(tmp_path / "p.jsonl", project),
                "--on",
                "2025-06-01",
                "--json",
            ).stdout
        )[0]
        assert (found["total_fen"], found["chosen"]) == (318000000, ["cq-equipment", "sc-research", "sc-talent"])
        assert (found["proven"], found["bound_fen"], found["sc_only_fen"], found["cq_only_fen"]) == (
            True,
            318000000,
            200000000,
            250000000,
        )
        assert {item["item"]: item["reason"] for item in found["rejected"]} == {
            "cq-research": "excluded",
            "cq-talent": "not_eligible",
            "sc-equipment": "excluded",
            **dict.fromkeys(("cq-green", "cq-shipping", "sc-green", "sc-shipping"), "missing_facts"),
        }


class TestAllocate:
    def test_keeps_to_the_budget_and_prices_it(self, tmp_path):
        amounts = {"sc-research": "1500000.00"}
        many = lines(
            tmp_path / "p.jsonl", *[{"id": name, "investment": "50000000", "amounts": amounts} for name in "abc"]
        )
        found = json.loads(run("allocate", "--catalogue", SAMPLE, "--projects", many, "--json").stdout)
        assert (found["total_fen"], found["bound_fen"], found["proven"]) == (300000000, 300000000, True)
        assert found["budgets"] == [{"budget": "research", "most_fen": 300000000, "spent_fen": 300000000, "price": 1.0}]
        assert sorted(row["total_fen"] for row in found["projects"]) == [0, 150000000, 150000000]


class TestLint:
    def test_strict_refuses_what_has_no_source(self):
        assert run("lint").exit_code == 0
        assert isinstance(run("lint", "--strict").exception, RulesDoubtful)

    def test_facts_lists_what_still_needs_a_source(self):
        rows = json.loads(run("facts", "--unverified", "--json").stdout)
        assert {"soil_rate", "land_rate"} <= {row["parameter"] for row in rows}
        assert all(row["status"] in ("unverified", "unknown") for row in rows)

    def test_tests_beside_the_rules_pass(self):
        assert run("test").stdout == "20 rule tests pass.\n"


class TestSchema:
    @pytest.mark.parametrize("kind", ["rules", "catalogue", "entities", "projects"])
    def test_the_published_file_is_what_the_command_prints(self, kind):
        assert (DOCS / "schemas" / f"policy-{kind}.json").read_text() == run("schema", kind).stdout

    def test_an_entity_line_is_judged_by_it(self):
        validator = jsonschema_rs.validator_for(json.loads(run("schema", "entities").stdout))
        good = {"id": "gz-1", "staff": 5, "property_value": "1.20", "vehicles": [{"type": "coach", "number": 1}]}
        assert validator.is_valid(good)
        for bad in ({"staff": 5}, {**good, "property_value": "1.234"}, {**good, "vehicles": [{"type": "boat"}]}):
            assert not validator.is_valid(bad)
