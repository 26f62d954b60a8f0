"""Flow tracing against an exact solution in fractions, and the sum of emissions that tracing only moves."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bashu.power.engine.tracing import intensities

SIZE = 4


@st.composite
def an_hour(draw: st.DrawFn) -> tuple[list[int], list[int], list[list[int]]]:
    """Four areas that all use something, emit, and send each other anything, in circles too."""
    used = draw(st.lists(st.integers(1, 100), min_size=SIZE, max_size=SIZE))
    emitted = draw(st.lists(st.integers(0, 1000), min_size=SIZE, max_size=SIZE))
    sent = draw(st.lists(st.lists(st.integers(0, 100), min_size=SIZE, max_size=SIZE), min_size=SIZE, max_size=SIZE))
    return used, emitted, [[0 if a == b else wh for b, wh in enumerate(row)] for a, row in enumerate(sent)]


def exactly(used: list[int], emitted: list[int], sent: list[list[int]]) -> list[Fraction]:
    """Gauss without rounding."""
    rows = [
        [Fraction((used[a] + sum(sent[a])) * (a == b) - sent[b][a]) for b in range(SIZE)] + [Fraction(emitted[a])] for a in range(SIZE)
    ]  # fmt: skip
    for k in range(SIZE):
        pivot = next(i for i in range(k, SIZE) if rows[i][k])
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [value / rows[k][k] for value in rows[k]]
        for i in range(SIZE):
            if i != k:
                rows[i] = [value - rows[i][k] * top for value, top in zip(rows[i], rows[k], strict=True)]
    return [row[-1] for row in rows]


@settings(max_examples=60)
@given(st.lists(an_hour(), min_size=1, max_size=3))
def test_intensities_are_the_exact_ones_and_emissions_are_all_accounted_for(hours):
    used, emitted, sent = (np.array(part, dtype=float) for part in zip(*hours, strict=True))
    found = intensities(used, emitted, sent)
    for got, hour in zip(found, hours, strict=True):
        exact = exactly(*hour)
        assert got == pytest.approx([float(c) for c in exact], rel=1e-9, abs=1e-12)
        assert sum(c * u for c, u in zip(exact, hour[0], strict=True)) == sum(hour[1]), "consumed is produced, exactly"
    assert (found * used).sum(axis=1) == pytest.approx(emitted.sum(axis=1), rel=1e-12, abs=1e-9)


def test_loss_on_the_way_is_the_receivers():
    """Forty arrive of fifty sent: the receiver bears the emissions of fifty."""
    found = intensities(np.array([[0.0, 40.0]]), np.array([[50.0, 0.0]]), np.array([[[0.0, 50.0], [0.0, 0.0]]]))
    assert found.tolist() == [[1.0, 1.25]]


def test_an_area_through_which_nothing_passes_has_no_intensity():
    found = intensities(np.array([[0.0, 10.0]]), np.array([[0.0, 5.0]]), np.zeros((1, 2, 2)))
    assert np.isnan(found[0, 0])
    assert found[0, 1] == 0.5


def test_emissions_that_nobody_could_bear_are_refused():
    with pytest.raises(ValueError, match="neither uses nor sends"):
        intensities(np.array([[0.0]]), np.array([[5.0]]), np.zeros((1, 1, 1)))


def test_areas_that_send_in_a_circle_and_use_nothing_are_refused():
    circle = np.array([[[0.0, 10.0], [10.0, 0.0]]])
    with pytest.raises(ValueError, match="circle"):
        intensities(np.zeros((1, 2)), np.array([[5.0, 0.0]]), circle)
