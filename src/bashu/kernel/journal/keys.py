"""The node's signing keys: private halves as files under BASHU_HOME/keys, public halves in the journal."""

from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from bashu.kernel.errors import BashuError
from bashu.kernel.journal.engine import signing
from bashu.kernel.journal.models import Key
from bashu.kernel.secrets import write_private

ALGORITHM = "ed25519"


class KeyMissing(BashuError):
    """A journal is signed with the key it was begun with, or with one that key endorsed."""

    code, status = "journal.key_missing", 503
    message = _("The signing key {file} is not there. Copy the folder keys/ of the node whose database this is.")


def now_text() -> str:
    """The real time as the journal writes it. Sealing never uses the demonstration's clock."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def current() -> Key:
    """The key that signs now; the journal's first one, with the node's name as its origin, is made on first use."""
    return Key.objects.order_by("-size", "-time").first() or create(settings.BASHU_NODE, size=0, endorser=None)


def sign(key: Key, message: bytes) -> bytes:
    """A signature by the key's private half; refuses (KeyMissing) when this node does not hold it."""
    try:
        private = path(key.id).read_bytes()
    except FileNotFoundError:
        raise KeyMissing(file=path(key.id)) from None
    return signing.sign(key.algorithm, private, message)


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
