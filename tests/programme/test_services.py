"""Every write of the scoreboard: who may not, what is refused, what is written and what the journal keeps."""

from datetime import date
from decimal import Decimal

import orjson
import pytest
from django.utils import translation
from django.utils.functional import Promise

from bashu.kernel.commands.actor import ActorKind
from bashu.kernel.commands.command import label_of
from bashu.kernel.errors import Forbidden, KeyReused, SignInNeeded, StaleVersion
from bashu.kernel.journal.models import Entry
from bashu.kernel.parties.engine.credit_code import check_digit
from bashu.kernel.parties.selectors import actor_of_token, seen_by
from bashu.programme import errors
from bashu.programme.formats.evidence import File
from bashu.programme.models import Blocker, Evidence, Milestone, Plan, PlanItemState, Reading, Target, Task, TaskState
from bashu.programme.services.imports import readings_import
from bashu.programme.services.plans import plan_close, plan_item_add, plan_item_decide, plan_open
from bashu.programme.services.readings import reading_confirm, reading_reject, reading_report, reading_withdraw
from bashu.programme.services.work import (
    blocker_raise,
    blocker_resolve,
    milestone_add,
    milestone_meet,
    task_set_investment,
    task_set_state,
)

NOT_OFFICES = ["operator.CQ", "enterprise.CQ", "verifier.CQ", "resident.SC"]


def code(number: int) -> str:
    """A valid credit code of an enterprise that does not exist."""
    body = f"91999999{number:09d}"
    return body + check_digit(body)


def seen_as(player):
    """The readings a person sees."""
    with seen_by(player.actor):
        return list(Reading.objects.all())


def entries(record) -> list[Entry]:
    """The journal's entries about a record."""
    return list(Entry.objects.filter(subject=label_of(record)).order_by("id"))


class TestReadingReport:
    def test_nobody_is_asked_to_sign_in(self, actors, acting, figure):
        with pytest.raises(SignInNeeded):
            reading_report(ctx=acting(), **figure())

    @pytest.mark.parametrize("who", NOT_OFFICES)
    def test_who_is_no_office_is_refused(self, actors, acting, figure, who):
        with pytest.raises(Forbidden):
            reading_report(ctx=acting(actors[who]), **figure())

    def test_an_office_of_the_other_side_is_refused(self, actors, acting, figure):
        with pytest.raises(Forbidden):
            reading_report(ctx=acting(actors["authority.SC"]), **figure(jurisdiction="CQ"))

    def test_a_side_does_not_report_for_both(self, actors, acting, figure):
        with pytest.raises(Forbidden):
            reading_report(ctx=acting(actors["authority.CQ"]), **figure(jurisdiction="joint"))

    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"evidence": []}, errors.EvidenceMissing),
            ({"evidence": [File("photo.png", b"MZ a program")]}, errors.EvidenceRefused),
            ({"evidence": [File("page.html", b"<script>1</script>")]}, errors.EvidenceRefused),
            ({"period_end": date(2025, 12, 31)}, errors.PeriodNotOver),
            ({"period_start": date(2025, 1, 1)}, errors.PeriodRunsBackwards),
            ({"value": Decimal("18.5")}, errors.ValueWrong),
            ({"value": Decimal(-1)}, errors.ValueWrong),
            ({"value": Decimal("NaN")}, errors.ValueWrong),
            ({"value": None}, errors.ValueWrong),
            ({"value": None, "achieved": True}, errors.ValueWrong),
            ({"share": Decimal("0.5")}, errors.ValueWrong),
            ({"coverage": "partial", "share": Decimal("NaN")}, errors.ValueWrong),
            ({"coverage": "partial", "share": Decimal(1)}, errors.ValueWrong),
            ({"target": "T07"}, errors.ValueWrong),
        ],
    )
    def test_what_cannot_be_true_is_refused_and_nothing_is_written(self, actors, acting, figure, changes, refusal):
        with pytest.raises(refusal):
            reading_report(ctx=acting(actors["authority.CQ"]), **figure(**changes))
        assert seen_as(actors["authority.CQ"]) == []
        assert not Entry.objects.filter(kind="programme.reading.report").exists()

    def test_reports_with_evidence_and_appends_one_entry(self, actors, reported):
        reading = reported()
        assert (reading.state, reading.basis, reading.indicator) == ("reported", "reported", "")
        with seen_by(actors["authority.CQ"].actor):
            file = reading.evidence.get()
            (entry,) = entries(reading)
            body = orjson.loads(entry.body.content)
        assert body["after"]["evidence"] == [file.sha256]
        assert body["after"]["value"] == "18"
        assert not entry.public

    def test_an_unconfirmed_figure_is_its_sides_and_the_joint_offices_business_alone(self, actors, reported):
        reading = reported()
        for who in ("authority.CQ", "colleague.CQ", "coordinator"):
            assert seen_as(actors[who]) == [reading], who
        for who in ("authority.SC", "enterprise.CQ", "operator.CQ", "resident.SC"):
            assert seen_as(actors[who]) == [], who

    def test_evidence_of_an_unconfirmed_figure_is_hidden_with_it(self, actors, reported):
        reported()
        with seen_by(actors["authority.SC"].actor):
            assert not Evidence.objects.exists()

    def test_a_roster_gives_the_value_and_counts_as_evidence(self, actors, reported):
        reading = reported(target="T05", value=None, evidence=[], roster=[code(1), code(2).lower(), f" {code(3)} "])
        assert reading.value == 3
        with seen_by(actors["authority.CQ"].actor):
            assert set(reading.roster.values_list("credit_code", flat=True)) == {code(1), code(2), code(3)}

    @pytest.mark.parametrize("roster", [["91999999000000001X"], [code(1), code(1)], ["short"]])
    def test_a_faulty_roster_names_its_line(self, actors, acting, figure, roster):
        with pytest.raises(errors.RosterWrong) as refusal:
            reading_report(ctx=acting(actors["authority.CQ"]), **figure("T05", value=None, roster=roster))
        assert refusal.value.context["line"] == len(roster)

    def test_a_faulty_roster_says_why_in_the_language_spoken(self, actors, acting, figure):
        with translation.override("zh-hans"), pytest.raises(errors.RosterWrong) as refusal:
            reading_report(ctx=acting(actors["authority.CQ"]), **figure("T05", value=None, roster=["short"]))
        assert isinstance(refusal.value.context["problem"], Promise)

    @pytest.mark.parametrize(
        "wrong", [{"value": "18.0000001"}, {"value": "18", "coverage": "partial", "share": "0.1234567"}]
    )
    def test_more_decimals_than_a_row_holds_are_refused_and_not_rounded(self, actors, acting, figure, wrong):
        numbers = {name: Decimal(text) if name != "coverage" else text for name, text in wrong.items()}
        with pytest.raises(errors.ValueWrong, match="at most 6 decimals"):
            reading_report(ctx=acting(actors["authority.CQ"]), **figure("T01", **numbers))

    def test_a_value_that_contradicts_the_roster_is_refused(self, actors, acting, figure):
        with pytest.raises(errors.ValueWrong):
            reading_report(ctx=acting(actors["authority.CQ"]), **figure("T05", value=3, roster=[code(1)]))

    def test_the_same_key_answers_the_same_reading_and_another_figure_is_refused(self, actors, acting, figure):
        office = actors["authority.CQ"]
        first = reading_report(ctx=acting(office, key="k1"), **figure())
        again = reading_report(ctx=acting(office, key="k1"), **figure())
        assert again.public_id == first.public_id
        with pytest.raises(KeyReused):
            reading_report(ctx=acting(office, key="k1"), **figure(value=19))
        assert len(seen_as(office)) == 1
        assert len(entries(first)) == 1


class TestReadingConfirm:
    def test_nobody_is_asked_to_sign_in(self, reported, acting):
        with pytest.raises(SignInNeeded):
            reading_confirm(ctx=acting(), reading=reported())

    @pytest.mark.parametrize("who", ["enterprise.CQ", "operator.CQ", "resident.SC", "authority.SC"])
    def test_the_wrong_role_or_side_is_refused(self, actors, reported, acting, who):
        with pytest.raises(Forbidden):
            reading_confirm(ctx=acting(actors[who]), reading=reported())

    def test_the_reporter_is_no_second_person(self, actors, reported, acting):
        reading = reported()
        with pytest.raises(errors.SamePerson):
            reading_confirm(ctx=acting(actors["authority.CQ"]), reading=reading)

    def test_the_reporters_own_token_is_no_second_person(self, actors, reported, acting):
        from bashu.kernel.commands.command import Command

        reading = reported()
        token = actor_of_token(actors["authority.CQ"].token)
        assert token is not None
        assert token.kind is ActorKind.TOKEN
        with pytest.raises(errors.SamePerson):
            reading_confirm(ctx=Command(actor=token, now=acting().now), reading=reading)

    def test_a_colleague_confirms_and_the_figure_becomes_public(self, actors, reported, acting):
        reading = reading_confirm(ctx=acting(actors["colleague.CQ"]), reading=reported())
        assert reading.state == "confirmed"
        assert seen_as(actors["enterprise.SC"]) == [reading]
        first, second = entries(reading)
        assert (first.public, second.public) == (False, True)
        assert "person" not in orjson.loads(second.header)["organisation_name"]

    def test_a_decided_figure_is_not_decided_again(self, actors, confirmed, acting):
        with pytest.raises(errors.ReadingDecided):
            reading_confirm(ctx=acting(actors["colleague.CQ"]), reading=confirmed())

    def test_a_second_figure_for_the_same_period_is_refused(self, actors, confirmed, reported, acting):
        confirmed()
        with pytest.raises(errors.PeriodTaken):
            reading_confirm(ctx=acting(actors["coordinator"]), reading=reported(value=19))

    def test_who_saw_an_older_version_is_told(self, actors, reported, acting):
        with pytest.raises(StaleVersion):
            reading_confirm(ctx=acting(actors["coordinator"], expects=7), reading=reported())


class TestReadingReject:
    def test_the_reporter_does_not_reject(self, actors, reported, acting):
        with pytest.raises(errors.SamePerson):
            reading_reject(ctx=acting(actors["authority.CQ"]), reading=reported(), reason="no")

    def test_without_a_reason_it_is_refused(self, actors, reported, acting):
        with pytest.raises(errors.ReasonMissing):
            reading_reject(ctx=acting(actors["coordinator"]), reading=reported(), reason="  ")

    def test_rejects_and_keeps_it_from_the_public(self, actors, reported, acting):
        reading = reading_reject(ctx=acting(actors["coordinator"]), reading=reported(), reason="not legible")
        assert (reading.state, reading.reason) == ("rejected", "not legible")
        assert seen_as(actors["enterprise.CQ"]) == []
        assert not entries(reading)[-1].public


class TestReadingWithdraw:
    @pytest.mark.parametrize("who", ["verifier.CQ", "authority.SC", "enterprise.CQ"])
    def test_the_wrong_role_or_side_is_refused(self, actors, confirmed, acting, who):
        with pytest.raises(Forbidden):
            reading_withdraw(ctx=acting(actors[who]), reading=confirmed(), reason="wrong")

    def test_without_a_reason_it_is_refused(self, actors, confirmed, acting):
        with pytest.raises(errors.ReasonMissing):
            reading_withdraw(ctx=acting(actors["authority.CQ"]), reading=confirmed(), reason="")

    def test_takes_a_confirmed_figure_back_and_its_period_is_free_again(self, actors, confirmed, acting):
        first = reading_withdraw(ctx=acting(actors["authority.CQ"]), reading=confirmed(), reason="typing error")
        assert first.state == "withdrawn"
        assert confirmed(value=19).state == "confirmed"

    def test_twice_is_refused(self, actors, confirmed, acting):
        reading = reading_withdraw(ctx=acting(actors["authority.CQ"]), reading=confirmed(), reason="typing error")
        with pytest.raises(errors.ReadingDecided):
            reading_withdraw(ctx=acting(actors["authority.CQ"]), reading=reading, reason="again")


class TestReadingsImport:
    HEAD = "target,jurisdiction,period_start,period_end,value\r\n"
    GOOD = "T03,CQ,2024-01-01,2024-12-31,18\r\n"

    def read(self, acting, player, text):
        return readings_import(ctx=acting(player), file=File("readings.csv", (self.HEAD + text).encode()))

    def test_nobody_is_asked_to_sign_in(self, actors, acting):
        with pytest.raises(SignInNeeded):
            self.read(acting, None, self.GOOD)

    def test_who_is_no_office_is_refused(self, actors, acting):
        with pytest.raises(Forbidden):
            self.read(acting, actors["enterprise.CQ"], self.GOOD)

    def test_one_faulty_row_refuses_all_and_names_its_line(self, actors, acting):
        office = actors["authority.CQ"]
        faulty = (
            self.GOOD
            + "T03,SC,2024-01-01,2024-12-31,18\r\nT99,CQ,2024-01-01,2024-12-31,18\r\nT03,CQ,x,2024-12-31,18\r\n"
        )
        with pytest.raises(errors.ImportRefused) as refusal:
            self.read(acting, office, faulty)
        assert [row["line"] for row in refusal.value.context["rows"]] == [3, 4, 5]
        assert seen_as(office) == []

    @pytest.mark.parametrize("text", ["", "T03,CQ\r\n", "=1+1,CQ,2024-01-01,2024-12-31,18\r\n"])
    def test_an_empty_or_broken_file_is_refused(self, actors, acting, text):
        with pytest.raises(errors.ImportRefused):
            self.read(acting, actors["authority.CQ"], text)

    def test_a_program_in_csv_clothes_is_refused(self, actors, acting):
        with pytest.raises(errors.EvidenceRefused):
            readings_import(ctx=acting(actors["authority.CQ"]), file=File("readings.csv", b"MZ\x00\x01\x02"))

    def test_takes_every_row_with_the_file_as_evidence_and_one_entry(self, actors, acting):
        office = actors["authority.CQ"]
        answer = self.read(acting, office, self.GOOD + "T02,CQ,2024-01-01,2024-12-31,8\r\n")
        assert answer["imported"] == 2
        assert {reading.state for reading in seen_as(office)} == {"reported"}
        with seen_by(office.actor):
            assert Evidence.objects.get().readings.count() == 2
        assert Entry.objects.filter(kind="programme.reading.import").count() == 1


class TestTask:
    @pytest.fixture
    def task(self, actors):
        return Task.objects.get(code="EQ2")

    def test_nobody_is_asked_to_sign_in(self, task, acting):
        with pytest.raises(SignInNeeded):
            task_set_state(ctx=acting(), task=task, state=TaskState.PLANNED, note="a")

    @pytest.mark.parametrize("who", NOT_OFFICES)
    def test_who_is_no_office_is_refused(self, actors, task, acting, who):
        with pytest.raises(Forbidden):
            task_set_state(ctx=acting(actors[who]), task=task, state=TaskState.PLANNED, note="a")

    def test_a_step_without_a_note_or_a_change_is_refused(self, actors, task, acting):
        with pytest.raises(errors.ReasonMissing):
            task_set_state(ctx=acting(actors["authority.CQ"]), task=task, state=TaskState.PLANNED, note=" ")
        with pytest.raises(errors.TaskStateWrong):
            task_set_state(ctx=acting(actors["authority.CQ"]), task=task, state=TaskState.UNKNOWN, note="a")

    def test_says_where_it_stands_and_keeps_the_step(self, actors, task, acting):
        task = task_set_state(ctx=acting(actors["authority.SC"]), task=task, state=TaskState.UNDER_WAY, note="begun")
        step = task.history.get()
        assert (step.before, step.after, step.note) == ("unknown", "under_way", "begun")
        assert entries(task)[-1].public

    def test_investment_needs_its_paper(self, actors, task, acting):
        with pytest.raises(errors.ReasonMissing):
            task_set_investment(ctx=acting(actors["authority.CQ"]), task=task, investment_fen=1, source="")
        task = task_set_investment(
            ctx=acting(actors["authority.CQ"]), task=task, investment_fen=12345, source="paper 7"
        )
        assert task.investment_fen == 12345

    def test_only_the_office_that_set_a_milestone_meets_it_and_once(self, actors, task, acting):
        step = milestone_add(ctx=acting(actors["authority.CQ"]), task=task, name="first", due=date(2025, 6, 30))
        with pytest.raises(Forbidden):
            milestone_meet(ctx=acting(actors["authority.SC"]), milestone=step, met_on=date(2025, 6, 1))
        milestone_meet(ctx=acting(actors["colleague.CQ"]), milestone=step, met_on=date(2025, 6, 1))
        with pytest.raises(errors.MilestoneMet):
            milestone_meet(ctx=acting(actors["authority.CQ"]), milestone=step, met_on=date(2025, 6, 2))
        assert Milestone.objects.get().met_on == date(2025, 6, 1)

    def test_a_milestone_is_not_met_on_a_day_to_come(self, actors, task, acting):
        office = actors["authority.CQ"]
        step = milestone_add(ctx=acting(office), task=task, name="first", due=date(2031, 6, 30))
        with pytest.raises(errors.MilestoneAhead):
            milestone_meet(ctx=acting(office), milestone=step, met_on=date(2031, 6, 30))

    def test_either_side_resolves_a_blocking_issue_and_once(self, actors, task, acting):
        with pytest.raises(errors.ReasonMissing):
            blocker_raise(ctx=acting(actors["authority.CQ"]), task=task, description="")
        issue = blocker_raise(ctx=acting(actors["authority.CQ"]), task=task, description="no land")
        with pytest.raises(Forbidden):
            blocker_resolve(ctx=acting(actors["enterprise.CQ"]), blocker=issue, resolution="x")
        blocker_resolve(ctx=acting(actors["authority.SC"]), blocker=issue, resolution="land found")
        with pytest.raises(errors.BlockerResolved):
            blocker_resolve(ctx=acting(actors["authority.CQ"]), blocker=issue, resolution="again")
        assert Blocker.objects.get().resolution == "land found"


class TestPlan:
    @pytest.mark.parametrize("who", ["authority.CQ", "enterprise.CQ", "verifier.CQ"])
    def test_only_the_joint_office_plans(self, actors, acting, who):
        with pytest.raises(Forbidden):
            plan_open(ctx=acting(actors[who]), year=2024)

    def test_one_plan_a_year(self, actors, acting):
        plan_open(ctx=acting(actors["coordinator"]), year=2024)
        with pytest.raises(errors.PlanExists):
            plan_open(ctx=acting(actors["coordinator"]), year=2024)

    def test_a_task_stands_once_in_a_plan(self, actors, acting):
        office, task = actors["coordinator"], Task.objects.get(code="EQ1")
        plan = plan_open(ctx=acting(office), year=2024)
        plan_item_add(ctx=acting(office), plan=plan, task=task)
        with pytest.raises(errors.PlanItemTwice):
            plan_item_add(ctx=acting(office), plan=plan, task=task)

    def test_carrying_needs_a_reason_and_closing_needs_every_decision(self, actors, acting):
        office = actors["coordinator"]
        plan = plan_open(ctx=acting(office), year=2024)
        item = plan_item_add(ctx=acting(office), plan=plan, task=Task.objects.get(code="EQ1"), goal="g")
        with pytest.raises(errors.PlanUnfinished):
            plan_close(ctx=acting(office), plan=plan, summary="s")
        with pytest.raises(errors.ReasonMissing):
            plan_item_decide(ctx=acting(office), item=item, state=PlanItemState.CARRIED)

    def test_closing_rolls_what_is_carried_into_the_next_year_and_freezes_the_old(self, actors, acting):
        office = actors["coordinator"]
        plan = plan_open(ctx=acting(office), year=2024)
        kept = [
            plan_item_add(ctx=acting(office), plan=plan, task=Task.objects.get(code=code))
            for code in ("EQ1", "EQ2", "EQ3")
        ]
        states = (PlanItemState.DONE, PlanItemState.CARRIED, PlanItemState.DROPPED)
        for item, state in zip(kept, states, strict=True):
            plan_item_decide(ctx=acting(office), item=item, state=state, reason="why")
        closed = plan_close(ctx=acting(office), plan=plan, summary="a good year")
        following = Plan.objects.get(year=2025)
        (carried,) = following.items.all()
        assert (carried.task.code, carried.carried_from_id, carried.reason) == ("EQ2", kept[1].pk, "why")
        with pytest.raises(errors.PlanClosed):
            plan_item_decide(ctx=acting(office), item=kept[0], state=PlanItemState.DROPPED, reason="late")
        assert closed.closed_at is not None

    def carried(self, actors, acting) -> Plan:
        """The plan of 2024 with one item that is carried into 2025."""
        office = actors["coordinator"]
        plan = plan_open(ctx=acting(office), year=2024)
        item = plan_item_add(ctx=acting(office), plan=plan, task=Task.objects.get(code="EQ1"), goal="of 2024")
        plan_item_decide(ctx=acting(office), item=item, state=PlanItemState.CARRIED, reason="why")
        return plan

    def test_nothing_is_carried_into_a_year_that_is_closed(self, actors, acting):
        office, plan = actors["coordinator"], self.carried(actors, acting)
        plan_close(ctx=acting(office), plan=plan_open(ctx=acting(office), year=2025), summary="closed first")
        with pytest.raises(errors.PlanClosed) as refusal:
            plan_close(ctx=acting(office), plan=plan, summary="late")
        assert refusal.value.context["year"] == 2025

    def test_what_is_carried_and_stands_in_the_next_plan_already_stays_as_planned_there(self, actors, acting):
        office, plan = actors["coordinator"], self.carried(actors, acting)
        following = plan_open(ctx=acting(office), year=2025)
        plan_item_add(ctx=acting(office), plan=following, task=Task.objects.get(code="EQ1"), goal="of 2025")
        plan_close(ctx=acting(office), plan=plan, summary="s")
        assert [item.goal for item in following.items.all()] == ["of 2025"]


def test_no_page_or_person_can_report_a_measured_figure(actors, acting, figure):
    """What is typed is `reported`; the word `measured` is not among the arguments of a report."""
    with pytest.raises(TypeError):
        reading_report(ctx=acting(actors["authority.CQ"]), **figure(), basis="measured")


def test_targets_and_their_words_are_out_of_everybodys_reach(actors):
    """The application role cannot change a fact at all: the database refuses."""
    from django.db import DatabaseError, transaction

    with pytest.raises(DatabaseError), transaction.atomic():
        Target.objects.filter(code="T01").update(value=1)
