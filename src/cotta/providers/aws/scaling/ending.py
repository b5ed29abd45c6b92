"""The end of a group: its instances first, unless there is no time for them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from cotta.clouds.errors import CloudError
from cotta.providers.aws.connection import timeout
from cotta.providers.aws.scaling.lookups import GROUP

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields

_USUAL: Final = timedelta(minutes=10)
# As many instances as a call may name.
_PROTECTED: Final = 50
# Codes that say "not yet".
_BUSY: Final = ("ResourceInUse", "ScalingActivityInProgress")


def delete_group(on: Connection, prior: Fields) -> None:
    """Take a group away, and its instances before it.  One that is gone is no mistake."""
    name, at_most = prior["id"], timeout(prior, "delete", _USUAL)
    is_forced = bool(prior.get("force_delete"))
    group = on.find(GROUP, name)
    if group is None:
        return
    if group.get("WarmPoolConfiguration"):
        _delete_warm_pool(on, name, at_most, is_forced=bool(prior.get("force_delete_warm_pool")))
    if not is_forced:
        _drain(on, group, at_most)
    on.wait(lambda: _delete(on, name, is_forced=is_forced), f"the end of {name}", at_most=at_most)
    on.wait(
        lambda: True if on.find(GROUP, name) is None else None,
        f"the end of the group {name}",
        at_most=at_most,
    )


def _drain(on: Connection, group: dict[str, Any], at_most: timedelta) -> None:
    name = group["AutoScalingGroupName"]
    on.call(
        "autoscaling",
        "UpdateAutoScalingGroup",
        AutoScalingGroupName=name,
        MinSize=0,
        MaxSize=0,
        DesiredCapacity=0,
    )
    protected = [
        each["InstanceId"] for each in group["Instances"] if each.get("ProtectedFromScaleIn")
    ]
    for start in range(0, len(protected), _PROTECTED):
        on.call(
            "autoscaling",
            "SetInstanceProtection",
            AutoScalingGroupName=name,
            InstanceIds=protected[start : start + _PROTECTED],
            ProtectedFromScaleIn=False,
        )
    last = len(group["Instances"])

    def look() -> bool | None:
        nonlocal last
        now = on.find(GROUP, name)
        left = 0 if now is None else len(now["Instances"])
        if left != last:
            last = left
            on.say(f"{name}: {left} instances left")
        return None if left else True

    on.wait(look, f"the end of the instances of {name}", at_most=at_most)


def _delete(on: Connection, name: str, *, is_forced: bool) -> bool | None:
    try:
        on.call(
            "autoscaling",
            "DeleteAutoScalingGroup",
            AutoScalingGroupName=name,
            ForceDelete=is_forced,
        )
    except CloudError as error:
        if error.code in _BUSY:
            return None
        if on.find(GROUP, name) is not None:
            raise
    return True


def _delete_warm_pool(on: Connection, name: str, at_most: timedelta, *, is_forced: bool) -> None:
    on.call("autoscaling", "DeleteWarmPool", AutoScalingGroupName=name, ForceDelete=is_forced)

    def look() -> bool | None:
        group = on.find(GROUP, name)
        return None if group is not None and group.get("WarmPoolConfiguration") else True

    on.wait(look, f"the end of the warm pool of {name}", at_most=at_most)
