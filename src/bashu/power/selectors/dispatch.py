"""Reading cases, runs and divisions, and computing what their jobs keep: the region's facts over a case's horizon."""

from collections.abc import Callable, Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from django.db.models import Count, Q, QuerySet
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from bashu.methods import games
from bashu.power.engine import hours as hourly
from bashu.power.engine import region as model
from bashu.power.engine.coalitions import Division, divide, ownership
from bashu.power.engine.dispatch import Answer, answer_of
from bashu.power.engine.model import Model
from bashu.power.engine.network import Network
from bashu.power.engine.scenarios import ScenarioResult, Weather, sweep, tree
from bashu.power.errors import CaseStale, HorizonRefused
from bashu.power.formats import hours as hours_file
from bashu.power.formats.region import region_facts, region_of
from bashu.power.models import Case, Configuration, DispatchRun, GameResult, Season, Status

THOUSANDTH = Decimal("0.001")
READ_RUNS = 12  # tables of hours kept in memory
FEN = 100
PROBLEMS = {  # what the engine says of a horizon, in the reader's language
    "the horizon leaves its year": _("it leaves its year"),
    "the step does not divide the horizon": _("the step does not divide the hours"),
}


class Outcome(NamedTuple):
    """What a dispatch is kept as: plain values (residuals as text), the hours as Parquet; without an optimum only the status."""

    status: str
    fields: dict[str, Any]
    hourly: bytes


def case_list() -> QuerySet[Case]:
    """Cases, newest first, with how many of their runs have an optimum."""
    solved = Count("runs", filter=Q(runs__status=Status.OPTIMAL), distinct=True)
    return Case.objects.select_related("organisation").annotate(solved=solved).order_by("-created_at", "-id")


def run_list(*, case: Case | None = None) -> QuerySet[DispatchRun]:
    """Runs without their hours, newest first; of one case when it is named."""
    runs = DispatchRun.objects.select_related("case").defer("hourly").order_by("-id")
    return runs.filter(case=case) if case else runs


def runs_by_configuration(case: Case) -> dict[str, DispatchRun]:
    """The newest optimum of each configuration, in the order separate, joint, with the line."""
    newest: dict[str, DispatchRun] = {}
    for run in run_list(case=case).filter(status=Status.OPTIMAL):
        newest.setdefault(run.configuration, run)
    return {kind: newest[kind] for kind in Configuration.values if kind in newest}


def game_list(*, case: Case | None = None) -> QuerySet[GameResult]:
    """Divisions, newest first; of one case when it is named."""
    games_kept = GameResult.objects.select_related("case").order_by("-id")
    return games_kept.filter(case=case) if case else games_kept


def hours_of(run: DispatchRun) -> tuple[list[str], hourly.Hours]:
    """Every hour of a run. What was read stays in memory a while: a run's hours never change."""
    return read_hours(run.public_id, run.hourly_digest)


@lru_cache(maxsize=READ_RUNS)
def read_hours(public_id: UUID, digest: str) -> tuple[list[str], hourly.Hours]:  # noqa: ARG001 - the digest tells databases apart
    """The stored table of a run."""
    content = DispatchRun.objects.values_list("hourly", flat=True).get(public_id=public_id)
    assert content is not None, "an optimum has its hours"
    return hours_file.read(bytes(content))


def horizon_of(case: Case) -> model.Horizon:
    """A case's horizon in local time, as the engine takes it."""
    local = localtime(case.starts_at).replace(tzinfo=None)
    return model.Horizon(local, case.hours, case.step, case.season, case.seed)


def network_for(horizon: model.Horizon, *, voll_fen: int) -> Network:
    """The region over a horizon. Raises HorizonRefused (422)."""
    try:
        return model.network_of(region_of(region_facts()), horizon, voll=voll_fen / FEN)
    except ValueError as error:
        raise HorizonRefused(problem=PROBLEMS.get(str(error), str(error))) from error


def network_of(case: Case, *, voll_fen: int | None = None) -> Network:
    """A case's network, or the same at another value of lost load. Raises CaseStale (409) when the facts have changed since."""
    network = network_for(horizon_of(case), voll_fen=case.voll_fen)
    if model.digest_of(network) != case.network_digest:
        raise CaseStale
    return network if voll_fen is None else network_for(horizon_of(case), voll_fen=voll_fen)


def solved(
    case: Case, configurations: Iterable[str], *, cancelled: Callable[[], bool] | None = None
) -> Iterator[tuple[str, Outcome]]:
    """Solve a case's configurations one after another on one living model, each from where the last one stood."""
    region = region_of(region_facts())
    living = Model(network_of(case), carbon_price=case.carbon_price_fen / FEN)
    shut: list[str] = []
    for configuration in configurations:
        living.switch("links", shut, on=True)
        shut = model.closed_in(region, configuration)
        living.switch("links", shut, on=False)
        yield configuration, outcome_of(answer_of(living, cancelled=cancelled), region)


def outcome_of(answer: Answer, region: model.Region) -> Outcome:
    """An answer as it is kept."""
    if answer.status != "optimal":
        return Outcome(Status.INFEASIBLE if answer.status == "infeasible" else Status.FAILED, {}, b"")
    series = hourly.hours_of(answer, region)
    totals = hourly.totals_of(answer, region, series)
    written = hours_file.write(answer.model.network.snapshots, series)
    fields = {
        "objective_fen": fen(totals.objective),
        "unserved_mwh": rounded(totals.unserved_mwh),
        "curtailed_mwh": rounded(totals.curtailed_mwh),
        "exchanged_mwh": rounded(totals.exchanged_mwh),
        "co2_t": rounded(totals.co2_t),
        "primal_residual": f"{answer.residuals.primal:.3e}",
        "dual_gap": f"{answer.residuals.gap:.3e}",
        "figures": {side: whole_of(figures._asdict()) for side, figures in totals.sides.items()},
        "hourly_digest": written.digest,
    }
    return Outcome(Status.OPTIMAL, fields, written.content)


def whole_of(figures: dict[str, Any]) -> dict[str, Any]:
    """A province's figures in whole MWh and tonnes."""
    return {
        name: whole_of(value) if isinstance(value, dict) else int(np.floor(value + 0.5))
        for name, value in figures.items()
    }


def divided(
    game: GameResult,
    *,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """Solve every coalition of a case's game and divide what they save, as it is kept. Raises Unsolvable as the engine does."""
    region = region_of(region_facts())
    network = network_of(game.case, voll_fen=game.voll_fen)
    own = ownership(network, model.players_of(region))
    existing = model.links_named(region, "tie", "link", "inner") if game.baseline == "ties" else ()
    found = divide(
        network,
        own,
        baseline=game.baseline,
        existing=existing,
        weights=game.weights,
        carbon_price=game.case.carbon_price_fen / FEN,
        progress=progress,
        cancelled=cancelled,
    )
    return division_of(found)


def leaves_of(
    case: Case, *, progress: Callable[[int, int], None] | None = None, cancelled: Callable[[], bool] | None = None
) -> list[dict[str, Any]]:
    """The scenario tree of a case: its hours in every season, with the ultra-high-voltage line open and out of service.

    A leaf that is the case's own dispatch costs what that costs. Leaves after a cancel have the status `cancelled`.
    """
    region, here = region_of(region_facts()), horizon_of(case)
    network_of(case)  # refuses facts that have changed
    branches = [(kind, model.closed_in(region, kind), 0.0) for kind in (Configuration.UHV, Configuration.JOINT)]
    total, found = len(Season.values) * len(branches), list[dict[str, Any]]()
    for season in Season.values:
        network = network_for(here._replace(season=season), voll_fen=case.voll_fen)
        before = len(found)

        def tell(done: int, _all: int, before: int = before) -> None:
            if progress is not None:
                progress(before + done, total)

        leaves = sweep(
            network,
            tree([Weather(season)], branches),
            tell,
            carbon_price=case.carbon_price_fen / FEN,
            cancelled=cancelled,
        )
        found += [leaf_of(season, kind, leaf) for (kind, _closed, _share), leaf in zip(branches, leaves, strict=True)]
    return found


def leaf_of(season: str, configuration: str, leaf: ScenarioResult) -> dict[str, Any]:
    """A leaf as a job keeps it: fen, and text for energy; null without an optimum."""
    solved = leaf.status == "optimal"
    energy = {name: str(rounded(value)) if solved else None for name, value in leaf.energy._asdict().items()}
    return {
        "season": str(season),
        "configuration": str(configuration),
        "status": leaf.status,
        "objective_fen": fen(leaf.objective) if solved else None,
        **energy,
    }


def division_of(found: Division) -> dict[str, Any]:
    """A division in fen. Each rule's payoffs sum to v(N) to the fen: what rounding leaves goes to the largest remainders."""
    whole = fen(float(found.values[-1]))
    rules = {"shapley": found.shapley, "nucleolus": found.nucleolus.payoff, "nash": found.nash}
    return {
        "values_fen": [fen(float(value)) for value in found.values],
        "costs": [
            {
                "fen": fen(cost.money),
                "unserved_mwh": str(rounded(cost.energy.unserved_mwh)),
                "curtailed_mwh": str(rounded(cost.energy.curtailed_mwh)),
                "co2_t": str(rounded(cost.energy.co2_t)),
            }
            for cost in found.costs
        ],
        "payoffs": {rule: shared(payoff, whole) for rule, payoff in rules.items()}
        | {"settlement": [fen(float(value)) for value in found.settlement]},
        "certificate": [
            {"excess_fen": fen(level), "coalitions": coalitions, "weights": [f"{weight:.9g}" for weight in weights]}
            for level, coalitions, weights in found.nucleolus.levels
        ],
        "certified": bool(games.certified(found.values, found.nucleolus)),
        "core_empty": bool(found.least_core.core_is_empty(found.values)),
        "shapley_in_core": bool(games.in_core(found.values, found.shapley)),
        "least_core_epsilon_fen": fen(found.least_core.epsilon),
    }


def shared(payoff: np.ndarray, total: int) -> list[int]:
    """Payoffs in whole fen that sum to `total`: rounded down, then a fen more for the largest remainders.

    >>> shared(np.array([33.333, 33.333, 33.334]), 10000)
    [3333, 3333, 3334]
    """
    exact = payoff * FEN
    whole = np.floor(exact).astype(int)
    order = np.argsort(whole - exact, kind="stable")
    for i in range(abs(total - int(whole.sum()))):
        whole[order[i % len(order)]] += np.sign(total - int(whole.sum()))
    return [int(value) for value in whole]


def fen(money: float) -> int:
    """Yuan as whole fen, half up."""
    return int(np.floor(money * FEN + 0.5))


def rounded(value: float) -> Decimal:
    """A figure with three decimals, half up."""
    return Decimal(str(value)).quantize(THOUSANDTH, ROUND_HALF_UP)
