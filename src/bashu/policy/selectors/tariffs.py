"""Tariffs of both provinces and the area side by side."""

from datetime import date
from typing import NamedTuple

from django.db.models import Q

from bashu.policy.models import Measure, Tariff, Territory, Utility


class Compared(NamedTuple):
    """One thing in the three territories; `lower` names those with the lowest known value, empty unless two are known."""

    utility: Utility
    customers: str
    measure: Measure
    cq: Tariff | None
    sc: Tariff | None
    area: Tariff | None
    lower: tuple[str, ...]


def tariffs_compared(on: date) -> list[Compared]:
    """Every price and standard in force on a day, compared."""
    found: dict[tuple[str, str, str], dict[str, Tariff]] = {}
    in_force = Q(valid_from__lte=on) & (Q(valid_to=None) | Q(valid_to__gte=on))
    for row in (
        Tariff.objects.filter(in_force).select_related("organisation").order_by("utility", "measure", "customers")
    ):
        found.setdefault((row.utility, row.measure, row.customers), {})[row.territory] = row
    order = list(Utility.values)
    return [
        Compared(
            Utility(utility), customers, Measure(measure), rows.get(Territory.CQ), rows.get(Territory.SC), rows.get(Territory.AREA),
            lowest(rows),
        )
        for (utility, measure, customers), rows in sorted(found.items(), key=lambda pair: (order.index(pair[0][0]), pair[0][1:]))
    ]  # fmt: skip


def lowest(rows: dict[str, Tariff]) -> tuple[str, ...]:
    """The territories with the lowest value, where at least two in the same unit are known."""
    known = {territory: row for territory, row in rows.items() if row.value is not None}
    if len(known) < 2 or len({row.unit for row in known.values()}) > 1:
        return ()
    least = min(row.value for row in known.values() if row.value is not None)
    return tuple(territory for territory, row in known.items() if row.value == least)
