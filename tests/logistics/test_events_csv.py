"""Reports as a CSV file: what is read, and every faulty line by its number."""

import pytest

from bashu.logistics.formats.events_csv import COLUMNS, ROWS_LIMIT, read

HEAD = "reference,kind,happened_at,told_at,consignment,leg,service,trip,sequence,hub"
ROW = "7,loaded,2025-10-26T02:30+02:00,,B00000001,2,,,,"


def problems(text):
    return [(one.number, one.problem) for one in read(text.encode())[1]]


def test_all_columns_are_read_with_their_types():
    lines, errors = read(
        f"{HEAD}\n{ROW}\n8,arrived,2025-10-26T02:30+01:00,2025-10-26T03:00Z,,,RAIL-LZ,20251025T0800Z,1,LUZHOU\n".encode()
    )
    assert not errors
    first, second = (line.values for line in lines)
    assert (first["leg"], first["told_at"], tuple(first)) == (2, None, COLUMNS)
    assert (second["sequence"], second["trip"]) == (1, "20251025T0800Z")
    # The night in which Łódź's clocks go back has half past two twice; the offsets tell which.
    assert (second["happened_at"] - first["happened_at"]).total_seconds() == 3600


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("7,loaded,yesterday,,B1,2,,,,", "happened_at"),
        ("7,loaded,2025-03-03T08:00,,B1,2,,,,", "offset"),
        (",loaded,2025-03-03T08:00Z,,B1,2,,,,", "reference"),
        ("7,,2025-03-03T08:00Z,,B1,2,,,,", "kind"),
        ("7,loaded,2025-03-03T08:00Z,,B1,two,,,,", "leg"),
        ("7,loaded,2025-03-03T08:00Z,,B1,2,,,,,more", "cells"),
        (f"{'x' * 101},loaded,2025-03-03T08:00Z,,B1,2,,,,", "longer"),
    ],
)
def test_a_faulty_line_is_named_with_its_number(row, said):
    found = problems(f"{HEAD}\n{ROW}\n{row}\n")
    assert [number for number, _ in found] == [3]
    assert said in found[0][1]


def test_files_that_are_no_such_table_are_refused_whole():
    assert "missing" in problems("a,b\n1,2\n")[0][1]
    assert "unknown" in problems(f"{HEAD},colour\n")[0][1]
    assert "no rows" in problems(f"{HEAD}\n")[0][1]
    assert "UTF-8" in read(b"\xff\xfe")[1][0].problem
    assert "not text" in problems("a\0b")[0][1]
    assert "5 MB" in read(b"x" * (5 * 1024 * 1024 + 1))[1][0].problem
    many = "\n".join([HEAD, *([ROW] * (ROWS_LIMIT + 1))])
    assert "more than" in problems(many)[-1][1]
