"""What a region's network consists of: names and addresses, before anything is made.

A region has a network namespace of its own.  In it are a bridge, with a port for each
machine, and one end of a pair of links; the other end is on the host, which routes the
network's whole range there.  So the host reaches every machine by its private address,
and nothing else of the host's network is touched.

The ports of the bridge are isolated from one another, and the region answers for every
address (proxy ARP): all packets between machines pass the region's own forwarding, and
its rules, as they would in a VPC.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

METADATA_ADDRESS: Final = "169.254.169.254"
# Everything on the host that belongs to any region begins so.
PREFIX: Final = "cotta-"

# As many hexadecimal digits as make a name of 15 characters, the longest for a link.
_PORT_DIGITS: Final = 14


@dataclass(frozen=True, slots=True)
class NetworkPlan:
    """The names and addresses of a region whose id is `region` and whose range is `network`.

    As in a VPC, the first addresses of the range belong to whoever runs it.
    """

    region: str
    network: str

    @property
    def namespace(self) -> str:
        """The region's network namespace."""
        return f"{PREFIX}{self.region}"

    @property
    def host_link(self) -> str:
        """The end of the pair of links that is on the host."""
        return f"{PREFIX}{self.region}"

    @property
    def uplink(self) -> str:
        """The end of the pair of links that is in the region."""
        return "uplink"

    @property
    def bridge(self) -> str:
        """The bridge, in the region's namespace."""
        return "cotta"

    @property
    def bridge_mac(self) -> str:
        """The bridge's hardware address, the same in every region: nobody else sees it."""
        return "02:c0:77:a0:00:01"

    @property
    def table(self) -> str:
        """The region's own table in the host's firewall."""
        return f"cotta_{self.region}"

    @property
    def gateway(self) -> str:
        """The region's own address, which every machine sends to."""
        return str(self._range[1])

    @property
    def host_address(self) -> str:
        """The host's address, as machines see it."""
        return str(self._range[3])

    @property
    def prefix_length(self) -> int:
        """How many bits of the range are fixed."""
        return self._range.prefixlen

    @property
    def _range(self) -> IPv4Network:
        return IPv4Network(self.network)

    def machine_namespace(self, instance: str) -> str:
        """Return the name of a machine's own network namespace."""
        return f"{self.namespace}-{instance}"

    def port(self, instance: str) -> str:
        """Return the name of a machine's port of the bridge."""
        return "m" + instance[-_PORT_DIGITS:]


def name_region(folder: str) -> str:
    """Return the id of the region whose data is in `folder`: the same one every time."""
    return hashlib.sha256(folder.encode("utf-8", "surrogateescape")).hexdigest()[:8]


def free_network(taken: Iterable[str]) -> str:
    """Return a private range of 65,536 addresses that overlaps none of the `taken` ranges.

    The range of AWS's default VPC is preferred.  `ValueError` if there is none left.
    """
    others = [IPv4Network(network, strict=False) for network in taken]
    for candidate in _candidates():
        if not any(candidate.overlaps(other) for other in others):
            return str(candidate)
    raise ValueError("every private range of addresses is in use on this machine")


def overlapping(network: str, taken: Iterable[str]) -> list[str]:
    """Return those of the `taken` ranges that have addresses of `network`."""
    wanted = IPv4Network(network)
    return [other for other in taken if wanted.overlaps(IPv4Network(other, strict=False))]


def first_address(subnet: str) -> str:
    """Return the address of a subnet's router."""
    return str(IPv4Network(subnet)[1])


def is_inside(address: str, network: str) -> bool:
    """Say whether an address is one of a range's."""
    return IPv4Address(address) in IPv4Network(network)


def _candidates() -> Iterator[IPv4Network]:
    # From the far end, because 172.17 and upwards are what Docker takes first.
    for second in range(31, 15, -1):
        yield IPv4Network(f"172.{second}.0.0/16")
    for second in range(255, -1, -1):
        yield IPv4Network(f"10.{second}.0.0/16")
