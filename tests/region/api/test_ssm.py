"""Parameters through boto3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from cotta.region.model import Parameter
from cotta.region.store.kinds import PARAMETERS
from tests.support.regions import put_image, refused
from tests.support.times import NOON

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.regions import RunningRegion

PUBLIC: Final = "/aws/service/debian/release/12/latest/amd64"


@pytest.fixture
def ssm(region: RunningRegion) -> Any:
    return region.client("ssm")


def put(ssm: Any, name: str = "/web/ami", value: str = "one", **changes: Any) -> dict[str, Any]:
    put: dict[str, Any] = ssm.put_parameter(
        **{"Name": name, "Value": value, "Type": "String", **changes}
    )
    return put


def names(answer: dict[str, Any]) -> list[str]:
    return [one["Name"] for one in answer["Parameters"]]


def test_parameter_is_kept_and_overwritten_on_request(ssm: Any, region: RunningRegion) -> None:
    assert put(ssm, Description="an image")["Version"] == 1
    with refused("ParameterAlreadyExists", "overwrite"):
        put(ssm)

    assert put(ssm, value="two", Overwrite=True)["Version"] == 2

    got = ssm.get_parameter(Name="/web/ami")["Parameter"]
    assert (got["Value"], got["Version"], got["Type"]) == ("two", 2, "String")
    assert got["ARN"] == f"arn:aws:ssm:us-east-1:{region.account.id}:parameter/web/ami"
    (described,) = ssm.describe_parameters()["Parameters"]
    assert described["Description"] == "an image", "what is not given stays"


def test_parameter_is_found_by_version_and_arn(ssm: Any) -> None:
    put(ssm)
    put(ssm, "plain")

    assert ssm.get_parameter(Name="/web/ami:1")["Parameter"]["Selector"] == ":1"
    for name in ("/web/ami", "plain"):
        arn = ssm.get_parameter(Name=name)["Parameter"]["ARN"]
        assert ssm.get_parameter(Name=arn)["Parameter"]["Name"] == name
    with refused("ParameterVersionNotFound", "version 7"):
        ssm.get_parameter(Name="/web/ami:7")
    with refused("ParameterNotFound", "/nothing"):
        ssm.get_parameter(Name="/nothing")


def test_several_at_once(ssm: Any) -> None:
    put(ssm, "/a")
    put(ssm, "/b")

    got = ssm.get_parameters(Names=["/a", "/c"])
    deleted = ssm.delete_parameters(Names=["/b", "/c"])

    assert (names(got), got["InvalidParameters"]) == (["/a"], ["/c"])
    assert (deleted["DeletedParameters"], deleted["InvalidParameters"]) == (["/b"], ["/c"])
    ssm.delete_parameter(Name="/a")
    with refused("ParameterNotFound"):
        ssm.delete_parameter(Name="/a")


def test_by_path_in_pages(ssm: Any) -> None:
    for name in ("/web/a", "/web/b", "/web/b/c", "/webs/d"):
        put(ssm, name)

    assert names(ssm.get_parameters_by_path(Path="/web")) == ["/web/a", "/web/b"]
    pages = ssm.get_paginator("get_parameters_by_path").paginate(
        Path="/web/", Recursive=True, PaginationConfig={"PageSize": 2}
    )
    assert [names(page) for page in pages] == [["/web/a", "/web/b"], ["/web/b/c"]]
    with refused("InvalidNextToken"):
        ssm.get_parameters_by_path(Path="/web", NextToken="nonsense")
    with refused("ValidationException", "forward slash"):
        ssm.get_parameters_by_path(Path="web")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"Key": "Name", "Option": "BeginsWith", "Values": ["/web"]}, ["/web/a", "/web/b/c"]),
        ({"Key": "Name", "Option": "Contains", "Values": ["b"]}, ["/web/a", "/web/b/c"]),
        ({"Key": "Name", "Values": ["plain"]}, ["plain"]),
        ({"Key": "Type", "Values": ["StringList"]}, ["plain"]),
        ({"Key": "Path", "Option": "Recursive", "Values": ["/web"]}, ["/web/a", "/web/b/c"]),
        ({"Key": "Path", "Values": ["/web"]}, ["/web/a"]),
        ({"Key": "tag:team", "Values": ["blue"]}, ["/web/a"]),
        ({"Key": "tag:team"}, ["/web/a"]),
    ],
)
def test_described_by_filters(ssm: Any, given: dict[str, Any], expected: list[str]) -> None:
    put(ssm, "/web/a", Tags=[{"Key": "team", "Value": "blue"}])
    put(ssm, "/web/b/c")
    put(ssm, "plain", "x,y", Type="StringList")

    assert names(ssm.describe_parameters(ParameterFilters=[given])) == expected


def test_secure_ones_are_given_out_on_request(ssm: Any) -> None:
    put(ssm, "/secret", "s3cret", Type="SecureString")

    hidden = ssm.get_parameter(Name="/secret")["Parameter"]["Value"]
    shown = ssm.get_parameter(Name="/secret", WithDecryption=True)["Parameter"]["Value"]

    assert shown == "s3cret"
    assert "s3cret" not in hidden


def test_public_ones_are_read_and_nothing_else(ssm: Any, region: RunningRegion) -> None:
    public = Parameter(name=PUBLIC, value="ami-1", kind="String", version=1, modified_at=NOON)
    with region.store.write() as rows:
        rows.put(PARAMETERS, public)

    got = ssm.get_parameter(Name=PUBLIC)["Parameter"]

    assert (got["Value"], got["ARN"]) == ("ami-1", f"arn:aws:ssm:us-east-1::parameter{PUBLIC}")
    assert names(ssm.get_parameters_by_path(Path="/aws/service/debian", Recursive=True)) == [PUBLIC]
    assert names(ssm.describe_parameters()) == []
    with refused("ParameterNotFound"):
        ssm.delete_parameter(Name=PUBLIC)
    with refused("AccessDeniedException", "reserved"):
        put(ssm, PUBLIC)


def test_tags(ssm: Any) -> None:
    put(ssm, Tags=[{"Key": "a", "Value": "1"}])
    at = {"ResourceType": "Parameter", "ResourceId": "/web/ami"}

    ssm.add_tags_to_resource(**at, Tags=[{"Key": "b", "Value": "2"}])
    ssm.remove_tags_from_resource(**at, TagKeys=["a"])

    assert ssm.list_tags_for_resource(**at)["TagList"] == [{"Key": "b", "Value": "2"}]
    with refused("InvalidResourceId"):
        ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId="/nothing")
    with refused("InvalidResourceType"):
        ssm.list_tags_for_resource(ResourceType="Document", ResourceId="/web/ami")


def test_parameter_of_an_image_names_one(ssm: Any, region: RunningRegion) -> None:
    image = put_image(region.store)

    put(ssm, value=image.id, DataType="aws:ec2:image")

    with refused("ValidationException", "ami-none"):
        put(ssm, "/other", "ami-none", DataType="aws:ec2:image")


REFUSED: Final[list[tuple[str, Callable[[Any], object]]]] = [
    ("ValidationException", lambda ssm: put(ssm, "a/b")),
    ("ValidationException", lambda ssm: put(ssm, "/a//b")),
    ("ValidationException", lambda ssm: put(ssm, "/a b")),
    ("ValidationException", lambda ssm: put(ssm, "/ssm/a")),
    ("HierarchyLevelLimitExceededException", lambda ssm: put(ssm, "/a" * 16)),
    ("ValidationException", lambda ssm: put(ssm, value="x" * 4097)),
    ("ValidationException", lambda ssm: put(ssm, DataType="image")),
    ("ParameterPatternMismatchException", lambda ssm: put(ssm, AllowedPattern="^[0-9]+$")),
    ("InvalidAllowedPatternException", lambda ssm: put(ssm, AllowedPattern="(")),
    ("ValidationException", lambda ssm: ssm.put_parameter(Name="/a", Value="x")),
    (
        "InvalidFilterKey",
        lambda ssm: ssm.describe_parameters(ParameterFilters=[{"Key": "Size", "Values": ["1"]}]),
    ),
    (
        "InvalidFilterOption",
        lambda ssm: ssm.describe_parameters(
            ParameterFilters=[{"Key": "Name", "Option": "Sounds", "Values": ["1"]}]
        ),
    ),
]


@pytest.mark.parametrize(("code", "act"), REFUSED)
def test_mistakes_are_refused(ssm: Any, code: str, act: Callable[[Any], object]) -> None:
    with refused(code):
        act(ssm)

    assert names(ssm.describe_parameters()) == []
