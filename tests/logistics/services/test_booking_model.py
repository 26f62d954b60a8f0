"""Random sequences of bookings beside a model that says what space is held: they agree after every step."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from bashu.kernel.parties.selectors import seen_by
from bashu.logistics import errors
from bashu.logistics.models import Consignment, Departure, Leg
from bashu.logistics.services import booking
from harbour import NOW, SERVICES, Harbour, command, harbour_make

CAPACITY, TRIPS, HOLD = 4, 2, timedelta(minutes=30)
TRIP = st.integers(0, TRIPS - 1)
SHIPPER = "enterprise.CQ"


class Bookings(RuleBasedStateMachine):
    """kept: row id to [state, TEU, trip, legs that hold space, when its hold runs out]."""

    harbour: Harbour

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.now, self.kept = NOW, dict[int, list[Any]]()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    def ctx(self, who: str = SHIPPER) -> Any:
        return command(self.harbour.actors[who], self.now)

    def load(self, *, swept: bool) -> dict[tuple[str, int], int]:
        """TEU the model holds by service and trip; swept: as it would be once holds that ran out are gone."""
        found = {(service, trip): 0 for service in SERVICES for trip in range(TRIPS)}
        for state, teu, trip, legs, until in self.kept.values():
            if not (swept and state == "held" and until <= self.now):
                for service in legs:
                    found[service, trip] += teu
        return found

    def sweep_model(self) -> int:
        """Expire what ran out; how many."""
        over = [one for one in self.kept.values() if one[0] == "held" and one[4] <= self.now]
        for one in over:
            one[0], one[3] = "expired", []
        return len(over)

    def some(self, number: int) -> tuple[int, list[Any], Consignment]:
        """One of the consignments, as the model and as the database have it."""
        row = sorted(self.kept)[number % len(self.kept)]
        with seen_by(self.harbour.actors[SHIPPER]):
            return row, self.kept[row], Consignment.objects.get(pk=row)

    @rule(trip=TRIP, boxes=st.lists(st.sampled_from([20, 40]), min_size=1, max_size=2))
    def hold(self, trip: int, boxes: list[int]) -> None:
        teu = sum(boxes) // 20
        short = {
            swept: any(self.load(swept=swept)[service, trip] + teu > CAPACITY for service in SERVICES)
            for swept in (False, True)
        }
        try:
            made = self.harbour.hold(trip, boxes=boxes, now=self.now)
        except errors.SpaceGone:
            assert short[True]
            return
        assert not short[True]
        if short[False]:
            self.sweep_model()
        self.kept[made.pk] = ["held", teu, trip, list(SERVICES), self.now + HOLD]

    @precondition(lambda self: self.kept)
    @rule(number=st.integers(0, 99))
    def confirm(self, number: int) -> None:
        _, model, found = self.some(number)
        try:
            booking.consignment_confirm(ctx=self.ctx(), consignment=found)
        except errors.ConsignmentMoved:
            assert model[0] != "held"
        except errors.HoldExpired:
            assert model[0] == "held"
            assert model[4] <= self.now
        else:
            assert model[0] == "held"
            model[0] = "confirmed"

    @precondition(lambda self: self.kept)
    @rule(number=st.integers(0, 99))
    def cancel(self, number: int) -> None:
        _, model, found = self.some(number)
        try:
            booking.consignment_cancel(ctx=self.ctx(), consignment=found)
        except errors.ConsignmentMoved:
            assert model[0] not in ("held", "confirmed")
        else:
            assert model[0] in ("held", "confirmed")
            model[0], model[3] = "cancelled", []

    @precondition(lambda self: self.kept)
    @rule(number=st.integers(0, 99), service=st.sampled_from(["RAIL", "LSC"]))
    def reject(self, number: int, service: str) -> None:
        row, model, _ = self.some(number)
        with seen_by(self.harbour.actors["rail"]):
            leg = Leg.objects.filter(consignment_id=row, service=service).order_by("-sequence").first()
        try:
            booking.leg_reject(ctx=self.ctx("rail"), leg=leg, reason="engine failure")
        except errors.LegMoved:
            assert service not in model[3]
        else:
            at = model[3].index(service)
            model[3] = [] if model[0] == "held" else model[3][:at]
            model[0] = "cancelled" if model[0] == "held" else model[0]

    @precondition(lambda self: self.kept)
    @rule(number=st.integers(0, 99), trip=TRIP)
    def rebook(self, number: int, trip: int) -> None:
        """To another trip, while the old space is still held: what cannot be had leaves all as it was."""
        _, model, found = self.some(number)
        short = any(self.load(swept=True)[service, trip] + model[1] > CAPACITY for service in SERVICES)
        before = any(self.load(swept=False)[service, trip] + model[1] > CAPACITY for service in SERVICES)
        quote = self.harbour.quote(trip, teu=model[1], until=self.now + timedelta(hours=1))
        try:
            booking.consignment_rebook(ctx=self.ctx(), consignment=found, quote=quote)
        except errors.ConsignmentMoved:
            assert model[0] != "confirmed"
        except errors.SpaceGone:
            assert short
        else:
            assert model[0] == "confirmed"
            assert not short
            if before:
                self.sweep_model()
            model[2], model[3] = trip, list(SERVICES)

    @rule(minutes=st.sampled_from([1, 29, 30]))
    def wait(self, minutes: int) -> None:
        self.now = min(
            self.now + timedelta(minutes=minutes), NOW + timedelta(minutes=90)
        )  # quotes are good for two hours

    @rule()
    def sweep(self) -> None:
        with seen_by(self.harbour.actors["node"]):
            waiting = booking.holds_over(self.now)
        done = booking.consignments_expire(ctx=self.ctx("node")) if waiting else 0
        assert done == self.sweep_model()

    @invariant()
    def held_space_is_the_models_and_never_more_than_there_is(self) -> None:
        held = {(one.service, int(one.trip[1:])): one.held_teu for one in Departure.objects.all()}
        assert held == self.load(swept=False)
        assert max(held.values()) <= CAPACITY

    @invariant()
    def states_are_the_models(self) -> None:
        with seen_by(self.harbour.actors[SHIPPER]):
            assert dict(Consignment.objects.values_list("pk", "state")) == {
                row: one[0] for row, one in self.kept.items()
            }


def test_bookings_follow_the_model(actors) -> None:
    harbour = harbour_make(actors, capacity=CAPACITY, trips=TRIPS)
    machine = type("Machine", (Bookings,), {"harbour": harbour})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            suppress_health_check=list(HealthCheck),
        ),
    )
