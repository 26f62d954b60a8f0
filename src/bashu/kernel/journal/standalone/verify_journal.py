"""Verify an export of a Bashu journal with nothing but Python (3.8 or later), this file and the journal's public key.

    python3 verify_journal.py EXPORT.jsonl[.gz] --key PUBLIC_KEY
    python3 verify_journal.py EXPORT.jsonl.gz --key PUBLIC_KEY --entry 17
    python3 verify_journal.py EXPORT.jsonl.gz --key PUBLIC_KEY --since EARLIER_EXPORT_OR_CHECKPOINT

PUBLIC_KEY is the journal's first public key, 64 hexadecimal digits, or a file that holds them. Get it from somewhere
else than the export. Exit code 0: everything holds, and what was proved is said in words. Exit code 1: the first fault
is named. The file is read as a stream; memory does not grow with it.

What is checked, line by line:
- every entry's header is canonical JSON (RFC 8785) and, as leaf SHA-256(0x00 ‖ header), gives the Merkle roots
  (RFC 9162 §2.1) that the checkpoints sign: no entry was altered, inserted, dropped or moved;
- every body that is present has the digest SHA-256(salt ‖ body) that its header names;
- every checkpoint is signed (Ed25519, RFC 8032) by the key in charge at its size, and each key is endorsed by the one
  before it, beginning with the key given;
- the last line is a checkpoint that covers all entries.

What no export proves by itself: that nothing came after it (keep earlier exports and use --since), and whether a
missing body was erased or only withheld from you (the exporter's word).

The signature code below handles public data only, so it need not run in constant time. Never sign with it.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
import zlib
from hashlib import sha256, sha512
from pathlib import Path
from typing import Any, Iterator, NamedTuple  # noqa: UP035 (3.8)

LONGEST_LINE = 16 * 2**20  # bytes
LARGEST = 2**53 - 1  # the largest integer that canonical JSON can hold
FORMAT = "bashu-journal-1"


class Fault(Exception):
    """What is wrong, and where."""


# --- Ed25519 (RFC 8032 §5.1): verification alone -----------------------------------------------------------------

KEY_BYTES, SIGNATURE_BYTES = 32, 64
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
Point = tuple  # (X, Y, Z, T): x = X/Z, y = Y/Z, xy = T/Z


def point_add(a: Point, b: Point) -> Point:
    """RFC 8032 §5.1.4; complete, so it doubles and adds the neutral element too."""
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P


def point_read(data: bytes) -> Point | None:
    """The point that 32 bytes encode (§5.1.3), or None."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if len(data) != KEY_BYTES or y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if x * x % P != square or (x == 0 and sign):
        return None
    x = x if x & 1 == sign else P - x
    return x, y, 1, x * y % P


def point_write(a: Point) -> bytes:
    """The 32 bytes that encode a point (§5.1.2)."""
    inverse = pow(a[2], P - 2, P)
    x, y = a[0] * inverse % P, a[1] * inverse % P
    return bytes((y | (x & 1) << 255).to_bytes(KEY_BYTES, "little"))


def multiples(a: Point) -> list[list[Point]]:
    """For each of 64 hexadecimal places, the point's multiples by 0 … 15 at that place."""
    table = []
    for _ in range(64):
        row = [(0, 1, 1, 0)]
        for _ in range(15):
            row.append(point_add(row[-1], a))
        table.append(row)
        a = point_add(row[15], a)
    return table


def multiply(table: list[list[Point]], factor: int) -> Point:
    """factor · point, one addition for each hexadecimal digit of the factor (below 2^256)."""
    result = (0, 1, 1, 0)
    for row in table:
        result, factor = point_add(result, row[factor & 15]), factor >> 4
    return result


BASE = multiples(point_read((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")))  # type: ignore[arg-type]


class Ed25519:
    """A public key that verifies signatures (§5.1.7, by the equation without the cofactor, as OpenSSL does)."""

    def __init__(self, public: bytes) -> None:
        point = point_read(public)
        if point is None:
            raise Fault("the public key is not a point of Ed25519's curve")
        self.public = public
        self.minus = multiples((P - point[0], point[1], 1, P - point[3]))

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether R = S·B − k·A, with k = SHA-512(R ‖ A ‖ message)."""
        s = int.from_bytes(signature[32:], "little")
        if len(signature) != SIGNATURE_BYTES or s >= L:
            return False
        k = int.from_bytes(sha512(signature[:32] + self.public + message).digest(), "little") % L
        return point_write(point_add(multiply(BASE, s), multiply(self.minus, k))) == signature[:32]


ALGORITHMS = {"ed25519": Ed25519}


# --- Canonical JSON (RFC 8785) and the Merkle tree (RFC 9162 §2.1) -----------------------------------------------


def whole(digits: str) -> int:
    """An integer of JSON; raises Fault beyond ±(2^53 − 1)."""
    if len(digits) > len(str(-LARGEST)) or abs(int(digits)) > LARGEST:
        raise Fault("an integer beyond ±(2^53 − 1)")
    return int(digits)


def no_number(text: str) -> Any:
    """Floats, NaN and infinities have no place in a journal."""
    raise Fault("a number that is not an integer: " + text[:40])


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON; raises Fault when a key occurs twice."""
    record = dict(pairs)
    if len(record) != len(pairs):
        raise Fault("a key that occurs twice in an object")
    return record


DECODER = json.JSONDecoder(parse_int=whole, parse_float=no_number, parse_constant=no_number, object_pairs_hook=unique)
ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)
ENCODER_AS_GIVEN = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def parse(text: str) -> Any:
    """The value of a JSON text without floats, over-long integers or repeated keys; raises Fault."""
    try:
        return DECODER.decode(text)
    except ValueError as error:
        raise Fault(f"not JSON: {error}") from None
    except RecursionError:
        raise Fault("nested too deeply") from None


def canonical(value: Any) -> bytes:
    """RFC 8785 for strings, integers, booleans, null, arrays and objects; raises Fault for a lone surrogate."""
    try:
        text = ENCODER.encode(value)
        if not text.isascii() and max(text) > "\uffff":  # only then do code points and UTF-16 units sort differently
            text = ENCODER_AS_GIVEN.encode(in_utf16_order(value))
        return text.encode()
    except UnicodeEncodeError:
        raise Fault("a lone surrogate") from None
    except RecursionError:
        raise Fault("nested too deeply") from None


def in_utf16_order(value: Any) -> Any:
    """The same value with the keys of every object in the order of their UTF-16 units."""
    if isinstance(value, dict):
        return {key: in_utf16_order(value[key]) for key in sorted(value, key=lambda key: key.encode("utf-16-be"))}
    return [in_utf16_order(item) for item in value] if isinstance(value, list) else value


class Tree:
    """A Merkle tree's size and the roots of the complete subtrees along its right edge, largest first."""

    def __init__(self) -> None:
        self.size = 0
        self.edge: list[bytes] = []

    def append(self, header: bytes) -> None:
        """Add a leaf; a left neighbour of equal size makes a pair with it, and so on upwards."""
        node = sha256(b"\x00" + header).digest()
        self.size += 1
        pairs = self.size
        while not pairs & 1:
            node, pairs = sha256(b"\x01" + self.edge.pop() + node).digest(), pairs >> 1
        self.edge.append(node)

    def root(self) -> str:
        """The hexadecimal root over all leaves so far."""
        if not self.edge:
            return sha256(b"").hexdigest()
        node = self.edge[-1]
        for left in reversed(self.edge[:-1]):
            node = sha256(b"\x01" + left + node).digest()
        return node.hex()


# --- The export ---------------------------------------------------------------------------------------------------


def lines(path: Path) -> Iterator[tuple[int, Any]]:
    """The numbered records of a JSON Lines file; raises Fault naming the line that cannot be read."""
    number = 0
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as stream:
            while True:
                number += 1
                data = stream.readline(LONGEST_LINE + 1)
                if not data:
                    return
                if len(data) > LONGEST_LINE:
                    raise Fault(f"longer than {LONGEST_LINE >> 20} MB")
                record = parse(data.decode())
                if not isinstance(record, dict):
                    raise Fault("not an object")
                yield number, record
    except UnicodeDecodeError:
        raise Fault(f"line {number}: not UTF-8") from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Fault(f"line {number}: the compressed file is damaged: {error}") from None
    except OSError as error:
        raise Fault(f"cannot read {path}: {error.strerror or error}") from None
    except Fault as fault:
        raise Fault(f"line {number}: {fault}") from None


TEXT = re.compile(r"(?s).+")
ID = re.compile(r"[0-9a-f]{16}")
HASH = re.compile(r"[0-9a-f]{64}")
SALT = re.compile(r"[0-9a-f]{32}")
HEX = re.compile(r"(?:[0-9a-f]{2})+")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z", re.ASCII)


def fits(value: Any, kind: Any) -> bool:
    """Whether a value is of a type (integers: not negative) or matches a pattern; (pattern, None) allows null too."""
    if isinstance(kind, tuple):
        return value is None or fits(value, kind[0])
    if isinstance(kind, re.Pattern):
        return isinstance(value, str) and kind.fullmatch(value) is not None
    return type(value) is kind and (kind is not int or value >= 0)


def fields(record: Any, **wanted: Any) -> list[Any]:
    """The record's values in the order asked for, each checked by `fits`; no field more or less."""
    if not isinstance(record, dict) or set(record) != set(wanted):
        raise Fault("must have exactly the fields " + ", ".join(wanted))
    for name, kind in wanted.items():
        if not fits(record[name], kind):
            raise Fault(f"{name} is malformed")
    return [record[name] for name in wanted]


class Key(NamedTuple):
    """A public key of the chain, and the size of the tree from which it signs."""

    id: str
    algorithm: str
    size: int
    verifier: Any


def key_chain(records: list[Any], given: bytes) -> list[Key]:
    """The journal's keys, each endorsed by the one before, the first being the one the reader trusts."""
    chain: list[Key] = []
    for place, record in enumerate(records, 1):
        try:
            key_id, algorithm, public, endorsed_by, size, _, endorsement = fields(
                record, key=ID, algorithm=TEXT, public=HEX, endorsed_by=(ID, None), size=int, time=TIME,
                endorsement=(HEX, None),
            )  # fmt: skip
            if algorithm not in ALGORITHMS:
                raise Fault(f"unknown algorithm {algorithm!r}: this verifier knows {', '.join(ALGORITHMS)}")
            if key_id != sha256(algorithm.encode() + b"\x00" + bytes.fromhex(public)).hexdigest()[:16]:
                raise Fault("its id does not belong to its public key")
            if chain:
                names = ("algorithm", "endorsed_by", "key", "public", "size", "time")
                message = b"bashu-key-v1\n" + canonical({name: record[name] for name in names})
                if endorsed_by != chain[-1].id or size < chain[-1].size or not endorsement:
                    raise Fault("it does not follow on the key before it")
                if not chain[-1].verifier.verify(message, bytes.fromhex(endorsement)):
                    raise Fault("its endorsement by the key before it is not genuine")
            elif bytes.fromhex(public) != given:
                later = any(isinstance(other, dict) and other.get("public") == given.hex() for other in records)
                advice = "; the key given is a later one: give the first" if later else ""
                raise Fault(f"the journal begins with another key than the one given{advice}")
            elif size or endorsed_by or endorsement:
                raise Fault("the first key signs from 0 entries on and is endorsed by none")
            chain.append(Key(key_id, algorithm, size, ALGORITHMS[algorithm](bytes.fromhex(public))))
        except Fault as fault:
            raise Fault(f"key {place}: {fault}") from None
    if not chain:
        raise Fault("the export names no key")
    return chain


class Checkpoint(NamedTuple):
    """A signed statement: the journal had this root at this size."""

    size: int
    root: str
    time: str


def checkpoint_read(record: Any, origin: str, chain: list[Key]) -> Checkpoint:
    """A checkpoint whose signature holds; its root is still to be compared."""
    algorithm, key_id, its_origin, root, size, time, signature = fields(
        record, algorithm=TEXT, key=ID, origin=TEXT, root=HASH, size=int, time=TIME, signature=HEX
    )
    if its_origin != origin:
        raise Fault(f"it is of the journal of {its_origin!r}, not of {origin!r}")
    place = next((place for place, key in enumerate(chain) if key.id == key_id), None)
    if place is None:
        raise Fault(f"its key {key_id} is not one of the journal's keys")
    if algorithm != chain[place].algorithm:
        raise Fault(f"it names the algorithm {algorithm!r}, its key {chain[place].algorithm!r}")
    if size < chain[place].size or (place + 1 < len(chain) and size > chain[place + 1].size):
        raise Fault(f"its key {key_id} was not in charge at {size} entries")
    names = ("algorithm", "key", "origin", "root", "size", "time")
    message = b"bashu-checkpoint-v1\n" + canonical({name: record[name] for name in names})
    if not chain[place].verifier.verify(message, bytes.fromhex(signature)):
        raise Fault("its signature is not genuine")
    return Checkpoint(size, root, time)


class Verification:
    """One pass through an export."""

    def __init__(self, path: Path, given: bytes, earlier: Path | None = None, wanted: int | None = None) -> None:
        self.tree = Tree()
        self.present = self.erased = self.withheld = self.checkpoints = 0
        self.first = self.last = ""  # of the entries' times
        self.latest: Checkpoint | None = None
        self.wanted = wanted
        self.found: dict[str, Any] = {}  # the wanted entry's line
        self.covered: Any = None  # the first checkpoint that covers it
        self.earlier: Checkpoint | None = None
        records = lines(path)
        number, preamble = next(records, (1, None))
        try:
            name, self.origin, keys = fields(preamble, format=TEXT, origin=TEXT, keys=list)
            if name != FORMAT:
                raise Fault(f"the format is {name!r}; this verifier reads {FORMAT}")
            self.chain = key_chain(keys, given)
        except Fault as fault:
            raise Fault(f"line {number}: {fault}") from None
        if earlier:
            self.earlier = self._earlier(earlier)
        self._compare_with_earlier()
        for number, record in records:
            self._line(number, record)
        self._end()

    def _earlier(self, path: Path) -> Checkpoint:
        last: dict[str, Any] = {}
        for _, record in lines(path):
            last = record
        if "checkpoint" not in last:
            raise Fault(f"{path}: its last line is not a checkpoint")
        try:
            return checkpoint_read(last["checkpoint"], self.origin, self.chain)
        except Fault as fault:
            raise Fault(f"the earlier checkpoint: {fault}") from None

    def _line(self, number: int, record: dict[str, Any]) -> None:
        what = "checkpoint" if "checkpoint" in record else f"entry {self.tree.size}"
        try:
            if "checkpoint" in record:
                self._checkpoint(fields(record, checkpoint=dict)[0])
            else:
                self._entry(record)
                self._compare_with_earlier()
        except Fault as fault:
            raise Fault(f"{what} (line {number}): {fault}") from None

    def _entry(self, record: dict[str, Any]) -> None:
        n, header, salt, body, withheld = fields(
            record, n=int, header=TEXT, salt=(SALT, None), body=(TEXT, None), withheld=bool
        )
        if n != self.tree.size:
            raise Fault(f"carries the number {n}: entries are missing, repeated or out of order")
        try:
            content = parse(header)
            if not isinstance(content, dict) or canonical(content) != header.encode():
                raise Fault("not canonical JSON (RFC 8785)")
        except (Fault, UnicodeEncodeError) as fault:
            raise Fault(f"the header is malformed: {fault}") from None
        digest, time = content.get("body"), content.get("time")
        if not (isinstance(digest, str) and HASH.fullmatch(digest) and isinstance(time, str) and TIME.fullmatch(time)):
            raise Fault("the header lacks its body's digest or its time")
        self._body(salt, body, withheld, digest)
        self.first = min(self.first or time, time, key=instant)
        self.last = max(self.last or time, time, key=instant)
        if n == self.wanted:
            self.found = record
        self.tree.append(header.encode())
        self.latest = None

    def _body(self, salt: str | None, body: str | None, withheld: bool, digest: str) -> None:
        if (salt is None) != (body is None) or (withheld and body is not None):
            raise Fault("salt and body must come together, and a withheld body not at all")
        if body is None or salt is None:
            self.withheld += withheld
            self.erased += not withheld
            return
        try:
            data = body.encode()
        except UnicodeEncodeError:
            raise Fault("the body holds a lone surrogate") from None
        if sha256(bytes.fromhex(salt) + data).hexdigest() != digest:
            raise Fault("the body does not have the digest that the header names")
        self.present += 1

    def _checkpoint(self, record: Any) -> None:
        checkpoint = checkpoint_read(record, self.origin, self.chain)
        if checkpoint.size != self.tree.size:
            raise Fault(f"it covers {checkpoint.size} entries but stands after {self.tree.size}")
        if checkpoint.root != self.tree.root():
            begin = "the entries before it" if not self.checkpoints else "an entry since the checkpoint before it"
            raise Fault(f"its root is not that of the entries: {begin} or the checkpoint was altered")
        self.latest = checkpoint
        self.checkpoints += 1
        if self.found and self.covered is None:
            self.covered = checkpoint

    def _compare_with_earlier(self) -> None:
        if self.earlier and self.earlier.size == self.tree.size and self.earlier.root != self.tree.root():
            raise Fault(
                f"the first {self.tree.size} entries are not those of the earlier checkpoint: history was rewritten"
            )

    def _end(self) -> None:
        if self.latest is None:
            raise Fault(f"the last line must be a checkpoint that covers all {self.tree.size} entries")
        if self.earlier and self.earlier.size > self.tree.size:
            raise Fault(f"the earlier checkpoint covers {self.earlier.size} entries, this export only {self.tree.size}")
        if self.wanted is not None and not self.found:
            raise Fault(f"there is no entry {self.wanted}: the export holds {self.tree.size} entries, from 0")

    def report(self) -> Iterator[str]:
        """What was proved, in words."""
        size, latest = self.tree.size, self.latest
        assert latest is not None
        if self.found:
            yield f"Entry {self.wanted}:"
            yield f"  header  {self.found['header']}"
            missing = "(withheld)" if self.found["withheld"] else "(erased)"
            yield f"  body    {self.found['body'] or missing}"
            yield f"  It is entry {self.wanted} of the {self.covered.size} under the checkpoint of {self.covered.time},"
            yield f"  and of the {size} under the latest."
        yield f"Verified: the journal of {self.origin}, {size} entries" + (
            f", from {self.first} to {self.last}." if size else "."
        )
        yield f"  Bodies: {self.present} present, each with the digest its entry names;"
        yield f"  {self.erased} erased, {self.withheld} withheld."
        yield f"  Checkpoints: {self.checkpoints}, each with the right root and a genuine signature."
        yield f"  Keys: {len(self.chain)}, beginning with the one given" + (
            ", each endorsed by the one before it." if len(self.chain) > 1 else "."
        )
        yield f"  Latest checkpoint: {latest.time}, {size} entries, root {latest.root}."
        if self.earlier:
            yield f"  The first {self.earlier.size} entries are exactly those of the earlier checkpoint of"
            yield f"  {self.earlier.time}: nothing in them was changed, dropped or moved."


def instant(time: str) -> str:
    """A sort key for RFC 3339 times in UTC: without its Z a whole second sorts before its fractions."""
    return time[:-1]


def key_given(text: str) -> bytes:
    """The public key: hexadecimal digits, or a file that holds them."""
    if not HASH.fullmatch(text.lower()):
        try:
            text = Path(text).read_text(encoding="ascii").strip()
        except (OSError, ValueError) as error:
            raise Fault(f"--key: neither 64 hexadecimal digits nor a file that holds them: {error}") from None
    if not HASH.fullmatch(text.lower()):
        raise Fault("--key: a public key is 64 hexadecimal digits")
    return bytes.fromhex(text)


def say(text: str, stream: Any) -> None:
    """Print a line; control characters and direction marks from the export are shown as escapes."""
    unsafe = r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]"
    shown = re.sub(unsafe, lambda match: f"\\u{ord(match.group()):04x}", text)
    encoding = getattr(stream, "encoding", None) or "ascii"
    print(shown.encode(encoding, "backslashreplace").decode(encoding), file=stream)


def main(arguments: list[str] | None = None) -> int:
    """Verify as the command line says; 0 when everything holds, 1 when something does not."""
    parser = argparse.ArgumentParser(description="Verify an export of a Bashu journal.")
    parser.add_argument("export", type=Path, help="the export: .jsonl or .jsonl.gz")
    parser.add_argument("--key", required=True, help="the journal's first public key: 64 hex digits, or a file of them")
    parser.add_argument(
        "--entry", type=int, metavar="N", help="print entry N (from 0) and what holds it in the journal"
    )
    parser.add_argument(
        "--since", type=Path, metavar="FILE", help="prove that an earlier export, or the last line of one, is a prefix"
    )
    options = parser.parse_args(arguments)
    try:
        verification = Verification(options.export, key_given(options.key), options.since, options.entry)
    except Fault as fault:
        say(f"NOT verified: {fault}", sys.stderr)
        return 1
    for line in verification.report():
        say(line, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
