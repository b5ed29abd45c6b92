"""The instance metadata service, as a function of rows and requests."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from cotta.region.metadata import Metadata
from cotta.region.model import (
    GroupInstance,
    Image,
    ImageId,
    Instance,
    InstanceId,
    InstanceProfile,
    InstanceState,
    KeyPair,
    LifecycleState,
    MetadataOptions,
    NetworkInterface,
    NetworkInterfaceId,
    Role,
)
from cotta.region.store.kinds import (
    ACCOUNTS,
    GROUP_INSTANCES,
    IMAGES,
    INSTANCE_PROFILES,
    INSTANCES,
    KEY_PAIRS,
    NETWORK_INTERFACES,
    ROLES,
    SECURITY_GROUPS,
    SESSIONS,
    SUBNETS,
)
from cotta.region.wire.http import Request
from cotta.system.clock import FixedClock
from tests.support.regions import fresh_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cotta.region.wire.http import Response

NOON: Final = datetime(2026, 11, 25, 12, tzinfo=UTC)
ADDRESS: Final = "172.31.0.10"
ID: Final = InstanceId("i-0123456789abcdef0")
MAC: Final = "02:00:00:00:00:0a"


class Machine:
    """A region with one instance, and that instance as it asks."""

    def __init__(self, folder: Path) -> None:
        self.store, self.account = fresh_store(folder)
        self.clock = FixedClock(NOON)
        self.service = Metadata(self.store, region="us-east-1", clock=self.clock)
        with self.store.write() as rows:
            subnet = rows.all(SUBNETS)[0]
            (group,) = rows.all(SECURITY_GROUPS)
            self.subnet, self.group = subnet, group
            image = Image(
                id=ImageId("ami-1"), name="x", owner_id="1", created_at=NOON, default_user="ann"
            )
            rows.put(IMAGES, image)
            self.instance = Instance(
                id=ID,
                image_id=image.id,
                instance_type="t3.micro",
                state=InstanceState.RUNNING,
                launched_at=NOON,
                reservation_id="r-1",
                zone="a",
                subnet_id=subnet.id,
                vpc_id=subnet.vpc_id,
                network_interface_id=NetworkInterfaceId("eni-1"),
                private_ip=ADDRESS,
                mac=MAC,
                public_ip=ADDRESS,
                security_groups=(group.id,),
                key_name="mine",
                tags={"Name": "web"},
            )
            rows.put(INSTANCES, self.instance)
            interface = NetworkInterface(
                id=self.instance.network_interface_id,
                vpc_id=subnet.vpc_id,
                subnet_id=subnet.id,
                zone="a",
                private_ip=ADDRESS,
                mac=MAC,
                created_at=NOON,
                security_groups=(group.id,),
                instance_id=ID,
                public_ip=ADDRESS,
            )
            rows.put(NETWORK_INTERFACES, interface)
            key = KeyPair(
                id="key-1",
                name="mine",
                kind="ed25519",
                fingerprint="",
                public_key="ssh-ed25519 AAAA mine\n",
                created_at=NOON,
            )
            rows.put(KEY_PAIRS, key)

    def change(self, **changes: Any) -> None:
        """Change the instance's row."""
        self.instance = replace(self.instance, **changes)
        with self.store.write() as rows:
            rows.put(INSTANCES, self.instance)

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        peer: str = ADDRESS,
        **headers: str,
    ) -> Response:
        """Send a request; `_` stands for `-` in the names of headers."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = Request(method=method, target=path, headers=named, peer=peer)
        return self.service.handle(request)

    def tell(self, body: bytes, token: str | None) -> Response:
        """Say why user data failed."""
        headers = {"x-aws-ec2-metadata-token": token} if token is not None else {}
        target = "/latest/cotta/user-data"
        request = Request(method="PUT", target=target, headers=headers, body=body, peer=ADDRESS)
        return self.service.handle(request)

    def token(self, ttl: str = "60") -> str:
        """Return a fresh token."""
        response = self.ask(
            "/latest/api/token", method="PUT", x_aws_ec2_metadata_token_ttl_seconds=ttl
        )
        assert response.status == 200
        assert response.headers["x-aws-ec2-metadata-token-ttl-seconds"] == ttl
        return response.body.decode()

    def read(self, path: str) -> str:
        """Return a text of `meta-data`."""
        response = self.ask(f"/latest/meta-data/{path}")
        assert response.status == 200, path
        return response.body.decode()


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    machine = Machine(tmp_path)
    yield machine
    machine.store.close()


def test_everything_there_is_to_know(machine: Machine) -> None:
    interface = f"network/interfaces/macs/{MAC}"
    expected = {
        "ami-id": "ami-1",
        "ami-launch-index": "0",
        "block-device-mapping/": "ami\nroot",
        "hostname": "ip-172-31-0-10.ec2.internal",
        "instance-id": ID,
        "instance-life-cycle": "on-demand",
        "instance-type": "t3.micro",
        "local-hostname": "ip-172-31-0-10.ec2.internal",
        "local-ipv4": ADDRESS,
        "mac": MAC,
        "network/": "interfaces/",
        "network/interfaces/macs/": f"{MAC}/",
        f"{interface}/interface-id": "eni-1",
        f"{interface}/local-ipv4s": ADDRESS,
        f"{interface}/ipv4-associations/{ADDRESS}": ADDRESS,
        f"{interface}/owner-id": machine.account.id,
        f"{interface}/security-groups": "default",
        f"{interface}/subnet-id": machine.subnet.id,
        f"{interface}/subnet-ipv4-cidr-block": machine.subnet.cidr,
        f"{interface}/vpc-id": machine.subnet.vpc_id,
        f"{interface}/vpc-ipv4-cidr-blocks": "172.31.0.0/16",
        "placement/": "availability-zone\navailability-zone-id\nregion",
        "placement/availability-zone": "us-east-1a",
        "placement/availability-zone-id": "use1-az1",
        "placement/region": "us-east-1",
        "public-ipv4": ADDRESS,
        "public-keys/": "0=mine",
        "public-keys/0": "openssh-key",
        "public-keys/0/openssh-key": "ssh-ed25519 AAAA mine",
        "reservation-id": "r-1",
        "security-groups": "default",
        "services/domain": "amazonaws.com",
        "services/partition": "aws",
    }

    assert {path: machine.read(path) for path in expected} == expected


def test_lists_end_in_slashes_where_there_is_more(machine: Machine) -> None:
    assert machine.ask("/").body.decode().splitlines()[-1] == "latest"
    assert machine.ask("/latest/").body == b"dynamic\nmeta-data"
    listed = machine.read("").splitlines()
    assert {"ami-id", "network/", "placement/", "public-keys/"} <= set(listed)
    assert machine.ask("/2021-01-03/meta-data").body == machine.ask("/latest/meta-data/").body
    assert "iam/" not in listed
    assert "tags/" not in listed
    assert "autoscaling/" not in listed


@pytest.mark.parametrize(
    "path",
    [
        "/latest/user-data",
        "/latest/meta-data/nothing",
        "/latest/meta-data/ami-id/more",
        "/latest/meta-data/public-keys/1/openssh-key",
        "/latest/meta-data/iam/info",
        "/latest/meta-data/iam/security-credentials/web",
        "/latest/dynamic/fws",
        "/latest/nothing",
        "/1999-01-01/meta-data/",
    ],
)
def test_what_is_not_there_is_not_found(machine: Machine, path: str) -> None:
    response = machine.ask(path)

    assert response.status == 404
    assert b"<title>404 - Not Found</title>" in response.body


def test_user_data_is_given_as_it_was(machine: Machine) -> None:
    content = b"\x1f\x8b\x00 anything"
    machine.change(user_data=base64.b64encode(content).decode())

    assert machine.ask("/latest/user-data").body == content
    assert machine.ask("/latest").body == b"dynamic\nmeta-data\nuser-data"


def test_identity_document_reads_as_awss(machine: Machine) -> None:
    response = machine.ask("/latest/dynamic/instance-identity/document")

    document = json.loads(response.body)
    assert (document["instanceId"], document["region"], document["accountId"]) == (
        ID,
        "us-east-1",
        machine.account.id,
    )
    assert document["pendingTime"] == "2026-11-25T12:00:00Z"
    assert b'  "accountId" : "' in response.body


def test_tags_and_group_are_told_where_they_may_be(machine: Machine) -> None:
    machine.change(metadata=MetadataOptions(instance_metadata_tags="enabled"))
    member = GroupInstance(
        id=ID,
        group="g",
        zone="a",
        instance_type="t3.micro",
        joined_at=NOON,
        state=LifecycleState.IN_SERVICE,
    )
    with machine.store.write() as rows:
        rows.put(GROUP_INSTANCES, member)

    assert machine.read("tags/instance/") == "Name"
    assert machine.read("tags/instance/Name") == "web"
    assert machine.read("autoscaling/target-lifecycle-state") == "InService"


# --- who may ask ------------------------------------------------------------------------


def test_token_opens_what_needs_one(machine: Machine) -> None:
    machine.change(metadata=MetadataOptions(http_tokens="required"))

    assert machine.ask("/latest/meta-data/ami-id").status == 401
    token = machine.token()
    response = machine.ask("/latest/meta-data/ami-id", x_aws_ec2_metadata_token=token)
    assert (response.status, response.body) == (200, b"ami-1")


def test_token_ends(machine: Machine) -> None:
    token = machine.token("60")
    machine.clock.sleep(timedelta(seconds=61))

    assert machine.ask("/latest/meta-data/", x_aws_ec2_metadata_token=token).status == 401


@pytest.mark.parametrize("token", ["", "x", "AAAAAAAAAAAA", "=" * 40, "ä"])
def test_what_is_no_token_opens_nothing(machine: Machine, token: str) -> None:
    assert machine.ask("/latest/meta-data/", x_aws_ec2_metadata_token=token).status == 401


def test_token_of_another_machine_is_none(machine: Machine) -> None:
    token = machine.token()
    other = replace(machine.instance, id=InstanceId("i-2"))
    with machine.store.write() as rows:
        rows.put(INSTANCES, other)
        (interface,) = rows.all(NETWORK_INTERFACES)
        rows.put(NETWORK_INTERFACES, replace(interface, instance_id=other.id))

    assert machine.ask("/latest/meta-data/", x_aws_ec2_metadata_token=token).status == 401


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("PUT", "/latest/api/token", {}, 400),
        ("PUT", "/latest/api/token", {"x_aws_ec2_metadata_token_ttl_seconds": "0"}, 400),
        ("PUT", "/latest/api/token", {"x_aws_ec2_metadata_token_ttl_seconds": "21601"}, 400),
        ("PUT", "/latest/api/token", {"x_aws_ec2_metadata_token_ttl_seconds": "abc"}, 400),
        ("GET", "/latest/api/token", {}, 405),
        ("POST", "/latest/meta-data/", {}, 405),
        ("DELETE", "/latest/user-data", {}, 405),
        ("HEAD", "/latest/meta-data/", {}, 200),
    ],
)
def test_requests_are_answered_as_aws_does(
    machine: Machine, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    assert machine.ask(path, method=method, **headers).status == status


def test_proxies_get_no_token(machine: Machine) -> None:
    headers = {"x_aws_ec2_metadata_token_ttl_seconds": "60", "x_forwarded_for": "172.31.0.99"}

    assert machine.ask("/latest/api/token", method="PUT", **headers).status == 403


def test_service_can_be_switched_off(machine: Machine) -> None:
    machine.change(metadata=MetadataOptions(http_endpoint="disabled"))

    assert machine.ask("/latest/meta-data/").status == 403
    assert machine.ask("/latest/cotta/first-boot").status == 403
    ttl = {"x_aws_ec2_metadata_token_ttl_seconds": "60"}
    assert machine.ask("/latest/api/token", method="PUT", **ttl).status == 403


def test_strangers_and_the_ended_get_nothing(machine: Machine) -> None:
    assert machine.ask("/latest/meta-data/", peer="172.31.0.11").status == 404

    machine.change(state=InstanceState.TERMINATED)
    assert machine.ask("/latest/meta-data/").status == 404


# --- what is made for it ----------------------------------------------------------------


def test_first_boot_is_made_for_the_machine(machine: Machine) -> None:
    machine.change(user_data=base64.b64encode(b"#!/bin/sh\nx").decode())

    script = machine.ask("/latest/cotta/first-boot").body.decode()

    assert f"instance={ID}\n" in script
    assert "give_keys ann 'ssh-ed25519 AAAA mine'" in script
    assert "127.0.1.1 ip-172-31-0-10.ec2.internal ip-172-31-0-10" in script
    assert (
        f"run_script part-001 {base64.b64encode(b'#!/bin/sh' + bytes([10]) + b'x').decode()}"
        in script
    )


def test_role_has_credentials_that_the_api_knows(machine: Machine) -> None:
    role = Role(
        name="web", id="AROA1", arn="arn:aws:iam::1:role/web", created_at=NOON, trust_policy="{}"
    )
    profile = InstanceProfile(
        name="web-profile", id="AIPA1", arn="arn:aws:iam::1:x", created_at=NOON, roles=("web",)
    )
    with machine.store.write() as rows:
        rows.put(ROLES, role)
        rows.put(INSTANCE_PROFILES, profile)
    machine.change(instance_profile="web-profile")

    assert machine.read("iam/") == "info\nsecurity-credentials/"
    assert json.loads(machine.read("iam/info"))["InstanceProfileArn"] == profile.arn
    assert machine.read("iam/security-credentials/") == "web"
    given = json.loads(machine.read("iam/security-credentials/web"))
    again = json.loads(machine.read("iam/security-credentials/web"))
    machine.clock.sleep(timedelta(hours=5))
    renewed = json.loads(machine.read("iam/security-credentials/web"))

    assert given == again
    assert given["AccessKeyId"] != renewed["AccessKeyId"]
    with machine.store.read() as rows:
        session = rows.find(SESSIONS, given["AccessKeyId"])
        (account,) = rows.all(ACCOUNTS)
    assert session is not None
    assert (session.secret_key, session.token) == (given["SecretAccessKey"], given["Token"])
    assert session.arn == f"arn:aws:sts::{account.id}:assumed-role/web/{ID}"
    assert timedelta(hours=1) < session.expires_at - NOON <= timedelta(hours=6)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"a.sh ended with status 3", "failed: a.sh ended with status 3"),
        (b"two\nlines\x00\xff", "failed: two lines \ufffd"),
        (b"x" * 1000, f"failed: {'x' * 200}"),
    ],
)
def test_failed_user_data_is_a_tag(machine: Machine, body: bytes, expected: str) -> None:
    token = machine.token()

    refused = [machine.tell(body, no_token).status for no_token in (None, "no")]
    read = machine.ask("/latest/cotta/user-data", x_aws_ec2_metadata_token=token).status
    told = machine.tell(body, token)

    assert (refused, read) == ([401, 401], 405)
    assert told.status == 200
    with machine.store.read() as rows:
        instance = rows.find(INSTANCES, ID)
    assert instance is not None
    assert instance.tags == {"Name": "web", "cotta:user-data": expected}
