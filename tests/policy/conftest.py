"""What the tests of policy share: acts of its people at a fixed hour."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

NOW = datetime(2025, 11, 30, 2, tzinfo=UTC)


@pytest.fixture
def acting() -> Callable[..., Any]:
    """`acting(actors["authority.CQ"], key="k")`: a command of that person at NOW; for nobody without a person."""

    def make(player: Any = None, **options: Any) -> Any:
        from bashu.kernel.commands.actor import ANONYMOUS
        from bashu.kernel.commands.command import Command

        return Command(actor=player.actor if player else ANONYMOUS, now=options.pop("now", NOW), **options)

    return make
