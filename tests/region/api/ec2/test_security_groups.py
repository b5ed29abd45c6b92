"""Security groups and their rules through boto3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.regions import refused

if TYPE_CHECKING:
    from tests.region.api.ec2.conftest import Fleet

HTTP = {
    "IpProtocol": "tcp",
    "FromPort": 80,
    "ToPort": 80,
    "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "everybody"}],
}


def a_group(ec2: Any, name: str = "web", **given: Any) -> str:
    return str(ec2.create_security_group(GroupName=name, Description="x", **given)["GroupId"])


def describe(ec2: Any, group_id: str) -> Any:
    (group,) = ec2.describe_security_groups(GroupIds=[group_id])["SecurityGroups"]
    return group


def test_an_empty_network_is_the_default_one(ec2: Any) -> None:
    group = describe(ec2, a_group(ec2, VpcId=""))

    assert group["VpcId"] == ec2.describe_vpcs()["Vpcs"][0]["VpcId"]


def test_a_new_group_lets_everything_out_and_nothing_in(ec2: Any) -> None:
    tags = [{"ResourceType": "security-group", "Tags": [{"Key": "a", "Value": "b"}]}]

    group = describe(ec2, a_group(ec2, TagSpecifications=tags))

    assert group["IpPermissions"] == []
    assert group["IpPermissionsEgress"] == [
        {
            "IpProtocol": "-1",
            "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
            "Ipv6Ranges": [],
            "PrefixListIds": [],
            "UserIdGroupPairs": [],
        }
    ]
    assert (group["GroupName"], group["Description"]) == ("web", "x")
    assert group["Tags"] == [{"Key": "a", "Value": "b"}]
    assert group["VpcId"] == ec2.describe_vpcs()["Vpcs"][0]["VpcId"]


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        ({"GroupName": "web"}, "InvalidGroup.Duplicate", "'web'"),
        ({"GroupName": "default"}, "InvalidParameterValue", "reserved"),
        ({"GroupName": "sg-web"}, "InvalidParameterValue", "sg-*"),
        ({"GroupName": "x" * 256}, "InvalidParameterValue", "255"),
        ({"GroupName": "db", "VpcId": "vpc-0"}, "InvalidVpcID.NotFound", "vpc-0"),
    ],
)
def test_names_that_can_not_be(ec2: Any, given: dict[str, str], code: str, words: str) -> None:
    a_group(ec2)

    with refused(code, words):
        ec2.create_security_group(Description="x", **given)


def test_rules_are_added_with_ids_and_shown_together(ec2: Any) -> None:
    group_id, other = a_group(ec2), a_group(ec2, "db")
    permissions = [
        HTTP,
        {
            "IpProtocol": "6",
            "FromPort": 80,
            "ToPort": 80,
            "Ipv6Ranges": [{"CidrIpv6": "2001:DB8::/32"}],
            "UserIdGroupPairs": [{"GroupId": other}],
        },
        {"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1, "IpRanges": [{"CidrIp": "10.1.2.3/8"}]},
    ]

    rules = ec2.authorize_security_group_ingress(GroupId=group_id, IpPermissions=permissions)[
        "SecurityGroupRules"
    ]

    found = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group_id]}])[
        "SecurityGroupRules"
    ]
    ingress = {rule["SecurityGroupRuleId"]: rule for rule in found if not rule["IsEgress"]}
    assert {rule["SecurityGroupRuleId"]: rule for rule in rules} == ingress
    assert rules[0]["CidrIpv4"] == "0.0.0.0/0"
    assert rules[0]["Description"] == "everybody"
    assert rules[1]["CidrIpv6"] == "2001:db8::/32"
    assert rules[2]["ReferencedGroupInfo"]["GroupId"] == other
    assert (rules[3]["CidrIpv4"], rules[3]["FromPort"], rules[3]["ToPort"]) == ("10.0.0.0/8", 8, -1)
    shown = describe(ec2, group_id)["IpPermissions"]
    by_protocol = {permission["IpProtocol"]: permission for permission in shown}
    assert sorted(by_protocol) == ["icmp", "tcp"]
    assert by_protocol["tcp"]["IpRanges"] == HTTP["IpRanges"]
    assert by_protocol["tcp"]["Ipv6Ranges"] == [{"CidrIpv6": "2001:db8::/32"}]
    assert [pair["GroupId"] for pair in by_protocol["tcp"]["UserIdGroupPairs"]] == [other]


def test_the_old_form_of_a_rule_and_groups_by_name(ec2: Any) -> None:
    group_id = a_group(ec2)

    ec2.authorize_security_group_ingress(
        GroupName="web", IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="10.0.0.0/8"
    )

    (permission,) = describe(ec2, group_id)["IpPermissions"]
    assert permission["FromPort"] == 22
    (by_name,) = ec2.describe_security_groups(GroupNames=["web"])["SecurityGroups"]
    assert by_name["GroupId"] == group_id
    ec2.revoke_security_group_ingress(
        GroupName="web", IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="10.0.0.0/8"
    )
    assert describe(ec2, group_id)["IpPermissions"] == []
    ec2.delete_security_group(GroupName="web")
    with refused("InvalidGroup.NotFound", "web"):
        ec2.describe_security_groups(GroupNames=["web"])


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"IpProtocol": "tls"}, "InvalidParameterValue", "tls"),
        ({"ToPort": 79}, "InvalidParameterValue", "(80:79)"),
        ({"ToPort": 70000}, "InvalidParameterValue", "70000"),
        ({"IpRanges": [{"CidrIp": "everywhere"}]}, "InvalidParameterValue", "everywhere"),
        ({"IpRanges": [{"CidrIp": "10.0.0.1"}]}, "InvalidParameterValue", "malformed"),
        ({"IpRanges": [{"CidrIp": "::/0"}]}, "InvalidParameterValue", "::/0"),
        ({"IpRanges": []}, "InvalidParameterValue", "other end"),
        (
            {"IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "x" * 256}]},
            "InvalidParameterValue",
            "255",
        ),
        ({"UserIdGroupPairs": [{"GroupId": "sg-0"}]}, "InvalidGroup.NotFound", "sg-0"),
        ({"UserIdGroupPairs": [{"GroupName": "db"}]}, "InvalidGroup.NotFound", "db"),
        ({"PrefixListIds": [{"PrefixListId": "pl-1"}]}, "InvalidPrefixListID.NotFound", "pl-1"),
        ({}, "InvalidPermission.Duplicate", "0.0.0.0/0"),
    ],
)
def test_rules_that_can_not_be(ec2: Any, change: Any, code: str, words: str) -> None:
    group_id = a_group(ec2)
    ec2.authorize_security_group_ingress(GroupId=group_id, IpPermissions=[HTTP])
    before = describe(ec2, group_id)

    with refused(code, words):
        ec2.authorize_security_group_ingress(
            GroupId=group_id,
            IpPermissions=[{**HTTP, "FromPort": 443, "ToPort": 443}, {**HTTP, **change}],
        )

    assert describe(ec2, group_id) == before


def test_sixty_rules_are_enough(ec2: Any) -> None:
    group_id = a_group(ec2)
    ranges = [{"CidrIp": f"10.0.{number}.0/24"} for number in range(61)]

    with refused("RulesPerSecurityGroupLimitExceeded"):
        ec2.authorize_security_group_ingress(
            GroupId=group_id, IpPermissions=[{**HTTP, "IpRanges": ranges}]
        )
    ec2.authorize_security_group_ingress(
        GroupId=group_id, IpPermissions=[{**HTTP, "IpRanges": ranges[:60]}]
    )


def test_rules_are_revoked_by_id_and_written_out(ec2: Any) -> None:
    group_id, other = a_group(ec2), a_group(ec2, "db")
    rules = [
        ec2.authorize_security_group_ingress(
            GroupId=group_id, IpPermissions=[{**HTTP, "FromPort": port, "ToPort": port}]
        )["SecurityGroupRules"][0]["SecurityGroupRuleId"]
        for port in (80, 443)
    ]
    with refused("InvalidSecurityGroupRuleId.NotFound", rules[0]):
        ec2.revoke_security_group_ingress(GroupId=other, SecurityGroupRuleIds=[rules[0]])
    with refused("InvalidSecurityGroupRuleId.NotFound"):
        ec2.revoke_security_group_egress(GroupId=group_id, SecurityGroupRuleIds=[rules[0]])
    with refused("InvalidPermission.NotFound"):
        ec2.revoke_security_group_ingress(
            GroupId=group_id, IpPermissions=[{**HTTP, "FromPort": 81, "ToPort": 81}]
        )

    gone = ec2.revoke_security_group_ingress(GroupId=group_id, SecurityGroupRuleIds=[rules[0]])
    assert [rule["SecurityGroupRuleId"] for rule in gone["RevokedSecurityGroupRules"]] == rules[:1]
    ec2.revoke_security_group_ingress(
        GroupId=group_id, IpPermissions=[{**HTTP, "FromPort": 443, "ToPort": 443}]
    )
    everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.revoke_security_group_egress(GroupId=group_id, IpPermissions=[everything])
    ec2.authorize_security_group_egress(
        GroupId=group_id,
        IpPermissions=[{**everything, "IpProtocol": "udp", "FromPort": 53, "ToPort": 53}],
    )

    group = describe(ec2, group_id)
    assert group["IpPermissions"] == []
    assert [one["FromPort"] for one in group["IpPermissionsEgress"]] == [53]


def test_rules_are_modified_and_described_anew(ec2: Any) -> None:
    group_id = a_group(ec2)
    (rule,) = ec2.authorize_security_group_ingress(GroupId=group_id, IpPermissions=[HTTP])[
        "SecurityGroupRules"
    ]
    rule_id = rule["SecurityGroupRuleId"]

    ec2.modify_security_group_rules(
        GroupId=group_id,
        SecurityGroupRules=[
            {
                "SecurityGroupRuleId": rule_id,
                "SecurityGroupRule": {
                    "IpProtocol": "tcp",
                    "FromPort": 8080,
                    "ToPort": 8081,
                    "ReferencedGroupId": group_id,
                    "Description": "us",
                },
            }
        ],
    )
    ec2.update_security_group_rule_descriptions_ingress(
        GroupId=group_id,
        SecurityGroupRuleDescriptions=[{"SecurityGroupRuleId": rule_id, "Description": "we"}],
    )

    (found,) = ec2.describe_security_group_rules(SecurityGroupRuleIds=[rule_id])[
        "SecurityGroupRules"
    ]
    assert (found["FromPort"], found["ToPort"]) == (8080, 8081)
    assert found["ReferencedGroupInfo"]["GroupId"] == group_id
    assert found["Description"] == "we"
    assert "CidrIpv4" not in found
    pair = {"GroupId": group_id, "Description": "ours"}
    written = {"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8081, "UserIdGroupPairs": [pair]}
    ec2.update_security_group_rule_descriptions_ingress(GroupId=group_id, IpPermissions=[written])
    (group_pair,) = describe(ec2, group_id)["IpPermissions"][0]["UserIdGroupPairs"]
    assert group_pair["Description"] == "ours"
    with refused("InvalidPermission.NotFound"):
        ec2.update_security_group_rule_descriptions_egress(
            GroupId=group_id, IpPermissions=[written]
        )
    with refused("InvalidParameterCombination", "one of"):
        ec2.modify_security_group_rules(
            GroupId=group_id,
            SecurityGroupRules=[
                {"SecurityGroupRuleId": rule_id, "SecurityGroupRule": {"IpProtocol": "-1"}}
            ],
        )


def test_a_group_in_use_is_not_deleted(ec2: Any, fleet: Fleet) -> None:
    used, referring = a_group(ec2), a_group(ec2, "db")
    pair = {**HTTP, "IpRanges": [], "UserIdGroupPairs": [{"GroupId": used}]}
    ec2.authorize_security_group_ingress(GroupId=referring, IpPermissions=[pair])
    fleet.run(SecurityGroupIds=[referring])
    default = ec2.describe_security_groups(GroupNames=["default"])["SecurityGroups"][0]["GroupId"]

    with refused("DependencyViolation", used, referring):
        ec2.delete_security_group(GroupId=used)
    with refused("DependencyViolation", "i-"):
        ec2.delete_security_group(GroupId=referring)
    with refused("CannotDelete", "default"):
        ec2.delete_security_group(GroupId=default)
    with refused("MissingParameter"):
        ec2.delete_security_group()
    with refused("InvalidGroupId.Malformed"):
        ec2.delete_security_group(GroupId="web")


def test_groups_are_found_by_their_rules(ec2: Any) -> None:
    group_id = a_group(ec2)
    a_group(ec2, "db")
    ec2.authorize_security_group_ingress(GroupId=group_id, IpPermissions=[HTTP])

    def found(name: str, value: str) -> set[str]:
        filters = [{"Name": name, "Values": [value]}]
        groups = ec2.describe_security_groups(Filters=filters)["SecurityGroups"]
        return {group["GroupName"] for group in groups}

    assert found("ip-permission.from-port", "80") == {"web"}
    assert found("ip-permission.cidr", "0.0.0.0/0") == {"web"}
    assert found("egress.ip-permission.protocol", "-1") == {"default", "web", "db"}
    assert found("group-name", "w*") == {"web"}
