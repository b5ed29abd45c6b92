"""What the AWS provider has: every type by its name, each from a file of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.providers.aws.data_sources import region
from cotta.providers.aws.resources import key_pair

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.providers.aws.declare import DataSource, Resource

RESOURCES: Final[Mapping[str, Resource]] = {each.name: each for each in (key_pair.RESOURCE,)}

DATA_SOURCES: Final[Mapping[str, DataSource]] = {each.name: each for each in (region.DATA_SOURCE,)}
