"""How to reach the database: the embedded server's socket, or an external PostgreSQL 18 by three URLs.

BASHU_DATABASE_URL_OWNER, _APP and _SYSTEM name an external server; its three users carry the fixed names bashu_owner,
bashu_app and bashu_system, because row-level security names them. Then nothing here starts or stops a server.
"""

import os
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from bashu.kernel.database.accounts import server_account
from bashu.kernel.database.errors import DatabaseUnavailableError
from bashu.kernel.database.layout import APP, DATABASE, OWNER, SYSTEM, Layout

URLS = {role: f"BASHU_DATABASE_URL_{role.upper()}" for role in (OWNER, APP, SYSTEM)}


def external() -> bool:
    """Whether an external server is configured; DatabaseUnavailableError when only some of the three URLs are."""
    missing = [name for name in URLS.values() if not os.environ.get(name)]
    if missing and len(missing) < len(URLS):
        raise DatabaseUnavailableError(f"An external database needs three URLs; {', '.join(missing)} is not set.")
    return not missing


def parameters(layout: Layout, role: str, database: str) -> dict[str, Any]:
    """libpq parameters of `role` to `database`; touches no server.

    Embedded, `requirepeer` names the OS user whose server it must be, so nobody else's can stand in on our socket.
    An external URL's database is the real one; any other is asked of the same server by its name.
    """
    if external() and role in URLS:
        found = conninfo_to_dict(os.environ[URLS[role]])
        return {**found, "dbname": found.get("dbname", DATABASE) if database == DATABASE else database}
    found = conninfo_to_dict(layout.dsn(role, database))
    return {**found, "requirepeer": server_account(layout).name}


def connect(layout: Layout, role: str, database: str, *, autocommit: bool = True) -> psycopg.Connection:
    """An open connection of `role` to `database`; psycopg.OperationalError when the server does not answer."""
    conninfo = make_conninfo(**{"connect_timeout": 5, **parameters(layout, role, database)})
    return psycopg.connect(conninfo, autocommit=autocommit)


def connection_settings(home: str | Path, role: str, database: str) -> dict[str, Any]:
    """HOST, PORT, USER, NAME, PASSWORD and OPTIONS for Django's DATABASES; starts nothing, opens nothing."""
    found = parameters(Layout(Path(home)), role, database)
    names = {"HOST": "host", "PORT": "port", "USER": "user", "NAME": "dbname", "PASSWORD": "password"}
    settings: dict[str, Any] = {key: str(found.pop(name, "") or "") for key, name in names.items()}
    return {**settings, "OPTIONS": found}
