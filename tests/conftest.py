"""One embedded server for all tests; a template database built once per version; tests run as the restricted role.

`db` (pytest-django): a rolled-back transaction in this session's database. `database`: a clone of the template for tests
that need real commits, several connections or processes.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "bashu"
os.environ.update(
    BASHU_HOME=str(ROOT / "var" / "test"),
    BASHU_DATABASE=f"bashu_test_{os.getpid()}",
    BASHU_DATABASE_FSYNC="off",
    BASHU_ROLE="app",
    DJANGO_SETTINGS_MODULE="bashu.settings",
    PYTHONPATH=os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep),
)

import django
import pytest

django.setup()  # here, for the modules of tests import models

from bashu.kernel.database.layout import Layout
from bashu.kernel.database.prepare import clone, drop, exists
from bashu.kernel.database.supervisor import ensure


def template_name() -> str:
    """The template's name changes with everything that `bashu upgrade` puts into a database."""
    digest = hashlib.sha256()
    for file in sorted(
        [
            *PACKAGE.rglob("migrations/*.py"),
            *PACKAGE.rglob("facts/*.*"),
            *PACKAGE.rglob("services*.py"),
            *PACKAGE.rglob("services/*.py"),
        ]
    ):
        digest.update(file.read_bytes())
    return f"bashu_template_{digest.hexdigest()[:12]}"


@pytest.fixture(scope="session")
def server() -> Layout:
    """The embedded server of the tests."""
    return ensure(os.environ["BASHU_HOME"])


@pytest.fixture(scope="session")
def template(server: Layout) -> str:
    """A database as `bashu upgrade` leaves it: schema, facts, first administrator."""
    name = template_name()
    if not exists(server, name):
        building = f"bashu_building_{os.getpid()}"
        drop(server, building)
        done = subprocess.run(
            [sys.executable, "-m", "bashu", "upgrade"],
            env={**os.environ, "BASHU_ROLE": "owner", "BASHU_DATABASE": building},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        clone(server, building, name)
        drop(server, building)
    return name


@pytest.fixture(scope="session")
def django_db_setup(server: Layout, template: str, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """pytest-django's set-up: this session's clone of the template instead of a database it would make itself."""
    from django.db import connections

    name = os.environ["BASHU_DATABASE"]
    drop(server, name)
    clone(server, template, name)
    yield
    with django_db_blocker.unblock():
        connections.close_all()
    drop(server, name)


@contextmanager
def connected_to(name: str) -> Iterator[None]:
    """Point Django, and every process it starts, at another database."""
    from django.conf import settings
    from django.db import connection

    before = os.environ["BASHU_DATABASE"]
    connection.close()
    connection.settings_dict["NAME"] = settings.DATABASE_NAME = os.environ["BASHU_DATABASE"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = settings.DATABASE_NAME = os.environ["BASHU_DATABASE"] = before


@pytest.fixture
def database(
    server: Layout, template: str, django_db_blocker: pytest.FixtureRequest, request: pytest.FixtureRequest
) -> Iterator[str]:
    """A database of this test alone, with real commits; its name."""
    from django.db import connections

    name = f"bashu_own_{os.getpid()}_{abs(hash(request.node.nodeid)) % 10**8}"
    drop(server, name)
    clone(server, template, name)
    with django_db_blocker.unblock(), connected_to(name):
        yield name
        connections.close_all()
    drop(server, name)
