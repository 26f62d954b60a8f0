"""Scenario trees of a case: its hours in every season, with the ultra-high-voltage line open and out of service."""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import QuerySet

from bashu.power.engine.dispatch import Answer
from bashu.power.models import Case, Configuration, Season, TreeResult
from bashu.power.selectors.dispatch import FEN, dispatched, fen, horizon_of, network_for, network_of, rounded

PERCENT = Decimal("0.01")
BRANCHES = (Configuration.UHV, Configuration.JOINT)  # the line in service, the line out
FIGURES = ("objective_fen", "unserved_mwh", "curtailed_mwh", "spilled_mwh", "co2_t")


def tree_list(*, case: Case | None = None) -> QuerySet[TreeResult]:
    """Trees, newest first; of one case when it is named."""
    trees = TreeResult.objects.select_related("case").order_by("-id")
    return trees.filter(case=case) if case else trees


def leaves_of(
    tree: TreeResult,
    *,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> list[dict[str, Any]]:
    """Solve every leaf of a tree. A leaf that is the case's own dispatch costs what that costs.

    progress: called with leaves done and in all. Leaves after a cancel have the status `cancelled`.
    """
    case, found = tree.case, list[dict[str, Any]]()
    network_of(case)  # refuses facts that have changed
    price, count = case.carbon_price_fen / FEN, len(Season.values) * len(BRANCHES)
    tell = progress or (lambda _done, _all: None)
    tell(0, count)
    for season in Season.values:
        network = network_for(horizon_of(case)._replace(season=season), voll_fen=case.voll_fen)
        for configuration, answer, _way in dispatched(network, BRANCHES, carbon_price=price, cancelled=cancelled):
            found.append(leaf_of(season, configuration, probability(tree, season, configuration), answer))
            tell(len(found), count)
    return found


def probability(tree: TreeResult, season: str, configuration: str) -> Decimal:
    """The chance of the season times that of the line's state."""
    out = tree.out_percent if configuration == Configuration.JOINT else 100 - tree.out_percent
    return int(tree.chances[season]) * PERCENT * out * PERCENT


def leaf_of(season: str, configuration: str, chance: Decimal, answer: Answer) -> dict[str, Any]:
    """A leaf as it is kept: fen, and text for energy and probability; null without an optimum."""
    solved = answer.status == "optimal"
    energy = {name: str(rounded(value)) if solved else None for name, value in answer.energy._asdict().items()}
    return {
        "season": str(season),
        "configuration": str(configuration),
        "probability": str(chance),
        "status": answer.status,
        "objective_fen": fen(answer.objective) if solved else None,
        **energy,
    }


def expected_of(tree: TreeResult) -> dict[str, Decimal] | None:
    """The mean of each figure over the leaves by their probabilities, fen half up; None unless every leaf has an optimum."""
    if not tree.leaves or any(leaf["status"] != "optimal" for leaf in tree.leaves):
        return None
    means = {
        name: sum((Decimal(leaf["probability"]) * Decimal(leaf[name]) for leaf in tree.leaves), Decimal(0)) for name in FIGURES
    }  # fmt: skip
    return means | {"objective_fen": means["objective_fen"].quantize(Decimal(1), ROUND_HALF_UP)}
