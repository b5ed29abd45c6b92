"""Load balancers, listeners, rules and target groups, by a real client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cotta.region.store.kinds import NETWORK_INTERFACES, SUBNETS
from tests.support.regions import refused

if TYPE_CHECKING:
    from tests.support.regions import RunningRegion


@pytest.fixture
def elb(region: RunningRegion) -> Any:
    return region.client("elbv2")


@pytest.fixture
def subnets(region: RunningRegion) -> list[str]:
    with region.store.read() as rows:
        return [subnet.id for subnet in sorted(rows.all(SUBNETS), key=lambda it: it.zone)]


@pytest.fixture
def vpc(region: RunningRegion) -> str:
    return str(region.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"])


@pytest.fixture
def balancer(elb: Any, subnets: list[str]) -> dict[str, Any]:
    made: dict[str, Any] = elb.create_load_balancer(Name="web", Subnets=subnets)["LoadBalancers"][0]
    return made


def make_group(elb: Any, vpc: str, name: str = "web", **changes: Any) -> str:
    given = {"Name": name, "Protocol": "HTTP", "Port": 8080, "VpcId": vpc, **changes}
    return str(elb.create_target_group(**given)["TargetGroups"][0]["TargetGroupArn"])


def forward(arn: str) -> list[dict[str, Any]]:
    return [{"Type": "forward", "TargetGroupArn": arn}]


def listen(elb: Any, balancer: dict[str, Any], arn: str, port: int = 80) -> str:
    made = elb.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTP",
        Port=port,
        DefaultActions=forward(arn),
    )
    return str(made["Listeners"][0]["ListenerArn"])


# --- load balancers ---------------------------------------------------------------------


def test_load_balancer_is_named_by_its_address(
    elb: Any, balancer: dict[str, Any], subnets: list[str]
) -> None:
    (found,) = elb.describe_load_balancers(Names=["web"])["LoadBalancers"]

    assert found == balancer
    assert found["DNSName"].startswith("172.31.")
    assert found["State"]["Code"] == "provisioning"
    assert found["Type"] == "application"
    assert [zone["SubnetId"] for zone in found["AvailabilityZones"]] == subnets
    assert ":loadbalancer/app/web/" in found["LoadBalancerArn"]


def test_arn_has_the_region_that_the_client_signed_for(
    region: RunningRegion, balancer: dict[str, Any]
) -> None:
    elsewhere = region.client("elbv2", "eu-west-1")

    (found,) = elsewhere.describe_load_balancers()["LoadBalancers"]

    assert ":eu-west-1:" in found["LoadBalancerArn"]
    assert found["AvailabilityZones"][0]["ZoneName"] == "eu-west-1a"
    assert balancer["LoadBalancerArn"] == found["LoadBalancerArn"].replace("eu-west", "us-east")


def test_the_same_load_balancer_is_made_once(
    elb: Any, balancer: dict[str, Any], subnets: list[str]
) -> None:
    again = elb.create_load_balancer(Name="web", Subnets=subnets)["LoadBalancers"]
    assert again == [balancer]

    with refused("DuplicateLoadBalancerName", "different settings"):
        elb.create_load_balancer(Name="web", Subnets=subnets, Scheme="internal")


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"Name": "internal-web"}, "ValidationError", "internal-"),
        ({"Name": "-web"}, "ValidationError", "hyphen"),
        ({"Name": "w" * 33}, "ValidationError", "32"),
        ({"Subnets": ["subnet-0"]}, "SubnetNotFound", "subnet-0"),
        ({"SecurityGroups": ["sg-0"]}, "InvalidSecurityGroup", "sg-0"),
        ({"Type": "network"}, "InvalidConfigurationRequest", "network"),
        ({"IpAddressType": "dualstack"}, "InvalidConfigurationRequest", "IPv4"),
    ],
)
def test_load_balancer_is_refused(
    elb: Any, subnets: list[str], changes: dict[str, Any], code: str, words: str
) -> None:
    with refused(code, words):
        elb.create_load_balancer(**{"Name": "web", "Subnets": subnets, **changes})
    assert elb.describe_load_balancers()["LoadBalancers"] == []


def test_load_balancer_needs_two_zones(elb: Any, subnets: list[str]) -> None:
    with refused("ValidationError", "two different Availability Zones"):
        elb.create_load_balancer(Name="web", Subnets=subnets[:1])


def test_removed_load_balancer_leaves_nothing(
    region: RunningRegion, elb: Any, balancer: dict[str, Any], vpc: str
) -> None:
    arn = make_group(elb, vpc)
    listen(elb, balancer, arn)
    with region.store.read() as rows:
        held = [interface.description for interface in rows.all(NETWORK_INTERFACES)]
    assert held == ["ELB " + balancer["LoadBalancerArn"].partition("/")[2]] * 3

    elb.delete_load_balancer(LoadBalancerArn=balancer["LoadBalancerArn"])
    elb.delete_load_balancer(LoadBalancerArn=balancer["LoadBalancerArn"])

    with refused("LoadBalancerNotFound"):
        elb.describe_load_balancers(Names=["web"])
    with region.store.read() as rows:
        assert rows.all(NETWORK_INTERFACES) == []
    elb.delete_target_group(TargetGroupArn=arn)


def test_protected_load_balancer_stays(elb: Any, balancer: dict[str, Any]) -> None:
    arn = balancer["LoadBalancerArn"]
    elb.modify_load_balancer_attributes(
        LoadBalancerArn=arn, Attributes=[{"Key": "deletion_protection.enabled", "Value": "true"}]
    )

    with refused("OperationNotPermitted", "deletion protection"):
        elb.delete_load_balancer(LoadBalancerArn=arn)


def test_load_balancer_moves_to_other_subnets(
    elb: Any, balancer: dict[str, Any], subnets: list[str]
) -> None:
    arn = balancer["LoadBalancerArn"]

    elb.set_subnets(LoadBalancerArn=arn, Subnets=subnets[:2])
    (kept,) = elb.describe_load_balancers()["LoadBalancers"]
    assert kept["DNSName"] == balancer["DNSName"]

    elb.set_subnets(LoadBalancerArn=arn, Subnets=subnets[1:])
    (moved,) = elb.describe_load_balancers()["LoadBalancers"]
    assert moved["DNSName"] != balancer["DNSName"]
    assert [zone["SubnetId"] for zone in moved["AvailabilityZones"]] == subnets[1:]


# --- attributes and tags ----------------------------------------------------------------


def test_attributes_have_defaults_and_are_checked(
    elb: Any, balancer: dict[str, Any], vpc: str
) -> None:
    arn = balancer["LoadBalancerArn"]
    described = elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    assert {"Key": "idle_timeout.timeout_seconds", "Value": "60"} in described

    changed = elb.modify_load_balancer_attributes(
        LoadBalancerArn=arn, Attributes=[{"Key": "idle_timeout.timeout_seconds", "Value": "5"}]
    )["Attributes"]
    assert {"Key": "idle_timeout.timeout_seconds", "Value": "5"} in changed
    assert len(changed) == len(described)

    with refused("ValidationError", "'0' is not a valid value", "from 1 to 4000"):
        elb.modify_load_balancer_attributes(
            LoadBalancerArn=arn, Attributes=[{"Key": "idle_timeout.timeout_seconds", "Value": "0"}]
        )
    group = make_group(elb, vpc)
    with refused("ValidationError", "not recognized", "deregistration_delay"):
        elb.modify_target_group_attributes(
            TargetGroupArn=group, Attributes=[{"Key": "delay", "Value": "5"}]
        )


def test_tags_of_every_kind(elb: Any, balancer: dict[str, Any], vpc: str) -> None:
    group = make_group(elb, vpc, Tags=[{"Key": "a", "Value": "1"}])
    listener = listen(elb, balancer, group)
    arns = [balancer["LoadBalancerArn"], group, listener]

    elb.add_tags(ResourceArns=arns, Tags=[{"Key": "team", "Value": "x"}])
    elb.remove_tags(ResourceArns=[group], TagKeys=["a", "none"])

    described = elb.describe_tags(ResourceArns=arns)["TagDescriptions"]
    assert [one["Tags"] for one in described] == [[{"Key": "team", "Value": "x"}]] * 3
    with refused("TargetGroupNotFound"):
        elb.describe_tags(ResourceArns=[group + "0"])


# --- target groups ----------------------------------------------------------------------


def test_target_group_is_described_as_it_was_made(elb: Any, vpc: str) -> None:
    arn = make_group(elb, vpc, HealthCheckPath="/health", Matcher={"HttpCode": "200-299"})

    (found,) = elb.describe_target_groups(Names=["web"])["TargetGroups"]

    assert found["TargetGroupArn"] == arn
    assert (found["HealthCheckPath"], found["Matcher"]) == ("/health", {"HttpCode": "200-299"})
    assert (found["HealthCheckPort"], found["HealthCheckIntervalSeconds"]) == ("traffic-port", 30)
    assert found["LoadBalancerArns"] == []


def test_the_same_target_group_is_made_once(elb: Any, vpc: str) -> None:
    arn = make_group(elb, vpc)

    assert make_group(elb, vpc) == arn
    with refused("DuplicateTargetGroupName"):
        make_group(elb, vpc, Port=81)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"VpcId": "vpc-0"}, "vpc-0"),
        ({"Protocol": "TCP"}, "TCP"),
        ({"HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": 5}, "greater than"),
        ({"HealthCheckPath": "health"}, "begin with"),
        ({"HealthCheckPort": "http"}, "traffic-port"),
        ({"Matcher": {"HttpCode": "ok"}}, "'ok'"),
        ({"TargetType": "lambda"}, "lambda"),
        ({"ProtocolVersion": "GRPC"}, "GRPC"),
    ],
)
def test_target_group_is_refused(elb: Any, vpc: str, changes: dict[str, Any], words: str) -> None:
    with refused("ValidationError", words):
        make_group(elb, vpc, **changes)


def test_health_check_changes_by_itself(elb: Any, vpc: str) -> None:
    arn = make_group(elb, vpc)

    elb.modify_target_group(TargetGroupArn=arn, HealthyThresholdCount=2, HealthCheckPath="/up")

    (found,) = elb.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"]
    assert (found["HealthyThresholdCount"], found["HealthCheckPath"]) == (2, "/up")
    assert found["UnhealthyThresholdCount"] == 2


def test_target_group_in_use_stays(elb: Any, balancer: dict[str, Any], vpc: str) -> None:
    arn = make_group(elb, vpc)
    listener = listen(elb, balancer, arn)
    (found,) = elb.describe_target_groups(LoadBalancerArn=balancer["LoadBalancerArn"])[
        "TargetGroups"
    ]
    assert found["LoadBalancerArns"] == [balancer["LoadBalancerArn"]]

    with refused("ResourceInUse", "currently in use"):
        elb.delete_target_group(TargetGroupArn=arn)
    elb.delete_listener(ListenerArn=listener)
    elb.delete_target_group(TargetGroupArn=arn)

    with refused("TargetGroupNotFound"):
        elb.describe_target_groups(TargetGroupArns=[arn])


def test_target_group_has_one_load_balancer(
    elb: Any, balancer: dict[str, Any], subnets: list[str], vpc: str
) -> None:
    arn = make_group(elb, vpc)
    listen(elb, balancer, arn)
    other = elb.create_load_balancer(Name="other", Subnets=subnets)["LoadBalancers"][0]

    with refused("TargetGroupAssociationLimit", arn):
        listen(elb, other, arn)


def test_addresses_as_targets(elb: Any, balancer: dict[str, Any], vpc: str) -> None:
    arn = make_group(elb, vpc, TargetType="ip")
    listen(elb, balancer, arn)

    elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": "172.31.0.77"}])

    (found,) = elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    assert found["Target"] == {"Id": "172.31.0.77", "Port": 8080, "AvailabilityZone": "all"}
    assert found["HealthCheckPort"] == "8080"
    assert found["TargetHealth"]["State"] == "initial"
    for wrong in ("web", "8.8.8.8"):
        with refused("InvalidTarget", wrong):
            elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": wrong}])


def test_unknown_targets_are_refused_or_said_to_be_unused(elb: Any, vpc: str) -> None:
    arn = make_group(elb, vpc)
    with refused("InvalidTarget", "i-0"):
        elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": "i-0"}])
    with refused("InvalidTarget", "i-0"):
        elb.describe_target_health(TargetGroupArn=arn, Targets=[{"Id": "i-0"}])

    addresses = make_group(elb, vpc, "addresses", TargetType="ip")
    asked = elb.describe_target_health(TargetGroupArn=addresses, Targets=[{"Id": "10.0.0.1"}])
    (found,) = asked["TargetHealthDescriptions"]
    assert found["TargetHealth"]["Reason"] == "Target.NotRegistered"


# --- listeners and rules ----------------------------------------------------------------


def test_listener_is_unique_by_its_port(elb: Any, balancer: dict[str, Any], vpc: str) -> None:
    arn = make_group(elb, vpc)
    listener = listen(elb, balancer, arn)

    with refused("DuplicateListener", "80"):
        listen(elb, balancer, arn)
    other = listen(elb, balancer, arn, 81)
    with refused("DuplicateListener", "80"):
        elb.modify_listener(ListenerArn=other, Port=80)

    elb.modify_listener(ListenerArn=listener, Port=8000)
    found = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    assert sorted(one["Port"] for one in found) == [81, 8000]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Protocol": "HTTPS"}, "UnsupportedProtocol"),
        ({"Protocol": "TCP"}, "ValidationError"),
        ({"DefaultActions": [{"Type": "forward"}]}, "ValidationError"),
        ({"DefaultActions": [{"Type": "fixed-response"}]}, "ValidationError"),
        (
            {
                "DefaultActions": [
                    {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "301"}}
                ]
            },
            "ValidationError",
        ),
        (
            {
                "DefaultActions": [
                    {"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301"}}
                ]
            },
            "InvalidLoadBalancerAction",
        ),
        ({"DefaultActions": [{"Type": "authenticate-oidc"}]}, "InvalidLoadBalancerAction"),
    ],
)
def test_listener_is_refused(
    elb: Any, balancer: dict[str, Any], changes: dict[str, Any], code: str
) -> None:
    given: dict[str, Any] = {
        "LoadBalancerArn": balancer["LoadBalancerArn"],
        "Protocol": "HTTP",
        "Port": 80,
        "DefaultActions": [
            {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
        ],
    }
    with refused(code):
        elb.create_listener(**{**given, **changes})


def test_rules_come_in_the_order_of_their_priorities(
    elb: Any, balancer: dict[str, Any], vpc: str
) -> None:
    group, other = make_group(elb, vpc), make_group(elb, vpc, "other")
    listener = listen(elb, balancer, group)
    made = [
        elb.create_rule(
            ListenerArn=listener,
            Priority=priority,
            Conditions=[{"Field": "path-pattern", "Values": [f"/{priority}*"]}],
            Actions=forward(other),
        )["Rules"][0]["RuleArn"]
        for priority in (20, 3)
    ]

    with refused("PriorityInUse", "20"):
        elb.create_rule(
            ListenerArn=listener,
            Priority=20,
            Conditions=[{"Field": "host-header", "Values": ["a.example"]}],
            Actions=forward(other),
        )
    rules = elb.describe_rules(ListenerArn=listener)["Rules"]
    assert [rule["Priority"] for rule in rules] == ["3", "20", "default"]
    assert rules[0]["Conditions"] == [
        {
            "Field": "path-pattern",
            "Values": ["/3*"],
            "PathPatternConfig": {"Values": ["/3*"]},
        }
    ]

    elb.set_rule_priorities(
        RulePriorities=[
            {"RuleArn": made[0], "Priority": 3},
            {"RuleArn": made[1], "Priority": 20},
        ]
    )
    rules = elb.describe_rules(ListenerArn=listener)["Rules"]
    assert [rule["RuleArn"] for rule in rules[:2]] == made
    with refused("OperationNotPermitted", "Default rule"):
        elb.delete_rule(RuleArn=rules[-1]["RuleArn"])
    elb.delete_rule(RuleArn=made[0])
    with refused("RuleNotFound"):
        elb.describe_rules(RuleArns=[made[0]])


EVERY_CONDITION: list[dict[str, Any]] = [
    {"Field": "host-header", "HostHeaderConfig": {"Values": ["*.example.com"]}},
    {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-A", "Values": ["v?"]}},
    {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["GET"]}},
    {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "a", "Value": "b*"}]}},
    {"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/8"]}},
]


def test_conditions_are_shown_as_they_were_given(
    elb: Any, balancer: dict[str, Any], vpc: str
) -> None:
    group = make_group(elb, vpc)
    listener = listen(elb, balancer, group)

    (rule,) = elb.create_rule(
        ListenerArn=listener, Priority=1, Conditions=EVERY_CONDITION, Actions=forward(group)
    )["Rules"]

    shown = [
        {name: value for name, value in condition.items() if name != "Values"}
        for condition in rule["Conditions"]
    ]
    assert shown == EVERY_CONDITION


@pytest.mark.parametrize(
    "conditions",
    [
        [{"Field": "path"}],
        [{"Field": "path-pattern"}],
        [{"Field": "path-pattern", "Values": ["/" + "x" * 128]}],
        [{"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["get"]}}],
        [{"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.1"]}}],
        [{"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "a b", "Values": ["x"]}}],
        [{"Field": "host-header", "Values": ["a"]}, {"Field": "host-header", "Values": ["b"]}],
        [{"Field": "path-pattern", "Values": list("abcdef")}],
    ],
)
def test_conditions_are_refused(
    elb: Any, balancer: dict[str, Any], vpc: str, conditions: list[dict[str, Any]]
) -> None:
    group = make_group(elb, vpc)
    listener = listen(elb, balancer, group)

    with pytest.raises(elb.exceptions.ClientError) as caught:
        elb.create_rule(
            ListenerArn=listener, Priority=1, Conditions=conditions, Actions=forward(group)
        )
    assert caught.value.response["Error"]["Code"] in {"ValidationError", "TooManyRules"}


def test_weighted_forward_is_shown_as_it_was_given(
    elb: Any, balancer: dict[str, Any], vpc: str
) -> None:
    blue, green = make_group(elb, vpc, "blue"), make_group(elb, vpc, "green")
    config = {
        "TargetGroups": [
            {"TargetGroupArn": blue, "Weight": 90},
            {"TargetGroupArn": green, "Weight": 10},
        ],
        "TargetGroupStickinessConfig": {"Enabled": True, "DurationSeconds": 60},
    }

    (listener,) = elb.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "ForwardConfig": config}],
    )["Listeners"]

    assert listener["DefaultActions"] == [{"Type": "forward", "ForwardConfig": config}]


def test_pages(elb: Any, vpc: str) -> None:
    names = [f"group-{number}" for number in range(5)]
    for name in names:
        make_group(elb, vpc, name)

    pages = elb.get_paginator("describe_target_groups").paginate(PaginationConfig={"PageSize": 2})

    found = [group["TargetGroupName"] for page in pages for group in page["TargetGroups"]]
    assert found == names


def test_limits_and_reservations_are_answered(elb: Any, balancer: dict[str, Any]) -> None:
    assert elb.describe_account_limits()["Limits"]
    arn = balancer["LoadBalancerArn"]
    assert "CapacityReservationState" not in elb.describe_capacity_reservation(LoadBalancerArn=arn)
