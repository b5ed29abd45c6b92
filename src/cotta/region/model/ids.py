"""The names by which things of the region know one another."""

from __future__ import annotations

from typing import TYPE_CHECKING, NewType

if TYPE_CHECKING:
    from cotta.system.ids import IdSource

InstanceId = NewType("InstanceId", str)
ImageId = NewType("ImageId", str)
SnapshotId = NewType("SnapshotId", str)
VolumeId = NewType("VolumeId", str)
LaunchTemplateId = NewType("LaunchTemplateId", str)
SecurityGroupId = NewType("SecurityGroupId", str)
SubnetId = NewType("SubnetId", str)
VpcId = NewType("VpcId", str)
NetworkInterfaceId = NewType("NetworkInterfaceId", str)
LoadBalancerId = NewType("LoadBalancerId", str)
ListenerId = NewType("ListenerId", str)
RuleId = NewType("RuleId", str)
TargetGroupId = NewType("TargetGroupId", str)


def new_id(prefix: str, ids: IdSource) -> str:
    """Return a new id in AWS's form: `i-0123456789abcdef0`."""
    return f"{prefix}-{ids.hexadecimal(17)}"
