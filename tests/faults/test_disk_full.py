"""The disk runs full while the node is written to: refused with 503, nothing half-written, and it works again with space."""

import os
import subprocess
import urllib.error
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
SIZE = 300  # megabytes: a fresh database with its first log needs about half


@pytest.fixture
def small_node(other_home):
    """A node whose home is a file system of its own, of SIZE megabytes."""
    if os.geteuid() != 0:
        pytest.skip("a disk can be made full by root only: mount(8) is refused to others")
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}m,mode=755", "tmpfs", str(other_home.home)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"no small file system can be mounted here: {done.stderr}")
    try:
        other_home.serve()
        yield other_home
    finally:
        other_home.end()
        subprocess.run(["umount", "--lazy", str(other_home.home)], check=False)


def fill(folder: Path) -> Path:
    """Take what space is left."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(b"\0" * 65536):
                pass
        except OSError:
            return ballast
    return ballast


def test_a_full_disk_refuses_and_forgives(small_node, writers) -> None:
    node = small_node
    with writers(node, 2, "room") as stream:
        stream.await_more(30)
    assert stream.wrong == []
    ballast = fill(node.home)
    refusals = []
    names = set(stream.acknowledged)
    for number in range(3_000):
        name = f"write-full-{number}"
        try:
            code, answer = node.post(
                "/parties/organisations", {"name_zh": name, "jurisdiction": "CQ", "kind": "enterprise"}, key=name
            )
        except (OSError, urllib.error.URLError):
            continue  # the web server itself lives; a connection cut in the middle is no answer
        if code == 201:
            names.add(name)
        else:
            refusals.append((code, answer["type"]))
        if len(refusals) >= 5:
            break
    assert refusals, "the disk never ran full"
    assert set(refusals) == {(503, "urn:bashu:error:bashu.unavailable")}
    ballast.unlink()
    node.await_ready()
    with writers(node, 2, "again") as more:
        more.await_more(30)
    assert more.wrong == []
    node.assert_whole(names | set(more.acknowledged))
