"""`data "aws_availability_zones"`: the zones of the region, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.providers.aws.checks import one_of
from cotta.providers.aws.data_sources.finding import FILTER, filters_of
from cotta.providers.aws.declare import DataSource, computed, either, optional, timeouts
from cotta.values.types import BOOL, STRING, ListType, SetType

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields


def _read(on: Connection, config: Fields) -> Fields:
    answer = on.call(
        "ec2",
        "DescribeAvailabilityZones",
        AllAvailabilityZones=config["all_availability_zones"] or None,
        Filters=filters_of(config, state=config["state"]),
    )
    names, ids = config["exclude_names"] or (), config["exclude_zone_ids"] or ()
    zones = sorted(
        (
            zone
            for zone in answer["AvailabilityZones"]
            if zone["ZoneName"] not in names and zone["ZoneId"] not in ids
        ),
        key=lambda zone: str(zone["ZoneName"]),
    )
    return {
        "group_names": sorted({zone.get("GroupName", "") for zone in zones}),
        "id": on.session.region,
        "names": [zone["ZoneName"] for zone in zones],
        "zone_ids": [zone["ZoneId"] for zone in zones],
    }


DATA_SOURCE: Final = DataSource(
    name="aws_availability_zones",
    fields={
        "all_availability_zones": optional(BOOL),
        "exclude_names": optional(SetType(STRING)),
        "exclude_zone_ids": optional(SetType(STRING)),
        "filter": FILTER,
        "group_names": computed(SetType(STRING)),
        "id": either(STRING),
        "names": computed(ListType(STRING)),
        "state": optional(
            STRING, one_of("available", "information", "impaired", "unavailable", "constrained")
        ),
        "timeouts": timeouts("read"),
        "zone_ids": computed(ListType(STRING)),
    },
    read=_read,
)
