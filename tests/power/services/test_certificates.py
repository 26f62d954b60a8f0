"""Every write of certificates: who may not, what is refused, and that each megawatt-hour is in one place."""

from datetime import UTC, date, datetime, timedelta
from functools import partial

import numpy as np
import pytest
from django.db import DatabaseError, transaction

from bashu.kernel.errors import Forbidden, KeyReused, SignInNeeded, StaleVersion
from bashu.kernel.journal.models import Entry
from bashu.kernel.parties.selectors import seen_by
from bashu.power import errors
from bashu.power.engine.certificates import hours_of
from bashu.power.models import Batch, CertifiedHour, Holding, Retirement, RetirementClaim, Transfer
from bashu.power.selectors import certificates as selectors
from bashu.power.services.certificates import (
    batch_issue,
    certificates_retire,
    energy_credit,
    month_issue,
    retirement_claim,
    transfer_accept,
    transfer_decline,
    transfer_offer,
    transfer_withdraw,
)
from power_hours import JULY, NOW

FIRST = date(2025, 7, 1)
AUGUST = datetime(2025, 7, 31, 16, tzinfo=UTC)


@pytest.fixture
def issue(actors, acting):
    """`issue(unit)`: July's batch by the registry."""

    def make(found, month=FIRST, by="operator.CQ", **options):
        return batch_issue(ctx=acting(actors[by], **options), unit=found, month=month)

    return make


@pytest.fixture
def offer(actors, acting):
    """`offer(holding, 3)`: three certificates offered to Sichuan's enterprise."""

    def make(holding, quantity=1, by="enterprise.CQ", to="enterprise.SC", **options):
        return transfer_offer(
            ctx=acting(actors[by], **options.pop("ctx", {})), holding=holding,
            receiver=actors[to].organisation, quantity=quantity, **options
        )  # fmt: skip

    return make


@pytest.fixture
def retire(actors, acting):
    """`retire(holding, 2)`: two certificates used up by their owner."""

    def make(holding, quantity=1, by="enterprise.CQ", **options):
        return certificates_retire(
            ctx=acting(actors[by], **options.pop("ctx", {})), holding=holding, quantity=quantity, purpose="2025年绿色电力消费", **options
        )  # fmt: skip

    return make


class TestIssue:
    def test_nobody_is_asked_to_sign_in(self, unit, acting):
        with pytest.raises(SignInNeeded):
            batch_issue(ctx=acting(), unit=unit(), month=FIRST)

    @pytest.mark.parametrize("who", ["enterprise.CQ", "verifier.CQ", "authority.SC", "resident.SC"])
    def test_only_the_units_registry_and_its_offices_issue(self, unit, issue, who):
        with pytest.raises(Forbidden):
            issue(unit(), by=who)

    def test_a_month_that_is_not_over_is_refused(self, unit, issue):
        with pytest.raises(errors.MonthOpen):
            issue(unit(), month=date(2025, 11, 1))

    def test_a_month_without_hours_is_refused(self, unit, issue):
        with pytest.raises(errors.MonthEmpty):
            issue(unit())

    def test_certificates_and_remainder_are_what_was_generated(self, unit, metered, issue, actors):
        found = unit()
        metered(found, [400_000, 700_000, 0, 1_250_000])
        batch = issue(found)
        assert (batch.first, batch.last, batch.certified_wh, batch.remainder_wh) == (1, 2, 2_350_000, 350_000)
        assert batch.count * 1_000_000 + batch.remainder_wh == 2_350_000
        assert (batch.tradable, batch.expires_on) == (True, date(2027, 6, 30))
        with seen_by(actors["enterprise.CQ"].actor):
            holding = Holding.objects.get()
            assert (holding.first, holding.last, holding.owner_id) == (
                1,
                2,
                actors["enterprise.CQ"].organisation.public_id,
            )
            assert list(CertifiedHour.objects.values_list("wh", "before_wh")) == [
                (400_000, 0),
                (700_000, 400_000),
                (1_250_000, 1_100_000),
            ]

    def test_the_remainder_goes_into_the_next_month(self, unit, metered, issue):
        found = unit()
        metered(found, [600_000])
        metered(found, [600_000], AUGUST)
        assert issue(found).count == 0
        august = issue(found, month=date(2025, 8, 1))
        assert (august.first, august.last, august.remainder_wh) == (1, 1, 200_000)

    def test_a_month_is_issued_once(self, unit, metered, issue):
        found = unit()
        metered(found, [3_000_000])
        issue(found)
        with pytest.raises(errors.AlreadyIssued):
            issue(found)
        assert Batch.objects.count() == 1

    def test_months_are_issued_in_order(self, unit, metered, issue):
        found = unit()
        metered(found, [3_000_000])
        metered(found, [3_000_000], AUGUST)
        with pytest.raises(errors.OutOfOrder, match="2025-07"):
            issue(found, month=date(2025, 8, 1))

    def test_the_order_of_hours_in_the_file_does_not_matter(self, unit, issue, actors, acting):
        from bashu.power.services.metering import hours_meter
        from power_hours import hours_csv

        header, *lines = hours_csv("W1", [400_000, 700_000, 1_250_000]).decode().split("\n")
        found = unit()
        hours_meter(ctx=acting(actors["operator.CQ"]), content="\n".join([header, *reversed(lines)]).encode())
        issue(found)
        assert list(CertifiedHour.objects.values_list("before_wh", flat=True)) == [0, 400_000, 1_100_000]

    def test_storage_is_certified_when_it_gives_back(self, unit, metered, issue):
        found = unit(storage_ppm=900_000)
        metered(found, [(2_000_000, 1_000_000, 0, 0), (0, 0, 1_000_000, 0), (0, 0, 0, 1_800_000)])
        batch = issue(found)
        assert batch.certified_wh == 1_900_000, "a million went out at once, nine tenths of the other later"
        found.refresh_from_db()
        assert (found.stored_own_wh, found.stored_other_wh) == (0, 0)

    def test_existing_hydropower_is_not_tradable_and_new_one_is(self, unit, metered, issue):
        for code, year, tradable in (("H1", 1998, False), ("H2", 2024, True)):
            found = unit(code, technology="hydro", commissioned_on=date(year, 8, 1))
            metered(found, [1_000_000])
            assert issue(found).tradable is tradable

    def test_a_whole_month_is_issued_for_every_unit_and_again_for_none(self, unit, metered, actors):
        for code in ("W1", "W2"):
            metered(unit(code), [2_000_000])
        run = partial(month_issue, actor=actors["operator.CQ"].actor, now=NOW, month=FIRST)
        assert [batch.count for batch in run()] == [2, 2]
        assert run() == []
        assert month_issue(actor=actors["authority.SC"].actor, now=NOW, month=FIRST) == []

    def test_the_entry_is_public_and_says_what_was_issued(self, issued):
        holding = issued(5)
        entry = Entry.objects.get(kind="power.batch.issue")
        assert entry.public
        assert holding.count == 5


class TestTransfer:
    @pytest.mark.parametrize("who", ["enterprise.SC", "operator.CQ", "authority.CQ"])
    def test_only_the_owner_offers(self, issued, offer, who):
        with pytest.raises(Forbidden):
            offer(issued(), by=who)

    @pytest.mark.parametrize(("quantity", "first"), [(0, None), (6, None), (1, 6), (2, 5), (1, 0)])
    def test_what_the_holding_has_not_is_refused(self, issued, offer, held, actors, quantity, first):
        holding = issued(5)
        with pytest.raises(errors.TooMany):
            offer(holding, quantity, first=first)
        assert held(actors["enterprise.CQ"]) == [(1, 5, "held")]

    @pytest.mark.parametrize("to", ["verifier.CQ", "resident.SC", "enterprise.CQ"])
    def test_who_cannot_receive_is_refused(self, issued, offer, to):
        with pytest.raises(errors.PartyWrong):
            offer(issued(), to=to)

    def test_existing_hydropower_does_not_change_hands(self, issued, offer, held, actors):
        holding = issued(2, "H1", technology="hydro", commissioned_on=date(1998, 8, 1))
        with pytest.raises(errors.NotTradable):
            offer(holding)
        assert held(actors["enterprise.CQ"]) == [(1, 2, "held")]

    def test_an_offer_from_the_middle_leaves_both_ends(self, issued, offer, held, actors):
        transfer = offer(issued(5), 2, first=3)
        assert (transfer.first, transfer.last) == (3, 4)
        assert held(actors["enterprise.CQ"]) == [(1, 2, "held"), (3, 4, "offered"), (5, 5, "held")]
        assert held(actors["enterprise.SC"]) == [(3, 4, "offered")]
        assert held(actors["authority.SC"]) == []

    @pytest.mark.parametrize("who", ["enterprise.CQ", "authority.SC", "operator.CQ"])
    def test_only_the_receiver_accepts(self, issued, offer, actors, acting, who):
        transfer = offer(issued())
        with pytest.raises(Forbidden):
            transfer_accept(ctx=acting(actors[who]), transfer=transfer)

    def test_accepted_certificates_are_the_receivers(self, issued, offer, held, actors, acting):
        transfer = offer(issued(5), 2)
        transfer_accept(ctx=acting(actors["enterprise.SC"]), transfer=transfer)
        assert held(actors["enterprise.SC"]) == [(1, 2, "held")]
        giver = actors["enterprise.CQ"].actor
        with seen_by(giver):
            assert [(row.first, row.last) for row in selectors.holding_list(giver)] == [(3, 5)]
        with pytest.raises(errors.OfferAnswered):
            transfer_withdraw(ctx=acting(actors["enterprise.CQ"]), transfer=transfer)

    def test_declined_and_withdrawn_certificates_are_free_again(self, issued, offer, held, actors, acting):
        holding = issued(5)
        transfer_decline(ctx=acting(actors["enterprise.SC"]), transfer=offer(holding, 5))
        assert held(actors["enterprise.CQ"]) == [(1, 5, "held")]
        assert held(actors["enterprise.SC"]) == []
        transfer_withdraw(ctx=acting(actors["enterprise.CQ"]), transfer=offer(holding, 5))
        assert held(actors["enterprise.CQ"]) == [(1, 5, "held")]
        with seen_by(actors["enterprise.SC"].actor):
            assert sorted(Transfer.objects.values_list("state", flat=True)) == ["declined", "withdrawn"]

    def test_what_is_offered_cannot_be_retired_or_offered_again(self, issued, offer, retire):
        holding = issued(5)
        offer(holding, 5)
        for act in (retire, offer):
            with pytest.raises(errors.NotHeld):
                act(holding, 1)

    def test_what_outlived_its_time_does_not_move(self, issued, offer, retire, actors, acting):
        holding = issued(5)
        transfer = offer(holding, 2)
        late = {"now": datetime(2027, 7, 1, tzinfo=UTC)}
        with pytest.raises(errors.Expired):
            transfer_accept(ctx=acting(actors["enterprise.SC"], **late), transfer=transfer)
        for act in (retire, offer):
            with pytest.raises(errors.Expired):
                act(holding, 1, ctx=late)
        retire(holding, 1, ctx={"now": datetime(2027, 6, 30, 15, tzinfo=UTC)})

    def test_the_version_seen_is_the_version_changed(self, issued, offer):
        holding = issued(5)
        offer(holding, 1, ctx={"expects": holding.version})
        with pytest.raises(StaleVersion):
            offer(holding, 1, ctx={"expects": holding.version})


class TestRetire:
    @pytest.mark.parametrize("who", ["enterprise.SC", "operator.CQ", "authority.CQ"])
    def test_only_the_owner_retires(self, issued, retire, who):
        with pytest.raises(Forbidden):
            retire(issued(), by=who)

    def test_a_certificate_is_retired_once(self, issued, retire, held, actors):
        holding = issued(2)
        retire(holding, 2)
        with pytest.raises(errors.NotHeld):
            retire(holding, 1)
        assert held(actors["enterprise.CQ"]) == [(1, 2, "retired")]

    def test_the_database_itself_refuses_a_second_retirement(self, issued, retire, actors):
        done = retire(issued(3), 2)
        again = Retirement(
            unit_id=done.unit_id, batch_id=done.batch_id, first=2, last=3, owner_id=done.owner_id, beneficiary_id=done.owner_id,
            purpose="twice", retired_at=NOW,
        )  # fmt: skip
        with (
            pytest.raises(DatabaseError, match="power_retirement_once"),
            transaction.atomic(),
            seen_by(actors["enterprise.CQ"].actor),
        ):
            again.save()

    def test_everybody_can_see_what_was_retired_and_for_whom(self, issued, retire, actors):
        retire(issued(3), 2, beneficiary=actors["enterprise.SC"].organisation)
        with seen_by(actors["resident.SC"].actor):
            found = selectors.retirement_list().get()
            assert (found.first, found.last, found.beneficiary) == (1, 2, actors["enterprise.SC"].organisation)
            assert selectors.totals() == (3, 3, 2, 1)

    def test_what_is_not_tradable_serves_its_owner_alone(self, issued, retire, actors):
        holding = issued(2, "H1", technology="hydro", commissioned_on=date(1998, 8, 1))
        with pytest.raises(errors.NotTradable):
            retire(holding, 1, beneficiary=actors["enterprise.SC"].organisation)
        assert retire(holding, 2).count == 2

    def test_the_same_key_retires_once_and_another_request_is_refused(self, issued, retire):
        holding = issued(5)
        first = retire(holding, 2, ctx={"key": "k"})
        assert retire(holding, 2, ctx={"key": "k"}) == first
        with pytest.raises(KeyReused):
            retire(holding, 3, ctx={"key": "k"})
        assert Retirement.objects.count() == 1


class TestClaims:
    @pytest.mark.parametrize("who", ["enterprise.SC", "operator.CQ", "authority.SC", "resident.SC"])
    def test_only_the_beneficiary_and_its_offices_have_it_claimed(self, issued, retire, actors, acting, who):
        with pytest.raises(Forbidden):
            retirement_claim(ctx=acting(actors[who]), retirement=retire(issued()), claimant="carbon", reference="a")

    @pytest.mark.parametrize("second", ["enterprise.CQ", "authority.CQ", "coordinator"])
    def test_a_retirement_is_claimed_once_whoever_asks(self, issued, retire, actors, acting, second):
        retirement = retire(issued())
        retirement_claim(ctx=acting(actors["enterprise.CQ"]), retirement=retirement, claimant="carbon", reference="a")
        with pytest.raises(errors.RetirementClaimed):
            retirement_claim(ctx=acting(actors[second]), retirement=retirement, claimant="carbon", reference="b")
        assert RetirementClaim.objects.get().reference == "a"

    def test_the_outbox_shows_what_is_unclaimed_to_those_it_concerns(self, issued, retire, actors, acting):
        holding = issued(3)
        first, second = retire(holding, 1), retire(holding, 1)
        retirement_claim(
            ctx=acting(actors["enterprise.CQ"], key="c"), retirement=first, claimant="carbon", reference="a"
        )
        retirement_claim(
            ctx=acting(actors["enterprise.CQ"], key="c"), retirement=first, claimant="carbon", reference="a"
        )
        for who, expected in {
            "enterprise.CQ": [second],
            "authority.CQ": [second],
            "coordinator": [second],
            "enterprise.SC": [],
            "authority.SC": [],
        }.items():
            viewer = actors[who].actor
            with seen_by(viewer):
                assert list(selectors.unclaimed(viewer)) == expected, who


class TestCredit:
    SPAN = (JULY, JULY + timedelta(hours=2))

    def credit(self, actors, acting, found, by="enterprise.CQ", span=SPAN):
        return energy_credit(
            ctx=acting(actors[by]), unit=found, start=span[0], stop=span[1], claimant="carbon", reference="project"
        )

    @pytest.mark.parametrize("who", ["enterprise.SC", "authority.SC", "operator.CQ"])
    def test_only_the_owner_and_its_offices_have_energy_credited(self, unit, actors, acting, who):
        with pytest.raises(Forbidden):
            self.credit(actors, acting, unit(), by=who)

    def test_credited_hours_get_no_certificates(self, unit, metered, issue, actors, acting):
        found = unit()
        metered(found, [1_000_000, 2_000_000, 4_000_000])
        self.credit(actors, acting, found)
        assert issue(found).certified_wh == 4_000_000

    def test_certified_hours_are_not_credited(self, unit, metered, issue, actors, acting):
        found = unit()
        metered(found, [1_000_000])
        issue(found)
        with pytest.raises(errors.EnergyCertified):
            self.credit(actors, acting, found)

    def test_hours_are_credited_once(self, unit, actors, acting):
        found = unit()
        self.credit(actors, acting, found)
        with pytest.raises(errors.EnergyCredited):
            self.credit(actors, acting, found, span=(JULY + timedelta(hours=1), JULY + timedelta(hours=5)))


def test_the_hours_of_retired_certificates_are_those_of_the_engine(unit, metered, issue, retire, actors):
    """What the database adds up is what the engine defines, certificate by certificate."""
    found = unit()
    figures = np.random.default_rng(3).integers(1, 900_000, 24)
    metered(found, figures.tolist())
    batch = issue(found)
    with seen_by(actors["enterprise.CQ"].actor):
        holding = batch.holdings.get()
    for number in (2, 5, 6):
        with seen_by(actors["enterprise.CQ"].actor):
            holding = batch.holdings.get(first__lte=number, last__gte=number, state="held")
        retire(holding, 1, first=number)
    before = np.concatenate([[0], np.cumsum(figures)[:-1]])
    expected = sum(hours_of(before, figures, number, number) for number in (2, 5, 6))
    own = actors["enterprise.CQ"].organisation.public_id
    got = selectors.retired_hours(own, JULY, JULY + timedelta(days=1))
    assert got == {JULY + timedelta(hours=i): wh for i, wh in enumerate(expected.tolist()) if wh}
    assert sum(got.values()) == 3_000_000
