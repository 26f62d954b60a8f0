"""One attempt at a job, from taking it up to keeping what came of it."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from bashu.kernel.commands.command import plain
from bashu.kernel.errors import BashuError, Unavailable
from bashu.kernel.jobs.errors import Stopped, WorkerStopping
from bashu.kernel.jobs.models import Job, JobState
from bashu.kernel.jobs.progress import Progress, attempt_update
from bashu.kernel.jobs.queue import MOST_ATTEMPTS, requeue
from bashu.kernel.jobs.registry import work_of
from bashu.kernel.jobs.services import actor_of

T = TypeVar("T")

AWAY = (OperationalError, InterfaceError, Unavailable)  # what Django, and commands, raise when the database is away
PAUSE = 1.0  # seconds between two tries to reach it

logger = logging.getLogger("bashu.jobs")


def job_run(public_id: UUID, *, stopping: Callable[[], bool] = lambda: False) -> None:
    """Do a queued job and keep its result or, as a safe sentence, its error.

    Returns without doing anything when the job is not queued (cancelled, or another worker has it). When the database goes
    away in the middle, waits until it is back and queues the job again, to go on from its checkpoint.
    """
    job = patiently(lambda: job_take(public_id), stopping)
    if job is None:
        return
    logger.info("job started", extra={"job": str(public_id), "kind": job.kind, "attempt": job.attempt})
    try:
        attempt(job, stopping)
    except AWAY as error:
        logger.warning("database away: job goes back to the queue", extra={"job": str(public_id), "reason": str(error)})
        patiently(lambda: give_back(job), stopping)


def give_back(job: Job) -> None:
    """Queue the job again, unless it has lost the database too often: then fail it."""
    if job.attempt < MOST_ATTEMPTS:
        requeue(job)
    else:
        job_fail(job, str(Unavailable(reason=_("database"))))


def attempt(job: Job, stopping: Callable[[], bool]) -> None:
    """Do the work once. An unexpected error is logged whole and told to the reader only by the job's number."""
    number, actor = {"job": str(job.public_id)}, actor_of(job)
    try:
        result = plain(work_of(job.kind)(Progress(job, actor, stopping=stopping), job.parameters, actor))
        kept = attempt_update(job, state=JobState.DONE, result=result, done=F("total"), finished_at=Now())
        logger.info("job done" if kept else "job's result dropped", extra=number)
    except WorkerStopping:
        requeue(job)
        logger.info("job back to the queue", extra=number)
    except Stopped as reason:
        logger.info("job stopped", extra={**number, "reason": type(reason).__name__})
    except AWAY:
        raise
    except BashuError as error:
        job_fail(job, str(error))
    except Exception:
        logger.exception("job failed", extra=number)
        sentence = _("Something failed inside the work. Quote the job's number {job} when you report it.")
        job_fail(job, sentence.format(job=job.public_id))


def patiently(act: Callable[[], T], stopping: Callable[[], bool]) -> T:
    """Act on the database, again each second while it is away; gives up only when the worker stops."""
    while True:
        try:
            return act()
        except AWAY:
            if stopping():
                raise
            connection.close()
            time.sleep(PAUSE)


def job_take(public_id: UUID) -> Job | None:
    """Take a queued job up as its next attempt; None when it is not queued. Two workers never both take it."""
    with transaction.atomic():
        job = Job.objects.select_for_update(no_key=True).filter(public_id=public_id, state=JobState.QUEUED).first()
        if job is None:
            return None
        job.state, job.attempt, job.heartbeat_at = JobState.RUNNING, job.attempt + 1, timezone.now()
        job.started_at = job.started_at or job.heartbeat_at
        job.save(update_fields=["state", "attempt", "heartbeat_at", "started_at"])
        return job


def job_fail(job: Job, error: str) -> None:
    """Keep the sentence that says why a job failed."""
    attempt_update(job, state=JobState.FAILED, error=error, finished_at=Now())
