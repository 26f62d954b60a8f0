"""The journal as a file: JSON Lines, gzip-compressed when its name ends in .gz, written and read as a stream.

    {"format":"bashu-journal-1","origin":…,"keys":[{key, algorithm, public, endorsed_by, size, time, endorsement}]}
    {"n":0,"header":"…","salt":hex,"body":"…","withheld":false}                  entries in sequence
    {"checkpoint":{algorithm, key, origin, root, size, time, signature}}       after the entry that completes its size

Header and body are the canonical texts that were hashed; bytes are lower-case hexadecimal. A null body was erased, or
withheld from this reader; its salt is null too, since a salt would let its holder try guesses at the body. The last
line is a checkpoint that covers all entries. `standalone/verify_journal.py` verifies such a file all by itself.
"""

import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

import orjson

from bashu.kernel.journal.engine.signing import Checkpoint, PublicKey

FORMAT = "bashu-journal-1"
LONGEST_LINE = 16 * 2**20  # bytes, with the line's end: what the stand-alone verifier accepts


class Entry(NamedTuple):
    """One entry of an export: canonical header text, and salt and canonical body text unless erased or withheld."""

    n: int
    header: str
    salt: bytes | None
    body: str | None
    withheld: bool = False


class Preamble(NamedTuple):
    """The first line: whose journal it is, and the chain of its keys."""

    origin: str
    keys: list[PublicKey]


def export_lines(
    *, origin: str, keys: Iterable[PublicKey], entries: Iterable[Entry], checkpoints: Iterable[Checkpoint]
) -> Iterator[bytes]:
    """The lines of an export, in constant memory; keys oldest first, entries by number, checkpoints by size.

    Raises ValueError, possibly after lines were given out, when numbers are not contiguous from 0, when no checkpoint
    covers the last entry, or when a line would be longer than verifiers accept.
    """
    chain = list(keys)
    algorithms = {key.id: key.algorithm for key in chain}
    yield _line({"format": FORMAT, "origin": origin, "keys": [_key_record(key) for key in chain]})
    waiting = iter(checkpoints)
    checkpoint, covered, size = next(waiting, None), -1, 0
    remaining = iter(entries)
    while True:
        while checkpoint is not None and checkpoint.size == size:
            yield _line({"checkpoint": _checkpoint_record(checkpoint, origin, algorithms[checkpoint.key])})
            checkpoint, covered = next(waiting, None), size
        entry = next(remaining, None)
        if entry is None:
            break
        if entry.n != size:
            raise ValueError(f"entry {size} is missing: entry {entry.n} comes in its place")
        yield _line(_entry_record(entry))
        size += 1
    if covered != size or checkpoint is not None:
        raise ValueError(f"no checkpoint covers exactly the {size} entries: nothing would vouch for the last ones")


def write(path: Path, lines: Iterable[bytes]) -> None:
    """Write an export whole or not at all: a failure leaves no file, and an older file of that name untouched."""
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as raw:
            if path.suffix == ".gz":
                with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=6) as stream:
                    stream.writelines(lines)
            else:
                raw.writelines(lines)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def read(path: Path) -> Iterator[Preamble | Entry | Checkpoint]:
    """The preamble, then entries and checkpoints as they stand in the file. Reading proves nothing: verify the file.

    Raises ValueError naming the line that is malformed or too long, or where the compressed file breaks off.
    """
    with cast(BinaryIO, gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb") as stream:
        number = 0
        try:
            while data := stream.readline(LONGEST_LINE + 1):
                number += 1
                if len(data) > LONGEST_LINE:
                    raise ValueError(f"longer than {LONGEST_LINE >> 20} MB")
                yield _record(orjson.loads(data), first=number == 1)
        except (ValueError, KeyError, TypeError, EOFError, gzip.BadGzipFile) as error:
            raise ValueError(f"line {max(number, 1)}: {error}") from error


def _record(record: Any, *, first: bool) -> Preamble | Entry | Checkpoint:
    if first:
        if record["format"] != FORMAT:
            raise ValueError(f"the format is {record['format']!r}, not {FORMAT}")
        return Preamble(record["origin"], [_key(key) for key in record["keys"]])
    if "checkpoint" in record:
        told = record["checkpoint"]
        root, signature = bytes.fromhex(told["root"]), bytes.fromhex(told["signature"])
        return Checkpoint(told["size"], root, told["key"], told["time"], signature)
    salt = record["salt"]
    return Entry(
        record["n"], record["header"], None if salt is None else bytes.fromhex(salt), record["body"], record["withheld"]
    )


def _key(record: Any) -> PublicKey:
    endorsement = record["endorsement"]
    return PublicKey(
        id=record["key"],
        algorithm=record["algorithm"],
        public=bytes.fromhex(record["public"]),
        endorsed_by=record["endorsed_by"],
        endorsement=None if endorsement is None else bytes.fromhex(endorsement),
        size=record["size"],
        time=record["time"],
    )


def _key_record(key: PublicKey) -> dict[str, object]:
    return {
        "key": key.id,
        "algorithm": key.algorithm,
        "public": key.public.hex(),
        "endorsed_by": key.endorsed_by,
        "size": key.size,
        "time": key.time,
        "endorsement": None if key.endorsement is None else key.endorsement.hex(),
    }


def _entry_record(entry: Entry) -> dict[str, object]:
    shown = entry.body is not None and entry.salt is not None and not entry.withheld
    return {
        "n": entry.n,
        "header": entry.header,
        "salt": entry.salt.hex() if shown and entry.salt is not None else None,
        "body": entry.body if shown else None,
        "withheld": entry.withheld,
    }


def _checkpoint_record(checkpoint: Checkpoint, origin: str, algorithm: str) -> dict[str, object]:
    return {
        "algorithm": algorithm,
        "key": checkpoint.key,
        "origin": origin,
        "root": checkpoint.root.hex(),
        "size": checkpoint.size,
        "time": checkpoint.time,
        "signature": checkpoint.signature.hex(),
    }


def _line(record: dict[str, object]) -> bytes:
    data = orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
    if len(data) > LONGEST_LINE:
        raise ValueError(f"entry {record.get('n')}: its line would be longer than {LONGEST_LINE >> 20} MB")
    return data
