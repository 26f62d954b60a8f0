"""Journeys as plain values, and their order by a shipper's own values."""

from collections.abc import Iterable
from typing import NamedTuple

HOUR = 60
TONNE = 1_000_000


class Handling(NamedTuple):
    """What a hub does between two legs, with storage after `arrived`; fen and grams for the consignment."""

    hub: int
    arrived: int
    begins: int
    ready: int
    price: int
    gco2e: int
    storage_days: int
    storage_price: int


class Leg(NamedTuple):
    """A ride on one trip, or a road leg at either end (`board` and `alight` are -1, the place outside is hub -1).

    board, alight: positions in the connections that were given. before: handling at the hub where the leg begins. cutoff: by
    when the box must be ready there.
    """

    mode: int
    origin: int
    target: int
    departs: int
    arrives: int
    price: int
    gco2e: int
    board: int
    alight: int
    before: Handling | None
    cutoff: int | None = None


class Journey(NamedTuple):
    """One option: its three criteria and its legs; last: handling at a hub that is itself the destination."""

    arrives: int
    price: int
    gco2e: int
    legs: tuple[Leg, ...]
    last: Handling | None


def ranked(options: Iterable[Journey], *, departs: int, hour: int, tonne: int) -> list[tuple[int, Journey]]:
    """Options by generalised cost in fen, least first: price, plus `hour` fen for each hour from `departs` to arrival,
    plus `tonne` fen for each tonne of CO2e. Rounded half up to a fen, once.

    >>> fast, cheap = Journey(600, 900, 0, (), None), Journey(1200, 400, 0, (), None)
    >>> [(cost, option.arrives) for cost, option in ranked([fast, cheap], departs=0, hour=10, tonne=0)]
    [(600, 1200), (1000, 600)]
    >>> [(cost, option.arrives) for cost, option in ranked([fast, cheap], departs=0, hour=100, tonne=0)]
    [(1900, 600), (2400, 1200)]
    """
    unit = HOUR * TONNE
    costs = [
        (
            option.price
            + (hour * (option.arrives - departs) * TONNE + tonne * option.gco2e * HOUR + unit // 2) // unit,
            option,
        )
        for option in options
    ]
    return sorted(costs, key=lambda pair: (pair[0], pair[1][:3]))
