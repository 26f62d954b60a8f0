"""Several writers at once, each on its own connection: the last hectare, the last money, one topic, one payment."""

import threading
from collections import Counter

import pytest

from bashu.kernel.errors import BashuError

pytestmark = pytest.mark.slow


def at_once(acts):
    """Do acts at the same moment, each in a thread with a connection of its own; what each answered: ok, or a refusal's code."""
    from django.db import connection

    barrier, answers = threading.Barrier(len(acts)), []

    def run(act):
        try:
            barrier.wait()
            act()
            answers.append("ok")
        except BashuError as error:
            answers.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return Counter(answers)


def test_eight_claims_on_the_last_hectare_and_one_gets_it(database, actors, acting, quota):
    from bashu.policy.models import LandAccount, LandEntry
    from bashu.policy.services.land import land_reserve

    account, office = quota(50_000, 10_000), actors["authority.CQ"].actor
    acts = [
        lambda n=n: land_reserve(ctx=command(office), account=account, project=f"项目{n}", m2=10_000, reason="落地")
        for n in range(8)
    ]
    assert at_once(acts) == {"ok": 1, "policy.land.short": 7}
    account = LandAccount.objects.get()
    assert (account.reserved, account.free) == (10_000, 0)
    assert LandEntry.objects.filter(move="reserve").count() == 1


def test_eight_smaller_claims_never_exceed_it(database, actors, acting, quota):
    from bashu.policy.models import LandAccount
    from bashu.policy.services.land import land_reserve

    account, office = quota(50_000, 10_000), actors["authority.CQ"].actor
    acts = [
        lambda n=n: land_reserve(ctx=command(office), account=account, project=f"项目{n}", m2=3_000, reason="落地")
        for n in range(8)
    ]
    assert at_once(acts) == {"ok": 3, "policy.land.short": 5}
    assert LandAccount.objects.get().free == 1_000


def test_both_provinces_decide_one_topic_and_one_of_them_grants_it(database, actors, applied):
    from bashu.kernel.parties.selectors import seen_by
    from bashu.policy.models import Award
    from bashu.policy.services.applications import application_approve

    # Chongqing's colleague and the joint office, each on the application of its own province.
    ours, theirs = applied("cq-research", upto="reviewed"), applied("sc-research", upto="reviewed")
    deciders = {"ours": actors["colleague.CQ"].actor, "theirs": actors["coordinator"].actor}
    answers = at_once(
        [
            lambda: application_approve(ctx=command(deciders["ours"]), application=ours),
            lambda: application_approve(ctx=command(deciders["theirs"]), application=theirs),
        ]
    )
    assert answers == {"ok": 1, "policy.application.topic_taken": 1}
    with seen_by(deciders["theirs"]):
        assert Award.objects.count() == 1


def test_the_last_of_a_budget_is_granted_to_one(database, actors, applied):
    from django.db import transaction

    from bashu.kernel.parties.selectors import seen_by
    from bashu.policy.models import Budget
    from bashu.policy.services.applications import application_approve

    first = applied("cq-research", upto="reviewed")
    second = applied("cq-research", upto="reviewed", who="enterprise.SC")
    office = actors["coordinator"].actor
    with transaction.atomic(), seen_by(office):
        Budget.objects.filter(name="research").update(most_fen=500_000_00)
    answers = at_once(
        [
            lambda: application_approve(ctx=command(office), application=first),
            lambda: application_approve(ctx=command(office), application=second),
        ]
    )
    assert answers == {"ok": 1, "policy.budget.exhausted": 1}
    assert Budget.objects.get(name="research").committed_fen == 400_000_00


def test_two_clerks_pay_at_once_and_one_payment_is_made(database, actors, applied):
    from bashu.kernel.parties.selectors import seen_by
    from bashu.policy.models import Payment
    from bashu.policy.services.applications import application_pay

    application, office = applied(upto="approved"), actors["authority.CQ"].actor
    acts = [
        lambda n=n: application_pay(ctx=command(office), application=application, order=f"ZF-{n}") for n in range(4)
    ]
    assert at_once(acts) == {"ok": 1, "policy.application.step": 3}
    with seen_by(office):
        assert Payment.objects.count() == 1


def test_a_revocation_and_an_act_at_once_leave_no_act_after_the_revocation(database, actors, lent):
    from bashu.kernel.journal.models import Entry
    from bashu.policy.services.delegations import delegated_act, delegation_revoke

    delegation, body, owner = lent(), actors["coordinator"].actor, actors["authority.CQ"].actor
    acts = [
        lambda n=n: delegated_act(ctx=command(body), delegation=delegation, kind="investment.filing", place="cizhu", matter=f"{n}")
        for n in range(4)
    ]  # fmt: skip
    answers = at_once([*acts, lambda: delegation_revoke(ctx=command(owner), delegation=delegation, reason="收回")])
    done = Entry.objects.filter(kind="policy.delegation.act").count()
    assert answers["ok"] == done + 1
    assert answers["policy.delegation.not_in_force"] == 4 - done


def command(actor):
    """A command of an actor who was read before the threads began."""
    from datetime import UTC, datetime

    from bashu.kernel.commands.command import Command

    return Command(actor=actor, now=datetime(2025, 6, 3, 2, tzinfo=UTC))
