"""What a group's instances serve: load balancers and target groups, attached and detached."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from cotta.providers.aws.scaling.fields import SOURCE
from cotta.providers.aws.wire import to_wire

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields

# As many as a call may name.
_BATCH: Final = 10
_LONGEST: Final = timedelta(minutes=10)


def change_sources(on: Connection, prior: Fields, wanted: Fields) -> None:
    """Attach and detach what has changed, and wait until it is so.  Raises CloudError."""
    name = prior["id"]
    _change(
        on, prior, wanted, "load_balancers",
        lambda some: {"LoadBalancerNames": some},
        ("AttachLoadBalancers", "DetachLoadBalancers", "DescribeLoadBalancers", "LoadBalancers"),
    )  # fmt: skip
    _change(
        on, prior, wanted, "target_group_arns",
        lambda some: {"TargetGroupARNs": some},
        ("AttachLoadBalancerTargetGroups", "DetachLoadBalancerTargetGroups",
         "DescribeLoadBalancerTargetGroups", "LoadBalancerTargetGroups"),
    )  # fmt: skip
    before = _sources(prior)
    after = _sources(wanted)
    if prior["target_group_arns"] == wanted["target_group_arns"] and before != after:
        gone = [each for each in before if each not in after]
        new = [each for each in after if each not in before]
        for some in _batches(gone):
            on.call("autoscaling", "DetachTrafficSources", AutoScalingGroupName=name,
                    TrafficSources=some)  # fmt: skip
        for some in _batches(new):
            on.call("autoscaling", "AttachTrafficSources", AutoScalingGroupName=name,
                    TrafficSources=some)  # fmt: skip
        if gone or new:
            _settle(on, name, "DescribeTrafficSources", "TrafficSources")


def _sources(fields: Fields) -> list[dict[str, Any]]:
    return [to_wire(SOURCE.fields, each) for each in fields["traffic_source"] or ()]


def _change(
    on: Connection,
    prior: Fields,
    wanted: Fields,
    attribute: str,
    encode: Callable[[list[Any]], dict[str, Any]],
    operations: tuple[str, str, str, str],
) -> None:
    attach, detach, describe, key = operations
    before, after = set(prior[attribute] or ()), set(wanted[attribute] or ())
    if wanted[attribute] is None or before == after:
        # Nothing is said of it, or nothing changes.
        return
    for some in _batches(sorted(before - after)):
        on.call("autoscaling", detach, AutoScalingGroupName=prior["id"], **encode(some))
    for some in _batches(sorted(after - before)):
        on.call("autoscaling", attach, AutoScalingGroupName=prior["id"], **encode(some))
    _settle(on, prior["id"], describe, key)


def settle_sources(on: Connection, name: str, kind: str) -> None:
    """Wait until nothing of a kind (`LoadBalancers`, …) is being added or taken away."""
    _settle(on, name, f"Describe{kind}", kind)


def _settle(on: Connection, name: str, describe: str, key: str) -> None:
    """Wait until nothing is being added or taken away."""

    def look() -> bool | None:
        found = on.pages("autoscaling", describe, key, AutoScalingGroupName=name)
        return None if any(each["State"] in ("Adding", "Removing") for each in found) else True

    on.wait(look, f"the load balancers of the group {name}", at_most=_LONGEST)


def _batches(values: Sequence[Any]) -> list[list[Any]]:
    return [list(values[start : start + _BATCH]) for start in range(0, len(values), _BATCH)]


def healthy_targets(on: Connection, group: dict[str, Any]) -> set[str]:
    """Return the instances that all load balancers of a group find healthy."""
    found: list[set[str]] = []
    for arn in group.get("TargetGroupARNs", ()):
        answer = on.call("elbv2", "DescribeTargetHealth", TargetGroupArn=arn)
        found.append(
            {
                each["Target"]["Id"]
                for each in answer["TargetHealthDescriptions"]
                if each["TargetHealth"]["State"] == "healthy"
            }
        )
    for name in group.get("LoadBalancerNames", ()):
        answer = on.call("elb", "DescribeInstanceHealth", LoadBalancerName=name)
        found.append(
            {
                each["InstanceId"]
                for each in answer["InstanceStates"]
                if each["State"] == "InService"
            }
        )
    return set.intersection(*found) if found else set()
