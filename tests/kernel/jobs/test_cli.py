"""The command line, run as the node's operator and as nobody's friend."""

import json

import pytest
from long_work import OPERATOR, STRANGER
from typer.testing import CliRunner

from bashu.kernel.errors import NotFound
from bashu.kernel.jobs import cli
from bashu.kernel.jobs.models import JobState

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(monkeypatch):
    """Run `bashu jobs …` as an actor."""
    monkeypatch.setattr(cli, "console", cli.Console(width=200, highlight=False, soft_wrap=True))

    def call(actor, *arguments):
        monkeypatch.setattr(cli, "acting", lambda: actor)
        return CliRunner().invoke(cli.app, list(arguments))

    return call


class TestCli:
    def test_lists_and_shows_what_the_actor_may_see(self, run, submit, perform):
        job = submit("tests.add", numbers=[2, 3])
        assert str(job.public_id) in run(OPERATOR, "list").stdout
        assert str(job.public_id) not in run(STRANGER, "list").stdout
        perform(job)
        shown = json.loads(run(OPERATOR, "show", str(job.public_id)).stdout)
        assert (shown["state"], shown["result"]) == ("done", {"sum": 5})

    def test_what_one_may_not_see_is_not_there(self, run, submit):
        job = submit("tests.spin")
        for command in ("show", "watch", "cancel"):
            assert isinstance(run(STRANGER, command, str(job.public_id)).exception, NotFound)

    def test_cancels_and_watching_a_cancelled_job_exits_with_one(self, run, submit):
        job = submit("tests.spin")
        assert run(OPERATOR, "cancel", str(job.public_id)).exit_code == 0
        job.refresh_from_db()
        assert job.state == JobState.CANCELLED
        assert run(OPERATOR, "watch", str(job.public_id)).exit_code == 1

    def test_watching_a_job_that_is_done_exits_with_nought(self, run, submit, perform):
        job = submit("tests.add", numbers=[1])
        perform(job)
        assert run(OPERATOR, "watch", str(job.public_id)).exit_code == 0
