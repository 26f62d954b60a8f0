"""Profiles: what is known of an enterprise, and what other systems know of it."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from bashu.kernel.commands.command import label_of
from bashu.kernel.parties.models import Organisation
from bashu.policy.engine.rules import Fact
from bashu.policy.formats.rule_files import read_rules
from bashu.policy.models import Catalogue, ProfileFact
from bashu.policy.selectors.support import SHIPPED, catalogue_list, offers_of

INVESTMENT = Fact("investment", {"zh": "项目投资额", "en": "Investment"}, "", unit="yuan", decimals=2)


class Told(NamedTuple):
    """A fact that another system's records tell, and the record."""

    fact: str
    value: Any
    source: str


@lru_cache
def shipped_facts() -> dict[str, Fact]:
    """The facts that the shipped levies read."""
    return dict(read_rules(SHIPPED).facts)


def facts_known() -> dict[str, Fact]:
    """Every fact of an enterprise that some rule or current catalogue reads, by name."""
    found = {**shipped_facts(), INVESTMENT.id: INVESTMENT}
    for catalogue in catalogue_list():
        found |= offers_of(catalogue).rules.facts
    return found


def profile_of(organisation: UUID) -> dict[str, ProfileFact]:
    """The current facts of an enterprise, by name."""
    current = ProfileFact.objects.filter(organisation__public_id=organisation, superseded_at=None).order_by("fact")
    return {row.fact: row for row in current}


def profiles_of(organisations: Iterable[UUID]) -> dict[UUID, dict[str, ProfileFact]]:
    """The current facts of many enterprises, in one query."""
    found: dict[UUID, dict[str, ProfileFact]] = {}
    rows = ProfileFact.objects.filter(organisation__public_id__in=list(organisations), superseded_at=None).order_by(
        "fact"
    )
    for row in rows:
        found.setdefault(row.organisation_id, {})[row.fact] = row
    return found


def profile_history(organisation: UUID) -> QuerySet[ProfileFact]:
    """All that was ever recorded of an enterprise, newest first."""
    return ProfileFact.objects.filter(organisation__public_id=organisation).order_by("fact", "-as_of", "-pk")


def told_elsewhere(organisation: Organisation, as_of: date) -> list[Told]:
    """What other systems' records tell of an enterprise. At present that is its registration: on which side it stands."""
    assert as_of is not None
    return [Told("registered_in", organisation.jurisdiction, label_of(organisation))]


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
