"""A demonstration node for as long as a block runs: for the browser tests, and for the screenshots of the tour."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 900  # a first start plays the years through the services: minutes on idle cores, eight on busy ones
STOP_SECONDS = 30


class Node(NamedTuple):
    """A running node: its address, its home, and the environment with which commands reach it."""

    address: str
    home: Path
    environment: dict[str, str]

    def password(self, email: str) -> str:
        """The password of a log-in of the demonstration."""
        logins = json.loads((self.home / "keys" / "demo-logins.json").read_text())
        return next(login["password"] for login in logins if login["email"] == email)

    def run(self, *words: str, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
        """Run `bashu` beside the node; the result with its output as text."""
        command = [sys.executable, "-m", "bashu", "--demo", *words]
        return subprocess.run(command, env=self.environment, cwd=cwd, capture_output=True, text=True, check=False)


@contextmanager
def demonstration(**settings: str) -> Iterator[Node]:
    """Serve a fresh demonstration on a free port of this machine, in a home that goes with it.

    settings: further environment variables of the node. Raises RuntimeError with the node's own words when it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="bashu-demonstration-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        home.chmod(0o755)  # the database server runs as a user of its own, who must be able to enter
        port = free_port()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("BASHU_", "DJANGO_"))}
        paths = os.pathsep.join(filter(None, [str(ROOT / "src"), kept.get("PYTHONPATH", "")]))
        own = {
            "BASHU_HOME": str(home),
            "BASHU_DATABASE_FSYNC": "off",
            "PYTHONPATH": paths,
            "NO_COLOR": "1",
            "COLUMNS": "160",
        }
        node = Node(f"http://127.0.0.1:{port}", home, {**kept, **own, **settings})
        with (home / "serve.log").open("wb") as log:
            command = [sys.executable, "-m", "bashu", "--demo", "serve", "--port", str(port), "--workers", "1"]
            process = subprocess.Popen(command, env=node.environment, stdout=log, stderr=log, cwd=home)
        try:
            await_page(node, process)
            yield node
        finally:
            end(process)
            stop_database(node)
            shutil.rmtree(home, ignore_errors=True)


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def await_page(node: Node, process: "subprocess.Popen[bytes]") -> None:
    """Wait until the node serves pages and its demonstration year is played."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{node.address}/health/ready", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(f"the demonstration did not start:\n{(node.home / 'serve.log').read_text()[-4000:]}")


def end(process: "subprocess.Popen[bytes]") -> None:
    """Ask the node to stop, by its pid; insist when it does not."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def stop_database(node: Node) -> None:
    """Stop the node's embedded server at once, rather than when it has been idle for long enough."""
    code = "import sys; from bashu.kernel.database.supervisor import stop; stop(sys.argv[1])"
    subprocess.run([sys.executable, "-c", code, str(node.home)], env=node.environment, capture_output=True, check=False)
