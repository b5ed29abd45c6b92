"""What things of EC2 are named by: find one, or say in AWS's words that it is not there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from cotta.region.store.kinds import (
    ADDRESSES,
    IMAGES,
    INSTANCES,
    INTERNET_GATEWAYS,
    KEY_PAIRS,
    LAUNCH_TEMPLATES,
    NETWORK_INTERFACES,
    ROUTE_TABLES,
    SECURITY_GROUP_RULES,
    SECURITY_GROUPS,
    SNAPSHOTS,
    SUBNETS,
    VOLUMES,
    VPCS,
    Kind,
)
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cotta.region.store.store import Reading

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Named(Generic[R]):
    """A kind of things with ids `prefix-…`: AWS's words and codes for it."""

    kind: Kind[R]
    prefix: str
    # As TagSpecifications name it.
    resource_type: str
    what: str
    missing: str
    malformed: str

    def check_id(self, key: str) -> None:
        """Refuse with `ApiError` what is no id of such a thing."""
        if not key.startswith(f"{self.prefix}-"):
            raise ApiError(self.malformed, f'Invalid id: "{key}" (expecting "{self.prefix}-...")')

    def require(self, rows: Reading, key: str) -> R:
        """Return the thing with an id; `ApiError` if there is none."""
        (found,) = self.require_all(rows, [key])
        return found

    def require_all(self, rows: Reading, keys: Sequence[str] | None) -> list[R]:
        """Return the things with these ids, or all there are if none are named."""
        if not keys:
            return rows.all(self.kind)
        for key in keys:
            self.check_id(key)
        found = {key: rows.find(self.kind, key) for key in keys}
        missing = [key for key, record in found.items() if record is None]
        if missing:
            raise self.not_found(missing)
        return [record for record in found.values() if record is not None]

    def not_found(self, keys: Sequence[str]) -> ApiError:
        """Return the error for ids that nothing has."""
        verb, plural = ("do", "s") if len(keys) > 1 else ("does", "")
        listed = ", ".join(keys)
        # Images alone have their ids in brackets.
        quoted = f"[{listed}]" if self.prefix == "ami" else listed
        return ApiError(self.missing, f"The {self.what}{plural} '{quoted}' {verb} not exist")


# fmt: off
INSTANCE: Final = Named(INSTANCES, "i", "instance", "instance ID",
                        "InvalidInstanceID.NotFound", "InvalidInstanceID.Malformed")
IMAGE: Final = Named(IMAGES, "ami", "image", "image id",
                     "InvalidAMIID.NotFound", "InvalidAMIID.Malformed")
SNAPSHOT: Final = Named(SNAPSHOTS, "snap", "snapshot", "snapshot",
                        "InvalidSnapshot.NotFound", "InvalidSnapshotID.Malformed")
VOLUME: Final = Named(VOLUMES, "vol", "volume", "volume",
                      "InvalidVolume.NotFound", "InvalidVolumeID.Malformed")
LAUNCH_TEMPLATE: Final = Named(LAUNCH_TEMPLATES, "lt", "launch-template", "launch template ID",
                               "InvalidLaunchTemplateId.NotFound",
                               "InvalidLaunchTemplateId.Malformed")
VPC: Final = Named(VPCS, "vpc", "vpc", "vpc ID",
                   "InvalidVpcID.NotFound", "InvalidVpcID.Malformed")
SUBNET: Final = Named(SUBNETS, "subnet", "subnet", "subnet ID",
                      "InvalidSubnetID.NotFound", "InvalidSubnetID.Malformed")
INTERNET_GATEWAY: Final = Named(INTERNET_GATEWAYS, "igw", "internet-gateway",
                                "internetGateway ID", "InvalidInternetGatewayID.NotFound",
                                "InvalidInternetGatewayId.Malformed")
ROUTE_TABLE: Final = Named(ROUTE_TABLES, "rtb", "route-table", "routeTable ID",
                           "InvalidRouteTableID.NotFound", "InvalidRouteTableId.Malformed")
SECURITY_GROUP: Final = Named(SECURITY_GROUPS, "sg", "security-group", "security group",
                              "InvalidGroup.NotFound", "InvalidGroupId.Malformed")
SECURITY_GROUP_RULE: Final = Named(SECURITY_GROUP_RULES, "sgr", "security-group-rule",
                                   "security group rule ID",
                                   "InvalidSecurityGroupRuleId.NotFound",
                                   "InvalidSecurityGroupRuleId.Malformed")
NETWORK_INTERFACE: Final = Named(NETWORK_INTERFACES, "eni", "network-interface",
                                 "networkInterface ID", "InvalidNetworkInterfaceID.NotFound",
                                 "InvalidNetworkInterfaceId.Malformed")
ADDRESS: Final = Named(ADDRESSES, "eipalloc", "elastic-ip", "allocation ID",
                       "InvalidAllocationID.NotFound", "InvalidAllocationID.Malformed")
# Kept by its name; the id is a column.
KEY_PAIR: Final = Named(KEY_PAIRS, "key", "key-pair", "key pair",
                        "InvalidKeyPair.NotFound", "InvalidParameterValue")
# fmt: on

# Everything that has tags, by the prefix of its ids.
NAMED: Final[Mapping[str, Named[Any]]] = {
    named.prefix: named
    for named in (
        INSTANCE,
        IMAGE,
        SNAPSHOT,
        VOLUME,
        LAUNCH_TEMPLATE,
        VPC,
        SUBNET,
        INTERNET_GATEWAY,
        ROUTE_TABLE,
        SECURITY_GROUP,
        SECURITY_GROUP_RULE,
        NETWORK_INTERFACE,
        ADDRESS,
        KEY_PAIR,
    )
}
