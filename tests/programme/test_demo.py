"""The demonstration year: played through the services, once."""

import pytest

from bashu.kernel.journal.models import Entry
from bashu.kernel.parties.demo import logins_ensure
from bashu.kernel.parties.engine.credit_code import is_valid
from bashu.programme import demo, selectors
from bashu.programme.formats.evidence import File, checked
from bashu.programme.models import Reading


def test_a_real_node_plays_nothing(db):
    with pytest.raises(RuntimeError):
        demo.play()


def test_plays_a_year_of_every_sort_of_judgement_and_a_second_time_nothing(
    db, settings, tmp_path, django_assert_max_num_queries
):
    settings.BASHU_DEMO = True
    settings.BASHU_HOME = tmp_path
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    logins_ensure()
    steps = []
    demo.play(lambda done, total: steps.append((done, total)))
    assert steps[-1][0] == steps[-1][1] == len(steps)
    statuses = {str(row.judgement.status) for row in selectors.scoreboard(as_of=settings.DEMO_INSTANT.date())}
    assert statuses == {"met", "on_track", "behind", "missed", "cannot_judge", "no_data"}
    states = set(Reading.objects.values_list("state", flat=True))
    assert "confirmed" in states
    written = Entry.objects.count()
    with django_assert_max_num_queries(30):
        demo.play()
    assert Entry.objects.count() == written


def test_its_evidence_is_what_it_says_and_says_that_it_is_none():
    from datetime import date

    for side, mark in (("CQ", "演示数据".encode()), ("joint", b"Demonstration data")):
        file = demo.document("T01", side, date(2025, 1, 1))
        assert isinstance(checked(file), File)
        assert mark in file.content


def test_its_enterprises_have_valid_codes_of_a_division_that_does_not_exist():
    from random import Random

    codes = demo.enterprises(Random(1))
    assert len(codes) == len(set(codes)) == demo.ENTERPRISES
    assert all(is_valid(code) and code[2:8] == "999999" for code in codes)
