"""`aws_autoscaling_group`: a fleet, as many instances as are wanted, of one template version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.fleets.observe import observe
from cotta.providers.aws.adopting import make_or_adopt
from cotta.providers.aws.connection import prefix_of
from cotta.providers.aws.declare import Resource
from cotta.providers.aws.plain import UNKNOWN, same_plain
from cotta.providers.aws.scaling.balancing import change_sources
from cotta.providers.aws.scaling.capacity import wait_for_changed_group, wait_for_new_group
from cotta.providers.aws.scaling.ending import delete_group
from cotta.providers.aws.scaling.fields import (
    DISTRIBUTION,
    FIELDS,
    LAUNCH_TEMPLATE,
    MAINTENANCE,
    MIXED_INSTANCES_POLICY,
    RESERVATION,
    SOURCE,
    WARM_POOL,
)
from cotta.providers.aws.scaling.forecast import foretell
from cotta.providers.aws.scaling.keeping import keeping
from cotta.providers.aws.scaling.lookups import GROUP
from cotta.providers.aws.scaling.requests import change, configuration, creation, encode_tag
from cotta.providers.aws.scaling.rolls import (
    causes,
    clear_the_way,
    desired_configuration,
    follow_to_the_end,
    start,
)
from cotta.providers.aws.wire import from_wire, to_wire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields, Nested
    from cotta.providers.aws.planning import Draft
    from cotta.providers.aws.scaling.keeping import Keeping


def _create(on: Connection, wanted: Fields) -> str:
    name = on.new_name(wanted)

    def make() -> str:
        parameters = creation(name, wanted)
        on.call("autoscaling", "CreateAutoScalingGroup", **parameters)
        return name

    return make_or_adopt(make, lambda: _as_asked_for(on, name, wanted))


def _as_asked_for(on: Connection, name: str, wanted: Fields) -> str | None:
    found = on.find(GROUP, name)
    if found is None:
        return None
    tags = {(each["Key"], each["Value"]) for each in found.get("Tags", ())}
    asked = {(each["key"], each["value"]) for each in wanted["tag"]}
    sizes = (found["MinSize"], found["MaxSize"])
    return name if tags == asked and sizes == (wanted["min_size"], wanted["max_size"]) else None


def _settle(on: Connection, wanted: Fields, name: str) -> None:
    wait_for_new_group(on, wanted, name)
    nothing: Fields = {"id": name, "suspended_processes": (), "enabled_metrics": ()}
    _change_processes(on, nothing, wanted)
    _change_metrics(on, nothing, wanted)
    if wanted["warm_pool"]:
        _put_warm_pool(on, name, wanted)


def _read(on: Connection, prior: Fields) -> Fields | None:
    group = on.find(GROUP, prior["id"])
    if group is None:
        return None
    name = group["AutoScalingGroupName"]
    metrics = group.get("EnabledMetrics", [])
    return {
        **_plain_attributes(group),
        "name": name,
        "name_prefix": prefix_of(name),
        "enabled_metrics": [each["Metric"] for each in metrics],
        "metrics_granularity": metrics[0]["Granularity"]
        if metrics
        else prior.get("metrics_granularity"),
        "suspended_processes": [each["ProcessName"] for each in group["SuspendedProcesses"]],
        "termination_policies": _policies(group, prior),
        "vpc_zone_identifier": [
            each for each in group.get("VPCZoneIdentifier", "").split(",") if each
        ],
        "availability_zone_distribution": _block(
            DISTRIBUTION, group.get("AvailabilityZoneDistribution")
        ),
        "capacity_reservation_specification": _block(
            RESERVATION, group.get("CapacityReservationSpecification")
        ),
        "instance_maintenance_policy": _block(MAINTENANCE, group.get("InstanceMaintenancePolicy")),
        "launch_template": _block(LAUNCH_TEMPLATE, group.get("LaunchTemplate")),
        "mixed_instances_policy": _block(MIXED_INSTANCES_POLICY, group.get("MixedInstancesPolicy")),
        "tag": [
            {
                "key": each["Key"],
                "value": each["Value"],
                "propagate_at_launch": each["PropagateAtLaunch"],
            }
            for each in group.get("Tags", ())
            if not on.tags.ignores(each["Key"])
        ],
        "traffic_source": [
            from_wire(SOURCE.fields, each) for each in group.get("TrafficSources", ())
        ],
        "warm_pool": _block(WARM_POOL, group.get("WarmPoolConfiguration")),
    }


_ATTRIBUTES: Final = {
    "arn": "AutoScalingGroupARN",
    "availability_zones": "AvailabilityZones",
    "capacity_rebalance": "CapacityRebalance",
    "context": "Context",
    "default_cooldown": "DefaultCooldown",
    "default_instance_warmup": "DefaultInstanceWarmup",
    "desired_capacity": "DesiredCapacity",
    "desired_capacity_type": "DesiredCapacityType",
    "health_check_grace_period": "HealthCheckGracePeriod",
    "health_check_type": "HealthCheckType",
    "launch_configuration": "LaunchConfigurationName",
    "load_balancers": "LoadBalancerNames",
    "max_instance_lifetime": "MaxInstanceLifetime",
    "max_size": "MaxSize",
    "min_size": "MinSize",
    "placement_group": "PlacementGroup",
    "predicted_capacity": "PredictedCapacity",
    "protect_from_scale_in": "NewInstancesProtectedFromScaleIn",
    "service_linked_role_arn": "ServiceLinkedRoleARN",
    "target_group_arns": "TargetGroupARNs",
    "warm_pool_size": "WarmPoolSize",
}
_NUMBERS: Final = ("predicted_capacity", "warm_pool_size")


def _plain_attributes(group: dict[str, Any]) -> Fields:
    found = {name: group.get(member) for name, member in _ATTRIBUTES.items()}
    for name in _NUMBERS:
        found[name] = found[name] or 0
    return found


def _policies(group: dict[str, Any], prior: Fields) -> list[str]:
    policies: list[str] = group.get("TerminationPolicies", [])
    # AWS's own choice is no argument of the person's.
    return [] if policies == ["Default"] and not prior.get("termination_policies") else policies


def _block(nested: Nested, structure: Any) -> list[Fields]:
    return [from_wire(nested.fields, structure)] if structure else []


def _update(on: Connection, prior: Fields, wanted: Fields) -> None:
    """Change a group; where that replaces its instances, see it through.

    The refresh brings the new configuration, so the group is not told of it before.  Not waited
    for, or with a launch configuration, which no refresh can bring, it is as the official
    provider does it: the group first.
    """
    name, since = prior["id"], on.clock.now()
    rolls = bool(causes(prior, wanted))
    refreshed = rolls and on.options.waits and not wanted["launch_configuration"]
    desired = desired_configuration(on, wanted) if rolls else None
    under_way = clear_the_way(on, name, desired or {}) if rolls else None
    parameters = change(prior, wanted, with_configuration=not refreshed)
    if parameters:
        on.call("autoscaling", "UpdateAutoScalingGroup", AutoScalingGroupName=name, **parameters)
    _change_tags(on, prior, wanted)
    change_sources(on, prior, wanted)
    _change_warm_pool(on, prior, wanted)
    wait_for_changed_group(on, prior, wanted, since)
    _change_metrics(on, prior, wanted)
    _change_processes(on, prior, wanted)
    if not rolls:
        return
    kept = None
    if refreshed and under_way is None and desired and causes(prior, wanted) == ["launch_template"]:
        kept = keeping(on, prior, on.config, desired.get("LaunchTemplate", {}))
    if kept is not None:
        on.say(f"{name}: {kept.words()}", kept=kept.instances)
    if kept is not None and kept.instances == kept.of:
        words = configuration(wanted)
        on.call("autoscaling", "UpdateAutoScalingGroup", AutoScalingGroupName=name, **words)
        return
    _roll(on, prior, wanted, desired if refreshed else None, under_way, kept)


def _roll(
    on: Connection,
    prior: Fields,
    wanted: Fields,
    desired: dict[str, Any] | None,
    under_way: str | None,
    kept: Keeping | None,
) -> None:
    name = prior["id"]
    (before,) = observe(on.session, [name])
    if kept is not None and desired is not None:
        desired["LaunchTemplate"]["Version"] = kept.version
    refresh_id = under_way or start(on, prior, wanted, desired, kept)
    if not on.options.waits:
        on.say(f"{name}: the refresh {refresh_id} is left to itself")
        return
    follow_to_the_end(on, prior, wanted, refresh_id, before, kept)
    words = configuration(wanted)
    if desired is not None and words != desired:
        # The person's own words are "$Latest" or the like, which is this version now, or
        # another version that is the same.
        on.call("autoscaling", "UpdateAutoScalingGroup", AutoScalingGroupName=name, **words)


def _change_tags(on: Connection, prior: Fields, wanted: Fields) -> None:
    name = prior["id"]
    after = {each["key"] for each in wanted["tag"]}
    gone = [encode_tag(name, each) for each in prior["tag"] if each["key"] not in after]
    new = [encode_tag(name, each) for each in wanted["tag"] if each not in prior["tag"]]
    if gone:
        on.call("autoscaling", "DeleteTags", Tags=gone)
    if new:
        on.call("autoscaling", "CreateOrUpdateTags", Tags=new)


def _change_metrics(on: Connection, prior: Fields, wanted: Fields) -> None:
    before, after = set(prior["enabled_metrics"] or ()), set(wanted["enabled_metrics"] or ())
    if before - after:
        on.call(
            "autoscaling",
            "DisableMetricsCollection",
            AutoScalingGroupName=prior["id"],
            Metrics=sorted(before - after),
        )
    if after - before:
        on.call(
            "autoscaling",
            "EnableMetricsCollection",
            AutoScalingGroupName=prior["id"],
            Granularity=wanted["metrics_granularity"],
            Metrics=sorted(after - before),
        )


def _change_processes(on: Connection, prior: Fields, wanted: Fields) -> None:
    before = set(prior["suspended_processes"] or ())
    after = set(wanted["suspended_processes"] or ())
    for operation, processes in (
        ("ResumeProcesses", before - after),
        ("SuspendProcesses", after - before),
    ):
        if processes:
            on.call(
                "autoscaling",
                operation,
                AutoScalingGroupName=prior["id"],
                ScalingProcesses=sorted(processes),
            )


def _change_warm_pool(on: Connection, prior: Fields, wanted: Fields) -> None:
    if same_plain(prior["warm_pool"], wanted["warm_pool"]):
        return
    if wanted["warm_pool"]:
        _put_warm_pool(on, prior["id"], wanted)
    else:
        on.call(
            "autoscaling",
            "DeleteWarmPool",
            AutoScalingGroupName=prior["id"],
            ForceDelete=bool(wanted["force_delete_warm_pool"]),
        )


def _put_warm_pool(on: Connection, name: str, wanted: Fields) -> None:
    on.call(
        "autoscaling",
        "PutWarmPool",
        AutoScalingGroupName=name,
        **to_wire(WARM_POOL.fields, wanted["warm_pool"][0] or {}),
    )


def _validate(config: Fields) -> list[tuple[str, str]]:
    return [*_wrong_sizes(config), *_wrong_triggers(config)]


def _wrong_sizes(config: Fields) -> Iterator[tuple[str, str]]:
    least, most, desired = (
        value if isinstance(value, int) else None
        for value in (config[name] for name in ("min_size", "max_size", "desired_capacity"))
    )
    if least is not None and most is not None and least > most:
        yield "min_size", f"min_size is {least}, and can't be more than max_size, {most}."
        return
    if desired is not None and least is not None and desired < least:
        yield "desired_capacity", f"desired_capacity is {desired}, less than min_size, {least}."
    if desired is not None and most is not None and desired > most:
        yield "desired_capacity", f"desired_capacity is {desired}, more than max_size, {most}."


def _wrong_triggers(config: Fields) -> Iterator[tuple[str, str]]:
    for refresh in _blocks(config.get("instance_refresh")):
        for trigger in _blocks(refresh["triggers"]):
            if isinstance(trigger, str) and trigger not in FIELDS:
                yield "instance_refresh", f'The trigger "{trigger}" is no argument of a group.'


def _blocks(value: Any) -> list[Any]:
    """Return what is in a list that may be null, or unknown as a whole."""
    return value if isinstance(value, list) else []


def _customise(draft: Draft) -> None:
    if draft.is_new:
        _close_shares(draft)
        return
    _open_other_name(draft)
    foretell(draft)


def _close_shares(draft: Draft) -> None:
    """Have two shares of a new mixed group null rather than unknown, as the official provider."""
    policies = draft.planned["mixed_instances_policy"]
    for policy in policies if isinstance(policies, list) else ():
        shares = policy["instances_distribution"]
        for distribution in shares if isinstance(shares, list) else ():
            for name in ("on_demand_percentage_above_base_capacity", "spot_instance_pools"):
                if distribution[name] is UNKNOWN:
                    distribution[name] = None


def _open_other_name(draft: Draft) -> None:
    """Have the name of another template unknown where its id changes, and the other way round."""
    before, after = draft.prior["launch_template"], draft.planned["launch_template"]
    if not before or not after or after is UNKNOWN:
        return
    changed = {name for name in ("id", "name") if before[0][name] != after[0][name]}
    if changed == {"id"}:
        after[0]["name"] = UNKNOWN
    elif changed == {"name"}:
        after[0]["id"] = UNKNOWN


RESOURCE: Final = Resource(
    name="aws_autoscaling_group",
    version=1,
    fields=FIELDS,
    create=_create,
    settle=_settle,
    read=_read,
    update=_update,
    delete=delete_group,
    validate=_validate,
    customise=_customise,
    lookups=lambda prior: [(GROUP, prior["id"])],
)
