"""A demonstration node and a headless Chromium for the whole session; these tests run last."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from demonstration import ROOT, Node, demonstration
from e2e.visitor import Visitor, Visitors

HERE = Path(__file__).resolve().parent
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
SKIPPED: list[str] = []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what stands in this folder, and put it behind everything else."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: item.path.is_relative_to(HERE))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """A browser that could not be had is said aloud, not hidden in a count."""
    for reason in SKIPPED:
        terminalreporter.write_line(f"BROWSER TESTS DID NOT RUN: {reason}", red=True, bold=True)


def missing() -> str:
    """What stands in the way of a browser on this machine; empty when nothing does."""
    if find_spec("playwright") is None:
        return "the package playwright is not installed (requirements/browser.lock)"
    if chromium() is None:
        return "Chromium is not installed (apt-get install chromium)"
    fonts = subprocess.run(["fc-list", ":lang=zh-cn"], capture_output=True, text=True, check=False)
    if not fonts.stdout.strip():
        return "no Chinese font is installed (apt-get install fonts-noto-cjk)"
    return (
        ""
        if AXE.exists()
        else "axe-core is not installed (rm -r src/bashu/kernel/web/static/vendor; make .stamps/assets)"
    )


def chromium() -> str | None:
    """Debian's browser."""
    return shutil.which("chromium")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Headless Chromium. Without one these tests are skipped, loudly; where CI=true they fail."""
    if reason := missing():
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(reason)
        if not SKIPPED:
            SKIPPED.append(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=SWITCHES)
        yield started
        started.close()


@pytest.fixture(scope="session")
def node(browser: Any) -> Iterator[Node]:
    """A demonstration node of this session alone."""
    with demonstration(BASHU_API_RATE="100000") as started:
        yield started


@pytest.fixture
def visitors(browser: Any, node: Node) -> Iterator[Visitors]:
    """Makes visitors, each in a browser context of his own; none may have met an error that the test did not expect."""
    made = Visitors(browser, node)
    yield made
    made.leave()


@pytest.fixture
def visitor(visitors: Visitors) -> Visitor:
    """One visitor who is not signed in."""
    return visitors.enter()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core."""
    return AXE.read_text()
