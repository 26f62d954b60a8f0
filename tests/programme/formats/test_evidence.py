"""Files of evidence: taken only when their bytes are what their name says."""

import io
import zipfile

import pytest
from openpyxl import Workbook

from bashu.programme.errors import EvidenceRefused
from bashu.programme.formats.evidence import LIMIT, NAME_LIMIT, File, checked


def workbook(**extra: bytes) -> bytes:
    """A spreadsheet, with more members in its archive when asked."""
    buffer = io.BytesIO()
    Workbook().save(buffer)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in extra.items():
            archive.writestr(name.replace("__", "/").replace("_bin", ".bin"), content)
    return buffer.getvalue()


GOOD = {
    "a.pdf": b"%PDF-1.7\n", "a.PNG": b"\x89PNG\r\n\x1a\n", "a.jpg": b"\xff\xd8\xff\xe0", "a.jpeg": b"\xff\xd8\xff\xe0",
    "a.csv": "一,二\r\n1,2\r\n".encode(), "a.xlsx": workbook(),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_takes_what_is_what_it_says(name):
    file = checked(File(name, GOOD[name]))
    assert file.content == GOOD[name]
    assert len(file.sha256) == 64


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.exe", b"MZ"), ("a", b"%PDF-1.7"), ("a.pdf", b"MZ\x90"), ("a.pdf", b""), ("a.png", b"GIF89a"), ("a.jpg", b"<svg/>"),
        ("a.svg", b"<svg/>"), ("a.html", b"<p>"), ("a.csv", b"a,b\x00"), ("a.csv", b"\xff\xfea"), ("a.xlsx", b"PK\x03\x04 not a zip"),
        ("a.xlsx", GOOD["a.pdf"]), ("a.pdf.html", b"%PDF-1.7"),
    ],
)  # fmt: skip
def test_refuses_what_is_something_else(name, content):
    with pytest.raises(EvidenceRefused):
        checked(File(name, content))


def test_refuses_a_spreadsheet_with_macros():
    with pytest.raises(EvidenceRefused):
        checked(File("a.xlsx", workbook(xl__vbaProject_bin=b"macro")))


def test_refuses_a_zip_that_is_no_spreadsheet():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme.txt", "no workbook here")
    with pytest.raises(EvidenceRefused):
        checked(File("a.xlsx", buffer.getvalue()))


def test_refuses_a_zip_bomb_without_unpacking_it():
    with pytest.raises(EvidenceRefused):
        checked(File("a.xlsx", workbook(xl__bomb_bin=bytes(101 * 1024 * 1024))))


def test_refuses_what_is_larger_than_ten_megabytes():
    with pytest.raises(EvidenceRefused):
        checked(File("a.pdf", b"%PDF-" + bytes(LIMIT)))


@pytest.mark.parametrize("name", ["../../etc/a.pdf", "C:\\papers\\a.pdf", "/a.pdf"])
def test_keeps_the_bare_name_alone(name):
    assert checked(File(name, GOOD["a.pdf"])).name == "a.pdf"


def test_a_long_name_keeps_its_end():
    name = checked(File("x" * 500 + ".pdf", GOOD["a.pdf"])).name
    assert len(name) == NAME_LIMIT
    assert name.endswith(".pdf")
