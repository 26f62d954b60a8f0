"""Work that workers do again and again: measuring."""

from bashu.kernel.jobs.registry import periodic
from bashu.kernel.parties.services import node_actor
from bashu.kernel.web import clock
from bashu.programme.selectors import local_day
from bashu.programme.services.measuring import indicators_measure

EVERY = 3600.0  # seconds: a new day's figures stand within an hour, and what changes in a day too


@periodic("programme.measure", every=EVERY)
def measure() -> int:
    """Keep every indicator's figure as of today in the region (in the demonstration: its own day), where it changed; how many."""
    now = clock.now()
    return len(indicators_measure(actor=node_actor(), now=now, as_of=local_day(now)))
