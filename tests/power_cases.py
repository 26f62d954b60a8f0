"""A small case of the region for tests: six hours of the drought, posed and solved through the services."""

from datetime import UTC, datetime
from typing import Any

NOW = datetime(2025, 11, 30, 2, tzinfo=UTC)
VOLL = 2_000_000


def told(player: Any = None, **options: Any) -> Any:
    """A command of a person at NOW; of nobody without one."""
    from bashu.kernel.commands.actor import ANONYMOUS
    from bashu.kernel.commands.command import Command

    return Command(actor=player.actor if player else ANONYMOUS, now=options.pop("now", NOW), **options)


def question(**changes: Any) -> dict[str, Any]:
    """The arguments of a good case; anything may be overruled."""
    from bashu.power.models import Season

    start = datetime(2025, 8, 14, 8, tzinfo=UTC)
    return {"name": "干旱六小时", "season": Season.DROUGHT, "starts_at": start, "hours": 6, "voll_fen": VOLL, **changes}


def posed(player: Any, **changes: Any) -> Any:
    """A case."""
    from bashu.power.services.dispatch import case_create

    return case_create(ctx=told(player), **question(**changes))


def recorded(player: Any, case: Any, configuration: str) -> Any:
    """A dispatch of a case with its result."""
    from bashu.power.models import Configuration, Status
    from bashu.power.selectors.dispatch import solved
    from bashu.power.services.dispatch import run_add, run_record

    run = run_add(ctx=told(player), case=case, configuration=Configuration(configuration))
    ((_, outcome),) = solved(case, [configuration])
    return run_record(
        ctx=told(player), run=run, status=Status(outcome.status), fields=outcome.fields, hourly=outcome.hourly
    )


def shared(player: Any, case: Any, **changes: Any) -> Any:
    """A division of a case's gain with its result."""
    from bashu.power.models import Status
    from bashu.power.selectors.dispatch import divided
    from bashu.power.services.dispatch import game_add, game_record

    game = game_add(ctx=told(player), case=case, **{"baseline": "isolated", "voll_fen": VOLL, **changes})
    return game_record(ctx=told(player), game=game, status=Status.OPTIMAL, fields=divided(game))


def branched(player: Any, case: Any, **changes: Any) -> Any:
    """A scenario tree of a case with its leaves."""
    from bashu.power.selectors.trees import leaves_of
    from bashu.power.services.dispatch import tree_add, tree_record

    tree = tree_add(ctx=told(player), case=case, **changes)
    return tree_record(ctx=told(player), tree=tree, leaves=leaves_of(tree))
