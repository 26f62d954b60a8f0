"""Asking for dispatches and divisions of the region, and keeping what came of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bashu.kernel.commands.actor import Role
from bashu.kernel.commands.command import Command, command
from bashu.kernel.jobs.services import job_submit
from bashu.power.engine.region import PLAYERS, SEED, Horizon, digest_of
from bashu.power.errors import CasePublished, ChancesWrong, NothingSolved, Recorded, WeightsWrong
from bashu.power.formats.region import assumptions_of, region_facts
from bashu.power.models import (
    CHANCES,
    OUT_PERCENT,
    Case,
    Configuration,
    DispatchRun,
    GameResult,
    Season,
    Status,
    TreeResult,
)
from bashu.power.selectors import dispatch as selectors

RUNNERS = {Role.OPERATOR, Role.COORDINATOR, Role.AUTHORITY}
RUN_JOB, GAME_JOB, TREE_JOB = "power.dispatch", "power.division", "power.scenarios"
BASELINES = ("isolated", "ties")
EQUAL = (1,) * len(PLAYERS)


@command("power.case.create", roles=RUNNERS)
def case_create(
    *,
    ctx: Command,
    name: str,
    season: Season,
    starts_at: datetime,
    hours: int,
    voll_fen: int,
    step: int = 1,
    name_en: str = "",
    seed: int = SEED,
    carbon_price_fen: int = 0,
) -> Case:
    """Pose a question: the region's model over a horizon. Refuses (HorizonRefused, 422) hours that leave their year.

    The case belongs to the organisation that asks. It keeps the network's digest and every fact it rests on with its status.
    """
    case = Case(
        name=name, name_en=name_en, season=season, starts_at=starts_at, hours=hours, step=step, seed=seed, voll_fen=voll_fen,
        carbon_price_fen=carbon_price_fen, organisation_id=ctx.grant.organisation, jurisdiction=ctx.grant.jurisdiction,
        created_at=ctx.now, assumptions=assumptions_of(region_facts()),
    )  # fmt: skip
    horizon: Horizon = selectors.horizon_of(case)
    case.network_digest = digest_of(selectors.network_for(horizon, voll_fen=voll_fen))
    case.save()
    words = ("name", "season", "starts_at", "hours", "step", "seed", "voll_fen", "carbon_price_fen", "network_digest")
    ctx.append(subject=case, before=None, after={word: getattr(case, word) for word in words})
    return case


@command("power.case.start", roles=RUNNERS)
def case_start(*, ctx: Command, case: dict[str, Any]) -> Case:
    """Pose a question and ask for everything at once: all three configurations, and the division of the gain."""
    made = case_create(ctx=ctx, **case)
    for configuration in Configuration.values:
        run_start(ctx=ctx, case=made, configuration=Configuration(configuration))
    game_start(ctx=ctx, case=made, baseline=BASELINES[0], voll_fen=made.voll_fen)
    return made


@command("power.case.publish", roles={Role.COORDINATOR, Role.AUTHORITY}, at="case")
def case_publish(*, ctx: Command, case: Case) -> Case:
    """Let everybody read a case with its runs and divisions. Refuses (NothingSolved, 409) one without any optimum."""
    case = ctx.lock(case)
    if case.published_at is not None:
        raise CasePublished
    if not case.runs.filter(status=Status.OPTIMAL).exists():
        raise NothingSolved
    case.revise(published_at=ctx.now)
    ctx.append(subject=case, before={"published": False}, after={"published": True, "name": case.name}, public=True)
    return case


@command("power.run.add", roles=RUNNERS, at="case")
def run_add(*, ctx: Command, case: Case, configuration: Configuration) -> DispatchRun:
    """Set down that a configuration of a case is to be dispatched."""
    run = DispatchRun.objects.create(case=case, configuration=configuration, asked_at=ctx.now)
    ctx.append(subject=run, before=None, after={"case": case, "configuration": configuration})
    return run


@command("power.run.start", roles=RUNNERS, at="case")
def run_start(*, ctx: Command, case: Case, configuration: Configuration) -> DispatchRun:
    """Ask for a dispatch; a worker does it and keeps the result."""
    run = run_add(ctx=ctx, case=case, configuration=configuration)
    job = job_submit(ctx=ctx, kind=RUN_JOB, parameters={"run": str(run.public_id)})
    run.revise(job=job.public_id)
    return run


@command("power.run.record", roles=RUNNERS, at="run.case")
def run_record(*, ctx: Command, run: DispatchRun, status: Status, fields: dict[str, Any], hourly: bytes) -> DispatchRun:
    """Keep what a dispatch came to. Refuses (Recorded, 409) a second answer. The entry holds figures and the digest of the hours."""
    case, run = run.case, ctx.lock(run)
    run.case = case
    if run.status != Status.ASKED:
        raise Recorded
    run.revise(status=status, solved_at=ctx.now, hourly=hourly or None, **fields)
    shown = {
        name: str(value) if isinstance(value, float) else value for name, value in fields.items() if name != "figures"
    }
    ctx.append(subject=run, before={"status": Status.ASKED}, after={"status": status, **shown})
    return run


@command("power.tree.add", roles=RUNNERS, at="case")
def tree_add(
    *, ctx: Command, case: Case, chances: Mapping[str, int] = CHANCES, out_percent: int = OUT_PERCENT
) -> TreeResult:
    """Set down that the scenario tree of a case is to be solved.

    chances: of the seasons, out_percent: of the line being out of service. Refuses (ChancesWrong, 422) other than whole per cents
    of every season that sum to 100.
    """
    if (
        set(chances) != set(Season.values)
        or min(chances.values()) < 0
        or sum(chances.values()) != 100
        or not 0 <= out_percent <= 100
    ):
        raise ChancesWrong
    tree = TreeResult.objects.create(case=case, chances=dict(chances), out_percent=out_percent, asked_at=ctx.now)
    ctx.append(subject=tree, before=None, after={"case": case, "chances": dict(chances), "out_percent": out_percent})
    return tree


@command("power.tree.start", roles=RUNNERS, at="case")
def tree_start(
    *, ctx: Command, case: Case, chances: Mapping[str, int] = CHANCES, out_percent: int = OUT_PERCENT
) -> TreeResult:
    """Ask for the scenario tree of a case: every season, with the ultra-high-voltage line open and out; a worker solves it."""
    tree = tree_add(ctx=ctx, case=case, chances=chances, out_percent=out_percent)
    job = job_submit(ctx=ctx, kind=TREE_JOB, parameters={"tree": str(tree.public_id)})
    tree.revise(job=job.public_id)
    return tree


@command("power.tree.record", roles=RUNNERS, at="tree.case")
def tree_record(*, ctx: Command, tree: TreeResult, leaves: Sequence[Mapping[str, Any]]) -> TreeResult:
    """Keep what the leaves of a tree came to. Refuses (Recorded, 409) a second answer."""
    case, tree = tree.case, ctx.lock(tree)
    tree.case = case
    if tree.status != Status.ASKED:
        raise Recorded
    whole = all(leaf["status"] == Status.OPTIMAL for leaf in leaves)
    tree.revise(status=Status.OPTIMAL if whole else Status.FAILED, solved_at=ctx.now, leaves=list(leaves))
    ctx.append(subject=tree, before={"status": Status.ASKED}, after={"status": tree.status, "leaves": list(leaves)})
    return tree


@command("power.game.add", roles=RUNNERS, at="case")
def game_add(*, ctx: Command, case: Case, baseline: str, voll_fen: int, weights: Sequence[int] = EQUAL) -> GameResult:
    """Set down that the gain of a case is to be divided, at a baseline and a value of lost load.

    weights: of the players in the Nash solution. Refuses (WeightsWrong, 422) anything but one positive weight a player.
    """
    if len(weights) != len(PLAYERS) or min(weights) < 1:
        raise WeightsWrong(players=len(PLAYERS))
    game = GameResult.objects.create(
        case=case,
        baseline=baseline,
        voll_fen=voll_fen,
        players=list(PLAYERS.values()),
        weights=list(weights),
        asked_at=ctx.now,
    )
    asked = {"case": case, "baseline": baseline, "voll_fen": voll_fen, "weights": weights}
    ctx.append(subject=game, before=None, after=asked)
    return game


@command("power.game.start", roles=RUNNERS, at="case")
def game_start(*, ctx: Command, case: Case, baseline: str, voll_fen: int, weights: Sequence[int] = EQUAL) -> GameResult:
    """Ask for a division; a worker solves every coalition and keeps the result."""
    game = game_add(ctx=ctx, case=case, baseline=baseline, voll_fen=voll_fen, weights=weights)
    job = job_submit(ctx=ctx, kind=GAME_JOB, parameters={"game": str(game.public_id)})
    game.revise(job=job.public_id)
    return game


@command("power.game.record", roles=RUNNERS, at="game.case")
def game_record(*, ctx: Command, game: GameResult, status: Status, fields: dict[str, Any]) -> GameResult:
    """Keep a division. Refuses (Recorded, 409) a second answer."""
    case, game = game.case, ctx.lock(game)
    game.case = case
    if game.status != Status.ASKED:
        raise Recorded
    game.revise(status=status, solved_at=ctx.now, **fields)
    words = ("values_fen", "payoffs", "core_empty", "shapley_in_core", "least_core_epsilon_fen", "certified")
    after = {word: fields[word] for word in words if word in fields}
    ctx.append(subject=game, before={"status": Status.ASKED}, after={"status": status, **after})
    return game
