"""Tables over real rows: search, order, pages; exports no spreadsheet can be harmed by."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.test import RequestFactory
from django.utils import translation
from openpyxl import load_workbook

from bashu.kernel.web import table as tables
from bashu.kernel.web.table import Column, Kind, Table, neutral

NASTY = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", " =1", '=HYPERLINK("http://evil.example")', "　=1"]


def asked(query: str = "") -> object:
    return RequestFactory().get(f"/page?{query}")


def divisions(query: str = "", **options: object) -> Table:
    """The shipped divisions as a table over the database."""
    from bashu.kernel.places.models import Place

    columns = [Column("code", "Code", search=True), Column("name_zh", "Name", search=True)]
    return Table(columns, Place.objects.all(), asked(query), name="t", **options)


def values(table: Table, column: int = 0) -> list:
    return [row[column].value for row in table.rows]


@pytest.mark.django_db
class TestOverTheDatabase:
    def test_pages_together_hold_every_row_once(self) -> None:
        first = divisions()
        seen = [code for page in range(1, first.last_page + 1) for code in values(divisions(f"t.page={page}"))]
        assert first.count > 200
        assert len(seen) == first.count

    def test_search_finds_two_characters_of_a_name(self) -> None:
        names = values(divisions("t.q=永川"), 1)
        assert names
        assert all("永川" in name for name in names)

    def test_every_word_of_a_search_must_match(self) -> None:
        assert values(divisions("t.q=500118 永川"), 0) == ["500118"]
        assert divisions("t.q=510000 永川").count == 0

    def test_sorts_both_ways_by_a_declared_column(self) -> None:
        up, down = values(divisions("t.sort=code")), values(divisions("t.sort=-code"))
        assert up == sorted(up)
        assert down == sorted(down, reverse=True)
        assert up[0] < down[-1]

    @pytest.mark.parametrize(
        "query", ["t.sort=id", "t.sort=--code", "t.page=0", "t.page=-3", "t.page=99999999999", "t.page=²", "t.q=%00"]
    )
    def test_nonsense_in_the_query_shows_the_table_all_the_same(self, query: str) -> None:
        assert values(divisions(query))

    def test_a_page_takes_two_queries(self, django_assert_num_queries: object) -> None:
        with django_assert_num_queries(2):  # type: ignore[operator]
            table = divisions("t.q=川&t.sort=-code")
            assert table.count
            assert table.rows


ROWS = [
    SimpleNamespace(name="Guoyuan", weight=Decimal("-12.50"), on=date(2025, 1, 2), url="/g"),
    SimpleNamespace(name="Qingbaijiang", weight=None, on=None, url=""),
    SimpleNamespace(name="Luzhou", weight=Decimal(7), on=date(2024, 5, 6), url=""),
]
COLUMNS = [
    Column("name", "Port", search=True, link="url"),
    Column("weight", "Weight", kind=Kind.NUMBER),
    Column("on", "Day", kind=Kind.DATE, sort=False),
]


class TestOverAList:
    def test_what_is_unknown_comes_last_either_way(self) -> None:
        for query, expected in (("t.sort=weight", ["Guoyuan", "Luzhou"]), ("t.sort=-weight", ["Luzhou", "Guoyuan"])):
            assert values(Table(COLUMNS, ROWS, asked(query), name="t")) == [*expected, "Qingbaijiang"]

    def test_searches_without_regard_to_case(self) -> None:
        assert values(Table(COLUMNS, ROWS, asked("t.q=GUO"), name="t")) == ["Guoyuan"]

    def test_headings_turn_the_order_round_and_keep_the_search(self) -> None:
        first, second, third = Table(COLUMNS, ROWS, asked("t.q=o&t.sort=name&other.page=2"), name="t").headings
        assert first.order == "ascending"
        assert {"t.sort=-name", "t.q=o", "other.page=2"} <= set(first.url.lstrip("?").split("&"))
        assert second.order == ""
        assert third.url == ""

    def test_long_tables_leave_page_numbers_out(self) -> None:
        table = Table(COLUMNS[:1], ROWS * 100, asked("t.page=10"), name="t", size=10)
        assert [number for number, _ in table.page_links] == [1, None, 8, 9, 10, 11, 12, None, 30]


def exported(form: str, rows: list, columns: list[Column] = COLUMNS) -> bytes:
    answer = Table(columns, rows, asked(f"t.as={form}"), name="t").export()
    assert answer is not None
    assert answer["Content-Disposition"] == f'attachment; filename="t.{form}"'
    return b"".join(answer.streaming_content)


def csv_rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


class TestExport:
    def test_a_page_that_asks_for_no_export_gets_none(self) -> None:
        assert Table(COLUMNS, ROWS, asked("t.as=exe"), name="t").export() is None

    @pytest.mark.parametrize("nasty", NASTY)
    def test_no_text_is_a_formula_in_csv(self, nasty: str) -> None:
        rows = csv_rows(exported("csv", [SimpleNamespace(name=nasty, weight=1, on=None, url="")]))
        assert rows[1][0] == f"'{nasty}"

    @pytest.mark.parametrize("nasty", NASTY)
    def test_no_text_is_a_formula_in_xlsx(self, nasty: str) -> None:
        data = exported("xlsx", [SimpleNamespace(name=nasty, weight=1, on=None, url="")])
        cell = load_workbook(io.BytesIO(data)).active["A2"]
        assert cell.data_type == "s"
        assert cell.value.startswith("'")

    def test_a_nasty_heading_is_neutral_too(self) -> None:
        data = exported("csv", [], [Column("name", "=cmd|' /C calc'!A0")])
        assert csv_rows(data)[0][0].startswith("'=")

    def test_numbers_stay_numbers_and_days_days(self) -> None:
        sheet = load_workbook(io.BytesIO(exported("xlsx", ROWS))).active
        assert (sheet["B2"].value, sheet["B2"].data_type) == (-12.5, "n")
        assert sheet["C2"].value == datetime(2025, 1, 2)
        assert sheet["B3"].value is None
        assert csv_rows(exported("csv", ROWS))[1] == ["Guoyuan", "-12.50", "2025-01-02"]

    def test_times_are_written_in_the_places_zone(self) -> None:
        row = SimpleNamespace(at=datetime(2025, 1, 1, 20, tzinfo=UTC))
        assert csv_rows(exported("csv", [row], [Column("at", "At")]))[1] == ["2025-01-02 04:00:00"]

    def test_control_characters_do_not_break_the_workbook(self) -> None:
        data = exported("xlsx", [SimpleNamespace(name="a\x00b\x1fc", weight=1, on=None, url="")])
        assert load_workbook(io.BytesIO(data)).active["A2"].value == "abc"

    def test_exports_what_was_searched_not_one_page(self) -> None:
        answer = Table(COLUMNS, ROWS * 50, asked("t.as=csv&t.q=zhou&t.page=2"), name="t", size=10).export()
        assert len(csv_rows(b"".join(answer.streaming_content))) == 51

    def test_says_so_where_the_table_was_cut(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tables, "EXPORT_ROWS", 2)
        rows = csv_rows(exported("csv", ROWS))
        assert len(rows) == 4
        assert rows[-1] == ["… 2 / 3"]

    def test_plain_text_is_left_alone(self) -> None:
        for text in ("Guoyuan", "a=b", "5-1", "川", ""):
            assert neutral(text) == text

    def test_headings_are_in_the_readers_language(self) -> None:
        from django.utils.translation import gettext_lazy

        columns = [Column("name", gettext_lazy("Name"))]
        with translation.override("zh-hans"):
            assert csv_rows(exported("csv", [], columns))[0] == ["名称"]
