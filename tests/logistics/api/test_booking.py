"""Bookings and clearance over HTTP: who sees which part, 404 for what is none of one's business, and one way through all of it."""

import pytest

from harbour import Harbour


@pytest.fixture
def call(api, harbour, monkeypatch):
    """Requests by name of the caller, at the harbour's time; gives (status, answer)."""
    from types import SimpleNamespace

    from bashu.kernel.web import clock
    from harbour import NOW

    monkeypatch.setattr(clock, "now", lambda: NOW)

    def send(method: str, path: str, who: str = "enterprise.CQ", body=None, **options):
        by = SimpleNamespace(token=harbour.tokens[who]) if who else None
        answer = api(method, f"/logistics{path}", body, by=by, **options)
        return answer.status_code, answer.json()

    return send


def asked(harbour: Harbour, **changes) -> dict:
    """The body of a booking."""
    return {
        "quote": harbour.quote(), "shipper": str(harbour.organisations["enterprise.CQ"]), "description": "汽轮机部件", "hs_code": "840690",
        "weight_kg": 21_000, "boxes": [40], "value": "1000000.00", "consignee": "Singapore Power Works", **changes,
    }  # fmt: skip


@pytest.fixture
def booked(call, harbour) -> dict:
    _, held = call("POST", "/consignments", body=asked(harbour))
    status, answer = call("POST", f"/consignments/{held['id']}/confirm", body={})
    assert status == 200
    return answer


class TestHold:
    def test_nobody_and_another_organisation_are_refused(self, call, harbour):
        assert call("POST", "/consignments", "", asked(harbour))[0] == 401
        assert call("POST", "/consignments", "enterprise.SC", asked(harbour))[0] == 403

    @pytest.mark.parametrize(
        ("changes", "status"),
        [
            ({"quote": "x"}, 422), ({"boxes": []}, 422), ({"boxes": [20]}, 409), ({"value": "NaN"}, 422), ({"value": "1e30"}, 422),
            ({"weight_kg": 0}, 422), ({"description": "\x00"}, 422), ({"un_number": "1203"}, 409), ({"hs_code": "x"}, 422),
        ],
    )  # fmt: skip
    def test_bad_input_is_named_and_nothing_is_held(self, call, harbour, changes, status):
        code, answer = call("POST", "/consignments", body=asked(harbour, **changes))
        assert (code, answer["status"]) == (status, status)
        assert harbour.held() == {}

    def test_a_null_in_an_amendment_changes_nothing(self, call, booked):
        path = f"/consignments/{booked['id']}/amend"
        nothing = dict.fromkeys(
            ("description", "hs_code", "weight_kg", "value", "currency", "exchange_rate", "un_number", "notify_party")
        )
        assert call("POST", path, body=nothing)[0] == 409
        status, answer = call("POST", path, body={**nothing, "weight_kg": 20_000})
        assert (status, answer["weight_kg"], answer["goods"]) == (200, 20_000, "汽轮机部件")

    def test_the_same_key_gives_the_first_answer(self, call, harbour):
        body = asked(harbour)
        first, again = (call("POST", "/consignments", body=body, key="k1") for _ in range(2))
        assert first[0] == again[0] == 201
        assert first[1]["id"] == again[1]["id"]


class TestWhoSeesWhat:
    @pytest.mark.parametrize(
        ("who", "legs", "terms"),
        [
            ("enterprise.CQ", [1, 2, 3, 4], True), ("coordinator", [1, 2, 3, 4], True), ("truck", [1], False), ("rail", [1, 2, 3], False),
            ("port.CQ", [2, 3], False), ("sea", [4], False),
        ],
    )  # fmt: skip
    def test_each_sees_its_own_legs(self, call, booked, who, legs, terms):
        status, answer = call("GET", f"/consignments/{booked['id']}", who)
        assert status == 200
        assert [leg["sequence"] for leg in answer["legs"]] == legs
        assert (answer["terms"] is not None) == terms
        assert call("GET", "/consignments", who)[1]["count"] == 1

    @pytest.mark.parametrize(
        "who",
        ["", "enterprise.SC", "authority.CQ", "authority.SC", "customs.CQ", "customs.SC", "port.SC", "resident.SC"],
    )
    def test_nobody_else_learns_that_it_exists(self, call, booked, who):
        path = f"/consignments/{booked['id']}"
        assert call("GET", path, who)[0] == 404
        assert call("GET", f"{path}/documents", who)[0] == 404
        assert call("GET", "/consignments", who)[1]["count"] == 0
        for act in ("confirm", "cancel", "boxes", "documents", "declarations", "amend", "rebook"):
            body = {
                "boxes": {"boxes": [{"sequence": 1, "number": "CSQU3054383"}]}, "rebook": {"quote": "x"},
                "documents": {"kind": "other", "name": "n", "size": 1, "sha256": "0" * 64},
                "declarations": {"hub": "GUOYUAN", "procedure": "export"},
            }.get(act, {})  # fmt: skip
            assert call("POST", f"{path}/{act}", who, body)[0] == 404, act

    def test_an_operator_sees_it_but_may_not_act_for_the_shipper(self, call, booked):
        for act, body in (("confirm", {}), ("cancel", {}), ("amend", {"weight_kg": 5})):
            assert call("POST", f"/consignments/{booked['id']}/{act}", "rail", body)[0] == 403

    def test_customs_sees_what_it_must_decide_once_it_is_declared(self, call, booked):
        declared = {"hub": "GUOYUAN", "procedure": "export"}
        status, declaration = call("POST", f"/consignments/{booked['id']}/declarations", body=declared)
        assert status == 201
        assert [leg["sequence"] for leg in call("GET", f"/consignments/{booked['id']}", "customs.CQ")[1]["legs"]] == [
            2,
            3,
        ]
        assert call("GET", "/declarations", "customs.CQ")[1]["count"] == 1
        assert call("GET", f"/declarations/{declaration['id']}", "customs.SC")[0] == 404
        assert call("POST", f"/declarations/{declaration['id']}/accept", "customs.SC", {})[0] == 404
        assert call("GET", f"/declarations/{declaration['id']}", "rail")[0] == 404


def test_one_consignment_through_both_provinces_ports(call, booked):
    """Declared for transit in Sichuan, under bond to Chongqing, discharged and cleared for export there."""
    path = f"/consignments/{booked['id']}"
    _, inland = call("POST", f"{path}/declarations", body={"hub": "QINGBAIJIANG", "procedure": "transit"})
    for step in ("accept", "release"):
        assert call("POST", f"/declarations/{inland['id']}/{step}", "customs.SC", {})[0] == 200
    bond = {"target": "GUOYUAN", "seal": "CN-77", "due_at": "2025-06-04T00:00:00Z"}
    status, transit = call("POST", f"/declarations/{inland['id']}/transit", "customs.SC", bond)
    assert status == 201
    assert call("GET", "/transits", "customs.CQ")[1]["items"][0]["id"] == transit["id"]
    assert call("POST", f"/transits/{transit['id']}/discharge", "customs.CQ", {"seal": "CN-78"})[0] == 409
    assert call("POST", f"/transits/{transit['id']}/discharge", "customs.CQ", {"seal": "CN-77"})[0] == 200
    _, export = call("POST", f"{path}/declarations", body={"hub": "GUOYUAN", "procedure": "export"})
    steps = (("accept", {}), ("hold", {"reason": "licence"}), ("unhold", {"reason": "came"}), ("inspect", {"reason": "sample"}),
             ("inspected", {"reason": "as declared"}), ("release", {}))  # fmt: skip
    for step, body in steps:
        assert call("POST", f"/declarations/{export['id']}/{step}", "customs.CQ", body)[0] == 200, step
    whole = call("GET", path)[1]
    assert {one["state"] for one in whole["declarations"]} == {"released"}
    assert whole["transits"][0]["state"] == "discharged"


def test_documents_are_known_by_their_digest(call, booked):
    paper = {"kind": "invoice", "name": "invoice.pdf", "size": 3, "sha256": "0" * 64}
    path = f"/consignments/{booked['id']}/documents"
    assert call("POST", path, body=paper)[0] == 201
    assert call("POST", path, body=paper)[0] == 409
    assert call("POST", path, body={**paper, "sha256": "0" * 63})[0] == 422
    assert len(call("GET", f"{path}?sha256={'0' * 64}")[1]) == 1
    assert call("GET", f"{path}?sha256={'1' * 64}")[1] == []


def test_an_operator_rejects_its_leg_and_the_shipper_rebooks(call, booked, harbour):
    legs = call("GET", "/legs", "sea")[1]["items"]
    assert [leg["sequence"] for leg in legs] == [4]
    assert (
        call("POST", f"/legs/{legs[0]['id']}/reject", "sea", {"reason": "vessel withdrawn"})[1]["state"] == "cancelled"
    )
    assert call("GET", f"/consignments/{booked['id']}")[1]["missed"] is True
    status, again = call("POST", f"/consignments/{booked['id']}/rebook", body={"quote": harbour.quote(2)})
    assert (status, again["missed"]) == (200, False)
    assert [leg["state"] for leg in again["legs"]] == ["cancelled"] * 4 + ["confirmed"] * 4
