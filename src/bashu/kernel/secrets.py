"""The node's secret key: made on first use, kept under BASHU_HOME/keys, never printed."""

import contextlib
import os
import secrets
from pathlib import Path


def secret_key(home: Path) -> str:
    """The key that signs sessions and one-time links; made once (0600, folder 0700)."""
    file = home / "keys" / "secret.key"
    if not file.exists():
        write_private(file, secrets.token_urlsafe(48).encode())
    return file.read_text()


def write_private(file: Path, content: bytes) -> None:
    """Write a secret so that it is whole or absent and only its owner can read it; the first of two writers wins."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(part, file)
    part.unlink()
