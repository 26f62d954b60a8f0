"""Verifying stored rows: everything that was altered is found, and named for what it is."""

import pytest

from bashu.kernel.journal.engine import merkle, signing
from bashu.kernel.journal.engine.verify import CHUNK, Fault, Summary, verify_journal


def verified(journal) -> Summary | Fault:
    return verify_journal(
        origin=journal.origin,
        keys=journal.keys,
        rows=journal.rows,
        nodes=journal.level,
        checkpoints=journal.checkpoints,
    )


def fault_of(journal) -> tuple[str, int]:
    found = verified(journal)
    assert isinstance(found, Fault), found
    return found.kind, found.number


def with_header(row: tuple, header: str) -> tuple:
    return (row[0], header, *row[2:])


class TestWholeJournal:
    @pytest.mark.parametrize("counts", [(), (1,), (2, 1, 3), (7, 9, 1), (CHUNK + 1, CHUNK - 1, 5), (3 * CHUNK,)])
    def test_holds_and_is_counted(self, journal, counts):
        journal.seal(*counts)
        size = sum(counts)
        found = verified(journal)
        assert found == Summary(size, size, 0, len(journal.nodes), len(counts), size, journal.tree.root())

    def test_holds_across_a_rotation_of_keys(self, journal):
        journal.seal(3)
        journal.rotate()
        journal.seal(4)
        journal.rotate()
        assert verified(journal.seal(2)).checkpoints == 3

    def test_holds_with_erased_bodies(self, journal):
        journal.seal(5)
        journal.erase(1)
        journal.erase(4)
        found = verified(journal)
        assert (found.bodies, found.erased, found.signed) == (3, 2, 5)

    def test_says_where_the_signatures_end(self, journal):
        journal.seal(5)
        journal.append(3)
        found = verified(journal)
        assert (found.entries, found.signed) == (8, 5)


class TestAlteredRow:
    @pytest.mark.parametrize("number", [0, 1, 6, 10, 11, 12])
    def test_a_header_is_told_from_its_leaf(self, journal, number):
        journal.seal(4, 7, 2)
        row = journal.rows[number]
        journal.rows[number] = with_header(row, row[1].replace("report", "remove"))
        assert fault_of(journal) == ("row", number)

    @pytest.mark.parametrize("number", [0, 5, 12])
    def test_a_lost_header_is_named(self, journal, number):
        journal.seal(4, 7, 2)
        journal.rows[number] = with_header(journal.rows[number], None)
        found = verified(journal)
        assert found == Fault("row", number, "its leaf is there, but the entry is missing")

    def test_even_when_its_sibling_stands_beyond_the_checkpoint(self, journal):
        journal.seal(5, 5)
        row = journal.rows[4]
        journal.rows[4] = with_header(row, row[1].replace("report", "remove"))
        found = verified(journal)
        assert (found.kind, found.number) == ("row", 4)
        assert "the checkpoint over it" in found.what

    def test_a_header_rewritten_with_its_leaf_is_still_the_row(self, journal):
        journal.seal(6, 7)
        row = journal.rows[9]
        header = row[1].replace("report", "remove")
        journal.rows[9] = (*with_header(row, header)[:4], merkle.leaf_hash(header.encode()))
        assert fault_of(journal) == ("row", 8)  # the pair 8, 9 under the first node that differs

    @pytest.mark.parametrize("header", ["{", "[]", '"text"', '{"time":"2025-06-01T00:00:00Z"}'])
    def test_a_header_that_names_no_digest_is_refused_even_when_signed(self, journal, header):
        journal.append(1)
        row = journal.rows[0]
        journal.rows[0] = (*with_header(row, header)[:4], merkle.leaf_hash(header.encode()))
        journal.tree = merkle.Frontier()
        journal.tree.append_many([journal.rows[0][4]])
        journal.checkpoint()
        assert fault_of(journal) == ("row", 0)


class TestAlteredLeaf:
    @pytest.mark.parametrize("number", [0, 1, 6, 10, 11, 12])
    def test_is_told_from_its_header(self, journal, number):
        journal.seal(4, 7, 2)
        journal.rows[number] = (*journal.rows[number][:4], bytes(32))
        assert fault_of(journal) == ("leaf", number)

    def test_a_lost_entry_is_missed(self, journal):
        journal.seal(4, 7)
        del journal.rows[6]
        assert fault_of(journal) == ("leaf", 6)

    def test_two_entries_in_exchanged_places_are_missed(self, journal):
        journal.seal(9)
        journal.rows[2], journal.rows[3] = journal.rows[3], journal.rows[2]
        assert fault_of(journal) == ("leaf", 2)

    def test_lost_last_entries_leave_a_checkpoint_without_them(self, journal):
        journal.seal(4, 3)
        del journal.rows[5:]
        assert fault_of(journal) == ("checkpoint", 7)


class TestAlteredBody:
    @pytest.mark.parametrize("place", [2, 3])
    def test_is_named(self, journal, place):
        journal.seal(9)
        row = list(journal.rows[5])
        row[place] = b"\0" * 16 if place == 2 else row[place].replace("5", "6")
        journal.rows[5] = tuple(row)
        assert fault_of(journal) == ("body", 5)

    def test_a_body_without_its_salt_is_named(self, journal):
        journal.seal(2)
        journal.rows[1] = (*journal.rows[1][:2], None, *journal.rows[1][3:])
        assert fault_of(journal) == ("body", 1)


class TestAlteredNode:
    def test_every_node_that_is_altered_or_lost_is_named(self, journal):
        journal.seal(4, 7, 2)
        for place, (level, index, _) in enumerate(list(journal.nodes)):
            kept = journal.nodes[place]
            journal.nodes[place] = (level, index, bytes(32))
            assert fault_of(journal) == ("node", index << level)
            del journal.nodes[place]
            found = verified(journal)
            assert (found.kind, found.number) == ("node", index << level)
            assert found.what == f"node {index} of level {level} is missing"
            journal.nodes.insert(place, kept)

    @pytest.mark.parametrize("extra", [(1, 3), (2, 1), (9, 0)])
    def test_a_node_over_nothing_is_named(self, journal, extra):
        journal.seal(6)
        journal.nodes.append((*extra, bytes(32)))
        assert fault_of(journal) == ("node", extra[1] << extra[0])


class TestAlteredCheckpoint:
    @pytest.mark.parametrize(
        "change",
        [{"root": bytes(32)}, {"time": "2026-01-01T00:00:00Z"}, {"signature": bytes(64)}, {"key": "0" * 16}],
    )
    def test_is_named(self, journal, change):
        journal.seal(4, 3, 2)
        journal.checkpoints[1] = journal.checkpoints[1]._replace(**change)
        assert fault_of(journal) == ("checkpoint", 7)

    def test_of_another_journal_is_refused(self, journal):
        journal.seal(3)
        journal.origin = "蜀"
        assert fault_of(journal) == ("checkpoint", 3)

    def test_a_past_rewritten_from_leaf_to_nodes_contradicts_the_signed_root(self, journal):
        journal.seal(4, 3)
        row = journal.rows[5]
        header = row[1].replace("report", "remove")
        journal.rows[5] = (*with_header(row, header)[:4], merkle.leaf_hash(header.encode()))
        journal.nodes = merkle.Frontier().append_many([row[4] for row in journal.rows])
        found = verified(journal)
        assert (found.kind, found.number) == ("checkpoint", 7)
        assert "entries from 4 on were rewritten" in found.what

    def test_an_old_key_signs_nothing_after_its_time(self, journal):
        journal.seal(3)
        old = journal.private
        journal.rotate()
        journal.append(2)
        root = journal.tree.root()
        message = signing.checkpoint_message(
            algorithm="ed25519", key=journal.keys[0].id, origin=journal.origin, root=root, size=5, time="t"
        )
        signature = signing.sign("ed25519", old, message)
        journal.checkpoints.append(signing.Checkpoint(5, root, journal.keys[0].id, "t", signature))
        assert fault_of(journal) == ("checkpoint", 5)


class TestAlteredKey:
    @pytest.mark.parametrize(
        "change",
        [
            {"public": bytes(32)},
            {"id": "0" * 16},
            {"endorsement": bytes(64)},
            {"endorsement": None},
            {"endorsed_by": "0" * 16},
            {"size": 2},
            {"algorithm": "sm2-sm3"},
        ],
    )
    def test_is_named_by_its_place(self, journal, change):
        journal.seal(3)
        journal.rotate()
        journal.seal(3)
        journal.keys[1] = journal.keys[1]._replace(**change)
        assert fault_of(journal) == ("key", 2)

    def test_the_first_key_stands_alone_at_the_beginning(self, journal):
        journal.seal(3)
        journal.rotate()
        journal.seal(3)
        del journal.keys[0]
        assert fault_of(journal) == ("key", 1)


class TestMemory:
    def test_rows_are_taken_as_they_are_needed(self, journal):
        journal.seal(2 * CHUNK)
        taken = []
        journal.rows[3] = (*journal.rows[3][:4], bytes(32))

        def rows():
            for row in journal.rows:
                taken.append(row[0])
                yield row

        found = verify_journal(
            origin=journal.origin,
            keys=journal.keys,
            rows=rows(),
            nodes=journal.level,
            checkpoints=journal.checkpoints,
        )
        assert found == Fault("leaf", 3, found.what)
        assert len(taken) == CHUNK
