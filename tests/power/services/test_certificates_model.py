"""Certificates against a model anybody can hold in the head: a list of megawatt-hours, each with an owner and a state.

Any sequence of issuing, offering, answering and retiring leaves the database and the list alike.
"""

from datetime import date

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bashu.kernel.parties.selectors import seen_by
from bashu.power import errors
from bashu.power.models import Batch, Holding, Retirement, Transfer
from bashu.power.services.certificates import (
    batch_issue,
    certificates_retire,
    transfer_accept,
    transfer_decline,
    transfer_offer,
    transfer_withdraw,
)

FIRMS = ("enterprise.CQ", "enterprise.SC")
ANSWERS = {"accept": transfer_accept, "decline": transfer_decline, "withdraw": transfer_withdraw}
CLOSED = {"accept": "accepted", "decline": "declined", "withdraw": "withdrawn"}
MONTHS = [date(2025, month, 1) for month in range(7, 11)]


def machine(world: dict) -> type[RuleBasedStateMachine]:
    """The machine over one test's actors, unit and meters; each run in a transaction that is undone."""
    actors, acting, unit, metered = (world[name] for name in ("actors", "acting", "unit", "metered"))
    people = {name: actors[name] for name in (*FIRMS, "operator.CQ")}
    seers = {name: player.actor for name, player in people.items()}

    class Certificates(RuleBasedStateMachine):
        @initialize()
        def begin(self):
            self.undo = transaction.atomic()
            self.undo.__enter__()
            self.unit = unit("M1")
            self.wh, self.month = 0, 0
            self.owner: list[str] = []  # certificate k stands at k - 1
            self.state: list[str] = []
            self.offers: list[tuple[Transfer, str, str]] = []
            self.issue_month([2_500_000] * 4)

        def teardown(self):
            if hasattr(self, "undo"):
                transaction.set_rollback(True)
                self.undo.__exit__(None, None, None)

        @rule(hours=st.lists(st.integers(0, 2_500_000), min_size=1, max_size=4))
        def issue(self, hours):
            if self.month < len(MONTHS):
                self.issue_month(hours)

        def issue_month(self, hours):
            """The next month's hours are metered and issued."""
            month = MONTHS[self.month]
            from bashu.power.selectors.certificates import month_span

            metered(self.unit, hours, month_span(month)[0])
            batch = batch_issue(ctx=acting(people["operator.CQ"]), unit=self.unit, month=month)
            self.month += 1
            new = (self.wh + sum(hours)) // 1_000_000 - self.wh // 1_000_000
            self.wh += sum(hours)
            assert batch.count == new
            self.owner += ["enterprise.CQ"] * new
            self.state += ["held"] * new

        def piece(self, who, k):
            """The holding in which certificate k is, as its owner sees it."""
            with seen_by(seers[who]):
                return Holding.objects.filter(unit=self.unit, first__lte=k, last__gte=k).first()

        def free(self, who, holding, k, count):
            """Whether certificates k to k + count - 1 are a free part of the holding."""
            wanted = range(k - 1, k - 1 + count)
            inside = holding.first <= k and k + count - 1 <= holding.last
            return inside and all(self.owner[i] == who and self.state[i] == "held" for i in wanted)

        @rule(k=st.integers(1, 10), count=st.integers(1, 4), retire=st.booleans())
        def move(self, k, count, retire):
            who = self.owner[k - 1]
            holding, other = self.piece(who, k), FIRMS[1 - FIRMS.index(who)]
            ctx, part = acting(people[who]), {"holding": holding, "quantity": count, "first": k}
            possible = self.free(who, holding, k, count)
            try:
                if retire:
                    certificates_retire(ctx=ctx, purpose="model", **part)
                else:
                    offer = transfer_offer(ctx=ctx, receiver=people[other].organisation, **part)
            except (errors.TooMany, errors.NotHeld):
                assert not possible
                return
            assert possible
            for i in range(k - 1, k - 1 + count):
                self.state[i] = "retired" if retire else "offered"
            if not retire:
                self.offers.append((offer, who, other))

        @precondition(lambda self: self.offers)
        @rule(number=st.integers(0, 5), how=st.sampled_from(sorted(ANSWERS)))
        def answer(self, number, how):
            offer, giver, receiver = self.offers.pop(number % len(self.offers))
            who = giver if how == "withdraw" else receiver
            done = ANSWERS[how](ctx=acting(people[who]), transfer=offer)
            assert done.state == CLOSED[how]
            for i in range(offer.first - 1, offer.last):
                self.state[i] = "held"
                self.owner[i] = receiver if how == "accept" else giver

        @invariant()
        def database_and_model_are_alike(self):
            if not hasattr(self, "owner"):
                return
            names = {people[name].organisation.public_id: name for name in FIRMS}
            found = {}
            for name in FIRMS:
                with seen_by(seers[name]):
                    for row in Holding.objects.filter(unit=self.unit):
                        found |= dict.fromkeys(range(row.first, row.last + 1), (names[row.owner_id], row.state))
            assert found == dict(enumerate(zip(self.owner, self.state, strict=True), start=1))
            retired = [k for row in Retirement.objects.filter(unit=self.unit) for k in range(row.first, row.last + 1)]
            assert sorted(retired) == [k for k, state in enumerate(self.state, start=1) if state == "retired"]
            issued = sum(batch.count for batch in Batch.objects.filter(unit=self.unit))
            self.unit.refresh_from_db()
            assert issued * 1_000_000 + self.unit.certified_wh % 1_000_000 == self.wh

    return Certificates


@pytest.mark.slow
def test_any_sequence_of_acts_leaves_every_certificate_in_one_place(actors, acting, unit, metered):
    world = {"actors": actors, "acting": acting, "unit": unit, "metered": metered}
    run_state_machine_as_test(
        machine(world),
        settings=settings(
            max_examples=25,
            stateful_step_count=15,
            suppress_health_check=list(HealthCheck),
        ),
    )
