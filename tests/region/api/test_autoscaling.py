"""Auto Scaling by boto3, on played machines: what each operation answers and refuses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

from cotta.region.api.autoscaling.operations import OPERATIONS
from cotta.region.machines.simulated import SimulatedMachines
from cotta.region.store.kinds import SUBNETS, TARGET_GROUPS
from tests.support.balancing import a_target_group
from tests.support.fleets import TEMPLATE, put_template
from tests.support.regions import refused, simulated_region, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.regions import RunningRegion

IMAGE: Final = f"ami-{1:017x}"
LATEST: Final = {"LaunchTemplateId": TEMPLATE, "Version": "$Latest"}
NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def region(tmp_path: Path) -> Iterator[RunningRegion]:
    with simulated_region(tmp_path, SimulatedMachines()) as region:
        put_template(region.store, NOW, ImageId=IMAGE)
        yield region


@pytest.fixture
def client(region: RunningRegion) -> Any:
    return region.client("autoscaling")


def create(client: Any, name: str = "web", size: int = 2, **parameters: Any) -> None:
    given = {
        "MinSize": 0,
        "MaxSize": 5,
        "DesiredCapacity": size,
        "LaunchTemplate": LATEST,
        "AvailabilityZones": ["us-east-1a", "us-east-1b"],
    }
    client.create_auto_scaling_group(AutoScalingGroupName=name, **{**given, **parameters})
    wait_for(client, size, name)


def group(client: Any, name: str = "web") -> Any:
    (found,) = client.describe_auto_scaling_groups(AutoScalingGroupNames=[name])[
        "AutoScalingGroups"
    ]
    return found


def serving(client: Any, name: str = "web") -> list[str]:
    return [
        one["InstanceId"]
        for one in group(client, name)["Instances"]
        if one["LifecycleState"] == "InService"
    ]


def wait_for(client: Any, size: int, name: str = "web") -> None:
    wait_until(lambda: len(serving(client, name)) == len(group(client, name)["Instances"]) == size)


def test_a_group_is_described_as_it_was_made(client: Any, region: RunningRegion) -> None:
    create(
        client,
        size=1,
        HealthCheckType="ELB",
        HealthCheckGracePeriod=30,
        DefaultCooldown=60,
        DefaultInstanceWarmup=0,
        TerminationPolicies=["OldestInstance", "Default"],
        NewInstancesProtectedFromScaleIn=True,
        InstanceMaintenancePolicy={"MinHealthyPercentage": 90, "MaxHealthyPercentage": 120},
        Tags=[{"Key": "role", "Value": "web", "PropagateAtLaunch": True}],
    )

    found = group(client)

    (instance,) = found.pop("Instances")
    arn = found.pop("AutoScalingGroupARN")
    assert arn.startswith(f"arn:aws:autoscaling:us-east-1:{region.account.id}:autoScalingGroup:")
    assert arn.endswith(":autoScalingGroupName/web")
    assert found.pop("CreatedTime").year >= 2026
    assert found.pop("ServiceLinkedRoleARN").endswith("AWSServiceRoleForAutoScaling")
    assert found == {
        "AutoScalingGroupName": "web",
        "LaunchTemplate": {**LATEST, "LaunchTemplateName": "web"},
        "MinSize": 0,
        "MaxSize": 5,
        "DesiredCapacity": 1,
        "DefaultCooldown": 60,
        "AvailabilityZones": ["us-east-1a", "us-east-1b"],
        "LoadBalancerNames": [],
        "TargetGroupARNs": [],
        "HealthCheckType": "ELB",
        "HealthCheckGracePeriod": 30,
        "SuspendedProcesses": [],
        "VPCZoneIdentifier": "",
        "EnabledMetrics": [],
        "Tags": [
            {
                "ResourceId": "web",
                "ResourceType": "auto-scaling-group",
                "Key": "role",
                "Value": "web",
                "PropagateAtLaunch": True,
            }
        ],
        "TerminationPolicies": ["OldestInstance", "Default"],
        "NewInstancesProtectedFromScaleIn": True,
        "DefaultInstanceWarmup": 0,
        "TrafficSources": [],
        "InstanceMaintenancePolicy": {"MinHealthyPercentage": 90, "MaxHealthyPercentage": 120},
        "AvailabilityZoneDistribution": {"CapacityDistributionStrategy": "balanced-best-effort"},
        "CapacityReservationSpecification": {"CapacityReservationPreference": "default"},
    }
    assert instance == {
        "InstanceId": instance["InstanceId"],
        "InstanceType": "t3.micro",
        "AvailabilityZone": "us-east-1a",
        "LifecycleState": "InService",
        "HealthStatus": "Healthy",
        "LaunchTemplate": {
            "LaunchTemplateId": TEMPLATE,
            "LaunchTemplateName": "web",
            "Version": "1",
        },
        "ProtectedFromScaleIn": True,
    }
    (alone,) = client.describe_auto_scaling_instances()["AutoScalingInstances"]
    assert alone == {**instance, "AutoScalingGroupName": "web", "HealthStatus": "HEALTHY"}
    bare = client.describe_auto_scaling_groups(IncludeInstances=False)["AutoScalingGroups"]
    assert [one["Instances"] for one in bare] == [[]]


def test_subnets_and_a_mixed_instances_policy(client: Any, region: RunningRegion) -> None:
    with region.store.read() as rows:
        ids = ",".join(subnet.id for subnet in rows.all(SUBNETS)[:2])
    policy = {
        "LaunchTemplate": {
            "LaunchTemplateSpecification": LATEST,
            "Overrides": [{"InstanceType": "t3.nano"}, {"InstanceType": "t3.small"}],
        }
    }

    create(
        client,
        LaunchTemplate={},
        AvailabilityZones=[],
        VPCZoneIdentifier=ids,
        MixedInstancesPolicy=policy,
    )

    found = group(client)
    assert found["VPCZoneIdentifier"] == ids
    assert {one["InstanceType"] for one in found["Instances"]} == {"t3.nano"}
    shown = found["MixedInstancesPolicy"]
    assert shown["LaunchTemplate"]["Overrides"] == policy["LaunchTemplate"]["Overrides"]
    assert shown["InstancesDistribution"]["OnDemandPercentageAboveBaseCapacity"] == 100
    assert "LaunchTemplate" not in found


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"DesiredCapacity": 6}, ["Desired capacity:6 must be between", "min size:0", "size:5"]),
        ({"MinSize": 6}, ["Max bound, 5, must be greater than or equal to min bound, 6"]),
        ({"LaunchTemplate": {"LaunchTemplateId": "lt-0"}}, ["fully-formed launch template"]),
        (
            {"LaunchTemplate": {"LaunchTemplateId": TEMPLATE, "Version": "9"}},
            ["fully-formed launch template", "version 9"],
        ),
        ({"AvailabilityZones": ["us-east-1x"]}, ["us-east-1x"]),
        ({"VPCZoneIdentifier": "subnet-0"}, ["The subnet ID 'subnet-0' does not exist"]),
        ({"TerminationPolicies": ["Youngest"]}, ["There is no 'Youngest'"]),
        ({"HealthCheckType": "PING"}, ["Invalid Health Check Type 'PING'"]),
        ({"TargetGroupARNs": ["arn:aws:x:y:z:targetgroup/no/1"]}, ["Provided Target Groups"]),
        ({"PlacementGroup": "near"}, ["does not support PlacementGroup"]),
        ({"LaunchConfigurationName": "old"}, ["does not support LaunchConfigurationName"]),
        ({"HealthCheckGracePeriod": -1}, ["must not be negative"]),
        (
            {
                "LaunchTemplate": {},
                "MixedInstancesPolicy": {
                    "LaunchTemplate": {
                        "LaunchTemplateSpecification": LATEST,
                        "Overrides": [{"InstanceType": "t3.nano", "WeightedCapacity": "2"}],
                    }
                },
            },
            ["does not support WeightedCapacity"],
        ),
        ({"Tags": [{"Key": "aws:x", "Value": ""}]}, ["reserved"]),
        (
            {"InstanceMaintenancePolicy": {"MinHealthyPercentage": 10}},
            ["Both MinHealthyPercentage"],
        ),
    ],
)
def test_what_makes_no_sense_is_refused(
    client: Any, changes: dict[str, Any], words: list[str]
) -> None:
    with refused("ValidationError", *words):
        create(client, **changes)

    assert client.describe_auto_scaling_groups()["AutoScalingGroups"] == []


def test_names_are_taken_and_pages_and_filters_work(client: Any) -> None:
    for name in ("one", "two", "three"):
        create(client, name, 0, Tags=[{"Key": "n", "Value": name}])

    with refused("AlreadyExists", "A group with the name one already exists"):
        create(client, "one", 0)
    pages = client.get_paginator("describe_auto_scaling_groups").paginate(
        PaginationConfig={"PageSize": 2}
    )
    names = [[one["AutoScalingGroupName"] for one in page["AutoScalingGroups"]] for page in pages]
    assert names == [["one", "three"], ["two"]]
    filtered = client.describe_auto_scaling_groups(
        Filters=[{"Name": "tag:n", "Values": ["two", "three"]}]
    )["AutoScalingGroups"]
    assert [one["AutoScalingGroupName"] for one in filtered] == ["three", "two"]
    with refused("ValidationError", "'colour'"):
        client.describe_auto_scaling_groups(Filters=[{"Name": "colour", "Values": ["x"]}])
    with refused("InvalidNextToken"):
        client.describe_auto_scaling_groups(NextToken="none")
    assert client.describe_account_limits()["NumberOfAutoScalingGroups"] == 3


def test_sizes_change(client: Any) -> None:
    create(client, size=1)

    client.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=3)
    wait_for(client, 3)
    with refused("ValidationError", "value 6 is above max value 5"):
        client.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=6)
    client.update_auto_scaling_group(AutoScalingGroupName="web", MinSize=1, MaxSize=2)
    wait_for(client, 2)
    with refused("ValidationError", "value 0 is below min value 1"):
        client.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=0)
    with refused("ValidationError", "AutoScalingGroup no not found"):
        client.set_desired_capacity(AutoScalingGroupName="no", DesiredCapacity=0)

    assert group(client)["DesiredCapacity"] == 2


def test_activities_have_the_latest_first_and_outlive_their_group(client: Any) -> None:
    create(client, size=2)
    client.update_auto_scaling_group(AutoScalingGroupName="web", DesiredCapacity=0)
    wait_for(client, 0)

    pages = client.get_paginator("describe_scaling_activities").paginate(
        AutoScalingGroupName="web", PaginationConfig={"PageSize": 3}
    )
    sizes = [page["Activities"] for page in pages]
    activities = [one for page in sizes for one in page]
    assert [len(page) for page in sizes] == [3, 1]
    times = [one["StartTime"] for one in activities]
    assert times == sorted(times, reverse=True)
    assert {one["StatusCode"] for one in activities} == {"Successful"}
    assert activities[0]["Description"].startswith("Terminating EC2 instance: i-")
    assert '"Availability Zone": "us-east-1' in activities[0]["Details"]
    assert "constraints to min: 0, max: 5, desired: 0" in activities[0]["Cause"]
    client.delete_auto_scaling_group(AutoScalingGroupName="web")
    with refused("ValidationError", "not found"):
        client.describe_scaling_activities(AutoScalingGroupName="web")
    left = client.describe_scaling_activities(
        AutoScalingGroupName="web", IncludeDeletedGroups=True
    )["Activities"]
    assert [one["AutoScalingGroupState"] for one in left] == ["Deleted"] * 4


def test_members_are_terminated_with_or_without_a_successor(client: Any) -> None:
    create(client, size=2, MinSize=1)
    first, second = serving(client)

    answer = client.terminate_instance_in_auto_scaling_group(
        InstanceId=first, ShouldDecrementDesiredCapacity=False
    )
    assert answer["Activity"]["Description"] == f"Terminating EC2 instance: {first}"
    assert "in response to a user request." in answer["Activity"]["Cause"]
    wait_until(lambda: first not in serving(client))
    wait_for(client, 2)
    client.terminate_instance_in_auto_scaling_group(
        InstanceId=second, ShouldDecrementDesiredCapacity=True
    )
    wait_for(client, 1)
    with refused("ValidationError", "min size constraint"):
        client.terminate_instance_in_auto_scaling_group(
            InstanceId=serving(client)[0], ShouldDecrementDesiredCapacity=True
        )
    with refused("ValidationError", "No managed instance found for instance ID: i-1"):
        client.terminate_instance_in_auto_scaling_group(
            InstanceId="i-1", ShouldDecrementDesiredCapacity=False
        )


def test_members_are_detached_and_attached(client: Any, region: RunningRegion) -> None:
    create(client, size=2)
    first, _ = serving(client)
    ec2 = region.client("ec2")

    def tags() -> list[str]:
        (reservation,) = ec2.describe_instances(InstanceIds=[first])["Reservations"]
        return [tag["Key"] for tag in reservation["Instances"][0]["Tags"]]

    (activity,) = client.detach_instances(
        AutoScalingGroupName="web", InstanceIds=[first], ShouldDecrementDesiredCapacity=True
    )["Activities"]
    wait_for(client, 1)
    assert activity["Description"] == f"Detaching EC2 instance: {first}"
    assert "aws:autoscaling:groupName" not in tags()

    client.attach_instances(AutoScalingGroupName="web", InstanceIds=[first])
    wait_for(client, 2)
    assert first in serving(client)
    assert "aws:autoscaling:groupName" in tags()
    with refused("ValidationError", "already part of AutoScalingGroup: web"):
        client.attach_instances(AutoScalingGroupName="web", InstanceIds=[first])
    with refused("ValidationError", "no such instance"):
        client.attach_instances(AutoScalingGroupName="web", InstanceIds=["i-1"])


def test_health_and_protection(client: Any) -> None:
    create(client, size=1, HealthCheckGracePeriod=600)
    (first,) = serving(client)

    client.set_instance_protection(
        AutoScalingGroupName="web", InstanceIds=[first], ProtectedFromScaleIn=True
    )
    client.set_instance_health(InstanceId=first, HealthStatus="Unhealthy")
    (shown,) = group(client)["Instances"]
    assert (shown["ProtectedFromScaleIn"], shown["HealthStatus"]) == (True, "Healthy")
    client.set_instance_health(
        InstanceId=first, HealthStatus="Unhealthy", ShouldRespectGracePeriod=False
    )
    wait_until(lambda: first not in serving(client))
    wait_for(client, 1)
    with refused("ValidationError", "'Poorly' is not"):
        client.set_instance_health(InstanceId=first, HealthStatus="Poorly")


def test_processes_and_metrics(client: Any) -> None:
    create(client, size=0)

    client.suspend_processes(AutoScalingGroupName="web", ScalingProcesses=["Launch", "Terminate"])
    suspended = group(client)["SuspendedProcesses"]
    assert [one["ProcessName"] for one in suspended] == ["Launch", "Terminate"]
    assert suspended[0]["SuspensionReason"].startswith("User suspended at 20")
    client.resume_processes(AutoScalingGroupName="web", ScalingProcesses=["Launch"])
    assert len(group(client)["SuspendedProcesses"]) == 1
    client.resume_processes(AutoScalingGroupName="web")
    assert group(client)["SuspendedProcesses"] == []
    with refused("ValidationError", "Process type Sleep"):
        client.suspend_processes(AutoScalingGroupName="web", ScalingProcesses=["Sleep"])
    client.enable_metrics_collection(
        AutoScalingGroupName="web", Metrics=["GroupMinSize", "GroupMaxSize"], Granularity="1Minute"
    )
    assert group(client)["EnabledMetrics"] == [
        {"Metric": "GroupMaxSize", "Granularity": "1Minute"},
        {"Metric": "GroupMinSize", "Granularity": "1Minute"},
    ]
    client.disable_metrics_collection(AutoScalingGroupName="web")
    assert group(client)["EnabledMetrics"] == []
    assert "Launch" in [
        one["ProcessName"] for one in client.describe_scaling_process_types()["Processes"]
    ]
    assert len(client.describe_metric_collection_types()["Metrics"]) > 10
    assert "Default" in client.describe_termination_policy_types()["TerminationPolicyTypes"]


def test_what_groups_do_not_have_here_is_none(client: Any) -> None:
    create(client, size=0)

    assert client.describe_lifecycle_hooks(AutoScalingGroupName="web")["LifecycleHooks"] == []
    assert client.describe_policies(AutoScalingGroupName="web")["ScalingPolicies"] == []
    assert client.describe_scheduled_actions()["ScheduledUpdateGroupActions"] == []
    assert client.describe_warm_pool(AutoScalingGroupName="web")["Instances"] == []
    assert client.describe_notification_configurations()["NotificationConfigurations"] == []
    with refused("UnsupportedOperation", "autoscaling:EnterStandby"):
        client.enter_standby(AutoScalingGroupName="web", ShouldDecrementDesiredCapacity=True)


def test_tags(client: Any) -> None:
    create(client, size=0, Tags=[{"Key": "a", "Value": "1"}])
    tag = {"ResourceId": "web", "ResourceType": "auto-scaling-group"}

    client.create_or_update_tags(
        Tags=[
            {**tag, "Key": "a", "Value": "2", "PropagateAtLaunch": True},
            {**tag, "Key": "b", "Value": "3", "PropagateAtLaunch": False},
        ]
    )
    client.delete_tags(Tags=[{**tag, "Key": "b", "Value": "other"}])
    found = client.describe_tags(Filters=[{"Name": "auto-scaling-group", "Values": ["web"]}])
    assert [(one["Key"], one["Value"], one["PropagateAtLaunch"]) for one in found["Tags"]] == [
        ("a", "2", True),
        ("b", "3", False),
    ]
    client.delete_tags(Tags=[{**tag, "Key": "b"}])
    assert [one["Key"] for one in client.describe_tags()["Tags"]] == ["a"]
    with refused("ValidationError", "'size'"):
        client.describe_tags(Filters=[{"Name": "size", "Values": ["1"]}])


def test_target_groups_and_traffic_sources(client: Any, region: RunningRegion) -> None:
    with region.store.write() as rows:
        for name in ("web", "api"):
            rows.add(TARGET_GROUPS, a_target_group(name))
    place = f"us-east-1:{region.account.id}"
    web, api = (
        f"arn:aws:elasticloadbalancing:{place}:targetgroup/{name}/73e2d6bc24d8a067"
        for name in ("web", "api")
    )
    create(client, size=1, TargetGroupARNs=[web])

    client.attach_traffic_sources(
        AutoScalingGroupName="web", TrafficSources=[{"Identifier": api, "Type": "elbv2"}]
    )

    def state(arn: str) -> str:
        listed = client.describe_traffic_sources(AutoScalingGroupName="web")["TrafficSources"]
        return str(next(one["State"] for one in listed if one["Identifier"] == arn))

    wait_until(lambda: state(web) == state(api) == "Added")
    assert group(client)["TargetGroupARNs"] == [web, api]
    client.detach_traffic_sources(
        AutoScalingGroupName="web", TrafficSources=[{"Identifier": web, "Type": "elbv2"}]
    )
    client.detach_load_balancer_target_groups(AutoScalingGroupName="web", TargetGroupARNs=[api])
    assert group(client)["TrafficSources"] == []
    client.attach_load_balancer_target_groups(AutoScalingGroupName="web", TargetGroupARNs=[api])
    (one,) = client.describe_load_balancer_target_groups(AutoScalingGroupName="web")[
        "LoadBalancerTargetGroups"
    ]
    assert one["LoadBalancerTargetGroupARN"] == api
    with refused("ValidationError", "vpc-lattice"):
        client.attach_traffic_sources(
            AutoScalingGroupName="web",
            TrafficSources=[{"Identifier": api, "Type": "vpc-lattice"}],
        )


def test_deleting(client: Any) -> None:
    create(client, size=1)

    with refused("ResourceInUse", "while there are instances"):
        client.delete_auto_scaling_group(AutoScalingGroupName="web")
    client.delete_auto_scaling_group(AutoScalingGroupName="web", ForceDelete=True)

    wait_until(lambda: client.describe_auto_scaling_groups()["AutoScalingGroups"] == [])
    with refused("ValidationError", "not found"):
        client.delete_auto_scaling_group(AutoScalingGroupName="web")


class TestRefreshes:
    def test_one_runs_to_its_end(self, client: Any, region: RunningRegion) -> None:
        create(client, size=3)
        before = set(serving(client))
        put_template(region.store, NOW, ImageId=IMAGE)

        refresh_id = client.start_instance_refresh(
            AutoScalingGroupName="web",
            Preferences={
                "MinHealthyPercentage": 90,
                "MaxHealthyPercentage": 120,
                "InstanceWarmup": 0,
                "ScaleInProtectedInstances": "Ignore",
                "StandbyInstances": "Ignore",
            },
        )["InstanceRefreshId"]

        def refresh() -> Any:
            (found,) = client.describe_instance_refreshes(
                AutoScalingGroupName="web", InstanceRefreshIds=[refresh_id]
            )["InstanceRefreshes"]
            return found

        wait_until(lambda: refresh()["Status"] == "Successful")
        found = refresh()
        assert found.pop("EndTime") >= found.pop("StartTime")
        assert found == {
            "InstanceRefreshId": refresh_id,
            "AutoScalingGroupName": "web",
            "Status": "Successful",
            "PercentageComplete": 100,
            "InstancesToUpdate": 0,
            "Preferences": {
                "MinHealthyPercentage": 90,
                "MaxHealthyPercentage": 120,
                "InstanceWarmup": 0,
                "SkipMatching": False,
                "AutoRollback": False,
                "ScaleInProtectedInstances": "Ignore",
                "StandbyInstances": "Ignore",
                "BakeTime": 0,
            },
            "Strategy": "Rolling",
        }
        wait_for(client, 3)
        assert before.isdisjoint(serving(client))
        with refused("ActiveInstanceRefreshNotFound", "for Auto Scaling group web"):
            client.cancel_instance_refresh(AutoScalingGroupName="web")
        with refused("ActiveInstanceRefreshNotFound"):
            client.rollback_instance_refresh(AutoScalingGroupName="web")

    def test_one_is_rolled_back(self, client: Any, region: RunningRegion) -> None:
        first = {"LaunchTemplateId": TEMPLATE, "Version": "1"}
        create(client, size=2, LaunchTemplate=first)
        put_template(region.store, NOW, ImageId=IMAGE)
        desired = {"LaunchTemplate": {"LaunchTemplateId": TEMPLATE, "Version": "2"}}
        preferences = {"MinHealthyPercentage": 100, "InstanceWarmup": 600}

        client.start_instance_refresh(
            AutoScalingGroupName="web", DesiredConfiguration=desired, Preferences=preferences
        )
        with refused("InstanceRefreshInProgress"):
            client.start_instance_refresh(AutoScalingGroupName="web")
        wait_for(client, 3)
        client.rollback_instance_refresh(AutoScalingGroupName="web")

        def status() -> str:
            answer = client.describe_instance_refreshes(AutoScalingGroupName="web")
            return str(answer["InstanceRefreshes"][0]["Status"])

        wait_until(lambda: status() == "RollbackSuccessful")
        wait_for(client, 2)
        assert {one["LaunchTemplate"]["Version"] for one in group(client)["Instances"]} == {"1"}

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({"Preferences": {"MaxHealthyPercentage": 110}}, "also specify MinHealthyPercentage"),
            (
                {"Preferences": {"MinHealthyPercentage": 0, "MaxHealthyPercentage": 110}},
                "cannot be greater than 100",
            ),
            ({"Preferences": {"CheckpointDelay": 5}}, "also specify CheckpointPercentages"),
            ({"Preferences": {"CheckpointPercentages": [50, 20]}}, "ascending"),
            ({"Preferences": {"AutoRollback": True}}, "no desired configuration"),
            ({"Preferences": {"AlarmSpecification": {"Alarms": ["x"]}}}, "CloudWatch"),
            ({"Strategy": "ReplaceRootVolume"}, "it has Rolling"),
            (
                {"DesiredConfiguration": {"LaunchTemplate": {"LaunchTemplateId": "lt-0"}}},
                "launch template",
            ),
        ],
    )
    def test_what_makes_no_sense_is_refused(
        self, client: Any, given: dict[str, Any], words: str
    ) -> None:
        create(client, size=0)

        with refused("ValidationError", words):
            client.start_instance_refresh(AutoScalingGroupName="web", **given)


def test_every_operation_is_tried_here() -> None:
    from pathlib import Path as File

    from botocore import xform_name

    text = File(__file__).read_text(encoding="utf-8")
    untried = [
        name
        for name in OPERATIONS
        if f".{xform_name(name)}(" not in text and f'"{xform_name(name)}"' not in text
    ]

    assert untried == []
