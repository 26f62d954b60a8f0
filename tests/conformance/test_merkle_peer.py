"""Our trees beside pymerkle's (a peer under the GPL, imported here and nowhere else)."""

import pymerkle
import pytest

from bashu.kernel.journal.engine import merkle

SIZES = [1, 2, 3, 5, 7, 8, 13, 31, 64, 100]
LEAVES = [merkle.leaf_hash(b"entry %d" % n) for n in range(100)]
NODES = {(0, n): leaf for n, leaf in enumerate(LEAVES)} | {
    (level, index): digest for level, index, digest in merkle.Frontier().append_many(LEAVES)
}


def node(level: int, index: int) -> bytes:
    return NODES[level, index]


@pytest.fixture(scope="module")
def peer():
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for n in range(100):
        tree.append_entry(b"entry %d" % n)
    return tree


@pytest.mark.parametrize("size", SIZES)
class TestPeer:
    def test_roots_are_equal(self, peer, size):
        assert merkle.root(LEAVES[:size]) == peer.get_root(size)

    def test_inclusion_paths_are_equal_but_for_the_leaf_it_puts_first(self, peer, size):
        for index in range(size):
            proof = peer.prove_inclusion(index + 1, size)
            assert proof.path == [LEAVES[index], *merkle.inclusion_path(size, index, node)]

    def test_its_consistency_proofs_hold_for_our_roots_and_ours_for_its(self, peer, size):
        for old in range(1, size + 1):
            proof = peer.prove_consistency(old, size)
            pymerkle.verify_consistency(merkle.root(LEAVES[:old]), merkle.root(LEAVES[:size]), proof)
            ours = merkle.consistency_path(old, size, node)
            assert merkle.verify_consistency(old, size, peer.get_root(old), peer.get_root(size), ours)
