"""The node's signing keys: private halves as files under BASHU_HOME/keys, public halves in the journal."""

from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from bashu.kernel.journal.engine import signing
from bashu.kernel.journal.models import Key
from bashu.kernel.secrets import write_private

ALGORITHM = "ed25519"


def current(origin: str) -> tuple[Key, bytes]:
    """The key that signs now and its private half; made on first use."""
    key = Key.objects.order_by("-size", "-time").first() or create(origin, size=0, endorser=None)
    return key, path(key.id).read_bytes()


def sign(key: Key, private: bytes, message: bytes) -> bytes:
    """A signature under the key's algorithm."""
    return signing.sign(key.algorithm, private, message)


def rotate(origin: str, *, size: int) -> Key:
    """A new key, endorsed by the current one."""
    return create(origin, size=size, endorser=current(origin))


def create(origin: str, *, size: int, endorser: tuple[Key, bytes] | None) -> Key:
    """Make a key pair: the private file first (0600), then the public row, so a crash leaves no row without its file."""
    private, public = signing.generate(ALGORITHM)
    key_id = signing.key_id(ALGORITHM, public)
    write_private(path(key_id), private)
    time = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    endorsement = None
    if endorser is not None:
        old, old_private = endorser
        message = signing.endorsement_message(
            algorithm=ALGORITHM, key=key_id, public=public, endorsed_by=old.id, size=size, time=time
        )
        endorsement = signing.sign(old.algorithm, old_private, message)
    return Key.objects.create(
        id=key_id,
        algorithm=ALGORITHM,
        public=public,
        endorsed_by=endorser and endorser[0],
        endorsement=endorsement,
        size=size,
        time=time,
    )


def path(key_id: str) -> Path:
    """Where a key's private half lies."""
    return Path(settings.BASHU_HOME) / "keys" / f"journal-{key_id}.key"
