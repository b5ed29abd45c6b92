"""`data "aws_instances"`: the instances that fit, running ones if nothing else is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.providers.aws.checks import each, one_of
from cotta.providers.aws.data_sources.finding import FILTER, filters_of, tag_filters
from cotta.providers.aws.declare import DataSource, computed, either, optional, timeouts
from cotta.values.types import STRING, ListType, MapType, SetType

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields

_STATES: Final = ("pending", "running", "shutting-down", "terminated", "stopping", "stopped")


def _read(on: Connection, config: Fields) -> Fields:
    filters = filters_of(config, instance_state_name=config["instance_state_names"] or ["running"])
    filters = [*(filters or ()), *tag_filters(config["instance_tags"])]
    reservations = on.pages("ec2", "DescribeInstances", "Reservations", Filters=filters)
    found = [one for reservation in reservations for one in reservation["Instances"]]
    return {
        "id": on.session.region,
        "ids": [one["InstanceId"] for one in found],
        "ipv6_addresses": [one["Ipv6Address"] for one in found if one.get("Ipv6Address")],
        "private_ips": [one["PrivateIpAddress"] for one in found if one.get("PrivateIpAddress")],
        "public_ips": [one["PublicIpAddress"] for one in found if one.get("PublicIpAddress")],
    }


DATA_SOURCE: Final = DataSource(
    name="aws_instances",
    fields={
        "filter": FILTER,
        "id": either(STRING),
        "ids": computed(ListType(STRING)),
        "instance_state_names": optional(SetType(STRING), each(one_of(*_STATES))),
        "instance_tags": either(MapType(STRING)),
        "ipv6_addresses": computed(ListType(STRING)),
        "private_ips": computed(ListType(STRING)),
        "public_ips": computed(ListType(STRING)),
        "timeouts": timeouts("read"),
    },
    read=_read,
)
