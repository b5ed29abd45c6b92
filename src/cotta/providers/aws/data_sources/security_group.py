"""`data "aws_security_group"`: a security group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.providers.aws.data_sources.finding import (
    FILTER,
    filters_of,
    named,
    tags_of,
    texts,
    the_one,
)
from cotta.providers.aws.declare import DataSource, computed, either, timeouts
from cotta.values.types import STRING, MapType

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields


def _read(on: Connection, config: Fields) -> Fields:
    filters = filters_of(
        config, group_id=config["id"], group_name=config["name"], vpc_id=config["vpc_id"]
    )
    found = list(on.pages("ec2", "DescribeSecurityGroups", "SecurityGroups", Filters=filters))
    group = the_one(
        found, "security group", "security groups", lambda one: named(one, "GroupId", "GroupName")
    )
    session = on.session
    return {
        **texts(group, id="GroupId", name="GroupName", description="Description", vpc_id="VpcId"),
        "arn": f"arn:{session.partition()}:ec2:{session.region}:{group['OwnerId']}:"
        f"security-group/{group['GroupId']}",
        "tags": tags_of(on, group.get("Tags")),
    }


DATA_SOURCE: Final = DataSource(
    name="aws_security_group",
    fields={
        "arn": computed(STRING),
        "description": computed(STRING),
        "filter": FILTER,
        "id": either(STRING),
        "name": either(STRING),
        "tags": either(MapType(STRING)),
        "timeouts": timeouts("read"),
        "vpc_id": either(STRING),
    },
    read=_read,
)
