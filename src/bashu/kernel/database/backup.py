"""Saves a database to one file and brings it back, with the pg_dump and pg_restore of the wheel.

The file is PostgreSQL's custom format: compressed, readable by any pg_restore of version 18 or later. Both run as
bashu_owner, who sees every row; owners are not restored (all belongs to bashu_owner again), rights are.
"""

import os
import subprocess
from pathlib import Path

from bashu.kernel.database import binaries
from bashu.kernel.database.connection import connect, parameters
from bashu.kernel.database.errors import DatabaseUnavailableError
from bashu.kernel.database.layout import OWNER, Layout
from bashu.kernel.database.prepare import create, forget_defaults, grant

# libpq's environment: passwords of an external server stay out of the process list.
VARIABLES = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "dbname": "PGDATABASE", "password": "PGPASSWORD"}

OBJECTS = """
    SELECT count(*) FROM (
        SELECT relnamespace AS schema FROM pg_class
        UNION ALL SELECT pronamespace FROM pg_proc
        UNION ALL SELECT typnamespace FROM pg_type
    ) AS object JOIN pg_namespace ON pg_namespace.oid = schema
    WHERE nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%'
"""


def backup(layout: Layout, database: str, target_file: Path) -> None:
    """Write `database`, as it was at one instant, to a new file readable by its owner only.

    The file appears whole or not at all. Raises FileExistsError rather than overwrite, DatabaseUnavailableError with
    pg_dump's words when it fails.
    """
    target_file = target_file.absolute()
    if target_file.exists():
        raise FileExistsError(f"{target_file} exists already.")
    fresh = target_file.with_name(f"{target_file.name}.{os.getpid()}.part")
    try:
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as output:
            _run(layout, database, "pg_dump", "--format=custom", stdout=output.fileno())
            os.fsync(output.fileno())
        os.link(fresh, target_file)  # unlike a rename, never replaces a file that appeared meanwhile
    finally:
        fresh.unlink(missing_ok=True)


def restore(layout: Layout, database: str, source_file: Path) -> None:
    """Fill an empty `database` (made when missing) from a file of `backup`, in one transaction: all of it or nothing.

    Raises FileNotFoundError; DatabaseUnavailableError when the database is not empty or pg_restore refuses the file.
    """
    source_file = source_file.absolute()
    if not source_file.is_file():
        raise FileNotFoundError(f"{source_file} is not there.")
    create(layout, database)
    with connect(layout, OWNER, database) as connection:
        row = connection.execute(OBJECTS).fetchone()
        if row is None or row[0]:
            raise DatabaseUnavailableError(
                f"Database {database} is not empty: a backup is restored into an empty one only."
            )
    options = ("--single-transaction", "--exit-on-error", "--no-owner", f"--dbname={database}", str(source_file))
    # The file says who may do what, on the assumption that a new table grants nothing: rights that were revoked
    # would come back with the defaults in force.
    forget_defaults(layout, database)
    try:
        _run(layout, database, "pg_restore", *options)
    finally:
        grant(layout, database)


def _run(layout: Layout, database: str, name: str, *arguments: str, stdout: int = subprocess.DEVNULL) -> None:
    found = parameters(layout, OWNER, database)
    env = {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}
    env |= {VARIABLES.get(key, f"PG{key.upper()}"): str(value) for key, value in found.items() if value is not None}
    answer = subprocess.run(
        [binaries.find().program(name), *arguments], env=env, stdin=subprocess.DEVNULL,
        stdout=stdout, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    if answer.returncode != 0:
        raise DatabaseUnavailableError(f"{name} failed: {answer.stderr.strip()[-2000:]}")
