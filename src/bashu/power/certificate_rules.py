"""The shipped rules of certificates: facts/certificate_rules.toml, each with its source and how sure it is."""

from datetime import date
from functools import cache
from importlib import resources

from bashu.kernel.facts.reader import read_sources, read_toml, sources_check
from bashu.kernel.facts.schema import Fact, Source
from bashu.power.engine.certificates import Rule
from bashu.power.models import Technology

FILE = "certificate_rules.toml"


class RuleFact(Fact):
    """One rule as cited. since, until: the days of commissioning it is for, until not included."""

    id: str
    technology: Technology
    since: date | None = None
    until: date | None = None
    certified: bool
    tradable: bool
    life_months: int

    @property
    def rule(self) -> Rule:
        """As the engine takes it."""
        return Rule(self.id, self.technology, self.since, self.until, self.certified, self.tradable, self.life_months)


@cache
def cited() -> tuple[RuleFact, ...]:
    """Every rule. Raises Malformed (422) when the file is not what it should be."""
    facts = resources.files("bashu.power") / "facts"
    found = read_toml(facts / FILE, RuleFact, table="rule")
    sources_check(FILE, found, sources())
    return found


@cache
def sources() -> dict[str, Source]:
    """Where they were read, by id."""
    return read_sources(resources.files("bashu.power") / "facts" / "certificate_sources.toml")


def rules() -> list[Rule]:
    """Every rule as the engine takes it."""
    return [fact.rule for fact in cited()]
