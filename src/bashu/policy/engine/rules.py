"""Rules as plain values: facts, parameters, definitions, levies, support items.

`place` is where the rule is written (file:line), for every message about it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from bashu.policy.engine.faults import RuleFault

PROVINCES = ("CQ", "SC")
NATION = "CN"
Label = Mapping[str, str]  # language → text
SILENT: Label = {"zh": "", "en": ""}  # nothing to note


@dataclass(frozen=True)
class Fact:
    """What an entity, or a row of its table, tells. Numbers are kept as integers of `decimals` places of `unit`."""

    id: str
    label: Label
    place: str
    kind: str = "number"  # number, boolean, choice, date, text
    unit: str = "1"
    decimals: int = 0
    low: Fraction = Fraction(0)
    high: Fraction = Fraction(10**12)
    choice: str | None = None
    default: object = None


@dataclass(frozen=True)
class Table:
    """Child rows of an entity; no entity has more than `rows` of them."""

    id: str
    label: Label
    place: str
    facts: Mapping[str, Fact]
    rows: int = 1000


@dataclass(frozen=True)
class Version:
    """A parameter's value in a jurisdiction from one day to another, with what says so.

    value: an exact number; a number by choice; or brackets (threshold, number), thresholds ascending.
    """

    jurisdiction: str
    start: date
    end: date | None
    value: Fraction | Mapping[str, Fraction] | tuple[tuple[Fraction, Fraction], ...] | None
    status: str
    source: str
    place: str
    note: Label = field(default_factory=lambda: SILENT)

    def holds(self, on: date) -> bool:
        """Whether it is in force on a day."""
        return self.start <= on and (self.end is None or on <= self.end)


@dataclass(frozen=True)
class Parameter:
    """A dated, cited, jurisdictional number."""

    id: str
    label: Label
    place: str
    unit: str
    versions: tuple[Version, ...]
    choice: str | None = None
    threshold_unit: str | None = None

    def in_force(self, jurisdiction: str, on: date) -> Version | None:
        """The jurisdiction's own version on a day, else the national one. Raises RuleFault when two of it hold."""
        for wanted in (jurisdiction, NATION):
            held = [version for version in self.versions if version.jurisdiction == wanted and version.holds(on)]
            if len(held) > 1:
                raise RuleFault(f"{held[1].place}: two versions of {self.id} {wanted} hold on {on}")
            if held:
                return held[0]
        return None


@dataclass(frozen=True)
class Exemption:
    """A value that takes the general one's place when `when` holds; it outranks those named in `over`."""

    id: str
    when: str
    value: str
    over: tuple[str, ...]
    place: str


@dataclass(frozen=True)
class Formula:
    """An expression, or a general value with exceptions to it."""

    text: str
    place: str
    exceptions: tuple[Exemption, ...] = ()
    start: date = date.min
    end: date | None = None

    def holds(self, on: date) -> bool:
        """Whether it is in force on a day."""
        return self.start <= on and (self.end is None or on <= self.end)


@dataclass(frozen=True)
class Definition:
    """A named value that rules share; outside its formulas' dates it is zero."""

    id: str
    label: Label
    place: str
    formulas: tuple[Formula, ...]

    def in_force(self, on: date) -> Formula | None:
        """The formula of a day. Raises RuleFault when two hold."""
        held = [formula for formula in self.formulas if formula.holds(on)]
        if len(held) > 1:
            raise RuleFault(f"{held[1].place}: two formulas of {self.id} hold on {on}")
        return held[0] if held else None


@dataclass(frozen=True)
class Relief:
    """When `when` holds: `pay` is the share still due, or `less` the amount taken off. Applied in the order written."""

    id: str
    label: Label
    place: str
    when: str
    pay: str | None
    less: str | None
    status: str
    source: str
    start: date = date.min
    end: date | None = None

    def holds(self, on: date) -> bool:
        """Whether it is in force on a day."""
        return self.start <= on and (self.end is None or on <= self.end)


@dataclass(frozen=True)
class Accrual:
    """How a levy falls due: by month or day of the year in which a rate is in force, or by event on a date."""

    by: str
    date: str | None = None


@dataclass(frozen=True)
class Levy:
    """A tax or fee: base × rate (or `amount`), reliefs in order, cap, rounding to fen. Without a single rate there is none to compare."""

    id: str
    label: Label
    place: str
    accrual: Accrual
    base: Formula
    rate: Formula | None
    amount: Formula | None
    reliefs: tuple[Relief, ...]
    cap: Formula | None
    rounding: str
    comparand: bool
    sources: tuple[str, ...]
    setter: Label
    start: date
    end: date | None
    kind: str = "tax"
    area: str | None = None


@dataclass(frozen=True)
class Source:
    """A publication a number was read in; its title is as printed (zh) and in English."""

    id: str
    title: Label
    place: str
    url: str | None = None
    note: Label = field(default_factory=lambda: SILENT)


@dataclass(frozen=True)
class Check:
    """A condition that facts must meet together, or they contradict one another."""

    id: str
    label: Label
    place: str
    holds: str


@dataclass(frozen=True)
class Area:
    """One of the areas that the two governments' measures are divided into, with its words."""

    id: str
    label: Label
    place: str
    quote: str
    status: str
    source: str


@dataclass(frozen=True)
class Delegation:
    """Powers (id → name) that one side gave to a holder, from one day to another; over which divisions, empty: not told."""

    id: str
    label: Label
    place: str
    side: str
    holder: Label
    powers: Mapping[str, Label]
    divisions: tuple[str, ...]
    start: date
    end: date | None
    status: str
    source: str
    note: Label = field(default_factory=lambda: SILENT)
    area: str | None = None

    def holds(self, on: date) -> bool:
        """Whether it is in force on a day."""
        return self.start <= on and (self.end is None or on <= self.end)


@dataclass(frozen=True)
class Quota:
    """A dated, cited amount that is shared out: construction land, for one. Versions as of a parameter."""

    id: str
    label: Label
    place: str
    unit: str
    versions: tuple[Version, ...]
    area: str | None = None


@dataclass(frozen=True)
class RuleSet:
    """Everything the files of one folder say; `digest` changes with every byte of them."""

    name: str
    digest: str
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    facts: Mapping[str, Fact] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    definitions: Mapping[str, Definition] = field(default_factory=dict)
    levies: Mapping[str, Levy] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    checks: Mapping[str, Check] = field(default_factory=dict)
    areas: Mapping[str, Area] = field(default_factory=dict)
    delegations: Mapping[str, Delegation] = field(default_factory=dict)
    quotas: Mapping[str, Quota] = field(default_factory=dict)

    @property
    def numbers(self) -> list[Parameter | Quota]:
        """Whatever is dated and cited with versions."""
        return [*self.parameters.values(), *self.quotas.values()]
