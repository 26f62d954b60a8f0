"""Rows of a profile's table from CSV: a heading of column names, one row a line, empty cells are not told."""

import json
from collections.abc import Iterable
from typing import Any

from bashu.policy.engine.rules import RuleSet, Table
from bashu.policy.formats.entities import csv_lines

LARGEST = 2 * 1024 * 1024  # bytes: a table has a thousand rows


def table_rows(lines: Iterable[str], table: Table) -> list[Any]:
    """The rows as entity files write them; what a row must be is said when the profile is recorded. A ragged line raises ValueError."""
    texts = csv_lines(lines, RuleSet(table.id, "", facts=table.facts))
    rows = [(number, json.loads(text)) for number, text in enumerate(texts, start=1) if text]
    for number, row in rows:
        if not isinstance(row, dict):
            raise ValueError(f"line {number}: {row}")
    return [row for _number, row in rows]
