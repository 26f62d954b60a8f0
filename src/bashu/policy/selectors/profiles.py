"""Profiles: what is known of an enterprise, what other systems' records tell of it, and what it pays as its profile stands."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.utils import timezone

from bashu.kernel.commands.command import label_of
from bashu.kernel.indicators.registry import day_end
from bashu.kernel.parties.models import Organisation, OrganisationState
from bashu.logistics.selectors.bookings import Carried, carried
from bashu.policy.engine.rules import Fact, RuleSet, Table
from bashu.policy.formats.entities import Entities, read_entities
from bashu.policy.models import Catalogue, ProfileFact
from bashu.policy.results import levy_results
from bashu.policy.selectors.library import compiled, shipped
from bashu.policy.selectors.support import catalogue_list, offers_of
from bashu.power.selectors.certificates import Used, used_up

INVESTMENT = Fact("investment", {"zh": "项目投资额", "en": "Investment"}, "", unit="yuan", decimals=2)
PLACE = Fact("place", {"zh": "所在区县（行政区划代码）", "en": "Division it stands in (code)"}, "", kind="text")
GENERAL = {fact.id: fact for fact in (INVESTMENT, PLACE)}  # facts that no rule file declares
SIDE, TEU, FREIGHT, GREEN = FROM_RECORDS = ("registered_in", "shipped_teu", "freight_agreed", "green_retired")
TWELVE_MONTHS = timedelta(days=365)


class Told(NamedTuple):
    """A fact as it is told, and by whom: an office, an enterprise, or the records that tell it."""

    fact: str
    value: Any
    source: str


class Readable(NamedTuple):
    """What a profile can hold: the rule sets by which facts and tables are read; the shipped rules come first."""

    rules: tuple[RuleSet, ...]

    @property
    def facts(self) -> dict[str, Fact]:
        """Every fact of an enterprise that some rule or current catalogue reads, by name."""
        return {**GENERAL, **{name: fact for rules in reversed(self.rules) for name, fact in rules.facts.items()}}

    @property
    def tables(self) -> dict[str, Table]:
        """Every table of rows, by name."""
        return {name: table for rules in reversed(self.rules) for name, table in rules.tables.items()}

    @property
    def choices(self) -> dict[str, tuple[str, ...]]:
        """The words of every choice, by its name."""
        return {name: words for rules in reversed(self.rules) for name, words in rules.choices.items()}


def readable() -> Readable:
    """What can be read today: the shipped rules and the catalogues that hold."""
    return Readable((shipped(), *(offers_of(catalogue).rules for catalogue in catalogue_list())))


def facts_known() -> dict[str, Fact]:
    """Every fact of an enterprise that some rule or current catalogue reads, by name."""
    return readable().facts


def profile_of(organisation: UUID) -> dict[str, ProfileFact]:
    """The current facts of an enterprise, by name."""
    return profiles_of([organisation]).get(organisation, {})


def profiles_of(organisations: Iterable[UUID] | None = None) -> dict[UUID, dict[str, ProfileFact]]:
    """The current facts of some enterprises, or of all whose profile the viewer may see, in one query."""
    found: dict[UUID, dict[str, ProfileFact]] = {}
    rows = ProfileFact.objects.filter(superseded_at=None).order_by("organisation_id", "fact")
    if organisations is not None:
        rows = rows.filter(organisation__public_id__in=list(organisations))
    for row in rows:
        found.setdefault(row.organisation_id, {})[row.fact] = row
    return found


def profiled_list() -> QuerySet[Organisation]:
    """The enterprises of which the viewer may see a profile, each with how many facts are known and the latest day told of."""
    own = ProfileFact.objects.filter(superseded_at=None, organisation=OuterRef("public_id")).order_by()
    facts, latest = own.values("organisation").annotate(number=Count("pk")), own.order_by("-as_of")
    return (
        Organisation.objects.filter(Exists(own))
        .annotate(facts=Subquery(facts.values("number")), latest=Subquery(latest.values("as_of")[:1]))
        .order_by("name_zh")
    )


def profiled_count() -> int:
    """Of how many enterprises the viewer may see a profile."""
    current = ProfileFact.objects.filter(superseded_at=None)
    return current.values("organisation").distinct().count()


def enterprises_known(as_of: date) -> list[Organisation]:
    """The active organisations of which a profile, or another system's record of the 365 days before a day, tells something."""
    profiled = ProfileFact.objects.filter(superseded_at=None).values_list("organisation__public_id", flat=True)
    known = {*profiled.distinct(), *carried(*span(as_of)), *used_up(*span(as_of))}
    return list(Organisation.objects.filter(public_id__in=known, state=OrganisationState.ACTIVE).order_by("public_id"))


def profile_history(organisation: UUID) -> QuerySet[ProfileFact]:
    """All that was ever recorded of an enterprise, newest first."""
    return ProfileFact.objects.filter(organisation__public_id=organisation).order_by("fact", "-as_of", "-pk")


def told_elsewhere(organisations: Sequence[Organisation], as_of: date) -> dict[UUID, list[Told]]:
    """What other systems' records tell of enterprises: where each is registered, and of the 365 days up to and with `as_of` what
    was delivered for it as a shipper and which green certificates were retired for it; 0 where nothing was.

    Whoever asks must see those records whole: the joint office, or the enterprise itself.
    """
    ids = [body.public_id for body in organisations]
    goods, green = carried(*span(as_of), shippers=ids), used_up(*span(as_of), beneficiaries=ids)
    return {
        body.public_id: [
            Told(SIDE, body.jurisdiction, label_of(body)),
            *shipped_by(goods.get(body.public_id)),
            *retired_for(green.get(body.public_id)),
        ]
        for body in organisations
    }


def span(as_of: date) -> tuple[datetime, datetime]:
    """The 365 days up to and with a day."""
    until = day_end(as_of)
    return until - TWELVE_MONTHS, until


def shipped_by(found: Carried | None) -> list[Told]:
    """The facts that consignments tell. The source names how many there are, the first and the last."""
    if found is None:
        return [Told(TEU, 0, "logistics.consignment 0"), Told(FREIGHT, "0.00", "logistics.consignment 0")]
    source = f"logistics.consignment {found.consignments} ({found.first} – {found.last})"
    return [Told(TEU, found.teu, source), Told(FREIGHT, f"{Decimal(found.freight_fen) / 100:.2f}", source)]


def retired_for(found: Used | None) -> list[Told]:
    """The fact that retirements of certificates tell."""
    if found is None:
        return [Told(GREEN, 0, "power.retirement 0")]
    first, last = (timezone.localdate(one) for one in (found.first, found.last))
    return [Told(GREEN, found.mwh, f"power.retirement {found.retirements} ({first} – {last})")]


def quoted(rows: Iterable[ProfileFact]) -> dict[str, dict[str, Any]]:
    """Facts as an application or an offer keeps them: value, origin, source, day, evidence."""
    return {
        row.fact: {
            "value": row.value, "origin": row.origin, "source": row.source, "as_of": row.as_of.isoformat(), "evidence": row.evidence,
        }
        for row in rows
    }  # fmt: skip


def asked_by(catalogue: Catalogue) -> dict[str, Fact]:
    """The facts that a catalogue's items read, and the investment where support is limited to a share of it."""
    offers = offers_of(catalogue)
    names = {name for item in catalogue.items.all() for name in item.facts}
    found = {name: fact for name, fact in offers.rules.facts.items() if name in names}
    return found | ({INVESTMENT.id: INVESTMENT} if offers.catalogue.share else {})


def entities(profiles: Mapping[UUID, Mapping[str, ProfileFact]], rules: RuleSet) -> Entities:
    """Profiles as entities of a rule set: facts and tables by name, the organisation's id as theirs. Raises FileFaults."""
    names = {*rules.facts, *rules.tables, PLACE.id}
    lines = (
        json.dumps({"id": str(one), **{name: row.value for name, row in facts.items() if name in names}})
        for one, facts in profiles.items()
    )
    return read_entities(lines, rules, "profiles")


def levies_of(
    profiles: Mapping[UUID, Mapping[str, ProfileFact]], period: str, *, why: bool = False
) -> list[dict[str, Any]]:
    """What enterprises pay as their profiles stand, each levy under both provinces' rules: as `bashu policy evaluate` answers."""
    program = compiled(period)
    return list(levy_results(program, entities(profiles, program.rules).population, why=why))
