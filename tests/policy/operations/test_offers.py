"""Profiles, catalogues and offers that need no application."""

from datetime import UTC, date, datetime, timedelta

import orjson
import pytest

from bashu.kernel.commands.command import label_of
from bashu.kernel.errors import Forbidden, Malformed, SignInNeeded
from bashu.kernel.journal.models import Entry
from bashu.kernel.parties.selectors import seen_by
from bashu.kernel.web import clock
from bashu.policy import errors
from bashu.policy.models import Budget, Offer, ProfileFact
from bashu.policy.services.applications import application_approve, application_submit, application_withdraw
from bashu.policy.services.catalogues import catalogue_publish, offer_accept, offer_decline, offers_push
from bashu.policy.services.profiles import profile_record, profile_refresh
from bashu.policy.tasks import offers_keep

NOW, YEAR = datetime(2025, 6, 3, 2, tzinfo=UTC), 2025


def offers_of(player):
    """The offers a person sees."""
    with seen_by(player.actor):
        return list(Offer.objects.select_related("item", "item__catalogue").order_by("item__code"))


@pytest.fixture
def pushed(actors, acting, catalogue, profiled):
    """Offers made to both enterprises."""
    profiled("enterprise.CQ")
    profiled("enterprise.SC", hired_doctors=None)
    return offers_push(ctx=acting(actors["coordinator"]), catalogue=catalogue, year=YEAR)


class TestProfileRecord:
    @pytest.mark.parametrize("who", ["enterprise.SC", "authority.SC", "operator.CQ", "resident.SC"])
    def test_who_has_nothing_to_do_with_it_is_refused(self, actors, acting, catalogue, who):
        with pytest.raises(Forbidden):
            profile_record(
                ctx=acting(actors[who]), organisation=actors["enterprise.CQ"].organisation, facts={"staff": 1}, as_of=date(2025, 5, 1)
            )  # fmt: skip

    def test_nobody_is_asked_to_sign_in(self, actors, acting):
        with pytest.raises(SignInNeeded):
            profile_record(
                ctx=acting(), organisation=actors["enterprise.CQ"].organisation, facts={}, as_of=date(2025, 5, 1)
            )

    @pytest.mark.parametrize(
        ("facts", "refusal"),
        [
            ({"colour": "red"}, errors.FactUnknown),
            ({"staff": -1}, errors.FactWrong),
            ({"staff": "many"}, errors.FactWrong),
            ({"research_spending": "1.5x"}, errors.FactWrong),
            ({"investment": "1.005"}, errors.FactWrong),
        ],
    )
    def test_what_no_rule_can_compute_with_is_refused(self, actors, acting, catalogue, facts, refusal):
        with pytest.raises(refusal):
            profile_record(
                ctx=acting(actors["enterprise.CQ"]), organisation=actors["enterprise.CQ"].organisation, facts=facts, as_of=date(2025, 5, 1)
            )  # fmt: skip

    def test_a_day_to_come_is_refused(self, actors, acting, catalogue):
        with pytest.raises(Malformed):
            profile_record(
                ctx=acting(actors["enterprise.CQ"]), organisation=actors["enterprise.CQ"].organisation, facts={"staff": 3},
                as_of=date(2025, 6, 4),
            )  # fmt: skip

    def test_later_values_supersede_and_history_stays(self, actors, acting, profiled):
        firm = profiled(hired_doctors=4)
        profile_record(
            ctx=acting(actors["authority.CQ"]), organisation=firm, facts={"hired_doctors": 3}, as_of=date(2025, 5, 31)
        )
        with pytest.raises(errors.FactOlder):  # the authority's word outweighs the enterprise's of the same day
            profile_record(
                ctx=acting(actors["enterprise.CQ"]), organisation=firm, facts={"hired_doctors": 9}, as_of=date(2025, 5, 31)
            )  # fmt: skip
        with seen_by(actors["enterprise.CQ"].actor):
            rows = ProfileFact.objects.filter(fact="hired_doctors").order_by("pk")
            assert [(row.value, row.origin, row.superseded_at is None) for row in rows] == [
                (4, "declared", False), (3, "authority", True),
            ]  # fmt: skip

    def test_the_other_provinces_office_does_not_see_it(self, actors, profiled):
        profiled("enterprise.CQ")
        for who, number in {
            "enterprise.CQ": 3,
            "authority.CQ": 3,
            "coordinator": 3,
            "authority.SC": 0,
            "enterprise.SC": 0,
        }.items():
            with seen_by(actors[who].actor):
                assert ProfileFact.objects.count() == number, who


class TestProfileRefresh:
    @pytest.mark.parametrize("who", ["enterprise.SC", "authority.CQ", "operator.CQ", "resident.SC"])
    def test_who_does_not_see_the_records_whole_is_refused(self, actors, acting, catalogue, who):
        with pytest.raises(Forbidden):
            profile_refresh(ctx=acting(actors[who]), organisation=actors["enterprise.CQ"].organisation)

    def test_what_no_rule_reads_is_not_taken(self, actors, acting):
        firm = actors["enterprise.CQ"]
        assert profile_refresh(ctx=acting(firm), organisation=firm.organisation) == 0  # no catalogue is published

    def test_records_of_other_systems_fill_the_profile_each_with_its_source(
        self, actors, acting, catalogue, retired, delivered
    ):
        firm = actors["enterprise.CQ"]
        delivered(firm, teu=12, freight_fen=34_567_89)
        retired(firm, mwh=250)
        assert profile_refresh(ctx=acting(firm), organisation=firm.organisation) == 4
        assert profile_refresh(ctx=acting(firm), organisation=firm.organisation) == 0
        with seen_by(firm.actor):
            rows = {row.fact: row for row in ProfileFact.objects.all()}
        assert {name: row.value for name, row in rows.items()} == {
            "registered_in": "CQ", "shipped_teu": 12, "freight_agreed": "34567.89", "green_retired": 250,
        }  # fmt: skip
        assert {row.origin for row in rows.values()} == {"record"}
        assert rows["shipped_teu"].source == "logistics.consignment 1 (B00000001 – B00000001)"
        assert rows["green_retired"].source == "power.retirement 1 (2025-05-20 – 2025-05-20)"

    def test_an_authoritys_word_of_the_same_day_stands(self, actors, acting, catalogue, delivered):
        firm, office = actors["enterprise.CQ"], actors["authority.CQ"]
        delivered(firm, teu=12, freight_fen=0)
        profile_record(
            ctx=acting(office), organisation=firm.organisation, facts={"shipped_teu": 9}, as_of=date(2025, 6, 3)
        )
        assert profile_refresh(ctx=acting(firm), organisation=firm.organisation) == 3
        with seen_by(firm.actor):
            assert ProfileFact.objects.get(fact="shipped_teu", superseded_at=None).value == 9

    def test_an_enterprise_does_not_declare_what_records_tell(self, actors, acting, catalogue):
        firm = actors["enterprise.CQ"]
        with pytest.raises(errors.FactFromRecords):
            profile_record(
                ctx=acting(firm), organisation=firm.organisation, facts={"shipped_teu": 900}, as_of=date(2025, 6, 3)
            )

    def test_what_records_tell_decides_an_amount(self, actors, acting, catalogue, profiled, delivered):
        firm = actors["enterprise.CQ"]
        profiled(research_spending=None, hired_doctors=None)
        delivered(firm, teu=120, freight_fen=400_000_00)
        offers_push(ctx=acting(actors["coordinator"]), catalogue=catalogue, year=YEAR)
        [offer] = offers_of(firm)
        assert (offer.item.code, offer.amount_fen) == ("cq-shipping", 120 * 150_00)
        assert offer.facts["shipped_teu"]["origin"] == "record"


class TestOffersKeep:
    def test_pushes_by_itself_once_after_a_change_and_again_after_a_day(
        self, actors, acting, catalogue, profiled, monkeypatch
    ):
        monkeypatch.setattr(clock, "now", lambda: NOW)
        assert offers_keep() == 1  # never pushed
        assert offers_keep() == 0
        profiled()
        assert offers_keep() == 1
        assert offers_keep() == 0
        assert len(offers_of(actors["enterprise.CQ"])) == 2
        monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=1))
        assert offers_keep() == 1
        assert len(offers_of(actors["enterprise.CQ"])) == 2

    def test_what_was_withdrawn_or_has_lapsed_is_not_offered_again_in_the_year(
        self, actors, acting, catalogue, profiled
    ):
        firm = actors["enterprise.CQ"]
        profiled()
        offers_push(ctx=acting(actors["coordinator"]), catalogue=catalogue, year=YEAR)
        accepted = offers_of(firm)[0]
        application_withdraw(ctx=acting(firm), application=offer_accept(ctx=acting(firm), offer=accepted))
        late = NOW + timedelta(days=90)
        for _ in range(2):
            offers_push(ctx=acting(actors["coordinator"], now=late), catalogue=catalogue, year=YEAR)
        assert sorted(offer.state for offer in offers_of(firm)) == ["accepted", "lapsed"]


class TestCataloguePublish:
    @pytest.mark.parametrize("who", ["authority.CQ", "enterprise.CQ", "operator.CQ"])
    def test_only_the_joint_office_publishes(self, actors, acting, who):
        with pytest.raises(Forbidden):
            catalogue_publish(ctx=acting(actors[who]), content="catalogue: x")

    def test_an_item_without_a_formula_is_refused(self, actors, acting, catalogue):
        content = catalogue.content.replace("amount: equipment * sample_equipment, status", "status")
        with pytest.raises(errors.CatalogueRefused, match="no amount"):
            catalogue_publish(ctx=acting(actors["coordinator"]), content=content)

    def test_what_cannot_be_read_is_refused_with_its_line(self, actors, acting):
        with pytest.raises(errors.CatalogueRefused, match=":2:"):
            catalogue_publish(ctx=acting(actors["coordinator"]), content="catalogue: [")

    def test_the_same_words_are_published_once(self, actors, acting, catalogue):
        with pytest.raises(errors.CatalogueStands):
            catalogue_publish(ctx=acting(actors["coordinator"]), content=catalogue.content)

    def test_a_newer_version_keeps_what_was_committed(self, actors, acting, catalogue, applied):
        applied(upto="approved")
        catalogue_publish(ctx=acting(actors["coordinator"]), content=catalogue.content + "\n# later\n")
        budget = Budget.objects.get(name="research")
        assert (budget.committed_fen, budget.items.count()) == (400_000_00, 4)
        lower = catalogue.content.replace("most: 3000000, items: [cq-research", "most: 3, items: [cq-research")
        with pytest.raises(errors.CatalogueRefused, match="research"):
            catalogue_publish(ctx=acting(actors["coordinator"]), content=lower)


class TestOffersPush:
    @pytest.mark.parametrize("year", [1, 2020, 2101, 99999])
    def test_a_year_before_the_area_or_far_ahead_is_refused(self, actors, acting, catalogue, year):
        with pytest.raises(Malformed, match="a year from 2021 to 2100"):
            offers_push(ctx=acting(actors["coordinator"]), catalogue=catalogue, year=year)

    @pytest.mark.parametrize("who", ["authority.CQ", "enterprise.CQ", "operator.CQ"])
    def test_only_the_joint_office_pushes(self, actors, acting, catalogue, who):
        with pytest.raises(Forbidden):
            offers_push(ctx=acting(actors[who]), catalogue=catalogue, year=YEAR)

    def test_each_enterprise_is_offered_its_best_set_and_never_a_topic_twice(self, actors, pushed):
        assert (pushed.profiles, pushed.offers) == (2, 3)
        own = offers_of(actors["enterprise.CQ"])
        assert {offer.item.code: offer.amount_fen for offer in own} == {
            "cq-research": 400_000_00,
            "cq-talent": 200_000_00,
        }
        [other] = offers_of(actors["enterprise.SC"])  # doctors are not known: nothing is offered that rests on them
        assert other.item.topic == "research"

    def test_one_entry_holds_a_digest_of_each_offer(self, actors, pushed):
        with seen_by(actors["coordinator"].actor):
            [entry] = Entry.objects.filter(subject=label_of(pushed))
            told = orjson.loads(entry.body.content)["after"]["offers"]
            assert {digest for _, digest in told} == set(Offer.objects.values_list("digest", flat=True))

    def test_what_was_offered_is_not_offered_again(self, actors, acting, catalogue, pushed):
        again = offers_push(ctx=acting(actors["coordinator"]), catalogue=catalogue, year=YEAR)
        assert again.offers == 0

    def test_an_empty_register_of_profiles_is_no_fault(self, actors, acting, catalogue):
        assert offers_push(ctx=acting(actors["coordinator"]), catalogue=catalogue, year=YEAR).offers == 0


class TestOfferAnswer:
    @pytest.mark.parametrize("who", ["enterprise.SC", "authority.CQ", "coordinator"])
    def test_only_the_enterprise_answers(self, actors, acting, pushed, who):
        offer = offers_of(actors["enterprise.CQ"])[0]
        for act in (offer_accept, offer_decline):
            with pytest.raises(Forbidden):
                act(ctx=acting(actors[who]), offer=offer)

    def test_accepted_it_goes_to_decision_without_an_application(self, actors, acting, pushed):
        offer = offers_of(actors["enterprise.CQ"])[0]
        application = offer_accept(ctx=acting(actors["enterprise.CQ"]), offer=offer)
        assert (application.state, application.reviewed_by, application.offer) == ("reviewed", None, offer)
        assert application_approve(ctx=acting(actors["colleague.CQ"]), application=application).amount_fen == 400_000_00
        with pytest.raises(errors.OfferAnswered):
            offer_decline(ctx=acting(actors["enterprise.CQ"]), offer=offer)

    def test_declined_it_can_still_be_applied_for(self, actors, acting, pushed):
        offer = offers_of(actors["enterprise.CQ"])[0]
        assert offer_decline(ctx=acting(actors["enterprise.CQ"]), offer=offer).state == "declined"
        application_submit(
            ctx=acting(actors["enterprise.CQ"]),
            organisation=actors["enterprise.CQ"].organisation,
            item=offer.item,
            year=YEAR,
        )

    def test_after_its_time_it_has_lapsed(self, actors, acting, catalogue, pushed):
        offer = offers_of(actors["enterprise.CQ"])[0]
        late = NOW + timedelta(days=90)
        with pytest.raises(errors.OfferLapsed):
            offer_accept(ctx=acting(actors["enterprise.CQ"], now=late), offer=offer)
        offers_push(ctx=acting(actors["coordinator"], now=late), catalogue=catalogue, year=YEAR)
        assert {one.state for one in offers_of(actors["enterprise.CQ"])} == {"lapsed"}
