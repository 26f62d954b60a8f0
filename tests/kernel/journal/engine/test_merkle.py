"""Merkle trees beside the recursive definition of RFC 9162 §2.1 and Certificate Transparency's well-known leaves."""

import random
from hashlib import sha256

import pytest

from bashu.kernel.journal.engine import merkle
from bashu.kernel.journal.engine.merkle import Frontier, leaf_hash

# The eight leaves that implementations of Certificate Transparency test with, and the roots over the first 1 … 8.
CT_LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"
    )
]  # fmt: skip
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def mth(entries: list[bytes]) -> bytes:
    """MTH of §2.1.1, as written."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    k = 1
    while k * 2 < len(entries):
        k *= 2
    return sha256(b"\x01" + mth(entries[:k]) + mth(entries[k:])).digest()


def path(m: int, entries: list[bytes]) -> list[bytes]:
    """PATH of §2.1.3.1, as written."""
    n = len(entries)
    if n == 1:
        return []
    k = 1
    while k * 2 < n:
        k *= 2
    return [*path(m, entries[:k]), mth(entries[k:])] if m < k else [*path(m - k, entries[k:]), mth(entries[:k])]


def subproof(m: int, entries: list[bytes], b: bool) -> list[bytes]:
    """SUBPROOF of §2.1.4.1, as written."""
    n = len(entries)
    if m == n:
        return [] if b else [mth(entries)]
    k = 1
    while k * 2 < n:
        k *= 2
    if m <= k:
        return [*subproof(m, entries[:k], b), mth(entries[k:])]
    return [*subproof(m - k, entries[k:], False), mth(entries[:k])]


def entries_of(size: int) -> list[bytes]:
    return [b"entry %d" % n for n in range(size)]


class Store:
    """Complete subtrees, as the database keeps them."""

    def __init__(self, entries: list[bytes]) -> None:
        leaves = [leaf_hash(entry) for entry in entries]
        self.nodes = {(0, n): leaf for n, leaf in enumerate(leaves)}
        self.nodes |= {(level, index): digest for level, index, digest in Frontier().append_many(leaves)}

    def __call__(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]


def altered(data: bytes) -> list[bytes]:
    """The hash with each of its bytes changed in turn, and cut and grown."""
    return [data[:n] + bytes([data[n] ^ 1]) + data[n + 1 :] for n in range(len(data))] + [data[:-1], data + b"\0"]


class TestRoot:
    def test_equals_certificate_transparencys_roots(self):
        leaves = [leaf_hash(data) for data in CT_LEAVES]
        assert [merkle.root(leaves[:size]).hex() for size in range(1, 9)] == CT_ROOTS

    def test_equals_the_definition_for_every_size_up_to_64(self):
        for size in range(65):
            entries = entries_of(size)
            assert merkle.root(map(leaf_hash, entries)) == mth(entries)

    def test_equals_the_definition_for_larger_trees(self):
        for size in random.Random(1).sample(range(65, 5000), 10):
            entries = entries_of(size)
            assert merkle.root(map(leaf_hash, entries)) == mth(entries)


class TestFrontier:
    def test_gives_the_same_tree_however_the_leaves_are_batched(self):
        draw = random.Random(2)
        entries = entries_of(300)
        for _ in range(30):
            tree, nodes = Frontier(), set()
            while tree.size < len(entries):
                batch = entries[tree.size : tree.size + draw.randint(0, 40)]
                tree = Frontier(tree.size, tree.edge)  # kept and taken up again
                nodes |= set(tree.append_many(map(leaf_hash, batch)))
            assert tree.root() == mth(entries)
            assert nodes == set(Frontier().append_many(map(leaf_hash, entries)))

    def test_completes_exactly_the_complete_subtrees_with_their_hashes(self):
        for size in range(65):
            entries = entries_of(size)
            wanted = {
                (level, index, mth(entries[index << level : (index + 1) << level]))
                for level in range(1, 8)
                for index in range(size >> level)
            }
            assert set(Frontier().append_many(map(leaf_hash, entries))) == wanted

    def test_a_copy_grows_apart(self):
        tree = Frontier()
        tree.append_many(map(leaf_hash, entries_of(5)))
        before = tree.root()
        tree.copy().append_many([leaf_hash(b"more")])
        assert (tree.size, tree.root()) == (5, before)

    def test_refuses_an_edge_that_does_not_fit_the_size(self):
        with pytest.raises(ValueError, match="5 leaves has a right edge of 2 hashes"):
            Frontier(5, [b""])
        with pytest.raises(ValueError, match="-1 leaves"):
            Frontier(-1)


class TestInclusion:
    def test_path_is_the_definitions_and_verifies_for_every_leaf_and_size_up_to_64(self):
        store = Store(entries_of(64))
        for size in range(1, 65):
            entries = entries_of(size)
            for index in range(size):
                proof = merkle.inclusion_path(size, index, store)
                assert proof == path(index, entries)
                assert merkle.verify_inclusion(leaf_hash(entries[index]), index, size, proof, mth(entries))

    def test_holds_for_larger_trees(self):
        draw = random.Random(3)
        entries = entries_of(3000)
        store = Store(entries)
        for _ in range(20):
            size = draw.randint(65, 3000)
            index = draw.randrange(size)
            proof = merkle.inclusion_path(size, index, store)
            assert proof == path(index, entries[:size])
            assert merkle.verify_inclusion(leaf_hash(entries[index]), index, size, proof, mth(entries[:size]))

    def test_refuses_every_alteration(self):
        store = Store(entries_of(64))
        for size, index in [(1, 0), (2, 1), (7, 6), (8, 0), (11, 4), (64, 63), (33, 32)]:
            entries = entries_of(size)
            leaf, root, proof = leaf_hash(entries[index]), mth(entries), merkle.inclusion_path(size, index, store)
            verify = merkle.verify_inclusion
            assert not any(verify(other, index, size, proof, root) for other in altered(leaf))
            assert not any(verify(leaf, index, size, proof, other) for other in altered(root))
            for step, digest in enumerate(proof):
                for other in altered(digest):
                    assert not verify(leaf, index, size, [*proof[:step], other, *proof[step + 1 :]], root)
                assert not verify(leaf, index, size, proof[:step] + proof[step + 1 :], root)
            assert not verify(leaf, index, size, [*proof, root], root)
            assert not any(verify(leaf, other, size, proof, root) for other in range(-1, size + 2) if other != index)

    def test_a_leaf_outside_the_tree_has_no_path(self):
        for size, index in [(0, 0), (5, 5), (5, -1)]:
            with pytest.raises(ValueError, match=f"a tree of {size} leaves has no leaf {index}"):
                merkle.inclusion_path(size, index, Store(entries_of(5)))


class TestConsistency:
    def test_path_is_the_definitions_and_verifies_for_all_pairs_up_to_64(self):
        store = Store(entries_of(64))
        roots = [mth(entries_of(size)) for size in range(65)]
        for new in range(65):
            for old in range(new + 1):
                proof = merkle.consistency_path(old, new, store)
                assert proof == (subproof(old, entries_of(new), True) if old else [])
                assert merkle.verify_consistency(old, new, roots[old], roots[new], proof)

    def test_refuses_every_alteration(self):
        store = Store(entries_of(64))
        for old, new in [(1, 2), (3, 7), (4, 7), (6, 8), (8, 8), (32, 64), (33, 64), (0, 5)]:
            old_root, new_root = mth(entries_of(old)), mth(entries_of(new))
            proof = merkle.consistency_path(old, new, store)
            verify = merkle.verify_consistency
            assert not any(verify(old, new, other, new_root, proof) for other in altered(old_root))
            if old:
                assert not any(verify(old, new, old_root, other, proof) for other in altered(new_root))
            for step, digest in enumerate(proof):
                for other in altered(digest):
                    assert not verify(old, new, old_root, new_root, [*proof[:step], other, *proof[step + 1 :]])
                assert not verify(old, new, old_root, new_root, proof[:step] + proof[step + 1 :])
            assert not verify(old, new, old_root, new_root, [*proof, new_root])

    def test_a_rewritten_past_has_no_proof(self):
        past, present = entries_of(9), [*entries_of(3), b"rewritten", *entries_of(20)[4:]]
        proof = merkle.consistency_path(9, 20, Store(present))
        assert not merkle.verify_consistency(9, 20, mth(past), mth(present), proof)

    def test_a_tree_does_not_begin_with_a_larger_one(self):
        with pytest.raises(ValueError, match="does not begin with 6 leaves"):
            merkle.consistency_path(6, 5, Store(entries_of(6)))
        assert not merkle.verify_consistency(6, 5, b"", b"", [])
