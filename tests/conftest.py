"""One embedded server for all tests; a template database built once per version; tests run as the restricted role.

`db` (pytest-django): a rolled-back transaction in this session's clone of the template. `database`: a clone for one test
that needs real commits, several connections or processes. `actors`: people of every role, in either.
"""

import fcntl
import hashlib
import importlib.metadata
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from bashu.kernel.database.layout import OWNER, Layout
from bashu.kernel.database.prepare import MAINTENANCE, clone, connect, drop, exists
from bashu.kernel.database.supervisor import ensure
from database_roles import connected_to

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "bashu"
TEMPLATE = "bashu_template_"
DAY = 86_400  # seconds
collect_ignore = ["environment.py", "database_roles.py"]
os.environ["DJANGO_SETTINGS_MODULE"] = "bashu.settings"  # pytest-django has put its own there; processes want this one


def template_name() -> str:
    """The template's name changes with everything that `bashu upgrade` puts into a database."""
    digest = hashlib.sha256()
    for distribution in ("django", "procrastinate", "django-allauth", "django-axes", "django-pgtrigger"):
        digest.update(importlib.metadata.version(distribution).encode())
    patterns = ("migrations/*.py", "facts/*.*", "services*.py", "services/*.py")
    for file in sorted(file for pattern in patterns for file in PACKAGE.rglob(pattern)):
        digest.update(file.read_bytes())
    return TEMPLATE + digest.hexdigest()[:12]


@pytest.fixture(scope="session")
def server() -> Layout:
    """The embedded server of the tests, rid of what killed sessions left."""
    layout = ensure(settings.BASHU_HOME)
    with connect(layout, OWNER, MAINTENANCE) as connection:
        names = [row[0] for row in connection.execute("SELECT datname FROM pg_database").fetchall()]
    for name in names:
        kind, _, pid = name.rpartition("_")
        if kind in ("bashu_test", "bashu_own", "bashu_building") and not Path(f"/proc/{pid}").exists():
            drop(layout, name)
    return layout


@pytest.fixture(scope="session")
def template(server: Layout) -> str:
    """A database as `bashu upgrade` leaves it: schema, facts, first administrator. Built by the first session that needs it."""
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


class Player(NamedTuple):
    """A person with one role for one organisation, and the secret of an API token of his with every scope."""

    organisation: Any
    person: Any
    membership: Any
    token: str

    @property
    def actor(self) -> Any:
        """The person as commands take him."""
        from bashu.kernel.parties.selectors import actor_of_person

        return actor_of_person(self.person)


# name: (organisation, its kind, its jurisdiction, role). "colleague" is the second person of an authority.
CAST = {
    "coordinator": ("川渝联合办公室", "joint_office", "joint", "coordinator"),
    "authority.CQ": ("重庆市主管部门", "authority", "CQ", "authority"),
    "colleague.CQ": ("重庆市主管部门", "authority", "CQ", "authority"),
    "authority.SC": ("四川省主管部门", "authority", "SC", "authority"),
    "operator.CQ": ("重庆服务运营方", "operator", "CQ", "operator"),
    "enterprise.CQ": ("重庆企业", "enterprise", "CQ", "enterprise"),
    "enterprise.SC": ("四川企业", "enterprise", "SC", "enterprise"),
    "verifier.CQ": ("重庆核查机构", "verifier", "CQ", "verifier"),
    "resident.SC": ("四川居民社区", "community", "SC", "resident"),
}


@pytest.fixture
def actors(request: pytest.FixtureRequest) -> dict[str, Player]:
    """People of every role as real rows, by the names of CAST; their addresses are `<name>@example.com`."""
    request.getfixturevalue("database" if "database" in request.fixturenames else "db")
    return players_make()


def players_make() -> dict[str, Player]:
    """Write the rows of CAST past the services, which tests of their own prove: four statements instead of hundreds."""
    from django.db import connection, transaction
    from uuid_utils.compat import uuid7

    from bashu.kernel.commands.actor import ANONYMOUS
    from bashu.kernel.commands.command import DECLARED
    from bashu.kernel.parties import models, selectors, services

    now = timezone.now()
    scopes = sorted({name.split(".")[0] + "." for name in DECLARED})
    with transaction.atomic():
        selectors.set_scope(services.node_actor())
        bodies = {
            row[0]: models.Organisation(
                name_zh=row[0], kind=row[1], jurisdiction=row[2], state="active", applied_by=uuid7(), applied_at=now
            )
            for row in CAST.values()
        }
        models.Organisation.objects.bulk_create(bodies.values())
        people = [models.Person(email=f"{name.lower()}@example.com", display_name=name, password="!") for name in CAST]
        models.Person.objects.bulk_create(people)
        members = [
            models.Membership(person=person, organisation=bodies[row[0]], role=row[3], state="active", since=now)
            for person, row in zip(people, CAST.values(), strict=True)
        ]
        models.Membership.objects.bulk_create(members)
        secrets = [f"{selectors.TOKEN_START}{member.public_id.hex}" for member in members]
        models.ApiToken.objects.bulk_create(
            models.ApiToken(
                membership=member, name="test", prefix=secret[-8:], digest=selectors.digest_of(secret), scopes=scopes,
                made_at=now, expires_at=now + timedelta(days=1),
            )
            for member, secret in zip(members, secrets, strict=True)
        )  # fmt: skip
        if connection.in_atomic_block:
            selectors.set_scope(ANONYMOUS)  # under `db` the transaction goes on
    return {
        name: Player(bodies[row[0]], person, member, secret)
        for (name, row), person, member, secret in zip(CAST.items(), people, members, secrets, strict=True)
    }


class Api:
    """The API under /api/v1 in this process: `api.post("/jobs", {...}, by=actors["authority.CQ"], key="k1")`."""

    def __init__(self) -> None:
        self.client = Client(raise_request_exception=False)

    def __call__(
        self, method: str, path: str, body: Any = None, *, by: Player | None = None, key: str = "", **other: Any
    ) -> Any:
        """Send one request as a token's holder or as nobody; a body goes as JSON unless `content_type` says otherwise."""
        headers = {"Authorization": f"Bearer {by.token}"} if by else {}
        headers |= {"Idempotency-Key": key} if key else {}
        headers |= other.pop("headers", {})
        if body is not None:
            other = {"data": body, "content_type": "application/json", **other}
        return (
            self.client.generic(method, f"/api/v1{path}", headers=headers, **other)
            if isinstance(body, str | bytes | None)
            else getattr(self.client, method.lower())(f"/api/v1{path}", headers=headers, **other)
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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last, faults before them, everything else first; the order inside stays."""
    items.sort(key=lambda item: ("browser" in item.keywords) * 2 + ("slow" in item.keywords))
