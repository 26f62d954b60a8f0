"""Make the pictures of the README's tour, in both languages: `python tools/screenshots.py`.

Starts a demonstration node of its own, walks the tour as its visitor does, and writes docs/images/<step>-<language>.png.
Needs what the browser tests need: Chromium, a Chinese font, and `make .stamps/browser`. Pictures differ from run to run only where
the node shows identifiers and hashes, which are new each time.
"""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from demonstration import ROOT, Node, demonstration

IMAGES = ROOT / "docs" / "images"
LARGEST = 200 * 1024  # bytes: a README must open on a phone
VIEWPORT = {"width": 1100, "height": 620}
LANGUAGES = {"zh": "zh-hans", "en": "en"}
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
EVIDENCE = "节点,验收日期\r\n示例节点一,2025-10-09\r\n示例节点二,2025-10-21\r\n"


class Photographer:
    """One browser page, signed in or not, that takes pictures in both languages."""

    def __init__(self, browser: Any, node: Node, email: str = "") -> None:
        self.node = node
        self.context = browser.new_context(
            viewport=VIEWPORT, locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce"
        )
        self.page = self.context.new_page()
        if email:
            self.go("/accounts/login/")
            self.page.fill("#id_login", email)
            self.page.fill("#id_password", node.password(email))
            self.press("main .primary")

    def go(self, path: str, language: str = "zh", theme: str = "light") -> None:
        """Open a page in a language and its colours, and wait until its charts are drawn."""
        cookies = {"bashu_language": LANGUAGES[language], "bashu_theme": theme}
        self.context.add_cookies(
            [{"name": name, "value": value, "url": self.node.address} for name, value in cookies.items()]
        )
        self.page.goto(self.node.address + path, wait_until="networkidle")
        for chart in self.page.query_selector_all("[data-chart]"):
            chart.wait_for_selector("canvas")

    def press(self, selector: str) -> None:
        """Press what leads to another page."""
        with self.page.expect_navigation(wait_until="load"):
            self.page.click(selector)

    def take(self, name: str, at: str = "") -> None:
        """Write the picture, scrolled to an element when one is named. Exits when it is too large for a README."""
        if at:
            self.page.eval_on_selector(at, "element => element.scrollIntoView({block: 'start'})")
        file = IMAGES / f"{name}.png"
        self.page.screenshot(path=file, animations="disabled", caret="hide")
        if file.stat().st_size > LARGEST:
            sys.exit(f"{file} has {file.stat().st_size:,} bytes, more than {LARGEST:,}")
        print(f"{file.relative_to(ROOT)}  {file.stat().st_size:,} bytes")


def walk(browser: Any, node: Node, evidence: Path) -> None:
    """The tour: read, report, confirm, prove."""
    stranger = Photographer(browser, node)
    for language, theme in (("zh", "light"), ("en", "dark")):
        stranger.go("/", language, theme)
        stranger.take(f"overview-{language}")
    for language in LANGUAGES:
        stranger.go("/targets/T03/", language)
        stranger.take(f"target-{language}")

    for language in LANGUAGES:
        stranger.go("/logistics/?origin=DEYANG&destination=SGSIN&depart=2025-11-30&ft20=2", language)
        stranger.take(f"planner-{language}", "#options")
        stranger.go("/power/", language)
        stranger.take(f"power-{language}", ".power-clock, main h1")

    chongqing = Photographer(browser, node, "authority.cq@demo.example")
    for language in ("en", "zh"):  # the last one is sent
        chongqing.go("/targets/T03/report/", language)
        fill(chongqing.page, evidence)
        chongqing.take(f"report-{language}", "main h1")
    chongqing.press("main .primary")
    reading = chongqing.page.url.removeprefix(node.address)

    office = Photographer(browser, node, "coordinator.joint@demo.example")
    for language in LANGUAGES:
        office.go(reading, language)
        office.take(f"confirm-{language}")
    office.page.click(f"form[action='{reading}confirm/'] button")
    office.press("dialog#confirm button[value=yes]")

    while True:  # the sealer takes the entry within two seconds
        stranger.go(reading)
        stranger.press("main .timeline a[href*='/journal/entries/']")
        entry = stranger.page.url.removeprefix(node.address)
        if stranger.page.query_selector("main dl.facts"):
            break
    for language in LANGUAGES:
        stranger.go(entry, language)
        stranger.take(f"proof-{language}", "main section:nth-of-type(2)")


def fill(page: Any, evidence: Path) -> None:
    """Chongqing's October, as the tour has it."""
    page.fill("#id_period_start", "2025-10-01")
    page.fill("#id_period_end", "2025-10-31")
    page.fill("#id_value", "21")
    page.set_input_files("#id_evidence", evidence)


def main() -> None:
    """Make all pictures."""
    from playwright.sync_api import sync_playwright

    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, demonstration() as node, sync_playwright() as playwright:
        evidence = Path(folder) / "nodes.csv"
        evidence.write_text(EVIDENCE, encoding="utf-8-sig")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=SWITCHES)
        walk(browser, node, evidence)
        browser.close()


if __name__ == "__main__":
    main()
