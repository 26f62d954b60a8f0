"""What a page's parts do: charts and map draw, tables search, sort, turn pages and export, the report prints, keys reach everything."""

import csv
import io
from pathlib import Path

import openpyxl
import pytest

from e2e.visitor import Visitor, Visitors

# How many different colours a chart's canvas shows; one means that nothing was drawn.
COLOURS = """element => {
  const canvas = element.querySelector('canvas');
  if (!canvas) return 0;
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const seen = new Set();
  for (let i = 0; i < data.length; i += 4) seen.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
  return seen.size;
}"""


@pytest.mark.parametrize(("path", "kind"), [("/", "map"), ("/targets/T03/", "series"), ("/targets/T09/", "series")])
def test_the_chart_draws(path: str, kind: str, visitor: Visitor):
    visitor.go(path)
    visitor.page.wait_for_selector(f"[data-chart={kind}] canvas")
    plot = visitor.page.query_selector(f"[data-chart={kind}]")
    assert plot
    assert plot.evaluate(COLOURS) > 3


def rows(visitor: Visitor) -> list[str]:
    """The text of the table's rows."""
    return [row.inner_text() for row in visitor.page.query_selector_all("main .data-table tbody tr")]


def test_a_table_searches_sorts_and_turns_its_pages_in_place(visitor: Visitor):
    visitor.go("/tasks/?view=table")
    page, every = visitor.page, rows(visitor)
    page.fill("main .data-table input[type=search]", "装备")
    with page.expect_response(lambda response: ".q=" in response.url):
        page.press("main .data-table input[type=search]", "Enter")
    page.wait_for_function(
        "count => document.querySelectorAll('main .data-table tbody tr').length < count", arg=len(every)
    )
    assert all("装备" in row for row in rows(visitor))

    visitor.go("/tasks/?view=table")
    page.click("main .data-table thead a >> nth=0")
    page.wait_for_selector("main .data-table th[aria-sort]")
    first = rows(visitor)[0]
    page.click("main .data-table th[aria-sort] a")
    page.wait_for_function(
        "first => document.querySelector('main .data-table tbody tr').innerText !== first", arg=first
    )

    visitor.go("/journal/")
    first = rows(visitor)[0]
    page.click("main .data-table nav a >> text='2'")
    page.wait_for_function(
        "first => document.querySelector('main .data-table tbody tr').innerText !== first", arg=first
    )


def test_a_table_exports_csv_and_a_workbook_that_open(visitor: Visitor):
    visitor.go("/targets/T03/")
    files = {}
    for kind in ("CSV", "XLSX"):
        with visitor.page.expect_download() as download:
            visitor.page.click(f"#readings a:has-text('{kind}')")
        files[kind] = Path(download.value.path()).read_bytes()
    table = list(csv.reader(io.StringIO(files["CSV"].decode("utf-8-sig"))))
    sheet = openpyxl.load_workbook(io.BytesIO(files["XLSX"])).worksheets[0]
    assert len(table) == sheet.max_row > 12  # all pages, not the one shown
    assert table[0] == [cell.value for cell in sheet[1]]


def test_the_annual_report_prints_without_the_page_around_it(visitor: Visitor):
    visitor.go("/report/2024/")
    visitor.page.emulate_media(media="print")
    assert not visitor.page.is_visible("nav.main-nav")
    assert visitor.page.is_visible("main .report")
    assert visitor.page.pdf(format="A4").startswith(b"%PDF-")
    with visitor.page.expect_download() as download:
        visitor.page.emulate_media(media="screen")
        visitor.page.click("main a[download]:has-text('XLSX')")
    assert openpyxl.load_workbook(io.BytesIO(Path(download.value.path()).read_bytes())).sheetnames


def test_a_figure_can_be_opened_and_confirmed_with_the_keyboard_alone(visitors: Visitors):
    office = visitors.enter("coordinator.joint@demo.example")
    office.go("/")
    office.page.keyboard.press("Tab")
    assert office.page.evaluate("document.activeElement.className") == "skip"
    office.page.keyboard.press("Enter")
    assert office.page.evaluate("document.activeElement.id") == "main"

    office.go("/inbox/")
    reach(office, "main a.primary")
    with office.page.expect_navigation():
        office.page.keyboard.press("Enter")
    reach(office, "form[action$='/confirm/'] button")
    office.page.keyboard.press("Enter")
    office.page.wait_for_selector("dialog#confirm[open]")
    assert office.page.evaluate("document.activeElement.value") == "no", "the dialogue begins on the harmless button"
    office.page.keyboard.press("Escape")
    office.page.wait_for_selector("dialog#confirm", state="hidden")


def reach(visitor: Visitor, selector: str) -> None:
    """Press Tab until the element has the focus, and see that the focus shows."""
    for _ in range(60):
        visitor.page.keyboard.press("Tab")
        if visitor.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            shown = visitor.page.evaluate(
                "(({outlineStyle, boxShadow}) => outlineStyle !== 'none' || boxShadow !== 'none')(getComputedStyle(document.activeElement))"
            )
            assert shown, f"{selector} has the focus and does not show it"
            return
    raise AssertionError(f"sixty times Tab never reach {selector}")


def test_the_colours_and_the_language_chosen_stay_chosen(visitor: Visitor):
    visitor.go("/")
    chosen = visitor.page.get_attribute("html", "data-theme")
    visitor.page.click("[data-theme-switch]")
    other = visitor.page.get_attribute("html", "data-theme")
    assert other != chosen
    visitor.press("button[name=language][value=en]")
    assert visitor.page.get_attribute("html", "lang") == "en"
    visitor.go("/tasks/")
    assert (visitor.page.get_attribute("html", "lang"), visitor.page.get_attribute("html", "data-theme")) == (
        "en",
        other,
    )
