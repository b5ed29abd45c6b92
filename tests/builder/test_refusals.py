"""What a template names and a cloud refuses: told at once, with the option and what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cotta.builder.running import BuildError
from cotta.clouds.which import Keys
from tests.support.bakery import open_bakery
from tests.support.builds import a_provisioner
from tests.support.fault_proxy import fault_proxy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.bakery import Bakery

ANY = "0123456789abcdef0"


@pytest.fixture
def bakery(tmp_path: Path) -> Iterator[Bakery]:
    with open_bakery(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize(
    ("written", "operation", "says"),
    [
        (
            {"source_ami_filter": None, "source_ami": f"ami-{ANY}"},
            "DescribeImages",
            [f"ami-{ANY}", "another id in each region", "source_ami_filter"],
        ),
        (
            {"ssh_keypair_name": "mine", "ssh_private_key_file": "mine.pem"},
            "RunInstances",
            ["'mine' does not exist", "Look at ssh_keypair_name, or leave it out"],
        ),
        (
            {"security_group_id": f"sg-{ANY}"},
            "RunInstances",
            [f"sg-{ANY}", "Look at security_group_id, or leave it out"],
        ),
        ({"subnet_id": f"subnet-{ANY}"}, "DescribeSubnets", [ANY, "Look at subnet_id"]),
        ({"iam_instance_profile": "nobody"}, "GetInstanceProfile", ["nobody", "have names"]),
        ({"instance_type": "t9.huge"}, "RunInstances", ["t9.huge", "Valid values: a1.2xlarge"]),
        ({"ami_regions": ["mars-1"]}, "DescribeRegions", ["no region mars-1", "eu-west-1"]),
        (
            {"instance_type": None, "spot_price": "auto", "spot_instance_types": ["t3.micro"]},
            "CreateFleet",
            ["leave out what only AWS has, such as spot_price"],
        ),
    ],
)
def test_what_is_not_there_is_told_at_once(
    bakery: Bakery, written: dict[str, Any], operation: str, says: list[str]
) -> None:
    before = bakery.everything()
    with fault_proxy(bakery.region.endpoint) as proxy:
        access = replace(bakery.run().access(), endpoint=proxy.endpoint)

        with pytest.raises(BuildError) as caught:
            bakery.bake(bakery.build(**written), access=lambda: access)

        asked = proxy.operations
    for text in says:
        assert text in str(caught.value)
    # Nothing that the template names comes by waiting for it.
    if operation != "DescribeImages":
        assert asked.count(operation) == 1
    bakery.assert_is(before)


def test_wrong_credentials_say_where_right_ones_go(bakery: Bakery) -> None:
    wrong = replace(bakery.run().access(), keys=Keys("AKIAWRONGWRONGWRONG0", "x"))

    with pytest.raises(BuildError, match="AuthFailure") as caught:
        bakery.bake(bakery.build(), access=lambda: wrong)

    assert "access_key and secret_key in the source" in str(caught.value)


def test_a_machine_that_does_not_answer_says_what_was_tried(bakery: Bakery) -> None:
    before = bakery.everything()
    build = bakery.build(ssh_port=1, ssh_timeout=timedelta(milliseconds=300))

    with pytest.raises(BuildError) as caught:
        bakery.bake(build)

    for text in (
        "ec2-user@127.0.0.1 port 1 could not be reached by SSH",
        "times: 127.0.0.1 port 1: Connection refused",
        "ssh_username",
        "-on-error=abort",
    ):
        assert text in str(caught.value)
    bakery.assert_is(before)


@pytest.mark.parametrize(
    ("provisioner", "says"),
    [
        (
            {"kind": "shell", "inline": ["echo one", "echo two >&2", "exit 3"]},
            ["line 3 failed", "exit status: 3", "    one", "    two"],
        ),
        (
            {"kind": "file", "source": "/nowhere/x", "destination": "/opt/x"},
            ["line 3 failed", "no /nowhere/x to upload"],
        ),
        (
            {"kind": "file", "source": __file__, "destination": "/nowhere/at/all/x"},
            ["no folder /nowhere/at/all on the machine", "with a shell provisioner before"],
        ),
    ],
)
def test_a_provisioner_that_fails_says_where_and_why(
    bakery: Bakery, provisioner: dict[str, Any], says: list[str]
) -> None:
    before = bakery.everything()
    if provisioner["kind"] == "shell":
        provisioner = {**provisioner, "remote_folder": str(bakery.folder)}

    with pytest.raises(BuildError) as caught:
        bakery.bake(bakery.build(a_provisioner(**provisioner)))

    for text in says:
        assert text in str(caught.value)
    bakery.assert_is(before)
