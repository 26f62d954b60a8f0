"""What stays true of the repository: sizes, names, contracts, documentation, migrations, row security."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from ninja import Schema

import openapi
import reference

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 600  # lines
CATCH_ALL = {"utils", "util", "helpers", "helper", "common", "misc", "shared", "stuff", "tools", "base_utils"}
SOURCES = {".py", ".html", ".js", ".css", ".sh"}

# Tables of ours that everybody may see whole: why.
WITHOUT_ROW_SECURITY = {
    "logistics_networkversion": "the network is public: the planner asks it without a sign-in",
    "logistics_departure": "timetables and free space are public",
    "logistics_closure": "everybody plans around a closed hub",
    "logistics_portoffice": "which body clears goods where is public",
    "commands_receipt": "found only by actor and key, never listed; an answer names a record that is itself protected",
    "journal_entry": "headers are public: without them nobody could verify",
    "journal_unsealed": "ids only, for the sealer and the count of what waits",
    "journal_leaf": "hashes, public: proofs are made of them",
    "journal_node": "hashes, public: proofs are made of them",
    "journal_key": "public keys",
    "journal_checkpoint": "signed statements for the public",
    "parties_person": "signing in reads it before anybody is known; services show a pseudonym only",
    "programme_statuschange": "the scoreboard's history is public", "programme_milestone": "the scoreboard is public",
    "programme_blocker": "the scoreboard is public", "programme_plan": "the scoreboard is public",
    "programme_planitem": "the scoreboard is public", "programme_task": "the scoreboard is public",
    "programme_task_owners": "the scoreboard is public",
}  # fmt: skip
PUBLIC_FACTS = ("places_", "programme_")  # what the application cannot write needs no row security


def tracked() -> list[Path]:
    """Every file that git keeps or would keep."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    long = {
        str(file.relative_to(ROOT)): lines
        for file in tracked()
        if file.suffix in SOURCES and (lines := len(file.read_text(encoding="utf-8").splitlines())) >= LONGEST
    }
    assert long == {}


def test_no_module_is_a_catch_all() -> None:
    assert [file for file in tracked() if file.suffix == ".py" and file.stem in CATCH_ALL] == []


def test_nobody_elses_code_is_kept_here() -> None:
    """Third-party scripts and styles come from the registry through a lock file, never through git."""
    foreign = [
        file
        for file in tracked()
        if "vendor" in file.parts
        or "node_modules" in file.parts
        or file.name.endswith((".min.js", ".min.css", ".whl", ".tgz"))
    ]
    assert foreign == []


def test_imports_run_one_way() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_committed_contract_is_what_the_code_says() -> None:
    assert openapi.CONTRACT.read_text(encoding="utf-8") == openapi.current(), "python tools/openapi.py"


@pytest.mark.parametrize("name", ["commands.md", "settings.md", "errors.md"])
def test_the_documentation_names_every_command_setting_and_error(name: str) -> None:
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == reference.pages()[ROOT / "docs" / name], (
        "python tools/reference.py"
    )


def test_every_setting_that_is_read_is_documented() -> None:
    """A variable read past `setting()` would be a secret switch."""
    import re

    from bashu import settings

    documented = {found.name for found in settings.DOCUMENTED}
    inner = {"BASHU_AS"}  # set by the command line itself, from --as
    read = {
        name
        for file in (ROOT / "src").rglob("*.py")
        for name in re.findall(r"""environ(?:\.get\(|\[)\s*["'](BASHU_[A-Z_]+)""", file.read_text(encoding="utf-8"))
    }
    assert read - documented - inner == set()


def test_every_error_code_means_one_thing() -> None:
    from bashu.kernel.errors import every_error

    kinds = list(reference.shipped(every_error()))
    codes = [kind.code for kind in kinds]
    assert sorted({code for code in codes if codes.count(code) > 1}) == []
    assert all(400 <= kind.status < 600 for kind in kinds)


def test_migrations_say_all_that_models_say(db: None) -> None:
    said = io.StringIO()
    call_command("makemigrations", "--check", "--dry-run", stdout=said, stderr=said)


def ours() -> set[str]:
    """The tables of our apps, those between two records too."""
    return {
        model._meta.db_table
        for config in apps.get_app_configs()
        if config.name.startswith("bashu.")
        for model in config.get_models(include_auto_created=True)
    }


def test_every_table_has_row_security_or_a_reason(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relrowsecurity")
        secured = {row[0] for row in cursor.fetchall()}
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND NOT has_table_privilege('bashu_app', oid, 'INSERT, UPDATE, DELETE')"
        )
        read_only = {row[0] for row in cursor.fetchall() if row[0].startswith(PUBLIC_FACTS)}
    open_tables = ours() - secured - read_only
    assert open_tables - set(WITHOUT_ROW_SECURITY) == set(), "say why everybody may see the whole table, or secure it"
    assert set(WITHOUT_ROW_SECURITY) - ours() == set()


def test_the_application_owns_nothing_and_bypasses_nothing(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class JOIN pg_roles r ON r.oid = relowner WHERE rolname = 'bashu_app'")
        assert cursor.fetchone() == (0,)
        cursor.execute(
            "SELECT current_user, rolsuper, rolbypassrls, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == ("bashu_app", False, False, False)


def test_the_contract_names_each_schema_once() -> None:
    """Two classes of one name would overwrite each other in the published contract, in silence."""
    import bashu.urls  # noqa: F401 - every API module is imported with it

    found: dict[str, set[str]] = {}
    waiting: list[type] = [Schema]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            waiting.append(kind)
            if kind.__module__.startswith("bashu."):
                found.setdefault(kind.__name__, set()).add(kind.__module__)
    assert {name: modules for name, modules in found.items() if len(modules) > 1} == {}
