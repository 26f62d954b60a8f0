"""Exports: what is written is read again, whole or not at all."""

import gzip
import json

import pytest

from bashu.kernel.journal.formats import export
from bashu.kernel.journal.formats.export import Entry, Preamble


def lines_of(journal, **other):
    parts = {"keys": journal.keys, "entries": journal.entries(), "checkpoints": journal.checkpoints} | other
    return export.export_lines(origin=journal.origin, **parts)


class TestWrite:
    @pytest.mark.parametrize("name", ["journal.jsonl", "journal.jsonl.gz"])
    def test_what_is_written_is_read_again(self, journal, tmp_path, name):
        journal.seal(3)
        journal.rotate()
        journal.seal(4)
        journal.erase(2)
        export.write(tmp_path / name, lines_of(journal))
        read = list(export.read(tmp_path / name))
        first, second = journal.checkpoints
        entries = journal.entries()
        assert read == [Preamble(journal.origin, journal.keys), *entries[:3], first, *entries[3:], second]

    def test_equal_journals_give_equal_compressed_files(self, journal, tmp_path):
        journal.seal(3)
        for name in ("a.jsonl.gz", "b.jsonl.gz"):
            export.write(tmp_path / name, lines_of(journal))
        assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()

    def test_a_failure_leaves_the_older_file_and_nothing_else(self, journal, tmp_path):
        journal.seal(2)
        path = tmp_path / "journal.jsonl"
        export.write(path, lines_of(journal))
        before = path.read_bytes()
        journal.append(1)
        with pytest.raises(ValueError, match="no checkpoint covers exactly the 3 entries"):
            export.write(path, lines_of(journal))
        assert path.read_bytes() == before
        assert list(tmp_path.iterdir()) == [path]


class TestLines:
    def test_entries_are_taken_as_they_are_written(self, journal):
        journal.seal(100)
        taken = []
        lines = lines_of(journal, entries=(taken.append(entry.n) or entry for entry in journal.entries()))
        for _ in range(4):
            next(lines)
        assert taken == [0, 1, 2]

    def test_a_withheld_body_takes_its_salt_with_it(self, journal):
        journal.seal(1)
        withheld = journal.entries()[0]._replace(withheld=True)
        line = json.loads(list(lines_of(journal, entries=[withheld]))[1])
        assert (line["salt"], line["body"], line["withheld"]) == (None, None, True)

    def test_an_erased_body_takes_its_salt_with_it(self, journal):
        journal.seal(1)
        erased = journal.entries()[0]._replace(body=None)
        line = json.loads(list(lines_of(journal, entries=[erased]))[1])
        assert (line["salt"], line["body"], line["withheld"]) == (None, None, False)

    def test_an_empty_journal_ends_with_its_empty_checkpoint(self, journal):
        journal.checkpoint()
        assert len(list(lines_of(journal))) == 2

    def test_refuses_a_gap(self, journal):
        journal.seal(3)
        with pytest.raises(ValueError, match="entry 1 is missing: entry 2 comes in its place"):
            list(lines_of(journal, entries=journal.entries()[::2]))

    def test_refuses_a_checkpoint_beyond_the_entries(self, journal):
        journal.seal(3, 2)
        with pytest.raises(ValueError, match="no checkpoint covers exactly the 3 entries"):
            list(lines_of(journal, entries=journal.entries()[:3]))

    def test_refuses_a_line_that_verifiers_would_not_read(self, journal):
        journal.seal(1)
        large = [Entry(0, journal.rows[0][1], b"\0" * 16, "x" * export.LONGEST_LINE)]
        with pytest.raises(ValueError, match="entry 0: its line would be longer than 16 MB"):
            list(lines_of(journal, entries=large))


class TestRead:
    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"{", "line 1"),
            (b"[]\n", "line 1"),
            (b'{"format":"other","origin":"","keys":[]}\n', "line 1: the format is 'other'"),
            (b'{"format":"bashu-journal-1","origin":"","keys":[]}\n{"n":0}\n', "line 2"),
            (b'{"format":"bashu-journal-1","origin":"","keys":[]}\n{"checkpoint":5}\n', "line 2"),
        ],
    )
    def test_names_the_malformed_line(self, tmp_path, data, message):
        path = tmp_path / "journal.jsonl"
        path.write_bytes(data)
        with pytest.raises(ValueError, match=message):
            list(export.read(path))

    def test_refuses_an_endless_line_without_reading_it_whole(self, tmp_path):
        path = tmp_path / "journal.jsonl.gz"
        with gzip.open(path, "wb", compresslevel=1) as stream:
            stream.write(b" " * (export.LONGEST_LINE + 2))
        with pytest.raises(ValueError, match="line 1: longer than 16 MB"):
            list(export.read(path))

    def test_names_the_line_where_a_compressed_file_breaks_off(self, journal, tmp_path):
        path = tmp_path / "journal.jsonl.gz"
        export.write(path, lines_of(journal.seal(200)))
        path.write_bytes(path.read_bytes()[:-2000])
        with pytest.raises(ValueError, match=r"line \d+: Compressed file ended"):
            list(export.read(path))
