"""A small network with its organisations, in this session's database or in one of a test's own."""

import pytest

from harbour import Harbour, harbour_make


@pytest.fixture
def harbour(actors) -> Harbour:
    """The network of `harbour`, with capacity for 10 TEU on every departure."""
    return harbour_make(actors)
