"""What policy offers the scoreboard, from payments, acts and land that were really recorded."""

from datetime import date
from decimal import Decimal

from bashu.kernel.parties.selectors import seen_by
from bashu.policy import indicators
from bashu.policy.services.delegations import delegated_act
from bashu.policy.services.land import land_reserve, land_use
from bashu.programme.models import Target, Task

TODAY = date(2025, 6, 3)


def test_before_anything_happened_nothing_is_measured(db):
    for measure in (
        indicators.support_paid,
        indicators.days_to_payment,
        indicators.delegated_acts,
        indicators.land_used,
    ):
        assert measure(TODAY) is None


def test_each_counts_its_own_records(actors, acting, applied, lent, quota):
    applied("cq-research", upto="paid")
    delegated_act(
        ctx=acting(actors["coordinator"]), delegation=lent(), kind="investment.filing", place="cizhu", matter="备案"
    )
    held = land_reserve(ctx=acting(actors["authority.CQ"]), account=quota(), project="项目", m2=500, reason="落地")
    land_use(ctx=acting(actors["authority.CQ"]), reservation=held, m2=300, reason="供地")
    with seen_by(actors["coordinator"].actor):
        found = {
            name: getattr(indicators, name)(TODAY)
            for name in ("support_paid", "days_to_payment", "delegated_acts", "land_used")
        }
    assert {name: one.value for name, one in found.items()} == {
        "support_paid": Decimal(400_000), "days_to_payment": Decimal(0), "delegated_acts": Decimal(1), "land_used": Decimal(300),
    }  # fmt: skip
    assert all(one.sources for one in found.values())


def test_they_belong_to_tasks_and_claim_no_target(db):
    from bashu.kernel.indicators.selectors import offered

    ours = [one for one in offered() if one.code.startswith("policy.")]
    assert len(ours) == 4
    assert {str(one.coverage) for one in ours} == {"partial"}
    assert not Target.objects.filter(code__in=[one.subject for one in ours]).exists()
    assert Task.objects.filter(code__in={one.subject for one in ours}).count() == 3
