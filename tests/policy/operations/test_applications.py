"""Every step of an application: who may not, what is refused, what is written."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from bashu.kernel.commands.command import label_of
from bashu.kernel.errors import Forbidden, Malformed, NotFound, SignInNeeded
from bashu.kernel.journal.models import Entry
from bashu.kernel.parties.selectors import seen_by
from bashu.policy import errors
from bashu.policy.models import Appeal, AppealState, Application, Award, Budget, Step, SupportAccount
from bashu.policy.selectors.applications import computed
from bashu.policy.services.appeals import appeal_change, appeal_file, appeal_uphold
from bashu.policy.services.applications import (
    application_approve,
    application_pay,
    application_refuse,
    application_return,
    application_review,
    application_submit,
    application_supplement,
    application_withdraw,
)
from bashu.policy.services.catalogues import catalogue_publish

NOW, YEAR = datetime(2025, 6, 3, 2, tzinfo=UTC), 2025
SAMPLE = Path(__file__).resolve().parents[3] / "src" / "bashu" / "policy" / "facts" / "sample" / "catalogue.yaml"
NOT_OFFICES = ["operator.CQ", "enterprise.CQ", "verifier.CQ", "resident.SC"]


def seen_as(player, model=Application):
    """The rows a person sees."""
    with seen_by(player.actor):
        return list(model.objects.all())


class TestSubmit:
    def test_a_year_before_the_area_is_refused(self, actors, acting, item, profiled):
        with pytest.raises(Malformed, match="a year from 2021"):
            application_submit(
                ctx=acting(actors["enterprise.CQ"]), organisation=profiled(), item=item("cq-research"), year=1
            )

    def test_nobody_is_asked_to_sign_in(self, actors, acting, item):
        with pytest.raises(SignInNeeded):
            application_submit(
                ctx=acting(), organisation=actors["enterprise.CQ"].organisation, item=item("cq-research"), year=YEAR
            )

    @pytest.mark.parametrize("who", ["authority.CQ", "operator.CQ", "enterprise.SC", "coordinator"])
    def test_only_the_enterprise_itself_applies(self, actors, acting, item, who):
        with pytest.raises(Forbidden):
            application_submit(
                ctx=acting(actors[who]), organisation=actors["enterprise.CQ"].organisation, item=item("cq-research"), year=YEAR
            )  # fmt: skip

    def test_missing_facts_are_named_and_nothing_is_written(self, actors, acting, item, profiled):
        firm = profiled(research_spending=None)
        with pytest.raises(errors.FactsMissing, match="research_spending"):
            application_submit(
                ctx=acting(actors["enterprise.CQ"]), organisation=firm, item=item("cq-research"), year=YEAR
            )
        assert seen_as(actors["enterprise.CQ"]) == []

    def test_who_has_no_claim_is_told_so(self, actors, acting, item, profiled):
        firm = profiled(research_spending="0.00")
        with pytest.raises(errors.NotEligible):
            application_submit(
                ctx=acting(actors["enterprise.CQ"]), organisation=firm, item=item("cq-research"), year=YEAR
            )

    def test_an_item_of_a_replaced_catalogue_is_refused(self, actors, acting, item, profiled, catalogue):
        from bashu.policy.services.catalogues import catalogue_publish

        old, firm = item("cq-research"), profiled()
        catalogue_publish(ctx=acting(actors["coordinator"]), content=catalogue.content + "\n# later\n")
        old.catalogue.refresh_from_db()
        with pytest.raises(errors.ItemSuperseded):
            application_submit(ctx=acting(actors["enterprise.CQ"]), organisation=firm, item=old, year=YEAR)

    def test_a_second_application_for_the_same_item_is_refused(self, applied):
        applied()
        with pytest.raises(errors.ApplicationTwice):
            applied()

    def test_the_amount_is_the_engines_and_the_deadline_counts_working_days(self, applied):
        application = applied()
        assert application.computed_fen == 400_000_00  # 10 % of 4 million yuan
        assert application.due_on == date(2025, 6, 10)
        assert application.facts["research_spending"]["origin"] == "declared"

    def test_what_is_declared_with_it_joins_the_profile(self, actors, acting, item, profiled):
        firm = profiled()
        application = application_submit(
            ctx=acting(actors["enterprise.CQ"]), organisation=firm, item=item("sc-equipment"), year=YEAR,
            declared={"equipment": "1000000.00"}, evidence={"equipment": "a" * 64},
        )  # fmt: skip
        assert application.computed_fen == 60_000_00
        assert application.facts["equipment"]["evidence"] == "a" * 64


class TestSeeing:
    def test_the_enterprise_the_province_and_the_joint_office_see_it_and_nobody_else(self, actors, applied):
        application = applied("sc-research", who="enterprise.CQ")
        for who in ("enterprise.CQ", "authority.SC", "coordinator"):
            assert seen_as(actors[who]) == [application], who
        for who in ("authority.CQ", "enterprise.SC", "operator.CQ", "resident.SC"):
            assert seen_as(actors[who]) == [], who
            assert seen_as(actors[who], Step) == [], who

    def test_what_was_granted_is_known_to_both_provinces(self, actors, applied):
        applied("sc-research", upto="approved")
        assert len(seen_as(actors["authority.CQ"], Award)) == 1
        assert seen_as(actors["enterprise.SC"], Award) == []


class TestReview:
    @pytest.mark.parametrize("who", NOT_OFFICES)
    def test_who_is_no_office_is_refused(self, actors, acting, applied, who):
        application = applied(upto="complete")
        with pytest.raises(Forbidden):
            application_review(ctx=acting(actors[who]), application=application, finding="x")

    def test_an_office_of_the_other_province_is_refused(self, actors, acting, applied):
        application = applied("sc-research", upto="complete")
        with pytest.raises(Forbidden):
            application_review(ctx=acting(actors["authority.CQ"]), application=application, finding="x")

    def test_steps_come_in_their_order(self, actors, acting, applied):
        application = applied()
        office = actors["authority.CQ"]
        with pytest.raises(errors.StepWrong):
            application_review(ctx=acting(office), application=application, finding="x")
        with pytest.raises(errors.StepWrong):
            application_approve(ctx=acting(office), application=application)
        with pytest.raises(errors.StepWrong):
            application_pay(ctx=acting(office), application=application, order="ZF-1")

    def test_sent_back_it_is_completed_and_waits_again(self, actors, acting, applied):
        application = applied()
        with pytest.raises(errors.ReasonMissing):
            application_return(ctx=acting(actors["authority.CQ"]), application=application, reason=" ")
        application = application_return(
            ctx=acting(actors["authority.CQ"]), application=application, reason="缺审计报告"
        )
        with pytest.raises(Forbidden):
            application_supplement(ctx=acting(actors["enterprise.SC"]), application=application, note="已补")
        application = application_supplement(
            ctx=acting(actors["enterprise.CQ"]), application=application, note="已补", declared={"research_spending": "3000000.00"},
        )  # fmt: skip
        assert (application.state, application.computed_fen) == ("submitted", 300_000_00)

    def test_the_rules_of_the_regions_day_hold_also_before_eight_in_the_morning(self, actors, acting, profiled):
        written = "{in: CQ, from: 2021-01-01, value: 10%, status: assumed, source: sample}"
        risen = (
            written.replace("from: 2021-01-01", "from: 2021-01-01, to: 2025-06-02")
            + ", {in: CQ, from: 2025-06-03, value: 20%, status: assumed, source: sample}"
        )
        firm, night = profiled(), datetime(2025, 6, 2, 20, tzinfo=UTC)  # four in the morning of the third
        changed = catalogue_publish(
            ctx=acting(actors["coordinator"]), content=SAMPLE.read_text().replace(written, risen)
        )
        item = changed.items.select_related("catalogue").get(code="cq-research")
        application = application_submit(
            ctx=acting(actors["enterprise.CQ"], now=night), organisation=firm, item=item, year=YEAR
        )
        assert (application.computed_fen, computed(application).fen) == (800_000_00, 800_000_00)


class TestDecide:
    def test_the_reviewer_does_not_decide(self, actors, acting, applied):
        application = applied(upto="reviewed")
        with pytest.raises(errors.SecondPersonNeeded):
            application_approve(ctx=acting(actors["authority.CQ"]), application=application)
        with pytest.raises(errors.SecondPersonNeeded):
            application_refuse(ctx=acting(actors["authority.CQ"]), application=application, reason="x")

    def test_an_official_of_one_province_cannot_decide_the_others_item(self, actors, acting, applied):
        application = applied("sc-research", upto="reviewed")
        for who in ("authority.CQ", "colleague.CQ"):
            with pytest.raises(Forbidden):
                application_approve(ctx=acting(actors[who]), application=application)
            with pytest.raises(Forbidden):
                application_refuse(ctx=acting(actors[who]), application=application, reason="x")

    def test_who_forges_the_province_finds_no_such_row(self, actors, acting, applied):
        """Past the service's check the database still shows the row to its own province only."""
        application = applied("sc-research", upto="reviewed")
        application.province = "CQ"
        with pytest.raises(NotFound):
            application_refuse(ctx=acting(actors["colleague.CQ"]), application=application, reason="x")

    def test_a_refusal_says_why(self, actors, acting, applied):
        application = applied(upto="reviewed")
        with pytest.raises(errors.ReasonMissing):
            application_refuse(ctx=acting(actors["colleague.CQ"]), application=application, reason="  ")

    def test_an_approval_writes_award_account_and_budget(self, actors, applied):
        application = applied(upto="approved")
        assert application.amount_fen == 400_000_00
        assert (application.decided_by, application.state) == (actors["coordinator"].person.public_id, "approved")
        with seen_by(actors["coordinator"].actor):
            account = SupportAccount.objects.get()
            assert (account.cq_fen, account.sc_fen) == (400_000_00, 0)
            assert Budget.objects.get(name="research").committed_fen == 400_000_00
            entry = Entry.objects.filter(subject=label_of(application)).order_by("id").last()
            assert orjson.loads(entry.body.content)["after"]["amount_fen"] == 400_000_00

    def test_the_same_topic_is_granted_by_one_province_only(self, actors, acting, applied):
        applied("cq-research", upto="approved")
        other = applied("sc-research", upto="reviewed")
        with pytest.raises(errors.TopicTaken):
            application_approve(ctx=acting(actors["coordinator"]), application=other)

    def test_a_prerequisite_comes_first(self, actors, acting, applied):
        talent = applied("sc-talent", upto="reviewed")
        with pytest.raises(errors.GrantRefused, match="It needs sc-research, which was not granted this year"):
            application_approve(ctx=acting(actors["coordinator"]), application=talent)
        applied("sc-research", upto="approved")
        done = application_approve(ctx=acting(actors["coordinator"]), application=talent)
        assert done.amount_fen == 240_000_00

    def test_a_budget_is_not_overdrawn(self, actors, acting, applied):
        applied("cq-research", upto="approved", research_spending="10000000.00")
        with seen_by(actors["coordinator"].actor):
            Budget.objects.filter(name="research").update(most_fen=1_200_000_00)
        second = applied("sc-research", upto="reviewed", who="enterprise.SC")
        with pytest.raises(errors.BudgetExhausted, match=r"200,000\.00"):
            application_approve(ctx=acting(actors["coordinator"]), application=second)


class TestPay:
    def test_it_is_paid_once_and_an_order_pays_one(self, actors, acting, applied):
        office = actors["authority.CQ"]
        application = applied(upto="approved")
        with pytest.raises(Forbidden):
            application_pay(ctx=acting(actors["enterprise.CQ"]), application=application, order="ZF-1")
        paid = application_pay(ctx=acting(office), application=application, order="ZF-1")
        assert (paid.state, paid.due_on) == ("paid", None)
        with pytest.raises(errors.StepWrong):
            application_pay(ctx=acting(office), application=application, order="ZF-2")
        other = applied("sc-research", upto="approved", who="enterprise.SC")
        with pytest.raises(errors.OrderUsed):
            application_pay(ctx=acting(actors["coordinator"]), application=other, order="ZF-1")


class TestWithdraw:
    def test_the_enterprise_takes_it_back_before_the_decision_only(self, actors, acting, applied):
        application = applied(upto="reviewed")
        with pytest.raises(Forbidden):
            application_withdraw(ctx=acting(actors["authority.CQ"]), application=application)
        assert application_withdraw(ctx=acting(actors["enterprise.CQ"]), application=application).state == "withdrawn"
        decided = applied(upto="approved")
        with pytest.raises(errors.StepWrong):
            application_withdraw(ctx=acting(actors["enterprise.CQ"]), application=decided)


class TestAppeal:
    def test_only_the_enterprise_appeals_against_a_refusal_once(self, actors, acting, applied):
        application = applied(upto="refused")
        with pytest.raises(Forbidden):
            appeal_file(ctx=acting(actors["enterprise.SC"]), application=application, grounds="x")
        appeal = appeal_file(ctx=acting(actors["enterprise.CQ"]), application=application, grounds="凭证已补")
        assert appeal.due_on == date(2025, 8, 2)
        with pytest.raises(errors.AppealTwice):
            appeal_file(ctx=acting(actors["enterprise.CQ"]), application=application, grounds="x")

    def test_after_sixty_days_it_is_too_late(self, actors, acting, applied):
        application = applied(upto="refused")
        with pytest.raises(errors.AppealLate, match="2025-08-02"):
            appeal_file(
                ctx=acting(actors["enterprise.CQ"], now=NOW + timedelta(days=61)), application=application, grounds="x"
            )

    def test_the_office_that_refused_does_not_decide_the_appeal(self, actors, acting, applied):
        application = applied(upto="refused")
        appeal = appeal_file(ctx=acting(actors["enterprise.CQ"]), application=application, grounds="凭证已补")
        for act in (appeal_uphold, appeal_change):
            with pytest.raises(errors.AppealToSameOffice):
                act(ctx=acting(actors["colleague.CQ"]), appeal=appeal, reason="x")
            with pytest.raises(Forbidden):
                act(ctx=acting(actors["authority.SC"]), appeal=appeal, reason="x")
            with pytest.raises(errors.ReasonMissing):
                act(ctx=acting(actors["coordinator"]), appeal=appeal, reason="")

    def test_another_office_changes_it_within_the_same_limits(self, actors, acting, applied):
        application = applied(upto="refused")
        appeal = appeal_file(ctx=acting(actors["enterprise.CQ"]), application=application, grounds="凭证已补")
        changed = appeal_change(ctx=acting(actors["coordinator"]), appeal=appeal, reason="凭证属实")
        assert changed.state == AppealState.CHANGED
        [seen] = seen_as(actors["enterprise.CQ"])
        assert (seen.state, seen.amount_fen) == ("approved", 400_000_00)
        with pytest.raises(errors.StepWrong):
            appeal_uphold(ctx=acting(actors["coordinator"]), appeal=appeal, reason="x")

    def test_upheld_it_stays_refused(self, actors, acting, applied):
        application = applied(upto="refused")
        appeal = appeal_file(ctx=acting(actors["enterprise.CQ"]), application=application, grounds="凭证已补")
        appeal_uphold(ctx=acting(actors["coordinator"]), appeal=appeal, reason="凭证仍不符")
        assert [row.state for row in seen_as(actors["enterprise.CQ"])] == ["refused"]
        with pytest.raises(errors.AppealDecided):
            appeal_uphold(ctx=acting(actors["coordinator"]), appeal=appeal, reason="x")
        assert len(seen_as(actors["coordinator"], Appeal)) == 1
