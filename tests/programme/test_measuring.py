"""What the scoreboard measures from its own records, and that nothing typed can pose as measured."""

from datetime import date
from decimal import Decimal

import pytest

from bashu.kernel.commands.command import label_of
from bashu.kernel.errors import Forbidden
from bashu.kernel.parties.services import node_actor
from bashu.programme import selectors
from bashu.programme.indicators import convenience_done
from bashu.programme.models import Reading, Target, Task, TaskState
from bashu.programme.services.measuring import indicators_measure
from bashu.programme.services.readings import reading_measure
from bashu.programme.services.work import task_set_state

DAY = date(2025, 11, 30)


@pytest.fixture
def done(actors, acting):
    """`done("CV1")`: an office reports a task done."""
    return lambda code: task_set_state(
        ctx=acting(actors["authority.CQ"]), task=Task.objects.get(code=code), state=TaskState.DONE, note="n"
    )


class TestConvenienceDone:
    def test_before_any_office_speaks_there_is_nothing_to_measure(self, db):
        assert convenience_done(DAY) is None

    def test_counts_what_was_done_by_the_day_and_names_the_records(self, done):
        first = done("CV1")
        done("EQ1")
        found = convenience_done(DAY)
        assert (found.value, found.sources) == (1, (label_of(first),))
        assert convenience_done(date(2025, 11, 29)) is None


class TestReadingMeasure:
    ARGUMENTS = {
        "indicator": "programme.convenience_done", "jurisdiction": "joint", "period_start": DAY, "period_end": DAY, "value": Decimal(9),
        "coverage": "partial", "share": None, "sources": [],
    }  # fmt: skip

    @pytest.mark.parametrize("who", ["coordinator", "operator.CQ", "authority.CQ"])
    def test_no_person_measures(self, actors, acting, who):
        with pytest.raises(Forbidden):
            reading_measure(ctx=acting(actors[who]), target=Target.objects.get(code="T10"), **self.ARGUMENTS)

    def test_the_node_keeps_a_public_partial_figure_that_does_not_judge(self, done, acting):
        done("CV1")
        (reading,) = indicators_measure(actor=node_actor(), now=acting().now, as_of=DAY)
        assert (reading.basis, reading.state, reading.coverage, reading.value) == (
            "measured",
            "confirmed",
            "partial",
            1,
        )
        row = selectors.scoreboard(as_of=DAY, targets=Target.objects.filter(code="T10"))[0]
        assert (row.known.value, row.known.whole) == (1, False)
        assert str(row.judgement.status) == "no_data"

    def test_measuring_again_keeps_nothing_new_until_something_changes(self, done, acting):
        done("CV1")
        indicators_measure(actor=node_actor(), now=acting().now, as_of=DAY)
        assert indicators_measure(actor=node_actor(), now=acting().now, as_of=DAY) == []
        done("CV2")
        (reading,) = indicators_measure(actor=node_actor(), now=acting().now, as_of=DAY)
        assert reading.value == 2
        assert list(Reading.objects.filter(state="confirmed")) == [reading]
