"""Security groups, and rules of their own, on a region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.aws import CottaFolder, access_to_endpoint, access_to_region, cotta_folder, told
from tests.support.moto import moto_client, moto_server
from tests.support.regions import RunningRegion, running_region

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRegion]:
    with running_region(tmp_path_factory.mktemp("region")) as running:
        yield running


@pytest.fixture
def here(
    region: RunningRegion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[CottaFolder]:
    folder = cotta_folder(tmp_path, access_to_region(region), monkeypatch)
    yield folder
    folder.run("destroy", "-auto-approve")


HTTP = """ingress {
    description = "web"
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8", "192.168.0.0/16"]
    self        = true
  }
"""
OUT = """egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
"""


def a_group(*blocks: str) -> str:
    body = "\n  ".join(blocks)
    return f'resource "aws_security_group" "a" {{\n  name_prefix = "web-"\n  {body}\n}}\n'


def rules(region: RunningRegion, here: CottaFolder) -> set[tuple[Any, ...]]:
    group = here.attributes("aws_security_group.a")["id"]
    answer = region.client("ec2").describe_security_group_rules(
        Filters=[{"Name": "group-id", "Values": [group]}]
    )
    return {
        (
            "out" if each["IsEgress"] else "in",
            each["IpProtocol"],
            each["FromPort"],
            each.get("CidrIpv4") or each["ReferencedGroupInfo"]["GroupId"].replace(group, "self"),
            each.get("Description", ""),
        )
        for each in answer["SecurityGroupRules"]
    }


def test_rules_are_those_that_are_written(here: CottaFolder, region: RunningRegion) -> None:
    here.write(a_group(HTTP))
    here.apply()
    here.assert_no_changes()
    assert rules(region, here) == {
        ("in", "tcp", 80, "10.0.0.0/8", "web"),
        ("in", "tcp", 80, "192.168.0.0/16", "web"),
        ("in", "tcp", 80, "self", "web"),
    }
    here.write(a_group(HTTP.replace('"10.0.0.0/8", ', "").replace('"web"', '"page"'), OUT))

    here.apply()

    assert rules(region, here) == {
        ("in", "tcp", 80, "192.168.0.0/16", "page"),
        ("in", "tcp", 80, "self", "page"),
        ("out", "-1", -1, "0.0.0.0/0", ""),
    }
    here.assert_no_changes()
    here.write(a_group("ingress = []", OUT))
    here.apply()
    assert rules(region, here) == {("out", "-1", -1, "0.0.0.0/0", "")}


def test_somebody_else_s_rule_is_taken_away(here: CottaFolder, region: RunningRegion) -> None:
    here.write(a_group(HTTP))
    here.apply()
    region.client("ec2").authorize_security_group_ingress(
        GroupId=here.attributes("aws_security_group.a")["id"],
        IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,
             "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
        ],
    )  # fmt: skip

    assert here.planned()["aws_security_group.a"]["actions"] == ["update"]
    here.apply()

    assert ("in", "tcp", 22, "0.0.0.0/0", "") not in rules(region, here)


def test_rules_that_nobody_writes_are_nobody_s_business(
    here: CottaFolder, region: RunningRegion
) -> None:
    rule = """
resource "aws_security_group_rule" "a" {
  type              = "ingress"
  security_group_id = aws_security_group.a.id
  protocol          = "TCP"
  from_port         = 22
  to_port           = 22
  cidr_blocks       = ["10.0.0.0/8"]
  description       = "NOTE"
}
resource "aws_vpc_security_group_egress_rule" "a" {
  security_group_id = aws_security_group.a.id
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
  tags              = { Name = "NOTE" }
}
"""
    here.write(a_group() + rule)
    here.apply()
    here.assert_no_changes()
    here.write(a_group() + rule.replace("NOTE", "other"))

    printed = here.apply()

    assert "0 added, 2 changed, 0 destroyed" in printed
    assert rules(region, here) == {
        ("in", "tcp", 22, "10.0.0.0/8", "other"),
        ("out", "-1", -1, "0.0.0.0/0", ""),
    }
    here.assert_no_changes()


def test_a_rule_that_is_gone_is_made_again(here: CottaFolder, region: RunningRegion) -> None:
    here.write(
        a_group()
        + """
resource "aws_vpc_security_group_ingress_rule" "a" {
  security_group_id = aws_security_group.a.id
  ip_protocol       = "tcp"
  from_port         = 80
  to_port           = 80
  cidr_ipv4         = "0.0.0.0/0"
}
"""
    )
    here.apply()
    rule = here.attributes("aws_vpc_security_group_ingress_rule.a")
    region.client("ec2").revoke_security_group_ingress(
        GroupId=rule["security_group_id"], SecurityGroupRuleIds=[rule["id"]]
    )

    change = here.planned()["aws_vpc_security_group_ingress_rule.a"]

    assert change["actions"] == ["create"]


def test_everything_is_imported(here: CottaFolder, region: RunningRegion) -> None:
    ec2 = region.client("ec2")
    group = ec2.create_security_group(GroupName="found", Description="by hand")["GroupId"]
    permission = {
        "IpProtocol": "tcp",
        "FromPort": 80,
        "ToPort": 81,
        "IpRanges": [{"CidrIp": "10.0.0.0/8"}],
    }
    answer = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
    rule = answer["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    here.write(
        """
resource "aws_security_group" "a" {
  name        = "found"
  description = "by hand"
}
resource "aws_security_group_rule" "a" {
  type              = "ingress"
  security_group_id = aws_security_group.a.id
  protocol          = "tcp"
  from_port         = 80
  to_port           = 81
  cidr_blocks       = ["10.0.0.0/8"]
}
resource "aws_vpc_security_group_ingress_rule" "a" {
  security_group_id = aws_security_group.a.id
  ip_protocol       = "tcp"
  from_port         = 80
  to_port           = 81
  cidr_ipv4         = "10.0.0.0/8"
}
"""
    )

    here.run("import", "aws_security_group.a", group)
    here.run("import", "aws_security_group_rule.a", f"{group}_ingress_tcp_80_81_10.0.0.0/8")
    here.run("import", "aws_vpc_security_group_ingress_rule.a", rule)

    changes = here.planned()
    assert changes["aws_vpc_security_group_ingress_rule.a"]["actions"] == ["no-op"]
    assert changes["aws_security_group_rule.a"]["actions"] == ["no-op"]
    here.run("state", "rm", "aws_vpc_security_group_ingress_rule.a")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (a_group(HTTP.replace('"tcp"', '"-1"')), "from_port and to_port"),
        (a_group("ingress {\n from_port = 1\n to_port = 1\n protocol = \"tcp\"\n}"),
         'A rule of "ingress" needs a source'),
        (a_group('name = "sg-1"'), "can't be set together"),
        (('resource "aws_vpc_security_group_ingress_rule" "a" {\n  security_group_id = "sg-1"\n'
         '  ip_protocol = "-1"\n  from_port = 1\n  cidr_ipv4 = "0.0.0.0/0"\n}'),
         '"from_port" can\'t be set where ip_protocol is "-1"'),
        (('resource "aws_vpc_security_group_ingress_rule" "a" {\n  security_group_id = "sg-1"\n'
         '  ip_protocol = "tcp"\n  cidr_ipv4 = "10.0.0.1/8"\n  cidr_ipv6 = "::/0"\n}'),
         "Only one of"),
        (('resource "aws_security_group_rule" "a" {\n  security_group_id = "sg-1"\n'
         '  protocol = "tcp"\n  from_port = 1\n  to_port = 2\n  type = "in"\n}'),
         'needs to be one of "ingress", "egress"'),
    ],
)  # fmt: skip
def test_mistakes(here: CottaFolder, text: str, sentence: str) -> None:
    here.write(text)

    ended = here.attempt("plan")

    assert ended.status == 1
    assert sentence in told(ended)
    here.write("")


def test_the_same_against_moto(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # moto forgets what a rule between groups is described by.
    http = HTTP.replace("self        = true", "")
    with moto_server() as endpoint:
        here = cotta_folder(tmp_path, access_to_endpoint(endpoint), monkeypatch)
        here.write(a_group(http, OUT))
        here.apply()
        here.assert_no_changes()
        here.write(a_group(OUT, "ingress = []"))
        here.apply()
        here.assert_no_changes()
        group = here.attributes("aws_security_group.a")["id"]
        here.run("destroy", "-auto-approve")

        groups = moto_client(endpoint).describe_security_groups()["SecurityGroups"]
        assert group not in [each["GroupId"] for each in groups]
