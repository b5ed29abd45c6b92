"""Processes of groups, suspended and resumed; metrics; and what kinds of things there are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cotta.region.api.autoscaling.lookups import find_group, invalid, require_group
from cotta.region.api.calls import Reads, Writes
from cotta.region.reconcile.autoscaling import at
from cotta.region.reconcile.termination import POLICIES
from cotta.region.store.kinds import AUTO_SCALING_GROUPS

if TYPE_CHECKING:
    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.store.store import Reading, Writing

PROCESSES: Final = (
    "AZRebalance",
    "AddToLoadBalancer",
    "AlarmNotification",
    "HealthCheck",
    "InstanceRefresh",
    "Launch",
    "ReplaceUnhealthy",
    "ScheduledActions",
    "Terminate",
)

METRICS: Final = (
    "GroupAndWarmPoolDesiredCapacity",
    "GroupAndWarmPoolTotalCapacity",
    "GroupDesiredCapacity",
    "GroupInServiceCapacity",
    "GroupInServiceInstances",
    "GroupMaxSize",
    "GroupMinSize",
    "GroupPendingCapacity",
    "GroupPendingInstances",
    "GroupStandbyCapacity",
    "GroupStandbyInstances",
    "GroupTerminatingCapacity",
    "GroupTerminatingInstances",
    "GroupTotalCapacity",
    "GroupTotalInstances",
    "WarmPoolDesiredCapacity",
    "WarmPoolMinSize",
    "WarmPoolPendingCapacity",
    "WarmPoolTerminatingCapacity",
    "WarmPoolTotalCapacity",
    "WarmPoolWarmedCapacity",
)

_MOST_GROUPS: Final = 500


def suspend_processes(call: Call, rows: Writing) -> Answer:
    """Have a group not do some of what it does, or anything."""
    group = require_group(rows, call.parameters["AutoScalingGroupName"])
    reason = f"User suspended at {at(call.now)}"
    suspended = dict.fromkeys(_processes(call), reason)
    rows.put(AUTO_SCALING_GROUPS, replace(group, suspended={**suspended, **group.suspended}))
    return {}


def resume_processes(call: Call, rows: Writing) -> Answer:
    """Have a group do again what was suspended."""
    group = require_group(rows, call.parameters["AutoScalingGroupName"])
    resumed = _processes(call)
    kept = {name: reason for name, reason in group.suspended.items() if name not in resumed}
    rows.put(AUTO_SCALING_GROUPS, replace(group, suspended=kept))
    return {}


def _processes(call: Call) -> list[str]:
    given: list[str] = call.parameters.get("ScalingProcesses") or list(PROCESSES)
    for name in given:
        if name not in PROCESSES:
            raise invalid(
                f"Process type {name} is not one of the supported: {', '.join(PROCESSES)}"
            )
    return given


def describe_scaling_process_types(_call: Call, _rows: Reading) -> Answer:
    """List the processes that can be suspended."""
    return {"Processes": [{"ProcessName": name} for name in PROCESSES]}


def enable_metrics_collection(call: Call, rows: Writing) -> Answer:
    """Note that metrics are wanted; there is nothing here that they would be sent to."""
    group = require_group(rows, call.parameters["AutoScalingGroupName"])
    if call.parameters["Granularity"] != "1Minute":
        raise invalid("The only granularity of group metrics is 1Minute.")
    wanted = {*group.metrics, *_metrics(call)}
    rows.put(AUTO_SCALING_GROUPS, replace(group, metrics=tuple(sorted(wanted))))
    return {}


def disable_metrics_collection(call: Call, rows: Writing) -> Answer:
    """Note that metrics are not wanted any more."""
    group = require_group(rows, call.parameters["AutoScalingGroupName"])
    kept = {*group.metrics} - {*_metrics(call)}
    rows.put(AUTO_SCALING_GROUPS, replace(group, metrics=tuple(sorted(kept))))
    return {}


def _metrics(call: Call) -> list[str]:
    given: list[str] = call.parameters.get("Metrics") or list(METRICS)
    for name in given:
        if name not in METRICS:
            raise invalid(f"The metric {name} is not one of these: {', '.join(METRICS)}")
    return given


def describe_metric_collection_types(_call: Call, _rows: Reading) -> Answer:
    """List the metrics of groups."""
    return {
        "Metrics": [{"Metric": name} for name in METRICS],
        "Granularities": [{"Granularity": "1Minute"}],
    }


def describe_termination_policy_types(_call: Call, _rows: Reading) -> Answer:
    """List the termination policies."""
    return {"TerminationPolicyTypes": sorted(POLICIES)}


def describe_account_limits(_call: Call, rows: Reading) -> Answer:
    """Say how many groups there may be, and are."""
    return {
        "MaxNumberOfAutoScalingGroups": _MOST_GROUPS,
        "MaxNumberOfLaunchConfigurations": 0,
        "NumberOfAutoScalingGroups": len(rows.all(AUTO_SCALING_GROUPS)),
        "NumberOfLaunchConfigurations": 0,
    }


# --- what groups don't have here yet --------------------------------------------------


def describe_lifecycle_hooks(call: Call, rows: Reading) -> Answer:
    """List a group's lifecycle hooks: none, as they can't be put here."""
    find_group(rows, call.parameters["AutoScalingGroupName"])
    return {"LifecycleHooks": []}


def describe_warm_pool(call: Call, rows: Reading) -> Answer:
    """Describe a group's warm pool: there is none, as it can't be put here."""
    find_group(rows, call.parameters["AutoScalingGroupName"])
    return {"Instances": []}


def describe_policies(_call: Call, _rows: Reading) -> Answer:
    """List scaling policies: none, as they can't be put here."""
    return {"ScalingPolicies": []}


def describe_scheduled_actions(_call: Call, _rows: Reading) -> Answer:
    """List scheduled actions: none, as they can't be put here."""
    return {"ScheduledUpdateGroupActions": []}


def describe_notification_configurations(_call: Call, _rows: Reading) -> Answer:
    """List notification configurations: none, as they can't be put here."""
    return {"NotificationConfigurations": []}


OPERATIONS: Final[Operations] = {
    "DescribeAccountLimits": Reads(describe_account_limits),
    "DescribeLifecycleHooks": Reads(describe_lifecycle_hooks),
    "DescribeMetricCollectionTypes": Reads(describe_metric_collection_types),
    "DescribeNotificationConfigurations": Reads(describe_notification_configurations),
    "DescribePolicies": Reads(describe_policies),
    "DescribeScalingProcessTypes": Reads(describe_scaling_process_types),
    "DescribeScheduledActions": Reads(describe_scheduled_actions),
    "DescribeTerminationPolicyTypes": Reads(describe_termination_policy_types),
    "DescribeWarmPool": Reads(describe_warm_pool),
    "DisableMetricsCollection": Writes(disable_metrics_collection),
    "EnableMetricsCollection": Writes(enable_metrics_collection),
    "ResumeProcesses": Writes(resume_processes),
    "SuspendProcesses": Writes(suspend_processes),
}
