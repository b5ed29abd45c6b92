"""Security groups: made, described, deleted.  Their rules: `security_group_rules`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Reads, Writes
from cotta.region.api.ec2.listings import Listing
from cotta.region.api.ec2.lookups import SECURITY_GROUP, VPC
from cotta.region.api.ec2.permissions import encode_permissions
from cotta.region.api.tags import encode_tags, tags_for
from cotta.region.founding import egress_to_everywhere
from cotta.region.model import SecurityGroup, SecurityGroupId
from cotta.region.model.ids import new_id
from cotta.region.store.kinds import (
    NETWORK_INTERFACES,
    SECURITY_GROUP_RULES,
    SECURITY_GROUPS,
    VPCS,
)
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.api.filters import Fields
    from cotta.region.model import SecurityGroupRule, Vpc
    from cotta.region.store.store import Reading, Writing

_LONGEST: Final = 255


def default_vpc(rows: Reading) -> Vpc:
    """Return the default network; `ApiError` if it was deleted."""
    for vpc in rows.all(VPCS):
        if vpc.is_default:
            return vpc
    raise ApiError("VPCIdNotSpecified", "No default VPC for this user")


def find_group(rows: Reading, given: Mapping[str, Any]) -> SecurityGroup:
    """Return the group that a request names by id, or by name in the default network."""
    if "GroupId" in given:
        return SECURITY_GROUP.require(rows, given["GroupId"])
    if "GroupName" not in given:
        raise ApiError(
            "MissingParameter", "The request must contain the parameter GroupName or GroupId"
        )
    return group_named(rows, given["GroupName"])


def group_named(rows: Reading, name: str) -> SecurityGroup:
    """Return the group of a name in the default network."""
    vpc = default_vpc(rows)
    for group in rows.all(SECURITY_GROUPS, name=name, vpc_id=vpc.id):
        return group
    raise ApiError(
        "InvalidGroup.NotFound",
        f"The security group '{name}' does not exist in default VPC '{vpc.id}'",
    )


def create_security_group(call: Call, rows: Writing) -> Answer:
    """Make a group whose members may reach everything, and that lets nothing in."""
    given = call.parameters
    name, description = given["GroupName"], given["Description"]
    # packer 1.6 sends an empty one where it means none; so AWS takes it.
    vpc = VPC.require(rows, given["VpcId"]) if given.get("VpcId") else default_vpc(rows)
    _check_text("GroupName", name)
    _check_text("GroupDescription", description)
    if name.startswith("sg-"):
        raise ApiError(
            "InvalidParameterValue",
            f"Value ({name}) for parameter GroupName is invalid. Group names may not be in the "
            "format sg-*.",
        )
    if name == "default":
        raise ApiError("InvalidParameterValue", "Cannot use reserved security group name: default")
    if rows.all(SECURITY_GROUPS, name=name, vpc_id=vpc.id):
        raise ApiError(
            "InvalidGroup.Duplicate",
            f"The security group '{name}' already exists for VPC '{vpc.id}'",
        )
    group = SecurityGroup(
        id=SecurityGroupId(new_id("sg", call.ids)),
        name=name,
        description=description,
        vpc_id=vpc.id,
        tags=tags_for(given.get("TagSpecifications"), "security-group"),
    )
    rows.add(SECURITY_GROUPS, group)
    rows.add(SECURITY_GROUP_RULES, egress_to_everywhere(group.id, call.ids))
    return {
        "GroupId": group.id,
        "Tags": encode_tags(group.tags),
        "SecurityGroupArn": call.arn("ec2", f"security-group/{group.id}"),
    }


def _check_text(member: str, text: str) -> None:
    if not 0 < len(text) <= _LONGEST:
        raise ApiError(
            "InvalidParameterValue",
            f"Value ({text}) for parameter {member} is invalid. It must have between 1 and "
            f"{_LONGEST} characters.",
        )


def delete_security_group(call: Call, rows: Writing) -> Answer:
    """Delete a group and its rules, unless anything uses it."""
    group = find_group(rows, call.parameters)
    if group.name == "default":
        raise ApiError(
            "CannotDelete",
            f'the specified group: "{group.id}" name: "default" cannot be deleted by a user',
        )
    if user := _user_of(rows, group):
        raise ApiError("DependencyViolation", f"resource {group.id} has a dependent object: {user}")
    for rule in rows.all(SECURITY_GROUP_RULES, group_id=group.id):
        rows.remove(SECURITY_GROUP_RULES, rule.id)
    rows.remove(SECURITY_GROUPS, group.id)
    return {"Return": True, "GroupId": group.id}


def _user_of(rows: Reading, group: SecurityGroup) -> str | None:
    """Return what uses a group, if anything does."""
    for interface in rows.all(NETWORK_INTERFACES):
        if group.id in interface.security_groups and interface.released_at is None:
            return interface.instance_id or interface.id
    for rule in rows.all(SECURITY_GROUP_RULES, referenced_group=group.id):
        if rule.group_id != group.id:
            return rule.group_id
    return None


# --- describing --------------------------------------------------------------------------


def describe_security_groups(call: Call, rows: Reading) -> Answer:
    """List groups, by id or by name."""
    names = call.parameters.get("GroupNames")
    named = [group_named(rows, name) for name in names] if names else None
    shown, token = LISTING.find(call, rows, named)
    return {"SecurityGroups": [_encode(group, call, rows) for group in shown], "NextToken": token}


def _encode(group: SecurityGroup, call: Call, rows: Reading) -> dict[str, Any]:
    rules = rows.all(SECURITY_GROUP_RULES, group_id=group.id)
    owner = call.account.id
    return {
        "GroupId": group.id,
        "GroupName": group.name,
        "Description": group.description,
        "OwnerId": owner,
        "VpcId": group.vpc_id,
        "SecurityGroupArn": call.arn("ec2", f"security-group/{group.id}"),
        "IpPermissions": encode_permissions([rule for rule in rules if not rule.is_egress], owner),
        "IpPermissionsEgress": encode_permissions(
            [rule for rule in rules if rule.is_egress], owner
        ),
        "Tags": encode_tags(group.tags),
    }


_RULE_FIELDS: Final[Mapping[str, Callable[[SecurityGroupRule], str | int | None]]] = {
    "cidr": lambda rule: rule.cidr_ipv4,
    "from-port": lambda rule: rule.from_port,
    "group-id": lambda rule: rule.referenced_group,
    "ipv6-cidr": lambda rule: rule.cidr_ipv6,
    "prefix-list-id": lambda rule: rule.prefix_list_id,
    "protocol": lambda rule: rule.protocol,
    "to-port": lambda rule: rule.to_port,
}


def _fields(call: Call, rows: Reading) -> Fields[SecurityGroup]:
    def of_rules(
        field: Callable[[SecurityGroupRule], str | int | None], *, is_egress: bool
    ) -> Callable[[SecurityGroup], list[str | int | None]]:
        def values(group: SecurityGroup) -> list[str | int | None]:
            rules = rows.all(SECURITY_GROUP_RULES, group_id=group.id)
            return [field(rule) for rule in rules if rule.is_egress is is_egress]

        return values

    return {
        "description": lambda group: group.description,
        "group-id": lambda group: group.id,
        "group-name": lambda group: group.name,
        "owner-id": lambda _: call.account.id,
        "vpc-id": lambda group: group.vpc_id,
        **{
            f"ip-permission.{name}": of_rules(field, is_egress=False)
            for name, field in _RULE_FIELDS.items()
        },
        **{
            f"egress.ip-permission.{name}": of_rules(field, is_egress=True)
            for name, field in _RULE_FIELDS.items()
        },
    }


LISTING: Final = Listing(
    of=SECURITY_GROUP,
    ids="GroupIds",
    answer="SecurityGroups",
    fields=_fields,
    encode=_encode,
)

OPERATIONS: Final[Operations] = {
    "CreateSecurityGroup": Writes(create_security_group),
    "DeleteSecurityGroup": Writes(delete_security_group),
    "DescribeSecurityGroups": Reads(describe_security_groups),
}
