"""Cases, runs and divisions: who may ask, what is kept, what the public sees, what a worker does."""

from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, ProgrammingError
from django.db.transaction import atomic

from bashu.kernel.errors import Forbidden, NotFound, SignInNeeded
from bashu.kernel.jobs.errors import Cancelled
from bashu.kernel.jobs.models import Job, JobState
from bashu.kernel.jobs.running import job_run, job_take
from bashu.kernel.jobs.services import job_cancel
from bashu.kernel.journal.models import Entry
from bashu.kernel.parties.selectors import seen_by
from bashu.power.errors import (
    CasePublished,
    CaseStale,
    ChancesWrong,
    HorizonRefused,
    NothingSolved,
    Recorded,
    WeightsWrong,
)
from bashu.power.models import Case, Configuration, DispatchRun, GameResult, Status, TreeResult
from bashu.power.selectors import dispatch as selectors
from bashu.power.selectors.trees import expected_of
from bashu.power.services import dispatch as services
from power_cases import branched, posed, question, recorded, shared, told

pytestmark = pytest.mark.django_db


@contextmanager
def eyes(player=None):
    """Read as somebody, or as nobody."""
    from bashu.kernel.commands.actor import ANONYMOUS

    with seen_by(player.actor if player else ANONYMOUS):
        yield


class TestCaseCreate:
    def test_anonymous_is_refused(self, actors):
        with pytest.raises(SignInNeeded):
            services.case_create(ctx=told(), **question())

    @pytest.mark.parametrize("who", ["enterprise.CQ", "resident.SC", "verifier.CQ"])
    def test_the_wrong_role_is_refused(self, actors, who):
        with pytest.raises(Forbidden):
            posed(actors[who])

    @pytest.mark.parametrize("who", ["operator.CQ", "authority.SC", "coordinator"])
    def test_runners_pose_questions_that_keep_digest_and_assumptions(self, actors, who):
        case = posed(actors[who])
        assert len(case.network_digest) == 64
        assert {"sourced", "assumed"} <= {row["status"] for row in case.assumptions}
        with eyes(actors[who]):
            assert Entry.objects.filter(subject__endswith=str(case.public_id)).count() == 1

    @pytest.mark.parametrize(
        "changes",
        [
            {"hours": 7, "step": 2},
            {"starts_at": datetime(2025, 12, 31, tzinfo=UTC), "hours": 48},
            {"starts_at": datetime(2025, 7, 1, 0, 30, tzinfo=UTC)},
        ],
    )
    def test_impossible_hours_are_refused_and_nothing_is_written(self, actors, changes):
        with pytest.raises(HorizonRefused):
            posed(actors["operator.CQ"], **changes)
        with eyes(actors["operator.CQ"]):
            assert not Case.objects.exists()

    def test_the_same_key_twice_answers_the_same_case(self, actors):
        first, again = (services.case_create(ctx=told(actors["operator.CQ"], key="k"), **question()) for _ in range(2))
        assert first.public_id == again.public_id


class TestRowSecurity:
    def test_before_it_is_public_only_its_side_sees_a_case_with_its_run(self, actors):
        case = posed(actors["operator.CQ"])
        recorded(actors["operator.CQ"], case, "joint")
        for who, sees in (
            (None, 0),
            ("authority.SC", 0),
            ("enterprise.SC", 0),
            ("authority.CQ", 1),
            ("coordinator", 1),
        ):
            with eyes(actors[who] if who else None):
                assert (Case.objects.count(), DispatchRun.objects.count()) == (sees, sees), who

    def test_a_public_case_is_not_written_by_the_other_side(self, actors):
        case = posed(actors["authority.CQ"])
        recorded(actors["authority.CQ"], case, "joint")
        services.case_publish(ctx=told(actors["authority.CQ"]), case=case)
        with pytest.raises(Forbidden):
            services.run_add(ctx=told(actors["authority.SC"]), case=case, configuration=Configuration.UHV)
        with eyes(actors["authority.SC"]), pytest.raises(ProgrammingError, match="row-level security"), atomic():
            DispatchRun.objects.update(asked_at=told().now)


class TestCasePublish:
    def test_an_operator_is_refused(self, actors):
        case = posed(actors["operator.CQ"])
        with pytest.raises(Forbidden):
            services.case_publish(ctx=told(actors["operator.CQ"]), case=case)

    def test_the_other_side_is_refused(self, actors):
        case = posed(actors["operator.CQ"])
        with pytest.raises(Forbidden):
            services.case_publish(ctx=told(actors["authority.SC"]), case=case)

    def test_a_case_without_an_optimum_is_refused(self, actors):
        with pytest.raises(NothingSolved):
            services.case_publish(ctx=told(actors["authority.CQ"]), case=posed(actors["operator.CQ"]))

    def test_everybody_reads_it_then_and_it_is_published_once(self, actors):
        case = posed(actors["operator.CQ"])
        recorded(actors["operator.CQ"], case, "joint")
        services.case_publish(ctx=told(actors["authority.CQ"]), case=case)
        with eyes():
            assert selectors.runs_by_configuration(Case.objects.get()).keys() == {"joint"}
        with pytest.raises(CasePublished):
            services.case_publish(ctx=told(actors["authority.CQ"]), case=case)


class TestRunRecord:
    def test_figures_and_hours_are_those_of_the_engine_and_the_digest_is_theirs(self, actors):
        from hashlib import sha256

        case = posed(actors["operator.CQ"])
        run = recorded(actors["operator.CQ"], case, "separate")
        with eyes(actors["operator.CQ"]):
            run.refresh_from_db()
            labels, hours = selectors.hours_of(run)
        assert run.status == Status.OPTIMAL
        assert float(run.dual_gap) < 1e-9
        assert sha256(bytes(run.hourly)).hexdigest() == run.hourly_digest
        assert len(labels) == 6
        unserved = sum(values.sum() for (kind, _, _), values in hours.items() if kind == "unserved")
        assert float(run.unserved_mwh) == pytest.approx(unserved, rel=1e-4)

    def test_a_second_answer_is_refused(self, actors):
        case = posed(actors["operator.CQ"])
        run = recorded(actors["operator.CQ"], case, "joint")
        with pytest.raises(Recorded):
            services.run_record(ctx=told(actors["operator.CQ"]), run=run, status=Status.FAILED, fields={}, hourly=b"")

    def test_apart_costs_more_and_the_line_never_costs(self, actors):
        case = posed(actors["operator.CQ"])
        costs = [recorded(actors["operator.CQ"], case, kind).objective_fen for kind in Configuration.values]
        assert costs[0] > costs[1] >= costs[2] - 1

    def test_a_case_from_other_facts_is_not_solved(self, actors):
        case = posed(actors["operator.CQ"])
        case.network_digest = "0" * 64
        with pytest.raises(CaseStale):
            list(selectors.solved(case, ["joint"]))


class TestGame:
    def test_weights_that_fit_nobody_are_refused(self, actors):
        case = posed(actors["operator.CQ"])
        for weights in ([1, 1], [1, 1, 1, 0]):
            with pytest.raises(WeightsWrong):
                services.game_add(
                    ctx=told(actors["operator.CQ"]), case=case, baseline="isolated", voll_fen=1, weights=weights
                )

    def test_every_rule_divides_the_whole_gain_to_the_fen_and_the_nucleolus_is_certified(self, actors):
        game = shared(actors["operator.CQ"], posed(actors["operator.CQ"]), weights=[3, 1, 1, 1])
        assert game.values_fen[-1] > 0
        for rule in ("shapley", "nucleolus", "nash"):
            assert sum(game.payoffs[rule]) == game.values_fen[-1]
        assert game.payoffs["nash"][0] == pytest.approx(3 * game.payoffs["nash"][1], abs=2)
        assert game.certified
        assert len(game.costs) == 16

    def test_a_gain_over_existing_ties_is_the_lines_alone(self, actors):
        case = posed(actors["operator.CQ"])
        game = shared(actors["operator.CQ"], case, baseline="ties")
        joint, line = (recorded(actors["operator.CQ"], case, kind).objective_fen for kind in ("joint", "uhv"))
        assert game.values_fen[-1] == pytest.approx(max(joint - line, 0), abs=1000)

    def test_a_second_answer_is_refused(self, actors):
        game = shared(actors["operator.CQ"], posed(actors["operator.CQ"]))
        with pytest.raises(Recorded):
            services.game_record(ctx=told(actors["operator.CQ"]), game=game, status=Status.FAILED, fields={})


class TestJobs:
    def started(self, actors):
        with_case = services.case_start(ctx=told(actors["operator.CQ"]), case=question())
        with eyes(actors["operator.CQ"]):
            return with_case, list(Job.objects.order_by("id"))

    def test_a_new_case_asks_for_three_dispatches_and_a_division(self, actors):
        case, jobs = self.started(actors)
        assert [job.kind for job in jobs] == ["power.dispatch"] * 3 + ["power.division"]
        with eyes(actors["operator.CQ"]):
            assert set(case.runs.values_list("job", flat=True)) == {job.public_id for job in jobs[:3]}

    def test_a_worker_solves_and_records_and_doing_it_again_changes_nothing(self, actors):
        case, jobs = self.started(actors)
        with eyes(actors["operator.CQ"]):
            for job in (*jobs, jobs[0]):
                job_run(job.public_id)
            assert {job.state for job in Job.objects.all()} == {JobState.DONE}
            assert set(case.runs.values_list("status", flat=True)) == {Status.OPTIMAL}
            assert GameResult.objects.get().status == Status.OPTIMAL

    def test_a_cancelled_dispatch_stops_and_leaves_no_figures(self, actors):
        from bashu.kernel.jobs.progress import Progress
        from bashu.kernel.jobs.services import actor_of
        from bashu.power.tasks import run_solve

        case, jobs = self.started(actors)
        with eyes(actors["operator.CQ"]):
            taken = job_take(jobs[0].public_id)
        job_cancel(ctx=told(actors["operator.CQ"]), job=taken)
        with eyes(actors["operator.CQ"]):
            with pytest.raises(Cancelled):
                run_solve(Progress(taken, actor_of(taken)), taken.parameters, actor_of(taken))
            assert set(case.runs.values_list("status", flat=True)) == {Status.ASKED}

    def test_a_division_is_cancelled_within_a_coalition(self, actors):
        from bashu.kernel.jobs.progress import Progress
        from bashu.kernel.jobs.services import actor_of
        from bashu.power.tasks import game_solve

        _, jobs = self.started(actors)
        with eyes(actors["operator.CQ"]):
            taken = job_take(jobs[3].public_id)
        job_cancel(ctx=told(actors["operator.CQ"]), job=taken)
        with eyes(actors["operator.CQ"]):
            with pytest.raises(Cancelled):
                game_solve(Progress(taken, actor_of(taken)), taken.parameters, actor_of(taken))
            assert GameResult.objects.get().status == Status.ASKED

    def test_a_database_away_in_the_middle_of_a_solve_is_told_after_it(self):
        from django.db import OperationalError

        from bashu.power.engine.dispatch import dispatch
        from bashu.power.tasks import Ear
        from power_networks import synthetic

        class Away:
            def advance(self, *said):
                raise OperationalError("away")

        ear = Ear(Away())
        assert dispatch(synthetic(1, 168), cancelled=ear).status == "cancelled"
        with pytest.raises(OperationalError):
            ear.again()

    def test_a_stranger_finds_no_case_to_run(self, actors):
        case, _ = self.started(actors)
        with eyes(actors["enterprise.SC"]):
            assert not Case.objects.filter(pk=case.pk).exists()
        with pytest.raises((Forbidden, NotFound)):
            services.run_start(ctx=told(actors["authority.SC"]), case=case, configuration=Configuration.UHV)


def test_the_database_refuses_an_optimum_without_figures(actors):
    case = posed(actors["operator.CQ"])
    with eyes(actors["operator.CQ"]), pytest.raises(IntegrityError, match="optimum_has_figures"), atomic():
        DispatchRun.objects.create(case=case, configuration="joint", asked_at=told().now, status=Status.OPTIMAL)


class TestTree:
    def test_anonymous_is_refused(self, actors):
        with pytest.raises(SignInNeeded):
            services.tree_start(ctx=told(), case=posed(actors["operator.CQ"]))

    @pytest.mark.parametrize("who", ["enterprise.CQ", "authority.SC"])
    def test_the_wrong_role_or_side_is_refused(self, actors, who):
        case = posed(actors["operator.CQ"])
        with pytest.raises((Forbidden, NotFound)):
            services.tree_start(ctx=told(actors[who]), case=case)

    @pytest.mark.parametrize(
        "changes",
        [
            {"chances": {"wet": 50, "normal": 50}},
            {"chances": {"wet": 50, "normal": 50, "drought": 1}},
            {"chances": {"wet": 110, "normal": -20, "drought": 10}},
            {"out_percent": 101},
        ],
    )
    def test_chances_that_make_no_whole_are_refused(self, actors, changes):
        with pytest.raises(ChancesWrong):
            services.tree_add(ctx=told(actors["operator.CQ"]), case=posed(actors["operator.CQ"]), **changes)

    def test_a_worker_solves_its_leaves_which_are_the_dispatches_they_name(self, actors):
        case = posed(actors["operator.CQ"])
        costs = {kind: recorded(actors["operator.CQ"], case, kind).objective_fen for kind in ("joint", "uhv")}
        tree = services.tree_start(ctx=told(actors["operator.CQ"]), case=case)
        with eyes(actors["operator.CQ"]):
            job_run(tree.job)
            job_run(tree.job)
            tree.refresh_from_db()
            job = Job.objects.get(public_id=tree.job)
        assert (job.state, job.done, job.total, tree.status) == (JobState.DONE, 6, 6, Status.OPTIMAL)
        leaves = {(leaf["season"], leaf["configuration"]): leaf for leaf in tree.leaves}
        assert len(leaves) == 6
        for kind, cost in costs.items():
            assert leaves["drought", kind]["objective_fen"] == pytest.approx(cost, abs=1)
        for kind in costs:
            wet, normal, dry = (leaves[season, kind]["objective_fen"] for season in ("wet", "normal", "drought"))
            assert wet <= normal <= dry

    def test_what_is_to_be_expected_is_the_mean_by_probability(self, actors):
        case = posed(actors["operator.CQ"])
        tree = branched(actors["operator.CQ"], case, chances={"wet": 20, "normal": 30, "drought": 50}, out_percent=10)
        share = {leaf["season"] + leaf["configuration"]: float(leaf["probability"]) for leaf in tree.leaves}
        assert share["droughtjoint"] == pytest.approx(0.05)
        assert sum(share.values()) == pytest.approx(1)
        mean = sum(float(leaf["probability"]) * leaf["objective_fen"] for leaf in tree.leaves)
        assert float(expected_of(tree)["objective_fen"]) == pytest.approx(mean, abs=1)
        tree.leaves[0]["status"] = "infeasible"
        assert expected_of(tree) is None

    def test_a_second_answer_is_refused(self, actors):
        tree = branched(actors["operator.CQ"], posed(actors["operator.CQ"]))
        with pytest.raises(Recorded):
            services.tree_record(ctx=told(actors["operator.CQ"]), tree=tree, leaves=[])

    def test_it_is_seen_and_written_with_its_case(self, actors):
        case = posed(actors["authority.CQ"])
        branched(actors["authority.CQ"], case)
        with eyes(actors["authority.SC"]):
            assert not TreeResult.objects.exists()
        recorded(actors["authority.CQ"], case, "joint")
        services.case_publish(ctx=told(actors["authority.CQ"]), case=case)
        with eyes():
            assert TreeResult.objects.count() == 1
        with eyes(actors["authority.SC"]), pytest.raises(ProgrammingError, match="row-level security"), atomic():
            TreeResult.objects.update(asked_at=told().now)


class TestLongHorizon:
    @pytest.mark.slow
    def test_is_solved_by_pieces_at_the_cost_of_the_whole_and_says_so(self, actors):
        from bashu.power.engine.dispatch import dispatch
        from bashu.power.engine.region import closed_in, without
        from bashu.power.formats.region import region_facts, region_of

        case = posed(actors["operator.CQ"], starts_at=datetime(2025, 1, 31, 16, tzinfo=UTC), hours=56 * 24)
        run = recorded(actors["operator.CQ"], case, "joint")
        plain = dispatch(without(selectors.network_of(case), closed_in(region_of(region_facts()), "joint")))
        assert run.way["taken"] == "stitched"
        assert run.objective_fen == pytest.approx(100 * plain.objective, rel=1e-9)

    def test_a_short_one_is_solved_whole_and_needs_no_word(self, actors):
        assert recorded(actors["operator.CQ"], posed(actors["operator.CQ"]), "joint").way == {}
