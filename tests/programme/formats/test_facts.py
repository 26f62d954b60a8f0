"""The fact reader refuses what is wrong, and the shipped facts are what the page says and no more."""

import re
import shutil
from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest

from bashu.kernel.cited import FactStatus
from bashu.kernel.errors import Malformed
from bashu.programme.engine.judge import Kind, Measure, Operator, Status, judge
from bashu.programme.formats.facts import read_programme

FOLDER = Path(str(files("bashu.programme") / "facts"))
POSTS = "主任|书记|市长|省长|厅长|局长|区长|县长|部长|院长|校长|会长|董事长|总经理|院士|记者|编辑|美编|摄|制图"
SPEECH = "表示|谈到|介绍|说，|说。|”说"


@pytest.fixture(scope="module")
def facts():
    return read_programme(FOLDER)


@pytest.fixture
def copy(tmp_path):
    """A folder with the shipped facts, for damaging."""
    return Path(shutil.copytree(FOLDER, tmp_path / "facts"))


def damage(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


class TestReader:
    @pytest.mark.parametrize(
        ("file", "old", "new", "message"),
        [
            ("targets.toml", 'id = "T02"', 'id = "T01"', r"targets.toml, row 2 \(T01\), id: “T01” stands twice"),
            ("targets.toml", 'id = "T02"', 'id = "D1"', "the id D1 stands twice"),
            ("targets.toml", 'status = "sourced"', 'status = "certain"', r"row 1 \(T01\), status: must be one of"),
            ("targets.toml", 'operator = "gt"', 'operator = ">"', "operator: must be one of 'gt', 'ge' or 'eq'"),
            ("targets.toml", 'value = "1000000000000"', "value = 1e12", "value: must be a number in quotes"),
            ("targets.toml", 'value = "1000000000000"', 'value = "1万亿"', "value: “1万亿” does not fit"),
            ("targets.toml", 'value = "1000000000000"', 'value = "NaN"', "value: “NaN” does not fit"),
            ("targets.toml", 'unit = "元"\n', "", "a target with a number needs"),
            ("targets.toml", 'deadline_words = "到2025年"\n', "", "come together"),
            ("targets.toml", "deadline = 2025-12-31", "deadline = 2021-12-14", "deadline must come after the start"),
            ("targets.toml", "deadline = 2025-12-31", 'deadline = "2025-13-31"', "deadline: “2025-13-31” does not fit"),
            (
                "targets.toml",
                "deadline = 2025-12-31",
                "deadline = 2025-12-31T09:00:00",
                "deadline: “2025-12-31 09:00:00” does",
            ),
            ("targets.toml", "deadline = 2025-12-31", "dead_line = 2025-12-31", "dead_line: is no field here"),
            ("targets.toml", 'document = "D1"', 'document = "D99"', "document: points at D99, which is no document"),
            ("targets.toml", 'document = "D1"', 'document = "B01"', "document: points at B01, which is no document"),
            ("targets.toml", 'kind = "qualitative"', 'kind = "qualitative"\nvalue = "1"', "has no measure"),
            ("bodies.toml", 'quote = "重庆市发展改革委"\n', "", r"bodies.toml, row 1 \(B01\), quote: is missing"),
            ("bodies.toml", 'quote = "重庆市发展改革委"\n', 'quote = " "\n', "quote: “ ” does not fit"),
            ("bodies.toml", "valid_from = 2021-12-15\n", "", "valid_from: is missing"),
            ("bodies.toml", 'source = "cqrb-2021-12-15"', 'source = "hearsay"', "hearsay, which is no source"),
            ("bodies.toml", 'side = "CQ"', 'side = "GZ"', "side: must be one of"),
            ("bodies.toml", 'side = "CQ"', 'side = "CQ"\nsite = "CQ"', "site: is no field here"),
            ("counts.toml", "stated = 9", "stated = 8", "9 children, but the page counts 8"),
            ("counts.toml", "stated = 9", "stated = true", "stated: “True” does not fit"),
            ("counts.toml", "stated = 9", "stated = -9", "stated: “-9” does not fit"),
            ("counts.toml", "stated = 9\n", "", "stated is missing"),
            ("counts.toml", '"EQ1", "EQ2"', '"EQ1", "EQ1"', "children: names something twice"),
            ("counts.toml", '"EQ1", "EQ2"', '"EQ1", 2', "children.1: “2” does not fit"),
            ("tasks.toml", 'group = "equipment"', 'group = "machines"', "group: must be one of"),
            ("posts.toml", "[[post]]", "[[posts]]", r"posts.toml: must hold \[\[post\]\] and nothing else"),
            ("posts.toml", "[[post]]", "[[post", "posts.toml: "),
        ],
    )
    def test_it_names_file_and_row_of_what_is_wrong(self, copy, file, old, new, message):
        damage(copy, file, old, new)
        with pytest.raises(Malformed, match=message):
            read_programme(copy)

    def test_it_names_a_missing_file(self, copy):
        (copy / "bodies.toml").unlink()
        with pytest.raises(Malformed, match=r"bodies.toml: the file is missing"):
            read_programme(copy)

    def test_it_refuses_what_is_no_text(self, copy):
        (copy / "bodies.toml").write_bytes(b"\xff\xfe")
        with pytest.raises(Malformed, match=r"bodies.toml"):
            read_programme(copy)

    def test_it_reads_package_data(self):
        assert read_programme(files("bashu.programme") / "facts").targets


class TestWhatThePageSays:
    def test_eight_documents_of_which_six_have_a_title(self, facts):
        counted = [document for document in facts.documents if document.counted]
        stated = {statement.id: statement.value for statement in facts.statements}
        assert (len(counted), sum(document.titled for document in counted)) == (8, 6) == (stated["M2"], stated["M5"])
        assert [document.id for document in facts.documents if not document.counted] == ["D7", "D8"]

    def test_eleven_targets_of_which_one_is_qualitative_and_one_derived(self, facts):
        assert [target.id for target in facts.targets] == [f"T{n:02}" for n in range(1, 12)]
        assert [target.id for target in facts.targets if target.kind is Kind.QUALITATIVE] == ["T07"]
        assert [target.id for target in facts.targets if target.status is FactStatus.DERIVED] == ["T11"]

    @pytest.mark.parametrize(
        ("identifier", "operator", "value"),
        [
            ("T01", "gt", "1000000000000"),
            ("T02", "ge", "20"),
            ("T03", "ge", "40"),
            ("T04", "ge", "1000"),
            ("T05", "ge", "1000"),
            ("T06", "ge", "500000"),
            ("T08", "ge", "14000000000000"),
            ("T09", "ge", "0.15"),
            ("T10", "eq", "27"),
            ("T11", "eq", "3"),
        ],
    )
    def test_numbers_of_the_targets(self, facts, identifier, operator, value):
        target = next(target for target in facts.targets if target.id == identifier)
        assert (target.operator, target.value) == (operator, Decimal(value))

    def test_operators_are_the_pages_own_only_where_it_has_the_word(self, facts):
        own = {target.id: target.operator_words for target in facts.targets if target.operator_basis == "page"}
        assert own == {"T01": "超过", "T09": "以上"}

    def test_the_words_a_target_rests_on_stand_in_its_quotes(self, facts):
        for target in facts.targets:
            quotes = target.quote + "".join(target.also)
            assert target.operator_words is None or target.operator_words in quotes
            # "By then" (届时) of T03-T06 stands at the head of the sentence that T02 quotes.
            assert target.deadline_words in (None, "届时") or target.deadline_words in quotes

    def test_targets_without_a_deadline_and_with_a_derived_window(self, facts):
        assert [target.id for target in facts.targets if target.deadline is None] == ["T09", "T11"]
        window = next(target for target in facts.targets if target.window_from)
        assert (window.id, window.window_from, window.deadline) == ("T10", date(2022, 12, 14), date(2023, 12, 14))
        assert window.deadline_basis == "derived"

    def test_no_target_has_an_invented_base_or_owner(self, facts):
        assert all(target.rule.base is None and not target.owners for target in facts.targets)

    def test_every_target_can_be_handed_to_the_engine(self, facts):
        statuses = {target.id: judge(target.rule, [], date(2025, 6, 1)).status for target in facts.targets}
        assert statuses.pop("T07") is Status.CANNOT_JUDGE
        assert set(statuses.values()) == {Status.NO_DATA}

    def test_sums_of_a_year_are_flows_and_counts_are_stocks(self, facts):
        flows = [target.id for target in facts.targets if target.measure is Measure.FLOW]
        assert flows == ["T01", "T08", "T09"]
        assert [target.id for target in facts.targets if target.enterprises] == ["T05", "T06"]
        assert all(target.operator is not Operator.GT for target in facts.targets if target.id != "T01")

    def test_sixteen_statements_of_counts(self, facts):
        assert list(dict.fromkeys(count.statement for count in facts.counts)) == [f"S{n:02}" for n in range(1, 17)]

    def test_what_the_page_counts_but_does_not_name_stays_unknown(self, facts):
        unnamed = {count.id: count.unnamed for count in facts.counts if count.unnamed}
        assert unnamed == {"S03-items": 28, "S08-tasks": 14, "S10-measures": 27, "S11-items": 16, "S12": 91}
        for identifier, missing in unnamed.items():
            assert [unknown.missing for unknown in facts.unknowns if identifier in unknown.about] == [missing]

    def test_every_target_without_a_base_is_among_the_unknowns(self, facts):
        bases = {unknown.about[0] for unknown in facts.unknowns if unknown.name.endswith("基期数值")}
        assert bases == {"T01", "T02", "T03", "T04", "T05", "T06", "T08", "T09"}

    @pytest.mark.parametrize(
        ("group", "size"),
        [("equipment", 9), ("gaozhu", 7), ("carbon", 10), ("convenience", 8), ("iiot", 5), ("logistics", 4)],
    )
    def test_tasks_are_numbered_from_one(self, facts, group, size):
        numbers = [task.number for task in facts.tasks if task.group == group]
        assert numbers == list(range(1, size + 1))

    def test_commitments_have_no_number(self, facts):
        assert all(task.number is None for task in facts.tasks if task.group == "commitment")

    @pytest.mark.parametrize("name", ["川渝特高压交流工程", "渝昆高铁江津段", "江泸北线高速", "渝赤叙高速公路"])
    def test_projects_the_page_names(self, facts, name):
        assert name in [project.name for project in facts.projects]

    def test_bodies_of_both_sides(self, facts):
        authorities = [body.side for body in facts.bodies if body.kind == "authority"]
        assert (authorities.count("CQ"), authorities.count("SC")) == (5, 3)


class TestForm:
    def test_every_fact_holds_from_the_meeting_or_the_page(self, facts):
        assert {fact.valid_from for fact in facts.all()} == {date(2021, 12, 14), date(2021, 12, 15)}

    def test_quotes_are_short_and_without_breaks(self, facts):
        for quote in quotes(facts):
            assert len(quote) <= 100
            assert not re.search(r"\s", quote)

    def test_no_quote_names_the_holder_of_a_post(self, facts):
        """On the page a name follows its post, and a verb of speech the name: neither occurs in a quote."""
        for quote in quotes(facts):
            assert not re.search(f"(?:{POSTS})[\u4e00-\u9fff]", quote), quote
            assert not re.search(SPEECH, quote), quote

    def test_the_check_for_names_finds_one(self):
        assert re.search(f"(?:{POSTS})[\u4e00-\u9fff]", "某市市长甲乙丙")
        assert re.search(SPEECH, "甲乙丙表示")

    def test_posts_end_with_the_post(self, facts):
        assert all(re.search(f"(?:{POSTS})$", post.name) for post in facts.posts)

    def test_names_are_chinese_and_their_renderings_english(self, facts):
        for fact in facts.all():
            assert re.search("[\u4e00-\u9fff]|1\\+1", fact.name), fact.id
            assert not re.search("[\u4e00-\u9fff]", fact.name_en), fact.id


def quotes(facts):
    return [quote for fact in facts.all() for quote in (fact.quote, *fact.also)]
