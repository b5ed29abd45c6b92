"""A group as AWS is told of it: the parameters that make and change one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.providers.aws.plain import same_plain
from cotta.providers.aws.scaling.fields import (
    DISTRIBUTION,
    HOOK,
    LAUNCH_TEMPLATE,
    MAINTENANCE,
    MIXED_INSTANCES_POLICY,
    RESERVATION,
    SOURCE,
)
from cotta.providers.aws.wire import to_wire

if TYPE_CHECKING:
    from cotta.providers.aws.declare import Fields, Nested

# What an attribute is as a parameter, where it is a plain value.
_PLAIN: Final = {
    "capacity_rebalance": "CapacityRebalance",
    "context": "Context",
    "default_cooldown": "DefaultCooldown",
    "default_instance_warmup": "DefaultInstanceWarmup",
    "desired_capacity": "DesiredCapacity",
    "desired_capacity_type": "DesiredCapacityType",
    "health_check_grace_period": "HealthCheckGracePeriod",
    "health_check_type": "HealthCheckType",
    "launch_configuration": "LaunchConfigurationName",
    "max_instance_lifetime": "MaxInstanceLifetime",
    "max_size": "MaxSize",
    "min_size": "MinSize",
    "placement_group": "PlacementGroup",
    "protect_from_scale_in": "NewInstancesProtectedFromScaleIn",
    "service_linked_role_arn": "ServiceLinkedRoleARN",
}
# And what a number means that is taken away.
_WITHOUT: Final = {"default_instance_warmup": -1, "max_instance_lifetime": 0}


def creation(name: str, wanted: Fields) -> dict[str, Any]:
    """Return the parameters of CreateAutoScalingGroup."""
    parameters: dict[str, Any] = {"AutoScalingGroupName": name}
    for attribute, parameter in _PLAIN.items():
        value = wanted[attribute]
        if value is not None and value != "":
            parameters[parameter] = value
    parameters |= configuration(wanted)
    parameters |= {
        "AvailabilityZones": wanted["availability_zones"],
        "VPCZoneIdentifier": ",".join(wanted["vpc_zone_identifier"] or ()),
        "TerminationPolicies": wanted["termination_policies"],
        "LoadBalancerNames": wanted["load_balancers"],
        "TargetGroupARNs": wanted["target_group_arns"],
        "TrafficSources": [to_wire(SOURCE.fields, each) for each in wanted["traffic_source"] or ()],
        "LifecycleHookSpecificationList": [
            to_wire(HOOK.fields, each) for each in wanted["initial_lifecycle_hook"]
        ],
        "Tags": [encode_tag(name, each) for each in wanted["tag"]],
        "AvailabilityZoneDistribution": _one(
            DISTRIBUTION, wanted, "availability_zone_distribution"
        ),
        "CapacityReservationSpecification": _one(
            RESERVATION, wanted, "capacity_reservation_specification"
        ),
        "InstanceMaintenancePolicy": _one(MAINTENANCE, wanted, "instance_maintenance_policy"),
    }
    return {name: value for name, value in parameters.items() if value not in (None, "", [], {})}


def change(prior: Fields, wanted: Fields, *, with_configuration: bool) -> dict[str, Any]:
    """Return the parameters of UpdateAutoScalingGroup: what changes, and the name.

    Without its configuration (what it launches), if a refresh brings that.
    """
    changed = {name for name in wanted if not same_plain(prior.get(name), wanted[name])}
    parameters: dict[str, Any] = {}
    for attribute, parameter in _PLAIN.items():
        if attribute in changed and (attribute != "launch_configuration" or with_configuration):
            value = wanted[attribute]
            parameters[parameter] = _WITHOUT.get(attribute) if value is None else value
    if with_configuration and changed & {"launch_template", "mixed_instances_policy"}:
        parameters |= configuration(wanted)
    if "availability_zones" in changed and wanted["availability_zones"]:
        parameters["AvailabilityZones"] = wanted["availability_zones"]
    if "vpc_zone_identifier" in changed:
        parameters["VPCZoneIdentifier"] = ",".join(wanted["vpc_zone_identifier"] or ())
    if "termination_policies" in changed:
        parameters["TerminationPolicies"] = wanted["termination_policies"] or ["Default"]
    if "instance_maintenance_policy" in changed:
        parameters["InstanceMaintenancePolicy"] = _one(
            MAINTENANCE, wanted, "instance_maintenance_policy"
        ) or {"MinHealthyPercentage": -1, "MaxHealthyPercentage": -1}
    if "availability_zone_distribution" in changed:
        parameters["AvailabilityZoneDistribution"] = _one(
            DISTRIBUTION, wanted, "availability_zone_distribution"
        )
    if "capacity_reservation_specification" in changed:
        parameters["CapacityReservationSpecification"] = _one(
            RESERVATION, wanted, "capacity_reservation_specification"
        )
    # A number or a flag that is null is left as it is; a text that is, is taken away.
    return {name: value for name, value in parameters.items() if value is not None}


def configuration(wanted: Fields) -> dict[str, Any]:
    """Return what a group launches, as it is said of a group and of a refresh."""
    if wanted["mixed_instances_policy"]:
        policy = to_wire(MIXED_INSTANCES_POLICY.fields, wanted["mixed_instances_policy"][0])
        template = policy["LaunchTemplate"]
        _by_id(template["LaunchTemplateSpecification"])
        for override in template.get("Overrides", ()):
            _by_id(override.get("LaunchTemplateSpecification", {}))
        return {"MixedInstancesPolicy": policy}
    if wanted["launch_template"]:
        template = to_wire(LAUNCH_TEMPLATE.fields, wanted["launch_template"][0])
        _by_id(template)
        return {"LaunchTemplate": template}
    return {}


def _by_id(specification: dict[str, Any]) -> None:
    # Both are known of a template, and only one of them may be said.
    if "LaunchTemplateId" in specification:
        specification.pop("LaunchTemplateName", None)


def _one(nested: Nested, wanted: Fields, name: str) -> dict[str, Any] | None:
    block = wanted[name]
    return to_wire(nested.fields, block[0]) if block else None


def encode_tag(group: str, tag: Fields) -> dict[str, Any]:
    """Return a tag of a group, which its instances may get as well."""
    return {
        "ResourceId": group,
        "ResourceType": "auto-scaling-group",
        "Key": tag["key"],
        "Value": tag["value"],
        "PropagateAtLaunch": bool(tag["propagate_at_launch"]),
    }
