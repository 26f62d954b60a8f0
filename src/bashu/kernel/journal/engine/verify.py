"""Verifying a journal from its stored rows: one pass, constant memory, the first fault named.

Everything the database keeps about the past is computed anew and compared: leaf from header, digest from body, interior
nodes and roots from leaves, signatures from keys. What is right above a difference tells which side of it was altered.
"""

from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from itertools import islice
from typing import Any, NamedTuple

import orjson

from bashu.kernel.journal.engine.merkle import Frontier, Node, leaf_hash
from bashu.kernel.journal.engine.signing import (
    ALGORITHMS,
    Checkpoint,
    PublicKey,
    checkpoint_message,
    endorsement_message,
    key_id,
    verify,
)

Row = tuple[int, str | None, bytes | None, str | None, bytes]
"""(sequence, header text, salt, body text, leaf hash); salt and body are None when erased, the header when it is lost."""

LevelReader = Callable[[int], Iterable[tuple[int, bytes]]]
"""level (1 and up) → that level's stored nodes (index, hash) by index. Up to 40 are read side by side."""

CHUNK = 1024  # rows held at a time; even, so that a leaf and its sibling mostly come together


class Fault(NamedTuple):
    """The first thing found wrong. `kind` is row, body, leaf, node, checkpoint or key; `number` says which one:
    the entry's sequence (row, body, leaf), the first entry under a node, the size of a checkpoint, a key's place."""

    kind: str
    number: int
    what: str


class Summary(NamedTuple):
    """What holds: sealed entries, bodies present and erased, nodes, checkpoints, and the entries they sign for."""

    entries: int
    bodies: int
    erased: int
    nodes: int
    checkpoints: int
    signed: int
    root: bytes


class _FaultError(Exception):
    def __init__(self, kind: str, number: int, what: str) -> None:
        super().__init__(what)
        self.fault = Fault(kind, number, what)


def verify_journal(
    *,
    origin: str,
    keys: Iterable[PublicKey],
    rows: Iterable[Row],
    nodes: LevelReader,
    checkpoints: Iterable[Checkpoint],
) -> Summary | Fault:
    """Verify a whole journal: rows by sequence from 0, keys oldest first, checkpoints by size.

    All must be read from one snapshot of the database. Returns the first fault, or what was verified: entries after
    the last checkpoint are checked against leaves and nodes, and `signed` says where signatures end. The first key is
    taken as genuine: whoever calls compares it with a copy kept elsewhere.
    """
    pass_ = _Pass(origin, nodes)
    try:
        pass_.chain = _chain(keys)
        return pass_.run(iter(rows), iter(checkpoints))
    except _FaultError as error:
        return pass_.suspect or error.fault


class _Pass:
    """One pass over a journal: the tree computed so far, and what was counted."""

    def __init__(self, origin: str, nodes: LevelReader) -> None:
        self.origin = origin
        self.chain: list[PublicKey] = []
        self.tree = Frontier()
        self.stored = _StoredNodes(nodes)
        self.bodies = self.erased = self.checkpoints = self.signed = 0
        self.suspect: Fault | None = None  # a node that differs, until a signed root tells which side was altered

    def run(self, rows: Iterator[Row], checkpoints: Iterator[Checkpoint]) -> Summary:
        """Chunk by chunk; a chunk ends where a checkpoint stands, so that its root can be taken there."""
        checkpoint = next(checkpoints, None)
        while True:
            while checkpoint is not None and checkpoint.size <= self.tree.size:
                self._checkpoint(checkpoint)
                checkpoint = next(checkpoints, None)
            room = CHUNK if checkpoint is None else min(CHUNK, checkpoint.size - self.tree.size)
            chunk = list(islice(rows, room))
            if not chunk:
                break
            self._chunk(chunk, checkpoint)
        size = self.tree.size
        if checkpoint is not None:
            raise _FaultError("checkpoint", checkpoint.size, f"it covers {checkpoint.size} entries, {size} are stored")
        if self.suspect is None:
            self.suspect = self.stored.left_over()
        if self.suspect is not None:
            raise _FaultError(*self.suspect)
        return Summary(
            size, self.bodies, self.erased, self.stored.read, self.checkpoints, self.signed, self.tree.root()
        )

    def _chunk(self, chunk: list[Row], checkpoint: Checkpoint | None) -> None:
        """Check rows one by one, then the nodes they complete together."""
        leaves = []
        for number, (sequence, header, salt, body, leaf) in enumerate(chunk, self.tree.size):
            if sequence != number:
                raise _FaultError("leaf", number, f"entry {number} is missing: entry {sequence} comes in its place")
            if header is None:
                raise _FaultError("row", number, "its leaf is there, but the entry is missing")
            text = header.encode()
            computed = sha256(b"\x00" + text).digest()
            if computed != leaf:
                raise self._altered(number, chunk, checkpoint)
            digest = _body_digest(number, text)
            if body is None:
                self.erased += 1
            elif salt is None or sha256(salt + body.encode()).hexdigest() != digest:
                raise _FaultError("body", number, "the body does not have the digest that its header names")
            else:
                self.bodies += 1
            leaves.append(computed)
        fault = self.stored.compare(self.tree.append_many(leaves))
        self.suspect = self.suspect or fault

    def _altered(self, number: int, chunk: list[Row], checkpoint: Checkpoint | None) -> _FaultError:
        """Header and leaf of an entry differ: what lies above them tells which was altered."""
        by_headers, by_leaves = self.tree.copy(), self.tree.copy()
        computed = by_headers.append_many(leaf_hash((row[1] or "").encode()) for row in chunk)
        kept = by_leaves.append_many(bytes(row[4]) for row in chunk)
        above = next((place for place, (level, index, _) in enumerate(kept) if index == number >> level), None)
        if above is not None:  # the lowest node over the entry
            level, index, from_leaf = kept[above]
            from_header = computed[above][2]
            witness, what = self.stored.at(level, index), "the node above it"
        else:
            from_header, from_leaf, what = by_headers.root(), by_leaves.root(), "the checkpoint over it"
            ends_here = checkpoint is not None and checkpoint.size == by_leaves.size
            witness = checkpoint.root if checkpoint is not None and ends_here else None
        if witness == from_leaf:
            return _FaultError("row", number, f"the header was altered: {what} fits the stored leaf hash")
        if witness == from_header:
            return _FaultError("leaf", number, f"the stored leaf hash was altered: {what} fits the header")
        return _FaultError("row", number, "header and leaf hash differ, and nothing above tells which was altered")

    def _checkpoint(self, checkpoint: Checkpoint) -> None:
        size = checkpoint.size
        if size != self.tree.size:
            raise _FaultError("checkpoint", size, f"out of order: it stands after {self.tree.size} entries")
        self._signature(checkpoint)
        if checkpoint.root == self.tree.root():
            if self.suspect is not None:  # the entries are what was signed, so it is the node that was altered
                raise _FaultError(*self.suspect)
        elif self.suspect is not None:
            number = self.suspect.number
            self.suspect = None
            raise _FaultError("row", number, "rewritten with its leaf hash: the nodes above and the signed root differ")
        else:
            what = f"entries from {self.signed} on were rewritten with leaves and nodes: the signed root is another"
            raise _FaultError("checkpoint", size, what)
        self.checkpoints, self.signed = self.checkpoints + 1, size

    def _signature(self, checkpoint: Checkpoint) -> None:
        size = checkpoint.size
        place = next((place for place, key in enumerate(self.chain) if key.id == checkpoint.key), None)
        if place is None:
            raise _FaultError("checkpoint", size, f"its key {checkpoint.key} is not one of the journal's keys")
        key, later = self.chain[place], self.chain[place + 1 : place + 2]
        if size < key.size or any(size > following.size for following in later):
            raise _FaultError("checkpoint", size, f"its key {key.id} was not in charge at {size} entries")
        message = checkpoint_message(
            algorithm=key.algorithm,
            key=key.id,
            origin=self.origin,
            root=checkpoint.root,
            size=size,
            time=checkpoint.time,
        )
        if not verify(key.algorithm, key.public, message, checkpoint.signature):
            raise _FaultError("checkpoint", size, "its signature is not genuine")


class _StoredNodes:
    """The stored interior nodes, each level read as its own stream so that no order across levels is needed."""

    def __init__(self, nodes: LevelReader) -> None:
        self.streams = [iter(())] + [iter(_lazily(nodes, level)) for level in range(1, 64)]
        self.read = 0

    def compare(self, completed: list[Node]) -> Fault | None:
        """The stored nodes that come next against the computed ones; the first that differs, if any."""
        streams = self.streams
        self.read += len(completed)
        for level, index, digest in completed:
            stored = next(streams[level], None)
            if stored is None or stored[0] != index:
                return Fault("node", index << level, f"node {index} of level {level} is missing")
            if stored[1] != digest:
                return Fault("node", index << level, f"node {index} of level {level} is not the hash of what is below")
        return None

    def at(self, level: int, index: int) -> bytes | None:
        """A stored node further on in its level; reading it passes over those before."""
        return next((digest for other, digest in self.streams[level] if other == index), None)

    def left_over(self) -> Fault | None:
        """A stored node that no entries stand under, if any."""
        for level, stream in enumerate(self.streams):
            for index, _ in stream:
                return Fault("node", index << level, f"node {index} of level {level} stands over no sealed entries")
        return None


def _lazily(nodes: LevelReader, level: int) -> Iterator[tuple[int, bytes]]:
    """Open a level's stream when its first node is asked for."""
    yield from nodes(level)


def _body_digest(number: int, header: bytes) -> Any:
    """The body's digest that a header names. That its text is canonical is the writer's and the export's to check."""
    try:
        return orjson.loads(header)["body"]
    except (ValueError, KeyError, TypeError):
        raise _FaultError("row", number, "the header is not a JSON object that names its body's digest") from None


def _chain(keys: Iterable[PublicKey]) -> list[PublicKey]:
    """The keys, each found to be endorsed by the one before it."""
    chain: list[PublicKey] = []
    for place, key in enumerate(keys, 1):
        if key.algorithm not in ALGORITHMS:
            raise _FaultError("key", place, f"unknown algorithm {key.algorithm!r}: known are {', '.join(ALGORITHMS)}")
        if key.id != key_id(key.algorithm, key.public):
            raise _FaultError("key", place, "its id does not belong to its public key")
        if chain and not _endorsed(key, chain[-1]):
            raise _FaultError("key", place, "it is not endorsed by the key before it")
        if not chain and (key.size or key.endorsed_by or key.endorsement):
            raise _FaultError("key", place, "the first key signs from 0 entries on and is endorsed by none")
        chain.append(key)
    return chain


def _endorsed(key: PublicKey, by: PublicKey) -> bool:
    if key.endorsed_by != by.id or key.endorsement is None or key.size < by.size:
        return False
    message = endorsement_message(
        algorithm=key.algorithm, key=key.id, public=key.public, endorsed_by=by.id, size=key.size, time=key.time
    )
    return verify(by.algorithm, by.public, message, key.endorsement)
