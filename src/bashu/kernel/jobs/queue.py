"""Waking workers up through procrastinate, and taking work back from workers that died.

The queue's row only says "look at this job"; what the job is and where it stands is in our own table. The rule between
the two: a job under way has a row in the queue. Where it has none, it is queued again.
"""

from datetime import timedelta

from django.db import connection, transaction
from django.db.models import CharField, Exists, OuterRef, Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Now
from django.utils.translation import gettext as _
from procrastinate import jobs, manager
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob

from bashu.kernel.jobs.models import UNDER_WAY, Job, JobState

QUEUE, TASK = "bashu", "bashu.job"
STALLED_AFTER = timedelta(seconds=30)  # a worker silent for so long is taken for dead
MOST_ATTEMPTS = 5  # work that keeps killing its workers is given up
SWEEP_LOCK = 0x6A6F6273  # advisory lock: one sweep at a time in a database


def wake(job: Job) -> None:
    """Queue a job for the next free worker: in Django's own transaction, so it is undone with it.

    The oldest job comes first, also when it comes back: work that was interrupted does not wait behind what came later.
    """
    entry = jobs.Job(
        id=None, queue=QUEUE, lock=None, queueing_lock=None, task_name=TASK, task_kwargs={"job": str(job.public_id)},
        priority=-job.pk,
    )  # fmt: skip
    manager.JobManager(DjangoConnector()).defer_job(entry)


def requeue(job: Job) -> None:
    """Give a job that ran back to the queue, at the place it had, unless somebody else has decided on it."""
    with transaction.atomic():
        if Job.objects.filter(pk=job.pk, attempt=job.attempt, state=JobState.RUNNING).update(state=JobState.QUEUED):
            wake(job)


def stalled_requeue(older_than: timedelta = STALLED_AFTER) -> int:
    """Take back what dead workers held, so that others do it; returns how many jobs were queued again.

    A worker that was only slow finds its queue row gone and its attempt out of date: nothing it still writes to the job
    counts. A job that had MOST_ATTEMPTS is failed instead.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SWEEP_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        dead_rows_remove(older_than)
        lost = list(Job.objects.select_for_update(no_key=True).filter(~in_queue(), state__in=UNDER_WAY).order_by("id"))
        for job in lost:
            if job.attempt >= MOST_ATTEMPTS:
                give_up(job)
            else:
                Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED)
                wake(job)
    return sum(job.attempt < MOST_ATTEMPTS for job in lost)


def dead_rows_remove(older_than: timedelta) -> None:
    """Remove the queue rows of workers whose heartbeat is older than `older_than`, or that have left altogether."""
    dead = Q(worker=None) | Q(worker__last_heartbeat__lt=Now() - older_than)
    rows = ProcrastinateJob.objects.filter(dead, status="doing", task_name=TASK).select_for_update(
        skip_locked=True, of=("self",)
    )
    with connection.cursor() as cursor:
        for row in rows:
            cursor.execute("SELECT procrastinate_finish_job_v1(%s, 'failed', true)", [row.id])


def in_queue() -> Exists:
    """Whether a job has a row in the queue that waits or is being worked on."""
    rows = ProcrastinateJob.objects.filter(task_name=TASK, status__in=["todo", "doing"])
    return Exists(
        rows.annotate(job=KeyTextTransform("job", "args")).filter(job=Cast(OuterRef("public_id"), CharField()))
    )


def give_up(job: Job) -> None:
    """Fail a job whose workers died too often."""
    error = _("The work stopped its worker {times} times and was given up.").format(times=job.attempt)
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED, error=error, finished_at=Now())
