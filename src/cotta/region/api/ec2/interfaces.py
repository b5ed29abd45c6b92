"""Network interfaces: they come and go with instances, and are described and changed here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Reads, Writes
from cotta.region.api.ec2.instance_answers import Around, private_dns_name
from cotta.region.api.ec2.listings import Listing
from cotta.region.api.ec2.lookups import NETWORK_INTERFACE
from cotta.region.api.tags import encode_tags
from cotta.region.launching.choices import check_groups
from cotta.region.store.kinds import ADDRESSES, INSTANCES, NETWORK_INTERFACES, SUBNETS
from cotta.region.wire.errors import ApiError
from cotta.region.zones import zone_id, zone_name

if TYPE_CHECKING:
    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.api.filters import Fields
    from cotta.region.model import NetworkInterface
    from cotta.region.store.store import Reading, Writing


def find_interface(rows: Reading, interface_id: str) -> NetworkInterface:
    """Return an interface; `ApiError` if there is none, or it is only kept for its address."""
    interface = NETWORK_INTERFACE.require(rows, interface_id)
    if interface.released_at is not None:
        raise NETWORK_INTERFACE.not_found([interface_id])
    return interface


def describe_network_interfaces(call: Call, rows: Reading) -> Answer:
    """List network interfaces."""
    for interface_id in call.parameters.get("NetworkInterfaceIds", ()):
        find_interface(rows, interface_id)
    shown, token = LISTING.find(call, rows)
    around = Around(call, rows)
    return {
        "NetworkInterfaces": [_encode(one, around, rows) for one in shown],
        "NextToken": token,
    }


def _encode(it: NetworkInterface, around: Around, rows: Reading) -> dict[str, Any]:
    region = around.call.region
    name = private_dns_name(it.private_ip, region)
    association = _encode_association(it, rows)
    return {
        "NetworkInterfaceId": it.id,
        "Association": association,
        "Attachment": _encode_attachment(it, around.call),
        "AvailabilityZone": zone_name(region, it.zone),
        "AvailabilityZoneId": zone_id(region, it.zone),
        "Description": it.description,
        "Groups": around.groups(it.security_groups),
        "InterfaceType": it.interface_type,
        "Ipv6Addresses": [],
        "MacAddress": it.mac,
        "OwnerId": around.call.account.id,
        "PrivateDnsName": name,
        "PrivateIpAddress": it.private_ip,
        "PrivateIpAddresses": [
            {
                "Association": association,
                "Primary": True,
                "PrivateDnsName": name,
                "PrivateIpAddress": it.private_ip,
            }
        ],
        "RequesterId": it.requester,
        "RequesterManaged": it.requester is not None,
        "SourceDestCheck": it.source_dest_check,
        "Status": _status(it),
        "SubnetId": it.subnet_id,
        "VpcId": it.vpc_id,
        "TagSet": encode_tags(it.tags),
    }


def _status(it: NetworkInterface) -> str:
    return "in-use" if it.instance_id or it.requester else "available"


def _encode_association(it: NetworkInterface, rows: Reading) -> dict[str, Any] | None:
    if it.public_ip is None:
        return None
    answer: dict[str, Any] = {
        "IpOwnerId": "amazon",
        "PublicDnsName": it.public_ip,
        "PublicIp": it.public_ip,
    }
    for address in rows.all(ADDRESSES, public_ip=it.public_ip):
        answer |= {
            "AllocationId": address.allocation_id,
            "AssociationId": address.association_id,
        }
    return answer


def _encode_attachment(it: NetworkInterface, call: Call) -> dict[str, Any] | None:
    if it.attachment_id is None:
        return None
    return {
        "AttachTime": it.attached_at,
        "AttachmentId": it.attachment_id,
        "DeleteOnTermination": it.delete_on_termination,
        "DeviceIndex": 0,
        "NetworkCardIndex": 0,
        "InstanceId": it.instance_id,
        "InstanceOwnerId": call.account.id if it.instance_id else it.requester,
        "Status": "attached",
    }


# --- attributes ---------------------------------------------------------------------------


def describe_network_interface_attribute(call: Call, rows: Reading) -> Answer:
    """Return one attribute of an interface."""
    given = call.parameters
    it = find_interface(rows, given["NetworkInterfaceId"])
    values: dict[str, tuple[str, Any]] = {
        "description": ("Description", {"Value": it.description}),
        "groupSet": ("Groups", Around(call, rows).groups(it.security_groups)),
        "sourceDestCheck": ("SourceDestCheck", {"Value": it.source_dest_check}),
        "attachment": ("Attachment", _encode_attachment(it, call)),
        "associatePublicIpAddress": ("AssociatePublicIpAddress", it.public_ip is not None),
    }
    attribute = given.get("Attribute", "")
    if attribute not in values:
        raise ApiError("InvalidParameterCombination", "No attributes specified: name one of them.")
    name, value = values[attribute]
    return {"NetworkInterfaceId": it.id, name: value}


def modify_network_interface_attribute(call: Call, rows: Writing) -> Answer:
    """Change an interface: its groups, its description, whether it ends with its instance."""
    given = call.parameters
    it = find_interface(rows, given["NetworkInterfaceId"])
    if "Groups" in given:
        it = set_groups(rows, it, tuple(given["Groups"]))
    if "Attachment" in given:
        attachment = given["Attachment"]
        if attachment.get("AttachmentId") != it.attachment_id:
            raise ApiError(
                "InvalidAttachmentID.NotFound",
                f"The attachment '{attachment.get('AttachmentId')}' does not exist on {it.id}.",
            )
        ends = attachment.get("DeleteOnTermination", it.delete_on_termination)
        it = replace(it, delete_on_termination=ends)
    it = replace(
        it,
        description=given.get("Description", {}).get("Value", it.description),
        source_dest_check=given.get("SourceDestCheck", {}).get("Value", it.source_dest_check),
    )
    rows.put(NETWORK_INTERFACES, it)
    _tell_instance(rows, it)
    return {}


def set_groups(rows: Writing, it: NetworkInterface, groups: tuple[Any, ...]) -> NetworkInterface:
    """Return an interface with other security groups; `ApiError` unless they are its network's."""
    subnet = rows.find(SUBNETS, it.subnet_id)
    assert subnet is not None, f"{it.id} is in no subnet"
    if not groups:
        raise ApiError("InvalidParameterValue", "An interface needs a security group at least.")
    return replace(it, security_groups=check_groups(rows, groups, subnet))


def _tell_instance(rows: Writing, it: NetworkInterface) -> None:
    instance = rows.find(INSTANCES, it.instance_id or "")
    if instance is not None:
        rows.put(
            INSTANCES,
            replace(
                instance,
                security_groups=it.security_groups,
                source_dest_check=it.source_dest_check,
            ),
        )


def delete_network_interface(call: Call, rows: Writing) -> Answer:
    """Delete an interface that its instance left behind."""
    it = find_interface(rows, call.parameters["NetworkInterfaceId"])
    if _status(it) == "in-use":
        raise ApiError("InvalidParameterValue", f"Network interface '{it.id}' is currently in use.")
    rows.remove(NETWORK_INTERFACES, it.id)
    return {}


def _fields(call: Call, rows: Reading) -> Fields[NetworkInterface]:
    around = Around(call, rows)
    owner = call.account.id
    return {
        "addresses.association.public-ip": lambda it: it.public_ip,
        "addresses.primary": lambda _: True,
        "addresses.private-ip-address": lambda it: it.private_ip,
        "association.ip-owner-id": lambda it: "amazon" if it.public_ip else None,
        "association.public-ip": lambda it: it.public_ip,
        "attachment.attach-time": lambda it: it.attached_at,
        "attachment.attachment-id": lambda it: it.attachment_id,
        "attachment.delete-on-termination": lambda it: (
            it.delete_on_termination if it.attachment_id else None
        ),
        "attachment.device-index": lambda it: 0 if it.attachment_id else None,
        "attachment.instance-id": lambda it: it.instance_id,
        "attachment.instance-owner-id": lambda it: owner if it.instance_id else it.requester,
        "attachment.status": lambda it: "attached" if it.attachment_id else None,
        "availability-zone": lambda it: zone_name(call.region, it.zone),
        "availability-zone-id": lambda it: zone_id(call.region, it.zone),
        "description": lambda it: it.description,
        "group-id": lambda it: it.security_groups,
        "group-name": lambda it: [around.group_names.get(one) for one in it.security_groups],
        "interface-type": lambda it: it.interface_type,
        "mac-address": lambda it: it.mac,
        "network-interface-id": lambda it: it.id,
        "owner-id": lambda _: owner,
        "private-dns-name": lambda it: private_dns_name(it.private_ip, call.region),
        "private-ip-address": lambda it: it.private_ip,
        "requester-id": lambda it: it.requester,
        "requester-managed": lambda it: it.requester is not None,
        "source-dest-check": lambda it: it.source_dest_check,
        "status": _status,
        "subnet-id": lambda it: it.subnet_id,
        "vpc-id": lambda it: it.vpc_id,
    }


LISTING: Final = Listing(
    of=NETWORK_INTERFACE,
    ids="NetworkInterfaceIds",
    answer="NetworkInterfaces",
    fields=_fields,
    encode=lambda it, call, rows: _encode(it, Around(call, rows), rows),
    is_shown=lambda it: it.released_at is None,
)

OPERATIONS: Final[Operations] = {
    "DeleteNetworkInterface": Writes(delete_network_interface),
    "DescribeNetworkInterfaceAttribute": Reads(describe_network_interface_attribute),
    "DescribeNetworkInterfaces": Reads(describe_network_interfaces),
    "ModifyNetworkInterfaceAttribute": Writes(modify_network_interface_attribute),
}
