"""Who sees which job: asked by the selectors first, and by the database behind them."""

import pytest
from long_work import CHONGQING, COLLEAGUE, COORDINATOR, OPERATOR, SICHUAN, STRANGER

from bashu.kernel.commands.actor import ANONYMOUS
from bashu.kernel.errors import NotFound
from bashu.kernel.jobs.models import Job
from bashu.kernel.jobs.selectors import job_get, job_list

pytestmark = pytest.mark.django_db

SEES = {"own": OPERATOR, "colleague": COLLEAGUE, "own office": CHONGQING, "joint office": COORDINATOR}
DOES_NOT = {"anonymous": ANONYMOUS, "other organisation": STRANGER, "other office": SICHUAN}


class TestJobList:
    @pytest.mark.parametrize("actor", SEES.values(), ids=SEES)
    def test_is_seen_by_organisation_and_offices(self, submit, seen_by, actor):
        job = submit("tests.spin")
        assert seen_by(actor, lambda: list(job_list(actor=actor))) == [job]
        assert seen_by(actor, lambda: job_get(job.public_id, actor=actor)) == job

    @pytest.mark.parametrize("actor", DOES_NOT.values(), ids=DOES_NOT)
    def test_is_not_seen_by_others(self, submit, seen_by, actor):
        job = submit("tests.spin")
        assert seen_by(actor, lambda: list(job_list(actor=actor))) == []
        with pytest.raises(NotFound):
            seen_by(actor, lambda: job_get(job.public_id, actor=actor))

    @pytest.mark.parametrize("actor", DOES_NOT.values(), ids=DOES_NOT)
    def test_the_database_hides_it_even_from_a_query_that_forgets_to_ask(self, submit, seen_by, actor):
        submit("tests.spin")
        assert seen_by(actor, Job.objects.count) == 0

    @pytest.mark.parametrize("actor", DOES_NOT.values(), ids=DOES_NOT)
    def test_the_database_keeps_it_from_a_write_that_forgets_to_ask(self, submit, seen_by, actor):
        job = submit("tests.spin")
        assert seen_by(actor, lambda: Job.objects.update(message="changed")) == 0
        assert seen_by(OPERATOR, lambda: Job.objects.get(pk=job.pk)).message == ""

    def test_one_state_can_be_asked_for(self, submit, seen_by):
        job = submit("tests.spin")
        assert seen_by(OPERATOR, lambda: list(job_list(actor=OPERATOR, state="queued"))) == [job]
        assert seen_by(OPERATOR, lambda: list(job_list(actor=OPERATOR, state="done"))) == []
