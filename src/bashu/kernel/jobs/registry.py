"""The kinds of long work that installed systems do, found in their `tasks.py`."""
import functools
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.module_loading import autodiscover_modules

from bashu.kernel.commands.actor import Actor
from bashu.kernel.jobs.errors import UnknownKind
from bashu.kernel.jobs.progress import Progress

Work = Callable[[Progress, Mapping[str, Any], Actor], Any]

REGISTERED: dict[str, Work] = {}


def job(kind: str) -> Callable[[Work], Work]:
    """Declare a function as the work of one kind of job.

        @job("programme.report.build")
        def build(progress: Progress, parameters: Mapping[str, Any], actor: Actor) -> dict[str, Any]: ...

    `actor` carries the submitter's grants. What it returns is kept as the job's result: plain values only.
    """

    def declare(work: Work) -> Work:
        if REGISTERED.setdefault(kind, work) is not work:
            raise ValueError(f"two functions claim the jobs of kind {kind}")
        return work

    return declare


def work_of(kind: str) -> Work:
    """The function that does jobs of a kind; UnknownKind (422) when no installed system has one."""
    discover()
    try:
        return REGISTERED[kind]
    except KeyError:
        raise UnknownKind(kind=kind) from None


@functools.cache
def discover() -> None:
    """Import the `tasks.py` of every installed system, once."""
    autodiscover_modules("tasks")
