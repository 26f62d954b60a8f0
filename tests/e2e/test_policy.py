"""Policy in a browser: answers to five questions, a rule with its history, a change and its effects, a study of one's own."""

import json
from pathlib import Path

from e2e.visitor import Visitor

AUTHORITY = "authority.cq@demo.example"
ANSWERS = {
    "investment": "50000000", "research_spending": "12000000", "hired_doctors": "12", "equipment": "30000000",
    "disturbed_area": "10000",
}  # fmt: skip


def charts(visitor: Visitor) -> None:
    """Wait until every chart has drawn itself."""
    for chart in visitor.page.query_selector_all("[data-chart]"):
        chart.wait_for_selector("canvas")


def test_five_questions_are_answered_without_signing_in(visitor: Visitor) -> None:
    visitor.go("/policy/")
    for name, value in ANSWERS.items():
        visitor.page.fill(f"#id_{name}", value)
    visitor.send()
    charts(visitor)
    said = visitor.text()
    for words in ("3,180,000", "已证明最优", "1+1＞2", "示例", "13,000", "不能同时享受"):
        assert words in said, words
    visitor.page.click(".ranked a")
    assert "/policy/items/" in visitor.page.url


def test_a_question_not_understood_is_said_beside_it(visitor: Visitor) -> None:
    visitor.go("/policy/?investment=-5", status=422)
    assert visitor.page.query_selector("#id_investment[aria-invalid=true]")


def test_a_rule_is_found_by_area_with_both_provinces_and_its_history(visitor: Visitor) -> None:
    visitor.go("/policy/rules/")
    assert "财税金融" in visitor.text()
    visitor.page.click("text=环境保护税（大气污染物）")
    visitor.page.wait_for_url("**/policy/rules/environment_air/")
    charts(visitor)
    said = visitor.text()
    for words in ("3.5 元/污染当量", "3.9 元/污染当量", "重庆较低", "未核实", "法定依据", "sum(emissions.air_taxed"):
        assert words in said, words


def test_a_change_shows_winners_cost_map_and_exports(visitor: Visitor) -> None:
    visitor.go("/policy/whatif/")
    visitor.page.select_option("#id_number", "air_rate")
    visitor.page.select_option("#id_province", "CQ")
    visitor.page.fill("#id_value", "3.2")
    visitor.send()
    charts(visitor)
    said = visitor.text()
    assert "财政减收" in said
    assert "环境保护税（大气污染物）" in said
    with visitor.page.expect_download() as download:
        visitor.page.click("text=CSV")
    path = download.value.path()
    assert path is not None
    assert len(Path(path).read_text(encoding="utf-8-sig").splitlines()) > 1000
    visitor.page.click("text=按区县查看")
    charts(visitor)
    assert "按市州查看" in visitor.text()


def test_an_office_tries_a_change_on_its_own_enterprises(visitor: Visitor) -> None:
    visitor.sign_in(AUTHORITY)
    visitor.go("/policy/whatif/")
    visitor.page.click("main .actions a.button")
    visitor.page.select_option("#id_number", "soil_rate")
    visitor.page.select_option("#id_province", "SC")
    visitor.page.fill("#id_value", "1.2")
    lines = [
        {"id": f"企业{number}", "place": "500112", "disturbances": [{"date": "2025-06-01", "area": 1000 * number}]}
        for number in range(1, 6)
    ]
    content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
    visitor.page.set_input_files("#id_entities", {"name": "e.jsonl", "mimeType": "text/plain", "buffer": content})
    visitor.send()
    charts(visitor)
    assert "企业5" in visitor.text()
    assert "1,500" in visitor.text()
