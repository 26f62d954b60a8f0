"""What allauth asks us: who may sign up (nobody without an invitation), whence a request comes, how second factors are kept."""

import base64
from hashlib import sha256

import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpRequest
from qrcode.image.svg import SvgPathFillImage

from bashu.kernel.parties import signin


class InvitedOnly(DefaultAccountAdapter):  # type: ignore[misc]
    """Logins are made by accepting an invitation, in `services.invitation_accept`, and in no other way."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """Never: see `parties:invitation`."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that rate limits count by."""
        return signin.address_of(request) or "unknown"


class SealedFactors(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps the seeds of one-time codes encrypted under the node's secret key, so that a copy of the database has none."""

    def build_totp_svg(self, url: str) -> str:
        """The QR code on white, so that cameras read it on a dark page too."""
        image = qrcode.make(url, image_factory=SvgPathFillImage)
        return str(image.to_string(encoding="unicode"))

    def encrypt(self, text: str) -> str:
        """A seed as the database keeps it."""
        return box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """A seed as codes are computed from it."""
        return box().decrypt(encrypted_text.encode()).decode()


def box() -> Fernet:
    """The cipher of second factors, its key derived from the node's secret key."""
    return Fernet(base64.urlsafe_b64encode(sha256(b"bashu.parties.factor\0" + settings.SECRET_KEY.encode()).digest()))
