"""`aws_key_pair`, and with it what all types share, against a region and against moto."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from cotta.clouds.errors import CloudError
from tests.support.aws import CottaFolder, access_to_endpoint, access_to_region, cotta_folder, told
from tests.support.moto import moto_server
from tests.support.regions import RunningRegion, running_region

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = (
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHLQRaD36iWdxpHOp3hMsHGJ5l1N0QSCJ7hbS9hk4NTT "
    "someone@somewhere"
)


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRegion]:
    with running_region(tmp_path_factory.mktemp("region")) as running:
        yield running


@pytest.fixture
def here(region: RunningRegion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CottaFolder:
    return cotta_folder(tmp_path, access_to_region(region), monkeypatch)


def a_key(**arguments: str) -> str:
    lines = "\n".join(f"  {name} = {value}" for name, value in arguments.items())
    return f'resource "aws_key_pair" "a" {{\n{lines}\n  public_key = "{KEY}\\n"\n}}\n'


def names(region: RunningRegion) -> set[str]:
    found = region.client("ec2").describe_key_pairs()["KeyPairs"]
    return {each["KeyName"] for each in found}


def test_a_key_is_made_retagged_and_taken_away(here: CottaFolder, region: RunningRegion) -> None:
    here.write(a_key(key_name='"one"', tags='{ Name = "one" }'))
    here.apply()
    here.assert_no_changes()
    here.write(a_key(key_name='"one"', tags='{ Name = "uno" }'))

    printed = here.apply()

    assert "0 added, 1 changed, 0 destroyed" in printed
    (key,) = region.client("ec2").describe_key_pairs(KeyNames=["one"])["KeyPairs"]
    assert key["Tags"] == [{"Key": "Name", "Value": "uno"}]
    assert here.attributes("aws_key_pair.a") == {
        "arn": f"arn:aws:ec2:us-east-1:{region.account.id}:key-pair/one",
        "fingerprint": key["KeyFingerprint"],
        "id": "one",
        "key_name": "one",
        "key_name_prefix": "",
        "key_pair_id": key["KeyPairId"],
        "key_type": "ed25519",
        "public_key": KEY,
        "tags": {"Name": "uno"},
        "tags_all": {"Name": "uno"},
    }

    here.run("destroy", "-auto-approve")

    assert "one" not in names(region)


def test_a_name_is_made_of_its_prefix(here: CottaFolder) -> None:
    here.write(a_key(key_name_prefix='"web-"'))
    here.apply()

    made = here.attributes("aws_key_pair.a")

    assert re.fullmatch(r"web-20\d{16}[0-9a-f]{8}", made["key_name"])
    assert made["key_name_prefix"] == "web-"
    here.assert_no_changes()


def test_another_name_makes_another_key(here: CottaFolder, region: RunningRegion) -> None:
    here.write(a_key(key_name='"old"'))
    here.apply()
    here.write(a_key(key_name='"new"'))

    change = here.planned()["aws_key_pair.a"]

    assert change["actions"] == ["delete", "create"]
    assert change["replace_paths"] == [["key_name"]]
    here.apply()
    assert "new" in names(region)
    assert "old" not in names(region)


def test_what_was_taken_away_is_made_again(here: CottaFolder, region: RunningRegion) -> None:
    here.write(a_key(key_name='"gone"'))
    here.apply()
    region.client("ec2").delete_key_pair(KeyName="gone")

    assert here.planned()["aws_key_pair.a"]["actions"] == ["create"]


def test_mistakes_are_told_together_with_their_places(here: CottaFolder) -> None:
    here.write(
        a_key(key_name='"a"', key_name_prefix='"b"', fingerprint='"c"')
        + 'resource "aws_key_pair" "b" {\n  public_key = "x"\n'
        + f'  key_name_prefix = "{"n" * 230}"\n}}\n'
    )

    ended = here.attempt("plan")

    assert ended.status == 1
    assert '"key_name" can\'t be set together with "key_name_prefix"' in told(ended)
    assert "needs between 0 and 229 characters, and this has 230" in told(ended)
    assert 'on main.tf line 4, in resource "aws_key_pair" "a"' in told(ended)


def test_a_name_that_is_taken_is_refused(here: CottaFolder, region: RunningRegion) -> None:
    region.client("ec2").create_key_pair(KeyName="taken")
    here.write(a_key(key_name='"taken"'))

    ended = here.attempt("apply", "-auto-approve")

    assert ended.status == 1
    assert "Creating aws_key_pair failed" in told(ended)
    assert "ec2:ImportKeyPair was refused. InvalidKeyPair.Duplicate" in told(ended)


def test_a_key_is_imported_by_its_name(here: CottaFolder, region: RunningRegion) -> None:
    region.client("ec2").import_key_pair(KeyName="found", PublicKeyMaterial=KEY.encode())
    here.write(a_key(key_name='"found"'))

    here.run("import", "aws_key_pair.a", "found")

    assert here.attributes("aws_key_pair.a")["key_name"] == "found"


def test_default_tags_are_on_everything(here: CottaFolder, region: RunningRegion) -> None:
    provider = """
provider "aws" {
  default_tags {
    tags = { Team = "web", Stage = "test" }
  }
  ignore_tags {
    key_prefixes = ["cost:"]
  }
}
"""
    here.write(a_key(key_name='"tagged"', tags='{ Stage = "own" }'), provider=provider)

    planned = here.planned()["aws_key_pair.a"]["after"]
    here.apply()
    (key,) = region.client("ec2").describe_key_pairs(KeyNames=["tagged"])["KeyPairs"]
    region.client("ec2").create_tags(
        Resources=[key["KeyPairId"]], Tags=[{"Key": "cost:center", "Value": "7"}]
    )

    assert planned["tags_all"] == {"Stage": "own", "Team": "web"}
    assert here.attributes("aws_key_pair.a")["tags"] == {"Stage": "own"}
    assert {"Key": "Team", "Value": "web"} in key["Tags"]
    here.assert_no_changes()


def test_wrong_keys_are_told_of_once(
    region: RunningRegion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = cotta_folder(tmp_path, access_to_endpoint(region.endpoint), monkeypatch)
    here.write(a_key(key_name='"a"') + a_key(key_name='"b"').replace('"a" {', '"b" {'))

    ended = here.attempt("plan")

    assert ended.status == 1
    assert ended.stderr.count("Configuring the AWS provider failed") == 1


def test_the_same_against_moto(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with moto_server() as endpoint:
        here = cotta_folder(tmp_path, access_to_endpoint(endpoint), monkeypatch)
        here.write(a_key(key_name_prefix='"web-"', tags='{ Name = "one" }'))
        here.apply()
        here.assert_no_changes()
        here.write(a_key(key_name_prefix='"web-"', tags='{ Name = "two" }'))
        here.apply()
        name = here.attributes("aws_key_pair.a")["id"]
        here.run("destroy", "-auto-approve")

        with pytest.raises(CloudError) as caught:
            here.session.call("ec2", "DescribeKeyPairs", KeyNames=[name])
        assert caught.value.code == "InvalidKeyPair.NotFound"
