"""From a division to transfers in whole fen."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple


class Line(NamedTuple):
    """One player's part in fen: the target of the division, what prices gave already, and the difference it receives."""

    player: str
    target: int
    settled: int
    transfer: int


class Transfers(NamedTuple):
    """The lines in the order of the players; they and `rounding`, what the rounding account receives, sum to zero."""

    lines: list[Line]
    rounding: int


def fen(yuan: Decimal) -> int:
    """Yuan as fen, half away from zero: the one rounding there is."""
    return int((yuan * 100).quantize(Decimal(1), ROUND_HALF_UP))


def transfers(target: Mapping[str, Decimal], settled: Mapping[str, Decimal]) -> Transfers:
    """Transfer = target share - price settlement, yuan in, fen out; what rounding leaves goes to the rounding account.

    Raises ValueError when the two name other players, or when the sums differ by more than rounding can: then they are not
    the same gain.

    >>> third = Decimal(1) / 3
    >>> found = transfers({"a": third, "b": third, "c": third}, {"a": Decimal(1), "b": Decimal(0), "c": Decimal(0)})
    >>> [line.transfer for line in found.lines], found.rounding
    ([-67, 33, 33], 1)
    """
    if set(target) != set(settled):
        raise ValueError("the division and the settlement name other players")
    lines = [
        Line(player, fen(share), fen(settled[player]), fen(share) - fen(settled[player]))
        for player, share in target.items()
    ]
    rounding = -sum(line.transfer for line in lines)
    if abs(rounding) > len(lines):  # each of two roundings a line moves at most half a fen
        raise ValueError(f"the division and the settlement differ by {rounding / 100:.2f} yuan in all")
    return Transfers(lines, rounding)
