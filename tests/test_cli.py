"""The command line as a whole: whatever is refused is one line on standard error, with its words as they are."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bashu.processes import PortTaken, port_free


def bashu(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the tests' home."""
    return subprocess.run(
        [sys.executable, "-m", "bashu", *arguments], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("place", ["[/x]", "[red]DEYANG", "[[DEYANG]]"])
def test_brackets_in_a_refusal_are_not_taken_for_colours(place: str) -> None:
    done = bashu("logistics", "route", "--from", place, "--to", "SGSIN", "--depart", "2025-03-03", "--teu", "2")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("logistics.place_unknown: ")
    assert place in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_free_port_is_found_and_a_taken_one_refused() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        with pytest.raises(PortTaken) as refusal:
            port_free("127.0.0.1", number)
        assert refusal.value.context["port"] == number
        found = port_free("127.0.0.1", 0)
        assert found not in (0, number)
        assert port_free("127.0.0.1", found) == found


def test_a_file_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    done = bashu("power", "region", str(in_the_way / "week"), "--hours", "1")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert done.stderr.startswith("file: ")
    assert str(in_the_way) in done.stderr
