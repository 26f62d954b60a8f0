"""The power pool's part of the demonstration: short horizons here, the same play."""

import pytest

from bashu.kernel.journal.models import Entry
from bashu.kernel.parties.demo import logins_ensure
from bashu.power import demo
from bashu.power.models import Case, DispatchRun, GameResult, Status, TreeResult


def test_a_real_node_plays_nothing(db):
    with pytest.raises(RuntimeError):
        demo.play()


@pytest.fixture
def short(db, settings, tmp_path, monkeypatch):
    """The demonstration's log-ins, and its cases with twelve hours each."""
    settings.BASHU_DEMO = True
    settings.BASHU_HOME = tmp_path
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    logins_ensure()
    cases = tuple((*case[:3], case[3]._replace(hours=12), case[4]) for case in demo.CASES)
    monkeypatch.setattr(demo, "CASES", cases)


@pytest.mark.slow
def test_plays_three_cases_three_ways_with_their_divisions_and_tree_and_a_second_time_nothing(short):
    steps = []
    demo.play(lambda done, total: steps.append((done, total)))
    assert steps[-1][0] == steps[-1][1]
    assert steps == sorted(steps)
    assert Case.objects.filter(published_at__isnull=False).count() == 3  # nobody's eyes: what the public sees
    assert DispatchRun.objects.filter(status=Status.OPTIMAL).count() == 9
    assert GameResult.objects.filter(status=Status.OPTIMAL).count() == sum(map(len, demo.GAMES.values()))
    assert TreeResult.objects.filter(status=Status.OPTIMAL).count() == len(demo.TREES)
    assert {game.certified for game in GameResult.objects.all()} == {True}
    written = Entry.objects.count()
    demo.play()
    assert Entry.objects.count() == written


@pytest.mark.slow
def test_a_play_that_was_broken_off_is_taken_up_where_it_stopped(short):
    def broken(done: int, total: int) -> None:
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        demo.play(broken)
    demo.play()
    assert DispatchRun.objects.filter(status=Status.OPTIMAL).count() == 9
    assert Case.objects.count() == 3
