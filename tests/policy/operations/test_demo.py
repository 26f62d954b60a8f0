"""Policy's part of the demonstration year: played through the services, once."""

import pytest

from bashu.kernel.journal.models import Entry
from bashu.kernel.parties.demo import logins_ensure
from bashu.kernel.parties.selectors import actor_of_person, person_by_email, seen_by
from bashu.policy import demo
from bashu.policy.models import Appeal, Application, Delegation, LandAccount, Offer, Tariff


def test_a_real_node_plays_nothing(db):
    with pytest.raises(RuntimeError):
        demo.play()


@pytest.mark.slow
def test_plays_applications_at_every_stage_and_a_second_time_nothing(db, settings, tmp_path):
    settings.BASHU_DEMO, settings.BASHU_HOME = True, tmp_path
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    logins_ensure()
    steps = []
    demo.play(lambda done, total: steps.append((done, total)))
    assert steps[-1][0] == steps[-1][1] == len(steps)
    today = settings.DEMO_INSTANT.date()
    with seen_by(actor_of_person(person_by_email("coordinator.joint@demo.example"))):
        assert set(Application.objects.values_list("state", flat=True)) == {
            "submitted", "returned", "complete", "reviewed", "approved", "refused", "paid", "withdrawn",
        }  # fmt: skip
        assert set(Appeal.objects.values_list("state", flat=True)) == {"filed", "upheld", "changed"}
        assert {"open", "accepted", "declined", "lapsed"} == set(Offer.objects.values_list("state", flat=True))
        assert any(application.overdue(today) for application in Application.objects.all())
    assert {row.standing(today) for row in Delegation.objects.all()} == {"in_force", "expired", "revoked", "not_yet"}
    assert all(account.free > 0 and account.used > 0 for account in LandAccount.objects.all())
    assert set(Tariff.objects.exclude(value=None).values_list("status", flat=True)) == {"assumed"}
    written = Entry.objects.count()
    demo.play()
    assert Entry.objects.count() == written


@pytest.mark.slow
def test_the_demonstrations_enterprises_have_something_to_do(db, settings, tmp_path):
    settings.BASHU_DEMO, settings.BASHU_HOME = True, tmp_path
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    logins_ensure()
    demo.play()
    for side in ("cq", "sc"):
        with seen_by(actor_of_person(person_by_email(f"enterprise.{side}@demo.example"))):
            assert Offer.objects.filter(state="open").exists()
            assert Application.objects.count() == 1
