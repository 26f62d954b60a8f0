"""Kept runs: who may keep and see them, that they replay to the same fen, and that no alteration passes."""

import json
from itertools import pairwise

import pytest
from django.db import connection

from bashu.kernel.errors import Forbidden, KeyReused, Malformed, NotFound, SignInNeeded
from bashu.kernel.parties.selectors import seen_by
from bashu.policy.cli import SHIPPED
from bashu.policy.formats.rule_files import folder_texts
from bashu.policy.models import EvaluationRun, RuleFiles
from bashu.policy.selectors import runs
from bashu.policy.services.runs import run_save
from database_roles import acting_as

SOIL = {"id": "gz-1", "disturbances": [{"date": "2025-06-01", "area": 10000}]}
STAFF = {
    "id": "gz/2",
    "staff": 1000,
    "disabled_staff": 10,
    "average_wage": "80000.00",
    "local_average_wage": "90000.00",
}


@pytest.fixture
def save(acting):
    def make(player, *entities, rules=None, period="2025", **options):
        lines = b"".join(json.dumps(entity).encode() + b"\n" for entity in entities or (SOIL, STAFF))
        texts = folder_texts(SHIPPED) if rules is None else rules
        return run_save(ctx=acting(player, **options), rules=texts, entities=lines, period=period, file="e.jsonl")

    return make


class TestSave:
    def test_nobody_is_asked_to_sign_in(self, db, save):
        with pytest.raises(SignInNeeded):
            save(None)

    def test_a_resident_may_not(self, actors, save):
        with pytest.raises(Forbidden):
            save(actors["resident.SC"])

    def test_a_faulty_line_is_named_and_nothing_is_kept(self, actors, save):
        with pytest.raises(Malformed, match=r"e\.jsonl:2: staff: -1 is not between"):
            save(actors["enterprise.CQ"], SOIL, {"id": "b", "staff": -1})
        with seen_by(actors["coordinator"].actor):
            assert not EvaluationRun.objects.exists()

    def test_contradictory_facts_are_refused(self, actors, save):
        with pytest.raises(Malformed, match="disabled_staff is more than staff"):
            save(actors["enterprise.CQ"], {"id": "b", "staff": 1, "disabled_staff": 2})

    def test_the_same_rule_files_are_kept_once(self, actors, save):
        first, second = save(actors["enterprise.CQ"]), save(actors["authority.SC"])
        with seen_by(actors["coordinator"].actor):
            assert first.rules_id == second.rules_id
            assert RuleFiles.objects.count() == 1
            assert RuleFiles.objects.get().files == folder_texts(SHIPPED)

    def test_the_same_key_answers_with_the_first_run_and_another_file_is_refused(self, actors, save):
        player = actors["enterprise.CQ"]
        first = save(player, key="once")
        assert save(player, key="once").public_id == first.public_id
        with pytest.raises(KeyReused):
            save(player, SOIL, key="once")

    def test_the_journal_holds_digests_and_no_figures(self, actors, save):
        from bashu.kernel.commands.command import label_of
        from bashu.kernel.journal.selectors import entry_list

        run = save(actors["enterprise.CQ"])
        with seen_by(actors["enterprise.CQ"].actor):
            body = entry_list(subject=label_of(run)).get().body.content
        after = json.loads(body)["after"]
        assert (after["rules"], after["results"], after["entities"]) == (run.rules_id, run.digest, 2)
        assert after["input"].startswith("sha256:")
        assert "80000" not in body

    def test_many_entities_are_kept_in_the_file_s_order(self, actors, save, monkeypatch):
        monkeypatch.setattr("bashu.policy.services.runs.BATCH", 7)
        run = save(actors["enterprise.CQ"], *[{**SOIL, "id": f"e{number}"} for number in range(20)])
        with seen_by(actors["enterprise.CQ"].actor):
            kept = list(run.evaluated.order_by("number"))
            assert [row.entity for row in kept] == [f"e{number}" for number in range(20)]
            assert list(runs.differences(runs.Reference(run))) == []


class TestWhoSees:
    @pytest.mark.parametrize(
        ("name", "sees"),
        [
            ("enterprise.CQ", True), ("authority.CQ", True), ("coordinator", True),
            ("enterprise.SC", False), ("authority.SC", False), ("operator.CQ", False),
        ],
    )  # fmt: skip
    def test_its_organisation_the_offices_of_its_side_and_the_joint_ones(self, actors, save, name, sees):
        run = save(actors["enterprise.CQ"])
        with seen_by(actors[name].actor):
            assert EvaluationRun.objects.filter(pk=run.pk).exists() is sees
            assert run.evaluated.exists() is sees
            assert RuleFiles.objects.exists() is sees
            if not sees:
                with pytest.raises(NotFound):
                    runs.referred(str(run.public_id))

    def test_the_application_cannot_rewrite_what_was_kept(self, actors, save):
        from django.db.utils import ProgrammingError

        run = save(actors["enterprise.CQ"])
        with seen_by(actors["enterprise.CQ"].actor), pytest.raises(ProgrammingError, match="permission denied"):
            run.evaluated.update(line="{}")


class TestExplain:
    def test_says_rules_facts_branch_and_both_languages(self, actors, save):
        run = save(actors["enterprise.CQ"])
        with seen_by(actors["enterprise.CQ"].actor):
            (row,) = runs.explained(runs.referred(f"{run.public_id}/gz-1/soil_conservation"))
        assert row["id"] == f"{run.public_id}/gz-1/soil_conservation"
        assert (row["payable_fen"], row["rules"], row["inputs"]) == (1300000, run.rules_id, SOIL)
        assert "应缴 13,000.00 元" in row["why"]["parts"][0]["sentence"]["zh"]
        assert row["why"]["parts"][0]["SC"]["parameters"]["soil_rate"]["value"] == "1.3"

    def test_an_entity_s_name_may_hold_a_slash(self, actors, save):
        run = save(actors["enterprise.CQ"])
        with seen_by(actors["enterprise.CQ"].actor):
            rows = list(runs.explained(runs.referred(f"{run.public_id}/gz/2")))
            (fund,) = runs.explained(runs.referred(f"{run.public_id}/gz/2/disabled_employment"))
        assert {row["entity"] for row in rows} == {"gz/2"}
        assert len(rows) == len(run.items)
        assert [step["holds"] for step in fund["why"]["parts"][0]["CQ"]["reliefs"]] == [False, True, False]

    @pytest.mark.parametrize("name", ["nonsense", "/gz-1", "/gz-1/nonsense", "gz-1"])
    def test_what_was_not_kept_is_not_found(self, actors, save, name):
        run = save(actors["enterprise.CQ"])
        with seen_by(actors["enterprise.CQ"].actor), pytest.raises(NotFound):
            runs.referred("nonsense" if name == "nonsense" else f"{run.public_id}x{name}")


class TestReplay:
    """Alterations are made by the tables' owner, past every barrier of the application."""

    @pytest.fixture
    def run(self, database, actors, save):
        return save(actors["enterprise.CQ"])

    def differences(self, actors, run, name=""):
        with seen_by(actors["enterprise.CQ"].actor):
            return list(runs.differences(runs.referred(f"{run.public_id}{name}")))

    def alter(self, statement, *parameters):
        with acting_as("owner"), connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            assert cursor.rowcount > 0

    def test_what_nobody_touched_replays_to_the_same_fen(self, actors, run):
        assert self.differences(actors, run) == []
        assert self.differences(actors, run, "/gz-1/soil_conservation") == []

    def test_an_altered_result_is_named_with_both_amounts(self, actors, run):
        self.alter(
            "UPDATE policy_evaluatedentity SET results = jsonb_set(results, '{soil_conservation,2}', '1300001') WHERE entity = 'gz-1'"
        )
        found = self.differences(actors, run, "/gz-1/soil_conservation")
        assert "gz-1: the row does not have the digest that was kept with it" in found
        assert "gz-1, soil_conservation: payable_fen was saved as 1300001, replayed 1300000" in found

    def test_altered_facts_are_noticed(self, actors, run):
        self.alter("UPDATE policy_evaluatedentity SET line = replace(line, '10000', '20000') WHERE entity = 'gz-1'")
        found = self.differences(actors, run)
        assert "gz-1, soil_conservation: payable_fen was saved as 1300000, replayed 2600000" in found

    def test_an_altered_rule_is_noticed_by_digest_and_by_amount(self, actors, run):
        self.alter("UPDATE policy_rulefiles SET files = replace(files::text, 'value: 1.3,', 'value: 1.2,')::jsonb")
        found = self.differences(actors, run)
        assert any(line.startswith("rule files: their digest is sha256:") for line in found)
        assert "gz-1, soil_conservation: payable_fen was saved as 1300000, replayed 1200000" in found

    def test_rules_that_can_no_longer_be_read_are_said_so(self, actors, run):
        self.alter('UPDATE policy_rulefiles SET files = \'{"a.yaml": "{"}\'::jsonb')
        assert any("they can no longer be read" in line for line in self.differences(actors, run))

    def test_a_row_and_its_digests_altered_together_still_differ_from_the_journal(self, actors, run):
        from bashu.policy.results import canonical, row_digest, run_digest

        with seen_by(actors["enterprise.CQ"].actor):
            first, second = run.evaluated.order_by("number")
        line = first.line.replace("10000", "20000")
        results = {**first.results, "soil_conservation": [2800000, 2600000, 2600000, "sc"]}
        digest = row_digest(line, canonical(results))
        self.alter(
            "UPDATE policy_evaluatedentity SET line = %s, results = %s::jsonb, digest = %s WHERE entity = 'gz-1'",
            line, json.dumps(results), digest,
        )  # fmt: skip
        whole = run_digest([digest, bytes(second.digest)])
        self.alter("UPDATE policy_evaluationrun SET digest = %s", whole)
        assert self.differences(actors, run) == [f"run: results is {whole}, the journal says {run.digest}"]

    def test_a_row_taken_away_is_missed(self, actors, run):
        self.alter("DELETE FROM policy_evaluatedentity WHERE entity = 'gz-1'")
        found = self.differences(actors, run)
        assert found[0] == "run: it has 1 entities, 2 were kept"

    def test_every_line_of_differences_is_one_thing(self, actors, run):
        self.alter("UPDATE policy_evaluatedentity SET line = replace(line, '10000', '20000') WHERE entity = 'gz-1'")
        found = self.differences(actors, run)
        assert all(one != other for one, other in pairwise(found))


class TestCommands:
    def test_save_then_explain_verify(self, database, tmp_path, monkeypatch):
        from typer.testing import CliRunner

        from bashu.policy.cli import app
        from bashu.policy.errors import ReplayDiffers

        monkeypatch.delenv("BASHU_AS", raising=False)
        entities = tmp_path / "e.jsonl"
        entities.write_text(json.dumps(SOIL) + "\r\n\r\n" + json.dumps(STAFF))
        kept = CliRunner().invoke(
            app, ["evaluate", "--entities", str(entities), "--period", "2025", "--save", "--json"]
        )
        rows = json.loads(kept.stdout)
        number = next(row["id"] for row in rows if row["item"] == "soil_conservation" and row["entity"] == "gz-1")
        again = CliRunner().invoke(app, ["explain", number, "--verify", "--json"])
        assert [(row["payable_fen"], row["verified"]) for row in json.loads(again.stdout)] == [(1300000, True)]
        assert "the same to the fen" in CliRunner().invoke(app, ["explain", number[:36], "--verify"]).stdout
        with acting_as("owner"), connection.cursor() as cursor:
            cursor.execute("UPDATE policy_evaluatedentity SET results = jsonb_set(results, '{deed,0}', '1')")
        refused = CliRunner().invoke(app, ["explain", number, "--verify", "--json"])
        assert isinstance(refused.exception, ReplayDiffers)
        assert refused.stdout == ""
        assert "the row does not have the digest" in refused.stderr
