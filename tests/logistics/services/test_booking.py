"""Bookings: who may not, what is refused, and that space is held on all legs or on none."""

from datetime import timedelta
from decimal import Decimal

import pytest

from bashu.kernel.errors import Forbidden, KeyReused, NotFound, SignInNeeded, StaleVersion
from bashu.kernel.journal.models import Entry
from bashu.kernel.parties.selectors import seen_by
from bashu.logistics import errors
from bashu.logistics.goods import Number
from bashu.logistics.models import (
    Box,
    Closure,
    Consignment,
    Declaration,
    Departure,
    Leg,
    NetworkVersion,
    Terms,
)
from bashu.logistics.selectors.notices import notice_list, said
from bashu.logistics.services import amending, booking, clearance
from harbour import NOW, command, goods, parties

FULL = {("RAIL", "T0"): 2, ("LSC", "T0"): 2, ("SEA", "T0"): 2}


def hold(harbour, quote: str, by: str = "enterprise.CQ", shipper: str = "enterprise.CQ", **changes):
    """Hold with a given quote and goods."""
    return booking.consignment_hold(
        ctx=command(harbour.actors[by], changes.pop("now", NOW), **changes.pop("options", {})),
        shipper=harbour.organisations[shipper], quote=quote, goods=goods(**changes), parties=parties(),
    )  # fmt: skip


class TestHold:
    def test_nobody_is_refused(self, harbour):
        from bashu.kernel.commands.actor import ANONYMOUS

        harbour.actors["nobody"] = ANONYMOUS
        with pytest.raises(SignInNeeded):
            hold(harbour, harbour.quote(), by="nobody")

    @pytest.mark.parametrize("who", ["resident.SC", "verifier.CQ", "authority.CQ", "coordinator", "customs.CQ"])
    def test_a_role_that_sends_no_goods_is_refused(self, harbour, who):
        with pytest.raises(Forbidden):
            hold(harbour, harbour.quote(), by=who, shipper=who)

    def test_nobody_books_for_another_organisation(self, harbour):
        with pytest.raises(Forbidden):
            hold(harbour, harbour.quote(), by="enterprise.SC")

    def test_a_changed_quote_is_refused(self, harbour):
        token = harbour.quote()
        at = len(token) // 2
        other = "A" if token[at] != "A" else "B"
        with pytest.raises(errors.QuoteWrong, match="new one"):
            hold(harbour, token[:at] + other + token[at + 1 :])

    def test_a_quote_past_its_time_is_refused(self, harbour):
        with pytest.raises(errors.QuoteExpired, match="new one"):
            hold(harbour, harbour.quote(), now=NOW + timedelta(hours=2))

    def test_a_quote_whose_departure_has_gone_is_refused_though_it_is_young(self, harbour):
        token = harbour.quote(until=NOW + timedelta(days=9))
        with pytest.raises(errors.QuoteExpired):
            hold(harbour, token, now=NOW + timedelta(days=1, hours=1))

    def test_a_quote_of_another_timetable_is_refused(self, harbour):
        NetworkVersion.objects.update(current=False)
        with pytest.raises(errors.QuoteOutdated, match="new one"):
            hold(harbour, harbour.quote())

    def test_a_way_through_a_closed_hub_is_refused(self, harbour):
        Closure.objects.create(
            hub="QINZHOU", closed_from=NOW, until=None, reason="flood", organisation_id=harbour.organisations["rail"]
        )
        with pytest.raises(errors.HubClosed, match="QINZHOU"):
            hold(harbour, harbour.quote())

    @pytest.mark.parametrize(
        ("changes", "kind"),
        [
            ({"boxes": (20,)}, errors.CargoDiffers), ({"boxes": (30,)}, errors.GoodsWrong), ({"boxes": ()}, errors.GoodsWrong),
            ({"un_number": "1203"}, errors.CargoDiffers), ({"reefer_celsius": Decimal(-18)}, errors.CargoDiffers),
            ({"hs_code": "84"}, errors.GoodsWrong), ({"hs_code": "84069O"}, errors.GoodsWrong), ({"weight_kg": 0}, errors.GoodsWrong),
            ({"weight_kg": 36_001}, errors.GoodsWrong), ({"un_number": "12"}, errors.GoodsWrong),
            ({"reefer_celsius": Decimal("NaN")}, errors.GoodsWrong), ({"currency": "yuan"}, errors.GoodsWrong),
            ({"exchange_rate": Decimal(7)}, errors.GoodsWrong), ({"value": Decimal(-1)}, errors.GoodsWrong),
            ({"value": Decimal("Infinity")}, errors.GoodsWrong), ({"description": " "}, errors.GoodsWrong),
        ],
    )  # fmt: skip
    def test_goods_that_cannot_be_or_were_not_quoted_are_refused(self, harbour, changes, kind):
        with pytest.raises(kind):
            hold(harbour, harbour.quote(), **changes)
        assert harbour.held() == {}

    def test_one_leg_without_space_leaves_no_leg_held(self, harbour):
        Departure.objects.filter(service="SEA", trip="T0").update(capacity_teu=1)
        with pytest.raises(errors.SpaceGone, match="SEA leaving QINZHOU"):
            hold(harbour, harbour.quote())
        assert harbour.held() == {}
        with seen_by(harbour.actors["coordinator"]):
            assert not Consignment.objects.exists()

    def test_two_free_teu_on_two_departures_do_not_carry_one_forty_foot_box(self, harbour):
        Departure.objects.filter(service="SEA").update(capacity_teu=1)
        with pytest.raises(errors.SpaceGone):
            hold(harbour, harbour.quote())

    @pytest.mark.parametrize("gone", [{"withdrawn": True}, {"departed_at": NOW}])
    def test_a_departure_that_will_not_run_or_has_left_takes_nothing(self, harbour, gone):
        Departure.objects.filter(service="LSC", trip="T0").update(**gone)
        with pytest.raises(errors.SpaceGone):
            hold(harbour, harbour.quote())

    def test_holds_every_leg_and_tells_the_journal_once(self, harbour):
        consignment = hold(
            harbour, harbour.quote(), value=Decimal("1000.05"), currency="USD", exchange_rate=Decimal("7.1")
        )
        assert harbour.held() == FULL
        with seen_by(harbour.actors["enterprise.CQ"]):
            kept = Consignment.objects.get(pk=consignment.pk)
            legs = list(kept.legs.order_by("sequence"))
            terms = Terms.objects.get()
        assert [leg.mode for leg in legs] == ["road", "rail", "rail", "sea"]
        assert {leg.state for leg in legs} == {"held"}
        assert sum(leg.price_fen for leg in legs) == terms.price_fen == 640_000
        assert terms.goods_value_fen == 710_036  # 7,100.355 yuan, half up
        assert kept.number == consignment.number
        assert kept.held_until == NOW + timedelta(minutes=30)
        road, rail = legs[0], legs[1]
        named = {name: harbour.organisations[name] for name in ("enterprise.CQ", "truck", "rail", "port.CQ", "sea")}
        assert road.operator_id == named["truck"]
        assert set(rail.readers) == {named["enterprise.CQ"], named["rail"], named["port.CQ"]}
        assert set(kept.readers) == set(named.values())
        assert Entry.objects.filter(kind="logistics.consignment.hold").count() == 1

    def test_the_same_key_twice_is_one_consignment_and_another_request_under_it_is_refused(self, harbour):
        token = harbour.quote()
        first, second = (hold(harbour, token, options={"key": "k1"}) for _ in range(2))
        assert first.pk == second.pk
        assert harbour.held() == FULL
        with pytest.raises(KeyReused):
            hold(harbour, token, weight_kg=1, options={"key": "k1"})

    def test_a_hold_that_ran_out_makes_room_for_the_next(self, harbour):
        Departure.objects.filter(service="SEA").update(capacity_teu=2)
        old = harbour.hold()
        with pytest.raises(errors.SpaceGone):
            harbour.hold(by="enterprise.SC")
        later = NOW + timedelta(minutes=30)
        assert harbour.hold(by="enterprise.SC", now=later).pk != old.pk
        assert harbour.held() == FULL
        with seen_by(harbour.actors["enterprise.CQ"]):
            assert Consignment.objects.get().state == "expired"
            assert set(Leg.objects.values_list("state", flat=True)) == {"expired"}

    def test_dangerous_goods_carry_class_and_number(self, harbour):
        assert hold(harbour, harbour.quote(dangerous=3), un_number="1203").danger_class == 3


class TestConfirm:
    def test_only_the_shipper_confirms(self, harbour):
        held = harbour.hold()
        for who in ("enterprise.SC", "rail", "coordinator"):
            with pytest.raises(Forbidden):
                booking.consignment_confirm(ctx=command(harbour.actors[who]), consignment=held)

    def test_confirms_every_leg(self, harbour):
        booked = harbour.booked()
        with seen_by(harbour.actors["enterprise.CQ"]):
            assert set(booked.legs.values_list("state", flat=True)) == {"confirmed"}

    def test_not_when_the_hold_has_run_out(self, harbour):
        held = harbour.hold()
        with pytest.raises(errors.HoldExpired):
            booking.consignment_confirm(
                ctx=command(harbour.actors["enterprise.CQ"], NOW + timedelta(minutes=30)), consignment=held
            )

    def test_not_twice_and_not_what_changed_since(self, harbour):
        held = harbour.hold()
        with pytest.raises(StaleVersion):
            booking.consignment_confirm(ctx=command(harbour.actors["enterprise.CQ"], expects=7), consignment=held)
        booking.consignment_confirm(ctx=command(harbour.actors["enterprise.CQ"]), consignment=held)
        with pytest.raises(errors.ConsignmentMoved):
            booking.consignment_confirm(ctx=command(harbour.actors["enterprise.CQ"]), consignment=held)


class TestCancel:
    def test_only_the_shipper_cancels(self, harbour):
        booked = harbour.booked()
        with pytest.raises(Forbidden):
            booking.consignment_cancel(ctx=command(harbour.actors["rail"]), consignment=booked)

    def test_gives_all_space_back_and_withdraws_declarations(self, harbour):
        booked, shipper = harbour.booked(), harbour.actors["enterprise.CQ"]
        clearance.declaration_lodge(ctx=command(shipper), consignment=booked, hub="GUOYUAN", procedure="export")
        assert (
            booking.consignment_cancel(ctx=command(shipper), consignment=booked, reason="order fell through").state
            == "cancelled"
        )
        assert harbour.held() == {}
        with seen_by(shipper):
            assert Declaration.objects.get().state == "withdrawn"

    def test_not_what_customs_holds(self, harbour):
        one, shipper = harbour.booked(), harbour.actors["enterprise.CQ"]
        declared = clearance.declaration_lodge(ctx=command(shipper), consignment=one, hub="GUOYUAN", procedure="export")
        office = harbour.actors["customs.CQ"]
        clearance.declaration_hold(ctx=command(office), declaration=declared, reason="look")
        with pytest.raises(errors.CustomsHold):
            booking.consignment_cancel(ctx=command(shipper), consignment=one)
        assert harbour.held() == FULL
        clearance.declaration_unhold(ctx=command(office), declaration=declared, reason="seen")
        booking.consignment_cancel(ctx=command(shipper), consignment=one)
        assert harbour.held() == {}

    def test_not_what_is_under_way(self, harbour):
        booked, shipper = harbour.booked(), harbour.actors["enterprise.CQ"]
        with seen_by(shipper):
            Consignment.objects.update(state="under_way")
        with pytest.raises(errors.ConsignmentMoved, match="Under way"):
            booking.consignment_cancel(ctx=command(shipper), consignment=booked)
        assert harbour.held() == FULL


class TestReject:
    def leg(self, harbour, who: str, sequence: int) -> Leg:
        with seen_by(harbour.actors[who]):
            return Leg.objects.get(sequence=sequence)

    def test_only_the_legs_own_operator_rejects_it_and_says_why(self, harbour):
        harbour.booked()
        leg = self.leg(harbour, "rail", 3)
        for who in ("sea", "enterprise.CQ", "port.CQ"):
            with pytest.raises(Forbidden):
                booking.leg_reject(ctx=command(harbour.actors[who]), leg=leg, reason="full")
        with pytest.raises(errors.WhyMissing):
            booking.leg_reject(ctx=command(harbour.actors["rail"]), leg=leg, reason=" ")

    def test_what_was_only_held_is_cancelled_whole(self, harbour):
        harbour.hold()
        booking.leg_reject(
            ctx=command(harbour.actors["rail"]), leg=self.leg(harbour, "rail", 3), reason="engine failure"
        )
        assert harbour.held() == {}
        with seen_by(harbour.actors["enterprise.CQ"]):
            assert Consignment.objects.get().state == "cancelled"

    def test_what_was_confirmed_keeps_the_legs_before_and_waits_for_a_new_way(self, harbour):
        booked = harbour.booked()
        leg = booking.leg_reject(
            ctx=command(harbour.actors["rail"]), leg=self.leg(harbour, "rail", 3), reason="engine failure"
        )
        assert leg.state == "cancelled"
        assert harbour.held() == {("RAIL", "T0"): 2}
        with seen_by(harbour.actors["enterprise.CQ"]):
            booked.refresh_from_db()
        assert (booked.state, booked.missed) == ("confirmed", True)
        with pytest.raises(errors.LegMoved):
            booking.leg_reject(ctx=command(harbour.actors["rail"]), leg=leg, reason="again")

    @pytest.mark.parametrize("way", ["hold", "booked"])
    def test_the_shipper_is_told_and_why(self, harbour, way):
        getattr(harbour, way)()
        booking.leg_reject(
            ctx=command(harbour.actors["rail"]), leg=self.leg(harbour, "rail", 3), reason="engine failure"
        )
        with seen_by(harbour.actors["enterprise.CQ"]):
            (notice,) = notice_list(harbour.actors["enterprise.CQ"])
            assert "engine failure" in said(notice).text

    def test_afterwards_the_operator_sees_no_more_than_before(self, harbour):
        harbour.booked()
        leg = self.leg(harbour, "rail", 3)
        with seen_by(harbour.actors["rail"]):
            before = set(Leg.objects.values_list("sequence", flat=True))
            booking.leg_reject(ctx=command(harbour.actors["rail"]), leg=leg, reason="engine failure")
            assert set(Leg.objects.values_list("sequence", flat=True)) == before


class TestRebook:
    def test_a_quote_that_leads_elsewhere_is_refused(self, harbour):
        booked = harbour.booked()
        for token in (
            harbour.quote(1, services=("LSC", "SEA")),
            harbour.quote(1, teu=4),
            harbour.quote(1, services=("RAIL",)),
        ):
            with pytest.raises(errors.RouteDiffers):
                booking.consignment_rebook(
                    ctx=command(harbour.actors["enterprise.CQ"]), consignment=booked, quote=token
                )
        assert harbour.held() == FULL

    def test_the_whole_way_moves_to_another_day(self, harbour):
        booked = harbour.booked()
        booking.consignment_rebook(
            ctx=command(harbour.actors["enterprise.CQ"]), consignment=booked, quote=harbour.quote(3)
        )
        assert harbour.held() == {(service, "T3"): 2 for service in ("RAIL", "LSC", "SEA")}

    def test_the_rest_goes_another_way_from_where_the_goods_are(self, harbour):
        booked, shipper = harbour.booked(), harbour.actors["enterprise.CQ"]
        with seen_by(shipper):
            booked.legs.filter(sequence__lte=2).update(state="arrived")
            Consignment.objects.update(state="under_way", missed=True)
        token = harbour.quote(4, services=("LSC", "SEA"))
        changed = booking.consignment_rebook(ctx=command(shipper), consignment=booked, quote=token)
        assert changed.missed is False
        assert harbour.held() == {("RAIL", "T0"): 2, ("LSC", "T4"): 2, ("SEA", "T4"): 2}
        with seen_by(shipper):
            terms, legs = Terms.objects.get(), list(booked.legs.order_by("sequence"))
        assert [leg.state for leg in legs] == ["arrived", "arrived", "cancelled", "cancelled", "confirmed", "confirmed"]
        assert terms.price_fen == sum(leg.price_fen for leg in legs if leg.state != "cancelled")
        assert [leg["from"] for leg in terms.plan] == ["510600", "QINGBAIJIANG", "GUOYUAN", "QINZHOU"]


class TestExpire:
    def test_only_the_node_itself_sweeps(self, harbour):
        with pytest.raises(Forbidden):
            booking.consignments_expire(ctx=command(harbour.actors["coordinator"]))

    def test_what_ran_out_gives_its_space_back_and_what_did_not_stays(self, harbour):
        harbour.hold(0)
        harbour.hold(1, now=NOW + timedelta(minutes=20))
        assert booking.consignments_expire(ctx=command(harbour.actors["node"], NOW + timedelta(minutes=30))) == 1
        assert {trip for _, trip in harbour.held()} == {"T1"}

    def test_its_declarations_are_withdrawn_but_for_what_customs_holds(self, harbour):
        shipper, office = harbour.actors["enterprise.CQ"], harbour.actors["customs.CQ"]
        declared = [
            clearance.declaration_lodge(ctx=command(shipper), consignment=one, hub="GUOYUAN", procedure="export")
            for one in (harbour.hold(), harbour.hold(1))
        ]
        clearance.declaration_hold(ctx=command(office), declaration=declared[1], reason="look")
        later = NOW + timedelta(minutes=31)
        assert booking.consignments_expire(ctx=command(harbour.actors["node"], later)) == 2
        with seen_by(harbour.actors["node"]):
            found = Declaration.objects.order_by("pk").values_list("state", "on_hold")
            assert list(found) == [("withdrawn", False), ("lodged", True)]
        clearance.declaration_refuse(
            ctx=command(office, later), declaration=Declaration(pk=declared[1].pk), reason="found"
        )


class TestAmend:
    def test_only_the_shipper_amends(self, harbour):
        booked = harbour.booked()
        with pytest.raises(Forbidden):
            amending.consignment_amend(
                ctx=command(harbour.actors["rail"]), consignment=booked, changes={"weight_kg": 5}
            )

    def test_the_journal_keeps_what_was_and_what_is(self, harbour):
        booked, shipper = harbour.booked(), harbour.actors["enterprise.CQ"]
        changes = {"weight_kg": 20_500, "consignee": "Jurong Works"}
        amending.consignment_amend(ctx=command(shipper), consignment=booked, changes=changes)
        body = Entry.objects.get(kind="logistics.consignment.amend").body.content
        assert '"before":{"consignee":"Singapore Power Works","weight_kg":21000}' in body
        assert '"after":{"consignee":"Jurong Works","weight_kg":20500}' in body

    def test_what_changes_nothing_and_what_makes_it_another_cargo_is_refused(self, harbour):
        booked, ctx = harbour.booked(), lambda: command(harbour.actors["enterprise.CQ"])
        with pytest.raises(errors.NothingChanged):
            amending.consignment_amend(ctx=ctx(), consignment=booked, changes={"weight_kg": 21_000})
        for changes in ({"un_number": "1203"}, {"reefer_celsius": Decimal(4)}):
            with pytest.raises(errors.CargoDiffers):
                amending.consignment_amend(ctx=ctx(), consignment=booked, changes=changes)

    def test_goods_that_customs_accepted_stay_as_declared_but_the_consignee_may_change(self, harbour):
        booked, shipper = harbour.booked(), harbour.actors["enterprise.CQ"]
        declared = clearance.declaration_lodge(
            ctx=command(shipper), consignment=booked, hub="GUOYUAN", procedure="export"
        )
        clearance.declaration_accept(ctx=command(harbour.actors["customs.CQ"]), declaration=declared)
        with pytest.raises(errors.AlreadyDeclared, match="GUOYUAN"):
            amending.consignment_amend(ctx=command(shipper), consignment=booked, changes={"weight_kg": 5})
        amending.consignment_amend(ctx=command(shipper), consignment=booked, changes={"consignee": "Jurong Works"})

    def test_goods_that_customs_holds_stay_as_declared_though_nothing_is_accepted(self, harbour):
        booked, shipper = harbour.booked(), harbour.actors["enterprise.CQ"]
        declared = clearance.declaration_lodge(
            ctx=command(shipper), consignment=booked, hub="GUOYUAN", procedure="export"
        )
        amending.consignment_amend(ctx=command(shipper), consignment=booked, changes={"weight_kg": 5})
        clearance.declaration_hold(ctx=command(harbour.actors["customs.CQ"]), declaration=declared, reason="look")
        with pytest.raises(errors.AlreadyDeclared):
            amending.consignment_amend(ctx=command(shipper), consignment=booked, changes={"weight_kg": 6})

    def test_the_figures_follow_the_value(self, harbour):
        from bashu.logistics.services.measures import figures_rebuild

        booked, shipper = harbour.booked(), harbour.actors["enterprise.CQ"]
        amending.consignment_amend(ctx=command(shipper), consignment=booked, changes={"value": Decimal(7)})
        done = figures_rebuild(ctx=command(harbour.actors["node"]))
        assert (done["rows"], done["goods_value"]) == (1, 0)

    @pytest.mark.parametrize("changes", [{"hs_code": "８４０６９０"}, {"hs_code": "٨٤٠٦٩٠"}])
    def test_digits_are_those_of_ascii(self, harbour, changes):
        with pytest.raises(errors.GoodsWrong):
            amending.consignment_amend(
                ctx=command(harbour.actors["enterprise.CQ"]), consignment=harbour.booked(), changes=changes
            )


class TestBoxes:
    def test_a_wrong_check_digit_a_number_twice_and_a_box_too_many_are_refused(self, harbour):
        booked, shipper = harbour.booked(boxes=(20, 20)), harbour.actors["enterprise.CQ"]
        for numbers in (
            [Number(1, "CSQU3054384")], [Number(1, "CSQU3054383"), Number(2, "CSQU3054383")], [Number(3, "CSQU3054383")],
        ):  # fmt: skip
            with pytest.raises(errors.BoxNumberWrong):
                amending.boxes_number(ctx=command(shipper), consignment=booked, numbers=numbers)

    def test_an_operator_of_the_way_numbers_them_and_others_cannot_see_them(self, harbour):
        booked = harbour.booked()
        with pytest.raises(NotFound):
            amending.boxes_number(
                ctx=command(harbour.actors["enterprise.SC"]), consignment=booked, numbers=[Number(1, "CSQU3054383")]
            )
        amending.boxes_number(
            ctx=command(harbour.actors["rail"]), consignment=booked, numbers=[Number(1, "CSQU3054383", "S1")]
        )
        with seen_by(harbour.actors["enterprise.CQ"]):
            assert Box.objects.get().number == "CSQU3054383"


class TestDocuments:
    PAPER = {"kind": "invoice", "name": "invoice.pdf", "media_type": "application/pdf", "size": 12, "sha256": "0" * 64}

    def test_who_has_no_part_in_it_attaches_nothing(self, harbour):
        booked = harbour.booked()
        with pytest.raises(NotFound):
            amending.document_attach(ctx=command(harbour.actors["enterprise.SC"]), consignment=booked, **self.PAPER)

    def test_one_file_once(self, harbour):
        booked, shipper = harbour.booked(), harbour.actors["enterprise.CQ"]
        amending.document_attach(ctx=command(shipper), consignment=booked, **self.PAPER)
        with pytest.raises(errors.DocumentKnown):
            amending.document_attach(ctx=command(shipper), consignment=booked, **self.PAPER)


class TestSweep:
    def test_the_worker_gives_space_back_when_holds_have_run_out_and_writes_nothing_else(self, harbour, monkeypatch):
        from bashu.kernel.web import clock
        from bashu.logistics import tasks

        harbour.hold()
        for minutes, swept in ((29, 0), (30, 1), (31, 0)):
            monkeypatch.setattr(clock, "now", lambda m=minutes: NOW + timedelta(minutes=m))
            with seen_by(harbour.actors["node"]):
                assert tasks.holds_expire() == swept
        assert harbour.held() == {}
        assert Entry.objects.filter(kind="logistics.consignment.expire").count() == 1
