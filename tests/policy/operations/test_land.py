"""The land quota: who moves it, what is refused, and that it is never exceeded."""

from datetime import UTC, datetime

import pytest

from bashu.kernel.errors import Forbidden, Malformed, SignInNeeded
from bashu.policy import errors
from bashu.policy.models import LandAccount, LandEntry
from bashu.policy.services.delegations import delegation_revoke
from bashu.policy.services.land import land_allocate, land_plan, land_release, land_reserve, land_use

PLAN = {"area": "new-area-gaozhu", "year": 2025, "reason": "年度计划"}
CLAIM = {"project": "示例项目", "reason": "项目落地"}


class TestPlan:
    def test_nobody_is_asked_to_sign_in(self, acting, actors):
        with pytest.raises(SignInNeeded):
            land_plan(ctx=acting(), side="CQ", m2=1, **PLAN)

    @pytest.mark.parametrize("who", ["authority.SC", "operator.CQ", "enterprise.CQ"])
    def test_only_offices_of_the_side_plan(self, actors, acting, who):
        with pytest.raises(Forbidden):
            land_plan(ctx=acting(actors[who]), side="CQ", m2=1, **PLAN)

    def test_a_plan_fits_into_its_side_of_the_area_as_measured_on_the_day(self, actors, acting):
        office = actors["authority.CQ"]
        land_plan(ctx=acting(office), side="CQ", m2=129_000_000, **PLAN)
        with pytest.raises(errors.LandBeyondArea, match="129000000"):
            land_plan(ctx=acting(office), side="CQ", m2=1, **PLAN)
        before = datetime(2023, 6, 1, tzinfo=UTC)  # when 124 km² were known
        with pytest.raises(errors.LandBeyondArea, match="124000000"):
            land_plan(ctx=acting(office, now=before), side="CQ", m2=124_000_001, **{**PLAN, "year": 2023})

    def test_a_plan_does_not_shrink_below_what_was_allocated(self, actors, acting, quota):
        quota(100, 60)
        with pytest.raises(errors.LandShort):
            land_plan(ctx=acting(actors["authority.CQ"]), side="CQ", m2=-41, **PLAN)
        land_plan(ctx=acting(actors["authority.CQ"]), side="CQ", m2=-40, **PLAN)

    @pytest.mark.parametrize("m2", [0, 10**13])
    def test_no_area_is_refused(self, actors, acting, m2):
        with pytest.raises(Malformed):
            land_plan(ctx=acting(actors["authority.CQ"]), side="CQ", m2=m2, **PLAN)

    def test_an_unknown_area_is_refused(self, actors, acting):
        with pytest.raises(Malformed, match="no such area is known"):
            land_plan(ctx=acting(actors["authority.CQ"]), side="CQ", m2=1, **{**PLAN, "area": "moon"})


class TestMoves:
    @pytest.mark.parametrize("who", ["authority.SC", "enterprise.CQ"])
    def test_only_offices_of_the_side_allocate(self, actors, acting, quota, who):
        with pytest.raises(Forbidden):
            land_allocate(ctx=acting(actors[who]), account=quota(), m2=1, reason="x")

    def test_each_movement_is_a_line_with_the_balances_after_it(self, actors, acting, quota):
        office, account = actors["authority.CQ"], quota(100, 50)
        held = land_reserve(ctx=acting(office), account=account, m2=40, **CLAIM)
        held = land_use(ctx=acting(office), reservation=held, m2=25, reason="供地")
        held = land_release(ctx=acting(office), reservation=held, m2=10, reason="调减")
        assert held.held == 5
        lines = LandEntry.objects.order_by("pk").values_list("move", "m2", "planned", "allocated", "reserved", "used")
        assert list(lines) == [
            ("plan", 100, 100, 0, 0, 0), ("allocate", 50, 100, 50, 0, 0), ("reserve", 40, 100, 50, 40, 0),
            ("use", 25, 100, 50, 15, 25), ("release", 10, 100, 50, 5, 25),
        ]  # fmt: skip
        assert LandAccount.objects.get().free == 20

    def test_more_than_there_is_is_refused(self, actors, acting, quota):
        office, account = actors["authority.CQ"], quota(100, 50)
        with pytest.raises(errors.LandShort):
            land_allocate(ctx=acting(office), account=account, m2=51, reason="x")
        with pytest.raises(errors.LandShort):
            land_reserve(ctx=acting(office), account=account, m2=51, **CLAIM)
        held = land_reserve(ctx=acting(office), account=account, m2=50, **CLAIM)
        for move in (land_use, land_release):
            with pytest.raises(errors.LandShort):
                move(ctx=acting(office), reservation=held, m2=51, reason="x")
            with pytest.raises(Malformed):
                move(ctx=acting(office), reservation=held, m2=-1, reason="x")

    def test_a_reason_is_needed(self, actors, acting, quota):
        with pytest.raises(errors.ReasonMissing):
            land_reserve(ctx=acting(actors["authority.CQ"]), account=quota(), m2=1, project="x", reason=" ")

    def test_the_areas_body_acts_under_a_delegation_only(self, actors, acting, quota, lent):
        operator, account = actors["operator.CQ"], quota()
        with pytest.raises(errors.DelegationNeeded):
            land_reserve(ctx=acting(operator), account=account, m2=1, **CLAIM)
        delegation = lent()  # to the joint office, not to the operator
        with pytest.raises(Forbidden):
            land_reserve(ctx=acting(operator), account=account, m2=1, delegation=delegation, **CLAIM)
        held = land_reserve(ctx=acting(actors["coordinator"]), account=account, m2=1, delegation=delegation, **CLAIM)
        assert held.entries.get().delegation == delegation
        delegation_revoke(ctx=acting(actors["authority.CQ"]), delegation=delegation, reason="收回")
        with pytest.raises(errors.DelegationNotInForce):
            land_use(ctx=acting(actors["coordinator"]), reservation=held, m2=1, reason="x", delegation=delegation)

    def test_a_power_of_one_side_does_not_move_the_others_land(self, actors, acting, quota, lent):
        account = quota()
        other = lent(delegator=actors["authority.CQ"].organisation)
        account.side = "SC"
        with pytest.raises(errors.OutOfArea):
            land_reserve(ctx=acting(actors["coordinator"]), account=account, m2=1, delegation=other, **CLAIM)
