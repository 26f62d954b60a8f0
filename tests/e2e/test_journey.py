"""One consignment from the planner to the shipper's notices: everybody who has a part in it, each at his own browser."""

import hashlib
from pathlib import Path

from e2e.visitor import Visitor, Visitors

SHIPPER, OFFICE, RAIL = "enterprise.sc@demo.example", "customs.sc@demo.example", "rail.sc@demo.example"
PORTS = {  # of entry, by side, as the planner calls them
    "SC": {"成都国际铁路港", "泸州港", "宜宾港"},
    "CQ": {"果园港", "团结村中心站", "万州港"},
}
FIRST = "QINGBAIJIANG"  # 成都国际铁路港
BOXES = ("CSQU3054383", "CSQU3054399")  # the example of ISO 6346 and the number after it, each with its check digit
GOODS = {
    "description": "汽轮机部件",
    "hs_code": "840690",
    "weight_kg": "21000",
    "value": "1000000",
    "consignee": "Singapore Power Works",
}
INVOICE = "发票 0001 号\n汽轮机部件 2 箱\n".encode()


def asked(visitor: Visitor) -> None:
    """Ask the planner, through its form, for the way of two boxes from Deyang to Singapore."""
    visitor.go("/logistics/")
    page = visitor.page
    page.wait_for_function(
        "() => fetch('/health/ready').then(answer => answer.json()).then(told => told.engines.logistics === 'ready')",
        timeout=120_000,
    )
    page.fill("#ask-origin", "德阳")
    page.fill("#ask-destination", "SGSIN")
    assert page.input_value("#ask-depart") == "2025-11-30"
    page.fill("#ask-ft20", "2")
    visitor.press("main .ask .primary")


def through_both(visitor: Visitor) -> int:
    """Which option, from 0, calls at a port of entry of each province, the first of them Chengdu's railway port."""
    options = visitor.page.locator("tbody.option")
    for number in range(options.count()):
        places = options.nth(number).locator(".way span").all_inner_texts()
        if "成都国际铁路港" in places and all(set(places) & ports for ports in PORTS.values()):
            return number
    raise AssertionError(f"no way through a port of each province: {visitor.text('#options')}")


def booked(visitor: Visitor) -> str:
    """From a stranger's question to a confirmed booking; the address of the consignment."""
    page = visitor.page
    asked(visitor)
    for kind in ("scatter", "lines"):
        page.wait_for_selector(f"[data-chart={kind}] canvas")
    option = page.locator("tbody.option").nth(through_both(visitor))
    price = option.locator("td.number").nth(2).inner_text()
    with page.expect_navigation(wait_until="load"):
        option.locator("button:text-is('订舱')").click()
    assert page.url.endswith("/accounts/login/?next=/logistics/book/")
    page.fill("#id_login", SHIPPER)
    page.fill("#id_password", visitor.node.password(SHIPPER))
    visitor.send()
    assert page.url == f"{visitor.node.address}/logistics/book/"
    assert f"{price} " in visitor.text(".beside aside")
    for name, value in GOODS.items():
        page.fill(f"#id_{name}", value)
    visitor.send()
    address = page.url.removeprefix(visitor.node.address)
    assert "已占舱" in visitor.text("h1")
    visitor.press(f"form[action='{address}confirm/'] button.primary")
    assert "已确认" in visitor.text("h1")
    return address


def papers(visitor: Visitor, address: str, folder: Path) -> None:
    """Attach the invoice by its digest, number the boxes, declare the goods at the first port."""
    page = visitor.page
    invoice = folder / "发票.txt"
    invoice.write_bytes(INVOICE)
    visitor.press(f"a[href='{address}documents/']")
    page.set_input_files("#id_file", invoice)
    visitor.send()
    assert hashlib.sha256(INVOICE).hexdigest() in visitor.text()

    visitor.press(f"a[href='{address}boxes/']")
    page.fill("#id_number_1", BOXES[0][:-1] + "4")
    visitor.send(422)
    for sequence, number in enumerate(BOXES, start=1):
        page.fill(f"#id_number_{sequence}", number)
    visitor.send()
    assert all(number in visitor.text() for number in BOXES)

    visitor.press(f"a[href='{address}declare/?hub={FIRST}']")
    assert page.input_value("#id_hub") == FIRST
    visitor.send()
    assert not page.query_selector(f"a[href='{address}declare/?hub={FIRST}']")


def released(office: Visitor, number: str) -> None:
    """The customs office finds the declaration on its desk, accepts it and, without an inspection, lets it go."""
    office.go("/logistics/customs/")
    office.press(f"tr:has(a:text-is('{number}')) a.button")
    for state in ("已受理", "已放行"):
        office.press("main .actions button.primary")
        assert state in office.text("h1")
    office.go("/logistics/customs/")
    assert number not in office.text()


def reported(operator: Visitor, number: str, kind: str, moment: str, status: int = 200) -> None:
    """The operator reports, from his desk, what happened to his leg from Chengdu's railway port."""
    operator.go(f"/logistics/desk/?legs.q={number}")
    operator.press("tr:has-text('成都国际铁路港 →') a[href$='/report/']")
    operator.page.select_option("#id_kind", kind)
    operator.page.fill("#id_happened_at", moment)
    operator.send(status)


def test_one_consignment_goes_through_the_ports_of_both_provinces(visitors: Visitors, tmp_path: Path):
    shipper, rail = visitors.enter(), visitors.enter(RAIL)
    address = booked(shipper)
    number = shipper.text(".lede .code")
    papers(shipper, address, tmp_path)

    reported(rail, number, "loaded", "2025-11-30T09:00", 409)
    released(visitors.enter(OFFICE), number)
    reported(rail, number, "loaded", "2025-11-30T09:00")
    reported(rail, number, "departed", "2025-11-30T09:30")
    reported(rail, number, "expected_arrival", "2025-12-06T08:00")

    shipper.go(address)
    told = shipper.text(".timeline >> nth=0")
    for words in ("已放行 · 成都国际铁路港", "已装载 · 成都国际铁路港", "已出发 · 成都国际铁路港"):
        assert words in told
    assert shipper.page.query_selector("main .actions a.primary[href^='/logistics/?origin=']"), "no new way is offered"
    shipper.go("/logistics/notices/")
    assert "错过衔接" in shipper.text(f"tr:has(a:text-is('{number}'))")

    visitors.enter().go(address, 404)
