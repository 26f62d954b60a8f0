"""Computing what a changed number would do, for a page at once or for a kept study."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from bashu.kernel.parties.models import Organisation
from bashu.policy.engine import whatif
from bashu.policy.engine.faults import RuleFault
from bashu.policy.engine.levies import Population
from bashu.policy.engine.periods import period as period_of
from bashu.policy.engine.rules import RuleSet
from bashu.policy.engine.synthetic import enterprises
from bashu.policy.engine.whatif import Change
from bashu.policy.formats.entities import Entities, read_entities
from bashu.policy.selectors import profiles
from bashu.policy.selectors.library import shipped

MADE_UP = 2000
COLUMNS = ("entity", "place", "before_fen", "after_fen", "difference_fen")
AT_ONCE = 2000  # lines read between two words of progress


class Row(NamedTuple):
    """One entity of a study, in fen."""

    entity: str
    place: str
    before: int
    after: int
    difference: int


class Outcome(NamedTuple):
    """What a study found: figures as plain values, and each entity with a result, the most affected first."""

    figures: dict[str, Any]
    rows: list[Row]


@lru_cache(maxsize=1)
def made_up() -> Entities:
    """The made-up enterprises under the shipped rules."""
    return read_entities((json.dumps(entity) for entity in enterprises(MADE_UP)), shipped(), "made-up.jsonl")


def profiled() -> Entities:
    """The enterprises whose profile the viewer may see: its own, those of an office's side, all for the joint office. Raises FileFaults."""
    return profiles.entities(profiles.profiles_of(), shipped())


def with_names(rows: list[Row]) -> list[Row]:
    """Rows of profiled enterprises with their names in the place of their ids."""
    found = Organisation.objects.filter(public_id__in=[row.entity for row in rows])
    names = {str(public_id): name for public_id, name in found.values_list("public_id", "name_zh")}
    return [row._replace(entity=names.get(row.entity, row.entity)) for row in rows]


def study(rules: RuleSet, change: Change, period: str, told: Entities) -> Outcome:
    """The effect of a change on entities. Raises RuleFault."""
    effect = whatif.effect_of(rules, change, period_of(period), told.population)
    if not effect.levies:
        raise RuleFault(f"no levy rests on {change.parameter}")
    figures = {
        "levies": list(effect.levies),
        "sums": whatif.sums(effect)._asdict(),
        "distribution": [list(row) for row in whatif.distribution(effect)],
        "places": {place: sums._asdict() for place, sums in whatif.by_place(effect, told.places).items()},
    }
    return Outcome(figures, rows_of(effect, told))


def rows_of(effect: whatif.Effect, told: Entities) -> list[Row]:
    """Entities with a result, the most affected first, then in the file's order."""
    order = np.argsort(-np.abs(effect.difference), kind="stable")
    ids, places, difference = told.population.ids, told.places, effect.difference
    return [
        Row(str(ids[index]), places[index], int(effect.before[index]), int(effect.after[index]), int(difference[index]))
        for index in order.tolist()
        if effect.known[index]
    ]


def read_slowly(data: bytes, rules: RuleSet, name: str, heard: Callable[[int], None]) -> Entities:
    """Read an entity file and tell how many lines are behind us. Raises FileFaults."""

    def lines() -> Iterator[bytes]:
        for number, line in enumerate(io.BytesIO(data), start=1):
            if number % AT_ONCE == 0:
                heard(number)
            yield line

    return read_entities(lines(), rules, name)


def written(rows: list[Row]) -> bytes:
    """Rows as gzipped CSV."""
    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS, *rows])
    return gzip.compress(text.getvalue().encode(), mtime=0)


def kept_rows(table: bytes) -> list[Row]:
    """The rows of gzipped CSV."""
    lines = csv.reader(io.StringIO(gzip.decompress(table).decode(), newline=""))
    next(lines)
    return [Row(entity, place, int(before), int(after), int(moved)) for entity, place, before, after, moved in lines]


def change_of(kept: dict[str, Any]) -> Change:
    """A change as a study keeps it."""
    return Change(kept["parameter"], kept["province"], Fraction(kept["value"]), kept.get("choice"))


def none_of(rules: RuleSet) -> Population:
    """Nobody: to see whether a change can be computed at all."""
    return read_entities([], rules).population
