"""Files that support a figure: taken only when their bytes are what their name says."""

import zipfile
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from pathlib import PurePath
from typing import NamedTuple

from django.utils.translation import gettext as _

from bashu.programme.errors import EvidenceRefused

LIMIT = 10 * 1024 * 1024
UNPACKED_LIMIT = 100 * 1024 * 1024  # a spreadsheet may unpack to this much; more is a zip bomb
NAME_LIMIT = 200


class File(NamedTuple):
    """A file as it came: its name and its bytes."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        """The digest that the journal keeps."""
        return sha256(self.content).hexdigest()

    @property
    def media_type(self) -> str:
        """The type its ending claims; true once `checked`."""
        return KINDS[PurePath(self.name).suffix.lower()][0]


def checked(file: File) -> File:
    """The file under a bare name, if its bytes are of the kind its ending claims; EvidenceRefused otherwise.

    >>> checked(File("photo.png", b"MZ this is a program"))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    bashu.programme.errors.EvidenceRefused: photo.png...
    """
    name = PurePath(file.name.replace("\\", "/")).name[-NAME_LIMIT:]
    suffix = PurePath(name).suffix.lower()
    if suffix not in KINDS:
        raise EvidenceRefused(name=name, problem=_("this kind of file is not taken"))
    if not file.content or len(file.content) > LIMIT:
        raise EvidenceRefused(name=name, problem=_("the file is empty or larger than 10 MB"))
    if not KINDS[suffix][1](file.content):
        raise EvidenceRefused(name=name, problem=_("the content is not what the name says"))
    return File(name, file.content)


def is_csv(content: bytes) -> bool:
    """UTF-8 text without control characters other than tab and line ends."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return not any(ord(letter) < 32 and letter not in "\t\r\n" for letter in text)


def is_xlsx(content: bytes) -> bool:
    """A zip archive with a workbook and no macros, which does not unpack to something huge."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False
    names = {member.filename for member in members}
    small = sum(member.file_size for member in members) <= UNPACKED_LIMIT
    return (
        small
        and {"[Content_Types].xml", "xl/workbook.xml"} <= names
        and not any(n.endswith("vbaProject.bin") for n in names)
    )


def begins(magic: bytes) -> Callable[[bytes], bool]:
    """A test for a file's first bytes."""
    return lambda content: content.startswith(magic)


KINDS: dict[str, tuple[str, Callable[[bytes], bool]]] = {
    ".pdf": ("application/pdf", begins(b"%PDF-")),
    ".png": ("image/png", begins(b"\x89PNG\r\n\x1a\n")),
    ".jpg": ("image/jpeg", begins(b"\xff\xd8\xff")),
    ".jpeg": ("image/jpeg", begins(b"\xff\xd8\xff")),
    ".xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", is_xlsx),
    ".csv": ("text/csv", is_csv),
}
