"""What the tests of the scoreboard share: acts of its people at a fixed hour, and small files that are what they say."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

NOW = datetime(2025, 11, 30, 2, tzinfo=UTC)
CSV = b"figure,value\r\nsynthetic,1\r\n"


@pytest.fixture
def acting() -> Callable[..., Any]:
    """`acting(actors["authority.CQ"], key="k")`: a command of that person at NOW; for nobody without a person."""

    def make(player: Any = None, **options: Any) -> Any:
        from bashu.kernel.commands.actor import ANONYMOUS
        from bashu.kernel.commands.command import Command

        return Command(actor=player.actor if player else ANONYMOUS, now=options.pop("now", NOW), **options)

    return make


@pytest.fixture
def figure() -> Callable[..., dict[str, Any]]:
    """The arguments of a good report: `figure(target="T03", value=18)`; anything may be overruled."""

    def make(target: str = "T03", **changes: Any) -> dict[str, Any]:
        from bashu.programme.formats.evidence import File
        from bashu.programme.models import Target

        values = {
            "target": Target.objects.get(code=target), "jurisdiction": "CQ", "period_start": date(2024, 1, 1),
            "period_end": date(2024, 12, 31), "value": Decimal(18), "evidence": [File("paper.csv", CSV)], **changes,
        }  # fmt: skip
        if isinstance(values["value"], int):
            values["value"] = Decimal(values["value"])
        return values

    return make


@pytest.fixture
def reported(actors: Any, acting: Any, figure: Any) -> Callable[..., Any]:
    """`reported(by="authority.SC", target="T03", …)`: a figure reported, waiting for a second person."""

    def make(by: str = "authority.CQ", **changes: Any) -> Any:
        from bashu.programme.services.readings import reading_report

        side = {"authority.SC": "SC", "coordinator": "joint"}.get(by, "CQ")
        return reading_report(ctx=acting(actors[by]), **figure(**{"jurisdiction": side, **changes}))

    return make


@pytest.fixture
def confirmed(reported: Any, actors: Any, acting: Any) -> Callable[..., Any]:
    """Like `reported`, and confirmed by the joint office; what that reported itself, by the node's administrator."""

    def make(**changes: Any) -> Any:
        from bashu.kernel.commands.command import Command
        from bashu.kernel.parties.services import ADMINISTRATOR, actor_named
        from bashu.programme.services.readings import reading_confirm

        reading = reported(**changes)
        if reading.jurisdiction == "joint":
            return reading_confirm(ctx=Command(actor=actor_named(ADMINISTRATOR), now=NOW), reading=reading)
        return reading_confirm(ctx=acting(actors["coordinator"]), reading=reading)

    return make
