"""Signatures that name their algorithm, and the two messages the journal signs.

Every key and signature carries an algorithm id, so that another algorithm (SM2 with SM3, say) joins by one more line in
`ALGORITHMS` without touching what was signed before. Keys and signatures are raw bytes throughout.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bashu.kernel.journal.engine.canonical import canonical


class UnknownAlgorithmError(ValueError):
    """A key or signature names an algorithm this verifier does not know."""


class Algorithm(NamedTuple):
    """generate() → (private, public); sign(private, message) → signature; verify(public, message, signature) → bool."""

    generate: Callable[[], tuple[bytes, bytes]]
    sign: Callable[[bytes, bytes], bytes]
    verify: Callable[[bytes, bytes, bytes], bool]


class PublicKey(NamedTuple):
    """A public key of a journal; each but the first is endorsed by the one before it (see `endorsement_message`)."""

    id: str
    algorithm: str
    public: bytes
    endorsed_by: str | None
    endorsement: bytes | None
    size: int
    time: str


class Checkpoint(NamedTuple):
    """A signed statement that a journal had this root at this size (see `checkpoint_message`)."""

    size: int
    root: bytes
    key: str
    time: str
    signature: bytes


def generate(algorithm: str) -> tuple[bytes, bytes]:
    """A new key pair: (private, public). Raises UnknownAlgorithmError."""
    return _named(algorithm).generate()


def sign(algorithm: str, private: bytes, message: bytes) -> bytes:
    """The signature of a message. Raises UnknownAlgorithmError, and ValueError for a malformed key."""
    return _named(algorithm).sign(private, message)


def verify(algorithm: str, public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is the key's over the message; malformed keys and signatures verify nothing.

    Raises UnknownAlgorithmError: not to know is another answer than "forged".

    >>> private, public = generate("ed25519")
    >>> signature = sign("ed25519", private, b"thirty tonnes")
    >>> verify("ed25519", public, b"thirty tonnes", signature), verify("ed25519", public, b"forty tonnes", signature)
    (True, False)
    >>> verify("sm2-sm3", public, b"thirty tonnes", signature)
    Traceback (most recent call last):
    ...
    bashu.kernel.journal.engine.signing.UnknownAlgorithmError: unknown algorithm 'sm2-sm3': this verifier knows ed25519
    """
    return _named(algorithm).verify(public, message, signature)


def key_id(algorithm: str, public: bytes) -> str:
    """A key's name: the first 16 hexadecimal digits of SHA-256(algorithm ‖ 0x00 ‖ public)."""
    return sha256(algorithm.encode() + b"\x00" + public).hexdigest()[:16]


def checkpoint_message(*, algorithm: str, key: str, origin: str, root: bytes, size: int, time: str) -> bytes:
    """What a checkpoint signs: that the journal of `origin` had this root at `size` entries (`time`: RFC 3339, Z).

    >>> message = checkpoint_message(algorithm="ed25519", key="00ff", origin="cq", root=b"\\x01", size=2, time="t")
    >>> print(message.decode())
    bashu-checkpoint-v1
    {"algorithm":"ed25519","key":"00ff","origin":"cq","root":"01","size":2,"time":"t"}
    """
    fields = {"algorithm": algorithm, "key": key, "origin": origin, "root": root.hex(), "size": size, "time": time}
    return b"bashu-checkpoint-v1\n" + canonical(fields)


def endorsement_message(*, algorithm: str, key: str, public: bytes, endorsed_by: str, size: int, time: str) -> bytes:
    """What the old key `endorsed_by` signs to hand over to the new `key`, which signs trees larger than `size`.

    At exactly `size` either may sign: the handing over takes place between two entries.
    """
    fields = {
        "algorithm": algorithm,
        "endorsed_by": endorsed_by,
        "key": key,
        "public": public.hex(),
        "size": size,
        "time": time,
    }
    return b"bashu-key-v1\n" + canonical(fields)


def _named(algorithm: str) -> Algorithm:
    try:
        return ALGORITHMS[algorithm]
    except KeyError:
        known = ", ".join(ALGORITHMS)
        raise UnknownAlgorithmError(f"unknown algorithm {algorithm!r}: this verifier knows {known}") from None


def _ed25519_generate() -> tuple[bytes, bytes]:
    private = Ed25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def _ed25519_sign(private: bytes, message: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(private).sign(message)


def _ed25519_verify(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


ALGORITHMS = {"ed25519": Algorithm(_ed25519_generate, _ed25519_sign, _ed25519_verify)}
