"""Whether the node lives and whether it is ready: for supervisors and load balancers, without sign-in."""

from collections.abc import Callable
from datetime import UTC, datetime

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse

from bashu.kernel.journal.models import Unsealed

LIVE = "/health/live"
SEALER_BEHIND_SECONDS = 60  # a sealer seals within two seconds; a minute's tail means that none runs
ENGINES: dict[str, Callable[[], bool]] = {}  # what systems load in the background, by name; the node serves meanwhile
_migrated = False  # migrations are never taken back while a process runs, so one good answer stands


def live(_request: HttpRequest) -> JsonResponse:
    """GET /health/live: the process answers. Touches nothing else."""
    return JsonResponse({"status": "live"})


def ready(_request: HttpRequest) -> JsonResponse:
    """GET /health/ready: 200 when database, migrations and sealer are in order, else 503 naming what is not.

    `engines` tells which computations are loaded; the pages that need one that is not answer 503 themselves.
    """
    checks = {"database": database_answers, "migrations": migrations_applied, "sealer": sealer_keeps_up}
    results = {name: passes(check) for name, check in checks.items()}
    good = all(results.values())
    body = {
        "status": "ready" if good else "not ready",
        "checks": {name: "ok" if ok else "failed" for name, ok in results.items()},
        "engines": {name: "ready" if loaded() else "starting" for name, loaded in ENGINES.items()},
    }
    return JsonResponse(body, status=200 if good else 503)


def passes(check: Callable[[], bool]) -> bool:
    """Run one check; a database that is away fails it."""
    try:
        return check()
    except DatabaseError:
        return False


def database_answers() -> bool:
    """One round trip."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def migrations_applied() -> bool:
    """Whether the schema is the one this code was written for."""
    global _migrated  # noqa: PLW0603 - remembered for the life of the process
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated


def sealer_keeps_up() -> bool:
    """Whether no entry has waited longer than SEALER_BEHIND_SECONDS; an entry's id (UUIDv7) holds the time it was made."""
    oldest = Unsealed.objects.order_by("entry_id").values_list("entry_id", flat=True).first()
    if oldest is None:
        return True
    made = oldest.int >> 80  # RFC 9562 §5.7: the first 48 bits are milliseconds of Unix time
    return datetime.now(UTC).timestamp() * 1000 - made < SEALER_BEHIND_SECONDS * 1000
