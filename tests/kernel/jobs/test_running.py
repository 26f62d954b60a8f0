"""One attempt at a job, inside this process."""

from datetime import timedelta

import pytest
from django.db import connection
from long_work import OPERATOR

from bashu.kernel.commands.command import Command
from bashu.kernel.jobs import progress, queue
from bashu.kernel.jobs.errors import Cancelled, Superseded, WorkerStopping
from bashu.kernel.jobs.models import Job, JobState
from bashu.kernel.jobs.progress import Progress, attempt_update
from bashu.kernel.jobs.running import job_take
from bashu.kernel.jobs.services import actor_of, job_cancel
from bashu.kernel.journal.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def taken(submit):
    """A job that this test's own attempt holds."""
    return job_take(submit("tests.spin").public_id)


class TestJobRun:
    def test_keeps_result_progress_and_times(self, submit, perform):
        job = submit("tests.add", numbers=[1, 2, 3])
        perform(job)
        job.refresh_from_db()
        assert (job.state, job.result, job.done, job.total, job.attempt) == (JobState.DONE, {"sum": 6}, 3, 3, 1)
        assert job.submitted_at <= job.started_at <= job.finished_at

    def test_runs_once_though_it_was_queued_twice(self, submit, perform):
        job = submit("tests.add", numbers=[1])
        perform(job)
        perform(job)
        job.refresh_from_db()
        assert job.attempt == 1

    def test_a_refusal_becomes_the_jobs_error(self, submit, perform):
        job = submit("tests.refuse")
        perform(job)
        job.refresh_from_db()
        assert job.state == JobState.FAILED
        assert "quay_taken" in job.error

    def test_an_unexpected_error_says_nothing_of_its_insides(self, submit, perform):
        job = submit("tests.break")
        perform(job)
        job.refresh_from_db()
        assert job.state == JobState.FAILED
        assert "hunter2" not in job.error
        assert str(job.public_id) in job.error

    def test_a_cancelled_job_is_not_begun(self, submit, perform, clock):
        job = submit("tests.add", numbers=[1])
        job_cancel(ctx=Command(actor=OPERATOR, now=clock), job=job)
        perform(job)
        job.refresh_from_db()
        assert (job.state, job.attempt) == (JobState.CANCELLED, 0)

    def test_writes_on_behalf_of_the_submitter_once_for_each_step(self, submit, perform):
        subject = submit("tests.spin")
        job = submit("tests.note", about=str(subject.public_id))
        perform(job)
        job.refresh_from_db()
        assert job.result == f"job:{job.public_id}"
        entry = Entry.objects.get(kind="tests.work.note")
        assert (entry.actor, str(entry.organisation)) == (f"job:{job.public_id}", str(OPERATOR.grants[0].organisation))

    def test_the_worker_leaving_puts_the_job_back_into_the_queue(self, submit, perform):
        job = submit("tests.spin")
        perform(job, stopping=lambda: True)
        job.refresh_from_db()
        assert job.state == JobState.QUEUED
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND args->>'job' = %s",
                [str(job.public_id)],
            )
            assert cursor.fetchone() == (2,)  # the row of the submission, which no worker took here, and the new one

    def test_a_database_that_cannot_write_is_tried_a_few_times(self, submit, perform):
        job = submit("tests.full")
        for attempt in range(1, queue.MOST_ATTEMPTS):
            perform(job)
            job.refresh_from_db()
            assert (job.state, job.attempt) == (JobState.QUEUED, attempt)
        perform(job)
        job.refresh_from_db()
        assert (job.state, job.attempt) == (JobState.FAILED, queue.MOST_ATTEMPTS)


class TestActor:
    def test_carries_the_submitters_grants_and_scopes(self, submit):
        job = submit("tests.spin")
        actor = actor_of(Job.objects.get(pk=job.pk))
        assert (actor.label, actor.grants, actor.scopes) == (f"job:{job.public_id}", OPERATOR.grants, None)


class TestProgress:
    def test_writes_at_most_twice_a_second_but_always_the_end(self, taken, monkeypatch, django_assert_num_queries):
        now = 100.0
        monkeypatch.setattr(progress.time, "monotonic", lambda: now)
        ours = Progress(taken, actor_of(taken))
        with django_assert_num_queries(1):
            for done in range(50):
                ours.advance(done, 100, "counting")
        with django_assert_num_queries(1):
            ours.advance(100, 100)
        now += 0.5
        with django_assert_num_queries(1):
            ours.advance(7, 100, "x" * 1000)
        taken.refresh_from_db()
        assert (taken.done, taken.percent, len(taken.message)) == (7, 7, 300)

    def test_a_checkpoint_is_what_the_next_attempt_finds(self, taken):
        Progress(taken, actor_of(taken)).checkpoint({"row": 12})
        queue.requeue(taken)
        again = job_take(taken.public_id)
        assert (again.attempt, Progress(again, actor_of(again)).kept) == (2, {"row": 12})

    def test_work_learns_that_it_was_cancelled(self, taken, clock):
        job_cancel(ctx=Command(actor=OPERATOR, now=clock), job=taken)
        with pytest.raises(Cancelled):
            Progress(taken, actor_of(taken)).advance(1, 2)

    def test_work_learns_that_another_attempt_took_over(self, taken):
        queue.requeue(taken)
        with pytest.raises(Superseded):
            Progress(taken, actor_of(taken)).checkpoint(1)
        again = job_take(taken.public_id)
        with pytest.raises(Superseded):
            Progress(taken, actor_of(taken)).checkpoint(1)
        assert not attempt_update(taken, state=JobState.DONE)
        assert attempt_update(again, message="still mine")

    def test_work_learns_that_its_worker_stops(self, taken):
        with pytest.raises(WorkerStopping):
            Progress(taken, actor_of(taken), stopping=lambda: True).advance(1, 2)


class TestRequeue:
    def test_a_job_that_comes_back_is_next_though_others_came_while_it_ran(self, submit):
        first, _later = submit("tests.spin"), submit("tests.spin")
        assert next_in_queue() == str(first.public_id)
        queue.requeue(job_take(first.public_id))
        assert next_in_queue() == str(first.public_id)


def next_in_queue() -> str:
    """The job that the next free worker is given; its row is being worked on from now on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (procrastinate_fetch_job_v2(ARRAY['bashu'], procrastinate_register_worker_v1())).args->>'job'"
        )
        return str(cursor.fetchone()[0])


class TestStalledRequeue:
    def test_a_waiting_job_is_left_alone(self, submit):
        submit("tests.spin")
        assert queue.stalled_requeue(timedelta(0)) == 0

    def test_a_job_under_way_without_a_queue_row_is_queued_again(self, taken):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs")
        assert queue.stalled_requeue() == 1
        taken.refresh_from_db()
        assert taken.state == JobState.QUEUED
        assert queue.stalled_requeue() == 0

    def test_work_that_keeps_killing_its_workers_is_given_up(self, taken):
        Job.objects.filter(pk=taken.pk).update(attempt=queue.MOST_ATTEMPTS)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs")
        assert queue.stalled_requeue() == 0
        taken.refresh_from_db()
        assert (taken.state, taken.finished_at is not None) == (JobState.FAILED, True)
        assert str(queue.MOST_ATTEMPTS) in taken.error
