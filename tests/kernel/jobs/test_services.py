"""Submitting and cancelling, as the restricted role."""

import pytest
from django.db import connection
from long_work import CHONGQING, COLLEAGUE, COORDINATOR, OPERATOR, PORT, SICHUAN, STRANGER

from bashu.kernel.commands.actor import ANONYMOUS
from bashu.kernel.commands.command import Command
from bashu.kernel.errors import Conflict, Forbidden, SignInNeeded
from bashu.kernel.jobs.errors import JobEnded, UnknownKind
from bashu.kernel.jobs.models import Job, JobState
from bashu.kernel.jobs.services import job_cancel, job_submit
from bashu.kernel.journal.models import Entry

pytestmark = pytest.mark.django_db


def queue_rows() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        return int(cursor.fetchone()[0])


class TestJobSubmit:
    def test_anonymous_is_refused_and_nothing_is_queued(self, submit):
        with pytest.raises(SignInNeeded):
            submit("tests.add", actor=ANONYMOUS, numbers=[1])
        assert queue_rows() == 0

    def test_unknown_kind_is_refused(self, submit):
        with pytest.raises(UnknownKind, match=r"tests\.nowhere"):
            submit("tests.nowhere")

    def test_only_a_running_command_can_submit(self, clock):
        with pytest.raises(IndexError):
            job_submit(ctx=Command(actor=OPERATOR, now=clock), kind="tests.add", parameters={"numbers": []})

    def test_queues_the_job_and_appends_one_entry_under_the_callers_command(self, submit, seen_by):
        job = submit("tests.add", numbers=[1, 2])
        assert (job.state, job.organisation, job.submitted_by) == (JobState.QUEUED, PORT, OPERATOR.label)
        assert queue_rows() == 1
        entry = Entry.objects.get(subject=f"jobs.job:{job.public_id}")
        assert entry.kind == "tests.work.ask"

    def test_a_refused_command_leaves_no_job_and_no_queue_row(self, submit, seen_by):
        with pytest.raises(Conflict):
            submit("tests.add", refuse=True, numbers=[1])
        assert queue_rows() == 0
        assert seen_by(OPERATOR, Job.objects.count) == 0


class TestJobCancel:
    def test_anonymous_is_refused(self, submit, clock):
        with pytest.raises(SignInNeeded):
            job_cancel(ctx=Command(actor=ANONYMOUS, now=clock), job=submit("tests.spin"))

    @pytest.mark.parametrize("actor", [STRANGER, SICHUAN], ids=["other organisation", "other office"])
    def test_nobody_else_may_cancel(self, submit, clock, actor):
        with pytest.raises(Forbidden):
            job_cancel(ctx=Command(actor=actor, now=clock), job=submit("tests.spin"))

    @pytest.mark.parametrize(
        "actor", [COLLEAGUE, CHONGQING, COORDINATOR], ids=["colleague", "own office", "joint office"]
    )
    def test_who_has_a_say_cancels_and_one_entry_is_appended(self, submit, clock, actor):
        job = submit("tests.spin")
        cancelled = job_cancel(ctx=Command(actor=actor, now=clock, expects=1), job=job)
        assert (cancelled.state, cancelled.version) == (JobState.CANCELLED, 2)
        assert cancelled.finished_at is not None
        assert Entry.objects.filter(kind="jobs.job.cancel").count() == 1

    def test_what_has_ended_cannot_be_cancelled(self, submit, clock):
        job = job_cancel(ctx=Command(actor=OPERATOR, now=clock), job=submit("tests.spin"))
        with pytest.raises(JobEnded):
            job_cancel(ctx=Command(actor=OPERATOR, now=clock), job=job)
