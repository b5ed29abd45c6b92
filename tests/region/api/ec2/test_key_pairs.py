"""Key pairs through boto3; ssh-keygen is the witness of what they are."""

from __future__ import annotations

import base64
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.oracle.witnesses import witness
from tests.support.regions import refused

if TYPE_CHECKING:
    from pathlib import Path


def public_half(material: str, folder: Path) -> str:
    """Return what ssh-keygen makes of a private key."""
    file = folder / "key"
    file.write_text(material)
    file.chmod(0o600)
    done = subprocess.run(
        [witness("ssh-keygen"), "-y", "-f", file], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.mark.oracle
@pytest.mark.parametrize(("kind", "name"), [("rsa", "ssh-rsa"), ("ed25519", "ssh-ed25519")])
def test_the_private_half_is_given_away_once(
    ec2: Any, tmp_path: Path, kind: str, name: str
) -> None:
    made = ec2.create_key_pair(KeyName="mine", KeyType=kind)

    (found,) = ec2.describe_key_pairs(KeyNames=["mine"], IncludePublicKey=True)["KeyPairs"]
    public = public_half(made["KeyMaterial"], tmp_path)
    assert public.startswith(name)
    assert found["PublicKey"].rsplit(" ", 1) == [" ".join(public.split()[:2]), "mine"]
    assert found["KeyType"] == kind
    assert found["KeyPairId"] == made["KeyPairId"]
    assert found["KeyFingerprint"] == made["KeyFingerprint"]


@pytest.mark.oracle
def test_fingerprints_are_those_that_openssl_finds(ec2: Any, tmp_path: Path) -> None:
    rsa = ec2.create_key_pair(KeyName="rsa")
    public = public_half(rsa["KeyMaterial"], tmp_path)
    imported = ec2.import_key_pair(KeyName="imported", PublicKeyMaterial=public.encode())

    key = tmp_path / "key"
    pkcs8 = subprocess.run(
        [
            witness("openssl"),
            "pkcs8",
            "-in",
            key,
            "-inform",
            "PEM",
            "-outform",
            "DER",
            "-topk8",
            "-nocrypt",
        ],
        capture_output=True,
        check=True,
    ).stdout
    spki = subprocess.run(
        [witness("openssl"), "rsa", "-in", key, "-pubout", "-outform", "DER"],
        capture_output=True,
        check=True,
    ).stdout

    def digest(algorithm: str, of: bytes) -> str:
        done = subprocess.run(
            [witness("openssl"), "dgst", algorithm, "-c"], input=of, capture_output=True, check=True
        )
        return done.stdout.decode().split()[-1]

    assert rsa["KeyFingerprint"] == digest("-sha1", pkcs8)
    assert imported["KeyFingerprint"] == digest("-md5", spki)


@pytest.mark.oracle
def test_a_key_of_ed25519_has_the_fingerprint_that_ssh_shows(ec2: Any, tmp_path: Path) -> None:
    made = ec2.create_key_pair(KeyName="mine", KeyType="ed25519")
    public = public_half(made["KeyMaterial"], tmp_path)

    imported = ec2.import_key_pair(KeyName="again", PublicKeyMaterial=f"{public} me".encode())

    (tmp_path / "key.pub").write_text(public)
    shown = subprocess.run(
        [witness("ssh-keygen"), "-l", "-f", tmp_path / "key.pub"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    fingerprint = shown.split()[1].removeprefix("SHA256:")
    # AWS keeps the padding that ssh leaves out.
    assert made["KeyFingerprint"] == imported["KeyFingerprint"] == f"{fingerprint}="
    assert len(base64.b64decode(made["KeyFingerprint"])) == 32


def test_names_are_taken_once(ec2: Any) -> None:
    ec2.create_key_pair(KeyName="mine", KeyType="ed25519")

    with refused("InvalidKeyPair.Duplicate", "'mine'"):
        ec2.create_key_pair(KeyName="mine", KeyType="ed25519")
    with refused("InvalidKeyPair.Duplicate", "'mine'"):
        key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGkjm/f4Cqm2YUjqhAjK0lYnm7cRDbJZ9zSXvGiE1hlO"
        ec2.import_key_pair(KeyName="mine", PublicKeyMaterial=key.encode())
    with refused("InvalidParameterValue", "255"):
        ec2.create_key_pair(KeyName="x" * 256, KeyType="ed25519")
    with refused("DryRunOperation"):
        ec2.create_key_pair(KeyName="yours", KeyType="ed25519", DryRun=True)
    assert [one["KeyName"] for one in ec2.describe_key_pairs()["KeyPairs"]] == ["mine"]


@pytest.mark.parametrize(
    "material",
    [
        b"my key",
        b"",
        b"ssh-rsa AAAA",
        (
            b"ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEez"
            b"OmxkZMy7opKgwFB9nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg="
        ),
    ],
)
def test_what_is_no_key_is_not_imported(ec2: Any, material: bytes) -> None:
    with refused("InvalidKey.Format"):
        ec2.import_key_pair(KeyName="mine", PublicKeyMaterial=material)


def test_ppk_is_not_written_here(ec2: Any) -> None:
    with refused("InvalidParameterValue", "puttygen"):
        ec2.create_key_pair(KeyName="mine", KeyFormat="ppk")


def test_key_pairs_are_found_and_deleted(ec2: Any) -> None:
    first = ec2.create_key_pair(KeyName="first", KeyType="ed25519")
    ec2.create_key_pair(KeyName="second", KeyType="ed25519")

    by_id = ec2.describe_key_pairs(KeyPairIds=[first["KeyPairId"]])["KeyPairs"]
    filters = [{"Name": "key-name", "Values": ["sec*"]}]
    by_filter = ec2.describe_key_pairs(Filters=filters)["KeyPairs"]
    assert [one["KeyName"] for one in by_id] == ["first"]
    assert [one["KeyName"] for one in by_filter] == ["second"]
    assert "PublicKey" not in by_id[0]
    ec2.delete_key_pair(KeyPairId=first["KeyPairId"])
    ec2.delete_key_pair(KeyName="second")
    ec2.delete_key_pair(KeyName="second")
    assert ec2.describe_key_pairs()["KeyPairs"] == []
    with refused("InvalidKeyPair.NotFound", "'first'"):
        ec2.describe_key_pairs(KeyNames=["first"])
    with refused("InvalidKeyPair.NotFound", first["KeyPairId"]):
        ec2.describe_key_pairs(KeyPairIds=[first["KeyPairId"]])
    with refused("MissingParameter"):
        ec2.delete_key_pair()
