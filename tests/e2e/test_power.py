"""The power pool's pages in a browser: the slider moves the map, the charts are drawn, a phone shows all of it."""

import pytest

from e2e.visitor import Visitor

PHONE = {"width": 390, "height": 844}
DRAWN = "() => document.getElementById('hours').dataset.ready === 'yes'"
INK = """id => {
  const canvas = document.querySelector(`#${id} canvas`);
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  return new Set(Array.from({length: pixels.length / 400}, (_, i) => pixels.slice(i * 400, i * 400 + 4).join())).size;
}"""


@pytest.fixture
def reader(visitor: Visitor) -> Visitor:
    """Somebody on the overview, with everything drawn."""
    visitor.go("/power/")
    visitor.page.wait_for_function(DRAWN)
    return visitor


def table(reader: Visitor) -> str:
    return reader.text("#flow-table tbody")


@pytest.mark.parametrize("chart", ["flows", "stack-SC", "stack-CQ", "prices"])
def test_charts_are_drawn(reader: Visitor, chart: str):
    assert reader.page.evaluate(INK, chart) > 3


def test_the_slider_moves_time_by_buttons_and_keys(reader: Visitor):
    slider, said = reader.page.locator("#moment"), reader.page.locator("#moment-said")
    before, at = said.inner_text(), int(slider.input_value())
    reader.page.click("[data-step='1']")
    assert int(slider.input_value()) == at + 1
    assert said.inner_text() != before
    slider.focus()
    reader.page.keyboard.press("ArrowLeft")
    assert said.inner_text() == before
    assert slider.get_attribute("aria-valuetext") == before


def test_flows_follow_the_slider(reader: Visitor):
    seen = set()
    for key in ("Home", "End"):
        reader.page.locator("#moment").focus()
        reader.page.keyboard.press(key)
        seen.add(table(reader))
    assert len(seen) == 2


def test_apart_nothing_flows_over_the_ties(reader: Visitor):
    reader.page.click(".kinds li:first-child a")
    reader.page.wait_for_function(DRAWN)
    ties = [line for line in table(reader).splitlines() if "铜梁" in line]
    assert ties
    assert all("—" in line for line in ties)


def test_a_year_shows_days(visitor: Visitor):
    visitor.go("/power/")
    visitor.page.select_option("#case", label="2025年全年（两小时步长，合成曲线）")
    visitor.press(".choose button")
    visitor.page.wait_for_function(DRAWN)
    assert visitor.page.locator("#moment").get_attribute("max") == "364"


@pytest.mark.parametrize("page", ["/power/", "/power/compare/", "/power/benefit/", "/power/trees/", "/power/facts/"])
def test_a_phone_never_scrolls_sideways(visitor: Visitor, page: str):
    visitor.page.set_viewport_size(PHONE)
    visitor.go(page)
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_the_theme_redraws_the_charts(reader: Visitor):
    before = reader.page.evaluate(INK, "flows")
    reader.page.click("[data-theme-switch]")
    reader.page.wait_for_function(DRAWN)
    assert reader.page.evaluate(INK, "flows") > 3 < before
