"""The stand-alone verifier: a genuine export verifies, any other does not, and the fault is named."""

import gzip
import json
import random
import subprocess
import sys
import tracemalloc
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from bashu.kernel.journal.engine import merkle, signing
from bashu.kernel.journal.engine.canonical import canonical
from bashu.kernel.journal.formats import export
from bashu.kernel.journal.standalone import verify_journal

SCRIPT = Path(verify_journal.__file__)

# RFC 8032 §7.1: public key, message, signature of tests 1, 2, 3 and "SHA(abc)".
RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ),
]


def written(journal, path: Path) -> Path:
    lines = export.export_lines(
        origin=journal.origin, keys=journal.keys, entries=journal.entries(), checkpoints=journal.checkpoints
    )
    export.write(path, lines)
    return path


@pytest.fixture
def exported(journal, tmp_path):
    """Two checkpoints, a rotation between them, one erased body; the key's file beside it."""
    journal.seal(5)
    journal.rotate()
    journal.seal(4)
    journal.erase(2)
    (tmp_path / "key").write_text(journal.keys[0].public.hex() + "\n")
    return written(journal, tmp_path / "journal.jsonl")


def run(capsys, path: Path, *more: str) -> tuple[int, str]:
    """Exit code, and what was said: on stdout when verified, on stderr when not, never on both."""
    code = verify_journal.main([str(path), "--key", str(path.parent / "key"), *more])
    out, err = capsys.readouterr()
    assert not (out if code else err)
    return code, out + err


def records(path: Path) -> list:
    return [json.loads(line) for line in path.read_text().splitlines()]


def store(path: Path, changed: list) -> None:
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in changed))


class TestGenuineExport:
    def test_says_what_was_proved(self, capsys, exported, journal):
        code, said = run(capsys, exported)
        assert code == 0
        assert "Verified: the journal of 渝, 9 entries, from 2025-06-01T08:00:00.5Z to 2025-06-01T08:00:08.5Z." in said
        assert "8 present" in said
        assert "1 erased, 0 withheld" in said
        assert "Checkpoints: 2" in said
        assert "Keys: 2, beginning with the one given, each endorsed by the one before it." in said
        assert journal.tree.root().hex() in said

    def test_runs_alone_without_bashu_or_any_library(self, exported):
        command = [sys.executable, "-I", "-S", str(SCRIPT), str(exported), "--key", str(exported.parent / "key")]
        done = subprocess.run(command, capture_output=True, env={"PYTHONIOENCODING": "ascii"}, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        assert b"9 entries" in done.stdout
        assert "bashu" not in {
            line.split(".")[0].split()[-1] for line in SCRIPT.read_text().splitlines() if "import " in line
        }

    def test_reads_compressed_exports_and_a_key_in_hexadecimal(self, capsys, exported, journal):
        path = written(journal, exported.with_name("journal.jsonl.gz"))
        assert verify_journal.main([str(path), "--key", journal.keys[0].public.hex().upper()]) == 0
        assert "9 entries" in capsys.readouterr().out

    def test_an_empty_journal_verifies(self, capsys, journal, tmp_path):
        journal.checkpoint()
        (tmp_path / "key").write_text(journal.keys[0].public.hex())
        code, said = run(capsys, written(journal, tmp_path / "journal.jsonl"))
        assert (code, "0 entries" in said) == (0, True)

    def test_lines_may_end_as_on_windows(self, capsys, exported):
        exported.write_bytes(exported.read_bytes().replace(b"\n", b"\r\n"))
        assert run(capsys, exported)[0] == 0

    def test_withheld_bodies_are_told_from_erased_ones(self, capsys, exported, journal):
        changed = records(exported)
        changed[1] |= {"salt": None, "body": None, "withheld": True}
        store(exported, changed)
        assert "1 erased, 1 withheld" in run(capsys, exported)[1]

    def test_memory_does_not_grow_with_the_file(self, journal, tmp_path):
        peaks = []
        for count in (500, 4000):
            journal.seal(count)
            path = written(journal, tmp_path / "journal.jsonl.gz")
            tracemalloc.start()
            verify_journal.Verification(path, journal.keys[0].public)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        assert peaks[1] < peaks[0] + 200_000


def change_header(lines):
    lines[4]["header"] = lines[4]["header"].replace("report", "remove")


def change_last_header(lines):
    lines[-2]["header"] = lines[-2]["header"].replace("report", "remove")


def loosen_header(lines):
    lines[4]["header"] = lines[4]["header"].replace(",", ", ", 1)


def repeat_header_key(lines):
    lines[4]["header"] = lines[4]["header"].replace("{", '{"actor":"x",', 1)


def float_in_header(lines):
    lines[4]["header"] = lines[4]["header"].replace("true", "1.0").replace("false", "1.0")


def nest_header(lines):
    lines[4]["header"] = "[" * 100_000 + "]" * 100_000


def surrogate_header(lines):
    lines[4]["header"] = '{"a":"\ud800"}'


def change_body(lines):
    lines[5]["body"] = lines[5]["body"].replace("name", "nome")


def change_salt(lines):
    lines[5]["salt"] = "00" * 16


def drop_salt(lines):
    lines[5]["salt"] = None


def drop_entry(lines):
    del lines[2]


def repeat_entry(lines):
    lines.insert(3, lines[2])


def swap_entries(lines):
    lines[1]["header"], lines[2]["header"] = lines[2]["header"], lines[1]["header"]
    lines[1]["body"], lines[2]["body"] = lines[2]["body"], lines[1]["body"]
    lines[1]["salt"], lines[2]["salt"] = lines[2]["salt"], lines[1]["salt"]


def drop_last_checkpoint(lines):
    del lines[-1]


def change_root(lines):
    lines[6]["checkpoint"]["root"] = "00" * 32


def change_signature(lines):
    lines[6]["checkpoint"]["signature"] = "00" * 64


def change_origin(lines):
    lines[6]["checkpoint"]["origin"] = "蜀"


def foreign_key(lines):
    lines[6]["checkpoint"]["key"] = "0" * 16


def other_keys_checkpoint(lines):
    lines[6]["checkpoint"]["key"] = lines[0]["keys"][1]["key"]


def unknown_field(lines):
    lines[3]["note"] = "trust me"


def change_endorsement(lines):
    lines[0]["keys"][1]["endorsement"] = "00" * 64


def postdate_key(lines):
    lines[0]["keys"][1]["size"] = 4


def drop_second_key(lines):
    del lines[0]["keys"][1]


def drop_first_key(lines):
    del lines[0]["keys"][0]


def unknown_algorithm(lines):
    lines[0]["keys"][0]["algorithm"] = "sm2-sm3"


def other_format(lines):
    lines[0]["format"] = "bashu-journal-2"


def no_keys(lines):
    lines[0]["keys"] = []


class TestAlteredExport:
    @pytest.mark.parametrize(
        ("alter", "said"),
        [
            (change_header, "checkpoint (line 7): its root is not that of the entries"),
            (change_last_header, "checkpoint (line 12): its root is not that of the entries: an entry since"),
            (loosen_header, "entry 3 (line 5): the header is malformed: not canonical JSON"),
            (repeat_header_key, "entry 3 (line 5): the header is malformed: a key that occurs twice"),
            (float_in_header, "entry 3 (line 5): the header is malformed: a number that is not an integer: 1.0"),
            (nest_header, "entry 3 (line 5): the header is malformed: nested too deeply"),
            (change_body, "entry 4 (line 6): the body does not have the digest"),
            (change_salt, "entry 4 (line 6): the body does not have the digest"),
            (drop_salt, "entry 4 (line 6): salt and body must come together"),
            (drop_entry, "entry 1 (line 3): carries the number 2"),
            (repeat_entry, "entry 2 (line 4): carries the number 1"),
            (swap_entries, "checkpoint (line 7): its root is not that of the entries"),
            (drop_last_checkpoint, "the last line must be a checkpoint that covers all 9 entries"),
            (change_root, "checkpoint (line 7): its signature is not genuine"),
            (change_signature, "checkpoint (line 7): its signature is not genuine"),
            (change_origin, "checkpoint (line 7): it is of the journal of '蜀'"),
            (foreign_key, "checkpoint (line 7): its key 0000000000000000 is not one of the journal's"),
            (other_keys_checkpoint, "checkpoint (line 7): its signature is not genuine"),
            (unknown_field, "entry 2 (line 4): must have exactly the fields n, header, salt, body, withheld"),
            (change_endorsement, "line 1: key 2: its endorsement by the key before it is not genuine"),
            (postdate_key, "line 1: key 2: its endorsement by the key before it is not genuine"),
            (drop_second_key, "checkpoint (line 12): its key"),
            (drop_first_key, "line 1: key 1: the journal begins with another key than the one given"),
            (unknown_algorithm, "unknown algorithm 'sm2-sm3': this verifier knows ed25519"),
            (other_format, "line 1: the format is 'bashu-journal-2'"),
            (no_keys, "line 1: the export names no key"),
        ],
    )
    def test_is_refused_and_the_fault_named(self, capsys, exported, alter, said):
        lines = records(exported)
        alter(lines)
        store(exported, lines)
        code, message = run(capsys, exported)
        assert code == 1
        assert message.startswith("NOT verified: ")
        assert said in message

    def test_any_single_altered_character_is_refused(self, exported, journal):
        """All but the first key's time: nothing older could sign that, and nothing rests on it."""
        data = exported.read_bytes()
        time = data.index(b'"time":"') + len(b'"time":"')
        for place in random.Random(4).sample(range(len(data)), 120):
            if data[place : place + 1] in b"\n" or time <= place < time + len("2025-06-01T00:00:00"):
                continue
            exported.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
            with pytest.raises(verify_journal.Fault):
                verify_journal.Verification(exported, journal.keys[0].public)

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (b"", "line 1: must have exactly"),
            (b"\n", "line 1: not JSON"),
            (b"\xff\xfe", "line 1: not UTF-8"),
            (b"[]", "line 1: not an object"),
            (b'{"a":' + b"9" * 5000 + b"}", "line 1: an integer beyond"),
            (b"[" * 100_000, "line 1: nested too deeply"),
            (b'{"a":NaN}', "line 1: a number that is not an integer: NaN"),
            (b'{"format":1,"origin":[],"keys":{}}', "line 1: format is malformed"),
        ],
    )
    def test_malformed_files_are_refused_in_one_line(self, capsys, exported, data, said):
        exported.write_bytes(data)
        code, message = run(capsys, exported)
        assert (code, message.count("\n")) == (1, 1)
        assert said in message

    def test_a_lone_surrogate_in_a_header_is_refused(self, capsys, exported):
        lines = records(exported)
        surrogate_header(lines)
        exported.write_text("".join(json.dumps(record) + "\n" for record in lines))
        assert "entry 3 (line 5): the header is malformed" in run(capsys, exported)[1]

    def test_an_endless_line_is_refused_without_reading_it_whole(self, capsys, exported):
        path = exported.with_name("bomb.jsonl.gz")
        with gzip.open(path, "wb", compresslevel=1) as stream:
            for _ in range(20):
                stream.write(b" " * 2**20)
        assert run(capsys, path) == (1, "NOT verified: line 1: longer than 16 MB\n")

    def test_a_damaged_compressed_file_is_refused(self, capsys, exported, journal):
        path = written(journal, exported.with_name("journal.jsonl.gz"))
        whole = path.read_bytes()
        for data in (whole[:-20], b"no gzip", whole[:100] + b"\0" * 50 + whole[150:]):
            path.write_bytes(data)
            code, message = run(capsys, path)
            assert (code, message.count("\n")) == (1, 1)

    def test_a_missing_file_and_a_malformed_key_are_said(self, capsys, exported):
        assert "cannot read" in run(capsys, exported.with_name("none.jsonl"))[1]
        exported.with_name("key").write_text("not a key")
        assert "a public key is 64 hexadecimal digits" in run(capsys, exported)[1]

    def test_another_key_than_the_journals_is_refused(self, capsys, exported, journal):
        exported.with_name("key").write_text(journal.keys[1].public.hex())
        assert "the key given is a later one: give the first" in run(capsys, exported)[1]

    def test_a_rewritten_journal_under_a_key_of_its_own_is_refused(self, capsys, exported, journal):
        forged = type(journal)().seal(9)
        written(forged, exported)
        assert "begins with another key than the one given" in run(capsys, exported)[1]


class TestEntry:
    def test_is_shown_with_what_holds_it(self, capsys, exported):
        code, said = run(capsys, exported, "--entry", "1")
        assert code == 0
        assert '"id":"entry-1"' in said
        assert '"name":"巴蜀' in said
        assert "It is entry 1 of the 5 under the checkpoint of" in said
        assert "and of the 9 under the latest." in said

    def test_an_erased_body_is_said_to_be_erased(self, capsys, exported):
        assert "body    (erased)" in run(capsys, exported, "--entry", "2")[1]

    def test_outside_the_journal_is_refused(self, capsys, exported):
        assert "there is no entry 9: the export holds 9 entries" in run(capsys, exported, "--entry", "9")[1]

    def test_control_characters_of_a_body_do_not_reach_the_terminal(self, capsys, journal, tmp_path):
        journal.append(1)
        body = canonical({"after": "\x9b2J\x7f\u202e"})
        header = canonical({"body": sha256(bytes(16) + body).hexdigest(), "time": "2025-06-01T00:00:00Z"})
        journal.rows[0] = (0, header.decode(), bytes(16), body.decode(), merkle.leaf_hash(header))
        journal.tree = merkle.Frontier()
        journal.tree.append_many([merkle.leaf_hash(header)])
        journal.checkpoint()
        (tmp_path / "key").write_text(journal.keys[0].public.hex())
        said = run(capsys, written(journal, tmp_path / "journal.jsonl"), "--entry", "0")[1]
        assert r"\u009b2J\u007f\u202e" in said


class TestSince:
    @pytest.mark.parametrize("name", ["old.jsonl", "old.jsonl.gz"])
    def test_an_earlier_export_is_proved_a_prefix(self, capsys, journal, tmp_path, name):
        old = written(journal.seal(6), tmp_path / name)
        (tmp_path / "key").write_text(journal.keys[0].public.hex())
        new = written(journal.seal(5), tmp_path / "new.jsonl")
        code, said = run(capsys, new, "--since", str(old))
        assert code == 0
        assert "The first 6 entries are exactly those of the earlier checkpoint" in said

    def test_its_last_line_alone_is_enough(self, capsys, exported):
        earlier = exported.with_name("checkpoint")
        earlier.write_text(exported.read_text().splitlines()[6])
        assert "The first 5 entries are exactly" in run(capsys, exported, "--since", str(earlier))[1]

    def test_a_history_rewritten_and_signed_anew_is_found(self, capsys, journal, tmp_path):
        old = written(journal.seal(6), tmp_path / "old.jsonl")
        (tmp_path / "key").write_text(journal.keys[0].public.hex())
        rewritten = type(journal)(private=journal.private)
        rewritten.private, rewritten.keys = journal.private, journal.keys
        rewritten.append(1)
        rewritten.rows[0] = (*rewritten.rows[0][:1], rewritten.rows[0][1].replace("report", "remove"), None, None, b"")
        rewritten.tree = merkle.Frontier()
        rewritten.tree.append_many([merkle.leaf_hash(rewritten.rows[0][1].encode())])
        new = written(rewritten.seal(9), tmp_path / "new.jsonl")
        assert run(capsys, new)[0] == 0  # by itself it is flawless
        code, said = run(capsys, new, "--since", str(old))
        assert code == 1
        assert "entry 5 (line 7): the first 6 entries are not those of the earlier checkpoint" in said

    def test_a_shortened_journal_is_found(self, capsys, journal, tmp_path):
        first = journal.seal(6)
        short = written(first, tmp_path / "short.jsonl")
        (tmp_path / "key").write_text(journal.keys[0].public.hex())
        long = written(journal.seal(5), tmp_path / "long.jsonl")
        assert "covers 11 entries, this export only 6" in run(capsys, short, "--since", str(long))[1]

    def test_a_forged_earlier_checkpoint_is_refused(self, capsys, exported):
        earlier = exported.with_name("checkpoint")
        record = records(exported)[6]
        record["checkpoint"]["size"] = 4
        earlier.write_text(json.dumps(record))
        assert (
            "the earlier checkpoint: its signature is not genuine" in run(capsys, exported, "--since", str(earlier))[1]
        )

    def test_a_file_without_a_checkpoint_is_refused(self, capsys, exported):
        earlier = exported.with_name("checkpoint")
        for text in ("", '{"n":0}'):
            earlier.write_text(text)
            assert "its last line is not a checkpoint" in run(capsys, exported, "--since", str(earlier))[1]


class TestEd25519:
    @pytest.mark.parametrize(("public", "message", "signature"), RFC_8032)
    def test_verifies_the_vectors_of_rfc_8032(self, public, message, signature):
        key = verify_journal.Ed25519(bytes.fromhex(public))
        message, signature = bytes.fromhex(message), bytes.fromhex(signature)
        assert key.verify(message, signature)
        for place in range(64):
            assert not key.verify(message, signature[:place] + bytes([signature[place] ^ 1]) + signature[place + 1 :])

    @settings(max_examples=60)
    @given(st.binary(min_size=32, max_size=32), st.binary(max_size=200), st.data())
    def test_decides_as_the_cryptography_library_does(self, secret, message, data):
        private = Ed25519PrivateKey.from_private_bytes(secret)
        public, signature = private.public_key().public_bytes_raw(), private.sign(message)
        key = verify_journal.Ed25519(public)
        assert key.verify(message, signature)
        place, mask = data.draw(st.integers(0, 63)), data.draw(st.integers(1, 255))
        forged = signature[:place] + bytes([signature[place] ^ mask]) + signature[place + 1 :]
        beyond = int.from_bytes(signature[32:], "little") + verify_journal.L
        for other in (forged, signature[:32] + beyond.to_bytes(32, "little"), signature[:63], signature + b"\0", b""):
            try:
                Ed25519PublicKey.from_public_bytes(public).verify(other, message)
                expected = True
            except InvalidSignature:
                expected = False
            assert key.verify(message, other) is expected

    @settings(max_examples=100)
    @given(st.binary(min_size=32, max_size=32))
    def test_an_encoded_point_reads_back_as_itself(self, data):
        point = verify_journal.point_read(data)
        if point is not None:
            x, y = point[0], point[1]
            p = verify_journal.P
            assert (-x * x + y * y - 1 - verify_journal.D * x * x * y * y) % p == 0
            assert verify_journal.point_write(point) == data

    @pytest.mark.parametrize("y", [2, verify_journal.P, 2**255 - 1, 1 | 1 << 255])
    def test_refuses_what_is_no_point(self, y):
        with pytest.raises(verify_journal.Fault, match="not a point"):
            verify_journal.Ed25519(y.to_bytes(32, "little"))


class TestCanonical:
    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
            lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
            max_leaves=15,
        )
    )
    def test_writes_what_the_journal_writes(self, value):
        text = canonical(value)
        assert verify_journal.canonical(verify_journal.parse(text.decode())) == text

    def test_sorts_keys_beyond_the_basic_plane_as_the_journal_does(self):
        value = {"\U0001f600": 1, "\ufb33": [{"\U0001f600": 1, "\uffee": 2}]}
        assert verify_journal.canonical(value) == canonical(value)


def test_messages_and_key_ids_are_those_of_the_signing_engine(journal):
    assert journal.keys[0].id == signing.key_id("ed25519", journal.keys[0].public)
    assert set(verify_journal.ALGORITHMS) == set(signing.ALGORITHMS)
    assert (verify_journal.FORMAT, verify_journal.LONGEST_LINE) == (export.FORMAT, export.LONGEST_LINE)
