"""What power offers the scoreboard: certificates issued and retired across the border, gains that both grids signed."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from bashu.kernel.commands.command import label_of
from bashu.kernel.indicators.selectors import offered
from bashu.kernel.parties.selectors import seen_by
from bashu.kernel.parties.services import node_actor
from bashu.power import indicators
from bashu.power.models import Batch, Holding
from bashu.power.services.certificates import certificates_retire
from bashu.power.services.settlement import settlement_propose, settlement_sign
from bashu.programme.models import Target, Task
from power_hours import NOW

TODAY = NOW.date()


@pytest.fixture
def measured(db):
    """`measured("green_shared", day)`: what the node finds."""

    def ask(name, day=TODAY):
        with seen_by(node_actor()):
            return getattr(indicators, name)(day)

    return ask


@pytest.fixture
def settle(actors, acting):
    """`settle(number)`: a week's gain of 30 yuan put to Sichuan; its signature is `sign`'s."""

    def make(week):
        first = date(2025, 7, 7) + timedelta(weeks=week)
        return settlement_propose(
            ctx=acting(actors["operator.CQ"]), counterparty=actors["authority.SC"].organisation, period_start=first,
            period_end=first + timedelta(days=6), division="shapley", baseline="isolated",
            target={"SC": Decimal(12), "CQ": Decimal(18)}, settled={"SC": Decimal(20), "CQ": Decimal(10)},
        )  # fmt: skip

    return make


@pytest.mark.parametrize("name", ["green_certified", "green_shared", "gain_settled"])
def test_before_anything_happened_nothing_is_measured(measured, name):
    assert measured(name) is None


def test_certified_counts_certificates_from_the_day_of_their_issue(issued, measured):
    issued(3)
    with seen_by(node_actor()):
        (batch,) = Batch.objects.all()
    found = measured("green_certified")
    assert (found.value, found.sources) == (3, (label_of(batch),))
    assert measured("green_certified", TODAY - timedelta(days=1)) is None


def test_shared_counts_only_what_the_other_side_used_up(issued, measured, actors, acting):
    issued(5)
    with seen_by(actors["enterprise.CQ"].actor):
        (holding,) = Holding.objects.all()
    own, other = actors["enterprise.CQ"].organisation, actors["enterprise.SC"].organisation
    certificates_retire(
        ctx=acting(actors["enterprise.CQ"]), holding=holding, quantity=2, purpose="own use", beneficiary=own
    )
    assert measured("green_shared") is None
    with seen_by(actors["enterprise.CQ"].actor):
        rest = Holding.objects.get(state="held")
    across = certificates_retire(
        ctx=acting(actors["enterprise.CQ"]), holding=rest, quantity=3, purpose="for Sichuan", beneficiary=other
    )
    found = measured("green_shared")
    assert (found.value, found.sources) == (3, (label_of(across),))
    assert measured("green_shared", TODAY - timedelta(days=1)) is None


def test_a_gain_counts_once_both_grids_signed(settle, measured, actors, acting):
    bound, _open = settle(0), settle(1)
    assert measured("gain_settled") is None
    settlement_sign(ctx=acting(actors["authority.SC"]), settlement=bound)
    found = measured("gain_settled")
    assert (found.value, found.sources) == (30, (label_of(bound),))
    assert measured("gain_settled", TODAY - timedelta(days=1)) is None


def test_they_belong_to_tasks_claim_no_target_and_are_partial(db):
    ours = [one for one in offered() if one.code.startswith("power.")]
    assert {one.subject for one in ours} == {"C25", "C26"}
    assert {str(one.coverage) for one in ours} == {"partial"}
    assert not Target.objects.filter(code__in=[one.subject for one in ours]).exists()
    assert Task.objects.filter(code__in={one.subject for one in ours}).count() == 2
