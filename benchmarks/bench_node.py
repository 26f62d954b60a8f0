"""The node as its users meet it: seconds to the first page, memory at rest, the home page with 10,000 readings.

python benchmarks/bench_node.py

The peers are floors measured in the same run: the same server's empty page, and the database server's share of the memory.
"""

import contextlib
import http.client
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import node
import psutil

from bashu.kernel.database.connection import connect
from bashu.kernel.database.layout import Layout

READINGS = 10_000
REQUESTS = 40
PATIENCE = 600  # seconds


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serving() -> Iterator[tuple[int, float, psutil.Process]]:
    """A serving demonstration node: its port, the seconds until its first page was there, its process."""
    port, start = free_port(), time.perf_counter()
    command = [sys.executable, "-m", "bashu", "--demo", "serve", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while status(port, "/") != 200:
            if time.perf_counter() - start > PATIENCE or process.poll() is not None:
                sys.exit("the node did not start")
            time.sleep(0.05)
        yield port, time.perf_counter() - start, psutil.Process(process.pid)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def status(port: int, path: str) -> int | None:
    """The status of a page, None while nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return None
    finally:
        connection.close()


def milliseconds(port: int, path: str, requests: int = REQUESTS) -> float:
    """The median time of a page over one kept connection, in milliseconds: server time and a loop through the loopback."""
    connection, times = http.client.HTTPConnection("127.0.0.1", port, timeout=30), []
    for _ in range(requests):
        start = time.perf_counter()
        connection.request("GET", path)
        connection.getresponse().read()
        times.append(1000 * (time.perf_counter() - start))
    connection.close()
    return statistics.median(times[requests // 4 :])  # the first ones warm both workers


def memory(process: psutil.Process) -> tuple[float, float]:
    """Megabytes (proportional set size) of the whole node and of its database server."""
    mine = [process, *process.children(recursive=True)]
    server = [found for found in psutil.process_iter() if is_database(found)]
    sums = [sum(one.memory_full_info().pss for one in group) / 2**20 for group in (mine, server)]
    return sum(sums), sums[1]


def is_database(process: psutil.Process) -> bool:
    """Whether a process is the supervisor or the server of this benchmark's home."""
    with contextlib.suppress(psutil.Error):
        words = process.cmdline()
        supervisor = "bashu.kernel.database.supervisor" in words and str(node.HOME) in words
        return supervisor or any(str(node.HOME) in word for word in words if "/pg" in word) or in_home(process)
    return False


def in_home(process: psutil.Process) -> bool:
    """Whether a process works in the data folder, as every process of a PostgreSQL server does."""
    with contextlib.suppress(psutil.Error):
        return process.cwd() == str((node.HOME / "pg").resolve())
    return False


def fill() -> dict[str, object]:
    """Ten thousand confirmed readings over all targets with a number, as a busy region would have after years."""
    import django

    django.setup()
    from uuid_utils.compat import uuid7

    from bashu.kernel.parties.models import Organisation
    from bashu.programme.models import Reading, Target

    chance, now = random.Random(2025), datetime.now(UTC)
    office = Organisation.objects.first()
    targets = list(Target.objects.exclude(kind="qualitative").exclude(counts_enterprises=True))
    readings, first = [], date(2022, 1, 1)
    for number in range(READINGS):
        target, side = targets[number % len(targets)], ("CQ", "SC")[number // len(targets) % 2]
        day = first + timedelta(days=number // len(targets) // 2)
        readings.append(
            Reading(
                target=target, jurisdiction=side, period_start=day, period_end=day, value=Decimal(chance.randrange(1, 10**6)),
                basis="reported", coverage="whole", state="confirmed", organisation=office, reported_by=uuid7(),
                reported_at=now, decided_by=uuid7(), decided_organisation=office, decided_at=now,
            )
        )  # fmt: skip
    Reading.objects.bulk_create(readings, batch_size=1000)
    return {"readings": Reading.objects.filter(state="confirmed").count()}


def clear() -> None:
    """Drop the benchmark's demonstration."""
    (node.HOME / "run").mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, "-m", "bashu", "demo", "clear", "--yes"], check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    """The whole benchmark: a first start that prepares everything, then the second, which is measured."""
    os.environ["BASHU_DATABASE"] = "bashu_demo"
    clear()  # what an interrupted run left
    with serving():
        pass
    with serving() as (port, seconds, process):
        while status(port, "/health/ready") != 200:
            time.sleep(0.1)
        whole, database = memory(process)
        node.report("node.start", ours=round(seconds, 2), unit="s to the first page, second run", bar=5)
        node.report("node.memory", ours=round(whole), peer=round(database), peer_name="its database server alone",
                    ratio=round(whole / database, 2), unit="MB at rest", bar=700)  # fmt: skip
        os.environ["BASHU_DEMO"] = "1"
        filled = node.as_role("system", __file__, "fill")
        with connect(Layout(node.HOME), "owner", "bashu_demo") as owner:
            owner.execute("ANALYZE programme_reading")  # as autovacuum does within a minute
        cold = [
            milliseconds(port, f"/?as_of=2025-11-{day}", requests=1) for day in range(10, 20)
        ]  # nothing of them is remembered
        home, floor = milliseconds(port, "/?as_of=2025-11-29"), milliseconds(port, "/health/live")
        node.report("home.page", ours=round(home, 1), peer=round(floor, 1), peer_name="the same server's empty page",
                    ratio=round(home / floor, 1), after_a_write=round(statistics.median(cold), 1),
                    unit="ms, median", bar=80, **filled)  # fmt: skip
    clear()


if __name__ == "__main__":
    if sys.argv[1:] == ["fill"]:
        print(json.dumps(fill()))
    else:
        main()
