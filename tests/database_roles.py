"""Pointing this process's Django at another database, or at another role in it, for a while."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection


@contextmanager
def connected_to(name: str) -> Iterator[None]:
    """Work on another database, and let every process started meanwhile do so."""
    before = os.environ["BASHU_DATABASE"]
    connection.close()
    connection.settings_dict["NAME"] = settings.DATABASE_NAME = os.environ["BASHU_DATABASE"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = settings.DATABASE_NAME = os.environ["BASHU_DATABASE"] = before


@contextmanager
def acting_as(role: str) -> Iterator[None]:
    """Work as another role (owner, app, system), as a process of that role would; not inside a transaction."""
    before = connection.settings_dict["USER"]
    connection.close()
    connection.settings_dict["USER"] = f"bashu_{role}"
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["USER"] = before
