"""Groups, their members and what they launch, as answers show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cotta.region.api.autoscaling.lookups import group_arn, target_group_arn
from cotta.region.api.autoscaling.tags import encode_tag
from cotta.region.store.kinds import GROUP_INSTANCES
from cotta.region.zones import zone_name

if TYPE_CHECKING:
    from cotta.region.api.calls import Call
    from cotta.region.model import AutoScalingGroup, Configuration, GroupInstance
    from cotta.region.store.store import Reading


def encode_group(group: AutoScalingGroup, call: Call, rows: Reading) -> dict[str, Any]:
    """Return a group with its members."""
    arns = [target_group_arn(call, one) for one in group.target_groups]
    role = (
        f"arn:aws:iam::{call.account.id}:role/aws-service-role/autoscaling.amazonaws.com/"
        "AWSServiceRoleForAutoScaling"
    )
    has_policy = group.min_healthy is not None
    return {
        "AutoScalingGroupName": group.name,
        "AutoScalingGroupARN": group_arn(call, group),
        **encode_configuration(group.configuration),
        "MinSize": group.min_size,
        "MaxSize": group.max_size,
        "DesiredCapacity": group.desired_capacity,
        "DefaultCooldown": group.default_cooldown,
        "AvailabilityZones": [zone_name(call.region, zone) for zone in group.zones],
        "LoadBalancerNames": [],
        "TargetGroupARNs": arns,
        "HealthCheckType": group.health_check_type,
        "HealthCheckGracePeriod": group.health_check_grace_seconds,
        "Instances": [
            encode_member(member, call) for member in rows.all(GROUP_INSTANCES, group=group.name)
        ],
        "CreatedTime": group.created_at,
        "SuspendedProcesses": [
            {"ProcessName": name, "SuspensionReason": reason}
            for name, reason in sorted(group.suspended.items())
        ],
        "VPCZoneIdentifier": ",".join(group.subnets),
        "EnabledMetrics": [
            {"Metric": metric, "Granularity": "1Minute"} for metric in group.metrics
        ],
        "Status": "Delete in progress" if group.is_deleting else None,
        "Tags": [encode_tag(group.name, tag) for tag in group.tags],
        "TerminationPolicies": list(group.termination_policies),
        "NewInstancesProtectedFromScaleIn": group.protects_new_instances,
        "ServiceLinkedRoleARN": group.service_linked_role or role,
        "CapacityRebalance": group.capacity_rebalance or None,
        "Context": group.context,
        "DesiredCapacityType": group.desired_capacity_type,
        "DefaultInstanceWarmup": group.default_instance_warmup_seconds,
        "TrafficSources": [{"Identifier": arn, "Type": "elbv2"} for arn in arns],
        "InstanceMaintenancePolicy": (
            {
                "MinHealthyPercentage": group.min_healthy,
                "MaxHealthyPercentage": group.max_healthy,
            }
            if has_policy
            else None
        ),
        "AvailabilityZoneDistribution": {"CapacityDistributionStrategy": "balanced-best-effort"},
        "CapacityReservationSpecification": {"CapacityReservationPreference": "default"},
    }


def encode_configuration(configuration: Configuration) -> dict[str, Any]:
    """Return what is launched as a `LaunchTemplate` or a `MixedInstancesPolicy`."""
    specification = {
        "LaunchTemplateId": configuration.template_id,
        "LaunchTemplateName": configuration.template_name,
        "Version": configuration.version,
    }
    if not configuration.is_mixed:
        return {"LaunchTemplate": specification}
    # What the distribution leaves out has AWS's defaults.
    distribution = {
        "OnDemandAllocationStrategy": "prioritized",
        "OnDemandBaseCapacity": 0,
        "OnDemandPercentageAboveBaseCapacity": 100,
        "SpotAllocationStrategy": "lowest-price",
        "SpotInstancePools": 2,
        **configuration.distribution,
    }
    return {
        "MixedInstancesPolicy": {
            "LaunchTemplate": {
                "LaunchTemplateSpecification": specification,
                "Overrides": [dict(one) for one in configuration.overrides],
            },
            "InstancesDistribution": distribution,
        }
    }


def encode_member(member: GroupInstance, call: Call) -> dict[str, Any]:
    """Return a member as part of its group."""
    source = member.launched_from
    return {
        "InstanceId": member.id,
        "InstanceType": member.instance_type,
        "AvailabilityZone": zone_name(call.region, member.zone),
        "LifecycleState": member.state.value,
        "HealthStatus": "Healthy" if member.is_healthy else "Unhealthy",
        "LaunchTemplate": (
            {
                "LaunchTemplateId": source.template_id,
                "LaunchTemplateName": source.template_name,
                "Version": str(source.version),
            }
            if source is not None
            else None
        ),
        "ProtectedFromScaleIn": member.is_protected,
    }
