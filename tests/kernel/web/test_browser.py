"""The gallery in a real browser: both themes and languages, wide and narrow, without a serious accessibility finding."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bashu.kernel.database.layout import Layout
from bashu.kernel.database.prepare import clone, drop
from chromium import AXE

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ROOT = Path(__file__).parents[3]
SERIOUS = {"serious", "critical"}
SIZES = {"wide": {"width": 1440, "height": 900}, "narrow": {"width": 390, "height": 844}}


@pytest.fixture(scope="module")
def node(server: Layout, template: str) -> Iterator[str]:
    """A web process of the demonstration over its own database, which these tests only read; its address."""
    database = f"bashu_gallery_{os.getpid()}"
    drop(server, database)
    clone(server, template, database)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = ["--interface", "wsgi", "bashu.wsgi:application", "--port", str(port), "--log-level", "warning"]
    process = subprocess.Popen(
        [sys.executable, "-m", "granian", *arguments],
        env={**os.environ, "BASHU_DEMO": "1", "BASHU_DATABASE": database},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/health/live")
        yield address
    finally:
        process.terminate()
        process.wait(20)
        drop(server, database)


def wait_for(url: str, seconds: float = 30) -> None:
    """Until the address answers."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=2)
            return
        except (urllib.error.URLError, ConnectionError):
            continue
    raise AssertionError(f"{url} does not answer")


def visit(browser: Any, node: str, *, language: str, theme: str, size: str, bypass_csp: bool = False) -> Any:
    """A page of the gallery with all its charts drawn, and what the console complained of in `page.complaints`."""
    context = browser.new_context(viewport=SIZES[size], color_scheme=theme, bypass_csp=bypass_csp)
    context.add_cookies([{"name": "bashu_language", "value": language, "url": node}])
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda line: page.complaints.append(line.text) if line.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.goto(f"{node}/styleguide")
    for number in range(page.locator("[data-chart]").count()):
        page.locator("[data-chart]").nth(number).locator("canvas").wait_for()
    return page


def test_every_look_is_complete_and_accessible(browser: Any, node: str) -> None:
    for language, theme, size in (
        ("zh-hans", "light", "wide"),
        ("zh-hans", "dark", "narrow"),
        ("en", "dark", "wide"),
        ("en", "light", "narrow"),
    ):
        page = visit(browser, node, language=language, theme=theme, size=size)
        assert page.complaints == []
        assert page.locator("[data-chart]").count() == 3
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        page.context.close()
        page = visit(browser, node, language=language, theme=theme, size=size, bypass_csp=True)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run(document)")["violations"]
        assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found if fault["impact"] in SERIOUS] == []
        page.context.close()


def test_the_keyboard_reaches_the_content_first(browser: Any, node: str) -> None:
    page = visit(browser, node, language="en", theme="light", size="wide")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_the_theme_switch_is_kept(browser: Any, node: str) -> None:
    page = visit(browser, node, language="en", theme="light", size="wide")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(ground)
    page.click("[data-theme-switch]")
    dark = page.evaluate(ground)
    assert dark != light
    page.reload()
    assert page.evaluate(ground) == dark


def test_a_table_sorts_searches_and_goes_back_in_place(browser: Any, node: str) -> None:
    page = visit(browser, node, language="en", theme="light", size="wide")
    page.click("#table-sample th:nth-child(4) a")
    page.locator("#table-sample th[aria-sort=ascending]").wait_for()
    page.fill("#q-sample", "Chengdu")
    page.keyboard.press("Enter")
    page.get_by_text("1–8 of 20").wait_for()
    page.click("#table-sample .pages a >> text=2")
    page.get_by_text("9–16 of 20").wait_for()
    page.go_back()
    page.get_by_text("1–8 of 20").wait_for()
    assert page.complaints == []


def test_what_cannot_be_undone_asks_once_and_says_what_happens(browser: Any, node: str) -> None:
    page = visit(browser, node, language="en", theme="light", size="wide")
    page.click("button[data-confirm]")
    dialog = page.locator("dialog[open]")
    dialog.wait_for()
    assert "Withdraw the sample figure?" in dialog.inner_text()
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    page.click("button[data-confirm]")
    with page.expect_navigation():
        dialog.locator("button[value=yes]").click()
    assert "nothing is written here" in page.locator("[role=alert]").inner_text()


def test_a_job_is_followed_to_its_end(browser: Any, node: str) -> None:
    page = visit(browser, node, language="en", theme="light", size="wide")
    page.locator(".job .badge.met").wait_for(timeout=15_000)
    assert page.locator(".job progress").count() == 0
