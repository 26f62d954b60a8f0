"""Bad input from files: every fault is named with its file and line, nothing is computed, and memory stays bounded."""

import csv
import json
import resource
import subprocess
import sys
import time

import pytest
from typer.testing import CliRunner

from bashu.policy.cli import SHIPPED, app
from bashu.policy.errors import FilesRefused, RulesDoubtful

RULES = """catalogue: t
sources: {law: {title: a law}}
facts: {area: {label: {zh: 面积, en: area}, unit: m2, max: 1000}}
parameters:
  rate: {label: {zh: 率, en: rate}, unit: yuan/m2/year, versions: [{in: CN, from: 2020-01-01, value: 2, status: sourced, source: law}]}
definitions:
  one: {label: {zh: 一, en: one}, formula: area}
levies:
  levy: {label: {zh: 项, en: levy}, accrual: {by: month}, base: one, rate: rate, sources: [law], setter: {zh: 无, en: nobody}}
"""
SECONDS = 5.0


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def refused(*arguments):
    """The faults that a refused command names."""
    done = run(*arguments)
    assert isinstance(done.exception, FilesRefused), (done.exception, done.stdout, done.stderr)
    assert done.stdout == ""
    return done.stderr


@pytest.fixture
def rules(tmp_path):
    """`rules(text, other)`: a folder with these rule files a.yaml, b.yaml …"""

    def make(*texts):
        folder = tmp_path / "rules"
        folder.mkdir()
        for name, text in zip("abcdef", texts, strict=False):
            (folder / f"{name}.yaml").write_text(text)
        return folder

    return make


@pytest.fixture
def entities(tmp_path):
    file = tmp_path / "e.jsonl"
    file.write_text('{"id": "a", "area": 10}\n')
    return file


class TestRules:
    def test_definitions_in_a_circle(self, rules, entities):
        folder = rules(
            RULES.replace("formula: area", "formula: two") + "",
            "catalogue: t\ndefinitions:\n  two: {label: {zh: 二, en: two}, formula: one}\n",
        )
        done = run("lint", "--rules", folder)
        assert isinstance(done.exception, RulesDoubtful)
        assert "circle" in done.stdout
        assert "circle" in refused("evaluate", "--rules", folder, "--entities", entities, "--period", "2025")

    def test_prerequisites_in_a_circle(self, tmp_path):
        file, projects = tmp_path / "c.yaml", tmp_path / "p.jsonl"
        item = "label: {zh: 项, en: i}, amount: 1, status: assumed, source: s"
        file.write_text(
            f"catalogue: c\nsources: {{s: {{title: s}}}}\nitems:\n  a: {{province: CQ, requires: [b], {item}}}\n"
            f"  b: {{province: CQ, requires: [a], {item}}}\n"
        )
        projects.write_text('{"id": "p", "investment": 1}\n')
        assert "a requires itself through others" in refused("choose", "--catalogue", file, "--projects", projects)

    @pytest.mark.parametrize(
        "second", [RULES, "catalogue: t\nfacts: {area: {label: {zh: 面积, en: area}, unit: m2}}\n"]
    )
    def test_an_id_in_two_files(self, rules, entities, second):
        assert "b.yaml:" in (said := refused("lint", "--rules", rules(RULES, second)))
        assert "area is defined twice" in said

    def test_a_key_twice_in_one_file(self, rules):
        assert "a.yaml:10: levies is said twice" in refused("lint", "--rules", rules(RULES + "levies: {}\n"))

    @pytest.mark.parametrize(
        "bomb",
        [
            "a: &a [1,1,1]\nb: &b [*a,*a]\nc: [*b,*b]\n",
            "catalogue: " + "[" * 2000 + "]" * 2000,
            "catalogue: " + "{a: " * 500 + "1" + "}" * 500,
            RULES.replace("max: 1000", "max: 1e999999999"),
            RULES.replace("max: 1000", "max: " + "9" * 5000),
            RULES.replace("value: 2", "value: 1/0"),
            RULES.replace("base: one", "base: one * 1e999999999"),
            RULES.replace("base: one", "base: " + "(" * 500 + "one" + ")" * 500),
            RULES.replace("base: one", "base: " + " + ".join(["one"] * 500)),
            RULES + "choices: {big: [" + ", ".join(f"w{number}" for number in range(600_000)) + "]}\n",
        ],
        ids=["anchors", "nested lists", "nested maps", "exponent", "digits", "zero", "formula exponent", "brackets", "long sum", "size"],
    )  # fmt: skip
    def test_a_bomb_is_refused_at_once(self, rules, entities, bomb):
        folder, began = rules(bomb), time.process_time()
        said = refused("evaluate", "--rules", folder, "--entities", entities, "--period", "2025")
        assert "a.yaml:" in said
        assert time.process_time() - began < SECONDS

    def test_a_range_that_could_leave_64_bits(self, rules, entities):
        folder = rules(RULES.replace("max: 1000", "max: 1e18"))
        assert "64 bits" in refused("evaluate", "--rules", folder, "--entities", entities, "--period", "2025")


class TestEntities:
    @pytest.mark.parametrize(
        ("line", "says"),
        [
            (
                {"id": "a", "property_value": "100000000000.01"},
                "property_value: 100000000000.01 is not between 0 and 100000000000",
            ),
            ({"id": "a", "property_value": "1e400"}, "is not between"),
            ({"id": "a", "property_value": "NaN"}, "is not between"),
            ({"id": "a", "staff": True}, "a number is needed"),
            ({"id": "a", "acquisitions": [{"date": "2025-02-30", "price": "1"}]}, "'2025-02-30' is not a date"),
            ({"id": "a", "acquisitions": [{"date": "0000-01-01", "price": "1"}]}, "is not a date"),
            ({"id": "a", "acquisitions": [{"price": "1", "date": 20250101}]}, "is not a date"),
            ({"id": ""}, "id: a text is needed"),
        ],
    )
    def test_amounts_and_dates_beyond_their_range(self, tmp_path, line, says):
        file = tmp_path / "e.jsonl"
        file.write_text(json.dumps(line) + "\n")
        assert says in refused("evaluate", "--entities", file, "--period", "2025")

    def test_facts_that_contradict_one_another(self, tmp_path):
        file = tmp_path / "e.jsonl"
        file.write_text('{"id": "a", "staff": 1, "disabled_staff": 2}\n')
        assert "e.jsonl:1: disabled_staff is more than staff" in refused(
            "evaluate", "--entities", file, "--period", "2025"
        )

    def test_a_period_before_every_rule_has_no_result_and_no_error(self, entities):
        assert json.loads(run("evaluate", "--entities", entities, "--period", "1950", "--json").stdout) == []

    def test_an_event_outside_the_period_counts_nothing_in_it(self, tmp_path):
        file = tmp_path / "e.jsonl"
        file.write_text(
            '{"id": "a", "disturbances": [{"date": "9999-12-31", "area": 5}, {"date": "2024-12-31", "area": 5}]}\n'
        )
        rows = json.loads(run("evaluate", "--entities", file, "--period", "2025", "--json").stdout)
        assert next(row for row in rows if row["item"] == "soil_conservation")["payable_fen"] == 0

    def test_support_on_a_day_without_rules_is_refused(self, tmp_path):
        projects = tmp_path / "p.jsonl"
        projects.write_text('{"id": "p", "investment": 1, "research_spending": 1}\n')
        sample = SHIPPED.parent / "sample" / "catalogue.yaml"
        said = refused("choose", "--catalogue", sample, "--projects", projects, "--on", "1999-01-01")
        assert "has no value in force" in said

    def test_a_csv_file_is_read_and_its_faults_have_their_lines(self, tmp_path):
        file = tmp_path / "e.csv"
        file.write_text("id,staff,small_enterprise\na,5,true\n\nb,six,true\nc,7\nd,8,maybe\n")
        said = refused("evaluate", "--entities", file, "--period", "2025")
        assert "e.csv:4: staff: 'six' is not a number" in said
        assert "e.csv:5: not a JSON object" in said
        assert "e.csv:6: small_enterprise: true or false is needed" in said
        file.write_text("id,turnover_tax_paid,town_grade,small_enterprise\na,100000.00,city,false\n")
        rows = json.loads(run("evaluate", "--entities", file, "--period", "2025", "--json").stdout)
        assert next(row for row in rows if row["item"] == "city_construction")["payable_fen"] == 700000


# VmHWM is this process's own; ru_maxrss would begin with what the parent had when it forked.
MEASURED = """
import sys
from typer.testing import CliRunner
from bashu.policy.cli import app
done = CliRunner().invoke(app, sys.argv[1:])
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(type(done.exception).__name__, done.stderr.strip().splitlines()[-1], peak // 1024)
"""


def measured(*arguments):
    """A command in a process of its own: its exception, its last line on standard error, its peak memory in MB."""
    script = (
        "import django, os; os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'bashu.settings'); django.setup()\n"
        + MEASURED
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)], capture_output=True, text=True, check=True, timeout=300
    )
    kind, *words, megabytes = done.stdout.split()
    return kind, " ".join(words), int(megabytes)


@pytest.mark.slow
class TestAMillionBadRows:
    """Rows that parse and are wrong, so that all that could pile up does: ids differ, one value is bad."""

    ROWS = 1_000_000
    MOST = 600  # megabytes: the ids seen, to find one said twice, and nothing else

    def test_of_csv_are_reported_one_by_one(self, tmp_path):
        file, report = tmp_path / "e.csv", tmp_path / "faults.txt"
        with file.open("w", newline="") as out:
            csv.writer(out).writerows([("id", "staff"), *((f"e{number}", "-1") for number in range(self.ROWS))])
        self.check(file, report, first="e.csv:2: staff: -1", last="e.csv:1000001: staff: -1")

    def test_of_json_lines_are_reported_one_by_one(self, tmp_path):
        file, report = tmp_path / "e.jsonl", tmp_path / "faults.txt"
        with file.open("w") as out:
            out.writelines(f'{{"id": "e{number}", "staff": -1}}\n' for number in range(self.ROWS))
        self.check(file, report, first="e.jsonl:1: staff: -1", last="e.jsonl:1000000: staff: -1")

    def check(self, file, report, *, first, last):
        kind, said, megabytes = measured("evaluate", "--entities", file, "--period", "2025", "--faults", report)
        assert kind == "FilesRefused"
        assert said.endswith("999900 more faults")
        assert megabytes < self.MOST
        with report.open() as lines:
            assert next(lines).startswith(first)
            count = 1 + sum(1 for _line in lines)
        assert count == self.ROWS
        assert report.read_bytes()[-200:].decode().splitlines()[-1].startswith(last)


def test_memory_of_faulty_lines_does_not_grow_with_their_values():
    """The same in small, at once: what was read before and after a fault is not kept."""
    from bashu.policy.formats.entities import read_entities
    from bashu.policy.formats.rule_files import rules_of_text
    from bashu.policy.formats.yaml_lines import FileFaults

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    heard = []
    with pytest.raises(FileFaults) as found:
        read_entities(
            (f'{{"id": "e{number}", "area": -1}}' for number in range(20_000)), rules_of_text(RULES), heard=heard.append
        )
    assert (found.value.count, len(found.value.faults), len(heard)) == (20_000, 101, 20_000)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000
