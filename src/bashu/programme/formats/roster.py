"""A roster of enterprises as text: one unified social credit code a line, in the first column of a CSV file."""

from django.utils.translation import gettext as _

from bashu.programme.errors import RosterWrong

HEADINGS = frozenset({"credit_code", "统一社会信用代码"})


def read(content: bytes) -> list[str]:
    """The codes as they stand, in order; blank lines and a heading are skipped. RosterWrong when it is not UTF-8 text.

    >>> read("统一社会信用代码,名称\\r\\n91350100M000100Y43,a\\r\\n\\r\\n".encode())
    ['91350100M000100Y43']
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RosterWrong(line=1, problem=_("the file is not UTF-8 text")) from None
    cells = [line.split(",", 1)[0].strip().strip('"') for line in text.splitlines()]
    if cells and cells[0].lower() in HEADINGS:
        del cells[0]
    return [cell for cell in cells if cell]
