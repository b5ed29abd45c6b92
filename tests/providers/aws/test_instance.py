"""`aws_instance`, on a region with played machines."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from cotta.region.machines.simulated import SimulatedMachines
from tests.support.aws import CottaFolder, access_to_endpoint, access_to_region, cotta_folder, told
from tests.support.fault_proxy import DropAfter, fault_proxy
from tests.support.moto import moto_client, moto_server
from tests.support.regions import RunningRegion, put_image, simulated_region

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BROKEN = 66


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRegion]:
    machines = SimulatedMachines()
    machines.broken.add(f"{BROKEN:064x}")
    with simulated_region(tmp_path_factory.mktemp("region"), machines) as running:
        put_image(running.store, number=2)
        put_image(running.store, number=BROKEN)
        yield running


@pytest.fixture
def here(
    region: RunningRegion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[CottaFolder]:
    folder = cotta_folder(tmp_path, access_to_region(region), monkeypatch)
    yield folder
    folder.run("destroy", "-auto-approve")


def an_instance(more: str = "", *, image: int = 1, kind: str = "t3.micro") -> str:
    return f"""
resource "aws_instance" "a" {{
  ami           = "ami-{image:017x}"
  instance_type = "{kind}"
  {more}
}}
"""


def described(region: RunningRegion, id_: str) -> dict[str, Any]:
    answer = region.client("ec2").describe_instances(InstanceIds=[id_])
    return dict(answer["Reservations"][0]["Instances"][0])


def user_data(region: RunningRegion, id_: str) -> bytes:
    answer = region.client("ec2").describe_instance_attribute(InstanceId=id_, Attribute="userData")
    return base64.b64decode(answer["UserData"]["Value"])


def test_an_instance_runs_and_ends(here: CottaFolder, region: RunningRegion) -> None:
    here.write(an_instance('tags = { Name = "a" }\n  user_data = "#!/bin/sh\\n"'))
    here.apply()
    here.assert_no_changes()

    made = here.attributes("aws_instance.a")
    assert made["instance_state"] == "running"
    assert made["private_ip"]
    assert made["user_data"] == hashlib.sha1(b"#!/bin/sh\n").hexdigest()
    assert user_data(region, made["id"]) == b"#!/bin/sh\n"
    assert described(region, made["id"])["Tags"] == [{"Key": "Name", "Value": "a"}]

    here.run("destroy", "-auto-approve")
    assert described(region, made["id"])["State"]["Name"] == "terminated"


def test_what_only_a_stopped_instance_takes_stops_it(
    here: CottaFolder, region: RunningRegion
) -> None:
    here.write(an_instance('user_data = "one"'))
    here.apply()
    id_ = here.attributes("aws_instance.a")["id"]
    here.write(an_instance('user_data = "two"', kind="t3.small"))

    printed = here.apply()

    assert "stopping it for a change of instance_type, user_data" in printed
    found = described(region, id_)
    assert (found["InstanceType"], found["State"]["Name"]) == ("t3.small", "running")
    assert user_data(region, id_) == b"two"
    here.assert_no_changes()


def test_other_changes_leave_it_running(here: CottaFolder, region: RunningRegion) -> None:
    here.write(an_instance())
    here.apply()
    id_ = here.attributes("aws_instance.a")["id"]
    here.write(
        an_instance(
            """source_dest_check       = false
  disable_api_termination = true
  monitoring              = true
  tags                    = { Name = "b" }
  metadata_options {
    http_tokens = "required"
  }"""
        )
    )

    printed = here.apply()

    assert "stopping" not in printed
    found = described(region, id_)
    assert found["SourceDestCheck"] is False
    assert found["MetadataOptions"]["HttpTokens"] == "required"
    assert found["Monitoring"]["State"] in ("pending", "enabled")
    here.assert_no_changes()


@pytest.mark.parametrize(
    ("edit", "path"),
    [
        (an_instance(image=2), ["ami"]),
        (an_instance('availability_zone = "us-east-1b"'), ["availability_zone"]),
        (an_instance('user_data = "x"\n  user_data_replace_on_change = true'), ["user_data"]),
    ],
)
def test_what_makes_another_instance(here: CottaFolder, edit: str, path: list[str]) -> None:
    here.write(an_instance('availability_zone = "us-east-1a"'))
    here.apply()
    here.write(edit)

    change = here.planned()["aws_instance.a"]

    assert change["actions"] == ["delete", "create"]
    assert path in change["replace_paths"]


def test_one_that_does_not_come_up_is_known_and_says_why(
    here: CottaFolder, region: RunningRegion
) -> None:
    here.write(an_instance(image=BROKEN))

    ended = here.attempt("apply", "-auto-approve")

    assert ended.status == 1
    assert "The instance did not come up" in told(ended)
    assert told(ended).count("with aws_instance.a, on main.tf") == 1
    instances = [
        one
        for each in region.client("ec2").describe_instances()["Reservations"]
        for one in each["Instances"]
        if one["ImageId"] == f"ami-{BROKEN:017x}"
    ]
    assert {one["State"]["Name"] for one in instances} <= {"terminated", "stopped"}


def test_an_answer_that_is_lost_starts_no_second_instance(
    region: RunningRegion, here: CottaFolder
) -> None:
    before = len(region.client("ec2").describe_instances()["Reservations"])
    here.write(an_instance())

    with fault_proxy(region.endpoint, DropAfter("RunInstances")) as proxy:
        replace(here, access=replace(here.access, endpoint=proxy.endpoint)).apply()

        assert len(proxy.met()) == 1
    assert len(region.client("ec2").describe_instances()["Reservations"]) == before + 1
    here.assert_no_changes()


def test_one_is_imported(here: CottaFolder, region: RunningRegion) -> None:
    answer = region.client("ec2").run_instances(
        ImageId=f"ami-{1:017x}", InstanceType="t3.micro", MinCount=1, MaxCount=1
    )
    here.write(an_instance())

    here.run("import", "aws_instance.a", answer["Instances"][0]["InstanceId"])

    assert here.attributes("aws_instance.a")["ami"] == f"ami-{1:017x}"
    assert here.planned()["aws_instance.a"]["actions"] in (["no-op"], ["update"])


def test_neither_image_nor_template_is_a_mistake(here: CottaFolder) -> None:
    here.write('resource "aws_instance" "a" {\n  instance_type = "t3.micro"\n}\n')

    ended = here.attempt("plan")

    assert ended.status == 1
    assert 'One of "ami" or "launch_template" needs to be set.' in told(ended)
    here.write("")


def test_the_same_against_moto(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with moto_server() as endpoint:
        here = cotta_folder(tmp_path, access_to_endpoint(endpoint), monkeypatch)
        image = moto_client(endpoint).describe_images()["Images"][0]["ImageId"]
        text = an_instance('tags = { Name = "a" }').replace(f"ami-{1:017x}", image)
        here.write(text)
        here.apply()
        here.assert_no_changes()
        here.write(text.replace("t3.micro", "t3.small"))
        here.apply()
        here.assert_no_changes()
        here.run("destroy", "-auto-approve")

        reservations = moto_client(endpoint).describe_instances()["Reservations"]
        states = {one["State"]["Name"] for each in reservations for one in each["Instances"]}
        assert states == {"terminated"}
