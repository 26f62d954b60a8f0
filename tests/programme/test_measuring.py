"""What the scoreboard measures of targets and tasks, and that nothing typed can pose as measured."""

import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import ProgrammingError, connection, transaction

from bashu.kernel.commands.actor import ANONYMOUS
from bashu.kernel.commands.command import Command, label_of
from bashu.kernel.errors import Forbidden, SignInNeeded
from bashu.kernel.indicators import registry
from bashu.kernel.indicators.registry import Measurement
from bashu.kernel.jobs.registry import periodic_works
from bashu.kernel.journal.models import Entry
from bashu.kernel.parties.selectors import seen_by
from bashu.kernel.parties.services import node_actor
from bashu.programme import selectors
from bashu.programme.indicators import convenience_done
from bashu.programme.models import Reading, Target, Task, TaskReading, TaskState
from bashu.programme.services.measuring import indicators_measure, task_measure
from bashu.programme.services.readings import reading_measure
from bashu.programme.services.work import task_set_state
from bashu.programme.tasks import measure

DAY = date(2025, 11, 30)


@pytest.fixture
def node(db):
    """The node itself."""
    return node_actor()


@pytest.fixture
def only_these():
    """`only_these(acts=("GZ7", selector))`: installed systems offer this and nothing else."""
    registry.discover()
    before = dict(registry.REGISTERED)

    def offer(**offers):
        registry.REGISTERED.clear()
        for name, (subject, selector) in offers.items():
            registry.indicator(
                f"tests.{name}", subject=subject, unit="件", unit_en="acts", coverage=registry.Coverage.PARTIAL, purpose="Acts done."
            )(selector)  # fmt: skip

    yield offer
    registry.REGISTERED.clear()
    registry.REGISTERED.update(before)


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
        assert list(Reading.objects.all()) == [reading]

    def test_a_months_figure_moves_on_with_its_days_and_the_next_month_has_its_own(self, done, acting, node):
        done("CV1")
        for day in (DAY, date(2025, 12, 1), date(2025, 12, 2), date(2025, 12, 2)):
            indicators_measure(actor=node, now=acting().now, as_of=day)
        rows = Reading.objects.order_by("period_end")
        assert [(row.period_end, row.version) for row in rows] == [(DAY, 1), (date(2025, 12, 2), 2)]
        steps = Entry.objects.filter(subject=label_of(rows[1]))
        assert steps.count() == 2

    def test_an_earlier_day_is_not_written_over_a_later_one_of_its_month(self, done, acting, node):
        done("CV1")
        indicators_measure(actor=node, now=acting().now, as_of=DAY)
        assert indicators_measure(actor=node, now=acting().now, as_of=DAY - timedelta(days=1)) == []


class TestTaskMeasure:
    ARGUMENTS = {
        "indicator": "tests.acts", "jurisdiction": "joint", "period_end": DAY, "value": Decimal(3), "unit": "件", "unit_en": "acts",
        "coverage": "partial", "share": None, "sources": ["policy.delegatedact:1"],
    }  # fmt: skip

    def test_nobody_is_asked_to_sign_in(self, db, acting):
        with pytest.raises(SignInNeeded):
            task_measure(ctx=acting(), task=Task.objects.get(code="GZ7"), **self.ARGUMENTS)

    @pytest.mark.parametrize("who", ["coordinator", "operator.CQ", "authority.CQ", "enterprise.SC"])
    def test_no_person_measures(self, actors, acting, who):
        with pytest.raises(Forbidden):
            task_measure(ctx=acting(actors[who]), task=Task.objects.get(code="GZ7"), **self.ARGUMENTS)

    def test_the_months_row_moves_on_and_the_journal_holds_each_step(self, acting, node):
        task = Task.objects.get(code="GZ7")
        for day, value in ((date(2025, 10, 31), 1), (date(2025, 11, 1), 2), (DAY, 3)):
            ctx = Command(actor=node, now=acting().now)
            last = task_measure(ctx=ctx, task=task, **self.ARGUMENTS | {"period_end": day, "value": Decimal(value)})
        rows = TaskReading.objects.order_by("month")
        assert [(row.period_end, row.value) for row in rows] == [(date(2025, 10, 31), 1), (DAY, 3)]
        assert [entry.kind for entry in Entry.objects.filter(subject=label_of(last))] == ["programme.task.measure"] * 2

    def test_the_database_lets_nobody_delete_and_no_stranger_write(self, acting, node):
        ctx = Command(actor=node, now=acting().now)
        reading = task_measure(ctx=ctx, task=Task.objects.get(code="GZ7"), **self.ARGUMENTS)
        with pytest.raises(ProgrammingError), transaction.atomic():
            TaskReading.objects.filter(pk=reading.pk).delete()
        with seen_by(ANONYMOUS), pytest.raises(ProgrammingError), transaction.atomic():
            TaskReading.objects.filter(pk=reading.pk).update(value=4)
        with seen_by(ANONYMOUS):
            assert TaskReading.objects.get().value == 3


class TestIndicatorsOfTasks:
    @pytest.fixture(autouse=True)
    def offered(self, only_these):
        only_these(
            acts=("GZ7", lambda as_of: Measurement(Decimal(as_of.day), as_of, sources=("policy.delegatedact:1",)))
        )

    def test_a_code_of_a_task_is_kept_as_a_reading_of_the_task(self, node, acting):
        (reading,) = indicators_measure(actor=node, now=acting().now, as_of=DAY)
        assert isinstance(reading, TaskReading)
        assert (reading.task.code, reading.value, reading.unit, reading.sources) == (
            "GZ7",
            30,
            "件",
            ["policy.delegatedact:1"],
        )
        assert not Reading.objects.exists()
        assert indicators_measure(actor=node, now=acting().now, as_of=DAY) == []

    def test_the_feed_of_changes_tells_what_people_did(self, node, acting):
        now = acting().now
        indicators_measure(actor=node, now=now, as_of=DAY)
        assert not selectors.changes(since=now - timedelta(days=1), until=now + timedelta(days=1))

    def test_the_worker_measures_as_of_the_day_at_which_the_node_stands_and_a_second_one_finds_it_done(
        self, node, settings
    ):
        settings.BASHU_DEMO = True
        assert [work.work for name, work in periodic_works().items() if name == "programme.measure"] == [measure]
        assert measure() == 1
        assert TaskReading.objects.get().period_end == settings.DEMO_INSTANT.date()
        assert measure() == 0

    def test_a_code_that_is_neither_target_nor_task_is_kept_nowhere(self, node, acting, only_these):
        only_these(acts=("NONE", lambda as_of: Measurement(Decimal(1), as_of)))
        assert indicators_measure(actor=node, now=acting().now, as_of=DAY) == []

    def test_page_board_and_api_show_the_newest_figure_with_its_day_unit_and_sources(self, node, acting, client):
        for day in (date(2025, 10, 31), DAY):
            indicators_measure(actor=node, now=acting().now, as_of=day)
        page = client.get("/tasks/GZ7/").content.decode()
        section = page.split('id="measured"')[1].split("</section>")[0]
        for text in (
            "Acts done",
            "30",
            "件",
            "2025-11-30",
            "/journal/?subject=policy.delegatedact%3A1",
            'data-chart="series"',
        ):
            assert text in section, text
        assert 'class="badge derived">' in client.get("/tasks/").content.decode()
        assert "30 件 (2025-11-30)" in client.get("/tasks/?tasks.as=csv").getvalue().decode()
        (told,) = client.get("/api/v1/programme/tasks/GZ7").json()["measured"]
        assert (told["value"], told["unit"], told["period_end"], told["coverage"]) == (
            "30",
            "件",
            "2025-11-30",
            "partial",
        )
        assert client.get("/api/v1/programme/tasks/GZ1").json()["measured"] == []
        assert 'id="measured"' not in client.get("/tasks/GZ1/").content.decode()


def test_two_rounds_at_once_keep_each_figure_once(database, only_these):
    """The second waits for the first, whose transaction is open, and then finds nothing left to keep."""
    started, go_on = threading.Event(), threading.Event()

    def slow(as_of: date) -> Measurement:
        started.set()
        assert go_on.wait(30)
        return Measurement(Decimal(1), as_of)

    only_these(acts=("GZ7", slow))

    def round_of(found: list[int]) -> None:
        try:
            found.append(len(indicators_measure(actor=node_actor(), now=datetime(2025, 11, 30, tzinfo=UTC), as_of=DAY)))
        finally:
            connection.close()

    kept: list[int] = []
    rounds = [threading.Thread(target=round_of, args=(kept,)) for _ in range(2)]
    rounds[0].start()
    assert started.wait(30)
    rounds[1].start()
    go_on.set()
    for one in rounds:
        one.join(60)
    assert sorted(kept) == [0, 1]
