"""The pages of bookings, desks and clearance: who may open them, one way through all of them, and what is shown to whom."""

import hashlib
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from bashu.kernel.parties.models import Person
from bashu.kernel.parties.selectors import seen_by
from bashu.logistics.models import Consignment, Declaration, Leg, Transit
from harbour import NOW

FIELDS = {
    "description": "汽轮机部件", "hs_code": "840690", "weight_kg": "21000", "forty": "1", "value": "1000000.00", "currency": "usd",
    "exchange_rate": "7.1", "consignee": "Singapore Power Works", "notify_party": "",
}  # fmt: skip


@pytest.fixture
def browse(harbour, monkeypatch):
    """A signed-in browser for each name of the harbour, at its time."""
    from bashu.kernel.web import clock

    monkeypatch.setattr(clock, "now", lambda: NOW)
    kept: dict[str, Client] = {}

    def client(who: str = "enterprise.CQ") -> Client:
        if who not in kept:
            kept[who] = Client(raise_request_exception=False)
            kept[who].cookies["bashu_language"] = "en"
            if who:
                with seen_by(harbour.actors["node"]):
                    person = Person.objects.get(public_id=harbour.actors[who].id)
                kept[who].force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        return kept[who]

    return client


@pytest.fixture
def booked(harbour) -> Consignment:
    return harbour.booked()


def at(name: str, record=None, *more: str) -> str:
    """The address of a page."""
    return reverse(f"logistics:{name}", args=[record.public_id, *more] if record else [])


def text(response) -> str:
    """A page's words."""
    return response.content.decode()


class TestBook:
    def test_nobody_is_led_to_sign_in_and_an_office_is_refused(self, browse, harbour):
        assert browse("").get(at("book")).status_code == 302
        assert browse("").post(at("book")).status_code == 401
        assert browse("customs.CQ").post(at("book"), {"quote": harbour.quote()}).status_code == 403

    def test_a_quote_chosen_before_signing_in_is_there_afterwards(self, browse, harbour):
        visitor, token = browse(""), harbour.quote()
        assert visitor.post(at("book"), {"quote": "x"}).status_code == 422
        sent = visitor.post(at("book"), {"quote": token})
        assert (sent.status_code, sent["Location"]) == (303, f"{reverse('account_login')}?next={at('book')}")
        with seen_by(harbour.actors["node"]):
            person = Person.objects.get(public_id=harbour.actors["enterprise.CQ"].id)
        visitor.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        for _ in range(2):
            form = visitor.get(at("book"))
            assert (form.status_code, token in text(form)) == (200, True)
        fields = FIELDS | {"quote": token, "shipper": str(harbour.organisations["enterprise.CQ"]), "_key": "k"}
        assert visitor.post(at("book"), fields).status_code == 303
        assert visitor.get(at("book"))["Location"] == at("planner")

    def test_a_changed_quote_says_where_to_get_a_new_one(self, browse):
        answer = browse().post(at("book"), {"quote": "x"})
        assert answer.status_code == 422
        assert "Ask the planner for a new one" in text(answer)

    def test_the_quote_the_form_the_hold_and_the_confirmation(self, browse, harbour):
        token = harbour.quote()
        form = browse().post(at("book"), {"quote": token})
        assert form.status_code == 200
        assert "6,400.00" in text(form)
        fields = FIELDS | {"quote": token, "shipper": str(harbour.organisations["enterprise.CQ"]), "_key": "k1"}
        faulty = browse().post(at("book"), fields | {"hs_code": "x"})
        assert (faulty.status_code, "6, 8 or 10 digits" in text(faulty)) == (422, True)
        held = browse().post(at("book"), fields | {"_key": "k2"})
        assert held.status_code == 303, text(held)
        with seen_by(harbour.actors["enterprise.CQ"]):
            one = Consignment.objects.get()
        page = browse().get(held["Location"])
        assert "Confirm the booking" in text(page)
        assert "7,100,000.00" in text(page)
        assert browse().post(at("confirm", one), {"_key": "k3"}).status_code == 303
        assert "Nothing is declared yet at" in text(browse().get(held["Location"]))

    def test_another_organisation_in_the_form_is_refused_beside_its_field(self, browse, harbour):
        fields = FIELDS | {
            "quote": harbour.quote(),
            "shipper": str(harbour.organisations["enterprise.SC"]),
            "_key": "k",
        }
        assert browse().post(at("book"), fields).status_code == 422


class TestConsignment:
    @pytest.mark.parametrize(
        "page", ["consignment", "cancel", "amend", "boxes", "document_attach", "document_check", "declare", "rebook"]
    )
    def test_who_has_no_part_in_it_learns_nothing(self, browse, booked, page):
        assert browse("").get(at(page, booked)).status_code == 404
        assert browse("enterprise.SC").get(at(page, booked)).status_code == 404
        assert browse("customs.SC").post(at(page, booked), {"_key": "k"}).status_code == 404

    @pytest.mark.parametrize("page", ["confirm", "cancel", "amend", "declare", "rebook"])
    def test_an_operator_sees_it_and_may_not_act_for_the_shipper(self, browse, booked, page):
        assert browse("rail").get(at(page, booked)).status_code == 403

    def test_the_shipper_sees_the_price_and_the_operator_only_its_legs(self, browse, booked):
        mine, theirs = text(browse().get(at("consignment", booked))), text(browse("sea").get(at("consignment", booked)))
        assert "How the price adds up" in mine
        assert "Singapore Power Works" in mine
        assert "How the price adds up" not in theirs
        assert "Singapore Power Works" not in theirs
        assert "RAIL" not in theirs

    def test_an_amendment_shows_what_was_and_what_is(self, browse, booked):
        fields = {key: value for key, value in FIELDS.items() if key != "forty"} | {
            "currency": "CNY",
            "exchange_rate": "1",
            "weight_kg": "20500",
        }
        assert browse().post(at("amend", booked), fields | {"_key": "k"}).status_code == 303
        shown = text(browse().get(at("consignment", booked)))
        assert re.search(r"<s[^>]*>21000</s> → 20500", shown)

    def test_a_wrong_box_number_is_refused_and_a_right_one_kept(self, browse, booked):
        client = browse("rail")
        assert client.post(at("boxes", booked), {"number_1": "CSQU3054384", "_key": "a"}).status_code == 422
        assert client.post(at("boxes", booked), {"number_1": "csqu 3054383", "_key": "b"}).status_code == 303
        assert "CSQU3054383" in text(browse().get(at("consignment", booked)))

    def test_a_document_is_attached_by_its_digest_and_recognised(self, browse, booked):
        paper = b"%PDF-1.7 invoice"
        sent = {"kind": "invoice", "file": SimpleUploadedFile("invoice.pdf", paper, "application/pdf"), "_key": "k"}
        assert browse().post(at("document_attach", booked), sent).status_code == 303
        assert hashlib.sha256(paper).hexdigest() in text(browse().get(at("consignment", booked)))
        same = browse().post(at("document_check", booked), {"file": SimpleUploadedFile("copy.pdf", paper)})
        other = browse().post(at("document_check", booked), {"file": SimpleUploadedFile("copy.pdf", paper + b" ")})
        assert "unchanged to the byte" in text(same)
        assert "none of the consignment" in text(other)

    def test_cancelling_names_what_will_happen_and_does_it(self, browse, booked, harbour):
        assert "2 TEU go back on 4 legs" in text(browse().get(at("cancel", booked)))
        assert browse().post(at("cancel", booked), {"_key": "k"}).status_code == 303
        assert harbour.held() == {}

    def test_goods_cannot_carry_code_onto_the_page(self, browse, harbour):
        fields = FIELDS | {
            "quote": harbour.quote(),
            "shipper": str(harbour.organisations["enterprise.CQ"]),
            "_key": "k",
        }
        held = browse().post(at("book"), fields | {"description": "<script>alert(1)</script>"})
        for path in (held["Location"], at("consignments")):
            assert "<script>alert(" not in text(browse().get(path))


class TestList:
    def test_is_for_who_is_signed_in_and_holds_one_s_own(self, browse, booked):
        assert browse("").get(at("consignments")).status_code == 302
        assert booked.number in text(browse().get(at("consignments")))
        assert booked.number not in text(browse("enterprise.SC").get(at("consignments")))
        assert booked.number not in text(browse().get(f"{at('consignments')}?state=cancelled"))
        assert browse().get(f"{at('consignments')}?bookings.as=xlsx").status_code == 200


class TestDesks:
    def test_the_operator_rejects_and_the_shipper_is_led_to_a_new_way(self, browse, booked, harbour):
        assert browse("").get(at("operator_desk")).status_code == 302
        assert browse("enterprise.SC").get(at("operator_desk")).status_code == 403
        desk = text(browse("rail").get(at("operator_desk")))
        assert "2 / 10 TEU" in desk
        with seen_by(harbour.actors["rail"]):
            leg = Leg.objects.get(sequence=3)
        assert at("leg_reject", leg) in desk
        assert browse("sea").get(at("leg_reject", leg)).status_code == 404
        assert browse("rail").post(at("leg_reject", leg), {"_key": "a", "reason": "engine failure"}).status_code == 303
        page = text(browse().get(at("consignment", booked)))
        assert "Find a new way" in page
        token = harbour.quote(2)
        assert at("rebook", booked) in text(browse().post(at("book"), {"quote": token}))
        assert browse().post(at("rebook", booked), {"quote": token, "_key": "b"}).status_code == 303
        assert "Find a new way" not in text(browse().get(at("consignment", booked)))

    def test_customs_decides_what_was_declared_and_the_operator_sees_only_that_it_may_not_load(
        self, browse, booked, harbour
    ):
        assert browse("enterprise.CQ").get(at("customs_desk")).status_code == 403
        assert (
            browse().post(at("declare", booked), {"hub": "GUOYUAN", "procedure": "export", "_key": "a"}).status_code
            == 303
        )
        with seen_by(harbour.actors["customs.CQ"]):
            found = Declaration.objects.get()
        assert "Not released: do not load" in text(browse("rail").get(at("operator_desk")))
        assert browse("rail").get(at("declaration", found)).status_code == 404
        assert at("declaration", found) in text(browse("customs.CQ").get(at("customs_desk")))
        assert at("declaration", found) not in text(browse("customs.SC").get(at("customs_desk")))
        assert browse().post(at("declaration_step", found, "release"), {"_key": "x"}).status_code == 403
        for name, words in (
            ("accept", {}),
            ("hold", {"reason": "licence"}),
            ("unhold", {"reason": "came"}),
            ("release", {}),
        ):
            answer = browse("customs.CQ").post(at("declaration_step", found, name), {"_key": name, **words})
            assert answer.status_code == 303, (name, text(answer))
        assert browse("customs.CQ").get(at("declaration_step", found, "unheard-of")).status_code == 404
        assert "Not released" not in text(browse("rail").get(at("operator_desk")))

    def test_goods_go_under_bond_and_are_discharged(self, browse, booked, harbour):
        browse().post(at("declare", booked), {"hub": "QINGBAIJIANG", "procedure": "transit", "_key": "a"})
        with seen_by(harbour.actors["customs.SC"]):
            found = Declaration.objects.get()
        for name in ("accept", "release"):
            browse("customs.SC").post(at("declaration_step", found, name), {"_key": name})
        bond = {"target": "GUOYUAN", "seal": "CN-1", "due_at": "2025-06-04T08:00", "_key": "t"}
        answer = browse("customs.SC").post(at("transit_open", found), bond)
        assert answer.status_code == 303, text(answer)
        with seen_by(harbour.actors["customs.CQ"]):
            transit = Transit.objects.get()
        assert "CN-1" in text(browse("customs.CQ").get(at("customs_desk")))
        assert browse("customs.SC").get(at("transit_discharge", transit)).status_code == 403
        assert (
            browse("customs.CQ").post(at("transit_discharge", transit), {"seal": "CN-2", "_key": "b"}).status_code
            == 409
        )
        assert (
            browse("customs.CQ").post(at("transit_discharge", transit), {"seal": "CN-1", "_key": "c"}).status_code
            == 303
        )
