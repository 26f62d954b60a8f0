"""Transfers in whole fen: they and the rounding account sum to zero."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bashu.power.engine.settling import fen, transfers

YUAN = st.decimals(min_value=-(10**9), max_value=10**9, places=4)


@given(st.lists(st.tuples(YUAN, YUAN), min_size=2, max_size=6))
def test_transfers_and_rounding_sum_to_zero_and_move_no_player_by_more_than_a_fen(pairs):
    gap = sum(share for share, _ in pairs) - sum(got for _, got in pairs)
    pairs[-1] = (pairs[-1][0] - gap, pairs[-1][1])
    target = {f"p{i}": share for i, (share, _) in enumerate(pairs)}
    settled = {f"p{i}": got for i, (_, got) in enumerate(pairs)}
    found = transfers(target, settled)
    assert sum(line.transfer for line in found.lines) + found.rounding == 0
    for line in found.lines:
        assert abs(line.transfer - (target[line.player] - settled[line.player]) * 100) <= 1


def test_half_a_fen_goes_away_from_zero():
    assert (fen(Decimal("0.005")), fen(Decimal("-0.005")), fen(Decimal("0.0049"))) == (1, -1, 0)


def test_a_division_of_another_gain_is_refused():
    with pytest.raises(ValueError, match="differ"):
        transfers({"a": Decimal(5), "b": Decimal(5)}, {"a": Decimal(5), "b": Decimal(4)})


def test_other_players_are_refused():
    with pytest.raises(ValueError, match="other players"):
        transfers({"a": Decimal(5)}, {"b": Decimal(5)})
