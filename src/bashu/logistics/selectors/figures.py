"""The figures of the corridors, read as sums by month: whose consignment contributed what stays with the node."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from bashu.kernel.database.prepared import prepared
from bashu.logistics.engine.figures import compound_growth, share
from bashu.logistics.formats.folder import CORRIDORS

FEWEST = 3  # a sum of fewer consignments would tell what one was worth: it is not shown
INDICATORS = ("goods_value", "corridor_teu", "train", "clearance_minutes", "adherence")


class Monthly(NamedTuple):
    """One indicator's month: how many records contributed, their sum, their median and ninth decile."""

    indicator: str
    corridor: str
    mode: str
    month: date
    subjects: int
    total: int
    median: int
    ninth_decile: int


class Figures(NamedTuple):
    """All figures of a span of days. growth: compound, a month, of each corridor's TEU over its whole months, where there are two."""

    since: date
    until: date
    rows: list[Monthly]
    growth: dict[str, float | None]

    def of(self, indicator: str) -> list[Monthly]:
        """One indicator's rows."""
        return [row for row in self.rows if row.indicator == indicator]

    def total(self, indicator: str, corridor: str | None = None) -> int:
        """The sum over the span."""
        return sum(row.total for row in self.of(indicator) if corridor in (None, row.corridor))

    def subjects(self, indicator: str) -> int:
        """How many records contributed."""
        return sum(row.subjects for row in self.of(indicator))

    @property
    def goods_value(self) -> Decimal | None:
        """Yuan of all consignments booked, each once; None for so few that one could be told from the sum."""
        return Decimal(self.total("goods_value")) / 100 if self.subjects("goods_value") >= FEWEST else None

    @property
    def adherence(self) -> float | None:
        """The share of arrivals within their tolerance."""
        return share(self.total("adherence"), self.subjects("adherence"))


def figures(since: date, until: date) -> Figures:
    """What was booked, carried, cleared and kept between two days, both included."""
    rows = [
        Monthly(row[0], row[1], row[2], row[3], *map(int, row[4:]))
        for row in prepared("SELECT * FROM logistics_measured(%s, %s) ORDER BY 1, 2, 3, 4", [since, until])
    ]
    growth = {corridor: growth_of(rows, corridor, since, until) for corridor in CORRIDORS}
    return Figures(since, until, rows, growth)


def growth_of(rows: Iterable[Monthly], corridor: str, since: date, until: date) -> float | None:
    """Compound monthly growth of a corridor's TEU from the first whole month to the last."""
    teu: dict[date, int] = {}
    for row in rows:
        if row.indicator == "corridor_teu" and row.corridor == corridor and whole_month(row.month, since, until):
            teu[row.month] = teu.get(row.month, 0) + row.total
    if not teu:
        return None
    first, last = min(teu), max(teu)
    return compound_growth(teu[first], teu[last], (last.year - first.year) * 12 + last.month - first.month)


def whole_month(month: date, since: date, until: date) -> bool:
    """Whether a span holds all days of a month."""
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return since <= month and following - timedelta(days=1) <= until


def by_month(rows: Sequence[Monthly]) -> dict[date, tuple[int, int]]:
    """Number and sum of rows by month, corridors and modes together."""
    found: dict[date, tuple[int, int]] = {}
    for row in rows:
        number, total = found.get(row.month, (0, 0))
        found[row.month] = number + row.subjects, total + row.total
    return dict(sorted(found.items()))


def figures_out(found: Figures) -> dict[str, Any]:
    """The figures as plain values for JSON: sums of goods in fen, none where fewer than FEWEST consignments stand behind it."""
    return {
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "goods_value_yuan": None if found.goods_value is None else str(found.goods_value),
        "consignments": found.subjects("goods_value"),
        "corridor_teu": {corridor: found.total("corridor_teu", corridor) for corridor in CORRIDORS},
        "corridor_growth_a_month": found.growth,
        "trains": {corridor or "other": found.total("train", corridor) for corridor in ("", *CORRIDORS)},
        "declarations_released": found.subjects("clearance_minutes"),
        "adherence": found.adherence,
        "arrivals": found.subjects("adherence"),
        "months": [
            {
                "indicator": row.indicator,
                "corridor": row.corridor,
                "mode": row.mode,
                "month": f"{row.month:%Y-%m}",
                "subjects": row.subjects,
                "total": None if row.indicator == "goods_value" and row.subjects < FEWEST else row.total,
                "median": None if row.indicator == "goods_value" else row.median,
                "ninth_decile": None if row.indicator == "goods_value" else row.ninth_decile,
            }
            for row in found.rows
        ],
    }
