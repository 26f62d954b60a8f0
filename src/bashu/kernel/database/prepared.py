"""Statements of the hot path: prepared once a connection, parameters sent apart from the text.

Every command runs two of these. Django's own cursors put parameters into the text, so the server parses and plans each time;
here that costs a third of a command (`benchmarks/bench_journal.py`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections


def prepared(statement: str, parameters: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run a statement in the open transaction and return its rows; raises Django's database errors."""
    database = connections[DEFAULT_DB_ALIAS]  # the object itself: each look through Django's proxy costs again
    database.ensure_connection()
    with database.wrap_database_errors:
        cursor = psycopg.Cursor(database.connection)
        cursor.execute(statement, parameters, prepare=True)
        return cursor.fetchall() if cursor.description else []
