"""Rule, entity, catalogue and project files: what is read, and how faults are told."""
# ruff: noqa: E501

import json
from datetime import date
from pathlib import Path

import jsonschema_rs
import pytest

import bashu.policy
from bashu.policy.engine.levies import compile_levies, evaluate
from bashu.policy.engine.periods import period
from bashu.policy.formats.catalogue import read_catalogue, read_projects
from bashu.policy.formats.entities import of_objects, read_entities
from bashu.policy.formats.rule_files import read_rules, rules_of_text
from bashu.policy.formats.rule_tests import run_tests
from bashu.policy.formats.schema import CatalogueFile, RuleFile
from bashu.policy.formats.yaml_lines import FileFaults, parse

FACTS = Path(bashu.policy.__file__).parent / "facts"
SAMPLE = FACTS / "sample" / "catalogue.yaml"
RULES = """catalogue: test
sources: {law: {title: a law}}
choices: {grade: [one, two]}
facts:
  area: {label: {zh: 面积, en: area}, unit: m2, decimals: 2, max: 1000}
  grade: {label: {zh: 级, en: grade}, type: choice, choice: grade}
  owner: {label: {zh: 主, en: owner}, type: text}
  user: {label: {zh: 用, en: user}, type: text}
tables:
  parcels:
    label: {zh: 地块, en: parcels}
    rows: 2
    facts: {size: {label: {zh: 面积, en: size}, unit: m2}}
"""


def faults(text, name="rules.yaml"):
    with pytest.raises(FileFaults) as found:
        rules_of_text(text, name)
    return found.value.faults


class TestYaml:
    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("a: &x [1]\nb: *x\n", "t.yaml:1: anchors and aliases"),
            ("a: 1\nb: 2\na: 3\n", "t.yaml:3: a is said twice"),
            ("a: [1\n", "t.yaml:2: "),
            ("a: 2025-02-30\n", "t.yaml:1: there is no day"),
            ("[" * 60 + "]" * 60, "nested more than 40"),
        ],
    )
    def test_what_is_not_plain_yaml_is_refused_with_its_line(self, text, says):
        with pytest.raises(FileFaults) as found:
            parse(text, "t.yaml")
        assert says in found.value.faults[0]

    def test_words_that_yaml_one_point_one_changes_stay_words(self):
        assert parse("a: yes\nb: 1:30\nc: 0o17\n", "t").value == {"a": "yes", "b": "1:30", "c": "0o17"}


class TestRules:
    def test_every_fault_is_named_with_its_line(self):
        text = (
            RULES
            + "parameters:\n  rate:\n    label: {zh: 率, en: rate}\n    unit: yuan/furlong\n    versions:\n      - {in: BJ, from: 2020-01-01, value: 1, status: sourced, source: law}\n"
        )
        assert faults(text) == ["rules.yaml:19: parameters.rate.versions.0.in: Input should be 'CN', 'CQ' or 'SC'"]
        assert faults(text.replace("BJ", "CQ")) == [
            "rules.yaml:15: unknown unit 'furlong'; known: " + faults(text.replace("BJ", "CQ"))[0].split("known: ")[1]
        ]

    def test_a_table_of_values_needs_each_choice(self):
        text = (
            RULES
            + "parameters:\n  rate: {label: {zh: 率, en: rate}, unit: yuan, by: grade, versions: [{in: CQ, from: 2020-01-01, value: {one: 1}, status: sourced, source: nobody}]}\n"
        )
        assert len(faults(text)) == 2

    def test_the_published_schema_accepts_what_is_shipped(self):
        for shape, files in ((RuleFile, sorted((FACTS / "regional").glob("*.yaml"))), (CatalogueFile, [SAMPLE])):
            validator = jsonschema_rs.validator_for(shape.model_json_schema(by_alias=True))
            for file in files:
                if not file.name.endswith(".test.yaml"):
                    plain = json.loads(
                        json.dumps(
                            parse(file.read_text(), file.name).value,
                            default=lambda value: str(value) if isinstance(value, date) else float(value),
                        )
                    )
                    assert [str(error) for error in validator.iter_errors(plain)] == []

    def test_rule_tests_pass_and_a_wrong_expectation_is_told(self, tmp_path):
        rules = read_rules(FACTS / "regional")
        assert run_tests(FACTS / "regional", rules) == (20, [])
        case = "- name: wrong\n  period: 2025\n  input: {disturbances: [{date: 2025-06-01, area: 100}]}\n  output: {soil_conservation: 1.00}\n"
        (tmp_path / "wrong.test.yaml").write_text(case)
        assert run_tests(tmp_path, rules) == (
            1,
            ["wrong.test.yaml:1: wrong: soil_conservation: payable is 130, expected 1.00"],
        )

    @pytest.mark.parametrize(
        ("more", "says"),
        [
            ("choices: {kind: [one, one]}", "one is said twice"),
            (
                "parameters: {s: {label: {zh: 率, en: s}, unit: 1, threshold_unit: m2, versions: [{in: CN, from: 2020-01-01, value: [{above: 1, value: 2}, {above: 1, value: 3}], status: sourced, source: law}]}}",
                "thresholds must ascend",
            ),
            (
                "definitions: {d: {label: {zh: 定, en: d}, formula: {value: 1, exceptions: [{id: a, when: 1 > 0, value: 2}, {id: a, when: 1 > 0, value: 3}]}}}",
                "a is said twice",
            ),
        ],
    )
    def test_what_is_said_twice_is_refused(self, more, says):
        text = RULES.replace("choices: {grade: [one, two]}\n", "").replace(
            "  grade: {label: {zh: 级, en: grade}, type: choice, choice: grade}\n", ""
        )
        assert says in faults(text + more + "\n")[0]


class TestEntities:
    def read(self, *lines):
        return read_entities(
            [line if isinstance(line, str) else json.dumps(line) for line in lines], rules_of_text(RULES), "e.jsonl"
        )

    @pytest.mark.parametrize(
        ("line", "says"),
        [
            ({"id": "a", "area": "1.234"}, "e.jsonl:1: area: 1.234 has more than 2 decimals"),
            ({"id": "a", "area": "1.2" + "0" * 30 + "1"}, "has more than 2 decimals"),
            ({"id": "a", "area": -1}, "e.jsonl:1: area: -1 is not between 0 and 1000 m2"),
            ({"id": "a", "area": "NaN"}, "is not between"),
            ({"id": "a", "area": "1e9999999"}, "is not between"),
            ({"id": "a", "area": True}, "a number is needed"),
            ({"id": "a", "grade": "three"}, "'three' is not one of one, two"),
            ({"id": "a", "parcels": {}}, "a list of objects is needed"),
            ({"id": "a", "parcels": [{"size": 1}] * 3}, "3 rows; the rules are made for at most 2"),
            ({"area": 1}, "id: a text is needed"),
            ('{"id": "a", "area": 1, "area": 2}', "area is said twice"),
            ("[1]", "not a JSON object"),
            ("{", "not a JSON object"),
        ],
    )
    def test_a_fault_names_its_line(self, line, says):
        with pytest.raises(FileFaults) as found:
            self.read(line)
        assert says in found.value.faults[0]

    def test_an_id_said_twice_names_both_lines(self):
        with pytest.raises(FileFaults, match=r"e\.jsonl:3: id a stands on line 1 already"):
            self.read({"id": "a"}, {"id": "b"}, {"id": "a"})

    def test_a_flood_of_faults_is_counted(self):
        with pytest.raises(FileFaults) as found:
            self.read(*["{"] * 250)
        assert (len(found.value.faults), found.value.count) == (101, 250)
        assert found.value.faults[-1] == "e.jsonl: 150 more faults"

    def test_missing_facts_and_absent_tables_are_marked(self):
        population, lines, unknown, places = self.read(
            {"id": "a", "area": 1, "other": 2}, {"id": "b", "parcels": [{"size": 5}], "place": "500112"}
        )
        assert population.known["area"].tolist() == [True, False]
        assert population.known["parcels.size"].tolist() == [False, True]
        assert unknown == {"other": 1}
        assert lines == [1, 2]
        assert places == ["", "500112"]


class TestCatalogue:
    def projects(self, *lines):
        return read_projects([json.dumps(line) for line in lines], read_catalogue(SAMPLE), date(2025, 6, 1), "p.jsonl")

    def test_amounts_come_from_facts_or_are_given(self):
        read = self.projects(
            {"id": "a", "investment": "100", "research_spending": "100000.00", "hired_doctors": 11, "equipment": 0},
            {"id": "b", "investment": "100", "amounts": {"cq-research": "2000000.00", "cq-talent": "500000.01"}},
        )
        ids = [item.id for item in read_catalogue(SAMPLE).items]
        first, second = (dict(zip(ids, row.tolist(), strict=True)) for row in read.amounts)
        assert first == {
            "cq-equipment": 0,
            "cq-research": 1_000_000,
            "cq-talent": -1,
            "sc-equipment": 0,
            "sc-research": 800_000,
            "sc-talent": 66_000_000,
            # what records tell is not known
            **dict.fromkeys(("cq-green", "cq-shipping", "sc-green", "sc-shipping"), -2),
        }
        assert (second["cq-research"], second["cq-talent"], second["sc-talent"]) == (100_000_000, -1, -1)

    @pytest.mark.parametrize(
        ("line", "says"),
        [
            ({"id": "a"}, "p.jsonl:1: an amount in yuan is needed"),
            ({"id": "a", "investment": "1", "amounts": {"nothing": 1}}, "amounts.nothing: no item is called nothing"),
            ({"id": "a", "investment": "0.001"}, "whole fen"),
            ({"id": "a", "investment": "1e99"}, "whole fen"),
            ({"id": "a", "investment": "1." + "0" * 30 + "1"}, "whole fen"),
            ({"id": "a", "investment": "1", "amounts": []}, "amounts: an object is needed"),
            ({"id": "a", "investment": "1", "hired_doctors": "x"}, "p.jsonl:1: hired_doctors: 'x' is not a number"),
        ],
    )
    def test_a_fault_names_its_line(self, line, says):
        with pytest.raises(FileFaults) as found:
            self.projects(line)
        assert says in found.value.faults[0]

    def test_facts_are_faulty_on_the_line_they_stand_on(self):
        given = json.dumps({"id": "a", "investment": 1, "amounts": {}})
        asked = json.dumps({"id": "b", "investment": 1, "hired_doctors": -1})
        with pytest.raises(FileFaults, match=r"^p\.jsonl:4: hired_doctors"):
            read_projects([given, "", "", asked], read_catalogue(SAMPLE), date(2025, 6, 1), "p.jsonl")


class TestTexts:
    def test_texts_of_two_facts_are_equal_when_their_words_are(self):
        """Whatever order they are first said in."""
        rules = rules_of_text(
            RULES + "levies: {levy: {label: {zh: 项, en: levy}, accrual: {by: month}, base: area, rate: rate, sources: [law], setter: {zh: 无, en: nobody},\n"
            "  reliefs: [{id: own, label: {zh: 自, en: own}, when: owner == user, pay: 0, status: sourced, source: law}]}}\n"
            "parameters: {rate: {label: {zh: 率, en: rate}, unit: yuan/m2/year, versions: [{in: CN, from: 2020-01-01, value: 1, status: sourced, source: law}]}}\n"
        )  # fmt: skip
        read = [{"id": "a", "area": 1, "owner": "x", "user": "y"}, {"id": "b", "area": 1, "owner": "y", "user": "y"}]
        found = evaluate(compile_levies(rules, period("2025")), of_objects(read, rules))[0]
        assert found.payable.tolist() == [100, 0]
