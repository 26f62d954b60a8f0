"""The planner in the browser: places suggested as one types, options as table, chart and map, a click that chooses."""

from e2e.visitor import Visitor

ASKED = "/logistics/?origin=510600&destination=SGSIN&depart=2025-12-01&ft20=2"


def answered(visitor: Visitor) -> None:
    """The planner's answer; while its engine loads the page asks again by itself."""
    visitor.go("/logistics/")
    visitor.page.wait_for_function(
        "() => fetch('/health/ready').then(answer => answer.json()).then(told => told.engines.logistics === 'ready')",
        timeout=120_000,
    )
    visitor.go(ASKED)
    visitor.page.wait_for_selector("#options tbody.option")


def test_places_are_suggested_as_one_types(visitor: Visitor):
    visitor.go("/logistics/")
    visitor.page.type("#ask-origin", "guoy")
    visitor.page.wait_for_selector("#places-origin option[value=GUOYUAN]", state="attached")


def test_a_question_is_answered_as_table_chart_and_map(visitor: Visitor):
    answered(visitor)
    page = visitor.page
    for kind in ("scatter", "lines"):
        page.wait_for_selector(f"[data-chart={kind}] canvas")
    assert page.locator("tbody.option").count() >= 2
    page.click("tbody.option >> nth=1 >> td >> nth=0 >> a")
    page.wait_for_selector("tbody.option.chosen:nth-of-type(2)")
    assert page.locator("tbody.option.chosen details[open] table").count() == 1


def test_the_planner_fits_a_phone(visitor: Visitor):
    visitor.page.set_viewport_size({"width": 390, "height": 844})
    answered(visitor)
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 390
