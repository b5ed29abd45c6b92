"""`data "aws_region"`: a region, the provider's own if nothing says which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.providers.aws.complaints import NothingFoundError
from cotta.providers.aws.declare import DataSource, computed, either
from cotta.values.types import STRING

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields


def _read(on: Connection, config: Fields) -> Fields:
    name, endpoint = config["name"], config["endpoint"]
    regions = on.session.regions()
    if name is None and endpoint is None:
        name = on.session.region
    found = [
        each
        for each in regions
        if name in (None, each.name) and endpoint in (None, each.endpoint("ec2"))
    ]
    if not found and name == on.session.region:
        # The provider's own may have a name that AWS does not know.
        return {
            "id": name,
            "name": name,
            "endpoint": on.session.endpoint("ec2"),
            "description": name,
        }
    if not found:
        raise NothingFoundError(
            "No such region",
            f"AWS has no region named {name or '(any)'} with the endpoint {endpoint or '(any)'}.",
            "endpoint" if name is None else "name",
        )
    one = found[0]
    return {
        "id": one.name,
        "name": one.name,
        "endpoint": one.endpoint("ec2"),
        "description": one.description,
    }


DATA_SOURCE: Final = DataSource(
    name="aws_region",
    fields={
        "description": computed(STRING),
        "endpoint": either(STRING),
        "id": either(STRING),
        "name": either(STRING),
    },
    read=_read,
)
