"""The story of the scoreboard: a figure is reported, confirmed by a second person, judged, sealed, and proved by a stranger."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from demonstration import Node
from e2e.visitor import Visitor, Visitors

CHONGQING, SICHUAN = "authority.cq@demo.example", "authority.sc@demo.example"
OFFICE = "coordinator.joint@demo.example"
EVIDENCE = "节点,验收日期\r\n示例节点一,2025-10-09\r\n示例节点二,2025-10-21\r\n"


def report(visitor: Visitor, folder: Path) -> str:
    """Report Chongqing's October for T03, with a table as evidence; the address of the reading's page."""
    evidence = folder / "二级节点清单.csv"
    evidence.write_text(EVIDENCE, encoding="utf-8-sig")
    visitor.go("/targets/T03/")
    visitor.press("main .primary")
    page = visitor.page
    page.fill("#id_period_start", "2025-10-01")
    page.fill("#id_period_end", "2025-10-31")
    page.fill("#id_value", "21")
    page.set_input_files("#id_evidence", evidence)
    visitor.send()
    return page.url.removeprefix(visitor.node.address)


def tile(visitor: Visitor) -> tuple[str, str]:
    """What the overview's tile of T03 shows: its judgement and its figure."""
    visitor.go("/")
    own = "article.target:has(a[href*='/targets/T03/'])"
    return visitor.text(f"{own} .badge"), visitor.text(f"{own} .figures-line strong")


def test_a_reported_figure_moves_its_target_only_after_a_second_person_and_a_stranger_can_prove_it(
    visitors: Visitors, node: Node, tmp_path: Path
):
    stranger, chongqing = visitors.enter(), visitors.enter(CHONGQING)
    assert tile(stranger) == ("无法判断", "38 个")

    reading = report(chongqing, tmp_path)
    assert "等待另一人确认" in chongqing.text()
    assert not chongqing.page.query_selector(f"form[action='{reading}confirm/']")
    chongqing.go(f"{reading}confirm/")
    chongqing.send(403)
    assert "须由他人确认" in chongqing.text(".message.error")
    stranger.go(reading, 404)
    assert tile(stranger) == ("无法判断", "38 个")

    visitors.enter(SICHUAN).go(f"{reading}confirm/", 404)

    office = visitors.enter(OFFICE)
    office.go("/inbox/")
    office.press(f"a.primary[href='{reading}']")
    assert "二级节点清单.csv" in office.text()
    with office.page.expect_download() as download:
        office.page.click("main a[href*='/evidence/']")
    assert Path(download.value.path()).read_bytes().decode("utf-8-sig") == EVIDENCE
    office.page.click(f"form[action='{reading}confirm/'] button")
    with office.page.expect_navigation():
        office.page.click("dialog#confirm button[value=yes]")
    assert tile(stranger) == ("已达成", "42 个")
    stranger.go("/targets/T03/")
    assert "42 ≥ 40" in stranger.text(".judgement .formula")

    stranger.await_text(reading, "main", "已封存")
    stranger.press("main a[href*='/journal/entries/']")
    assert "programme.reading.confirm" in stranger.text("h1")
    assert "本页刚刚完成核验" in stranger.text()

    proved_by_a_stranger(node, tmp_path)


def proved_by_a_stranger(node: Node, folder: Path) -> None:
    """Export the journal; Python without any package confirms it, and refuses a copy in which one character differs."""
    exported = folder / "journal.jsonl"
    done = node.run("journal", "export", str(exported))
    assert done.returncode == 0, done.stderr
    key = re.search(r"--key ([0-9a-f]{64})", done.stdout)
    assert key, done.stdout
    away = folder / "laptop"
    away.mkdir()
    for name in ("journal.jsonl", "verify_journal.py"):
        shutil.copy(folder / name, away)

    def verify(name: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-I", "verify_journal.py", name, "--key", key[1]]
        return subprocess.run(command, cwd=away, env={}, capture_output=True, text=True, check=False)

    intact = verify("journal.jsonl")
    assert intact.returncode == 0, intact.stdout + intact.stderr
    lines = exported.read_text().splitlines(keepends=True)
    at = next(
        number
        for number, line in enumerate(lines)
        if '\\"state\\":\\"confirmed\\"' in line and "T03" in line and '\\"21\\"' in line
    )
    (away / "altered.jsonl").write_text(
        "".join([*lines[:at], lines[at].replace('\\"21\\"', '\\"31\\"'), *lines[at + 1 :]])
    )
    altered = verify("altered.jsonl")
    assert altered.returncode == 1
    assert f"entry {json.loads(lines[at])['n']}" in altered.stdout + altered.stderr
