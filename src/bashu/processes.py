"""The processes of a serving node: each restarted when it dies, all ended together, none left behind."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _
from rich.console import Console

from bashu.kernel.errors import BashuError

LOOK = 0.2  # seconds between two looks at the children
PAUSES = (0.5, 1, 2, 5, 10)  # seconds before a child that keeps dying is started again
STEADY = 30  # a child that lived so long begins with the shortest pause again
PATIENCE = 10  # seconds a child has to end by itself
# Run in the child before it becomes its program: the kernel ends it when the node is killed (prctl PR_SET_PDEATHSIG).
# Not subprocess's preexec_fn, which is unsafe beside the thread that watches the database.
LEASH = "import ctypes, os, sys; ctypes.CDLL(None).prctl(1, 15); os.execv(sys.argv[1], sys.argv[1:])"
console = Console(highlight=False, soft_wrap=True)


class NodeFailed(BashuError):
    """A process the node needs did not start."""

    code, status = "node.failed", 500
    message = _("{what} ended at once with code {code}: {last} (the whole log: {log})")


class PortTaken(BashuError):
    """Another program listens where the node should."""

    code, status = "node.port_taken", 409
    message = _("Another program listens on {host}:{port}. Try --port {other}.")


class Child(NamedTuple):
    """A process of the node: what it is called, its command line, its environment, and the file its log goes to."""

    name: str
    arguments: list[str]
    environment: dict[str, str]
    log: Path


class Running:
    """One child's present process, and how often it died lately."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.deaths = 0
        self.due = 0.0
        self.start()

    def start(self) -> None:
        """Start the child in a process group of its own."""
        with self.child.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", LEASH, *self.child.arguments],
                env=self.child.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.since, self.due = time.monotonic(), 0.0

    def look(self) -> None:
        """Start the child again when it has died and its pause is over."""
        if self.process.poll() is None:
            return
        now = time.monotonic()
        if not self.due:
            self.end()  # a killed web server leaves its workers serving
            self.deaths = 0 if now - self.since > STEADY else self.deaths
            self.due = now + PAUSES[min(self.deaths, len(PAUSES) - 1)]
            self.deaths += 1
            console.print(f"{self.child.name} ended with code {self.process.returncode}; starting it again")
        elif now >= self.due:
            self.start()

    def end(self) -> None:
        """End the child with its whole group."""
        end_group(self.process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(PATIENCE)
        end_group(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Processes:
    """The node's children. `pids` is a file that names their groups, for a successor should this process be killed."""

    def __init__(self, children: list[Child], pids: Path) -> None:
        self.children, self.pids = children, pids
        self.stopping = False

    def run(self, address: str) -> None:
        """Start all, print the address when pages are served, watch until SIGINT or SIGTERM."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.stop)
        self.end_leftovers()
        running = [Running(child) for child in self.children]
        try:
            if self.await_page(address, running[0]):
                console.print(
                    f"Bashu serves [bold]{address}[/]  (Ctrl-C stops it; its log is in {self.children[0].log.parent})"
                )
            noted = ""
            while not self.stopping:
                for one in running:
                    one.look()
                pids = "\n".join(str(one.process.pid) for one in running)
                if pids != noted:
                    self.pids.write_text(pids)
                    noted = pids
                time.sleep(LOOK)
        finally:
            for one in running:  # all at once, so that stopping takes as long as the slowest
                end_group(one.process.pid, signal.SIGTERM)
            for one in running:
                one.end()
            self.pids.unlink(missing_ok=True)

    def await_page(self, address: str, web: Running) -> bool:
        """Wait until the web server answers; False when told to stop first, NodeFailed when it ends at once."""
        while not self.stopping:
            if web.process.poll() is not None:
                raise NodeFailed(
                    what=web.child.name, code=web.process.returncode, log=web.child.log, last=last_line(web.child.log)
                )
            if answers(f"{address}/health/live"):
                return True
            time.sleep(0.05)
        return False

    def stop(self, *_: object) -> None:
        """Signal handler: the watch loop ends."""
        self.stopping = True

    def end_leftovers(self) -> None:
        """End the groups that a predecessor killed with -9 noted and could not end, if they are still a node's."""
        if self.pids.exists():
            for pid in self.pids.read_text().split():
                if is_ours(int(pid), self.children[0].environment["BASHU_HOME"]):
                    end_group(int(pid), signal.SIGKILL)


def port_free(host: str, port: int) -> int:
    """The port itself, or for 0 one that is free; refuses (PortTaken) one that somebody else listens on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise PortTaken(host=host, port=port, other=port + 1) from None
        return int(probe.getsockname()[1])


def last_line(log: Path) -> str:
    """The last thing a log says."""
    lines = log.read_text(errors="replace").splitlines()
    return lines[-1].strip() if lines else ""


def answers(address: str) -> bool:
    """Whether a page can be had from our own server."""
    try:
        with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - our own address
            return True
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def is_ours(group: int, home: str) -> bool:
    """Whether a process group holds a process of a node with this home: pids are reused, so a number is not enough."""
    mark = f"BASHU_HOME={home}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.getpgid(int(process.name)) == group and mark in (process / "environ").read_bytes().split(b"\0"):
                return True
    return False


def end_group(group: int, number: signal.Signals) -> None:
    """Send a signal to a process group that may be gone already."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)
