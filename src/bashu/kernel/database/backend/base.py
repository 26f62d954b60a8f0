"""The one place where a process finds the embedded server away: it makes sure one runs and connects again."""

from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base
from django.db.backends.postgresql.psycopg_any import is_psycopg3
from psycopg import OperationalError

from bashu.kernel.database.connection import external
from bashu.kernel.database.supervisor import ensure

assert is_psycopg3

PREPARE_AFTER = 5  # runs after which psycopg prepares a statement that does not ask for it: its own default


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL with the supervisor behind it: a command on a stopped node starts the server by connecting."""

    def get_connection_params(self) -> dict[str, Any]:
        """Django's parameters, with what `database.prepared` needs; nothing else prepares statements.

        Without a threshold psycopg prepares nothing, even when asked; and left alone the server plans many of them again each time.
        """
        found = super().get_connection_params()
        options = f"{found.get('options', '')} -c plan_cache_mode=force_generic_plan".strip()
        return {**found, "options": options, "prepare_threshold": PREPARE_AFTER}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect; when nothing answers on the socket, start the embedded server and connect once more."""
        try:
            return super().get_new_connection(conn_params)
        except OperationalError:
            if external():
                raise
            ensure(settings.BASHU_HOME)
            return super().get_new_connection(conn_params)
