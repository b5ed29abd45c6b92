"""One rule of a security group, with an id and tags of its own: the two types are twins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.providers.aws.adopting import make_or_adopt
from cotta.providers.aws.checks import between, is_cidr
from cotta.providers.aws.declare import Resource, computed, optional, required
from cotta.providers.aws.ec2_tags import tag_specifications, update_tags
from cotta.providers.aws.firewalls.rules import ANY, INGRESS, normal_protocol, rules_of
from cotta.providers.aws.plain import UNKNOWN
from cotta.providers.aws.reading import by_filter
from cotta.providers.aws.tags import FRAMEWORK_TAGS, as_dict
from cotta.values.types import NUMBER, STRING

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields
    from cotta.providers.aws.reading import Item

RULE: Final = by_filter(
    "ec2",
    "DescribeSecurityGroupRules",
    "SecurityGroupRules",
    "security-group-rule-id",
    "SecurityGroupRuleId",
)
_SOURCES: Final = (
    "cidr_ipv4",
    "cidr_ipv6",
    "prefix_list_id",
    "referenced_security_group_id",
)


def single_rule(direction: str) -> Resource:
    """Return the type of a rule in one direction, `ingress` or `egress`."""

    def create(on: Connection, wanted: Fields) -> str:
        group = wanted["security_group_id"]

        def make() -> str:
            answer = on.call(
                "ec2",
                f"AuthorizeSecurityGroup{direction.capitalize()}",
                GroupId=group,
                IpPermissions=[_permission(wanted)],
                TagSpecifications=tag_specifications("security-group-rule", wanted["tags_all"]),
            )
            return str(answer["SecurityGroupRules"][0]["SecurityGroupRuleId"])

        return make_or_adopt(make, lambda: _as_asked_for(on, direction, wanted))

    def delete(on: Connection, prior: Fields) -> None:
        on.call(
            "ec2",
            f"RevokeSecurityGroup{direction.capitalize()}",
            GroupId=prior["security_group_id"],
            SecurityGroupRuleIds=[prior["id"]],
        )

    def read(on: Connection, prior: Fields) -> Fields | None:
        found = on.find(RULE, prior["id"])
        if found is None or found["IsEgress"] != (direction != INGRESS):
            return None
        return _attributes(on, found, prior)

    return Resource(
        name=f"aws_vpc_security_group_{direction}_rule",
        fields=_FIELDS,
        create=create,
        read=read,
        update=_update,
        delete=delete,
        validate=_validate,
        lookups=lambda prior: [(RULE, prior["id"])],
    )


def _permission(wanted: Fields) -> dict[str, Any]:
    """Return a rule as the authorising operations take it."""
    permission = {"IpProtocol": wanted["ip_protocol"], **_ports(wanted)}
    described = {"Description": wanted["description"]} if wanted["description"] else {}
    if wanted["cidr_ipv4"]:
        permission["IpRanges"] = [{"CidrIp": wanted["cidr_ipv4"], **described}]
    elif wanted["cidr_ipv6"]:
        permission["Ipv6Ranges"] = [{"CidrIpv6": wanted["cidr_ipv6"], **described}]
    elif wanted["prefix_list_id"]:
        permission["PrefixListIds"] = [{"PrefixListId": wanted["prefix_list_id"], **described}]
    else:
        owner, _, group = wanted["referenced_security_group_id"].rpartition("/")
        pair = {"GroupId": group, **({"UserId": owner} if owner else {})}
        permission["UserIdGroupPairs"] = [{**pair, **described}]
    return permission


def _ports(fields: Fields) -> dict[str, int]:
    pairs = (("FromPort", fields["from_port"]), ("ToPort", fields["to_port"]))
    return {name: port for name, port in pairs if port is not None}


def _as_asked_for(on: Connection, direction: str, wanted: Fields) -> str | None:
    for item in rules_of(on, wanted["security_group_id"])[direction]:
        found = _facts(item)
        if all((found[name] or None) == (wanted[name] or None) for name in found):
            return str(item["SecurityGroupRuleId"])
    return None


def _facts(item: Item) -> Fields:
    reference = item.get("ReferencedGroupInfo") or {}
    group, owner = reference.get("GroupId"), reference.get("UserId")
    if group and owner and owner != item.get("GroupOwnerId", owner):
        group = f"{owner}/{group}"
    return {
        "cidr_ipv4": item.get("CidrIpv4"),
        "cidr_ipv6": item.get("CidrIpv6"),
        "description": item.get("Description"),
        "ip_protocol": item["IpProtocol"],
        "prefix_list_id": item.get("PrefixListId"),
        "referenced_security_group_id": group,
    }


def _attributes(on: Connection, item: Item, prior: Fields) -> Fields:
    is_any = item["IpProtocol"] == ANY
    id_ = item["SecurityGroupRuleId"]
    session = on.session
    owner = f"{session.partition()}:ec2:{session.region}:{item['GroupOwnerId']}"
    return {
        **_facts(item),
        "arn": f"arn:{owner}:security-group-rule/{id_}",
        # AWS answers -1 for what was not said, and to those who said -1.
        "from_port": prior.get("from_port") if is_any else item.get("FromPort"),
        "to_port": prior.get("to_port") if is_any else item.get("ToPort"),
        "security_group_id": item["GroupId"],
        "security_group_rule_id": id_,
        **on.tags.found(as_dict(item.get("Tags")), prior),
    }


_CONTENT: Final = ("description", "from_port", "ip_protocol", "to_port", *_SOURCES)


def _update(on: Connection, prior: Fields, wanted: Fields) -> None:
    if any(prior[name] != wanted[name] for name in _CONTENT):
        rule = {
            "IpProtocol": wanted["ip_protocol"],
            **_ports(wanted),
            "CidrIpv4": wanted["cidr_ipv4"],
            "CidrIpv6": wanted["cidr_ipv6"],
            "PrefixListId": wanted["prefix_list_id"],
            "ReferencedGroupId": (wanted["referenced_security_group_id"] or "").rpartition("/")[2],
            "Description": wanted["description"],
        }
        on.call(
            "ec2",
            "ModifySecurityGroupRules",
            GroupId=prior["security_group_id"],
            SecurityGroupRules=[
                {
                    "SecurityGroupRuleId": prior["id"],
                    "SecurityGroupRule": {
                        name: value for name, value in rule.items() if value not in (None, "")
                    },
                }
            ],
        )
    update_tags(on, prior["id"], prior, wanted)


def _validate(config: Fields) -> list[tuple[str, str]]:
    protocol = config.get("ip_protocol")
    if not isinstance(protocol, str) or normal_protocol(protocol) != ANY:
        return []
    return [
        (name, f'"{name}" can\'t be set where ip_protocol is "{protocol}", which is all of them.')
        for name in ("from_port", "to_port")
        if config.get(name) not in (None, UNKNOWN, -1)
    ]


def _source(*checks: Any) -> Any:
    return optional(STRING, *checks, exactly_one_of=_SOURCES)


_FIELDS: Final = {
    "arn": computed(STRING),
    "cidr_ipv4": _source(is_cidr),
    "cidr_ipv6": _source(is_cidr),
    "description": optional(STRING),
    "from_port": optional(NUMBER, between(-1, 65535)),
    "id": computed(STRING),
    "ip_protocol": required(
        STRING,
        form=normal_protocol,
        same=lambda one, other: normal_protocol(one) == normal_protocol(other),
    ),
    "prefix_list_id": _source(),
    "referenced_security_group_id": _source(),
    "security_group_id": required(STRING, replaces=True),
    "security_group_rule_id": computed(STRING),
    "to_port": optional(NUMBER, between(-1, 65535)),
    **FRAMEWORK_TAGS,
}
