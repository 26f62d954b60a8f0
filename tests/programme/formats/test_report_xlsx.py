"""The annual report as a workbook, read back."""

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from openpyxl import load_workbook

from bashu.kernel.commands.command import Command
from bashu.kernel.parties.selectors import seen_by
from bashu.kernel.parties.services import node_actor
from bashu.programme import selectors
from bashu.programme.formats import report_xlsx
from bashu.programme.models import Task
from bashu.programme.services.measuring import task_measure


def read_back(language: str = "en") -> dict[str, list[tuple[Any, ...]]]:
    """Every sheet's rows by its title."""
    with translation.override(language):
        content = report_xlsx.write(selectors.annual_report(year=2024, today=date(2025, 11, 30)))
    book = load_workbook(io.BytesIO(content))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def test_has_a_sheet_for_each_subject(db):
    subjects = ["Targets", "Readings", "Tasks", "Projects", "Measured of tasks", "Plan", "Counts", "Unknowns"]
    assert list(read_back()) == subjects


def test_speaks_the_language_of_the_reader(db):
    assert len(read_back("zh-hans")) == 8
    headings = {language: read_back(language) for language in ("en", "zh-hans")}
    assert "成渝地区通道运量年均增幅" in str(headings["zh-hans"])
    assert "corridor freight volume" in str(headings["en"])


def test_numbers_are_numbers_and_exact(confirmed, actors):
    confirmed(target="T01", value=Decimal("371000000000.5"))
    with seen_by(actors["coordinator"].actor):
        sheets = read_back()
    assert sheets["Readings"][1][5] == 371000000000.5
    promised = {row[0]: row[3] for row in sheets["Targets"][1:]}
    assert promised["T08"] == 14_000_000_000_000
    assert promised["T07"] is None


def test_what_was_measured_of_tasks_in_the_year_is_in_it(acting, db):
    for day in (date(2023, 12, 31), date(2024, 6, 30)):
        task_measure(
            ctx=Command(actor=node_actor(), now=acting().now), task=Task.objects.get(code="GZ7"), indicator="policy.delegated_acts",
            jurisdiction="joint", period_end=day, value=Decimal(3), unit="件", unit_en="acts", coverage="partial", share=None, sources=[],
        )  # fmt: skip
    (row,) = read_back()["Measured of tasks"][1:]
    assert (row[0], row[2]) == ("GZ7", "Acts done under delegated powers.")
    assert (row[4].date(), row[5:8]) == (date(2024, 6, 30), (3, "acts", "Partial"))


def test_a_text_that_begins_like_a_formula_stays_text(confirmed, actors):
    confirmed(note="=HYPERLINK(1)")
    with seen_by(actors["coordinator"].actor):
        note = read_back()["Readings"][1][12]
    assert note == "'=HYPERLINK(1)"


def test_what_is_unknown_is_in_it(db):
    rows = {row[0]: row for row in read_back()["Counts"][1:]}
    assert rows["S03-items"][2:5] == (28, 0, 28)


@pytest.mark.parametrize(("demo", "expected"), [(True, "Demonstration data"), (False, "Code")])
def test_the_demonstration_says_so_on_every_sheet(db, settings, demo, expected):
    settings.BASHU_DEMO = demo
    firsts = {title: rows[0][0] for title, rows in read_back().items()}
    assert firsts.pop("Readings") == ("Demonstration data" if demo else "Target")
    assert set(firsts.values()) == {expected}
