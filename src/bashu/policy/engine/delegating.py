"""Which delegation an act may cite, and how large a quota is on a day."""

from datetime import date
from fractions import Fraction

from bashu.policy.engine.rules import Delegation, Quota, RuleSet


def delegation_for(rules: RuleSet, *, side: str, power: str, division: str, on: date) -> Delegation | None:
    """The delegation by which its holder may use a side's power in a division on a day; None: the act has no basis.

    A division lies in another when its code (GB/T 2260) begins with the other's. A delegation whose powers or divisions are not
    known gives none.
    """
    for delegation in rules.delegations.values():
        here = any(division.startswith(code) for code in delegation.divisions)
        if here and delegation.side == side and power in delegation.powers and delegation.holds(on):
            return delegation
    return None


def quota_on(quota: Quota, *, side: str, on: date) -> Fraction | None:
    """A side's quota on a day in its unit; None: not known, or none in force."""
    for version in quota.versions:
        if version.jurisdiction == side and version.holds(on):
            return version.value if isinstance(version.value, Fraction) else None
    return None
