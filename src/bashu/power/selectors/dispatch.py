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

from bashu.kernel.jobs.mapping import map_jobs
from bashu.methods import games
from bashu.power.engine import hours as hourly
from bashu.power.engine import region as model
from bashu.power.engine.coalitions import Division, divide, ownership
from bashu.power.engine.dispatch import Answer, answer_of
from bashu.power.engine.model import Model
from bashu.power.engine.network import Network
from bashu.power.engine.stitched import Mapper, Way, dispatch_long, unfit
from bashu.power.errors import CaseStale, HorizonRefused
from bashu.power.formats import hours as hours_file
from bashu.power.formats.region import region_facts, region_of
from bashu.power.models import Case, Configuration, DispatchRun, GameResult, Status

THOUSANDTH = Decimal("0.001")
READ_RUNS = 12  # tables of hours kept in memory
FEN = 100
PROBLEMS = {  # what the engine says of a horizon, in the reader's language
    "the horizon leaves its year": _("it leaves its year"),
    "the horizon begins within an hour": _("it begins within an hour; begin on the hour"),
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
    case: Case,
    configurations: Iterable[str],
    *,
    cancelled: Callable[[], bool] | None = None,
    mapper: Mapper = map_jobs,
) -> Iterator[tuple[str, Outcome]]:
    """Solve a case's configurations one after another; see `dispatched`."""
    region, network = region_of(region_facts()), network_of(case)
    price = case.carbon_price_fen / FEN
    for configuration, answer, way in dispatched(
        network, configurations, carbon_price=price, cancelled=cancelled, mapper=mapper
    ):
        yield configuration, outcome_of(answer, region, way)


def dispatched(
    network: Network,
    configurations: Iterable[str],
    *,
    carbon_price: float,
    cancelled: Callable[[], bool] | None = None,
    mapper: Mapper = map_jobs,
) -> Iterator[tuple[str, Answer, Way | None]]:
    """Dispatch the region's network in each configuration.

    A long horizon is solved by pieces on the processes of `mapper`, and its way is told; short ones on one living model, each from
    where the last one stood.
    """
    region = region_of(region_facts())
    if not unfit(network):
        for configuration in configurations:
            apart = model.without(network, model.closed_in(region, configuration))
            yield configuration, *dispatch_long(apart, carbon_price=carbon_price, cancelled=cancelled, mapper=mapper)
        return
    living, shut = Model(network, carbon_price=carbon_price), list[str]()
    for configuration in configurations:
        living.switch("links", shut, on=True)
        shut = model.closed_in(region, configuration)
        living.switch("links", shut, on=False)
        yield configuration, answer_of(living, cancelled=cancelled), None


def outcome_of(answer: Answer, region: model.Region, way: Way | None = None) -> Outcome:
    """An answer as it is kept."""
    told = {"way": way._asdict() if way else {}}
    if answer.status != "optimal":
        return Outcome(Status.INFEASIBLE if answer.status == "infeasible" else Status.FAILED, told, b"")
    series = hourly.hours_of(answer, region)
    totals = hourly.totals_of(answer, region, series)
    written = hours_file.write(answer.model.network.snapshots, series)
    fields = told | {
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
