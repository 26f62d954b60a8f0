"""Reading the journal: entries, the tree's nodes, proofs, checkpoints."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Max, QuerySet

from bashu.kernel.journal.engine import merkle
from bashu.kernel.journal.models import Checkpoint, Entry, Leaf, Node, Unsealed


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


def rows(query: str, size: int = 5_000) -> Iterator[tuple[Any, ...]]:
    """Stream a query through a server-side cursor, in constant memory; must run in a transaction."""
    with connection.chunked_cursor() as cursor:
        cursor.itersize = size
        cursor.execute(query)
        yield from cursor


def sealed_rows() -> Iterator[tuple[Any, ...]]:
    """Sealed entries in sequence: (sequence, header, salt, content, leaf hash)."""
    return rows(
        """
        SELECT leaf.sequence, entry.header, body.salt, body.content, leaf.hash
        FROM journal_leaf leaf JOIN journal_entry entry ON entry.id = leaf.entry_id
        LEFT JOIN journal_body body ON body.entry_id = entry.id ORDER BY leaf.sequence
        """
    )
