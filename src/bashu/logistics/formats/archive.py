"""A network folder as one ZIP file: packed the same way every time, unpacked within bounds."""

import zipfile
from io import BytesIO
from pathlib import Path
from typing import IO

from bashu.logistics.formats.folder import FILES

LARGEST = 512 * 1024 * 1024  # bytes of all files together once unpacked
CHUNK = 1024 * 1024
STAMP = (1980, 1, 1, 0, 0, 0)  # the earliest that the format can say


class ArchiveRefused(ValueError):
    """The file is no ZIP of a network folder; the message says why."""


def pack(folder: Path) -> bytes:
    """The documented files of a folder as a ZIP; equal files give equal bytes."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in FILES:
            if (folder / name).is_file():
                info = zipfile.ZipInfo(name, STAMP)
                with (folder / name).open("rb") as source, archive.open(info_of(info), "w") as target:
                    copy(source, target, LARGEST)
    return buffer.getvalue()


def info_of(info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """Deflated."""
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def unpack(content: bytes, into: Path) -> None:
    """Write the documented files of a ZIP into a folder; they may stand in one folder of the archive, others are left aside.

    Raises ArchiveRefused: no ZIP, damaged, encrypted, one file twice, or larger than LARGEST once unpacked. What the archive
    says of its sizes is not believed; bytes are counted as they come.
    """
    left = LARGEST
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            for info in archive.infolist():
                name = info.filename.rpartition("/")[2]
                if name not in FILES:
                    continue
                if (into / name).exists():
                    raise ArchiveRefused(f"holds {name} twice")
                with archive.open(info) as source, (into / name).open("wb") as target:
                    left = copy(source, target, left)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise ArchiveRefused("is no ZIP file that can be read") from error


def copy(source: IO[bytes], target: IO[bytes], left: int) -> int:
    """Copy at most `left` bytes; what is left then."""
    while chunk := source.read(CHUNK):
        left -= len(chunk)
        if left < 0:
            raise ArchiveRefused(f"is larger than {LARGEST // 1024 // 1024} MiB once unpacked")
        target.write(chunk)
    return left
