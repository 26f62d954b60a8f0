"""The way of an application: applied for, found complete, reviewed, refused, appealed against, granted by another office, paid."""

from e2e.visitor import Visitor, Visitors

FIRM, OFFICE, COLLEAGUE = "enterprise.sc@demo.example", "authority.sc@demo.example", "colleague.sc@demo.example"
JOINT = "coordinator.joint@demo.example"


def act(visitor: Visitor, address: str, step: str, **fields: str) -> None:
    """Open one act of an application, fill it in and send it; a dangerous one asks once more."""
    visitor.go(f"{address}{step}/")
    for name, value in fields.items():
        visitor.page.fill(f"#id_{name}", value)
    if visitor.page.query_selector("form[data-confirm]"):
        visitor.page.click("main form .danger")
        with visitor.page.expect_navigation():
            visitor.page.click("dialog#confirm button[value=yes]")
    else:
        visitor.send()


def test_an_application_goes_from_the_enterprise_through_two_officials_and_an_appeal_to_its_payment(visitors: Visitors):
    firm, office, colleague, joint = (visitors.enter(email) for email in (FIRM, OFFICE, COLLEAGUE, JOINT))
    firm.go("/policy/mine/")
    row = "tr:has-text('示例：研发补助（四川）')"
    firm.press(f"{row} a[href*='/apply/']")
    firm.send()
    address = firm.page.url.removeprefix(firm.node.address)
    assert "208,000.00" in firm.text()  # 8 % of 2.6 million yuan

    visitors.enter("authority.cq@demo.example").go(address, 404)
    act(office, address, "accept")
    act(office, address, "review", finding="研发费用与年报一致")
    office.go(f"{address}refuse/")
    office.page.fill("#id_reason", "材料不一致")
    office.page.click("main form .danger")
    with office.page.expect_navigation():
        office.page.click("dialog#confirm button[value=yes]")
    assert office.page.query_selector(".message.error"), "who reviewed does not decide"
    office.forgive("status of 403")
    act(colleague, address, "refuse", reason="材料不一致")
    act(firm, address, "appeal", grounds="年报已更正")

    joint.go(address)
    joint.press("main a.primary")
    joint.page.fill("#id_reason", "更正后的年报属实")
    joint.send()
    act(office, address, "pay", order="ZF-2025-E2E")
    firm.go(address)
    assert "ZF-2025-E2E" in firm.text()
    assert firm.page.query_selector(".state.paid")


def test_the_land_page_draws_the_quota_of_both_sides(visitors: Visitors):
    area = visitors.enter("area.joint@demo.example")
    area.go("/policy/powers/land/")
    assert area.page.locator(".quota svg rect").count() >= 6
    area.press(".quota a[href*='/reserve/']")
    area.page.fill("#id_m2", "999999999")
    area.page.fill("#id_project", "过大的项目")
    area.page.fill("#id_reason", "试")
    area.send(409)
    area.page.fill("#id_m2", "10000")
    area.send()
    assert "过大的项目" in area.text()
