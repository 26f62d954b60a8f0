"""Bookings of three legs through the whole service path, four processes, beside pgbench in the same run; what one is made of.

python benchmarks/bench_booking.py

A booking opens its quote, checks the goods, takes space on three departures, writes consignment, terms, legs, box and held space,
the journal's entry and the receipt, and commits with fsync on. The network is the tests' small one, with 400 days of departures.
"""

import json
import multiprocessing
import os
import random
import resource
import statistics
import sys
import time
from collections import defaultdict
from typing import Any

import django
import node
from bench_journal import PROCESSES, SECONDS, pgbench

sys.path.append(str(node.ROOT / "tests"))  # for `harbour`, the small network
ROUNDS, TRIPS, CAPACITY, PROFILED = 3, 400, 100_000, 300
LEGS = ("RAIL", "LSC", "SEA")


def fill() -> dict[str, object]:
    """The organisations and the departures."""
    from harbour import harbour_make
    from players import players_make

    made = harbour_make(players_make(), capacity=CAPACITY, trips=TRIPS)
    return {"shipper": str(made.organisations["enterprise.CQ"]), "person": str(made.actors["enterprise.CQ"].id)}


class Shipper:
    """One shipper with a quote for every day, booking at random ones."""

    def __init__(self, seed: int) -> None:
        from uuid import UUID

        from bashu.kernel.commands.actor import Actor, ActorKind, Grant, Role
        from harbour import Harbour

        known = json.loads(os.environ["BENCH_SHIPPER"])
        self.organisation = UUID(known["shipper"])
        self.actor = Actor(
            ActorKind.PERSON, UUID(known["person"]), (Grant(Role.ENTERPRISE, self.organisation, "重庆企业", "CQ"),)
        )
        harbour = Harbour({}, {}, {})
        self.quotes = [harbour.quote(trip, services=LEGS) for trip in range(TRIPS)]
        self.chance = random.Random(seed)

    def book(self, *, confirm: bool) -> Any:
        """Hold, and confirm if asked to."""
        from bashu.logistics.services.booking import consignment_confirm, consignment_hold
        from harbour import command, goods, parties

        held = consignment_hold(
            ctx=command(self.actor),
            shipper=self.organisation,
            quote=self.chance.choice(self.quotes),
            goods=goods(),
            parties=parties(),
        )
        return consignment_confirm(ctx=command(self.actor), consignment=held) if confirm else held


def book(task: tuple[int, bool]) -> tuple[int, float]:
    """One process: bookings for some seconds; how many were done, and the processor's seconds here."""
    seed, confirm = task
    shipper = Shipper(seed)
    shipper.book(confirm=confirm)  # the first one reads the network and prepares its statements
    done, end, before = 0, time.perf_counter() + SECONDS, time.process_time()
    while time.perf_counter() < end:
        shipper.book(confirm=confirm)
        done += 1
    return done, time.process_time() - before


def bookings(confirm: str) -> dict[str, object]:
    """Bookings a second over four processes."""
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        done = pool.map(book, [(seed, confirm == "yes") for seed in range(PROCESSES)])
    total = sum(number for number, _ in done)
    return {"per_second": total / SECONDS, "cpu_ms": 1000 * sum(seconds for _, seconds in done) / total}


def profile() -> dict[str, object]:
    """Where the time of one booking goes: each statement in its order, and what is left for Python, BEGIN and COMMIT."""
    import psycopg

    spent: dict[tuple[int, str], list[float]] = defaultdict(list)
    place = 0
    plain = psycopg.Cursor.execute

    def timed(cursor: Any, query: Any, *arguments: Any, **options: Any) -> Any:
        nonlocal place
        start = time.perf_counter()
        answer = plain(cursor, query, *arguments, **options)
        spent[place, " ".join(str(query).split())[:70]].append(1000 * (time.perf_counter() - start))
        place += 1
        return answer

    shipper, wholes = Shipper(7), []
    for _ in range(20):
        shipper.book(confirm=False)
    psycopg.Cursor.execute = timed  # type: ignore[method-assign]
    before = resource.getrusage(resource.RUSAGE_SELF)
    for _ in range(PROFILED):
        place, start = 0, time.perf_counter()
        shipper.book(confirm=False)
        wholes.append(1000 * (time.perf_counter() - start))
    after = resource.getrusage(resource.RUSAGE_SELF)
    psycopg.Cursor.execute = plain  # type: ignore[method-assign]
    statements = [
        {"statement": text, "ms": round(statistics.median(times), 3)} for (_, text), times in sorted(spent.items())
    ]
    whole, cpu = (
        statistics.median(wholes),
        (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / PROFILED,
    )
    rest = whole - sum(float(one["ms"]) for one in statements)
    return {
        "whole_ms": round(whole, 3),
        "statements": statements,
        "python_begin_commit_ms": round(rest, 3),
        "cpu_here_ms": round(1000 * cpu, 3),
    }


def main() -> None:
    """The whole benchmark: interleaved rounds, medians."""
    with node.fresh_database() as layout:
        os.environ["BENCH_SHIPPER"] = json.dumps(node.as_role("app", __file__, "fill"))
        rounds: dict[str, list[float]] = defaultdict(list)
        cpu: list[float] = []
        for _ in range(ROUNDS):
            rounds["pgbench"].append(pgbench(layout))
            held = node.as_role("app", __file__, "bookings", "no")
            rounds["hold"].append(float(held["per_second"]))  # type: ignore[arg-type]
            cpu.append(float(held["cpu_ms"]))  # type: ignore[arg-type]
            rounds["confirm"].append(float(node.as_role("app", __file__, "bookings", "yes")["per_second"]))  # type: ignore[arg-type]
        found = {name: statistics.median(values) for name, values in rounds.items()}
        node.report(
            "logistics.booking", ours=round(found["hold"]), peer=round(found["pgbench"]), peer_name="pgbench TPC-B-like, scale 20, simple",
            ratio=round(found["hold"] / found["pgbench"], 3), unit="bookings of three legs a second, four processes", bar=0.2,
            hold_and_confirm=round(found["confirm"]), cpu_ms_python=round(statistics.median(cpu), 2),
            rounds={name: [round(value) for value in values] for name, values in rounds.items()},
        )  # fmt: skip
        node.report("logistics.booking.profile", **node.as_role("app", __file__, "profile"))


if __name__ == "__main__":
    steps = {"fill": fill, "bookings": bookings, "profile": profile}
    if sys.argv[1:] and sys.argv[1] in steps:
        django.setup()
        print(json.dumps(steps[sys.argv[1]](*sys.argv[2:]), ensure_ascii=False))
    else:
        main()
