"""The one browser of a session, for every test that looks at pages; `tests/conftest.py` brings it as the fixture `browser`."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
AXE = Path(__file__).resolve().parent.parent / "node_modules" / "axe-core" / "axe.min.js"
NO_BROWSER = "there is no browser to drive"


def missing() -> str:
    """What stands in the way of a browser on this machine; empty when nothing does."""
    if find_spec("playwright") is None:
        return "the package playwright is not installed (requirements/browser.lock)"
    if chromium() is None:
        return "Chromium is not installed (apt-get install chromium)"
    fonts = subprocess.run(["fc-list", ":lang=zh-cn"], capture_output=True, text=True, check=False)
    if not fonts.stdout.strip():
        return "no Chinese font is installed (apt-get install fonts-noto-cjk)"
    return "" if AXE.exists() else "axe-core is not installed (python tools/build_assets.py)"


def chromium() -> str | None:
    """Debian's browser."""
    return shutil.which("chromium")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Headless Chromium. Without one these tests are skipped, loudly; where CI=true they fail."""
    if reason := missing():
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(reason)
        pytest.skip(f"{NO_BROWSER}: {reason}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=SWITCHES)
        yield started
        started.close()
