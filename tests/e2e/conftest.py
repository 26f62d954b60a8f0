"""A demonstration node and a headless Chromium for the whole session; these tests run last."""

from collections.abc import Iterator
from typing import Any

import pytest

from chromium import AXE
from demonstration import Node, demonstration
from e2e.visitor import Visitor, Visitors


@pytest.fixture(scope="session")
def node(browser: Any) -> Iterator[Node]:
    """A demonstration node of this session alone."""
    with demonstration(BASHU_API_RATE="100000") as started:
        yield started


@pytest.fixture
def visitors(browser: Any, node: Node) -> Iterator[Visitors]:
    """Makes visitors, each in a browser context of his own; none may have met an error that the test did not expect."""
    made = Visitors(browser, node)
    yield made
    made.leave()


@pytest.fixture
def visitor(visitors: Visitors) -> Visitor:
    """One visitor who is not signed in."""
    return visitors.enter()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core."""
    return AXE.read_text()
