"""Delegations and what was done under them."""

from datetime import date
from uuid import UUID

from django.db.models import Count, QuerySet

from bashu.policy.models import DelegatedAct, Delegation


def delegation_list() -> QuerySet[Delegation]:
    """Every delegation with how many acts cite it, newest first."""
    found = Delegation.objects.select_related("delegator", "delegate").annotate(act_count=Count("done"))
    return found.order_by("-valid_from", "-pk")


def act_list(delegation: Delegation | None = None) -> QuerySet[DelegatedAct]:
    """Acts done under delegations, newest first."""
    found = DelegatedAct.objects.select_related("delegation", "organisation").order_by("-done_at", "-pk")
    return found if delegation is None else found.filter(delegation=delegation)


def usable(organisations: list[UUID], kind: str, province: str, on: date) -> list[Delegation]:
    """Delegations in force by which bodies may do a kind of act on a province's side."""
    lent = delegation_list().filter(delegate__public_id__in=organisations, province=province, acts__contains=[kind])
    return [delegation for delegation in lent if delegation.standing(on) == "in_force"]
