"""What the tests of places share: the owner's hand, for places are written by nobody else."""

from collections.abc import Iterator

import pytest
from django.db import connections, transaction


@pytest.fixture
def as_owner(db: None) -> Iterator[None]:
    """Work as the database's owner on a connection of its own; all of it is rolled back."""
    application = connections["default"]
    owner = application.copy()
    owner.settings_dict = {**application.settings_dict, "USER": "bashu_owner"}
    connections["default"] = owner
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        owner.close()
        connections["default"] = application
