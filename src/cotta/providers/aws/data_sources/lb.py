"""`data "aws_lb"`: a load balancer, by its ARN, its name or its tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.providers.aws.checks import is_arn
from cotta.providers.aws.data_sources.balancing_search import find_one
from cotta.providers.aws.data_sources.telling import as_told, told
from cotta.providers.aws.declare import DataSource, either, timeouts
from cotta.providers.aws.resources import lb
from cotta.providers.aws.resources.lb_fields import FIELDS as OF_RESOURCE
from cotta.values.types import STRING, MapType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Field, Fields

_NOT_TOLD: Final = ("minimum_load_balancer_capacity", "name_prefix", "tags_all", "timeouts")

FIELDS: Final[Mapping[str, Field]] = {
    **told(OF_RESOURCE, _NOT_TOLD),
    "arn": either(STRING, is_arn),
    "id": either(STRING),
    "name": either(STRING),
    "tags": either(MapType(STRING)),
    "timeouts": timeouts("read"),
}


def _read(on: Connection, config: Fields) -> Fields:
    arn = find_one(on, config, "LoadBalancer", "load balancer")
    # The ARN twice says that the object is no new one, of which everything has to be asked.
    found = lb.RESOURCES[0].read(on, {"id": arn, "arn": arn}) or {}
    return as_told({**found, "id": arn, "tags": found.get("tags_all")}, FIELDS)


def _named(name: str) -> DataSource:
    return DataSource(name=name, fields=FIELDS, read=_read)


DATA_SOURCES: Final = (_named("aws_lb"), _named("aws_alb"))
