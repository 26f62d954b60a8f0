"""Whole nodes in homes of their own, a stream of writes into them, and what must be true of their journals afterwards."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from bashu.kernel.database import accounts
from bashu.kernel.database.connection import connect
from bashu.kernel.database.layout import OWNER, Layout
from bashu.kernel.database.supervisor import status, stop

TESTS = Path(__file__).resolve().parent.parent
PATIENCE = 120  # seconds for anything to come true on two busy cores

# Each number counts rows that must not be: written in part, written twice, sealed twice, sealed without being there.
WHOLE = """
    WITH made AS (SELECT public_id, name_zh FROM parties_organisation WHERE name_zh LIKE 'write-%'),
         told AS (SELECT id, subject FROM journal_entry WHERE kind = 'parties.organisation.apply'),
         kept AS (SELECT answer->>'record' AS subject FROM commands_receipt WHERE command = 'parties.organisation.apply')
    SELECT (SELECT count(*) - count(DISTINCT name_zh) FROM made),
           (SELECT count(*) - count(DISTINCT subject) FROM told),
           (SELECT count(*) FROM made FULL JOIN told ON told.subject = 'parties.organisation:' || made.public_id
            WHERE made.public_id IS NULL OR told.id IS NULL),
           (SELECT count(*) FROM made FULL JOIN kept ON kept.subject = 'parties.organisation:' || made.public_id
            WHERE made.public_id IS NULL OR kept.subject IS NULL),
           (SELECT count(*) FROM journal_entry e LEFT JOIN journal_body b ON b.entry_id = e.id WHERE b.entry_id IS NULL),
           (SELECT count(*) FROM journal_leaf l LEFT JOIN journal_entry e ON e.id = l.entry_id WHERE e.id IS NULL),
           (SELECT count(*) - count(DISTINCT entry_id) FROM journal_leaf),
           (SELECT count(*) FROM journal_leaf JOIN journal_unsealed USING (entry_id)),
           (SELECT count(*) FROM journal_entry e WHERE NOT EXISTS (SELECT 1 FROM journal_leaf l WHERE l.entry_id = e.id)
            AND NOT EXISTS (SELECT 1 FROM journal_unsealed u WHERE u.entry_id = e.id))
"""


class Node:
    """`bashu serve` on a free port in a home of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.layout = Layout(home)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        own = {name: value for name, value in os.environ.items() if not name.startswith("BASHU_")}
        self.environment = {
            **own, "BASHU_HOME": str(home), "BASHU_DATABASE_FSYNC": "off", "BASHU_API_RATE": "1000000",
            "PYTHONPATH": os.pathsep.join([str(TESTS), own["PYTHONPATH"]]),
        }  # fmt: skip
        self.process: subprocess.Popen[bytes] | None = None
        self.tokens: dict[str, str] = {}

    def bashu(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a bashu command on this node."""
        done = subprocess.run(
            [sys.executable, "-m", "bashu", *arguments],
            env=self.environment, capture_output=True, text=True, check=False, timeout=PATIENCE,
        )  # fmt: skip
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def serve(self) -> None:
        """Start `bashu serve` and wait until it is ready to work."""
        with (self.home / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bashu", "serve", "--port", str(self.port)],
                env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.await_ready()
        if not self.tokens:
            made = subprocess.run(
                [sys.executable, str(TESTS / "players.py")],
                env={**self.environment, "DJANGO_SETTINGS_MODULE": "bashu.settings"},
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            self.tokens = json.loads(made.stdout)

    def await_ready(self) -> None:
        """Wait until database, migrations and sealer are in order."""

        def ready() -> bool:
            try:
                with urllib.request.urlopen(f"{self.address}/health/ready", timeout=10) as answer:
                    return answer.status == 200
            except (OSError, urllib.error.URLError):
                return False

        wait(ready, lambda: (self.home / "serve.log").read_text()[-3000:])

    def post(self, path: str, body: dict[str, str], key: str) -> tuple[int, dict]:
        """One write as Chongqing's authority: (status, answer). OSError when nobody answers, or only half."""
        request = urllib.request.Request(
            f"{self.address}/api/v1{path}", json.dumps(body).encode(),
            {"Content-Type": "application/json", "Idempotency-Key": key, "Authorization": f"Bearer {self.tokens['authority.CQ']}"},
        )  # fmt: skip
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.load(refusal)
        except (http.client.HTTPException, json.JSONDecodeError) as cut:  # killed in the middle of its answer
            raise ConnectionError(str(cut)) from cut

    def child(self, name: str) -> psutil.Process:
        """A child of `bashu serve`: web, sealer or worker."""
        marks = {"web": "granian", "sealer": "seal", "worker": "worker"}

        def found() -> psutil.Process | None:
            for process in psutil.Process(self.process.pid).children():
                if marks[name] in process.cmdline()[3:] or marks[name] in process.cmdline()[2:3]:
                    return process
            return None

        return wait(found, lambda: f"no {name}")

    def victim(self, name: str) -> int:
        """The process id of what a test is about to kill."""
        match name:
            case "web worker":
                return wait(lambda: self.child("web").children(), lambda: "no web worker")[0].pid
            case "web server":
                return self.child("web").pid
            case "sealer" | "worker":
                return self.child(name).pid
            case "serve":
                return self.process.pid
        return wait(lambda: getattr(status(self.home), name), lambda: f"no {name}")

    def ask(self, query: str) -> tuple:
        """One row from the node's database, as its owner."""
        with connect(self.layout, OWNER, "bashu") as connection:
            return connection.execute(query).fetchone()

    def assert_whole(self, names: set[str]) -> None:
        """Exactly these organisations were written, each whole and once; everything gets sealed; the journal verifies."""
        wait(lambda: self.ask("SELECT count(*) FROM journal_unsealed")[0] == 0, lambda: "the sealer did not catch up")
        assert self.ask(WHOLE) == (0,) * 9
        with connect(self.layout, OWNER, "bashu") as connection:
            rows = connection.execute(
                "SELECT name_zh FROM parties_organisation WHERE name_zh LIKE 'write-%'"
            ).fetchall()
        assert {row[0] for row in rows} == names
        assert "is intact" in self.bashu("journal", "verify").stdout

    def processes(self) -> list[psutil.Process]:
        """Every process that was started for this home, but for the database's own."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("BASHU_HOME") == str(self.home) and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def knows(self, name: str) -> bool:
        """Whether an organisation of that name was written."""
        with connect(self.layout, OWNER, "bashu") as connection:
            query = "SELECT 1 FROM parties_organisation WHERE name_zh = %s"
            return connection.execute(query, [name]).fetchone() is not None

    def end(self) -> None:
        """End all of it."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        stop(self.home)
        for process in self.processes():
            process.kill()
        self.process = None

    def remove(self) -> None:
        """End all of it and leave no trace."""
        self.end()
        shutil.rmtree(self.layout.socket_dir, ignore_errors=True)
        shutil.rmtree(accounts.state_dir(self.layout), ignore_errors=True)
        shutil.rmtree(self.home, ignore_errors=True)


class Writers:
    """Threads that put organisations forward, each again and again under one key until it is acknowledged."""

    def __init__(self, node: Node, count: int, mark: str) -> None:
        self.node, self.mark = node, mark.replace(" ", "-")
        self.acknowledged: dict[str, str] = {}
        self.wrong: list[object] = []
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self.write, args=[number], daemon=True) for number in range(count)]

    def write(self, writer: int) -> None:
        """Write until told to stop; never leave a write undecided, for its outcome would be unknown."""
        number = 0
        while not self.stopping.is_set():
            name, number = f"write-{self.mark}-{writer}-{number}", number + 1
            self.put_forward(name)

    def put_forward(self, name: str) -> None:
        """One write, repeated with its key until the node says it is done."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                code, answer = self.node.post(
                    "/parties/organisations", {"name_zh": name, "jurisdiction": "CQ", "kind": "enterprise"}, key=name
                )
            except OSError:
                time.sleep(0.05)  # between two tries, not for a condition
                continue
            if code == 201:
                self.acknowledged[name] = answer["public_id"]
                return
            if code != 503:
                self.wrong.append((name, code, answer))
                return
            time.sleep(0.05)
        self.wrong.append((name, "never acknowledged"))

    def __enter__(self) -> "Writers":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join(PATIENCE)

    def await_more(self, count: int) -> None:
        """Wait until so many more writes are acknowledged."""
        goal = len(self.acknowledged) + count
        wait(lambda: len(self.acknowledged) >= goal or self.wrong, lambda: f"{len(self.acknowledged)} of {goal} writes")


def wait(condition: Callable[[], object], what: Callable[[], str]):
    """Poll a condition until it holds, and give what it said."""
    until = time.monotonic() + PATIENCE
    while not (value := condition()):
        assert time.monotonic() < until, what()
        time.sleep(0.05)
    return value


def new_home() -> Path:
    """An empty home that the server's user can enter (pytest's own folders are closed to it)."""
    home = Path(tempfile.mkdtemp(prefix="bashu-node-", dir="/tmp"))
    home.chmod(0o755)
    return home


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    """One running node for a module's tests; each leaves it working."""
    made = Node(new_home())
    try:
        made.serve()
        yield made
    finally:
        made.remove()


@pytest.fixture
def other_home() -> Iterator[Node]:
    """A second node, not yet started."""
    made = Node(new_home())
    yield made
    made.remove()


@pytest.fixture
def writers() -> type[Writers]:
    """`with writers(node, count, mark) as stream`: a stream of writes."""
    return Writers
