"""The hourly match beside the annual one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bashu.power.engine.matching import match

SERIES = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=30)


@given(SERIES)
def test_the_hourly_score_is_what_a_walk_through_the_hours_counts(hours):
    load, certified = np.array(hours, dtype=np.int64).T
    found = match(load, certified)
    assert found.matched.tolist() == [min(pair) for pair in hours]
    if load.sum():
        assert 0 <= found.hourly <= found.annual <= 1
    else:
        assert found.hourly is found.annual is None


@given(SERIES, st.randoms())
def test_the_order_of_hours_does_not_matter(hours, random):
    shuffled = random.sample(hours, len(hours))
    one, other = (match(*np.array(rows, dtype=np.int64).T) for rows in (hours, shuffled))
    assert (one.hourly, one.annual) == (other.hourly, other.annual)


def test_series_of_other_hours_are_refused():
    with pytest.raises(ValueError, match="same hours"):
        match(np.array([1, 2]), np.array([1]))
