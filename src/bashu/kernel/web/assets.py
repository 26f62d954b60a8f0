"""The version of the static files, part of their address: a file that changed is a new file to every browser.

The version stands in the path, so that modules importing each other by relative addresses carry it along.
"""

from hashlib import sha256
from pathlib import Path

PACKAGE = Path(__file__).parents[2]


def version() -> str:
    """Twelve hex digits that change when any static file of ours changes; equal on every node with equal files."""
    digest = sha256()
    for path in sorted(PACKAGE.glob("**/static/**/*")):
        if path.is_file():
            digest.update(str(path.relative_to(PACKAGE)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def immutable(path: str, url: str) -> bool:
    """Whether a file may be cached for ever: all may, their address holds their version (a whitenoise hook)."""
    return bool(path and url)
