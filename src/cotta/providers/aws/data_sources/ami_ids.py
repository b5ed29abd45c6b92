"""`data "aws_ami_ids"`: all images that fit, the newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.providers.aws.data_sources.finding import FILTER
from cotta.providers.aws.data_sources.image_search import (
    SEARCH,
    find_images,
    newest_first,
    with_name,
)
from cotta.providers.aws.declare import DataSource, computed, either, optional, required, timeouts
from cotta.providers.aws.set_order import checksum
from cotta.values.types import BOOL, STRING, ListType

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields


def _read(on: Connection, config: Fields) -> Fields:
    images = with_name(find_images(on, config), config["name_regex"])
    asked = [
        config[name] for name in ("executable_users", "filter", "include_deprecated", "owners")
    ]
    return {
        "id": str(checksum(repr(asked))),
        "ids": [
            one["ImageId"] for one in newest_first(images, reverse=not config["sort_ascending"])
        ],
        "include_deprecated": bool(config["include_deprecated"]),
        "sort_ascending": bool(config["sort_ascending"]),
    }


DATA_SOURCE: Final = DataSource(
    name="aws_ami_ids",
    fields={
        **SEARCH,
        "filter": FILTER,
        "id": either(STRING),
        "ids": computed(ListType(STRING)),
        "owners": required(ListType(STRING)),
        "sort_ascending": optional(BOOL),
        "timeouts": timeouts("read"),
    },
    read=_read,
)
