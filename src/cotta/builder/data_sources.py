"""The data sources of templates: what is asked before the builds begin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cotta.builder.sources.amazon.access import access_of
from cotta.builder.sources.amazon.cloud import Cloud
from cotta.builder.sources.amazon.finding import choose_image, find_images
from cotta.system.clock import SystemClock
from cotta.values.types import STRING
from cotta.values.value import MapValue, ObjectValue, make_string

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotta.builder.options.values import Options
    from cotta.clouds.which import Access
    from cotta.values.value import Value


def read(kind: str, options: Options, access: Callable[[], Access]) -> Value:
    """Return what a data source answers; raises `BuildError`.

    `access` is asked for only by those that talk to a cloud.
    """
    match kind:
        case "amazon-ami":
            return _amazon_ami(options, access())
        case "null":
            return ObjectValue({"output": make_string(options.text("input"))})
    raise KeyError(kind)


def _amazon_ami(options: Options, access: Access) -> Value:
    cloud = Cloud(access_of(options, access), SystemClock())
    try:
        image: dict[str, Any] = choose_image(find_images(cloud, options), options)
    finally:
        cloud.close()
    tags = {tag["Key"]: make_string(tag["Value"]) for tag in image.get("Tags", [])}
    return ObjectValue(
        {
            "id": make_string(image["ImageId"]),
            "name": make_string(image.get("Name", "")),
            "creation_date": make_string(image.get("CreationDate", "")),
            "owner": make_string(image.get("OwnerId", "")),
            "owner_name": make_string(image.get("ImageOwnerAlias", "")),
            "tags": MapValue(STRING, dict(sorted(tags.items()))),
        }
    )
