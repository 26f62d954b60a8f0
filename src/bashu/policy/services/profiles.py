"""Profiles of enterprises: facts recorded with origin, day and evidence; later ones supersede, none is lost."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from bashu.kernel.commands.actor import OFFICES, Role
from bashu.kernel.commands.command import Command, command
from bashu.kernel.errors import Malformed
from bashu.kernel.parties.models import Organisation
from bashu.kernel.parties.selectors import person_behind
from bashu.policy.engine.rules import Fact, RuleSet
from bashu.policy.errors import FactOlder, FactUnknown, FactWrong
from bashu.policy.formats.entities import Reading, integer
from bashu.policy.models import Origin, ProfileFact
from bashu.policy.selectors import profiles as selectors

LATER = {Origin.DECLARED: 0, Origin.RECORD: 1, Origin.AUTHORITY: 2}  # who outweighs whom for the same day


@command("policy.profile.record", roles=OFFICES | {Role.ENTERPRISE}, at="organisation")
def profile_record(
    *, ctx: Command, organisation: Organisation, facts: Mapping[str, Any], as_of: date, evidence: Mapping[str, str] | None = None
) -> Organisation:  # fmt: skip
    """Record facts of an enterprise as of a day: declared when the enterprise does it, stated by an authority when an office does.

    facts: by the names that rules read, as entity files write them (money a decimal string in yuan). evidence: SHA-256 by fact.
    Refuses unknown facts, values out of range, days to come, and what would overwrite something newer or better founded.
    """
    origin = Origin.DECLARED if ctx.grant.role == Role.ENTERPRISE else Origin.AUTHORITY
    told = [selectors.Told(name, value, ctx.grant.organisation_name) for name, value in facts.items()]
    written = facts_write(ctx, organisation, told, origin, as_of, evidence or {})
    ctx.append(subject=organisation, before=None, after={"as_of": as_of, "facts": selectors.quoted(written)})
    return organisation


@command("policy.profile.refresh", roles=OFFICES | {Role.ENTERPRISE}, at="organisation")
def profile_refresh(*, ctx: Command, organisation: Organisation) -> int:
    """Take into the profile what other systems' records tell; answers how many facts changed."""
    today = timezone.localdate(ctx.now)
    known = selectors.profile_of(organisation.public_id)
    readable = selectors.facts_known()
    told = [
        one
        for one in selectors.told_elsewhere(organisation, today)
        if one.fact in readable and (one.fact not in known or known[one.fact].value != one.value)
    ]
    written = facts_write(ctx, organisation, told, Origin.RECORD, today, {})
    ctx.append(subject=organisation, before=None, after={"facts": selectors.quoted(written)})
    return len(written)


def facts_write(
    ctx: Command, organisation: Organisation, told: Sequence[selectors.Told], origin: Origin, as_of: date, evidence: Mapping[str, str]
) -> list[ProfileFact]:  # fmt: skip
    """Supersede what stood and write what is told."""
    if as_of > timezone.localdate(ctx.now):
        raise Malformed(place="as_of", problem=_("the day lies ahead"))
    readable = selectors.facts_known() if told else {}
    current = profile_locked(organisation)
    rows = []
    for one in told:
        if one.fact not in readable:
            raise FactUnknown(fact=one.fact)
        value_check(readable[one.fact], one.value)
        if standing := current.get(one.fact):
            outweighed(standing, origin, as_of)
            standing.revise(superseded_at=ctx.now)
        rows.append(
            ProfileFact(
                organisation=organisation, jurisdiction=organisation.jurisdiction, fact=one.fact, value=one.value, origin=origin,
                source=one.source, as_of=as_of, evidence=evidence.get(one.fact, ""), recorded_by=person_behind(ctx.actor),
                recorded_at=ctx.now,
            )
        )  # fmt: skip
    return ProfileFact.objects.bulk_create(rows)


def profile_locked(organisation: Organisation) -> dict[str, ProfileFact]:
    """The current facts under lock."""
    rows = ProfileFact.objects.select_for_update(no_key=True).filter(organisation=organisation, superseded_at=None)
    return {row.fact: row for row in rows.order_by("pk")}


def outweighed(standing: ProfileFact, origin: Origin, as_of: date) -> None:
    """Refuse (FactOlder) what is older than what stands, or of the same day and less well founded."""
    rank = (as_of, LATER[origin]) < (standing.as_of, LATER[Origin(standing.origin)])
    if rank:
        raise FactOlder(fact=standing.fact, as_of=standing.as_of, origin=Origin(standing.origin).label)


def value_check(fact: Fact, value: Any) -> None:
    """Refuse (FactWrong) a value that the engine's reader of entities would refuse."""
    known = [rules for rules in rule_sets() if fact.id in rules.facts]
    try:
        integer(Reading(known[0] if known else RuleSet("", ""), "profile"), fact, value)
    except ValueError as problem:
        raise FactWrong(fact=fact.id, problem=problem) from None


def rule_sets() -> list[RuleSet]:
    """Every rule set that profiles are read by: it knows the words of choices."""
    from bashu.policy.formats.rule_files import read_rules
    from bashu.policy.selectors.support import SHIPPED, catalogue_list, offers_of

    return [*(offers_of(catalogue).rules for catalogue in catalogue_list()), read_rules(SHIPPED)]
