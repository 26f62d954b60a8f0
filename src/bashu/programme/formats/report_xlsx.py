"""The annual report as a workbook: one sheet a subject, numbers as numbers, texts that no spreadsheet takes for formulas."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from bashu.kernel.web.table import flat
from bashu.kernel.web.templatetags.bashu import STATUSES
from bashu.programme import wording
from bashu.programme.models import ReadingState, Task, TaskState
from bashu.programme.models.readings import Basis, Coverage
from bashu.programme.selectors import Report

WIDEST = 60
NARROWEST = 10
FIRST_WIDE = 0x2E80  # from here on, letters take two columns
Rows = Iterable[Sequence[Any]]


def write(report: Report) -> bytes:
    """The workbook's bytes, headed in the language being spoken. In the demonstration the first line of every sheet says so."""
    book = Workbook()
    book.remove(book.active)
    for title, headings, rows in sheets(report):
        sheet_write(book.create_sheet(title), headings, rows)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def sheets(report: Report) -> Iterator[tuple[str, list[str], Rows]]:
    """Each sheet: its title, its headings, its rows."""
    yield (
        _("Targets"),
        [_("Code"), _("Target"), _("Comparison"), _("Promised"), _("Known"), _("Unit"), _("Deadline"), _("Judgement"), _("Why"),
         _("Formula"), _("As of"), _("Coverage"), _("Words of the page")],
        (target_row(scored, report) for scored in report.scored),
    )  # fmt: skip
    yield (
        _("Readings"),
        [_("Target"), _("Name"), _("Side"), _("Period from"), _("Period to"), _("Value"), _("Achieved"), _("Coverage"), _("Basis"),
         _("State"), _("Reported by"), _("Decided by"), _("Remark"), _("Number")],
        (reading_row(reading) for reading in report.readings),
    )  # fmt: skip
    for title, kind in ((_("Tasks"), Task.Kind.TASK), (_("Projects"), Task.Kind.PROJECT)):
        yield (
            title,
            [_("Code"), _("Name"), _("Group"), _("Document"), _("Owners"), _("State"), _("Milestones met"), _("Milestones"),
             _("Blocking issues"), _("Investment (yuan)"), _("Words of the page")],
            (task_row(task) for task in report.tasks if task.kind == kind),
        )  # fmt: skip
    yield (
        _("Measured of tasks"),
        [_("Code"), _("Name"), _("What is measured"), _("Side"), _("As of"), _("Value"), _("Unit"), _("Coverage"), _("Number")],
        (measured_row(reading, report.purposes) for reading in report.measured),
    )  # fmt: skip
    yield (
        _("Plan"),
        [_("Code"), _("Item"), _("Goal"), _("How it ended"), _("Reason"), _("Carried from")],
        [
            (item.task.code, item.task.name, item.goal, item.get_state_display(), item.reason,
             item.carried_from.plan.year if item.carried_from else None)
            for item in (report.plan.items.all() if report.plan else ())
        ],
    )  # fmt: skip
    yield (
        _("Counts"),
        [_("Code"), _("Count"), _("The page says"), _("Held"), _("Unknown"), _("Words of the page")],
        (
            (count.code, count.name, count.stated, held, unknown, count.quote)
            for count, held, unknown in report.counts
        ),
    )  # fmt: skip
    yield (
        _("Unknowns"),
        [_("Code"), _("What the page does not say"), _("Not named"), _("Words of the page")],
        ((row.code, row.name, row.missing, row.quote) for row in report.unknowns),
    )


def target_row(scored: Any, report: Report) -> tuple[Any, ...]:
    """A judged target. For a growth target the known figure is its compound rate."""
    target, judgement = scored.target, scored.judgement
    known = scored.rate if target.kind == "growth" else scored.known.value if scored.known else None
    return (
        target.code, target.name, str(wording.OPERATORS.get(target.operator, "")), target.value, known, target.unit_name, target.deadline,
        str(STATUSES[str(judgement.status)]), str(wording.METHODS[judgement.method]), judgement.formula, report.as_of,
        "" if scored.known is None else str(Coverage("whole" if scored.known.whole else "partial").label), target.quote,
    )  # fmt: skip


def reading_row(reading: Any) -> tuple[Any, ...]:
    """A confirmed reading; who decided is an organisation, never a person."""
    answer = None if reading.achieved is None else _("yes") if reading.achieved else _("no")
    return (
        reading.target.code, reading.target.name, str(wording.JURISDICTIONS[reading.jurisdiction]), reading.period_start,
        reading.period_end, reading.shown_value, answer, str(Coverage(reading.coverage).label), str(Basis(reading.basis).label),
        str(ReadingState(reading.state).label), reading.organisation.name_zh,
        reading.decided_organisation.name_zh if reading.decided_organisation else None, reading.note, str(reading.public_id),
    )  # fmt: skip


def task_row(task: Any) -> tuple[Any, ...]:
    """A task or project with what is known of its work."""
    return (
        task.code, task.name, str(wording.GROUPS.get(task.group, task.group)), task.document.name if task.document else None,
        "、".join(body.name for body in task.owners.all()), str(TaskState(task.state).label), task.met_count, task.milestone_count,
        task.blocker_count, None if task.investment_fen is None else Decimal(task.investment_fen) / 100, task.quote,
    )  # fmt: skip


def measured_row(reading: Any, purposes: Mapping[str, str]) -> tuple[Any, ...]:
    """What was measured of a task in one month."""
    return (
        reading.task.code, reading.task.name, purposes.get(reading.indicator, reading.indicator),
        str(wording.JURISDICTIONS[reading.jurisdiction]), reading.period_end, reading.shown_value,
        reading.unit if wording.speaks_chinese() else reading.unit_en, str(Coverage(reading.coverage).label), str(reading.public_id),
    )  # fmt: skip


def sheet_write(sheet: Worksheet, headings: Sequence[str], rows: Rows) -> None:
    """Fill one sheet: a mark in the demonstration, bold headings that stay in view, columns as wide as their texts."""
    top = 1
    if settings.BASHU_DEMO:
        put(sheet, 1, 1, _("Demonstration data"))
        top = 2
    for column, heading in enumerate(headings, start=1):
        put(sheet, top, column, heading).font = Font(bold=True)
    sheet.freeze_panes = sheet.cell(top + 1, 1)
    widths = [len(heading) * 2 for heading in headings]
    for number, row in enumerate(rows, start=top + 1):
        for column, value in enumerate(row, start=1):
            put(sheet, number, column, value)
            widths[column - 1] = max(widths[column - 1], width_of(value))
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[sheet.cell(top, column).column_letter].width = min(max(width, NARROWEST), WIDEST)


def put(sheet: Worksheet, row: int, column: int, value: Any) -> Any:
    """One cell: numbers and dates as they are, text as text whatever it begins with."""
    safe = flat(value, timezone.get_current_timezone())
    cell = sheet.cell(row, column, safe)
    if isinstance(safe, str):
        cell.data_type = "s"
        cell.alignment = Alignment(wrap_text=len(safe) > WIDEST, vertical="top")
    elif isinstance(safe, int | Decimal):
        cell.number_format = "#,##0.######" if safe != int(safe) else "#,##0"
    return cell


def width_of(value: Any) -> int:
    """How many columns of a fixed font a value takes; Chinese letters take two."""
    return sum(2 if ord(letter) >= FIRST_WIDE else 1 for letter in str(value if value is not None else ""))
