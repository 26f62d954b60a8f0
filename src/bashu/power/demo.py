"""The power pool's part of the demonstration: a wet fortnight, a drought fortnight and the year 2025, each three ways.

Every profile is synthetic; the dispatches and divisions are computed by the engine when the demonstration is loaded. Keys
are fixed: a second play finds what the first one wrote.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from bashu.kernel.commands.actor import Actor
from bashu.kernel.commands.command import Command
from bashu.kernel.parties.services import actor_named
from bashu.power.engine.region import Horizon, digest_of, horizon_of
from bashu.power.engine.weather import YEAR
from bashu.power.models import Case, Configuration, DispatchRun, GameResult, Season, Status, TreeResult
from bashu.power.selectors import dispatch as selectors
from bashu.power.selectors.trees import leaves_of
from bashu.power.services import dispatch as services

KEY = "demo-power-1"
OFFICE = "coordinator.joint@demo.example"
VOLL_FEN = 2_000_000
LOST_LOAD = (1_000_000, 2_000_000, 4_000_000)  # fen a MWh, for the sensitivity
ZONE = ZoneInfo("Asia/Shanghai")
CASES: tuple[tuple[str, str, str, Horizon, int], ...] = (  # code, names, horizon, days before the demonstration's instant
    ("wet", "丰水期两周（2025年7月，合成曲线）", "A wet fortnight (July 2025, synthetic)", horizon_of("wet"), 29),
    ("drought", "枯水期两周（2025年8月，来水减半）", "A drought fortnight (August 2025, half the inflow)", horizon_of("drought"), 30),
    ("year", "2025年全年（两小时步长，合成曲线）", "The year 2025 (in steps of two hours, synthetic)",
     Horizon(datetime(2025, 1, 1), YEAR, step=2), 31),  # noqa: DTZ001 - local by definition
)  # fmt: skip
# What is divided: baselines and values of lost load by case. In the wet fortnight nothing goes unserved, so its value decides nothing
# there; in the drought the line itself adds nothing, since energy is short and not transfer.
GAMES: dict[str, list[tuple[str, int]]] = {
    "wet": [("isolated", VOLL_FEN), ("ties", VOLL_FEN)],
    "drought": [("isolated", voll) for voll in LOST_LOAD],
    "year": [],
}
TREES = {"drought"}  # whose hours are solved in every season, with the line in service and out


def play(progress: Callable[[int, int], None] | None = None) -> None:
    """Play it all, or what is missing of it; `progress` is called with steps done and in all. Raises RuntimeError on a real node."""
    if not settings.BASHU_DEMO:
        raise RuntimeError("the demonstration year is played in the demonstration only")
    actor = actor_named(OFFICE)
    steps = [len(Configuration) + len(GAMES[code]) + (code in TREES) for code, *_ in CASES]
    done = 0
    for (code, name, name_en, horizon, days), own in zip(CASES, steps, strict=True):
        at = settings.DEMO_INSTANT - timedelta(days=days)
        key = coded(code, horizon)
        case = case_of(actor, key, name, name_en, horizon, at)
        if case.published_at is None:
            for number, _ in enumerate(played(actor, at, key, case, code), start=1):
                if progress:
                    progress(done + number, sum(steps))
            services.case_publish(ctx=told(actor, at, f"{key}-publish"), case=case)
        done += own
        if progress:
            progress(done, sum(steps))


def played(
    actor: Actor, at: datetime, key: str, case: Case, code: str
) -> Iterator[DispatchRun | GameResult | TreeResult]:
    """The dispatches, divisions and tree of a case, one after another; what was recorded already is not computed again."""
    runs = [
        services.run_add(ctx=told(actor, at, f"{key}-{kind}-add"), case=case, configuration=Configuration(kind))
        for kind in Configuration.values
    ]
    for run in runs:
        run.case = case
    asked = {run.configuration: run for run in runs if run.status == Status.ASKED}
    for kind, outcome in selectors.solved(case, asked):
        yield services.run_record(
            ctx=told(actor, at, f"{key}-{kind}"), run=asked[kind], status=Status(outcome.status), fields=outcome.fields,
            hourly=outcome.hourly,
        )  # fmt: skip
    for baseline, voll_fen in GAMES[code]:
        yield divide(actor, at, key, case, baseline, voll_fen)
    if code in TREES:
        yield branch(actor, at, key, case)


def case_of(actor: Actor, code: str, name: str, name_en: str, horizon: Horizon, at: datetime) -> Case:
    """The case of the demonstration, made once."""
    return services.case_create(
        ctx=told(actor, at, f"{code}-case"), name=name, name_en=name_en, season=Season(horizon.season),
        starts_at=horizon.start.replace(tzinfo=ZONE), hours=horizon.hours, step=horizon.step, voll_fen=VOLL_FEN,
        seed=horizon.seed,
    )  # fmt: skip


def divide(actor: Actor, at: datetime, code: str, case: Case, baseline: str, voll_fen: int) -> GameResult:
    """One division of a case's gain."""
    key = f"{code}-{baseline}-{voll_fen}"
    game = services.game_add(ctx=told(actor, at, f"{key}-add"), case=case, baseline=baseline, voll_fen=voll_fen)
    if game.status != Status.ASKED:
        return game
    game.case = case
    fields = selectors.divided(game)
    return services.game_record(ctx=told(actor, at, key), game=game, status=Status.OPTIMAL, fields=fields)


def branch(actor: Actor, at: datetime, code: str, case: Case) -> TreeResult:
    """The scenario tree of a case."""
    tree = services.tree_add(ctx=told(actor, at, f"{code}-tree-add"), case=case)
    if tree.status != Status.ASKED:
        return tree
    tree.case = case
    return services.tree_record(ctx=told(actor, at, f"{code}-tree"), tree=tree, leaves=leaves_of(tree))


def told(actor: Actor, at: datetime, key: str) -> Command:
    """A command of the demonstration."""
    return Command(actor=actor, now=at, key=f"{KEY}-{key}")


def coded(code: str, horizon: Horizon) -> str:
    """A case's part of the keys: other facts or another horizon make another case, beside the old one."""
    return f"{code}-{digest_of(selectors.network_for(horizon, voll_fen=VOLL_FEN))[:8]}"
