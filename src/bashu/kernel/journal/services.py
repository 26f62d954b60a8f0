"""Writing the journal: appending with the rows, sealing behind them, erasing a body, keeping the signing key."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from uuid_utils.compat import uuid7

from bashu.kernel.database.prepared import prepared
from bashu.kernel.journal import keys
from bashu.kernel.journal.engine.canonical import canonical
from bashu.kernel.journal.engine.merkle import Frontier, leaf_hash
from bashu.kernel.journal.engine.signing import checkpoint_message
from bashu.kernel.journal.models import Checkpoint, Key
from bashu.kernel.journal.selectors import edge, tree_size

SALT_BYTES = 16
BATCH = 20_000  # entries sealed in one transaction: bounds the sealer's memory
SEALER_LOCK = 0x6261736875  # advisory lock: one sealer at a time in a database


@dataclass(frozen=True, slots=True)
class Draft:
    """One entry before it is written. `time` is UTC; `body` holds only what canonical JSON can (no floats)."""

    kind: str
    subject: str
    actor: str
    organisation: str
    organisation_name: str
    jurisdiction: str
    request: str
    time: datetime
    public: bool
    body: Mapping[str, Any]


class Sealed(NamedTuple):
    """What one round of sealing did: entries sealed, and the tree's size after it."""

    entries: int
    size: int


# Inserts header, body and outbox row of each draft. A statement of its own may follow, so that a command's last write costs no
# second trip; its parameters come after those of `append_values`. %b sends arrays as binary: as text each quote is escaped.
APPEND = """
    WITH draft AS (
        SELECT * FROM unnest(%b::uuid[], %b::text[], %b::bytea[], %b::text[]) AS d(id, header, salt, content)
    ), entry AS (
        INSERT INTO journal_entry (id, header) SELECT id, header FROM draft
    ), body AS (
        INSERT INTO journal_body (entry_id, salt, content) SELECT id, salt, content FROM draft
    ), unsealed AS (
        INSERT INTO journal_unsealed (entry_id) SELECT id FROM draft
    )
"""


def entries_append(drafts: Sequence[Draft]) -> list[UUID]:
    """Insert header, body and outbox row of each draft in one statement, in the caller's transaction.

    Writers never wait on each other here: the sealer gives entries their sequence later.
    """
    values = append_values(drafts)
    prepared(APPEND + "SELECT", values)
    return values[0]


def append_values(drafts: Sequence[Draft]) -> list[list[Any]]:
    """The parameters of APPEND: identifiers, headers, salts, bodies."""
    ids, headers, salts, contents = [], [], [], []
    for draft in drafts:
        entry_id, salt, content = uuid7(), os.urandom(SALT_BYTES), canonical(draft.body)
        ids.append(entry_id)
        headers.append(header_of(draft, entry_id, sha256(salt + content).hexdigest()))
        salts.append(salt)
        contents.append(content.decode())
    return [ids, headers, salts, contents]


def header_of(draft: Draft, entry_id: UUID, digest: str) -> str:
    """The canonical header: what is hashed into the tree and never changes."""
    return canonical(
        {
            "actor": draft.actor,
            "body": digest,
            "id": str(entry_id),
            "jurisdiction": draft.jurisdiction,
            "kind": draft.kind,
            "organisation": draft.organisation,
            "organisation_name": draft.organisation_name,
            "public": draft.public,
            "request": draft.request,
            "subject": draft.subject,
            "time": draft.time.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        }
    ).decode()


def entries_seal(*, limit: int = BATCH) -> Sealed:
    """Take committed entries out of the outbox, append them to the Merkle tree (RFC 9162 §2.1) and sign a checkpoint.

    All or nothing in one transaction; returns (0, size) when there is nothing to seal or another sealer is at work.
    Writers still open are simply not there yet: their entries come with a later round.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEALER_LOCK])
        size = tree_size()
        if not cursor.fetchone()[0]:
            return Sealed(0, size)
        cursor.execute(
            """
            WITH taken AS (
                DELETE FROM journal_unsealed WHERE entry_id IN (
                    SELECT entry_id FROM journal_unsealed ORDER BY entry_id LIMIT %s FOR UPDATE SKIP LOCKED
                ) RETURNING entry_id
            )
            SELECT entry.id, entry.header FROM taken JOIN journal_entry entry ON entry.id = taken.entry_id ORDER BY entry.id
            """,
            [limit],
        )
        rows = cursor.fetchall()
        if not rows:
            return Sealed(0, size)
        frontier = Frontier(size, edge(size))
        hashes = [leaf_hash(header.encode()) for _, header in rows]
        nodes = frontier.append_many(hashes)
        leaves = ((size + n, entry_id, leaf) for n, ((entry_id, _), leaf) in enumerate(zip(rows, hashes, strict=True)))
        copy_in(cursor, "journal_leaf (sequence, entry_id, hash)", ["int8", "uuid", "bytea"], leaves)
        copy_in(cursor, "journal_node (level, index, hash)", ["int2", "int8", "bytea"], nodes)
        checkpoint_sign(size=frontier.size, root=frontier.root())
    return Sealed(len(rows), frontier.size)


def copy_in(cursor: Any, table: str, types: list[str], rows: Iterable[tuple[object, ...]]) -> None:
    """Insert rows through COPY, the fastest way into PostgreSQL."""
    with cursor.copy(f"COPY {table} FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def checkpoint_sign(*, size: int, root: bytes) -> Checkpoint:
    """Sign the tree's size and root with the node's current key."""
    key, time = keys.current(), keys.now_text()
    message = checkpoint_message(
        algorithm=key.algorithm, key=key.id, origin=key.origin, root=root, size=size, time=time
    )
    return Checkpoint.objects.create(size=size, root=root, key=key, time=time, signature=keys.sign(key, message))


def key_rotate() -> Key:
    """Make a new signing key, endorsed by the current one, from the tree's present size on."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEALER_LOCK])
        return keys.rotate(size=tree_size())


def body_erase(entry_id: UUID) -> None:
    """Empty one entry's body and salt; its digest in the header and every proof stay as they are."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE journal_body SET salt = NULL, content = NULL WHERE entry_id = %s", [entry_id])
