"""What the tests of the power pool share: acts of its people at a fixed hour, a unit, its hours, its certificates."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from power_hours import JULY, NOW, hours_csv


@pytest.fixture
def acting() -> Callable[..., Any]:
    """`acting(actors["authority.CQ"], key="k")`: a command of that person at NOW; for nobody without a person."""

    def make(player: Any = None, **options: Any) -> Any:
        from bashu.kernel.commands.actor import ANONYMOUS
        from bashu.kernel.commands.command import Command

        return Command(actor=player.actor if player else ANONYMOUS, now=options.pop("now", NOW), **options)

    return make


@pytest.fixture
def unit(actors: Any, acting: Any) -> Callable[..., Any]:
    """`unit("W1", technology="wind")`: a unit of Chongqing's enterprise with Chongqing's operator as registry."""

    def make(code: str = "W1", *, by: str = "operator.CQ", **changes: Any) -> Any:
        from bashu.power.services.metering import unit_register

        values = {
            "jurisdiction": "CQ", "code": code, "owner": actors["enterprise.CQ"].organisation, "technology": "wind",
            "commissioned_on": date(2020, 5, 1), "name_zh": "演示风电场", **changes,
        }  # fmt: skip
        return unit_register(ctx=acting(actors[by]), **values)

    return make


@pytest.fixture
def metered(actors: Any, acting: Any) -> Callable[..., Any]:
    """`metered(unit, [400_000, 700_000])`: consecutive hours of July, taken by the registry."""

    def make(found: Any, figures: list[Any], start: datetime = JULY) -> Any:
        from bashu.power.services.metering import hours_meter

        return hours_meter(ctx=acting(actors["operator.CQ"]), content=hours_csv(found.code, figures, start))

    return make


@pytest.fixture
def issued(unit: Any, metered: Any, actors: Any, acting: Any) -> Callable[..., Any]:
    """`issued(5)`: the holding of five certificates of July, in the hands of Chongqing's enterprise."""

    def make(count: int = 5, code: str = "W1", **changes: Any) -> Any:
        from bashu.kernel.parties.selectors import seen_by
        from bashu.power.services.certificates import batch_issue

        found = unit(code, **changes)
        metered(found, [1_000_000] * count)
        batch = batch_issue(ctx=acting(actors["operator.CQ"]), unit=found, month=date(2025, 7, 1))
        with seen_by(actors["enterprise.CQ"].actor):
            return batch.holdings.get()

    return make


@pytest.fixture
def held() -> Callable[..., list[tuple[int, int, str]]]:
    """`held(actors["enterprise.CQ"])`: first, last and state of every holding that a person sees."""

    def look(player: Any) -> list[tuple[int, int, str]]:
        from bashu.kernel.parties.selectors import seen_by
        from bashu.power.models import Holding

        with seen_by(player.actor):
            return sorted(Holding.objects.values_list("first", "last", "state"))

    return look
