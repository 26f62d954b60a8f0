"""The pages of certificates, matching and settlements, as a browser without scripts sees them."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bashu.power.models import Retirement, Settlement
from bashu.power.services.metering import consumption_record
from power_hours import JULY


def english():
    """A browser that reads English, signed in as nobody."""
    client = Client()
    client.cookies["bashu_language"] = "en"
    return client


@pytest.fixture
def browse(actors, signed_in):
    """`browse("enterprise.CQ")`: that person's browser."""

    def make(who):
        return signed_in(english(), actors[who])

    return make


def links(page, part):
    """The addresses on a page that have something in them, each once."""
    return {address for address in re.findall(r'href="([^"]+)"', page) if part in address}


class TestRegister:
    def test_an_empty_register_says_how_it_is_filled(self, db):
        page = english().get(reverse("power:certificates")).content.decode()
        assert "A registry imports metered hours and issues a month" in page

    def test_everybody_sees_what_was_issued_and_only_the_owner_what_he_holds(self, issued, browse):
        issued(5)
        own, other = (
            browse(who).get(reverse("power:certificates")).content.decode()
            for who in ("enterprise.CQ", "enterprise.SC")
        )
        assert "1–5" in own and "1–5" in other
        assert "/retire/" in own and "/retire/" not in other

    def test_more_batches_take_no_more_statements(self, issued, browse):
        client, address = browse("enterprise.CQ"), reverse("power:certificates")
        counts = []
        for code in ("W1", "W2", "W3"):
            issued(3, code)
            with CaptureQueriesContext(connection) as found:
                client.get(address)
            counts.append(len(found))
        assert counts[1] == counts[2]


class TestRetire:
    def test_the_form_asks_once_and_retires(self, issued, browse):
        holding = issued(5)
        client, address = browse("enterprise.CQ"), reverse("power:holding_retire", args=[holding.public_id])
        assert "data-confirm" in client.get(address).content.decode()
        answer = client.post(address, {"quantity": 2, "purpose": "2025", "_version": holding.version})
        assert (answer.status_code, answer["Location"]) == (303, reverse("power:certificates"))
        assert Retirement.objects.get().count == 2

    def test_a_refusal_stands_beside_the_form(self, issued, browse):
        address = reverse("power:holding_retire", args=[issued(5).public_id])
        answer = browse("enterprise.CQ").post(address, {"quantity": 9, "purpose": "2025"})
        assert answer.status_code == 409
        assert "The holding has certificates 1 to 5" in answer.content.decode()


class TestOffer:
    def test_an_offer_is_accepted_on_the_receivers_page(self, issued, browse, actors, held):
        holding = issued(5)
        to = actors["enterprise.SC"].organisation.public_id
        browse("enterprise.CQ").post(
            reverse("power:holding_offer", args=[holding.public_id]), {"quantity": 2, "receiver": to}
        )
        receiver = browse("enterprise.SC")
        page = receiver.get(reverse("power:certificates")).content.decode()
        (address,) = links(page, "/accept/")
        assert receiver.post(address).status_code == 303
        assert held(actors["enterprise.SC"]) == [(1, 2, "held")]


class TestMatching:
    def test_shows_both_scores_and_every_hour(self, issued, browse, actors, acting):
        holding = issued(2)
        client = browse("enterprise.CQ")
        assert "No consumption is on record" in client.get(reverse("power:matching")).content.decode()
        own = actors["enterprise.CQ"]
        rows = "".join(f"{JULY.isoformat()[:11]}{16 + i:02}:00+00:00,{1_000_000}\n" for i in range(4))
        consumption_record(ctx=acting(own), organisation=own.organisation, content=f"hour,used_wh\n{rows}".encode())
        client.post(reverse("power:holding_retire", args=[holding.public_id]), {"quantity": 2, "purpose": "2025"})
        page = client.get(f"{reverse('power:matching')}?month=2025-07").content.decode()
        assert page.count("<rect") == 4
        assert page.count('class="m4"') == 3, "two hours and the legend"
        assert "07-01 00:00 · 1,000 of 1,000 kWh matched" in page
        assert ">50<" in page

    @pytest.mark.parametrize("month", ["", "2025", "2025-13", "0000-00", "x" * 50])
    def test_a_month_that_is_none_shows_the_last_one(self, browse, month):
        assert browse("enterprise.CQ").get(reverse("power:matching"), {"month": month}).status_code == 200


class TestSettlement:
    FILE = b'{"division": "nash", "baseline": "ties", "nash": {"SC": 0.335, "CQ": 0.335}, "settlement": {"SC": 0.67, "CQ": 0}}'

    def test_is_proposed_by_one_grid_and_signed_by_the_other(self, browse, actors):
        form = {
            "counterparty": actors["authority.SC"].organisation.public_id, "period_start": "2025-08-04", "period_end": "2025-08-10",
            "file": SimpleUploadedFile("share.json", self.FILE),
        }  # fmt: skip
        assert browse("operator.CQ").post(reverse("power:settlement_propose"), form).status_code == 303
        grid = browse("authority.SC")
        page = grid.get(reverse("power:settlements")).content.decode()
        (where,) = links(page, "/power/settlements/0")
        shown = grid.get(where).content.decode()
        assert "−0.33" in shown and "0.34" in shown and "−0.01" in shown
        assert grid.post(f"{where}sign/").status_code == 303
        assert "Binding" in english().get(where).content.decode()
        assert Settlement.objects.count() == 1

    @pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"division": "nash", "nash": {"a": NaN}}'])
    def test_a_file_that_is_no_division_is_refused(self, browse, actors, content):
        form = {
            "counterparty": actors["authority.SC"].organisation.public_id, "period_start": "2025-08-04", "period_end": "2025-08-10",
            "file": SimpleUploadedFile("share.json", content),
        }  # fmt: skip
        assert browse("operator.CQ").post(reverse("power:settlement_propose"), form).status_code == 422
