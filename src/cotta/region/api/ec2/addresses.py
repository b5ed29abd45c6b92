"""Elastic IP addresses: kept and shown.  No packet gets to one: their range is for examples."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Reads, Writes
from cotta.region.api.ec2.interfaces import find_interface
from cotta.region.api.ec2.lookups import ADDRESS, INSTANCE
from cotta.region.api.filters import select, tag_fields
from cotta.region.api.pages import page
from cotta.region.api.tags import encode_tags, tags_for
from cotta.region.model import Address
from cotta.region.model.ids import new_id
from cotta.region.store.kinds import ADDRESSES, INSTANCES, NETWORK_INTERFACES, SUBNETS
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.api.filters import Fields
    from cotta.region.model import NetworkInterface
    from cotta.region.store.store import Reading, Writing

# RFC 5737: nobody has these.
_RANGE: Final = ipaddress.IPv4Network("203.0.113.0/24")
_MOST: Final = 5


def allocate_address(call: Call, rows: Writing) -> Answer:
    """Take an address."""
    given = call.parameters
    taken = {address.public_ip for address in rows.all(ADDRESSES)}
    if len(taken) >= _MOST:
        raise ApiError(
            "AddressLimitExceeded",
            f"The maximum number of addresses has been reached: {_MOST}.",
        )
    free = [str(host) for host in _RANGE.hosts() if str(host) not in taken]
    wanted = given.get("Address", free[0])
    if wanted not in free:
        raise ApiError(
            "InvalidAddress.NotFound", f"Address '{wanted}' is not one that can be allocated."
        )
    address = Address(
        allocation_id=new_id("eipalloc", call.ids),
        public_ip=wanted,
        tags=tags_for(given.get("TagSpecifications"), "elastic-ip"),
    )
    rows.add(ADDRESSES, address)
    return {
        "AllocationId": address.allocation_id,
        "PublicIp": address.public_ip,
        "PublicIpv4Pool": "amazon",
        "NetworkBorderGroup": call.region,
        "Domain": "vpc",
    }


def _find(rows: Reading, *, allocation_id: str | None, public_ip: str | None) -> Address:
    if allocation_id is not None:
        return ADDRESS.require(rows, allocation_id)
    for address in rows.all(ADDRESSES, public_ip=public_ip or ""):
        return address
    if public_ip is None:
        raise ApiError(
            "MissingParameter", "The request must contain the parameter AllocationId or PublicIp"
        )
    raise ApiError("InvalidAddress.NotFound", f"Address '{public_ip}' not found.")


def associate_address(call: Call, rows: Writing) -> Answer:
    """Have an instance show an address as its public one."""
    given = call.parameters
    address = _find(rows, allocation_id=given.get("AllocationId"), public_ip=given.get("PublicIp"))
    interface = _target(call, rows)
    is_free = address.network_interface_id in {None, interface.id}
    if not is_free and not given.get("AllowReassociation", False):
        raise ApiError(
            "Resource.AlreadyAssociated",
            f"resource {address.allocation_id} is already associated with associate-id "
            f"{address.association_id}",
        )
    if not is_free:
        _detach(rows, address)
    for other in rows.all(ADDRESSES, public_ip=interface.public_ip or ""):
        if other.allocation_id != address.allocation_id:
            _detach(rows, other)
    address = replace(
        address,
        association_id=new_id("eipassoc", call.ids),
        instance_id=interface.instance_id,
        network_interface_id=interface.id,
        private_ip=interface.private_ip,
    )
    rows.put(ADDRESSES, address)
    _show(rows, interface, address.public_ip)
    return {"AssociationId": address.association_id}


def _target(call: Call, rows: Reading) -> NetworkInterface:
    given = call.parameters
    if "NetworkInterfaceId" in given:
        return find_interface(rows, given["NetworkInterfaceId"])
    if "InstanceId" not in given:
        raise ApiError(
            "MissingParameter",
            "The request must contain the parameter InstanceId or NetworkInterfaceId",
        )
    instance = INSTANCE.require(rows, given["InstanceId"])
    interface = rows.find(NETWORK_INTERFACES, instance.network_interface_id)
    if interface is None or interface.instance_id != instance.id:
        raise ApiError(
            "InvalidInstanceID",
            f"The instance '{instance.id}' is not in a valid state for this operation: it is "
            f"{instance.state.value}.",
        )
    return interface


def disassociate_address(call: Call, rows: Writing) -> Answer:
    """Have an instance no longer show an address."""
    given = call.parameters
    association = given.get("AssociationId")
    if association is None:
        address = _find(rows, allocation_id=None, public_ip=given.get("PublicIp"))
    else:
        found = [one for one in rows.all(ADDRESSES) if one.association_id == association]
        if not found:
            raise ApiError(
                "InvalidAssociationID.NotFound",
                f"The association ID '{association}' does not exist",
            )
        (address,) = found
    _detach(rows, address)
    return {}


def _detach(rows: Writing, address: Address) -> None:
    interface = rows.find(NETWORK_INTERFACES, address.network_interface_id or "")
    free = Address(
        allocation_id=address.allocation_id, public_ip=address.public_ip, tags=address.tags
    )
    rows.put(ADDRESSES, free)
    if interface is not None:
        subnet = rows.find(SUBNETS, interface.subnet_id)
        is_public = subnet is not None and subnet.map_public_ip
        _show(rows, interface, interface.private_ip if is_public else None)


def _show(rows: Writing, interface: NetworkInterface, public_ip: str | None) -> None:
    """Write what an interface and its instance show as their public address."""
    rows.put(NETWORK_INTERFACES, replace(interface, public_ip=public_ip))
    instance = rows.find(INSTANCES, interface.instance_id or "")
    if instance is not None:
        rows.put(INSTANCES, replace(instance, public_ip=public_ip))


def release_address(call: Call, rows: Writing) -> Answer:
    """Give an address back that nothing shows."""
    given = call.parameters
    address = _find(rows, allocation_id=given.get("AllocationId"), public_ip=given.get("PublicIp"))
    if address.association_id is not None:
        raise ApiError(
            "InvalidIPAddress.InUse",
            f"Address {address.public_ip} is in use: disassociate {address.association_id} first.",
        )
    rows.remove(ADDRESSES, address.allocation_id)
    return {}


# --- describing --------------------------------------------------------------------------


def describe_addresses(call: Call, rows: Reading) -> Answer:
    """List addresses."""
    given, owner = call.parameters, call.account.id
    addresses = ADDRESS.require_all(rows, given.get("AllocationIds"))
    wanted = given.get("PublicIps")
    if wanted:
        addresses = [_find(rows, allocation_id=None, public_ip=one) for one in wanted]
    fields: Fields[Address] = {
        "allocation-id": lambda it: it.allocation_id,
        "association-id": lambda it: it.association_id,
        "domain": lambda _: "vpc",
        "instance-id": lambda it: it.instance_id,
        "network-border-group": lambda _: call.region,
        "network-interface-id": lambda it: it.network_interface_id,
        "network-interface-owner-id": lambda it: owner if it.association_id else None,
        "private-ip-address": lambda it: it.private_ip,
        "public-ip": lambda it: it.public_ip,
    }
    return {
        "Addresses": [
            _encode(one, call)
            for one in select(addresses, given.get("Filters"), fields, tag_fields)
        ]
    }


def _encode(it: Address, call: Call) -> dict[str, Any]:
    return {
        "AllocationId": it.allocation_id,
        "AssociationId": it.association_id,
        "Domain": "vpc",
        "InstanceId": it.instance_id,
        "NetworkInterfaceId": it.network_interface_id,
        "NetworkInterfaceOwnerId": call.account.id if it.association_id else None,
        "PrivateIpAddress": it.private_ip,
        "PublicIp": it.public_ip,
        "PublicIpv4Pool": "amazon",
        "NetworkBorderGroup": call.region,
        "Tags": encode_tags(it.tags),
    }


def describe_addresses_attribute(call: Call, rows: Reading) -> Answer:
    """List the names that addresses go by in reverse: none has one."""
    given = call.parameters
    shown, token = page(
        ADDRESS.require_all(rows, given.get("AllocationIds")),
        key=ADDRESSES.key,
        token=given.get("NextToken"),
        most=given.get("MaxResults"),
    )
    return {
        "Addresses": [
            {"AllocationId": one.allocation_id, "PublicIp": one.public_ip} for one in shown
        ],
        "NextToken": token,
    }


OPERATIONS: Final[Operations] = {
    "AllocateAddress": Writes(allocate_address),
    "AssociateAddress": Writes(associate_address),
    "DescribeAddresses": Reads(describe_addresses),
    "DescribeAddressesAttribute": Reads(describe_addresses_attribute),
    "DisassociateAddress": Writes(disassociate_address),
    "ReleaseAddress": Writes(release_address),
}
