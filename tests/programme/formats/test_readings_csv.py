"""The CSV file of readings: what is read, and how each fault is named with its line."""

from datetime import date
from decimal import Decimal

import pytest

from bashu.programme.formats import readings_csv
from bashu.programme.formats.readings_csv import Line, RowError, read

HEAD = ",".join(readings_csv.COLUMNS)
GOOD = "T03,CQ,2024-01-01,2024-12-31,18,,,,note"


def faults(text: str) -> list[RowError]:
    """What is wrong with a file."""
    return read(text.encode())[1]


def test_reads_every_column_as_its_type():
    lines, errors = read(f"{HEAD}\r\nT07,joint,2024-01-01,2024-12-31,,yes,partial,0.25,“a”\r\n".encode("utf-8-sig"))
    expected = Line(
        2, "T07", "joint", date(2024, 1, 1), date(2024, 12, 31), None, True, "partial", Decimal("0.25"), "“a”"
    )
    assert (lines, errors) == ([expected], [])


def test_columns_come_in_any_order_and_the_last_ones_may_be_left_out():
    lines, errors = read(b"value,period_end,period_start,jurisdiction,target\n18,2024-12-31,2024-01-01,CQ,T03\n")
    assert errors == []
    assert (lines[0].value, lines[0].coverage, lines[0].note) == (18, "whole", "")


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("T03,CQ,june,2024-12-31,18,,,,", "period_start"), ("T03,CQ,2024-01-01,2024-13-01,18,,,,", "period_end"),
        ("T03,CQ,2024-01-01,2024-12-31,1 000,,,,", "value"), ("T03,CQ,2024-01-01,2024-12-31,NaN,,,,", "value"),
        ("T03,CQ,2024-01-01,2024-12-31,Infinity,,,,", "value"), ("T03,CQ,2024-01-01,2024-12-31,,maybe,,,", "achieved"),
        ("T03,CQ,2024-01-01,2024-12-31,18,,half,,", "coverage"), (",CQ,2024-01-01,2024-12-31,18,,,,", "target"),
        (f"T03,CQ,2024-01-01,2024-12-31,18,,,,{'x' * 1001}", "note"),
    ],
)  # fmt: skip
def test_a_faulty_cell_is_named_with_its_line_and_column(row, column):
    (fault,) = faults(f"{HEAD}\n{GOOD}\n{row}\n")
    assert fault.number == 3
    assert fault.problem.startswith(f"{column}: ")


def test_every_faulty_line_is_named_not_only_the_first():
    found = faults(f"{HEAD}\n{GOOD.replace('18', 'x')}\n{GOOD}\n{GOOD.replace('CQ', '')}\n")
    assert [fault.number for fault in found] == [2, 4]


def test_more_cells_than_columns_are_a_fault():
    assert faults(f"{HEAD}\n{GOOD},extra\n")[0].number == 2


@pytest.mark.parametrize("head", ["target,jurisdiction,period_start", f"{HEAD},extra", "a;b;c", ""])
def test_a_wrong_heading_is_a_fault_of_line_one(head):
    assert [fault.number for fault in faults(f"{head}\n{GOOD}\n")] == [1]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", HEAD.encode() + b"\nT\x0003", HEAD.encode("utf-16")])
def test_what_is_not_utf8_text_is_refused(content):
    lines, errors = read(content)
    assert lines == []
    assert len(errors) == 1


def test_a_huge_file_is_refused_before_it_is_parsed():
    assert read(b"x" * (readings_csv.BYTES_LIMIT + 1))[1][0].number == 1


def test_more_rows_than_the_limit_are_refused(monkeypatch):
    monkeypatch.setattr(readings_csv, "ROWS_LIMIT", 2)
    found = faults(f"{HEAD}\n" + f"{GOOD}\n" * 3)
    assert [fault.number for fault in found] == [4]


def test_a_field_too_long_for_the_parser_is_a_fault_and_no_crash():
    assert faults(f'{HEAD}\n"{"x" * 200_000}",CQ,2024-01-01,2024-12-31,18,,,,\n')
