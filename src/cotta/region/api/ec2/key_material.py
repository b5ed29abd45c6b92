"""Keys themselves: made, read, and told by AWS's fingerprints."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from cotta.region.wire.errors import ApiError

_RSA_BITS = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key: its public half as a line of `authorized_keys`, without a comment.

    `material` is the private half, of a key that was made here.
    """

    kind: str
    public_key: str
    fingerprint: str
    material: str | None = None


def make_key(kind: str) -> Key:
    """Return a new key, `rsa` or `ed25519`.  Slow: an RSA key takes a tenth of a second."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        PublicFormat,
    )

    if kind == "rsa":
        private = generate_private_key(public_exponent=65537, key_size=_RSA_BITS)
        der = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        material = private.private_bytes(
            Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
        )
        public = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        # Of a key that AWS makes, the private half is what its fingerprint is of.
        fingerprint = _with_colons(hashlib.sha1(der, usedforsecurity=False).hexdigest())
    else:
        signing = Ed25519PrivateKey.generate()
        material = signing.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
        public = signing.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        fingerprint = _sha256(public)
    return Key(
        kind=kind,
        public_key=public.decode(),
        fingerprint=fingerprint,
        material=material.decode(),
    )


def read_key(given: bytes) -> Key:
    """Return a public key in OpenSSH's form; `ApiError` if it is none that AWS would take."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        PublicFormat,
        load_ssh_public_key,
    )

    try:
        found = load_ssh_public_key(given.strip())
    except (ValueError, UnsupportedAlgorithm):
        raise ApiError(
            "InvalidKey.Format", "Key is not in valid OpenSSH public key format"
        ) from None
    public = found.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    if isinstance(found, Ed25519PublicKey):
        return Key(kind="ed25519", public_key=public.decode(), fingerprint=_sha256(public))
    if isinstance(found, RSAPublicKey):
        der = found.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        fingerprint = _with_colons(hashlib.md5(der, usedforsecurity=False).hexdigest())
        return Key(kind="rsa", public_key=public.decode(), fingerprint=fingerprint)
    raise ApiError(
        "InvalidKey.Format", "Key is not in valid OpenSSH public key format: of RSA or ED25519"
    )


def _with_colons(digest: str) -> str:
    return ":".join(digest[at : at + 2] for at in range(0, len(digest), 2))


def _sha256(public: bytes) -> str:
    blob = base64.b64decode(public.split()[1])
    return base64.b64encode(hashlib.sha256(blob).digest()).decode()
