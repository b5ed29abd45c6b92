"""What the region knows, as records: frozen, with AWS's words, in plain types.

`instances`, `images`, `networks` and `account` hold the records,
`ids` the names by which they know one another.  Every record can be kept in
the store as it stands (`region/store/records.py` says which types it may be made of).
A field that is added has a default, so that older rows can still be read.
Imports nothing.  Read next: `region/lifecycle.py`.
"""

from cotta.region.model.account import (
    Account,
    InstanceProfile,
    Parameter,
    Remembered,
    Role,
    Session,
)
from cotta.region.model.ids import (
    ImageId,
    InstanceId,
    LaunchTemplateId,
    NetworkInterfaceId,
    SecurityGroupId,
    SnapshotId,
    SubnetId,
    VolumeId,
    VpcId,
)
from cotta.region.model.images import (
    Attachment,
    Grant,
    Image,
    ImageDevice,
    ImageState,
    Snapshot,
    Volume,
)
from cotta.region.model.instances import (
    BlockDevice,
    Instance,
    InstanceState,
    KeyPair,
    LaunchedFrom,
    LaunchTemplate,
    LaunchTemplateVersion,
    MetadataOptions,
    StateReason,
)
from cotta.region.model.networks import (
    Address,
    InternetGateway,
    NetworkInterface,
    Route,
    RouteTable,
    SecurityGroup,
    SecurityGroupRule,
    Subnet,
    Vpc,
)

__all__ = [
    "Account",
    "Address",
    "Attachment",
    "BlockDevice",
    "Grant",
    "Image",
    "ImageDevice",
    "ImageId",
    "ImageState",
    "Instance",
    "InstanceId",
    "InstanceProfile",
    "InstanceState",
    "InternetGateway",
    "KeyPair",
    "LaunchTemplate",
    "LaunchTemplateId",
    "LaunchTemplateVersion",
    "LaunchedFrom",
    "MetadataOptions",
    "NetworkInterface",
    "NetworkInterfaceId",
    "Parameter",
    "Remembered",
    "Role",
    "Route",
    "RouteTable",
    "SecurityGroup",
    "SecurityGroupId",
    "SecurityGroupRule",
    "Session",
    "Snapshot",
    "SnapshotId",
    "StateReason",
    "Subnet",
    "SubnetId",
    "Volume",
    "VolumeId",
    "Vpc",
    "VpcId",
]
