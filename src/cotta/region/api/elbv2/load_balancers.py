"""Application load balancers: made, described, moved, removed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Reads, Writes
from cotta.region.api.elbv2.listeners import remove_listener
from cotta.region.api.elbv2.lookups import (
    arn_of,
    by_name,
    check_name,
    choose,
    parse_arn,
    require_balancer,
    validation_error,
)
from cotta.region.api.tags import decode_tags
from cotta.region.launching.addresses import free_addresses, mac_of
from cotta.region.model import (
    LoadBalancer,
    LoadBalancerId,
    LoadBalancerState,
    NetworkInterface,
    NetworkInterfaceId,
    SecurityGroupId,
)
from cotta.region.model.ids import new_id
from cotta.region.store.kinds import (
    LISTENERS,
    LOAD_BALANCERS,
    NETWORK_INTERFACES,
    SECURITY_GROUPS,
    SUBNETS,
)
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.model import Subnet
    from cotta.region.store.store import Reading, Writing

# Who load balancers' interfaces belong to.
REQUESTER: Final = "amazon-elb"
_LEAST_ZONES: Final = 2
# The zone of names that every load balancer's is in: AWS's for us-east-1, as it is only shown.
_HOSTED_ZONE: Final = "Z35SXDOTRQ7X7K"


def create_load_balancer(call: Call, rows: Writing) -> Answer:
    """Make a load balancer; the same one again is the one that is there."""
    given = call.parameters
    name = check_name(given["Name"], "Load balancer")
    _check_type(given)
    subnets = _subnets(rows, given)
    scheme = given.get("Scheme", "internet-facing")
    groups = _security_groups(rows, subnets[0], given.get("SecurityGroups"))
    for there in rows.all(LOAD_BALANCERS, name=name):
        same = (set(there.subnets), there.scheme, set(there.security_groups))
        if same != ({subnet.id for subnet in subnets}, scheme, set(groups)):
            raise ApiError(
                "DuplicateLoadBalancerName",
                f"A load balancer with the same name '{name}' exists, but with different settings",
            )
        return {"LoadBalancers": [_encode(call, rows, there)]}
    balancer = LoadBalancer(
        id=LoadBalancerId(f"app/{name}/{call.ids.hexadecimal(16)}"),
        name=name,
        vpc_id=subnets[0].vpc_id,
        created_at=call.now,
        address="",
        subnets=(),
        security_groups=groups,
        scheme=scheme,
        tags=decode_tags(given.get("Tags", ())),
    )
    balancer = _in_subnets(call, rows, balancer, subnets)
    rows.add(LOAD_BALANCERS, balancer)
    return {"LoadBalancers": [_encode(call, rows, balancer)]}


def describe_load_balancers(call: Call, rows: Reading) -> Answer:
    """List load balancers: all, or those named."""
    given = call.parameters
    balancers = rows.all(LOAD_BALANCERS)
    if arns := given.get("LoadBalancerArns"):
        balancers = [require_balancer(rows, arn) for arn in arns]
    elif names := given.get("Names"):
        try:
            balancers = by_name(balancers, names, lambda it: it.name)
        except KeyError:
            raise ApiError(
                "LoadBalancerNotFound", f"Load balancers '[{', '.join(names)}]' not found"
            ) from None
    shown, marker = choose(call, balancers, LOAD_BALANCERS.key)
    return {"LoadBalancers": [_encode(call, rows, one) for one in shown], "NextMarker": marker}


def delete_load_balancer(call: Call, rows: Writing) -> Answer:
    """Remove a load balancer with its listeners and interfaces; nothing if it is gone."""
    arn = call.parameters["LoadBalancerArn"]
    balancer = rows.find(LOAD_BALANCERS, parse_arn(arn)[1])
    if balancer is None:
        return {}
    if balancer.attributes.get("deletion_protection.enabled") == "true":
        raise ApiError(
            "OperationNotPermitted",
            f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
        )
    for listener in rows.all(LISTENERS, load_balancer=balancer.id):
        remove_listener(rows, listener.id)
    for interface in balancer.network_interfaces:
        rows.remove(NETWORK_INTERFACES, interface)
    rows.remove(LOAD_BALANCERS, balancer.id)
    return {}


def set_security_groups(call: Call, rows: Writing) -> Answer:
    """Give a load balancer other security groups."""
    given = call.parameters
    balancer = require_balancer(rows, given["LoadBalancerArn"])
    subnet = rows.find(SUBNETS, balancer.subnets[0])
    assert subnet is not None, "a subnet in use is not removed"
    groups = _security_groups(rows, subnet, given["SecurityGroups"])
    rows.put(LOAD_BALANCERS, replace(balancer, security_groups=groups))
    for interface in _interfaces(rows, balancer):
        rows.put(NETWORK_INTERFACES, replace(interface, security_groups=groups))
    return {"SecurityGroupIds": list(groups)}


def set_subnets(call: Call, rows: Writing) -> Answer:
    """Have a load balancer in other subnets; where it listens moves with its first one."""
    given = call.parameters
    balancer = require_balancer(rows, given["LoadBalancerArn"])
    moved = _in_subnets(call, rows, balancer, _subnets(rows, given))
    rows.put(LOAD_BALANCERS, moved)
    zones = _encode_zones(call, rows, moved)
    return {"AvailabilityZones": zones, "IpAddressType": "ipv4"}


def set_ip_address_type(call: Call, rows: Reading) -> Answer:
    """Say that there is IPv4 only."""
    require_balancer(rows, call.parameters["LoadBalancerArn"])
    if call.parameters["IpAddressType"] != "ipv4":
        raise ApiError(
            "InvalidConfigurationRequest", "The local region's networks have IPv4 addresses only"
        )
    return {"IpAddressType": "ipv4"}


# --- what a request asks for ------------------------------------------------------------


def _check_type(given: Mapping[str, Any]) -> None:
    kind = given.get("Type", "application")
    if kind != "application":
        raise ApiError(
            "InvalidConfigurationRequest",
            f"The local region has no load balancers of the type '{kind}' yet, but application "
            "load balancers. Leave the type out, or use 'application'.",
        )
    if given.get("IpAddressType", "ipv4") != "ipv4":
        raise ApiError(
            "InvalidConfigurationRequest", "The local region's networks have IPv4 addresses only"
        )


def _subnets(rows: Reading, given: Mapping[str, Any]) -> list[Subnet]:
    named = given.get("Subnets") or [
        mapping.get("SubnetId", "") for mapping in given.get("SubnetMappings", ())
    ]
    found = {name: rows.find(SUBNETS, name) for name in named}
    missing = [name for name, subnet in found.items() if subnet is None]
    if missing:
        raise ApiError("SubnetNotFound", f"The subnet ID '{missing[0]}' is not valid")
    subnets = [subnet for subnet in found.values() if subnet is not None]
    if len({subnet.zone for subnet in subnets}) < _LEAST_ZONES:
        raise validation_error(
            "At least two subnets in two different Availability Zones must be specified"
        )
    if len({subnet.zone for subnet in subnets}) < len(subnets):
        raise ApiError(
            "InvalidConfigurationRequest",
            "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
        )
    if len({subnet.vpc_id for subnet in subnets}) > 1:
        raise ApiError("InvalidSubnet", "All subnets must belong to the same VPC")
    return subnets


def _security_groups(
    rows: Reading, subnet: Subnet, given: Sequence[str] | None
) -> tuple[SecurityGroupId, ...]:
    if not given:
        default = rows.all(SECURITY_GROUPS, name="default", vpc_id=subnet.vpc_id)
        return tuple(group.id for group in default)
    for name in given:
        group = rows.find(SECURITY_GROUPS, name)
        if group is None:
            raise ApiError(
                "InvalidSecurityGroup", f"One or more security groups are invalid: '{name}'"
            )
        if group.vpc_id != subnet.vpc_id:
            raise ApiError(
                "InvalidConfigurationRequest",
                f"The security group '{name}' is in the VPC {group.vpc_id}, and the subnets in "
                f"{subnet.vpc_id}",
            )
    return tuple(SecurityGroupId(name) for name in dict.fromkeys(given))


# --- its interfaces ---------------------------------------------------------------------


def _interfaces(rows: Reading, balancer: LoadBalancer) -> list[NetworkInterface]:
    found = (rows.find(NETWORK_INTERFACES, one) for one in balancer.network_interfaces)
    return [interface for interface in found if interface is not None]


def _in_subnets(
    call: Call, rows: Writing, balancer: LoadBalancer, subnets: Sequence[Subnet]
) -> LoadBalancer:
    """Return the load balancer with an interface in each subnet, keeping those that it has."""
    there = {interface.subnet_id: interface for interface in _interfaces(rows, balancer)}
    for subnet_id, interface in there.items():
        if subnet_id not in {subnet.id for subnet in subnets}:
            rows.remove(NETWORK_INTERFACES, interface.id)
    kept = [there.get(subnet.id) or _new_interface(call, rows, balancer, subnet)
            for subnet in subnets]  # fmt: skip
    addresses = [interface.private_ip for interface in kept]
    return replace(
        balancer,
        subnets=tuple(subnet.id for subnet in subnets),
        network_interfaces=tuple(interface.id for interface in kept),
        address=balancer.address if balancer.address in addresses else addresses[0],
        state=LoadBalancerState.PROVISIONING
        if balancer.address not in addresses
        else balancer.state,
    )


def _new_interface(
    call: Call, rows: Writing, balancer: LoadBalancer, subnet: Subnet
) -> NetworkInterface:
    (address,) = free_addresses(rows, subnet, 1) or (None,)
    if address is None:
        raise ApiError(
            "InvalidSubnet", f"Not enough IP space available in {subnet.id}. ELB requires one."
        )
    interface = NetworkInterface(
        id=NetworkInterfaceId(new_id("eni", call.ids)),
        vpc_id=subnet.vpc_id,
        subnet_id=subnet.id,
        zone=subnet.zone,
        private_ip=address,
        public_ip=address if balancer.scheme == "internet-facing" else None,
        mac=mac_of(address),
        created_at=call.now,
        security_groups=balancer.security_groups,
        description=f"ELB {balancer.id}",
        requester=REQUESTER,
    )
    rows.add(NETWORK_INTERFACES, interface)
    return interface


# --- as the API has it ------------------------------------------------------------------


def _encode(call: Call, rows: Reading, balancer: LoadBalancer) -> dict[str, Any]:
    return {
        "LoadBalancerArn": arn_of(call, "loadbalancer", balancer.id),
        "DNSName": balancer.address,
        "CanonicalHostedZoneId": _HOSTED_ZONE,
        "CreatedTime": balancer.created_at,
        "LoadBalancerName": balancer.name,
        "Scheme": balancer.scheme,
        "VpcId": balancer.vpc_id,
        "State": {"Code": balancer.state.value, "Reason": balancer.state_reason or None},
        "Type": "application",
        "AvailabilityZones": _encode_zones(call, rows, balancer),
        "SecurityGroups": list(balancer.security_groups),
        "IpAddressType": "ipv4",
    }


def _encode_zones(call: Call, rows: Reading, balancer: LoadBalancer) -> list[dict[str, Any]]:
    subnets = (rows.find(SUBNETS, one) for one in balancer.subnets)
    return [
        {
            "ZoneName": f"{call.region}{subnet.zone}",
            "SubnetId": subnet.id,
            "LoadBalancerAddresses": [],
        }
        for subnet in subnets
        if subnet is not None
    ]


OPERATIONS: Final[Operations] = {
    "CreateLoadBalancer": Writes(create_load_balancer),
    "DeleteLoadBalancer": Writes(delete_load_balancer),
    "DescribeLoadBalancers": Reads(describe_load_balancers),
    "SetIpAddressType": Reads(set_ip_address_type),
    "SetSecurityGroups": Writes(set_security_groups),
    "SetSubnets": Writes(set_subnets),
}
