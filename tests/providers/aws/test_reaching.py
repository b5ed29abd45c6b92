"""Whom a plan can't reach, or who takes no more of its calls, it says soon, and what to do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from cotta.clouds.errors import CloudError
from cotta.clouds.which import Cloud
from cotta.providers.aws.complaints import complain
from tests.support.aws import access_to_region, cotta_folder, told
from tests.support.fault_proxy import DropBefore, fault_proxy
from tests.support.regions import RunningRegion, running_region

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = 'resource "aws_key_pair" "a" {\n  public_key = "x"\n}\n'


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRegion]:
    with running_region(tmp_path_factory.mktemp("region")) as running:
        yield running


def test_an_endpoint_that_does_not_answer_is_told_of_after_a_few_tries(
    region: RunningRegion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fault_proxy(region.endpoint, DropBefore("GetCallerIdentity", times=99)) as proxy:
        access = replace(access_to_region(region), endpoint=proxy.endpoint, attempts=25)
        here = cotta_folder(tmp_path, access, monkeypatch)
        here.write(KEY)

        ended = here.attempt("plan")

        assert [call.operation for call in proxy.calls] == ["GetCallerIdentity"] * 3
    assert ended.status == 1
    assert "No answer to sts:GetCallerIdentity" in told(ended)
    assert "whether the endpoint and the region are right" in told(ended)


@pytest.mark.parametrize(
    ("named", "more", "status"),
    [
        ("us-esat-1", "", 1),
        ("us-esat-1", "skip_region_validation = true", 0),
        ("us-east-1", "", 0),
    ],
)
def test_a_region_that_aws_does_not_have_is_told_of_before_it_is_asked(
    region: RunningRegion,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    named: str,
    more: str,
    status: int,
) -> None:
    here = cotta_folder(tmp_path, access_to_region(region, cloud=Cloud.AWS), monkeypatch)
    here.write(KEY, provider=f'provider "aws" {{\n  region = "{named}"\n  {more}\n}}\n')

    ended = here.attempt("plan")

    assert ended.status == status
    if status:
        assert 'AWS has no region "us-esat-1"' in told(ended)
        assert 'Did you mean "us-east-1"?' in told(ended)
        assert "provider.tf line 2" in told(ended)


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("RequestLimitExceeded", "run it again in a while"),
        ("VcpuLimitExceeded", "A quota of the account is used up"),
        ("TooManyTargetGroups", "A quota of the account is used up"),
    ],
)
def test_what_is_too_much_is_told_from_what_is_too_fast(code: str, advice: str) -> None:
    complaint = complain(CloudError("ec2", "RunInstances", code, "no"), "Creating aws_instance")

    assert complaint.summary == "Creating aws_instance failed"
    assert f"ec2:RunInstances was refused. {code}: no." in complaint.detail
    assert advice in complaint.detail
