"""A small journal made by the engines themselves: rows, nodes, checkpoints and keys as the database keeps them."""

from dataclasses import dataclass, field
from hashlib import sha256

import pytest

from bashu.kernel.journal.engine import signing
from bashu.kernel.journal.engine.canonical import canonical
from bashu.kernel.journal.engine.merkle import Frontier, leaf_hash
from bashu.kernel.journal.engine.signing import Checkpoint, PublicKey
from bashu.kernel.journal.formats.export import Entry

ORIGIN = "渝"


@dataclass
class Journal:
    """Grow it with `seal`, hand the signing over with `rotate`, spoil it by changing its lists."""

    rows: list = field(default_factory=list)
    nodes: list = field(default_factory=list)
    keys: list = field(default_factory=list)
    checkpoints: list = field(default_factory=list)
    tree: Frontier = field(default_factory=Frontier)
    private: bytes = b""
    origin: str = ORIGIN

    def __post_init__(self) -> None:
        self.private, public = signing.generate("ed25519")
        self._add(public, None, None)

    def _add(self, public: bytes, by: str | None, endorsement: bytes | None) -> None:
        key = signing.key_id("ed25519", public)
        self.keys.append(PublicKey(key, "ed25519", public, by, endorsement, self.tree.size, "2025-06-01T00:00:00Z"))

    def rotate(self) -> None:
        private, public = signing.generate("ed25519")
        key, by = signing.key_id("ed25519", public), self.keys[-1].id
        message = signing.endorsement_message(
            algorithm="ed25519",
            key=key,
            public=public,
            endorsed_by=by,
            size=self.tree.size,
            time="2025-06-01T00:00:00Z",
        )
        self._add(public, by, signing.sign("ed25519", self.private, message))
        self.private = private

    def append(self, count: int) -> None:
        """Entries with their leaves and nodes, no checkpoint yet."""
        leaves = []
        for number in range(self.tree.size, self.tree.size + count):
            salt = sha256(b"%d" % number).digest()[:16]
            body = canonical({"before": None, "after": {"n": number, "name": "巴蜀 \U0001f600"}})
            header = canonical(
                {
                    "actor": "重庆市发展和改革委员会",
                    "body": sha256(salt + body).hexdigest(),
                    "id": f"entry-{number}",
                    "kind": "programme.reading.report",
                    "public": number % 2 == 0,
                    "time": f"2025-06-01T08:{number // 60 % 60:02}:{number % 60:02}.5Z",
                }
            )
            leaf = leaf_hash(header)
            leaves.append(leaf)
            self.rows.append((number, header.decode(), salt, body.decode(), leaf))
        self.nodes += self.tree.append_many(leaves)

    def checkpoint(self) -> None:
        key, size, root, time = self.keys[-1], self.tree.size, self.tree.root(), "2025-06-01T09:00:00.000001Z"
        message = signing.checkpoint_message(
            algorithm="ed25519", key=key.id, origin=self.origin, root=root, size=size, time=time
        )
        signature = signing.sign("ed25519", self.private, message)
        self.checkpoints.append(Checkpoint(size, root, key.id, time, signature))

    def seal(self, *counts: int) -> "Journal":
        for count in counts:
            self.append(count)
            self.checkpoint()
        return self

    def erase(self, number: int) -> None:
        sequence, header, _, _, leaf = self.rows[number]
        self.rows[number] = (sequence, header, None, None, leaf)

    def level(self, level: int) -> list:
        """A level's nodes, as the database gives them."""
        return sorted((index, digest) for other, index, digest in self.nodes if other == level)

    def entries(self) -> list[Entry]:
        return [Entry(number, header, salt, body) for number, header, salt, body, _ in self.rows]


@pytest.fixture
def journal():
    return Journal()
