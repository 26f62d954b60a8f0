"""Settling a period: who may, what is refused, and that two grids bind it or nobody does."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from bashu.kernel.errors import Forbidden, SignInNeeded
from bashu.kernel.journal.models import Entry
from bashu.kernel.parties.models import Membership
from bashu.kernel.parties.selectors import seen_by
from bashu.kernel.parties.services import node_actor
from bashu.power import errors
from bashu.power.models import Settlement, SettlementLine, SettlementSignature
from bashu.power.selectors.settlement import settlement_list
from bashu.power.services.settlement import settlement_decline, settlement_propose, settlement_sign, settlement_withdraw
from power_hours import NOW

THIRD = Decimal("0.333333")
TERMS = {
    "period_start": date(2025, 8, 4), "period_end": date(2025, 8, 10), "division": "shapley", "baseline": "isolated",
    "target": {"Sichuan": THIRD, "Chongqing": THIRD, "Line": THIRD},
    "settled": {"Sichuan": Decimal(1), "Chongqing": Decimal(0), "Line": Decimal(0)},
}  # fmt: skip


@pytest.fixture
def propose(actors, acting):
    """`propose(by="operator.CQ")`: last week's transfers, put to Sichuan's authority."""

    def make(by="operator.CQ", to="authority.SC", **changes):
        return settlement_propose(ctx=acting(actors[by]), counterparty=actors[to].organisation, **{**TERMS, **changes})

    return make


class TestPropose:
    def test_nobody_is_asked_to_sign_in(self, acting, actors):
        with pytest.raises(SignInNeeded):
            settlement_propose(ctx=acting(), counterparty=actors["authority.SC"].organisation, **TERMS)

    @pytest.mark.parametrize("who", ["enterprise.CQ", "verifier.CQ", "resident.SC", "coordinator"])
    def test_who_is_no_grid_is_refused(self, propose, who):
        with pytest.raises(Forbidden):
            propose(by=who)

    @pytest.mark.parametrize("to", ["authority.CQ", "operator.CQ", "enterprise.SC", "coordinator"])
    def test_a_counterparty_that_is_not_the_other_grid_is_refused(self, propose, to):
        with pytest.raises(errors.PartyWrong):
            propose(to=to)

    @pytest.mark.parametrize(
        "changes",
        [
            {"period_end": date(2025, 8, 1)},
            {"settled": {"Sichuan": Decimal(5), "Chongqing": Decimal(0), "Line": Decimal(0)}},
            {"settled": {"Sichuan": Decimal(1)}},
        ],
    )
    def test_what_cannot_be_settled_is_refused_and_nothing_is_written(self, propose, actors, changes):
        with pytest.raises(errors.SettlementRefused):
            propose(**changes)
        with seen_by(actors["operator.CQ"].actor):
            assert not Settlement.objects.exists()

    def test_transfers_and_the_rounding_account_sum_to_zero(self, propose, actors):
        settlement = propose()
        with seen_by(actors["operator.CQ"].actor):
            lines = {line.player: line.transfer_fen for line in settlement.lines.all()}
        assert lines == {"Sichuan": -67, "Chongqing": 33, "Line": 33}
        assert settlement.rounding_fen == 1
        assert sum(lines.values()) + settlement.rounding_fen == 0

    def test_a_proposal_is_the_two_grids_and_the_offices_business(self, propose, actors):
        propose()
        for who, number in {
            "operator.CQ": 1,
            "authority.SC": 1,
            "authority.CQ": 1,
            "coordinator": 1,
            "enterprise.CQ": 0,
            "resident.SC": 0,
        }.items():
            with seen_by(actors[who].actor):
                assert settlement_list().count() == number, who
                assert SettlementLine.objects.count() == 3 * number, who


class TestSign:
    @pytest.mark.parametrize("who", ["operator.CQ", "authority.CQ", "enterprise.SC", "coordinator"])
    def test_only_the_counterparty_signs(self, propose, actors, acting, who):
        settlement = propose()
        with pytest.raises(Forbidden):
            settlement_sign(ctx=acting(actors[who]), settlement=settlement)

    def test_the_second_signature_binds_and_everybody_sees_it(self, propose, actors, acting):
        settlement = settlement_sign(ctx=acting(actors["authority.SC"]), settlement=propose())
        assert settlement.state == "binding"
        with seen_by(actors["resident.SC"].actor):
            assert [row.jurisdiction for row in settlement_list().get().signatures.order_by("jurisdiction")] == [
                "CQ",
                "SC",
            ]
        assert Entry.objects.get(kind="power.settlement.sign").public

    def test_a_person_does_not_sign_for_both_sides(self, propose, actors, acting):
        settlement = propose()
        person = actors["operator.CQ"].person
        with seen_by(node_actor()):
            Membership.objects.create(
                person=person,
                organisation=actors["authority.SC"].organisation,
                role="authority",
                state="active",
                since=NOW,
            )
        with pytest.raises(errors.SignedByOnePerson):
            settlement_sign(
                ctx=acting(replace(actors["operator.CQ"])), settlement=settlement
            )  # with the role just given

    @pytest.mark.parametrize("end", [settlement_decline, settlement_withdraw])
    def test_what_was_ended_does_not_bind(self, propose, actors, acting, end):
        settlement = propose()
        by = "authority.SC" if end is settlement_decline else "operator.CQ"
        with pytest.raises(errors.SettlementRefused):
            end(ctx=acting(actors[by]), settlement=settlement, reason=" ")
        end(ctx=acting(actors[by]), settlement=settlement, reason="口径不符")
        with pytest.raises(errors.SettlementDecided):
            settlement_sign(ctx=acting(actors["authority.SC"]), settlement=settlement)

    def test_no_day_is_settled_twice(self, propose, actors, acting):
        settlement_sign(ctx=acting(actors["authority.SC"]), settlement=propose())
        again = propose(by="authority.CQ", period_start=date(2025, 8, 10), period_end=date(2025, 8, 31))
        with pytest.raises(errors.PeriodSettled):
            settlement_sign(ctx=acting(actors["authority.SC"]), settlement=again)

    def test_the_database_refuses_what_does_not_balance_or_one_signed(self, propose, actors):
        settlement = propose()
        with (
            pytest.raises(ProgrammingError, match="two signatures"),
            transaction.atomic(),
            seen_by(actors["operator.CQ"].actor),
        ):
            settlement.revise(state="binding", decided_at=NOW)
        with (
            pytest.raises(ProgrammingError, match="sum to zero"),
            transaction.atomic(),
            seen_by(actors["operator.CQ"].actor),
        ):
            settlement.revise(state="binding", decided_at=NOW, rounding_fen=7)

    def test_a_side_has_one_signature(self, propose, actors):
        settlement = propose()
        with pytest.raises(IntegrityError), transaction.atomic(), seen_by(actors["operator.CQ"].actor):
            SettlementSignature.objects.create(
                settlement=settlement, jurisdiction="CQ", organisation=actors["operator.CQ"].organisation,
                signed_by=actors["authority.CQ"].person.public_id, signed_at=NOW, digest="",
            )  # fmt: skip
