"""The journal: sealing, verifying, and its price within a command; beside pgbench and pymerkle in the same run.

python benchmarks/bench_journal.py [entries]
"""

import json
import multiprocessing
import os
import re
import subprocess
import sys
import time
from datetime import UTC, datetime

import django
import node

SECONDS = 8
PROCESSES = 4
SCALE = 20
TABLE = "CREATE TABLE bench_note (id bigserial PRIMARY KEY, public_id uuid NOT NULL UNIQUE, text text NOT NULL)"


def fill(count: int) -> dict[str, object]:
    """Append entries as commands do, in batches, as the application."""
    from uuid_utils.compat import uuid7

    from bashu.kernel.journal.services import Draft, entries_append

    now, organisation = datetime.now(UTC), str(uuid7())
    for start in range(0, count, 1000):
        entries_append(
            [
                Draft(
                    kind="programme.reading.report", subject=f"programme.reading:{uuid7()}", actor=f"person:{uuid7()}",
                    organisation=organisation, organisation_name="重庆市政府口岸物流办", jurisdiction="CQ", request=str(uuid7()),
                    time=now, public=True, body={"before": None, "after": {"target": "T08", "value": str(start + n), "state": "reported"}},
                )
                for n in range(min(1000, count - start))
            ]
        )  # fmt: skip
    return {}


def seal() -> dict[str, object]:
    """Seal all that waits."""
    from bashu.kernel.journal.services import entries_seal

    start, total = time.perf_counter(), 0
    while sealed := entries_seal().entries:
        total += sealed
    return {"entries": total, "per_second": total / (time.perf_counter() - start)}


def verify() -> dict[str, object]:
    """Verify the whole stored journal, as `bashu journal verify` does."""
    from django.db import transaction

    from bashu.kernel.journal.selectors import verified

    with transaction.atomic():
        start = time.perf_counter()
        found = verified()
        seconds = time.perf_counter() - start
    return {"entries": found.entries, "per_second": found.entries / seconds}


def write_notes(journal: bool) -> int:
    """One process: commands of one insert each, for some seconds; how many were done."""
    from django.db import connection
    from uuid_utils.compat import uuid7

    from bashu.kernel.commands import command as room
    from bashu.kernel.commands.actor import Actor, ActorKind, Grant, Role
    from bashu.kernel.commands.models import Record

    class Note(Record):
        class Meta:
            app_label = "bench"
            managed = False

    @room.command("bench.note.write", roles={Role.OPERATOR}, at="organisation")
    def note_write(*, ctx: room.Command, organisation: object, text: str) -> dict[str, str]:
        """Write one note."""
        note = Note()
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO bench_note (public_id, text) VALUES (%s, %s)", [note.public_id, text])
        ctx.append(subject=note, before=None, after={"text": text})
        return {"note": str(note.public_id)}

    if not journal:  # the same command with its receipt alone
        room.FINISH = room.FINISH.replace(room.APPEND, "")
        room.append_values = lambda drafts: []
    organisation = uuid7()
    actor = Actor(ActorKind.PERSON, uuid7(), (Grant(Role.OPERATOR, organisation, "重庆市政府口岸物流办", "CQ"),))
    done, end = 0, time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        note_write(ctx=room.Command(actor=actor, now=datetime.now(UTC)), organisation=organisation, text="桅杆吊装完成")
        done += 1
    return done


def commands(journal: str) -> dict[str, object]:
    """Commands a second over four processes, with or without the journal."""
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        return {"per_second": sum(pool.map(write_notes, [journal == "yes"] * PROCESSES)) / SECONDS}


def pgbench(layout: object) -> float:
    """pgbench's TPC-B-like transactions a second on the same server: simple protocol, four clients, as the owner."""
    from bashu.kernel.database import binaries
    from bashu.kernel.database.connection import parameters
    from bashu.kernel.database.prepare import drop, prepare

    prepare(layout, "bashu_pgbench")
    found = parameters(layout, "owner", "bashu_pgbench")
    environment = {**os.environ, "PGHOST": found["host"], "PGPORT": str(found["port"]), "PGUSER": found["user"]}
    program = str(binaries.find().program("pgbench"))
    subprocess.run(
        [program, "-i", "-q", "-s", str(SCALE), "bashu_pgbench"], env=environment, check=True, capture_output=True
    )
    command = [program, "-c", str(PROCESSES), "-j", "2", "-T", str(SECONDS), "-M", "simple", "bashu_pgbench"]
    printed = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    drop(layout, "bashu_pgbench")
    return float(re.search(r"tps = ([\d.]+)", printed)[1])


def peer_tree(count: int) -> float:
    """pymerkle's appends a second, in memory: the peer of our tree alone."""
    from pymerkle import InmemoryTree

    tree, start = InmemoryTree(algorithm="sha256"), time.perf_counter()
    for number in range(count):
        tree.append_entry(str(number).encode())
    return count / (time.perf_counter() - start)


def main(count: int) -> None:
    """The whole benchmark."""
    with node.fresh_database() as layout:
        import psycopg

        from bashu.kernel.database.connection import connect

        with connect(layout, "owner", "bashu_bench") as connection:
            connection.execute(psycopg.sql.SQL(TABLE))
        node.as_role("app", __file__, "fill", str(count))
        sealed, verified = node.as_role("system", __file__, "seal"), node.as_role("system", __file__, "verify")
        peer = peer_tree(20_000)
        node.report(
            "journal.seal",
            ours=round(sealed["per_second"]),
            peer=round(peer),
            peer_name="pymerkle append, in memory, no signature, no database",
            ratio=round(sealed["per_second"] / peer, 2),
            entries=sealed["entries"],
            bar=30_000,
        )
        node.report("journal.verify", ours=round(verified["per_second"]), entries=verified["entries"], bar=100_000)
        with_journal, without, transactions = [], [], []
        for _ in range(2):  # interleaved, so that a slow minute of the machine hits all three
            with_journal.append(node.as_role("app", __file__, "commands", "yes")["per_second"])
            without.append(node.as_role("app", __file__, "commands", "no")["per_second"])
            transactions.append(pgbench(layout))
        ours, bare, peer = max(with_journal), max(without), max(transactions)
        node.report(
            "command.journal_price",
            ours=round(ours),
            without_journal=round(bare),
            price=round(1 - ours / bare, 3),
            bar=0.30,
        )
        node.report(
            "command.throughput",
            ours=round(ours),
            peer=round(peer),
            peer_name=f"pgbench TPC-B-like, simple protocol, scale {SCALE}, {PROCESSES} clients",
            ratio=round(ours / peer, 3),
            bar=0.25,
            processes=PROCESSES,
        )


if __name__ == "__main__":
    django.setup()
    match sys.argv[1:]:
        case ["fill", count]:
            print(json.dumps(fill(int(count))))
        case ["seal"]:
            print(json.dumps(seal()))
        case ["verify"]:
            print(json.dumps(verify()))
        case ["commands", journal]:
            print(json.dumps(commands(journal)))
        case arguments:
            main(int(arguments[0]) if arguments else 200_000)
