"""What leaves the repository: the wheel runs from an empty folder, and a new system's rooms pass the house's checks."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


def run(*command: str, **options: object) -> subprocess.CompletedProcess:
    """A command that must succeed; what it said otherwise."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """An empty folder that the database's own user may enter, as pytest's is not."""
    folder = Path("/tmp") / f"bashu-wheel-{os.getpid()}"
    folder.mkdir(mode=0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_the_wheel_holds_all_it_needs_and_runs_from_an_empty_folder(tmp_path: Path, open_folder: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    run(*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path), str(ROOT))
    wheel = next(tmp_path.glob("bashu-*.whl"))
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "bashu/kernel/web/static/vendor/htmx.min.js" in names
    assert "bashu/locale/zh_Hans/LC_MESSAGES/django.mo" in names
    assert {"bashu/programme/facts/targets.toml", "bashu/kernel/places/facts/boundaries.topojson"} <= names
    run(*pip, "install", "--no-deps", "--target", str(tmp_path / "there"), str(wheel))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("BASHU_", "DJANGO_"))}
    environment |= {"PYTHONPATH": str(tmp_path / "there"), "BASHU_DATABASE_IDLE_SECONDS": "20"}
    bashu = [sys.executable, "-m", "bashu"]
    assert "First administrator" in run(*bashu, "upgrade", cwd=open_folder, env=environment).stdout
    status = run(*bashu, "programme", "status", "--json", cwd=open_folder, env=environment).stdout
    assert len(json.loads(status)) == 11


def test_a_new_system_imports_the_right_way_and_has_a_command(tmp_path: Path) -> None:
    run("git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(tmp_path / "house"))
    house = tmp_path / "house"
    run(sys.executable, "tools/new_system.py", "berths", "Ships borrow quay time", cwd=house)
    environment = {**os.environ, "PYTHONPATH": str(house / "src"), "BASHU_HOME": str(tmp_path / "home")}
    assert "Ships borrow quay time" in run(sys.executable, "-m", "bashu", "berths", "--help", env=environment).stdout
    run(sys.executable, "-m", "ruff", "check", "src/bashu/berths", cwd=house)
    run(shutil.which("lint-imports") or str(Path(sys.executable).parent / "lint-imports"), cwd=house, env=environment)
