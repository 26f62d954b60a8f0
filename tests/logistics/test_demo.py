"""The demonstration year: its first days played through the services, interrupted and taken up again."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from bashu.kernel.journal.models import Entry
from bashu.kernel.parties.selectors import seen_by
from bashu.kernel.parties.services import node_actor
from bashu.logistics import demo
from bashu.logistics.models import Consignment, Departure, Event, PortOffice
from bashu.logistics.services.measures import figures_rebuild

TICKS = 4


def test_a_real_node_plays_nothing(db):
    with pytest.raises(RuntimeError):
        demo.play()


def test_vehicles_that_keep_their_time_come_in_time_and_the_late_ones_do_not():
    departs = datetime(2025, 3, 3, tzinfo=UTC)
    arrives = departs + timedelta(hours=15)
    rows = [
        Departure(service="SHUTTLE-CC", trip=f"T{number}", mode="rail", departs_at=departs, arrives_at=arrives)
        for number in range(400)
    ]
    runs = [demo.actual(row) for row in rows]
    punctual = [(leaves, comes) for leaves, comes in runs if leaves <= departs + timedelta(minutes=40)]
    assert {comes for _, comes in punctual} == {arrives}
    assert 0.8 < len(punctual) / len(runs) < 0.92
    assert all(comes > arrives for leaves, comes in runs if leaves > departs + timedelta(minutes=60))


@pytest.mark.slow
def test_plays_the_first_days_goes_on_where_it_stopped_and_never_twice(db, settings, tmp_path, monkeypatch):
    from bashu.kernel.commands.command import Command

    settings.BASHU_DEMO, settings.BASHU_HOME = True, tmp_path
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    whole = list(demo.moments())
    assert whole[-1][1] == settings.DEMO_INSTANT
    monkeypatch.setattr(demo, "moments", lambda: iter(whole[:2]))
    demo.play()
    monkeypatch.setattr(demo, "moments", lambda: iter(whole[:TICKS]))
    steps = []
    demo.play(lambda done, total: steps.append((done, total)))
    assert steps == [(number, TICKS) for number in range(1, TICKS + 1)]
    with transaction.atomic(), seen_by(node_actor()):
        states = set(Consignment.objects.values_list("state", flat=True))
        assert {"confirmed", "under_way"} <= states
        assert PortOffice.objects.count() == len(demo.PORTS)
        assert all(demo.MARK in goods for goods in Consignment.objects.values_list("goods", flat=True))
        assert Event.objects.filter(kind="loaded").exists()
    written = Entry.objects.count()
    demo.play()
    assert Entry.objects.count() == written
    rebuilt = figures_rebuild(ctx=Command(actor=node_actor(), now=whole[TICKS - 1][1]))
    assert not any(number for name, number in rebuilt.items() if name != "rows")
