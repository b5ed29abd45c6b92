"""What a request says of a group, as fields of its record."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.autoscaling.lookups import invalid
from cotta.region.api.autoscaling.tags import read_tags
from cotta.region.launching import find_template, find_version, read_launch
from cotta.region.launching.choices import choose
from cotta.region.membership import launch_parameters
from cotta.region.model import Configuration, SubnetId
from cotta.region.reconcile.termination import POLICIES
from cotta.region.store.kinds import SUBNETS, TARGET_GROUPS
from cotta.region.targets import target_group_id
from cotta.region.wire.errors import ApiError
from cotta.region.zones import zone_letter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cotta.region.model import TargetGroupId
    from cotta.region.store.store import Reading

HEALTH_CHECKS: Final = frozenset({"EC2", "ELB"})

# Members of requests whose values are kept as they are, and the field of each.
_PLAIN: Final[Mapping[str, str]] = {
    "DefaultCooldown": "default_cooldown",
    "HealthCheckGracePeriod": "health_check_grace_seconds",
    "NewInstancesProtectedFromScaleIn": "protects_new_instances",
    "ServiceLinkedRoleARN": "service_linked_role",
    "CapacityRebalance": "capacity_rebalance",
    "DesiredCapacityType": "desired_capacity_type",
    "Context": "context",
}

# What would promise something that nothing here keeps, and the values that promise nothing.
_NOT_HERE: Final[Mapping[str, tuple[object, ...]]] = {
    "LaunchConfigurationName": ("",),
    "InstanceId": ("",),
    "LoadBalancerNames": ([],),
    "PlacementGroup": ("",),
    "LifecycleHookSpecificationList": ([],),
    "MaxInstanceLifetime": (0,),
    "AvailabilityZoneIds": ([],),
    "AvailabilityZoneDistribution": ({"CapacityDistributionStrategy": "balanced-best-effort"}, {}),
    "AvailabilityZoneImpairmentPolicy": ({},),
    "CapacityReservationSpecification": ({"CapacityReservationPreference": "default"}, {}),
    "InstanceLifecyclePolicy": ({},),
    "DeletionProtection": ("none",),
    "Operator": ("",),
}


_NOT_IN_OVERRIDES: Final = frozenset(
    {"InstanceRequirements", "LaunchTemplateSpecification", "WeightedCapacity"}
)


def refuse_what_there_is_none_of(given: Mapping[str, Any]) -> None:
    """Raise `ApiError` for parameters that this region can't give a meaning."""
    for name, harmless in _NOT_HERE.items():
        if name in given and given[name] not in harmless:
            instead = (
                " Use a launch template in the place of a launch configuration."
                if name in {"LaunchConfigurationName", "InstanceId"}
                else ""
            )
            raise invalid(f"The local region does not support {name}.{instead}")


def read_fields(rows: Reading, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that a request gives a group, sizes excepted.

    Raises `ApiError` for what makes no sense.
    """
    refuse_what_there_is_none_of(given)
    fields = {field: given[name] for name, field in _PLAIN.items() if name in given}
    if "LaunchTemplate" in given or "MixedInstancesPolicy" in given:
        fields["configuration"] = read_configuration(rows, given)
    if given.get("VPCZoneIdentifier"):
        fields |= _read_subnets(rows, given)
    elif given.get("AvailabilityZones"):
        fields |= {"zones": _read_zones(given["AvailabilityZones"]), "subnets": ()}
    if given.get("HealthCheckType"):
        fields["health_check_type"] = _read_health_checks(given["HealthCheckType"])
    if "DefaultInstanceWarmup" in given:
        warmup = given["DefaultInstanceWarmup"]
        # AWS's way of saying that there is none any more.
        fields["default_instance_warmup_seconds"] = None if warmup == -1 else warmup
    if given.get("TerminationPolicies"):
        fields["termination_policies"] = _read_policies(given["TerminationPolicies"])
    if "InstanceMaintenancePolicy" in given:
        fields |= _read_maintenance(given["InstanceMaintenancePolicy"])
    if given.get("TargetGroupARNs") or given.get("TrafficSources"):
        fields["target_groups"] = _read_target_groups(rows, given)
    if given.get("Tags"):
        fields["tags"] = read_tags(given["Tags"])
    _check_seconds(fields)
    return fields


def _check_seconds(fields: Mapping[str, Any]) -> None:
    for field in (
        "default_cooldown",
        "health_check_grace_seconds",
        "default_instance_warmup_seconds",
    ):
        value = fields.get(field)
        if value is not None and value < 0:
            raise invalid(f"The value {value} of {field.replace('_', ' ')} must not be negative.")


# --- what is launched ---------------------------------------------------------------------


def read_configuration(rows: Reading, given: Mapping[str, Any]) -> Configuration:
    """Return what a `LaunchTemplate` or a `MixedInstancesPolicy` has launched."""
    policy = given.get("MixedInstancesPolicy")
    if (policy is None) == (given.get("LaunchTemplate") is None):
        raise invalid(
            "Valid requests must contain either LaunchTemplate, LaunchConfigurationName, "
            "InstanceId or MixedInstancesPolicy parameter."
        )
    if policy is None:
        return _read_template(rows, given["LaunchTemplate"])
    launch = policy.get("LaunchTemplate", {})
    if not launch.get("LaunchTemplateSpecification"):
        raise invalid("The mixed instances policy must contain a launch template specification.")
    overrides = tuple(launch.get("Overrides", ()))
    for one in overrides:
        unknown = one.keys() & _NOT_IN_OVERRIDES
        if unknown:
            raise invalid(f"The local region does not support {min(unknown)} in an override.")
    return replace(
        _read_template(rows, launch["LaunchTemplateSpecification"]),
        is_mixed=True,
        overrides=overrides,
        distribution=policy.get("InstancesDistribution", {}),
    )


def _read_template(rows: Reading, specification: Mapping[str, Any]) -> Configuration:
    try:
        template = find_template(rows, specification)
        version = specification.get("Version") or "$Default"
        find_version(rows, template, version)
    except ApiError as error:
        raise _malformed(error) from None
    return Configuration(template_id=template.id, template_name=template.name, version=version)


def check_configuration(
    rows: Reading, configuration: Configuration, subnets: Sequence[SubnetId]
) -> None:
    """Raise `ApiError` if nothing could be launched so: no such image, say."""
    try:
        wanted = read_launch(rows, launch_parameters(configuration))
        choose(rows, replace(wanted, subnet_id=subnets[0] if subnets else wanted.subnet_id))
    except ApiError as error:
        raise _malformed(error) from None


def _malformed(error: ApiError) -> ApiError:
    return invalid(f"You must use a valid fully-formed launch template. {error.message}")


# --- where --------------------------------------------------------------------------------


def _read_subnets(rows: Reading, given: Mapping[str, Any]) -> dict[str, Any]:
    ids = [one.strip() for one in given["VPCZoneIdentifier"].split(",") if one.strip()]
    found = []
    for subnet_id in dict.fromkeys(ids):
        subnet = rows.find(SUBNETS, subnet_id)
        if subnet is None:
            raise invalid(f"The subnet ID '{subnet_id}' does not exist")
        found.append(subnet)
    if len({subnet.vpc_id for subnet in found}) > 1:
        raise invalid("The subnets of a group must all be in the same VPC.")
    zones = tuple(sorted({subnet.zone for subnet in found}))
    wanted = given.get("AvailabilityZones")
    if wanted and set(_read_zones(wanted)) != set(zones):
        raise invalid(
            "The availability zones of the specified subnets and the Auto Scaling group do not "
            "match"
        )
    return {"zones": zones, "subnets": tuple(subnet.id for subnet in found)}


def _read_zones(names: Sequence[str]) -> tuple[str, ...]:
    try:
        return tuple(sorted({zone_letter(name) for name in names}))
    except ApiError as error:
        raise invalid(error.message) from None


# --- how ----------------------------------------------------------------------------------


def _read_health_checks(given: str) -> str:
    kinds = [kind.strip() for kind in given.split(",") if kind.strip()]
    unknown = [kind for kind in kinds if kind not in HEALTH_CHECKS]
    if unknown or not kinds:
        raise invalid(f"Invalid Health Check Type '{given}'. The local region has EC2 and ELB.")
    return ",".join(kinds)


def _read_policies(given: Sequence[str]) -> tuple[str, ...]:
    unknown = [policy for policy in given if policy not in POLICIES]
    if unknown:
        raise invalid(
            f"Termination Policies cannot be null or empty, and must be of these: "
            f"{', '.join(sorted(POLICIES))}. There is no '{unknown[0]}'."
        )
    return tuple(given)


def _read_maintenance(given: Mapping[str, Any]) -> dict[str, Any]:
    low, high = given.get("MinHealthyPercentage"), given.get("MaxHealthyPercentage")
    if low == -1 and high == -1:
        return {"min_healthy": None, "max_healthy": None}
    if low is None or high is None or not 0 <= low <= 100 <= high <= 200:
        raise invalid(
            "Both MinHealthyPercentage, from 0 to 100, and MaxHealthyPercentage, from 100 to 200, "
            "must be specified in an instance maintenance policy, or -1 for both to clear it."
        )
    if high - low > 100:
        raise invalid(
            "The difference between MinHealthyPercentage and MaxHealthyPercentage cannot be "
            "greater than 100."
        )
    return {"min_healthy": low, "max_healthy": high}


def _read_target_groups(rows: Reading, given: Mapping[str, Any]) -> tuple[TargetGroupId, ...]:
    arns = [
        *given.get("TargetGroupARNs", ()),
        *traffic_arns(given.get("TrafficSources", ())),
    ]
    return require_target_groups(rows, arns)


def traffic_arns(sources: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the target groups' ARNs among traffic sources; `ApiError` for another kind."""
    for one in sources:
        if one.get("Type", "elbv2") != "elbv2":
            raise invalid(
                f"The local region does not support traffic sources of the type '{one['Type']}': "
                "it has elbv2."
            )
    return [one["Identifier"] for one in sources]


def require_target_groups(rows: Reading, arns: Sequence[str]) -> tuple[TargetGroupId, ...]:
    """Return the ids of target groups, each once; `ApiError` if one is not there."""
    ids = tuple(dict.fromkeys(target_group_id(arn) for arn in arns))
    for arn, one in zip(dict.fromkeys(arns), ids, strict=False):
        if rows.find(TARGET_GROUPS, one) is None:
            raise invalid(
                "Provided Target Groups may not be valid. Please ensure they exist and try again. "
                f"There is no {arn}."
            )
    return ids
