"""Reading the journal: entries, the tree's nodes, proofs, checkpoints."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection
from django.db.models import Max, QuerySet
from uuid_utils.compat import uuid7

from bashu.kernel.journal.engine import merkle
from bashu.kernel.journal.engine.signing import Checkpoint as SignedCheckpoint
from bashu.kernel.journal.engine.signing import PublicKey
from bashu.kernel.journal.engine.verify import Fault, Summary, verify_journal
from bashu.kernel.journal.formats import export
from bashu.kernel.journal.models import Checkpoint, Entry, Key, Leaf, Node, Unsealed

ROWS_AT_A_TIME = 5_000


def tree_size() -> int:
    """How many entries are sealed."""
    last = Leaf.objects.aggregate(last=Max("sequence"))["last"]
    return 0 if last is None else last + 1


def unsealed_count() -> int:
    """How many committed entries wait for the sealer: the tail that no checkpoint covers yet."""
    return Unsealed.objects.count()


def node(level: int, index: int) -> bytes:
    """A complete subtree's hash; level 0 is a leaf."""
    if level == 0:
        return bytes(Leaf.objects.values_list("hash", flat=True).get(sequence=index))
    return bytes(Node.objects.values_list("hash", flat=True).get(level=level, index=index))


def edge(size: int) -> list[bytes]:
    """The hashes of the maximal complete subtrees of a tree of `size` leaves, left to right."""
    hashes, start = [], 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size & (1 << level):
            hashes.append(node(level, start >> level))
            start += 1 << level
    return hashes


def entry_list(*, subject: str | None = None, kind: str | None = None, before: UUID | None = None) -> QuerySet[Entry]:
    """Entries, newest first, with their place in the tree and their body where the viewer may read it."""
    entries = Entry.objects.select_related("leaf", "body").order_by("-id")
    if subject:
        entries = entries.filter(subject=subject)
    if kind:
        entries = entries.filter(kind=kind)
    if before:
        entries = entries.filter(id__lt=before)
    return entries


def checkpoint_latest() -> Checkpoint | None:
    """The newest signed checkpoint."""
    return Checkpoint.objects.select_related("key").order_by("-size").first()


def inclusion(sequence: int, size: int) -> list[bytes]:
    """The inclusion proof of one entry in the tree of `size` (RFC 9162 §2.1.3)."""
    return merkle.inclusion_path(size, sequence, node)


def consistency(old: int, new: int) -> list[bytes]:
    """The proof that the tree of `old` entries is a prefix of that of `new` (RFC 9162 §2.1.4)."""
    return merkle.consistency_path(old, new, node)


def public_keys() -> list[PublicKey]:
    """The chain of signing keys, oldest first."""
    return [
        PublicKey(
            id=key.id, algorithm=key.algorithm, public=bytes(key.public), endorsed_by=key.endorsed_by_id,
            endorsement=None if key.endorsement is None else bytes(key.endorsement), size=key.size, time=key.time,
        )
        for key in Key.objects.order_by("size", "time")
    ]  # fmt: skip


def origin() -> str:
    """Whose journal this is; empty before anything was sealed."""
    return Key.objects.order_by("size", "time").values_list("origin", flat=True).first() or ""


def batches(query: str, parameters: Sequence[int] = ()) -> Iterator[list[tuple[Any, ...]]]:
    """Rows of a query through a server-side cursor, some thousand at a time; runs in the caller's transaction.

    psycopg's own cursor in binary: Django's wrapper costs more per row than the hashing that follows.
    """
    connection.ensure_connection()
    return fetched(connection.connection, query, parameters)  # here, because Django's connection belongs to this thread


def fetched(database: psycopg.Connection, query: str, parameters: Sequence[int]) -> Iterator[list[tuple[Any, ...]]]:
    """Batches of rows of a query on one connection, from whichever thread asks."""
    with psycopg.ServerCursor(database, f"journal_{uuid7().hex}") as cursor:
        cursor.execute(query, parameters, binary=True)
        while rows := cursor.fetchmany(ROWS_AT_A_TIME):
            yield rows


def stream(query: str, parameters: Sequence[int] = ()) -> Iterator[tuple[Any, ...]]:
    """Rows of a query one by one, in constant memory."""
    return chain.from_iterable(batches(query, parameters))


def read_ahead(source: Iterator[list[tuple[Any, ...]]]) -> Iterator[list[tuple[Any, ...]]]:
    """The same batches, the next one being fetched while the caller works on this one."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        coming = thread.submit(next, source, None)
        while (batch := coming.result()) is not None:
            coming = thread.submit(next, source, None)
            yield batch


def sealed_rows() -> Iterator[tuple[int, str, bytes | None, str | None, bytes]]:
    """Sealed entries in sequence: (sequence, header, salt, body, leaf hash)."""
    query = """
        SELECT leaf.sequence, entry.header, body.salt, body.content, leaf.hash
        FROM journal_leaf leaf LEFT JOIN journal_entry entry ON entry.id = leaf.entry_id
        LEFT JOIN journal_body body ON body.entry_id = leaf.entry_id ORDER BY leaf.sequence
        """
    return chain.from_iterable(read_ahead(batches(query)))


def level_nodes(level: int) -> Iterator[tuple[int, bytes]]:
    """The stored interior nodes of one level, by index."""
    return stream("SELECT index, hash FROM journal_node WHERE level = %s ORDER BY index", [level])


def checkpoints() -> Iterator[SignedCheckpoint]:
    """Every checkpoint, by size."""
    query = "SELECT size, root, key_id, time, signature FROM journal_checkpoint ORDER BY size"
    return (SignedCheckpoint(*row) for row in stream(query))


def export_entries() -> Iterator[export.Entry]:
    """Sealed entries as an export gives them out: a body the viewer may not read is withheld, an erased one is null."""
    query = """
        SELECT leaf.sequence, entry.header, body.salt, body.content, body.entry_id IS NULL
        FROM journal_leaf leaf JOIN journal_entry entry ON entry.id = leaf.entry_id
        LEFT JOIN journal_body body ON body.entry_id = leaf.entry_id
        WHERE leaf.sequence < (SELECT max(size) FROM journal_checkpoint) ORDER BY leaf.sequence
        """
    return (export.Entry(*row) for row in stream(query))


def export_lines() -> Iterator[bytes]:
    """The journal as the viewer may read it, in the export's format (see `formats/export.py`).

    Reads when the first line is asked for, not before, so that keys, entries and checkpoints are of one `snapshot`.
    """
    yield from export.export_lines(
        origin=origin(), keys=public_keys(), entries=export_entries(), checkpoints=checkpoints()
    )


def verified() -> Summary | Fault:
    """Verify the whole stored journal in one snapshot; run as a role that may read every body."""
    return verify_journal(
        origin=origin(), keys=public_keys(), rows=sealed_rows(), nodes=level_nodes, checkpoints=checkpoints()
    )


def unsealed_lost() -> int:
    """Entries that are neither sealed nor in the outbox, by anti-join: always none."""
    query = """
        SELECT count(*) FROM journal_entry entry
        WHERE NOT EXISTS (SELECT 1 FROM journal_leaf leaf WHERE leaf.entry_id = entry.id)
        AND NOT EXISTS (SELECT 1 FROM journal_unsealed unsealed WHERE unsealed.entry_id = entry.id)
        """
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])
