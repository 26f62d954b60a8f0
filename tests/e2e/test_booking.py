"""A quote is booked, declared and released in the browser: the shipper's and the office's pages, one after the other."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from harbour import NOW, Harbour, harbour_make

# What the planner's button sends: a form with the quote.
SEND = """(quote) => {
    const form = document.createElement('form');
    form.method = 'post';
    form.action = '/logistics/book/';
    const fields = {quote, csrfmiddlewaretoken: document.querySelector('meta[name=csrf-token]').content};
    for (const [name, value] of Object.entries(fields)) {
        const field = document.createElement('input');
        [field.name, field.value] = [name, value];
        form.append(field);
    }
    document.body.append(form);
    form.submit();
}"""


@pytest.fixture(autouse=True)
def beside_the_browser(monkeypatch) -> None:
    """The browser's driver keeps a loop in this thread, beside which Django would not speak to the database."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture
def harbour(actors) -> Harbour:
    return harbour_make(actors)


@pytest.fixture
def opened(database, harbour, browser, monkeypatch) -> Iterator[Callable[[str], Any]]:
    """`opened("customs.CQ")`: a page of that person's, on a server in this process at the harbour's time."""
    from django.test import Client
    from pytest_django.live_server_helper import LiveServer

    from bashu.kernel.parties.models import Person
    from bashu.kernel.parties.selectors import seen_by
    from bashu.kernel.web import clock

    monkeypatch.setattr(clock, "now", lambda: NOW)
    server, contexts, faults = LiveServer("127.0.0.1"), [], []

    def enter(who: str) -> Any:
        client = Client()
        with seen_by(harbour.actors["node"]):
            person = Person.objects.get(public_id=harbour.actors[who].id)
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=server.url)
        cookies = {"sessionid": client.cookies["sessionid"].value, "bashu_language": "en"}
        context.add_cookies([{"name": name, "value": value, "url": server.url} for name, value in cookies.items()])
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        return page

    yield enter
    for context in contexts:
        context.close()
    server.stop()
    assert faults == []


def test_a_quote_becomes_a_released_consignment(opened, harbour) -> None:
    shipper, office = opened("enterprise.CQ"), opened("customs.CQ")
    shipper.goto("/logistics/bookings/")
    shipper.evaluate(SEND, harbour.quote())
    fields = {
        "description": "汽轮机部件",
        "hs_code": "840690",
        "weight_kg": "21000",
        "forty": "1",
        "value": "1000000",
        "consignee": "Works",
    }
    for name, value in fields.items():
        shipper.fill(f"#id_{name}", value)
    shipper.click("main .form .primary")
    shipper.click("text=Confirm the booking")
    shipper.wait_for_selector("text=Booked on every leg.")
    assert harbour.held() == {("RAIL", "T0"): 2, ("LSC", "T0"): 2, ("SEA", "T0"): 2}
    consignment = shipper.url
    shipper.click("main .message a >> nth=-1")
    shipper.click("main .form .primary")
    shipper.wait_for_selector("text=Lodged.")
    office.goto("/logistics/customs/")
    office.click("main table a.button")
    office.click("main .actions button.primary")
    office.wait_for_selector("main h1 .badge:has-text('Accepted')")
    office.click("main .actions button.primary")
    office.wait_for_selector("main h1 .badge:has-text('Released')")
    shipper.goto(consignment)
    assert "Released" in shipper.inner_text("main")
    shipper.click("main .actions a:has-text('Cancel')")
    shipper.click("main .form .danger")
    shipper.click("#confirm [value=yes]")
    shipper.wait_for_selector("text=Cancelled; the space went back.")
    assert harbour.held() == {}
