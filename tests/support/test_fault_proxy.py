"""The fault proxy does what its faults say, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.support.fault_proxy import (
    Denied,
    DropAfter,
    DropBefore,
    Fault,
    ServerError,
    ServerErrorAfter,
    Silence,
    Stale,
    Throttle,
    fault_proxy,
)
from tests.support.regions import RunningRegion, running_region

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def region(tmp_path: Path) -> Iterator[RunningRegion]:
    with running_region(tmp_path) as region:
        yield region


def groups(region: RunningRegion) -> set[str]:
    answer = region.client("ec2").describe_security_groups()
    return {one["GroupName"] for one in answer["SecurityGroups"]} - {"default"}


def client_of(region: RunningRegion, endpoint: str, service: str = "ec2") -> Any:
    through = RunningRegion(region.store, region.account, endpoint)
    config = Config(retries={"total_max_attempts": 1}, read_timeout=20)
    return through.client(service, config=config)


def create(client: Any, name: str) -> Exception | None:
    try:
        client.create_security_group(GroupName=name, Description="x")
    except (ClientError, BotoCoreError) as error:
        return Exception(str(error))
    return None


@pytest.mark.parametrize(
    ("fault", "error", "is_done"),
    [
        (Throttle("CreateSecurityGroup", at=2), "RequestLimitExceeded", False),
        (ServerError("CreateSecurityGroup", at=2), "InternalFailure", False),
        (ServerErrorAfter("CreateSecurityGroup", at=2), "InternalFailure", True),
        (
            Denied("CreateSecurityGroup", at=2, code="UnauthorizedOperation"),
            "not authorized",
            False,
        ),
        (DropBefore("CreateSecurityGroup", at=2), "Connection was closed", False),
        (DropAfter("Create.*", at=2), "Connection was closed", True),
        (Silence("CreateSecurityGroup", at=2, seconds=0.05), "Connection was closed", True),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Fault) else "",
)
def test_the_second_call_fails_and_the_others_do_not(
    region: RunningRegion, fault: Fault, error: str, is_done: bool
) -> None:
    with fault_proxy(region.endpoint, fault) as proxy:
        client = client_of(region, proxy.endpoint)
        results = [create(client, name) for name in ("a", "b", "c")]

    assert results[0] is results[2] is None
    assert error in str(results[1])
    assert groups(region) == ({"a", "b", "c"} if is_done else {"a", "c"})
    assert proxy.operations == ["CreateSecurityGroup"] * 3
    assert proxy.met() == [fault]


def test_a_stale_read_sees_what_the_same_read_saw_before(region: RunningRegion) -> None:
    with fault_proxy(region.endpoint, Stale("DescribeSecurityGroups", at=2)) as proxy:
        client = client_of(region, proxy.endpoint)
        seen = []
        for name in ("a", "b"):
            seen.append(len(client.describe_security_groups()["SecurityGroups"]))
            create(client, name)
        seen.append(len(client.describe_security_groups()["SecurityGroups"]))

    assert seen == [1, 1, 3]


@pytest.mark.parametrize(
    ("service", "method", "given", "expected"),
    [
        ("ec2", "describe_instances", {}, "InvalidInstanceID.NotFound"),
        ("elbv2", "describe_load_balancers", {}, "LoadBalancerNotFound"),
        ("autoscaling", "describe_auto_scaling_groups", {}, []),
    ],
)
def test_what_was_never_asked_is_not_there_yet(
    region: RunningRegion, service: str, method: str, given: Any, expected: Any
) -> None:
    with fault_proxy(region.endpoint, Stale()) as proxy:
        call = getattr(client_of(region, proxy.endpoint, service), method)
        if isinstance(expected, list):
            assert call(**given)["AutoScalingGroups"] == expected
            return
        with pytest.raises(ClientError) as caught:
            call(**given)

    assert caught.value.response["Error"]["Code"] == expected


def test_calls_are_noted_with_their_parameters(region: RunningRegion) -> None:
    with fault_proxy(region.endpoint) as proxy:
        client = client_of(region, proxy.endpoint)
        create(client, "a")
        client.describe_security_groups(GroupNames=["a"])

    assert [call.service for call in proxy.calls] == ["ec2", "ec2"]
    assert proxy.writes == ["CreateSecurityGroup"]
    assert proxy.calls[1].parameters["GroupName.1"] == "a"
