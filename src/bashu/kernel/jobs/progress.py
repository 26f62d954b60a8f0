"""What running work holds in its hand: tell how far it is, keep a checkpoint, learn that it should stop."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db.models.functions import Now

from bashu.kernel.commands.actor import Actor
from bashu.kernel.commands.command import Command, plain
from bashu.kernel.jobs.errors import Cancelled, Superseded, WorkerStopping
from bashu.kernel.jobs.models import Job, JobState

SECONDS_BETWEEN_WRITES = 0.5
LONGEST_MESSAGE = 300


class Progress:
    """The progress of one attempt at a job.

    Every write is fenced: it counts only while the job still runs and this attempt is its newest. Call it between
    transactions, not inside one: what a transaction writes nobody sees before it ends.
    """

    def __init__(self, job: Job, actor: Actor, *, stopping: Callable[[], bool] = lambda: False) -> None:
        self._job = job
        self._actor = actor
        self._stopping = stopping
        self._next_write = 0.0
        self.kept: Any = job.checkpoint
        """The last checkpoint of an earlier attempt, None when there is none: where to go on from."""

    def advance(self, done: int, total: int = 0, message: object = "") -> None:
        """Say that `done` of `total` steps are behind us (total 0: not known), and in a few words what goes on now.

        Cheap: it writes at most twice a second. Raises a `Stopped` when the job was cancelled or taken over.
        """
        now = time.monotonic()
        if now < self._next_write and done != total:
            return
        self._next_write = now + SECONDS_BETWEEN_WRITES
        self._write(done=done, total=total, message=str(message)[:LONGEST_MESSAGE])

    def checkpoint(self, value: Any) -> None:
        """Keep a plain value from which another attempt can go on; written at once. Raises as `advance` does."""
        self.kept = plain(value)
        self._write(checkpoint=self.kept)

    def command(self, step: str) -> Command:
        """A command for one step of the work, on behalf of the submitter.

        Its idempotency key is the job's and the step's, so an attempt that repeats a step writes nothing twice.
        """
        now = settings.DEMO_INSTANT.astimezone(UTC) if settings.BASHU_DEMO else datetime.now(UTC)
        return Command(actor=self._actor, now=now, key=f"{self._job.public_id}/{step}")

    def _write(self, **fields: Any) -> None:
        if not attempt_update(self._job, **fields):
            state = Job.objects.values_list("state", flat=True).get(pk=self._job.pk)
            raise Cancelled if state == JobState.CANCELLED else Superseded
        if self._stopping():
            raise WorkerStopping


def attempt_update(job: Job, **fields: Any) -> bool:
    """Write to a job's row if this attempt still holds it; False when it was cancelled, taken over, or has ended."""
    running = Job.objects.filter(pk=job.pk, attempt=job.attempt, state=JobState.RUNNING)
    return running.update(heartbeat_at=Now(), **fields) == 1
