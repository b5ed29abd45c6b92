"""Which regions AWS has, as botocore knows them: nobody is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class KnownRegion:
    """A region, the partition that it is of, and the end of its hosts' names."""

    name: str
    description: str
    partition: str
    dns_suffix: str

    def endpoint(self, service: str) -> str:
        """Return the host that a service of the region is usually reached at."""
        return f"{service}.{self.name}.{self.dns_suffix}"


def known_regions(session: Any) -> list[KnownRegion]:
    """Return the regions that a botocore session knows of, partition by partition."""
    data = session.get_component("data_loader").load_data("partitions")
    return [
        KnownRegion(name, facts["description"], partition["id"], partition["outputs"]["dnsSuffix"])
        for partition in data["partitions"]
        for name, facts in partition["regions"].items()
        if not name.endswith("-global")
    ]
