"""Roles, policies and instance profiles through boto3."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.support.regions import refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.regions import RunningRegion


def a_document(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


TRUST: Final = a_document(Principal={"Service": "ec2.amazonaws.com"}, Action="sts:AssumeRole")
READ: Final = a_document(Action=["s3:Get*"], Resource="*")
MANAGED: Final = "arn:aws:iam::aws:policy/service-role/AmazonEC2RoleforSSM"


@pytest.fixture
def iam(region: RunningRegion) -> Any:
    return region.client("iam")


def a_role(iam: Any, name: str = "web", **changes: Any) -> dict[str, Any]:
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST, **changes)
    role: dict[str, Any] = made["Role"]
    return role


def test_role_is_kept_as_it_was_given(iam: Any, region: RunningRegion) -> None:
    made = a_role(iam, Path="/team/", Description="for webs", Tags=[{"Key": "a", "Value": "b"}])

    got = iam.get_role(RoleName="web")["Role"]

    assert made["Arn"] == f"arn:aws:iam::{region.account.id}:role/team/web"
    assert made["RoleId"].startswith("AROA")
    assert len(made["RoleId"]) == 21
    assert got["AssumeRolePolicyDocument"] == json.loads(TRUST)
    assert (got["Description"], got["MaxSessionDuration"]) == ("for webs", 3600)
    assert got["Tags"] == [{"Key": "a", "Value": "b"}]
    assert got["RoleId"] == made["RoleId"]


def test_role_changes(iam: Any) -> None:
    a_role(iam, Tags=[{"Key": "a", "Value": "b"}])
    other = a_document(Principal={"AWS": "*"}, Action="sts:AssumeRole")

    iam.update_role(RoleName="web", Description="new", MaxSessionDuration=7200)
    iam.update_assume_role_policy(RoleName="web", PolicyDocument=other)
    iam.tag_role(RoleName="web", Tags=[{"Key": "c", "Value": "d"}])
    iam.untag_role(RoleName="web", TagKeys=["a"])
    iam.put_role_permissions_boundary(RoleName="web", PermissionsBoundary=MANAGED)

    got = iam.get_role(RoleName="web")["Role"]
    assert (got["Description"], got["MaxSessionDuration"]) == ("new", 7200)
    assert got["AssumeRolePolicyDocument"] == json.loads(other)
    assert iam.list_role_tags(RoleName="web")["Tags"] == [{"Key": "c", "Value": "d"}]
    assert got["PermissionsBoundary"]["PermissionsBoundaryArn"] == MANAGED
    iam.delete_role_permissions_boundary(RoleName="web")
    assert "PermissionsBoundary" not in iam.get_role(RoleName="web")["Role"]


def test_roles_are_listed_in_pages_and_by_path(iam: Any) -> None:
    for number in range(5):
        a_role(iam, f"role-{number}", Path="/odd/" if number % 2 else "/")

    pages = list(iam.get_paginator("list_roles").paginate(PaginationConfig={"PageSize": 2}))

    assert [len(page["Roles"]) for page in pages] == [2, 2, 1]
    odd = iam.list_roles(PathPrefix="/odd/")["Roles"]
    assert [role["RoleName"] for role in odd] == ["role-1", "role-3"]


def test_policies_written_into_a_role(iam: Any) -> None:
    a_role(iam)
    iam.put_role_policy(RoleName="web", PolicyName="read", PolicyDocument=READ)

    assert iam.list_role_policies(RoleName="web")["PolicyNames"] == ["read"]
    got = iam.get_role_policy(RoleName="web", PolicyName="read")
    assert got["PolicyDocument"] == json.loads(READ)
    with refused("DeleteConflict", "must delete policies first"):
        iam.delete_role(RoleName="web")
    iam.delete_role_policy(RoleName="web", PolicyName="read")
    with refused("NoSuchEntity", "read"):
        iam.get_role_policy(RoleName="web", PolicyName="read")
    iam.delete_role(RoleName="web")
    with refused("NoSuchEntity", "web"):
        iam.get_role(RoleName="web")


def test_policies_attached_to_a_role(iam: Any) -> None:
    a_role(iam)
    own = iam.create_policy(PolicyName="read", PolicyDocument=READ)["Policy"]["Arn"]

    for arn in (own, MANAGED, MANAGED):
        iam.attach_role_policy(RoleName="web", PolicyArn=arn)

    attached = iam.list_attached_role_policies(RoleName="web")["AttachedPolicies"]
    assert {one["PolicyArn"]: one["PolicyName"] for one in attached} == {
        own: "read",
        MANAGED: "AmazonEC2RoleforSSM",
    }
    below = iam.list_attached_role_policies(RoleName="web", PathPrefix="/service-role/")
    assert [one["PolicyArn"] for one in below["AttachedPolicies"]] == [MANAGED]
    assert iam.get_policy(PolicyArn=own)["Policy"]["AttachmentCount"] == 1
    roles = iam.list_entities_for_policy(PolicyArn=own)["PolicyRoles"]
    assert [role["RoleName"] for role in roles] == ["web"]
    with refused("DeleteConflict", "attached"):
        iam.delete_policy(PolicyArn=own)
    with refused("DeleteConflict", "detach all policies"):
        iam.delete_role(RoleName="web")
    for arn in (own, MANAGED):
        iam.detach_role_policy(RoleName="web", PolicyArn=arn)
    with refused("NoSuchEntity"):
        iam.detach_role_policy(RoleName="web", PolicyArn=own)
    iam.delete_policy(PolicyArn=own)
    with refused("NoSuchEntity"):
        iam.attach_role_policy(RoleName="web", PolicyArn=own)


def test_versions_of_a_policy(iam: Any) -> None:
    arn = iam.create_policy(PolicyName="read", PolicyDocument=READ)["Policy"]["Arn"]
    more = a_document(Action="ec2:*", Resource="*")

    for _ in range(4):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=more, SetAsDefault=True)

    with refused("LimitExceeded", "5 versions"):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=more)
    versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    assert [(one["VersionId"], one["IsDefaultVersion"]) for one in versions] == [
        ("v1", False),
        ("v2", False),
        ("v3", False),
        ("v4", False),
        ("v5", True),
    ]
    got = iam.get_policy_version(PolicyArn=arn, VersionId="v2")["PolicyVersion"]
    assert got["Document"] == json.loads(more)
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
    with refused("DeleteConflict", "default version"):
        iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    with refused("DeleteConflict", "more than one version"):
        iam.delete_policy(PolicyArn=arn)
    iam.delete_policy_version(PolicyArn=arn, VersionId="v5")
    new = iam.create_policy_version(PolicyArn=arn, PolicyDocument=more)["PolicyVersion"]
    assert new["VersionId"] == "v6", "no number is given twice"


def test_policies_are_listed_and_tagged(iam: Any) -> None:
    made = iam.create_policy(
        PolicyName="read", PolicyDocument=READ, Tags=[{"Key": "a", "Value": "b"}]
    )["Policy"]

    iam.tag_policy(PolicyArn=made["Arn"], Tags=[{"Key": "c", "Value": "d"}])
    iam.untag_policy(PolicyArn=made["Arn"], TagKeys=["a"])

    assert iam.list_policy_tags(PolicyArn=made["Arn"])["Tags"] == [{"Key": "c", "Value": "d"}]
    listed = iam.list_policies(Scope="Local")["Policies"]
    assert [one["Arn"] for one in listed] == [made["Arn"]]
    assert iam.list_policies(Scope="AWS")["Policies"] == []
    assert iam.list_policies(OnlyAttached=True)["Policies"] == []
    with refused("EntityAlreadyExists"):
        iam.create_policy(PolicyName="read", PolicyDocument=READ)
    with refused("NoSuchEntity", "AWS's own"):
        iam.get_policy(PolicyArn=MANAGED)


def test_instance_profile_has_one_role(iam: Any) -> None:
    a_role(iam)
    a_role(iam, "other")
    made = iam.create_instance_profile(InstanceProfileName="web", Tags=[{"Key": "a", "Value": "b"}])

    iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="web")

    got = iam.get_instance_profile(InstanceProfileName="web")["InstanceProfile"]
    assert got["InstanceProfileId"] == made["InstanceProfile"]["InstanceProfileId"]
    assert [role["RoleName"] for role in got["Roles"]] == ["web"]
    assert got["Roles"][0]["AssumeRolePolicyDocument"] == json.loads(TRUST)
    of_role = iam.list_instance_profiles_for_role(RoleName="web")["InstanceProfiles"]
    assert [one["InstanceProfileName"] for one in of_role] == ["web"]
    assert len(iam.list_instance_profiles()["InstanceProfiles"]) == 1
    with refused("LimitExceeded"):
        iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="other")
    with refused("DeleteConflict"):
        iam.delete_instance_profile(InstanceProfileName="web")
    with refused("DeleteConflict", "instance profile"):
        iam.delete_role(RoleName="web")
    iam.remove_role_from_instance_profile(InstanceProfileName="web", RoleName="web")
    iam.delete_instance_profile(InstanceProfileName="web")
    with refused("NoSuchEntity", "web"):
        iam.get_instance_profile(InstanceProfileName="web")


def test_tags_of_an_instance_profile(iam: Any) -> None:
    iam.create_instance_profile(InstanceProfileName="web", Tags=[{"Key": "a", "Value": "b"}])

    iam.tag_instance_profile(InstanceProfileName="web", Tags=[{"Key": "c", "Value": "d"}])
    iam.untag_instance_profile(InstanceProfileName="web", TagKeys=["a"])

    tags = iam.list_instance_profile_tags(InstanceProfileName="web")["Tags"]
    assert tags == [{"Key": "c", "Value": "d"}]


def test_roles_of_services(iam: Any) -> None:
    made = iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")["Role"]

    assert made["RoleName"] == "AWSServiceRoleForAutoScaling"
    assert made["Path"] == "/aws-service-role/autoscaling.amazonaws.com/"
    with refused("InvalidInput", "has been taken"):
        iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")
    with refused("UnmodifiableEntity"):
        iam.delete_role(RoleName=made["RoleName"])
    task = iam.delete_service_linked_role(RoleName=made["RoleName"])["DeletionTaskId"]
    assert iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"] == "SUCCEEDED"
    with refused("NoSuchEntity"):
        iam.get_role(RoleName=made["RoleName"])


def test_account_has_a_root_and_no_aliases(iam: Any, region: RunningRegion) -> None:
    root = iam.get_user()["User"]

    assert root["Arn"] == f"arn:aws:iam::{region.account.id}:root"
    assert iam.list_account_aliases()["AccountAliases"] == []
    with refused("NoSuchEntity", "somebody"):
        iam.get_user(UserName="somebody")


REFUSED: Final[list[tuple[str, str, Callable[[Any], object]]]] = [
    ("EntityAlreadyExists", "web", lambda iam: a_role(iam)),
    ("ValidationError", "roleName", lambda iam: a_role(iam, "a b")),
    ("ValidationError", "64", lambda iam: a_role(iam, "a" * 65)),
    ("ValidationError", "path", lambda iam: a_role(iam, "x", Path="team")),
    ("ValidationError", "43200", lambda iam: a_role(iam, "x", MaxSessionDuration=50000)),
    (
        "InvalidInput",
        "Duplicate",
        lambda iam: a_role(iam, "x", Tags=[{"Key": "a", "Value": "1"}] * 2),
    ),
    ("InvalidInput", "aws:", lambda iam: a_role(iam, "x", Tags=[{"Key": "aws:a", "Value": "1"}])),
    ("NoSuchEntity", "nobody", lambda iam: iam.list_role_policies(RoleName="nobody")),
    (
        "NoSuchEntity",
        "nothing",
        lambda iam: iam.add_role_to_instance_profile(InstanceProfileName="nothing", RoleName="web"),
    ),
    ("ValidationError", "token", lambda iam: iam.list_roles(Marker="nonsense")),
]


@pytest.mark.parametrize(("code", "word", "act"), REFUSED)
def test_mistakes_are_refused_as_aws_does(
    iam: Any, code: str, word: str, act: Callable[[Any], object]
) -> None:
    a_role(iam)

    with refused(code, word):
        act(iam)


@pytest.mark.parametrize(
    "document",
    [
        "{",
        "[]",
        "{}",
        '{"Version": "2020-01-01", "Statement": []}',
        '{"Statement": "x"}',
        a_document(Action="sts:AssumeRole"),
        a_document(Principal={"Service": "ec2.amazonaws.com"}),
        a_document(Principal={"Service": "ec2"}, Action="sts:AssumeRole"),
        a_document(Principal={"Robot": "x"}, Action="sts:AssumeRole"),
        a_document(Principal={"AWS": "me"}, Action="sts:AssumeRole"),
        a_document(Principal="*", Action="sts:AssumeRole", Resource="*"),
        a_document(Principal="*", Action=3),
        a_document(Principal="*", Action="a", Surprise=1),
    ],
)
def test_trust_policies_that_are_none(iam: Any, document: str) -> None:
    with refused("MalformedPolicyDocument"):
        iam.create_role(RoleName="x", AssumeRolePolicyDocument=document)

    assert iam.list_roles()["Roles"] == []


@pytest.mark.parametrize(
    ("document", "word"),
    [
        ("nonsense", "Json"),
        (a_document(Resource="*"), "actions"),
        (a_document(Action="a"), "resources"),
        (a_document(Action="a", Resource="*", Principal="*"), "principal"),
        (a_document(Action="a", Resource="*", Effect="Maybe"), "Syntax"),
    ],
)
def test_policies_that_are_none(iam: Any, document: str, word: str) -> None:
    with refused("MalformedPolicyDocument", word):
        iam.create_policy(PolicyName="x", PolicyDocument=document)


def test_policy_that_is_too_long(iam: Any) -> None:
    long = a_document(Action=[f"service:Action{number}" for number in range(1000)], Resource="*")

    with refused("LimitExceeded", "6144"):
        iam.create_policy(PolicyName="x", PolicyDocument=long)
