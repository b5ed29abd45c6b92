"""The names by which things of the region know one another."""

from __future__ import annotations

from typing import NewType

InstanceId = NewType("InstanceId", str)
ImageId = NewType("ImageId", str)
SnapshotId = NewType("SnapshotId", str)
VolumeId = NewType("VolumeId", str)
LaunchTemplateId = NewType("LaunchTemplateId", str)
SecurityGroupId = NewType("SecurityGroupId", str)
SubnetId = NewType("SubnetId", str)
VpcId = NewType("VpcId", str)
NetworkInterfaceId = NewType("NetworkInterfaceId", str)
# The whole ARN, which is what the API of Elastic Load Balancing names things by.
LoadBalancerArn = NewType("LoadBalancerArn", str)
ListenerArn = NewType("ListenerArn", str)
RuleArn = NewType("RuleArn", str)
TargetGroupArn = NewType("TargetGroupArn", str)
GroupName = NewType("GroupName", str)
RefreshId = NewType("RefreshId", str)
ActivityId = NewType("ActivityId", str)
