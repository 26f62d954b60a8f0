"""Merkle trees of RFC 9162 §2.1: one hash that stands for a list, and short proofs about the list.

A tree over n leaves splits at the largest power of two below n, so a complete subtree, once complete, never changes.
It is named here by its level (0 = leaves) and its index from the left: node (1, 3) is over the leaves 6 and 7.
Storing the complete ones is enough: every root and every proof is folded from O(log n) of them.

>>> a, b, c = (leaf_hash(data) for data in (b"a", b"b", b"c"))
>>> root([a, b, c]) == node_hash(node_hash(a, b), c)
True
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()
"""The root of the tree without leaves (RFC 9162 §2.1.1)."""

NodeReader = Callable[[int, int], bytes]
"""(level, index) → the stored hash of a complete subtree."""


Node = tuple[int, int, bytes]
"""(level, index, hash) of the complete subtree over the leaves [index · 2^level, (index + 1) · 2^level)."""


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 ‖ data): the leaf of one entry (RFC 9162 §2.1.1)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right): an interior node; the other prefix keeps leaves and nodes apart (§2.1.1)."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """A growing tree, remembered by its size and its right edge alone: what a sealer needs to carry on.

    `edge` holds the roots of the complete subtrees that tile the tree from left to right, one for each bit set in
    `size`, so at most 64 hashes whatever the size.

    >>> leaves = [leaf_hash(data) for data in (b"a", b"b", b"c")]
    >>> tree = Frontier()
    >>> [(level, index) for level, index, _ in tree.append_many(leaves)]
    [(1, 0)]
    >>> tree.size, tree.edge == (node_hash(leaves[0], leaves[1]), leaves[2])
    (3, True)
    >>> tree.root() == root(leaves)
    True
    """

    __slots__ = ("_edge", "size")

    def __init__(self, size: int = 0, edge: Sequence[bytes] = ()) -> None:
        """Take up a tree of `size` leaves whose `edge` was kept; raises ValueError when the two do not fit."""
        if size < 0 or len(edge) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has a right edge of {max(size, 0).bit_count()} hashes")
        self.size = size
        levels = [level for level in reversed(range(size.bit_length())) if size >> level & 1]
        self._edge = dict(zip(levels, edge, strict=True))  # by level

    @property
    def edge(self) -> tuple[bytes, ...]:
        """The right edge, largest subtree first."""
        return tuple(self._edge[level] for level in sorted(self._edge, reverse=True))

    def copy(self) -> "Frontier":
        """The same tree, to grow apart from this one."""
        return Frontier(self.size, self.edge)

    def append_many(self, leaf_hashes: Iterable[bytes]) -> list[Node]:
        """Append leaves; return the interior nodes they complete, by level and then by index.

        Works level by level rather than leaf by leaf, which keeps the loop that hashes free of anything else.
        """
        row, level, first = list(leaf_hashes), 0, self.size  # `row` holds the new nodes of a level, from index `first`
        self.size += len(row)
        completed: list[Node] = []
        while row:
            if first & 1:  # the first new node is a right child: its left sibling waited on the edge
                row.insert(0, self._edge.pop(level))
                first -= 1
            if len(row) & 1:  # the last one is a left child without a sibling: it waits
                self._edge[level] = row.pop()
            row = [sha256(b"\x01" + left + right).digest() for left, right in zip(row[::2], row[1::2], strict=True)]
            level, first = level + 1, first >> 1
            completed += [(level, index, digest) for index, digest in enumerate(row, first)]
        return completed

    def root(self) -> bytes:
        """The root over all leaves so far (§2.1.1): the right edge folded from its smallest subtree up."""
        if not self.size:
            return EMPTY_ROOT
        smallest, *larger = reversed(self.edge)
        for left in larger:
            smallest = node_hash(left, smallest)
        return smallest


def root(leaves: Iterable[bytes]) -> bytes:
    """The root over these leaf hashes (RFC 9162 §2.1.1, MTH)."""
    tree = Frontier()
    tree.append_many(leaves)
    return tree.root()


def inclusion_path(size: int, index: int, node: NodeReader) -> list[bytes]:
    """The hashes that lead from leaf `index` to the root over the first `size` leaves (RFC 9162 §2.1.3.1, PATH).

    `node(level, index)` reads a complete subtree; subtrees on the right edge are folded from those.
    Raises ValueError when the leaf is not in the tree.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    path: list[bytes] = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            path.append(_subtree(middle, stop, node))
            stop = middle
        else:
            path.append(_subtree(start, middle, node))
            start = middle
    return path[::-1]


def consistency_path(old: int, new: int, node: NodeReader) -> list[bytes]:
    """The hashes that prove the tree of `old` leaves to be a prefix of that of `new` leaves (RFC 9162 §2.1.4.1, PROOF).

    Empty when old = new, and when old = 0: every list begins with the empty one. Raises ValueError when old > new.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} leaves does not begin with {old} leaves")
    if old in (0, new):
        return []
    path: list[bytes] = []
    start, stop = 0, new
    while stop != old:
        middle = start + _split(stop - start)
        if old <= middle:
            path.append(_subtree(middle, stop, node))
            stop = middle
        else:
            path.append(_subtree(start, middle, node))
            start = middle
    if start:  # otherwise the verifier holds this hash already: it is the old root
        path.append(_subtree(start, stop, node))
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether `path` proves `leaf` to be number `index` of the `size` leaves under this root (RFC 9162 §2.1.3.2).

    >>> a, b, c = (leaf_hash(data) for data in (b"a", b"b", b"c"))
    >>> verify_inclusion(c, 2, 3, [node_hash(a, b)], root([a, b, c]))
    True
    >>> verify_inclusion(c, 1, 3, [node_hash(a, b)], root([a, b, c]))
    False
    """
    if not 0 <= index < size:
        return False
    fn, sn, r = index, size - 1, leaf
    for p in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether `path` proves that the tree of `new` leaves begins with the tree of `old` leaves (RFC 9162 §2.1.4.2).

    >>> a, b, c = (leaf_hash(data) for data in (b"a", b"b", b"c"))
    >>> verify_consistency(2, 3, root([a, b]), root([a, b, c]), [c])
    True
    >>> verify_consistency(2, 3, root([a, c]), root([a, b, c]), [c])
    False
    """
    if not 0 <= old <= new:
        return False
    if old in (0, new):
        return not path and old_root == (new_root if old == new else EMPTY_ROOT)
    if not path:
        return False
    if old & (old - 1) == 0:
        path = [old_root, *path]
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == old_root and sr == new_root


def _split(size: int) -> int:
    """The largest power of two smaller than `size`, which is at least 2 (RFC 9162 §2.1.1, k)."""
    return 1 << (size - 1).bit_length() - 1


def _subtree(start: int, stop: int, node: NodeReader) -> bytes:
    """The hash over the leaves [start, stop): read when complete, folded from complete ones on the right edge."""
    width = stop - start
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return node(level, start >> level)
    middle = start + _split(width)
    return node_hash(_subtree(start, middle, node), _subtree(middle, stop, node))
