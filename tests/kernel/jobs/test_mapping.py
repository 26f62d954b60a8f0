"""Sweeps over real processes."""

import itertools
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from sweep_work import HERE, double, slow_then_identify

from bashu.kernel.jobs.errors import Cancelled, ItemFailed
from bashu.kernel.jobs.mapping import map_jobs


class Listener:
    """Stands where a Progress stands: notes what it is told, and cancels at one number."""

    def __init__(self, cancel_at: int = -1) -> None:
        self.told: list[tuple[int, int]] = []
        self.cancel_at = cancel_at

    def advance(self, done: int, total: int = 0, message: object = "") -> None:
        self.told.append((done, total))
        if done == self.cancel_at:
            raise Cancelled


class TestMapJobs:
    def test_results_come_in_the_order_of_items_from_several_processes(self):
        delays = [0.2, 0.0, 0.1, 0.0, 0.0, 0.1]
        pids = list(map_jobs(slow_then_identify, delays, workers=2))
        assert len(set(pids)) == 2
        assert os.getpid() not in pids
        assert list(map_jobs(double, range(7), workers=2)) == [0, 2, 4, 6, 8, 10, 12]

    def test_nothing_to_do_gives_nothing(self):
        assert list(map_jobs(double, [], workers=2)) == []

    def test_items_are_taken_only_as_they_are_needed(self):
        taken = itertools.count(100)
        results = map_jobs(double, taken, workers=1)
        assert [next(results) for _ in range(3)] == [200, 202, 204]
        results.close()
        assert next(taken) < 110

    def test_an_error_names_the_item_and_keeps_the_trace(self):
        results = map_jobs(double, [5, 6, 7, 9], workers=2)
        assert [next(results), next(results)] == [10, 12]
        with pytest.raises(ItemFailed, match=r"Item 3 of the sweep \(7\).*ValueError: seven is not wanted") as caught:
            next(results)
        assert "in double" in caught.value.__notes__[0]

    def test_a_process_that_dies_names_its_item_instead_of_hanging(self):
        with pytest.raises(ItemFailed, match=r"\(8\).*BrokenProcessPool"):
            list(map_jobs(double, [8], workers=1))

    def test_progress_hears_of_every_result(self):
        listener = Listener()
        list(map_jobs(double, [1, 2, 3], workers=1, progress=listener))
        assert listener.told == [(1, 3), (2, 3), (3, 3)]

    def test_cancelling_ends_processes_in_the_middle_of_their_items(self):
        began = time.monotonic()
        with pytest.raises(Cancelled):
            list(map_jobs(slow_then_identify, [0, 60, 60, 60], workers=2, progress=Listener(cancel_at=1)))
        assert time.monotonic() - began < 20

    def test_another_executor_can_stand_in(self):
        assert list(map_jobs(double, [1, 2, 3], workers=2, pool=ThreadPoolExecutor)) == [2, 4, 6]

    def test_killing_the_caller_leaves_no_process_behind(self, until):
        script = (
            "import sys; sys.path.insert(0, sys.argv[1])\n"
            "from bashu.kernel.jobs.mapping import map_jobs\n"
            "from sweep_work import slow_then_identify\n"
            "if __name__ == '__main__':\n"
            "    for pid in map_jobs(slow_then_identify, [0, 60, 60], workers=2): print(pid, flush=True)\n"
        )
        caller = subprocess.Popen([sys.executable, "-c", script, str(HERE)], stdout=subprocess.PIPE)
        assert caller.stdout.readline()
        children = psutil.Process(caller.pid).children(recursive=True)
        assert len(children) >= 2
        caller.kill()
        caller.wait()
        until(lambda: not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children))
