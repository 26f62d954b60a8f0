"""One embedded server for all tests; a template database built once per version; tests run as the restricted role.

`db` (pytest-django): a rolled-back transaction in this session's clone of the template. `database`: a clone for one test
that needs real commits, several connections or processes. `actors`: people of every role, in either.
"""

import fcntl
import gc
import hashlib
import importlib.metadata
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from bashu.kernel.database.layout import OWNER, Layout
from bashu.kernel.database.prepare import MAINTENANCE, clone, connect, drop, exists
from bashu.kernel.database.supervisor import keep
from chromium import NO_BROWSER, browser
from database_roles import connected_to
from players import Player, players_found

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "bashu"
TEMPLATE = "bashu_template_"
DAY = 86_400  # seconds
collect_ignore = [
    "chromium.py", "environment.py", "database_roles.py", "harbour.py", "players.py", "power_cases.py", "world.py",
]  # fmt: skip
os.environ["DJANGO_SETTINGS_MODULE"] = "bashu.settings"  # pytest-django has put its own there; processes want this one
# The same examples each time, however long a busy machine takes over one of them.
hypothesis_settings.register_profile(
    "seeded", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("seeded")

__all__ = ["browser"]  # pytest finds the fixture here


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What collecting makes lives until the end: the collector of garbage need not walk over it again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What stands in e2e/ drives a browser. Browser tests come last, faults before them; the order inside stays.

    Under `--dist loadgroup` one process takes all browser tests, with the one browser and the one demonstration they share.
    """
    for item in items:
        if "e2e" in item.path.parts:
            item.add_marker(pytest.mark.browser)
        if "browser" in item.keywords:
            item.add_marker(pytest.mark.xdist_group("browser"))
    items.sort(key=lambda item: ("browser" in item.keywords) * 2 + ("slow" in item.keywords))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """A browser that could not be had is said aloud, not hidden in a count."""
    skipped = [report.longrepr[2] for report in terminalreporter.getreports("skipped")]
    for reason in {reason for reason in skipped if NO_BROWSER in reason}:
        terminalreporter.write_line(f"BROWSER TESTS DID NOT RUN: {reason}", red=True, bold=True)


@pytest.fixture(autouse=True)
def fresh_and_in_english() -> Iterator[None]:
    """Outside of a request, tests read English; and no test sees what a page remembered of another's rolled-back rows."""
    from bashu.programme.pages.overview import glance

    glance.cache_clear()
    with translation.override("en"):
        yield


def template_name() -> str:
    """The template's name changes with everything that `bashu upgrade` and players.py put into a database."""
    digest = hashlib.sha256()
    for distribution in ("django", "procrastinate", "django-allauth", "django-axes", "django-pgtrigger"):
        digest.update(importlib.metadata.version(distribution).encode())
    patterns = ("migrations/*.py", "facts/*.*", "services*.py", "services/*.py")
    files = sorted(file for pattern in patterns for file in PACKAGE.rglob(pattern))
    for file in [*files, ROOT / "tests" / "players.py"]:
        digest.update(file.read_bytes())
    return TEMPLATE + digest.hexdigest()[:12]


@pytest.fixture(scope="session")
def server() -> Iterator[Layout]:
    """The embedded server of the tests, rid of what killed sessions left; it stays however long no test connects."""
    with keep(settings.BASHU_HOME) as layout:
        with connect(layout, OWNER, MAINTENANCE) as connection:
            names = [row[0] for row in connection.execute("SELECT datname FROM pg_database").fetchall()]
        for name in names:
            kind, _, pid = name.rpartition("_")
            if kind in ("bashu_test", "bashu_own", "bashu_building") and not Path(f"/proc/{pid}").exists():
                drop(layout, name)
        yield layout


@pytest.fixture(scope="session")
def template(server: Layout) -> str:
    """A database as `bashu upgrade` leaves it (schema, facts, first administrator), with the people of CAST.

    Built by the first session that needs it.
    """
    name = template_name()
    with (server.run_dir / "template.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not exists(server, name):
            building = f"bashu_building_{os.getpid()}"
            done = subprocess.run(
                [sys.executable, "-m", "bashu", "upgrade"],
                env={**os.environ, "BASHU_ROLE": "owner", "BASHU_DATABASE": building},
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout + done.stderr
            done = subprocess.run(
                [sys.executable, ROOT / "tests" / "players.py"],
                env={**os.environ, "BASHU_ROLE": "app", "BASHU_DATABASE": building},
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout + done.stderr
            with connect(server, OWNER, MAINTENANCE) as connection:
                connection.execute(f"ALTER DATABASE {building} RENAME TO {name}")
        lock.seek(0)
        lines = [line.split() for line in lock.read().splitlines()]
        used = {key: float(at) for key, at in lines} | {name: time.time()}
        for old in [key for key, at in used.items() if at < time.time() - DAY]:
            drop(server, old)
            del used[old]
        lock.truncate(0)
        lock.write("".join(f"{key} {at}\n" for key, at in used.items()))
    return name


@pytest.fixture(scope="session")
def django_db_setup(server: Layout, template: str, django_db_blocker: Any) -> Iterator[None]:
    """pytest-django's set-up: this session's clone of the template instead of a database it would make itself."""
    from django.db import connections

    name = os.environ["BASHU_DATABASE"]
    drop(server, name)
    clone(server, template, name)
    yield
    with django_db_blocker.unblock():
        connections.close_all()
    drop(server, name)


@pytest.fixture
def database(server: Layout, template: str, django_db_blocker: Any) -> Iterator[str]:
    """A database of this test alone, with real commits; its name."""
    from django.db import connections

    name = f"bashu_own_{os.getpid()}"
    drop(server, name)
    clone(server, template, name)
    with django_db_blocker.unblock(), connected_to(name):
        yield name
        connections.close_all()
    drop(server, name)


@pytest.fixture
def until() -> Callable[..., Any]:
    """Poll a condition until it holds and return what it said; fail after a deadline."""

    def wait(condition: Callable[[], Any], seconds: float = 20, what: str = "the condition never came true") -> Any:
        deadline = time.monotonic() + seconds
        while not (value := condition()):
            assert time.monotonic() < deadline, what
            time.sleep(0.02)
        return value

    return wait


@pytest.fixture
def actors(request: pytest.FixtureRequest) -> dict[str, Player]:
    """People of every role as real rows, by the names of CAST; their addresses are `<name>@example.com`."""
    request.getfixturevalue("database" if "database" in request.fixturenames else "db")
    return players_found()


class Api:
    """The API under /api/v1 in this process: `api.post("/jobs", {...}, by=actors["authority.CQ"], key="k1")`."""

    def __init__(self) -> None:
        self.client = Client(raise_request_exception=False)

    def __call__(
        self, method: str, path: str, body: Any = None, *, by: Player | None = None, key: str = "", **other: Any
    ) -> Any:
        """Send one request as a token's holder or as nobody; a body goes as JSON, as a form with `content_type=None`."""
        headers = {"Authorization": f"Bearer {by.token}"} if by else {}
        headers |= {"Idempotency-Key": key} if key else {}
        if body is not None and other.get("content_type", "json") is not None:
            other = {"content_type": "application/json", **other}
        other.pop("content_type", None) if other.get("content_type") is None else None
        send = getattr(self.client, method.lower())
        return send(
            f"/api/v1{path}",
            **({} if body is None else {"data": body}),
            headers=headers | other.pop("headers", {}),
            **other,
        )

    def get(self, path: str, **options: Any) -> Any:
        """GET."""
        return self("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        """POST."""
        return self("POST", path, body, **options)


@pytest.fixture
def api() -> Api:
    """The API in this process; use with `actors`, or with `db` alone for nobody."""
    return Api()


@pytest.fixture
def signed_in() -> Callable[[Client, Player], Client]:
    """`signed_in(client, actors["authority.CQ"])`: the client with that person's session."""

    def enter(client: Client, player: Player) -> Client:
        client.force_login(player.person, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return enter


@pytest.fixture
def world(actors: dict[str, Player]) -> dict[str, Any]:
    """Something of everything that an address can name, all of it Chongqing's: values for addresses, by name."""
    from bashu.programme.models import Document
    from world import world_make

    return {**world_make(actors), "document": Document.objects.order_by("code").first().code, "level": "prefectures"}


@pytest.fixture
def undone() -> Callable[[Callable[[], Any]], Any]:
    """Do something, give what it gave, and undo what it wrote; it begins with nobody's eyes."""
    from django.db import transaction

    from bashu.kernel.commands.actor import ANONYMOUS
    from bashu.kernel.parties.selectors import set_scope

    def run(act: Callable[[], Any]) -> Any:
        with transaction.atomic():
            set_scope(ANONYMOUS)
            answer = act()
            transaction.set_rollback(True)
        return answer

    return run
