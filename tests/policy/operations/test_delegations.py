"""Powers lent, revoked, and acts under them."""

from datetime import UTC, date, datetime

import pytest

from bashu.kernel.errors import Forbidden, SignInNeeded
from bashu.policy import errors
from bashu.policy.models import DelegatedAct, Delegation
from bashu.policy.services.delegations import delegated_act, delegation_grant, delegation_revoke

NEXT_YEAR = datetime(2026, 2, 3, 2, tzinfo=UTC)
ACT = {"kind": "investment.filing", "place": "cizhu", "matter": "某项目备案"}


class TestGrant:
    @pytest.mark.parametrize("who", ["authority.SC", "coordinator", "enterprise.CQ", "operator.CQ"])
    def test_only_the_authority_whose_power_it_is_lends_it(self, actors, acting, who):
        with pytest.raises(Forbidden):
            delegation_grant(
                ctx=acting(actors[who]), delegator=actors["authority.CQ"].organisation, delegate=actors["operator.CQ"].organisation,
                acts=["land.use"], area="new-area-gaozhu", basis="x", source="y", valid_from=date(2025, 1, 1),
            )  # fmt: skip

    @pytest.mark.parametrize(
        "changes",
        [
            {"acts": []}, {"acts": ["war.declare"]}, {"area": "moon"}, {"basis": " "}, {"source": ""}, {"valid_to": date(2024, 1, 1)},
            {"status": "certain"},
        ],
    )  # fmt: skip
    def test_what_names_no_known_act_area_basis_or_time_is_refused(self, lent, changes):
        with pytest.raises(errors.DelegationWrong):
            lent(**changes)

    def test_nothing_is_lent_to_enterprises_or_to_oneself(self, actors, lent):
        for who in ("enterprise.CQ", "authority.CQ"):
            with pytest.raises(errors.DelegationWrong):
                lent(delegate=actors[who].organisation)

    def test_the_power_is_the_delegators_provinces(self, lent):
        assert lent().province == "CQ"
        assert Delegation.objects.count() == 1


class TestAct:
    def test_nobody_is_asked_to_sign_in(self, acting, lent):
        with pytest.raises(SignInNeeded):
            delegated_act(ctx=acting(), delegation=lent(), **ACT)

    @pytest.mark.parametrize("who", ["authority.CQ", "authority.SC", "operator.CQ", "enterprise.CQ"])
    def test_another_body_is_refused(self, actors, acting, lent, who):
        with pytest.raises(Forbidden):
            delegated_act(ctx=acting(actors[who]), delegation=lent(), **ACT)

    @pytest.mark.parametrize(
        ("when", "standing"),
        [
            ({"valid_from": date(2025, 7, 1)}, "not in force yet"),
            ({"valid_from": date(2024, 1, 1), "valid_to": date(2025, 6, 2)}, "expired"),
        ],
    )
    def test_a_delegation_that_is_not_in_force_is_refused(self, actors, acting, lent, when, standing):
        with pytest.raises(errors.DelegationNotInForce, match=standing):
            delegated_act(ctx=acting(actors["coordinator"]), delegation=lent(**when), **ACT)

    def test_its_last_day_still_counts(self, actors, acting, lent):
        delegated_act(ctx=acting(actors["coordinator"]), delegation=lent(valid_to=date(2025, 6, 3)), **ACT)

    def test_another_kind_of_act_is_refused(self, actors, acting, lent):
        with pytest.raises(errors.ActNotDelegated):
            delegated_act(
                ctx=acting(actors["coordinator"]), delegation=lent(), **{**ACT, "kind": "construction.permit"}
            )

    def test_what_is_refused_is_told_by_the_names_people_know(self, actors, acting, lent):
        with pytest.raises(errors.OutOfArea, match="Gaotan is not in the part of Gaozhu New Area"):
            delegated_act(ctx=acting(actors["coordinator"]), delegation=lent(), **{**ACT, "place": "gaotan"})
        with pytest.raises(errors.NotBorrower):
            delegated_act(ctx=acting(actors["authority.CQ"]), delegation=lent(), **ACT)

    @pytest.mark.parametrize("place", ["gaotan", "500112", "new-area-gaozhu", ""])
    def test_outside_of_the_lending_sides_part_it_is_refused(self, actors, acting, lent, place):
        with pytest.raises(errors.OutOfArea):
            delegated_act(ctx=acting(actors["coordinator"]), delegation=lent(), **{**ACT, "place": place})

    def test_revoked_it_carries_nothing_any_more_and_what_was_done_stays(self, actors, acting, lent):
        delegation = lent()
        delegated_act(ctx=acting(actors["coordinator"]), delegation=delegation, **ACT)
        with pytest.raises(errors.NotLender, match="Only the authority whose power it is lends it and takes it back"):
            delegation_revoke(ctx=acting(actors["authority.SC"]), delegation=delegation, reason="x")
        with pytest.raises(Forbidden, match="Authority"):
            delegation_revoke(ctx=acting(actors["coordinator"]), delegation=delegation, reason="x")
        with pytest.raises(errors.ReasonMissing):
            delegation_revoke(ctx=acting(actors["authority.CQ"]), delegation=delegation, reason="")
        delegation_revoke(ctx=acting(actors["authority.CQ"]), delegation=delegation, reason="职权收回")
        with pytest.raises(errors.DelegationNotInForce, match="revoked"):
            delegated_act(ctx=acting(actors["coordinator"]), delegation=delegation, **ACT)
        with pytest.raises(errors.DelegationRevoked):
            delegation_revoke(ctx=acting(actors["authority.CQ"]), delegation=delegation, reason="x")
        [done] = DelegatedAct.objects.all()
        assert done.delegation == delegation
