"""The arguments of `aws_autoscaling_group`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.providers.aws.checks import at_least, between, each, is_arn, length, matches, one_of
from cotta.providers.aws.declare import (
    block,
    block_set,
    blocks,
    computed,
    either,
    is_duration,
    optional,
    required,
    timeouts,
)
from cotta.providers.aws.instance_requirements import instance_requirements
from cotta.values.types import BOOL, NUMBER, STRING, ListType, SetType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.providers.aws.declare import Check, Field, Nested

_STRINGS: Final = SetType(STRING)

# What a group launches: one of them is given.
CONFIGURATIONS: Final = ("launch_configuration", "launch_template", "mixed_instances_policy")
METRICS: Final = (
    "GroupMinSize", "GroupMaxSize", "GroupDesiredCapacity", "GroupInServiceInstances",
    "GroupPendingInstances", "GroupStandbyInstances", "GroupTerminatingInstances",
    "GroupTotalInstances", "GroupInServiceCapacity", "GroupPendingCapacity",
    "GroupStandbyCapacity", "GroupTerminatingCapacity", "GroupTotalCapacity",
    "GroupAndWarmPoolDesiredCapacity", "GroupAndWarmPoolTotalCapacity",
    "WarmPoolDesiredCapacity", "WarmPoolMinSize", "WarmPoolPendingCapacity",
    "WarmPoolTerminatingCapacity", "WarmPoolTotalCapacity", "WarmPoolWarmedCapacity",
)  # fmt: skip

_version = matches(r"^(\d+|\$Latest|\$Default)$", 'needs a number, "$Latest" or "$Default"')


def _specification(prefix: str, **more: Any) -> Nested:
    """Return a block that names a launch template, by its id or by its name."""
    return block(
        {
            f"{prefix}id": either(STRING, wire="LaunchTemplateId"),
            f"{prefix}name": either(STRING, wire="LaunchTemplateName"),
            "version": either(STRING, length(1, 255)),
        },
        **more,
    )


LAUNCH_TEMPLATE: Final = block(
    {
        "id": either(STRING, conflicts_with=("name",), wire="LaunchTemplateId"),
        "name": either(STRING, length(3, 128), wire="LaunchTemplateName"),
        "version": either(STRING, _version),
    },
    computed=True,
    exactly_one_of=CONFIGURATIONS,
)

MIXED_INSTANCES_POLICY: Final = block(
    {
        "instances_distribution": block(
            {
                "on_demand_allocation_strategy": either(
                    STRING, one_of("prioritized", "lowest-price")
                ),
                "on_demand_base_capacity": either(NUMBER, at_least(0), keeps_zero=True),
                "on_demand_percentage_above_base_capacity": either(
                    NUMBER, between(0, 100), keeps_zero=True
                ),
                "spot_allocation_strategy": either(
                    STRING,
                    one_of(
                        "lowest-price",
                        "capacity-optimized",
                        "capacity-optimized-prioritized",
                        "price-capacity-optimized",
                    ),
                ),
                "spot_instance_pools": either(NUMBER, at_least(0)),
                "spot_max_price": optional(STRING),
            },
            computed=True,
        ),
        "launch_template": block(
            {
                "launch_template_specification": _specification("launch_template_", at_least=1),
                "override": blocks(
                    {
                        "instance_type": optional(STRING),
                        "weighted_capacity": optional(
                            STRING, matches(r"^[1-9]\d{0,2}$", "needs a number from 1 to 999")
                        ),
                        "instance_requirements": block(instance_requirements(is_needed=False)),
                        "launch_template_specification": _specification("launch_template_"),
                    },
                    wire="Overrides",
                ),
            },
            at_least=1,
        ),
    },
    computed=True,
    exactly_one_of=CONFIGURATIONS,
)

INSTANCE_REFRESH: Final = block(
    {
        "strategy": required(STRING, one_of("Rolling")),
        "triggers": optional(_STRINGS),
        "preferences": block(
            {
                "auto_rollback": optional(BOOL, default=False),
                "checkpoint_delay": optional(
                    STRING, matches(r"^\d*$", "needs a number of seconds")
                ),
                "checkpoint_percentages": optional(ListType(NUMBER), each(between(1, 100))),
                "instance_warmup": optional(STRING, matches(r"^\d*$", "needs a number of seconds")),
                "max_healthy_percentage": optional(NUMBER, between(100, 200), default=100),
                "min_healthy_percentage": optional(NUMBER, between(0, 100), default=90),
                "scale_in_protected_instances": optional(
                    STRING, one_of("Refresh", "Ignore", "Wait"), default="Ignore"
                ),
                "skip_matching": optional(BOOL, default=False),
                "standby_instances": optional(
                    STRING, one_of("Terminate", "Ignore", "Wait"), default="Ignore"
                ),
                "alarm_specification": block({"alarms": optional(ListType(STRING))}),
            }
        ),
    }
)

HOOK: Final = block_set(
    {
        "default_result": either(STRING, one_of("CONTINUE", "ABANDON")),
        "heartbeat_timeout": optional(NUMBER, between(30, 7200)),
        "lifecycle_transition": required(
            STRING,
            one_of("autoscaling:EC2_INSTANCE_LAUNCHING", "autoscaling:EC2_INSTANCE_TERMINATING"),
        ),
        "name": required(STRING, length(1, 255), wire="LifecycleHookName"),
        "notification_metadata": optional(STRING),
        "notification_target_arn": optional(STRING, is_arn, wire="NotificationTargetARN"),
        "role_arn": optional(STRING, is_arn, wire="RoleARN"),
    },
    replaces=True,
)

WARM_POOL: Final = block(
    {
        "max_group_prepared_capacity": optional(NUMBER, at_least(-1), default=-1, keeps_zero=True),
        "min_size": optional(NUMBER, at_least(0), default=0, keeps_zero=True),
        "pool_state": optional(
            STRING, one_of("Stopped", "Running", "Hibernated"), default="Stopped"
        ),
        "instance_reuse_policy": block({"reuse_on_scale_in": optional(BOOL, default=False)}),
    }
)

RESERVATION: Final = block(
    {
        "capacity_reservation_preference": either(
            STRING,
            one_of("capacity-reservations-only", "capacity-reservations-first", "none", "default"),
        ),
        "capacity_reservation_target": block(
            {
                "capacity_reservation_ids": optional(
                    ListType(STRING), conflicts_with=("capacity_reservation_resource_group_arns",)
                ),
                "capacity_reservation_resource_group_arns": optional(ListType(STRING)),
            }
        ),
    },
    computed=True,
)

DISTRIBUTION: Final = block(
    {
        "capacity_distribution_strategy": optional(
            STRING,
            one_of("balanced-only", "balanced-best-effort"),
            default="balanced-best-effort",
        )
    },
    computed=True,
)


def _none_or(least: int, most: int) -> Check:
    """Allow -1, which says that there is none, and numbers from `least` to `most`."""
    inner = between(least, most)
    return lambda number: None if number == -1 else inner(number)


MAINTENANCE: Final = block(
    {
        "max_healthy_percentage": required(NUMBER, _none_or(100, 200), keeps_zero=True),
        "min_healthy_percentage": required(NUMBER, between(-1, 100), keeps_zero=True),
    }
)

SOURCE: Final = block_set(
    {
        "identifier": required(STRING, length(1, 2048)),
        "type": optional(STRING, length(1, 2048)),
    },
    computed=True,
    conflicts_with=("load_balancers", "target_group_arns"),
)

FIELDS: Final[Mapping[str, Field]] = {
    "arn": computed(STRING),
    "availability_zones": either(_STRINGS, conflicts_with=("vpc_zone_identifier",)),
    "capacity_rebalance": optional(BOOL),
    "context": optional(STRING),
    "default_cooldown": either(NUMBER),
    "default_instance_warmup": optional(NUMBER),
    "desired_capacity": either(NUMBER),
    "desired_capacity_type": optional(STRING, one_of("units", "vcpu", "memory-mib")),
    "enabled_metrics": optional(_STRINGS, each(one_of(*METRICS))),
    "force_delete": optional(BOOL, default=False),
    "force_delete_warm_pool": optional(BOOL, default=False),
    "health_check_grace_period": optional(NUMBER, default=300),
    "health_check_type": either(STRING, length(1, 32)),
    "id": either(STRING),
    "ignore_failed_scaling_activities": optional(BOOL, default=False),
    "launch_configuration": optional(STRING, exactly_one_of=CONFIGURATIONS),
    "load_balancers": either(_STRINGS),
    "max_instance_lifetime": optional(NUMBER),
    "max_size": required(NUMBER),
    "metrics_granularity": optional(STRING, default="1Minute"),
    "min_elb_capacity": optional(NUMBER),
    "min_size": required(NUMBER),
    "name": either(STRING, length(0, 255), replaces=True, conflicts_with=("name_prefix",)),
    "name_prefix": either(STRING, length(0, 229), replaces=True),
    "placement_group": optional(STRING),
    "predicted_capacity": computed(NUMBER),
    "protect_from_scale_in": optional(BOOL, default=False),
    "service_linked_role_arn": either(STRING, is_arn),
    "suspended_processes": optional(_STRINGS),
    "target_group_arns": either(_STRINGS),
    "termination_policies": optional(ListType(STRING)),
    "vpc_zone_identifier": either(_STRINGS),
    "wait_for_capacity_timeout": optional(STRING, is_duration, default="10m"),
    "wait_for_elb_capacity": optional(NUMBER),
    "warm_pool_size": computed(NUMBER),
    "availability_zone_distribution": DISTRIBUTION,
    "capacity_reservation_specification": RESERVATION,
    "initial_lifecycle_hook": HOOK,
    "instance_maintenance_policy": MAINTENANCE,
    "instance_refresh": INSTANCE_REFRESH,
    "launch_template": LAUNCH_TEMPLATE,
    "mixed_instances_policy": MIXED_INSTANCES_POLICY,
    "tag": block_set(
        {
            "key": required(STRING),
            "propagate_at_launch": required(BOOL),
            "value": required(STRING),
        }
    ),
    "timeouts": timeouts("delete", "update"),
    "traffic_source": SOURCE,
    "warm_pool": WARM_POOL,
}
