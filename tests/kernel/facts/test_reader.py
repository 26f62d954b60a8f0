"""Reading cited facts, and refusing what is wrong with the place and the remedy."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import translation

from bashu.kernel.cited import FactStatus
from bashu.kernel.errors import Malformed
from bashu.kernel.facts.reader import kernel_sources, read_csv, read_sources, read_toml, sources_check
from bashu.kernel.facts.schema import Fact


class Tariff(Fact):
    """A made-up fact for these tests."""

    id: str
    fen: int
    share: Decimal | None = None


GOOD = {"id": '"A1"', "fen": "120", "source": '"gazette"', "status": '"sourced"', "valid_from": "2024-01-01"}


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def toml(tmp_path: Path):
    """Write rows of [[tariff]] with some fields changed (None leaves one out); the file."""

    def write(*changes: dict[str, str | None]) -> Path:
        rows = [{**GOOD, **change} for change in changes]
        lines = ["\n".join(["[[tariff]]", *(f"{k} = {v}" for k, v in row.items() if v is not None)]) for row in rows]
        file = tmp_path / "tariffs.toml"
        file.write_text("\n\n".join(lines), encoding="utf-8")
        return file

    return write


@pytest.fixture
def table(tmp_path: Path):
    """Write a CSV file; the file."""

    def write(text: str | bytes) -> Path:
        file = tmp_path / "tariffs.csv"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    return write


class TestReadToml:
    def test_rows_come_typed_and_in_order(self, toml):
        rows = read_toml(toml({}, {"id": '"A2"', "share": '"0.15"', "status": '"assumed"'}), Tariff)
        assert [(row.id, row.fen, row.share, row.status) for row in rows] == [
            ("A1", 120, None, FactStatus.SOURCED),
            ("A2", 120, Decimal("0.15"), FactStatus.ASSUMED),
        ]
        assert rows[0].valid_from == date(2024, 1, 1)

    @pytest.mark.parametrize("field", ["source", "status", "valid_from", "fen"])
    def test_a_missing_field_is_named_with_file_and_row(self, toml, field):
        with pytest.raises(Malformed, match=rf"^tariffs\.toml, row 2 \(A2\), {field}: is missing; add it$"):
            read_toml(toml({}, {"id": '"A2"', field: None}), Tariff)

    def test_a_misspelt_field_is_named_with_the_fields_there_are(self, toml):
        with pytest.raises(Malformed, match=r"row 1 \(A1\), fenn: is no field here; there are: .*fen"):
            read_toml(toml({"fenn": "3"}), Tariff)

    def test_an_unknown_status_is_told_the_four_there_are(self, toml):
        with pytest.raises(Malformed, match=r"status: must be one of 'sourced'.*'assumed', not “rumoured”"):
            read_toml(toml({"status": '"rumoured"'}), Tariff)

    def test_a_wrong_type_shows_the_value(self, toml):
        with pytest.raises(Malformed, match=r"fen: “twelve” does not fit"):
            read_toml(toml({"fen": '"twelve"'}), Tariff)

    @pytest.mark.parametrize(
        ("fields", "why"),
        [
            ({"fen": '"twelve"'}, "it must be a whole number"),
            ({"fen": "1.5"}, "it must be a whole number"),
            ({"share": '"a third"'}, "it must be a number"),
            ({"share": '"inf"'}, "it must be a finite number"),
            ({"valid_from": '"2025-13-31"'}, "it must be a day, such as 2025-01-31"),
            ({"valid_from": "true"}, "it must be a day, such as 2025-01-31"),
            ({"note": "3"}, "it must be text"),
            ({"note": '" "'}, "it needs at least 1 characters"),
            ({"also": "3"}, "it must be a list"),
        ],
    )
    def test_every_reason_is_a_sentence_of_ours(self, toml, fields, why):
        with pytest.raises(Malformed, match=f"does not fit: {why}$"):
            read_toml(toml(fields), Tariff)

    @pytest.mark.parametrize("empty", ['""', '"  "'])
    def test_an_empty_source_is_no_source(self, toml, empty):
        with pytest.raises(Malformed, match="source"):
            read_toml(toml({"source": empty}), Tariff)

    def test_a_validity_that_ends_before_it_begins_is_refused(self, toml):
        with pytest.raises(Malformed, match="valid_to lies before valid_from"):
            read_toml(toml({"valid_to": "2023-12-31"}), Tariff)

    def test_an_id_stands_once(self, toml):
        with pytest.raises(Malformed, match=r"row 2 \(A1\), id: “A1” stands twice"):
            read_toml(toml({}, {}), Tariff)

    def test_what_is_no_toml_and_what_is_not_there_are_refused(self, tmp_path):
        (tmp_path / "tariffs.toml").write_text("[[tariff]\n")
        with pytest.raises(Malformed, match=r"^tariffs\.toml: is not TOML: .*line 1"):
            read_toml(tmp_path / "tariffs.toml", Tariff)
        with pytest.raises(Malformed, match=r"^absent\.toml: the file is missing"):
            read_toml(tmp_path / "absent.toml", Tariff)

    def test_another_table_than_asked_for_is_refused(self, toml):
        with pytest.raises(Malformed, match=r"must hold \[\[levy\]\]"):
            read_toml(toml({}), Tariff, table="levy")
        assert len(read_toml(toml({}), Tariff, table="tariff")) == 1


HEADER = "id,fen,share,source,status,valid_from,note\n"


class TestReadCsv:
    def test_an_empty_field_is_absent_and_a_byte_order_mark_is_no_text(self, table):
        (row,) = read_csv(table("\ufeff" + HEADER + 'A1,120,,gazette,sourced,2024-01-01,"one, two"\n'), Tariff)
        assert (row.id, row.fen, row.share, row.note) == ("A1", 120, None, "one, two")

    def test_a_wrong_row_is_named_by_its_line(self, table):
        with pytest.raises(Malformed, match=r"^tariffs\.csv, line 3 \(A2\), fen: “x” does not fit"):
            read_csv(table(HEADER + "A1,1,,g,sourced,2024-01-01,\nA2,x,,g,sourced,2024-01-01,\n"), Tariff)

    def test_too_many_and_too_few_fields_are_told_apart(self, table):
        with pytest.raises(Malformed, match=r"line 2 \(A1\): has more fields than the header"):
            read_csv(table(HEADER + "A1,1,,g,sourced,2024-01-01,one, two\n"), Tariff)
        with pytest.raises(Malformed, match=r"line 2 \(A1\): has fewer fields"):
            read_csv(table(HEADER + "A1,1,,g\n"), Tariff)

    @pytest.mark.parametrize(
        ("text", "why"),
        [(HEADER + 'A1,"1\n', "is not CSV"), ((HEADER + "A1,1,,重庆").encode("gb18030"), "is not UTF-8")],
        ids=["open quote", "another encoding"],
    )
    def test_what_is_no_csv_is_refused(self, table, text, why):
        with pytest.raises(Malformed, match=why):
            read_csv(table(text), Tariff)

    def test_a_huge_field_is_refused(self, table):
        with pytest.raises(Malformed, match="is not CSV"):
            read_csv(table(HEADER + "A1,1,,g,sourced,2024-01-01," + "x" * 200_000 + "\n"), Tariff)


class TestSources:
    def test_the_kernels_sources_can_be_read(self):
        assert kernel_sources()["cqrb-2021-12-15"].publisher == "重庆日报"

    def test_a_fact_that_cites_no_known_source_is_refused(self, toml, tmp_path):
        (tmp_path / "sources.toml").write_text('[[source]]\nid = "gazette"\ntitle = "公报"\npublisher = "川渝"\n')
        sources = read_sources(tmp_path / "sources.toml")
        sources_check("tariffs.toml", read_toml(toml({}), Tariff), sources)
        with pytest.raises(Malformed, match=r"^tariffs\.toml, row 2 \(A2\), source: “hearsay” is not in the table"):
            sources_check("tariffs.toml", read_toml(toml({}, {"id": '"A2"', "source": '"hearsay"'}), Tariff), sources)
