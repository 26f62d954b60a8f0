"""One worker process: takes jobs from the queue, and takes over what dead workers left behind."""

import asyncio
import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import DatabaseError, close_old_connections
from procrastinate.contrib.django import DjangoApp
from procrastinate.contrib.django.utils import connector_params
from procrastinate.job_context import JobContext
from procrastinate.psycopg_connector import PsycopgConnector

from bashu.kernel.database.layout import SYSTEM
from bashu.kernel.jobs.queue import QUEUE, STALLED_AFTER, TASK, stalled_requeue
from bashu.kernel.jobs.registry import Periodic, periodic_works
from bashu.kernel.jobs.running import job_run

POLL_SECONDS = 2.0  # new work is announced; after the database was away it is found by looking
HEARTBEATS = 3  # heartbeats within the time after which a silent worker is taken for dead

logger = logging.getLogger("bashu.jobs")


def run(*, concurrency: int = 1, stalled_after: timedelta = STALLED_AFTER) -> None:
    """Work until SIGTERM or SIGINT: then work under way is given back to the queue with its checkpoint.

    Refuses (RuntimeError) another database role than `system`: it would find no job. Raises when the database goes away:
    whoever started the worker starts it again.
    """
    if settings.BASHU_ROLE != SYSTEM:
        raise RuntimeError(f"a worker needs the database role {SYSTEM}, this process has {settings.BASHU_ROLE}")
    logger.info("worker starts", extra={"concurrency": concurrency})
    asyncio.run(_work(concurrency, stalled_after))
    logger.info("worker stopped")


async def _work(concurrency: int, stalled_after: timedelta) -> None:
    beat = stalled_after.total_seconds() / HEARTBEATS
    # One connection listens, one fetches and reports; the work itself uses Django's.
    app = DjangoApp(connector=PsycopgConnector(kwargs=connector_params(), min_size=1, max_size=2 + concurrency))
    app.task(name=TASK, queue=QUEUE, pass_context=True)(_do)
    async with app.open_async():
        sweeping = asyncio.create_task(_sweep(stalled_after, beat))
        rounds = [asyncio.create_task(_again(name, declared)) for name, declared in periodic_works().items()]
        try:
            await app.run_worker_async(
                queues=[QUEUE],
                concurrency=concurrency,
                delete_jobs="always",
                fetch_job_polling_interval=POLL_SECONDS,
                shutdown_graceful_timeout=0,  # the next word of progress sends work back to the queue
                update_heartbeat_interval=beat,
                stalled_worker_timeout=stalled_after.total_seconds(),
            )
        finally:
            sweeping.cancel()
            for one in rounds:
                one.cancel()


def _do(context: JobContext, *, job: str) -> None:
    job_run(UUID(job), stopping=context.should_abort)


async def _sweep(stalled_after: timedelta, every: float) -> None:
    """Look for stalled jobs again and again; a database away for a moment does not end it."""
    while True:
        try:
            if queued := await sync_to_async(_sweep_once, thread_sensitive=False)(stalled_after):
                logger.warning("stalled jobs queued again", extra={"jobs": queued})
        except DatabaseError as error:
            logger.warning("no sweep for stalled jobs", extra={"reason": str(error)})
        await asyncio.sleep(every)


async def _again(name: str, declared: Periodic) -> None:
    """Do one system's periodic work again and again; a failure is logged and does not end it."""
    while True:
        try:
            await sync_to_async(_once, thread_sensitive=False)(declared)
        except Exception:
            logger.exception("periodic work failed", extra={"work": name})
        await asyncio.sleep(declared.every)


def _once(declared: Periodic) -> None:
    close_old_connections()
    declared.work()


def _sweep_once(stalled_after: timedelta) -> Any:
    close_old_connections()
    return stalled_requeue(stalled_after)
