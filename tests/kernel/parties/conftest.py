"""What the tests of parties share; the people themselves are made in `party_people.py`."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # the tests import `party_people` by name, once Django is ready
collect_ignore = ["party_people.py"]


@pytest.fixture(autouse=True)
def no_rate_left_over() -> None:
    """Rate limits of other tests do not count here."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture(autouse=True)
def quick_hash(settings) -> None:
    """Passwords are hashed by argon2 on a node, which is slow on purpose; here only where a test asks how."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
