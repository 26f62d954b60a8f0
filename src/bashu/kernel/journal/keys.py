"""The node's signing keys: private halves as files under BASHU_HOME/keys, public halves in the journal."""

from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from bashu.kernel.journal.engine import signing
from bashu.kernel.journal.models import Key
from bashu.kernel.secrets import write_private

ALGORITHM = "ed25519"


def now_text() -> str:
    """The real time as the journal writes it. Sealing never uses the demonstration's clock."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def current() -> Key:
    """The key that signs now; the journal's first one, with the node's name as its origin, is made on first use."""
    return Key.objects.order_by("-size", "-time").first() or create(settings.BASHU_NODE, size=0, endorser=None)


def sign(key: Key, message: bytes) -> bytes:
    """A signature by the key's private half."""
    return signing.sign(key.algorithm, path(key.id).read_bytes(), message)


def rotate(*, size: int) -> Key:
    """A new key, endorsed by the current one, that signs trees larger than `size`."""
    old = current()
    return create(old.origin, size=size, endorser=old)


def create(origin: str, *, size: int, endorser: Key | None) -> Key:
    """Make a key pair: the private file first (0600), then the public row, so a crash leaves no row without its file."""
    private, public = signing.generate(ALGORITHM)
    key_id = signing.key_id(ALGORITHM, public)
    write_private(path(key_id), private)
    time = now_text()
    endorsement = None
    if endorser is not None:
        message = signing.endorsement_message(
            algorithm=ALGORITHM, key=key_id, public=public, endorsed_by=endorser.id, size=size, time=time
        )
        endorsement = sign(endorser, message)
    return Key.objects.create(
        id=key_id, origin=origin, algorithm=ALGORITHM, public=public, endorsed_by=endorser, endorsement=endorsement,
        size=size, time=time,
    )  # fmt: skip


def path(key_id: str) -> Path:
    """Where a key's private half lies."""
    return Path(settings.BASHU_HOME) / "keys" / f"journal-{key_id}.key"
