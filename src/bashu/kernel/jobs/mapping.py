"""Sweeps: one function over many items, results in order, on local processes.

The seam to a cluster is `local_processes`: it opens a `concurrent.futures.Executor`, and nothing else here knows where the
work is done. A Dask client offers the same interface (`Client.get_executor()`), so a node with a cluster passes
`pool=` a context manager around it; order, bounded submission, errors and cancelling stay as they are.
"""

import contextlib
import itertools
import multiprocessing
import os
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sized
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import AbstractContextManager
from multiprocessing.connection import Connection
from typing import NamedTuple, Protocol, TypeVar, cast

from bashu.kernel.jobs.errors import ItemFailed

Item = TypeVar("Item")
Result = TypeVar("Result")
Pool = Callable[[int], AbstractContextManager[Executor]]

AHEAD = 4  # items handed out per process before their results are taken: keeps processes busy and memory flat


class Listener(Protocol):
    """Who hears how far a sweep is: a job's `Progress` (not imported: processes load this module, and need no database)."""

    def advance(self, done: int, total: int = 0, message: object = "") -> None:
        """So many results are out."""


class Outcome(NamedTuple):
    """What a process sends back: a value, or why there is none (exceptions themselves do not always survive the way)."""

    value: object
    problem: str | None
    detail: str


def map_jobs(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    workers: int | None = None,
    progress: Listener | None = None,
    pool: Pool | None = None,
) -> Iterator[Result]:
    """Yield function(item) for each item, in the items' order, computed by `workers` processes (default: the cores we may use).

    function: an engine's, importable by name and without a database; items and results are pickled. Items are taken as they
    are needed, so an endless or huge iterable is fine. `progress` is advanced with every result taken.
    Raises ItemFailed, naming the item, at the first item that failed. Leaving the iterator early, by an error, a cancelled
    job or `close()`, ends the processes at once.
    """
    count = workers or len(os.sched_getaffinity(0))
    total = len(items) if isinstance(items, Sized) else 0
    with (pool or local_processes)(count) as executor:
        waiting: deque[tuple[Item, Future[Outcome]]] = deque()
        source = iter(items)
        for number in itertools.count():
            for item in itertools.islice(source, AHEAD * count - len(waiting)):
                waiting.append((item, executor.submit(_one, function, item)))
            if not waiting:
                return
            item, future = waiting.popleft()
            yield cast(Result, _result(number, item, future))
            if progress is not None:
                progress.advance(number + 1, total)


def _result(number: int, item: object, future: Future[Outcome]) -> object:
    """The value of one item, or the error that names it."""
    try:
        outcome = future.result()
    except Exception as error:  # the process died, or the item or result cannot be sent
        raise _failed(number, item, f"{type(error).__name__}: {error}") from error
    if outcome.problem is not None:
        failure = _failed(number, item, outcome.problem)
        failure.add_note(outcome.detail)
        raise failure
    return outcome.value


def _failed(number: int, item: object, problem: str) -> ItemFailed:
    return ItemFailed(number=number + 1, item=repr(item)[:200], problem=problem)


def _one(function: Callable[[Item], Result], item: Item) -> Outcome:
    """In the process: compute one item, and say in words what went wrong."""
    try:
        return Outcome(function(item), None, "")
    except Exception as error:
        return Outcome(None, f"{type(error).__name__}: {error}", traceback.format_exc())


@contextlib.contextmanager
def local_processes(count: int) -> Iterator[Executor]:
    """Processes on this machine, fresh (not forked: a fork would share our database connection and threads).

    Each watches a pipe whose other end only we hold: when we close it, or die, it exits, in the middle of its item if need be.
    """
    context = multiprocessing.get_context("forkserver")
    theirs, ours = context.Pipe(duplex=False)
    executor = ProcessPoolExecutor(count, mp_context=context, initializer=_leave_with, initargs=(theirs,))
    try:
        yield executor
    finally:
        ours.close()
        executor.shutdown(wait=True, cancel_futures=True)
        theirs.close()


def _leave_with(pipe: Connection) -> None:
    def watch() -> None:
        with contextlib.suppress(EOFError, OSError):
            pipe.recv_bytes()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
