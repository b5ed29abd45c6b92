"""`data "aws_subnets"`: the ids of all subnets that fit; there may be none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.providers.aws.data_sources.finding import FILTER, filters_of
from cotta.providers.aws.declare import DataSource, computed, either, timeouts
from cotta.values.types import STRING, ListType, MapType

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields


def _read(on: Connection, config: Fields) -> Fields:
    found = on.pages("ec2", "DescribeSubnets", "Subnets", Filters=filters_of(config))
    return {"id": on.session.region, "ids": [one["SubnetId"] for one in found]}


DATA_SOURCE: Final = DataSource(
    name="aws_subnets",
    fields={
        "filter": FILTER,
        "id": either(STRING),
        "ids": computed(ListType(STRING)),
        "tags": either(MapType(STRING)),
        "timeouts": timeouts("read"),
    },
    read=_read,
)
