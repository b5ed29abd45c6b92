"""Digests, identifiers, password hashes and RSA; the files' digests are in `files`."""

from __future__ import annotations

import hashlib
import re
from functools import partial
from typing import TYPE_CHECKING, Final

from cotta.hcl.functions.encodings import decode_base64, decode_utf8, encode_base64
from cotta.values.functions import ArgumentError, Function, FunctionError, Parameter
from cotta.values.numbers import is_whole
from cotta.values.operations import UNKNOWN_STRING
from cotta.values.types import NUMBER, STRING

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotta.hcl.functions.surroundings import Surroundings
    from cotta.values.numbers import Number
    from cotta.values.value import Value


def hex_digest(content: bytes, algorithm: str) -> str:
    """Return the digest as hexadecimal digits."""
    return hashlib.new(algorithm, content, usedforsecurity=False).hexdigest()


def base64_digest(content: bytes, algorithm: str) -> str:
    """Return the digest's bytes in Base64."""
    return encode_base64(hashlib.new(algorithm, content, usedforsecurity=False).digest())


# The function of a text, the one of a file, the digest and how it is written.
DIGESTS: Final[tuple[tuple[str, str, str, Callable[[bytes, str], str]], ...]] = (
    ("base64sha256", "filebase64sha256", "sha256", base64_digest),
    ("base64sha512", "filebase64sha512", "sha512", base64_digest),
    ("md5", "filemd5", "md5", hex_digest),
    ("sha1", "filesha1", "sha1", hex_digest),
    ("sha256", "filesha256", "sha256", hex_digest),
    ("sha512", "filesha512", "sha512", hex_digest),
)


def describe_digest(algorithm: str, write: Callable[[bytes, str], str]) -> str:
    """Return how a description names a digest."""
    form = "in Base64" if write is base64_digest else "as hexadecimal digits"
    return f"the {algorithm.upper()} digest, {form}"


def _digest(text: str, *, algorithm: str, write: Callable[[bytes, str], str]) -> Value:
    return write(text.encode(), algorithm)


# --- identifiers ------------------------------------------------------------------

_NAMESPACES: Final = {
    "dns": "6ba7b8109dad11d180b400c04fd430c8",
    "url": "6ba7b8119dad11d180b400c04fd430c8",
    "oid": "6ba7b8129dad11d180b400c04fd430c8",
    "x500": "6ba7b8149dad11d180b400c04fd430c8",
}
_DASHED: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def _parse_uuid(text: str) -> bytes | None:
    if re.fullmatch(r"[0-9a-fA-F]{32}", text):
        return bytes.fromhex(text)
    if text[:9].lower() == "urn:uuid:":
        text = text[9:]
    elif len(text) == 38:
        # The brackets may be any two characters.
        text = text[1:-1]
    return bytes.fromhex(text.replace("-", "")) if _DASHED.fullmatch(text) else None


def _format_uuid(content: bytes, version: int) -> str:
    """Return the bytes as a UUID of that version."""
    parts = bytearray(content)
    parts[6] = parts[6] & 0x0F | version << 4
    parts[8] = parts[8] & 0x3F | 0x80
    digits = parts.hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _uuidv5(namespace: str, name: str) -> Value:
    space = _parse_uuid(_NAMESPACES.get(namespace, namespace))
    if space is None:
        raise FunctionError(
            'a namespace is "dns", "url", "oid", "x500" or a UUID of 32 hexadecimal digits'
        )
    digest = hashlib.sha1(space + name.encode(), usedforsecurity=False).digest()
    return _format_uuid(digest[:16], 5)


def _uuid(surroundings: Surroundings) -> Value:
    if not surroundings.answers_impure:
        return UNKNOWN_STRING
    return _format_uuid(surroundings.random(16), 4)


# --- passwords and RSA --------------------------------------------------------------

_BCRYPT_ALPHABET: Final = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_BASE64_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_USUAL_COST: Final = 10


def _bcrypt(surroundings: Surroundings, password: str, *costs: Number) -> Value:
    if not surroundings.answers_impure:
        return UNKNOWN_STRING
    import bcrypt

    if len(costs) > 1:
        raise FunctionError("only a password and a cost can be given")
    cost = costs[0] if costs else _USUAL_COST
    if not is_whole(cost) or not isinstance(cost, int):
        raise ArgumentError(1, "the cost must be a whole number")
    if cost > 31:
        raise FunctionError("the cost must be between 4 and 31")
    if len(password.encode()) > 72:
        raise FunctionError("bcrypt takes no more than 72 bytes of password")
    # Go takes the usual cost where it is below the least.
    rounds = _USUAL_COST if cost < 4 else cost
    to_bcrypt = str.maketrans(_BASE64_ALPHABET, _BCRYPT_ALPHABET)
    salt = encode_base64(surroundings.random(16)).rstrip("=").translate(to_bcrypt)
    setting = f"$2a${rounds:02}${salt}"
    return bcrypt.hashpw(password.encode(), setting.encode()).decode("ascii")


def _rsadecrypt(ciphertext: str, privatekey: str) -> Value:
    try:
        content = decode_base64(ciphertext)
    except FunctionError:
        raise ArgumentError(0, "the ciphertext must be in Base64") from None
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import (
        load_pem_private_key,
        load_ssh_private_key,
    )

    is_openssh = "BEGIN OPENSSH PRIVATE KEY" in privatekey
    load = load_ssh_private_key if is_openssh else load_pem_private_key
    try:
        key = load(privatekey.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        why = "it is protected by a passphrase" if isinstance(error, TypeError) else "it is not PEM"
        raise ArgumentError(1, f"the key can't be read: {why}") from None
    if not isinstance(key, RSAPrivateKey):
        raise ArgumentError(1, "the key is not an RSA private key")
    try:
        cleartext = key.decrypt(content, PKCS1v15())
    except ValueError:
        raise FunctionError(
            "the ciphertext was not encrypted for this key, or not with PKCS #1 v1.5 padding"
        ) from None
    return decode_utf8(cleartext, "the decrypted content is not UTF-8 text")


FUNCTIONS: Final[tuple[Function, ...]] = (
    *(
        Function(
            name=name,
            description=f"Returns of the text {describe_digest(algorithm, write)}.",
            parameters=(Parameter("str", STRING),),
            result=STRING,
            implementation=partial(_digest, algorithm=algorithm, write=write),
        )
        for name, _of_file, algorithm, write in DIGESTS
    ),
    Function(
        name="rsadecrypt",
        description="Returns the text that was encrypted with RSA and is given in Base64, "
        "by a private key in PEM.",
        parameters=(Parameter("ciphertext", STRING), Parameter("privatekey", STRING)),
        result=STRING,
        implementation=_rsadecrypt,
    ),
    Function(
        name="uuidv5",
        description="Returns the UUID that stands for a name in a namespace, always the same.",
        parameters=(Parameter("namespace", STRING), Parameter("name", STRING)),
        result=STRING,
        implementation=_uuidv5,
    ),
)


def make_uuid(name: str, surroundings: Surroundings) -> Function:
    """Return the function `name` that gives random UUIDs."""
    return Function(
        name=name,
        description="Returns a new random UUID at every call.",
        result=STRING,
        implementation=partial(_uuid, surroundings),
        impure=True,
    )


def functions(surroundings: Surroundings) -> tuple[Function, ...]:
    """Return the functions that need chance."""
    return (
        Function(
            name="bcrypt",
            description="Returns the password hashed by bcrypt with a new salt; "
            "the cost is 10 if none is given.",
            parameters=(Parameter("str", STRING),),
            variadic=Parameter("cost", NUMBER),
            result=STRING,
            implementation=partial(_bcrypt, surroundings),
            impure=True,
        ),
        make_uuid("uuid", surroundings),
    )
