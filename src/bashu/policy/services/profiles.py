"""Profiles of enterprises: facts recorded with origin, day and evidence; later ones supersede, none is lost."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from bashu.kernel.commands.actor import OFFICES, Role
from bashu.kernel.commands.command import Command, command, plain
from bashu.kernel.errors import Malformed
from bashu.kernel.journal.engine.canonical import canonical
from bashu.kernel.parties.models import Organisation
from bashu.kernel.parties.selectors import person_behind
from bashu.kernel.places.selectors import place_resolve
from bashu.policy.engine.checks import contradictions
from bashu.policy.engine.rules import RuleSet
from bashu.policy.errors import FactFromRecords, FactOlder, FactsDisagree, FactUnknown, FactWrong
from bashu.policy.formats.entities import Reading, integer, read_entities
from bashu.policy.formats.yaml_lines import FileFaults
from bashu.policy.models import Origin, ProfileFact
from bashu.policy.selectors import profiles as selectors
from bashu.policy.selectors.library import shipped
from bashu.policy.selectors.profiles import FROM_RECORDS, INVESTMENT, PLACE, Readable, Told
from bashu.policy.wording import label

LATER = {Origin.DECLARED: 0, Origin.RECORD: 1, Origin.AUTHORITY: 2}  # who outweighs whom for the same day
SEE_RECORDS = {Role.COORDINATOR, Role.ENTERPRISE}  # who sees other systems' records of an enterprise whole


@command("policy.profile.record", roles=OFFICES | {Role.ENTERPRISE}, at="organisation")
def profile_record(
    *, ctx: Command, organisation: Organisation, facts: Mapping[str, Any], as_of: date, evidence: Mapping[str, str] | None = None
) -> Organisation:  # fmt: skip
    """Record facts of an enterprise as of a day: declared when the enterprise does it, stated by an authority when an office does.

    facts: by the names that rules read, as entity files write them (money a decimal string in yuan); under a table's name the
    whole list of its rows. evidence: SHA-256 by fact. Refuses unknown facts, values out of range, days to come, facts that
    contradict one another, what would overwrite something newer or better founded, and a declaration of what records tell.
    """
    if as_of > timezone.localdate(ctx.now):
        raise Malformed(place="as_of", problem=_("the day lies ahead"))
    origin = Origin.DECLARED if ctx.grant.role == Role.ENTERPRISE else Origin.AUTHORITY
    if origin is Origin.DECLARED and (own := sorted({*facts} & {*FROM_RECORDS})):
        raise FactFromRecords(fact=own[0])
    facts_check(facts, selectors.readable(), as_of)
    standing = standing_locked([organisation.public_id]).get(organisation.public_id, {})
    for name in facts:
        if name in standing and outweighs(standing[name], origin, as_of):
            known = standing[name]
            raise FactOlder(fact=name, as_of=known.as_of, origin=Origin(known.origin).label)
    agree_check({**{name: row.value for name, row in standing.items()}, **facts}, as_of)
    told = {organisation: [Told(name, value, ctx.grant.organisation_name) for name, value in facts.items()]}
    written = facts_write(ctx, told, {organisation.public_id: standing}, origin, as_of, evidence or {})
    ctx.append(subject=organisation, before=None, after={"as_of": as_of, "facts": selectors.quoted(written)})
    return organisation


@command("policy.profile.refresh", roles=SEE_RECORDS, at="organisation")
def profile_refresh(*, ctx: Command, organisation: Organisation) -> int:
    """Take into the profile what other systems' records tell; answers how many facts changed.

    For the enterprise itself and the joint office: an office of one province does not see all of these records.
    """
    written = records_take(ctx, [organisation])
    ctx.append(subject=organisation, before=None, after={"facts": selectors.quoted(written)})
    return len(written)


def records_take(ctx: Command, organisations: Sequence[Organisation]) -> list[ProfileFact]:
    """Write what other systems' records tell of enterprises, where that is news; the caller appends to the journal.

    What an authority stated for a later day, or for the same, stands. Facts that no rule reads are not taken.
    """
    today = timezone.localdate(ctx.now)
    known = selectors.facts_known()
    standing = standing_locked([body.public_id for body in organisations])
    found = selectors.told_elsewhere(organisations, today)
    news = {}
    for body in organisations:
        own = standing.get(body.public_id, {})
        news[body] = [
            one
            for one in found[body.public_id]
            if one.fact in known
            and (
                one.fact not in own
                or (own[one.fact].value != one.value and not outweighs(own[one.fact], Origin.RECORD, today))
            )
        ]
    return facts_write(ctx, news, standing, Origin.RECORD, today, {})


def facts_write(
    ctx: Command, told: Mapping[Organisation, Sequence[Told]], standing: Mapping[UUID, Mapping[str, ProfileFact]], origin: Origin,
    as_of: date, evidence: Mapping[str, str],
) -> list[ProfileFact]:  # fmt: skip
    """Supersede what stood (rows under lock) and write what is told."""
    by, rows, over = person_behind(ctx.actor), [], []
    for organisation, facts in told.items():
        for one in facts:
            if known := standing.get(organisation.public_id, {}).get(one.fact):
                over.append(known.pk)
            rows.append(
                ProfileFact(
                    organisation=organisation, jurisdiction=organisation.jurisdiction, fact=one.fact, value=one.value, origin=origin,
                    source=one.source, as_of=as_of, evidence=evidence.get(one.fact, ""), recorded_by=by, recorded_at=ctx.now,
                )
            )  # fmt: skip
    if over:
        ProfileFact.objects.filter(pk__in=over).update(superseded_at=ctx.now, version=F("version") + 1)
    return ProfileFact.objects.bulk_create(rows)


def standing_locked(organisations: Sequence[UUID]) -> dict[UUID, dict[str, ProfileFact]]:
    """The current facts of enterprises under lock, by name."""
    found: dict[UUID, dict[str, ProfileFact]] = {}
    current = ProfileFact.objects.select_for_update(no_key=True).filter(superseded_at=None)
    for row in current.filter(organisation__public_id__in=organisations).order_by("pk"):
        found.setdefault(row.organisation_id, {})[row.fact] = row
    return found


def outweighs(standing: ProfileFact, origin: Origin, as_of: date) -> bool:
    """Whether what stands is newer than a word of `as_of`, or of the same day and better founded."""
    return (as_of, LATER[origin]) < (standing.as_of, LATER[Origin(standing.origin)])


def digests(rows: Sequence[ProfileFact]) -> list[list[str]]:
    """For a batch's journal entry: each enterprise with the digest of the facts written for it."""
    own: dict[UUID, list[ProfileFact]] = {}
    for row in rows:
        own.setdefault(row.organisation_id, []).append(row)
    return [
        [str(one), sha256(canonical(plain(selectors.quoted(facts)))).hexdigest()] for one, facts in sorted(own.items())
    ]


def facts_check(facts: Mapping[str, Any], known: Readable, on: date) -> None:
    """Refuse (FactUnknown, FactWrong) what the engine's reader of entities would refuse."""
    left = dict(facts)
    try:
        if INVESTMENT.id in left:
            integer(Reading(RuleSet("", ""), "profile"), INVESTMENT, left.pop(INVESTMENT.id))
    except ValueError as problem:
        raise FactWrong(fact=INVESTMENT.id, problem=problem) from None
    if PLACE.id in left:
        said = str(left.pop(PLACE.id))
        if (code := place_resolve(said, as_of=on).code) != said:
            raise FactWrong(fact=PLACE.id, problem=_("write its code, {code}").format(code=code))
    for rules in known.rules:
        own = {name: left.pop(name) for name in list(left) if name in rules.facts or name in rules.tables}
        rows_check(own, rules)
    if left:
        raise FactUnknown(fact=min(left))


def agree_check(profile: Mapping[str, Any], on: date) -> None:
    """Refuse (FactsDisagree) facts that contradict one another, by the checks of the shipped rules."""
    rules = shipped()
    own = {name: value for name, value in profile.items() if name in rules.facts or name in rules.tables}
    population = read_entities([json.dumps({"id": "profile", **own}, default=str)], rules, "profile").population
    for _index, check in contradictions(rules, population, on):
        raise FactsDisagree(problem=label(check.label))


def rows_check(own: Mapping[str, Any], rules: RuleSet) -> None:
    """Read some facts and tables as one entity of a rule set."""
    for name, value in own.items():
        if value is None:
            raise FactWrong(fact=name, problem=_("a value is needed"))
    try:
        told = read_entities([json.dumps({"id": "profile", **own}, default=str)], rules, "profile") if own else None
    except FileFaults as faults:
        _where, name, problem = faults.faults[0].split(": ", 2)
        raise FactWrong(fact=name, problem=problem) from None
    if told and told.unknown:
        raise FactUnknown(fact=min(told.unknown))
