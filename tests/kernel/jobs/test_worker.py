"""Real worker processes: killed, frozen, told to stop."""

import os
import signal
from pathlib import Path

import pytest
from long_work import OPERATOR

from bashu.kernel.commands.command import Command
from bashu.kernel.jobs.models import Job, JobState
from bashu.kernel.jobs.services import job_cancel

pytestmark = pytest.mark.slow


@pytest.fixture
def state(seen_by):
    """A job's row as it is now."""
    return lambda job: seen_by(OPERATOR, lambda: Job.objects.get(pk=job.pk))


@pytest.fixture
def gated(submit, tmp_path: Path):
    """Five steps with a gate before the fourth: the job, its log, its gate."""
    log, gate = tmp_path / "log", tmp_path / "gate"
    log.touch()
    return submit("tests.steps", steps=5, log=str(log), gate=str(gate), gate_at=3), log, gate


def done_steps(log: Path) -> list[tuple[str, int]]:
    """Steps with the process that did each."""
    return [(step, int(pid)) for step, pid in (line.split() for line in log.read_text().splitlines())]


class TestWorker:
    def test_does_a_job_and_stops_on_sigterm(self, worker, submit, until, state):
        process = worker()
        job = submit("tests.add", numbers=[4, 5])
        until(lambda: state(job).state == JobState.DONE)
        assert state(job).result == {"sum": 9}
        process.terminate()
        assert process.wait(10) == 0

    def test_does_periodic_work_again_and_again_though_it_fails(self, worker, until, tmp_path: Path, monkeypatch):
        marks = tmp_path / "ticks"
        monkeypatch.setenv("TESTS_TICKS", str(marks))
        process = worker()
        until(lambda: marks.exists() and marks.stat().st_size > 4)
        process.terminate()
        assert process.wait(10) == 0

    def test_a_killed_workers_job_is_finished_elsewhere_from_its_checkpoint(self, worker, gated, until, state):
        job, log, gate = gated
        first = worker(stalled_after=1.5)
        until(lambda: "gate" in log.read_text())
        first.kill()
        first.wait()
        second = worker(stalled_after=1.5)
        until(lambda: log.read_text().count("gate") == 2)
        gate.touch()
        until(lambda: state(job).state == JobState.DONE)
        assert done_steps(log) == [
            ("0", first.pid), ("1", first.pid), ("2", first.pid), ("gate", first.pid),
            ("gate", second.pid), ("3", second.pid), ("4", second.pid),
        ]  # fmt: skip
        assert (state(job).attempt, state(job).result["finished_by"]) == (2, second.pid)

    def test_a_worker_that_was_only_frozen_does_not_finish_what_another_took_over(self, worker, gated, until, state):
        job, log, gate = gated
        first = worker(stalled_after=1.5)
        until(lambda: "gate" in log.read_text())
        os.kill(first.pid, signal.SIGSTOP)
        second = worker(stalled_after=1.5)
        until(lambda: log.read_text().count("gate") == 2)
        gate.touch()
        until(lambda: state(job).state == JobState.DONE)
        os.kill(first.pid, signal.SIGCONT)
        first.terminate()
        first.wait(20)
        assert ("4", first.pid) not in done_steps(log)
        assert (state(job).attempt, state(job).result["finished_by"]) == (2, second.pid)

    def test_a_worker_told_to_stop_gives_its_job_back_for_the_next_one(self, worker, submit, until, state, tmp_path):
        job = submit("tests.spin", gate=str(tmp_path / "gate"))
        first = worker()
        until(lambda: state(job).message == "spinning")
        first.terminate()
        assert first.wait(20) == 0
        assert state(job).state == JobState.QUEUED
        (tmp_path / "gate").touch()
        second = worker()
        until(lambda: state(job).state == JobState.DONE)
        assert (state(job).attempt, state(job).result) == (2, second.pid)

    def test_a_lost_connection_sends_the_job_back_and_it_goes_on_from_its_checkpoint(
        self, worker, submit, until, state
    ):
        worker()
        job = submit("tests.lose")
        until(lambda: state(job).state == JobState.DONE)
        assert (state(job).attempt, state(job).result) == (2, "went on from before the cut")

    def test_cancelling_stops_work_under_way_and_the_worker_goes_on(self, worker, submit, until, state):
        worker()
        job = submit("tests.spin")
        until(lambda: state(job).message == "spinning")
        job_cancel(ctx=Command(actor=OPERATOR, now=job.submitted_at), job=state(job))
        after = submit("tests.add", numbers=[1])
        until(lambda: state(after).state == JobState.DONE, seconds=15)
        assert (state(job).state, state(job).result) == (JobState.CANCELLED, None)

    def test_two_workers_share_the_queue_and_do_every_job_once(self, worker, submit, until, state, tmp_path):
        worker()
        worker()
        logs = [tmp_path / f"log{number}" for number in range(12)]
        jobs = [submit("tests.steps", steps=2, log=str(log)) for log in logs]
        until(lambda: all(state(job).state == JobState.DONE for job in jobs))
        assert [[step for step, _ in done_steps(log)] for log in logs] == [["0", "1"]] * 12
        assert {state(job).attempt for job in jobs} == {1}
