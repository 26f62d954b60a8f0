"""The kinds of long work that installed systems do, found in their `tasks.py`."""

import functools
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

from bashu.kernel.commands.actor import Actor
from bashu.kernel.jobs.errors import UnknownKind
from bashu.kernel.jobs.progress import Progress

Work = Callable[[Progress, Mapping[str, Any], Actor], Any]


class Declared(NamedTuple):
    """One kind of job: the function that does it, and what people call it."""

    work: Work
    title: str | Promise


class Periodic(NamedTuple):
    """Work that every worker does again and again, `every` so many seconds."""

    work: Callable[[], object]
    every: float


REGISTERED: dict[str, Declared] = {}
PERIODIC: dict[str, Periodic] = {}


def job(kind: str, *, title: str | Promise = "") -> Callable[[Work], Work]:
    """Declare a function as the work of one kind of job; `title` is what pages call it, the kind when left out.

        @job("programme.report.build", title=_("Annual report"))
        def build(progress: Progress, parameters: Mapping[str, Any], actor: Actor) -> dict[str, Any]: ...

    `actor` carries the submitter's grants. What it returns is kept as the job's result: plain values only.
    """

    def declare(work: Work) -> Work:
        if REGISTERED.setdefault(kind, Declared(work, title or kind)).work is not work:
            raise ValueError(f"two functions claim the jobs of kind {kind}")
        return work

    return declare


def periodic(name: str, *, every: float) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Declare a function of a system's `tasks.py` as work that workers do every so many seconds, with the system role.

    Several workers do it at once: it takes what it works on with SKIP LOCKED. What it raises is logged; the next time it is
    tried again.
    """

    def declare(work: Callable[[], object]) -> Callable[[], object]:
        if PERIODIC.setdefault(name, Periodic(work, every)).work is not work:
            raise ValueError(f"two functions claim the periodic work {name}")
        return work

    return declare


def work_of(kind: str) -> Work:
    """The function that does jobs of a kind; UnknownKind (422) when no installed system has one."""
    discover()
    try:
        return REGISTERED[kind].work
    except KeyError:
        raise UnknownKind(kind=kind) from None


def title_of(kind: str) -> str:
    """What jobs of a kind are called; the kind itself when its system is not installed any more."""
    discover()
    return str(REGISTERED[kind].title) if kind in REGISTERED else kind


def periodic_works() -> Mapping[str, Periodic]:
    """The periodic work of every installed system, by name."""
    discover()
    return PERIODIC


@functools.cache
def discover() -> None:
    """Import the `tasks.py` of every installed system, once."""
    autodiscover_modules("tasks")
