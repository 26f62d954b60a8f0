"""What changes from one network folder to another, row by row, in the memory of eight bytes a row."""

from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bashu.logistics.formats.folder import FILES
from bashu.logistics.formats.tables import lines_of

Digests = npt.NDArray[np.uint64]


class Changed(NamedTuple):
    """A row that only one of the folders has; line: where it stands there."""

    file: str
    line: int
    added: bool
    row: dict[str, str]


def difference(old: Path, new: Path) -> Iterator[Changed]:
    """Rows that went, then rows that came, file by file. Both folders have been read before, so that every row is whole.

    A row that changed is one that went and one that came. The order of rows and columns does not matter.
    """
    for file in FILES:
        before, after = digests(old / file), digests(new / file)
        yield from missing(old / file, after, added=False)
        yield from missing(new / file, before, added=True)


def rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Line and fields of each row; none where there is no file."""
    if not path.is_file():
        return
    with lines_of(path) as lines:
        header = [name.strip() for name in next(lines, [])]
        for fields in lines:
            if fields:
                yield lines.line_num, dict(zip(header, map(str.strip, fields), strict=True))


def digest(row: dict[str, str]) -> int:
    """Eight bytes that stand for a row: two of a million rows are taken for one with a chance of one in ten million."""
    text = "\x1f".join(row[name] for name in sorted(row))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


def digests(path: Path) -> Digests:
    """The digests of a file's rows, sorted."""
    return np.unique(np.fromiter((digest(row) for _, row in rows(path)), dtype=np.uint64))


def missing(path: Path, known: Digests, *, added: bool) -> Iterator[Changed]:
    """The rows whose digest is not known."""
    for line, row in rows(path):
        value = np.uint64(digest(row))
        at = int(np.searchsorted(known, value))
        if at == known.size or known[at] != value:
            yield Changed(path.name, line, added, row)
