"""Digests, identifiers, password hashes and RSA."""

from __future__ import annotations

import base64

import bcrypt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from cotta.hcl.functions.tables import packer_functions, terraform_functions
from cotta.values.types import STRING
from cotta.values.value import NOT_NULL, Unknown
from tests.support.calling import result_of
from tests.support.surroundings import NOWHERE, a_world


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('md5("")', "d41d8cd98f00b204e9800998ecf8427e"),
        ('sha1("abc")', "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ('sha256("")', "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ('base64sha256("")', "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
        ('substr(sha512("abc"), 0, 16)', "ddaf35a193617aba"),
        ('uuidv5("dns", "www.terraform.io")', "a5008fae-b28c-5ba5-96cd-82b4c53552d6"),
        (
            'uuidv5("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.terraform.io")',
            "a5008fae-b28c-5ba5-96cd-82b4c53552d6",
        ),
        ("uuid()", "00000000-0000-4000-8000-000000000000"),
    ],
)
def test_result(call: str, expected: str) -> None:
    assert result_of(call) == expected


def test_packers_uuid_is_random_too() -> None:
    functions = packer_functions(NOWHERE)

    assert result_of("uuidv4()", functions) == "00000000-0000-4000-8000-000000000000"
    assert "uuid" not in functions


@pytest.mark.parametrize("call", ["uuid()", "timestamp()", 'bcrypt("x")', 'bcrypt("x", 99)'])
def test_the_unpredictable_is_unknown_where_the_caller_says_so(call: str) -> None:
    functions = terraform_functions(a_world(answers_impure=False))

    assert result_of(call, functions) == Unknown(STRING, NOT_NULL)


@pytest.mark.parametrize(
    ("cost", "prefix"), [("", "$2a$10$"), (", 5", "$2a$05$"), (", 0", "$2a$10$")]
)
def test_bcrypt_hashes_the_password(cost: str, prefix: str) -> None:
    hashed = result_of(f'bcrypt("secret"{cost})')

    assert isinstance(hashed, str)
    assert hashed.startswith(prefix)
    assert bcrypt.checkpw(b"secret", hashed.encode())


@pytest.mark.parametrize("call", ['bcrypt("x", 32)', 'bcrypt("x", 5, 6)', f'bcrypt("{"x" * 73}")'])
def test_bcrypt_refuses(call: str) -> None:
    assert str(result_of(call)).startswith("Error in function call")


@pytest.mark.parametrize("form", ["TraditionalOpenSSL", "PKCS8", "OpenSSH"])
def test_rsa_decrypts(form: str) -> None:
    key = rsa.generate_private_key(65537, 1024)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        getattr(serialization.PrivateFormat, form),
        serialization.NoEncryption(),
    ).decode()
    ciphertext = base64.b64encode(key.public_key().encrypt("héllo".encode(), padding.PKCS1v15()))

    call = f'rsadecrypt("{ciphertext.decode()}", <<EOT\n{pem}EOT\n)'

    assert result_of(call) == "héllo"


def test_rsa_refuses_keys_that_are_none() -> None:
    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )

    assert "not an RSA" in str(result_of(f'rsadecrypt("YQ==", <<EOT\n{other.decode()}EOT\n)'))
    assert "can't be read" in str(result_of('rsadecrypt("YQ==", "nonsense")'))
    assert "Base64" in str(result_of('rsadecrypt("!", "nonsense")'))
