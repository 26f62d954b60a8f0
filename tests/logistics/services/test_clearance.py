"""Clearance: who may not, which step follows which, what keeps boxes from being loaded, and transit under bond."""

from datetime import timedelta

import pytest
from django.db import transaction

from bashu.kernel.errors import Forbidden, Malformed
from bashu.kernel.parties.selectors import seen_by
from bashu.logistics import errors
from bashu.logistics.models import Consignment, Declaration, Leg, Terms, Transit
from bashu.logistics.selectors.clearance import blocked, blocks, minutes_to_release, unsent_list
from bashu.logistics.services import clearance
from harbour import NOW, command

SHIPPER, CQ, SC = "enterprise.CQ", "customs.CQ", "customs.SC"


@pytest.fixture
def booked(harbour) -> Consignment:
    return harbour.booked()


@pytest.fixture
def lodged(harbour, booked) -> Declaration:
    return clearance.declaration_lodge(
        ctx=command(harbour.actors[SHIPPER]), consignment=booked, hub="GUOYUAN", procedure="export"
    )


def act(harbour, name: str, declaration: Declaration, who: str = CQ, later: int = 0, **words) -> Declaration:
    """One step of an office."""
    service = getattr(clearance, f"declaration_{name}")
    return service(ctx=command(harbour.actors[who], NOW + timedelta(minutes=later)), declaration=declaration, **words)


class TestOffice:
    def test_only_the_joint_office_says_who_clears_where(self, harbour):
        office = harbour.organisations[CQ]
        for who in (CQ, "authority.CQ", "rail"):
            with pytest.raises(Forbidden):
                clearance.port_office_set(ctx=command(harbour.actors[who]), hub="QINZHOU", office=office)
        clearance.port_office_set(ctx=command(harbour.actors["coordinator"]), hub="QINZHOU", office=office)
        changed = clearance.port_office_set(
            ctx=command(harbour.actors["coordinator"]), hub="QINZHOU", office=harbour.organisations[SC]
        )
        assert changed.office_id == harbour.organisations[SC]

    def test_only_an_authority_can_be_one(self, harbour):
        with pytest.raises(errors.OfficeWrong):
            clearance.port_office_set(
                ctx=command(harbour.actors["coordinator"]), hub="QINZHOU", office=harbour.organisations["rail"]
            )

    def test_only_at_a_hub_of_the_network(self, harbour):
        with pytest.raises(errors.HubUnknown, match="QINZHOUU"):
            clearance.port_office_set(
                ctx=command(harbour.actors["coordinator"]), hub="QINZHOUU", office=harbour.organisations[CQ]
            )


class TestLodge:
    def test_only_for_what_customs_knows(self, harbour, booked):
        with pytest.raises(Malformed, match="export"):
            clearance.declaration_lodge(
                ctx=command(harbour.actors[SHIPPER]), consignment=booked, hub="GUOYUAN", procedure="gift"
            )

    def test_only_the_shipper_declares(self, harbour, booked):
        for who in ("enterprise.SC", "rail", CQ):
            with pytest.raises(Forbidden):
                clearance.declaration_lodge(
                    ctx=command(harbour.actors[who]), consignment=booked, hub="GUOYUAN", procedure="export"
                )

    @pytest.mark.parametrize("hub", ["QINZHOU", "YIBIN"])
    def test_not_where_no_office_clears_or_off_the_way(self, harbour, booked, hub):
        with pytest.raises(errors.NoOffice):
            clearance.declaration_lodge(
                ctx=command(harbour.actors[SHIPPER]), consignment=booked, hub=hub, procedure="export"
            )

    def test_not_twice(self, harbour, booked, lodged):
        with pytest.raises(errors.DeclarationStands):
            clearance.declaration_lodge(
                ctx=command(harbour.actors[SHIPPER]), consignment=booked, hub="GUOYUAN", procedure="export"
            )

    def test_from_now_on_the_office_sees_the_consignment_its_terms_and_its_own_legs(self, harbour, booked):
        with seen_by(harbour.actors[CQ]):
            assert not Consignment.objects.exists()
        clearance.declaration_lodge(
            ctx=command(harbour.actors[SHIPPER]), consignment=booked, hub="GUOYUAN", procedure="export"
        )
        with seen_by(harbour.actors[CQ]):
            assert Terms.objects.get().consignee
            assert list(Leg.objects.order_by("sequence").values_list("sequence", flat=True)) == [2, 3]
        with seen_by(harbour.actors[SC]):
            assert not Consignment.objects.exists()


class TestSteps:
    @pytest.mark.parametrize("who", ["enterprise.CQ", "rail", "authority.CQ", SC, "coordinator"])
    def test_only_the_responsible_office_decides(self, harbour, lodged, who):
        with pytest.raises(Forbidden):
            act(harbour, "accept", lodged, who)

    def test_accept_inspect_find_release_with_its_times(self, harbour, lodged):
        act(harbour, "accept", lodged, later=10)
        act(harbour, "inspect", lodged, later=20, reason="weight differs")
        act(harbour, "inspected", lodged, later=30, reason="as declared")
        released = act(harbour, "release", lodged, later=45)
        assert (released.state, minutes_to_release(released)) == ("released", 45)
        assert released.accepted_at < released.ordered_at < released.inspected_at < released.decided_at

    @pytest.mark.parametrize("name", ["release", "inspected"])
    def test_no_step_is_skipped(self, harbour, lodged, name):
        with pytest.raises(errors.DeclarationMoved):
            act(harbour, name, lodged, **({"reason": "r"} if name == "inspected" else {}))

    @pytest.mark.parametrize("name", ["refuse", "hold"])
    def test_a_decision_needs_a_reason(self, harbour, lodged, name):
        with pytest.raises(errors.WhyMissing):
            act(harbour, name, lodged, reason=" ")

    def test_nothing_is_released_while_on_hold(self, harbour, lodged):
        act(harbour, "accept", lodged)
        act(harbour, "hold", lodged, reason="licence")
        with pytest.raises(errors.CustomsHold):
            act(harbour, "release", lodged)
        with pytest.raises(errors.CustomsHold):
            clearance.declaration_withdraw(ctx=command(harbour.actors[SHIPPER]), declaration=lodged)
        act(harbour, "unhold", lodged, reason="licence came")
        assert act(harbour, "release", lodged).state == "released"

    def test_what_is_decided_stays(self, harbour, lodged):
        act(harbour, "refuse", lodged, reason="forbidden goods")
        for name, words in (("accept", {}), ("refuse", {"reason": "again"}), ("hold", {"reason": "late"})):
            with pytest.raises(errors.DeclarationMoved):
                act(harbour, name, lodged, **words)


class TestBlocks:
    def legs(self, harbour) -> dict[int, Leg]:
        with seen_by(harbour.actors[SHIPPER]):
            return {leg.sequence: leg for leg in Leg.objects.all()}

    def blocked(self, harbour) -> set[int]:
        """Which legs a rail operator may not load, by both selectors."""
        legs = self.legs(harbour)
        with transaction.atomic(), seen_by(harbour.actors["rail"]):
            one_by_one = {number for number, leg in legs.items() if blocks(leg)}
            assert {leg.sequence for leg in legs.values() if leg.pk in blocked(list(legs.values()))} == one_by_one
            assert not Declaration.objects.exists(), "the operator's eyes are its own again"
        return one_by_one

    def test_nothing_declared_blocks_nothing(self, harbour, booked):
        assert self.blocked(harbour) == set()

    def test_a_declaration_blocks_the_leg_from_its_port_until_released(self, harbour, lodged):
        assert self.blocked(harbour) == {3}
        act(harbour, "accept", lodged)
        assert self.blocked(harbour) == {3}
        act(harbour, "release", lodged)
        assert self.blocked(harbour) == set()

    def test_a_hold_blocks_every_leg(self, harbour, lodged):
        act(harbour, "hold", lodged, reason="licence")
        assert self.blocked(harbour) == {1, 2, 3, 4}

    def test_refused_goods_stay_until_another_declaration_is_released(self, harbour, booked, lodged):
        act(harbour, "refuse", lodged, reason="wrong code")
        assert self.blocked(harbour) == {3}
        again = clearance.declaration_lodge(
            ctx=command(harbour.actors[SHIPPER]), consignment=booked, hub="GUOYUAN", procedure="export"
        )
        act(harbour, "accept", again)
        act(harbour, "release", again)
        assert self.blocked(harbour) == set()


class TestTransit:
    @pytest.fixture
    def released(self, harbour, booked) -> Declaration:
        declared = clearance.declaration_lodge(
            ctx=command(harbour.actors[SHIPPER]), consignment=booked, hub="QINGBAIJIANG", procedure="transit"
        )
        act(harbour, "accept", declared, SC)
        return act(harbour, "release", declared, SC)

    def open(self, harbour, declaration, who: str = SC, **changes) -> Transit:
        words = {"target": "GUOYUAN", "seal": "CN-1", "due_at": NOW + timedelta(days=2), **changes}
        return clearance.transit_open(ctx=command(harbour.actors[who]), declaration=declaration, **words)

    def test_only_the_first_office_opens_and_only_the_second_discharges(self, harbour, released):
        with pytest.raises(Forbidden):
            self.open(harbour, released, who=CQ)
        opened = self.open(harbour, released)
        with pytest.raises(Forbidden):
            clearance.transit_discharge(ctx=command(harbour.actors[SC]), transit=opened, seal="CN-1")

    @pytest.mark.parametrize("changes", [{"due_at": NOW}, {"seal": " "}, {"target": "QINGBAIJIANG"}])
    def test_what_cannot_be_is_refused(self, harbour, released, changes):
        with pytest.raises(errors.TransitRefused):
            self.open(harbour, released, **changes)

    def test_not_once_the_goods_are_delivered(self, harbour, booked, released):
        Consignment.objects.filter(pk=booked.pk).update(state="delivered")
        with pytest.raises(errors.ConsignmentMoved, match="Delivered"):
            self.open(harbour, released)

    def test_the_desk_of_the_first_office_keeps_what_waits_to_be_sent(self, harbour, released):
        def waiting(who: str) -> list[Declaration]:
            with seen_by(harbour.actors[who]):
                return list(unsent_list(harbour.actors[who]))

        assert (waiting(SC), waiting(CQ)) == ([released], [])
        self.open(harbour, released)
        assert waiting(SC) == []

    def test_not_between_ports_of_one_side(self, harbour, released):
        clearance.port_office_set(
            ctx=command(harbour.actors["coordinator"]), hub="QINZHOU", office=harbour.organisations[SC]
        )
        with pytest.raises(errors.TransitRefused, match="other"):
            self.open(harbour, released, target="QINZHOU")

    def test_not_before_release_and_not_for_export(self, harbour, lodged):
        with pytest.raises(errors.TransitRefused):
            self.open(harbour, lodged, who=CQ, target="QINGBAIJIANG")

    def test_the_second_port_sees_it_and_nothing_leaves_there_before_discharge(self, harbour, released):
        opened = self.open(harbour, released)
        with seen_by(harbour.actors[CQ]):
            leg = Leg.objects.get(sequence=3)
            assert Transit.objects.get().seal == "CN-1"
        with transaction.atomic(), seen_by(harbour.actors["rail"]):
            assert isinstance(blocks(leg), Transit)
        with pytest.raises(errors.TransitRefused, match="seal"):
            clearance.transit_discharge(ctx=command(harbour.actors[CQ]), transit=opened, seal="CN-2")
        done = clearance.transit_discharge(ctx=command(harbour.actors[CQ]), transit=opened, seal="CN-1")
        assert done.state == "discharged"
        with transaction.atomic(), seen_by(harbour.actors["rail"]):
            assert blocks(leg) is None
