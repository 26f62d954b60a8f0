"""Signatures: RFC 8032's vectors, refusals, and the exact bytes that are signed."""

from hashlib import sha256

import pytest

from bashu.kernel.journal.engine import signing

# RFC 8032 §7.1, tests 1–3: secret key, public key, message, signature.
RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


@pytest.mark.parametrize(("private", "public", "message", "signature"), RFC_8032)
class TestRfc8032:
    def test_signs_and_verifies_as_the_standard(self, private, public, message, signature):
        private, public, message, signature = map(bytes.fromhex, (private, public, message, signature))
        assert signing.sign("ed25519", private, message) == signature
        assert signing.verify("ed25519", public, message, signature)
        assert not signing.verify("ed25519", public, message + b"!", signature)


class TestVerify:
    def test_an_unknown_algorithm_is_said_to_be_unknown_not_forged(self):
        with pytest.raises(signing.UnknownAlgorithmError, match="this verifier knows ed25519"):
            signing.verify("sm2-sm3", b"", b"", b"")

    def test_malformed_keys_and_signatures_verify_nothing(self):
        private, public = signing.generate("ed25519")
        signature = signing.sign("ed25519", private, b"m")
        assert not signing.verify("ed25519", public[:-1], b"m", signature)
        assert not signing.verify("ed25519", public, b"m", signature[:-1])
        assert not signing.verify("ed25519", public, b"m", b"")


class TestMessages:
    def test_key_id_hashes_algorithm_and_public_key(self):
        assert signing.key_id("ed25519", b"\1" * 32) == sha256(b"ed25519\0" + b"\1" * 32).hexdigest()[:16]

    def test_endorsement_is_one_line_of_purpose_and_canonical_fields(self):
        message = signing.endorsement_message(
            algorithm="ed25519", key="new", public=b"\x0a", endorsed_by="old", size=7, time="2025-06-01T00:00:00Z"
        )
        assert message == (
            b'bashu-key-v1\n{"algorithm":"ed25519","endorsed_by":"old","key":"new","public":"0a","size":7,'
            b'"time":"2025-06-01T00:00:00Z"}'
        )
