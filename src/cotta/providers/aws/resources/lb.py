"""`aws_lb`: a load balancer."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from cotta.clouds.errors import CloudError
from cotta.clouds.waits import WaitEndedError
from cotta.providers.aws.adopting import make_or_adopt
from cotta.providers.aws.connection import prefix_of, timeout
from cotta.providers.aws.declare import Resource
from cotta.providers.aws.resources.balancing_calls import (
    LOAD_BALANCER,
    attributes_of,
    found_tags,
    lookups_of,
    missing_is_none,
    modify_attributes,
    refuse_taken,
    update_balancing_tags,
)
from cotta.providers.aws.resources.lb_attributes import (
    changed_attributes,
    first_attributes,
    found_attributes,
)
from cotta.providers.aws.resources.lb_fields import FIELDS
from cotta.providers.aws.resources.lb_planning import customise
from cotta.providers.aws.tags import as_list

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields

_USUAL: Final = timedelta(minutes=10)
_INTERFACES: Final = timedelta(minutes=5)
# Answers of regions in which capacity can't be reserved, or whose caller may not see it.
_NO_CAPACITY: Final = frozenset({"AccessDenied", "InvalidAction"})


def _create(on: Connection, wanted: Fields) -> str:
    name = on.new_name(wanted, usual="tf-lb-")
    if wanted["name"]:
        refuse_taken(on, "CreateLoadBalancer", name, _by_name(on, name))

    def make() -> str:
        answer = on.call(
            "elbv2",
            "CreateLoadBalancer",
            Name=name,
            Type=wanted["load_balancer_type"],
            CustomerOwnedIpv4Pool=wanted["customer_owned_ipv4_pool"] or None,
            IpAddressType=wanted["ip_address_type"] or None,
            IpamPools=_pools(wanted),
            Scheme="internal" if wanted["internal"] else None,
            SecurityGroups=wanted["security_groups"] or None,
            SubnetMappings=_mappings(wanted["subnet_mapping"]),
            Subnets=wanted["subnets"] or None,
            Tags=as_list(wanted["tags_all"]) or None,
        )
        return str(answer["LoadBalancers"][0]["LoadBalancerArn"])

    def find() -> str | None:
        found = _by_name(on, name)
        return None if found is None else str(found["LoadBalancerArn"])

    return make_or_adopt(make, find)


def _by_name(on: Connection, name: str) -> Any:
    return missing_is_none(
        on.pages("elbv2", "DescribeLoadBalancers", "LoadBalancers", Names=[name])
    )


def _pools(wanted: Fields) -> Fields | None:
    pools = wanted["ipam_pools"]
    return {"Ipv4IpamPoolId": pools[0]["ipv4_ipam_pool_id"]} if pools else None


def _mappings(blocks: Any) -> list[Fields] | None:
    members = {
        "allocation_id": "AllocationId",
        "ipv6_address": "IPv6Address",
        "private_ipv4_address": "PrivateIPv4Address",
        "subnet_id": "SubnetId",
    }
    return [
        {member: one[name] for name, member in members.items() if one.get(name)}
        for one in blocks or ()
    ] or None


def _settle(on: Connection, wanted: Fields, id_: str) -> None:
    at_most = timeout(wanted, "create", _USUAL)
    _wait_until_active(on, id_, at_most)
    if wanted["minimum_load_balancer_capacity"]:
        _reserve(on, wanted, id_, at_most)
    modify_attributes(on, "LoadBalancer", id_, first_attributes(wanted))
    enforced = wanted["enforce_security_group_inbound_rules_on_private_link_traffic"]
    if enforced and wanted["load_balancer_type"] == "network":
        on.call(
            "elbv2",
            "SetSecurityGroups",
            LoadBalancerArn=id_,
            EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic=enforced,
            SecurityGroups=wanted["security_groups"] or [],
        )


def _wait_until_active(on: Connection, arn: str, at_most: timedelta) -> None:
    def look() -> bool | None:
        found = on.find(LOAD_BALANCER, arn)
        state = (found or {}).get("State", {})
        if state.get("Code") == "failed":
            raise CloudError(
                "elbv2", "CreateLoadBalancer", "Failed", state.get("Reason", "it has failed")
            )
        return True if state.get("Code") in ("active", "active_impaired") else None

    on.wait(look, f"the load balancer {arn.split('/')[-2]}", at_most=at_most)


def _reserve(on: Connection, wanted: Fields, arn: str, at_most: timedelta) -> None:
    blocks = wanted["minimum_load_balancer_capacity"]
    units = blocks[0]["capacity_units"] if blocks else None
    on.call(
        "elbv2",
        "ModifyCapacityReservation",
        LoadBalancerArn=arn,
        MinimumLoadBalancerCapacity={"CapacityUnits": units} if units else None,
        ResetCapacityReservation=not units,
    )

    def look() -> bool | None:
        answer = on.call("elbv2", "DescribeCapacityReservation", LoadBalancerArn=arn)
        states = [one["State"]["Code"] for one in answer.get("CapacityReservationState", [])]
        return True if all(state == "provisioned" for state in states) else None

    on.wait(look, "the reserved capacity", at_most=at_most)


def _read(on: Connection, prior: Fields) -> Fields | None:
    arn = prior["id"]
    found = on.find(LOAD_BALANCER, arn)
    if found is None:
        return None
    name, zones = found["LoadBalancerName"], found.get("AvailabilityZones", [])
    pools = found.get("IpamPools")
    attributes = attributes_of(on, "LoadBalancer", arn)
    return {
        "arn": arn,
        "arn_suffix": arn.partition(":loadbalancer/")[2],
        "customer_owned_ipv4_pool": found.get("CustomerOwnedIpv4Pool", ""),
        "dns_name": found.get("DNSName", ""),
        "enforce_security_group_inbound_rules_on_private_link_traffic": found.get(
            "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic", ""
        ),
        "internal": found.get("Scheme") == "internal",
        "ip_address_type": found.get("IpAddressType", ""),
        "ipam_pools": [{"ipv4_ipam_pool_id": pools["Ipv4IpamPoolId"]}] if pools else [],
        "load_balancer_type": found["Type"],
        "minimum_load_balancer_capacity": _reserved(on, prior, found),
        "name": name,
        "name_prefix": prefix_of(name),
        "security_groups": found.get("SecurityGroups", []),
        "subnet_mapping": [_found_mapping(zone) for zone in zones],
        "subnets": [zone["SubnetId"] for zone in zones],
        "vpc_id": found.get("VpcId", ""),
        "zone_id": found.get("CanonicalHostedZoneId", ""),
        **found_attributes(attributes, found["Type"]),
        **found_tags(on, arn, prior),
    }


def _found_mapping(zone: Any) -> Fields:
    address: Any = next(iter(zone.get("LoadBalancerAddresses", [])), {})
    return {
        "allocation_id": address.get("AllocationId", ""),
        "ipv6_address": address.get("IPv6Address", ""),
        "outpost_id": zone.get("OutpostId", ""),
        "private_ipv4_address": address.get("PrivateIPv4Address", ""),
        "subnet_id": zone["SubnetId"],
    }


def _reserved(on: Connection, prior: Fields, found: Any) -> list[Fields]:
    """Return the reserved capacity; asked for only where there may be one: after an import too."""
    is_known = prior.get("arn") is not None and not prior.get("minimum_load_balancer_capacity")
    if is_known or found["Type"] not in ("application", "network"):
        return []
    try:
        answer = on.call("elbv2", "DescribeCapacityReservation", LoadBalancerArn=prior["id"])
    except CloudError as error:
        if error.code in _NO_CAPACITY:
            return []
        raise
    minimum = answer.get("MinimumLoadBalancerCapacity")
    return [{"capacity_units": minimum["CapacityUnits"]}] if minimum else []


def _update(on: Connection, prior: Fields, wanted: Fields) -> None:
    arn, at_most = prior["id"], timeout(wanted, "update", _USUAL)
    modify_attributes(on, "LoadBalancer", arn, changed_attributes(prior, wanted))
    _update_network(on, prior, wanted)
    if _differ(prior, wanted, "minimum_load_balancer_capacity"):
        _reserve(on, wanted, arn, at_most)
    update_balancing_tags(on, prior, wanted)
    _wait_until_active(on, arn, at_most)


def _update_network(on: Connection, prior: Fields, wanted: Fields) -> None:
    arn = prior["id"]
    enforced = "enforce_security_group_inbound_rules_on_private_link_traffic"
    if _differ(prior, wanted, enforced, "security_groups"):
        is_network = wanted["load_balancer_type"] == "network"
        on.call(
            "elbv2",
            "SetSecurityGroups",
            LoadBalancerArn=arn,
            SecurityGroups=wanted["security_groups"] or [],
            EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic=(
                wanted[enforced] or None if is_network else None
            ),
        )
    if _differ(prior, wanted, "subnets") and wanted["subnets"]:
        on.call("elbv2", "SetSubnets", LoadBalancerArn=arn, Subnets=wanted["subnets"])
    elif _differ(prior, wanted, "subnet_mapping") and wanted["subnet_mapping"]:
        mappings = _mappings(wanted["subnet_mapping"])
        on.call("elbv2", "SetSubnets", LoadBalancerArn=arn, SubnetMappings=mappings)
    if _differ(prior, wanted, "ip_address_type"):
        kind = wanted["ip_address_type"]
        on.call("elbv2", "SetIpAddressType", LoadBalancerArn=arn, IpAddressType=kind)
    if _differ(prior, wanted, "ipam_pools"):
        pools = _pools(wanted)
        change = {"IpamPools": pools} if pools else {"RemoveIpamPools": ["ipv4"]}
        on.call("elbv2", "ModifyIpPools", LoadBalancerArn=arn, **change)


def _differ(prior: Fields, wanted: Fields, *names: str) -> bool:
    """Say whether attributes are wanted otherwise than they are, in whatever order."""

    def plain(value: Any) -> Any:
        return sorted(map(repr, value)) if isinstance(value, list) else value or None

    return any(plain(prior[name] or None) != plain(wanted[name] or None) for name in names)


def _delete(on: Connection, prior: Fields) -> None:
    on.call("elbv2", "DeleteLoadBalancer", LoadBalancerArn=prior["id"])
    # Security groups and subnets can go only when the balancer's interfaces have gone.
    try:
        on.wait(
            lambda: True if not _has_interfaces(on, prior["id"]) else None,
            f"the end of the network interfaces of {prior['name']}",
            at_most=min(timeout(prior, "delete", _USUAL), _INTERFACES),
        )
    except (CloudError, WaitEndedError):
        # The balancer itself is gone; what still waits for its interfaces says so by itself.
        return


def _has_interfaces(on: Connection, arn: str) -> bool:
    name = arn.partition(":loadbalancer/")[2]
    filters = [{"Name": "description", "Values": [f"ELB {name}"]}]
    found = on.pages("ec2", "DescribeNetworkInterfaces", "NetworkInterfaces", Filters=filters)
    return next(iter(found), None) is not None


def _named(name: str) -> Resource:
    return Resource(
        name=name,
        fields=FIELDS,
        create=_create,
        settle=_settle,
        read=_read,
        update=_update,
        delete=_delete,
        customise=customise,
        lookups=lambda prior: lookups_of(LOAD_BALANCER, prior["id"]),
    )


RESOURCES: Final = (_named("aws_lb"), _named("aws_alb"))
