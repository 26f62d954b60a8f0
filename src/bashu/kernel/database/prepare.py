"""Databases of a node: made with the rights of the three roles, dropped, cloned. All of it as bashu_owner."""

import contextlib

import psycopg
from psycopg import sql

from bashu.kernel.database.connection import connect
from bashu.kernel.database.layout import APP, OWNER, SYSTEM, Layout

MAINTENANCE = "postgres"  # the database one is connected to while making or dropping another
USERS = sql.SQL(", ").join(sql.Identifier(f"bashu_{role}") for role in (APP, SYSTEM))


def prepare(layout: Layout, database: str) -> None:
    """Make `database` when it is missing, owned by bashu_owner, and grant what the other two roles may.

    Whatever the owner creates in it from then on, application and system may read and write; they create nothing.
    Run any number of times, by several at once.
    """
    create(layout, database)
    grant(layout, database)


def create(layout: Layout, database: str) -> None:
    """Make `database` without any rights, unless it is there."""
    if not exists(layout, database):
        # Another start may make it in between: a duplicate is what was wanted.
        made = contextlib.suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation)
        with connect(layout, OWNER, MAINTENANCE) as connection, made:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(database)))


def exists(layout: Layout, database: str) -> bool:
    """Whether the server has a database of this name."""
    with connect(layout, OWNER, MAINTENANCE) as connection:
        query = "SELECT 1 FROM pg_database WHERE datname = %s"
        return connection.execute(query, [database]).fetchone() is not None


def grant(layout: Layout, database: str) -> None:
    """Who may connect to `database`, and what application and system may do with objects the owner will create."""
    name = sql.Identifier(database)
    with connect(layout, OWNER, database, autocommit=False) as connection:
        # Several starts at once would update the same catalogue rows: one after the other, until the commit.
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('bashu.database.grant'))")
        for statement in (
            sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name),
            sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(name, USERS),
            sql.SQL("REVOKE CREATE ON SCHEMA public FROM PUBLIC"),
            sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(USERS),
            sql.SQL("ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {}").format(USERS),
            sql.SQL("ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO {}").format(USERS),
        ):
            connection.execute(statement)


def forget_defaults(layout: Layout, database: str) -> None:
    """Let new objects of the owner grant nothing to anybody, until `grant` is called again."""
    with connect(layout, OWNER, database) as connection:
        for kind in ("TABLES", "SEQUENCES"):
            statement = f"ALTER DEFAULT PRIVILEGES REVOKE ALL ON {kind} FROM {{}}"
            connection.execute(sql.SQL(statement).format(USERS))


def drop(layout: Layout, database: str) -> None:
    """Drop `database` with everything in it, throwing out whoever is connected; nothing when it is not there."""
    with connect(layout, OWNER, MAINTENANCE) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))


def clone(layout: Layout, template: str, name: str) -> None:
    """Make database `name` as a copy of `template`, to which nobody may be connected meanwhile."""
    with connect(layout, OWNER, MAINTENANCE) as connection:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
    grant(layout, name)  # rights on the database itself are not part of a copy
