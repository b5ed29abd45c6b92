"""Addresses of a subnet: which are free, and what goes with one."""

from __future__ import annotations

import ipaddress
from itertools import islice
from typing import TYPE_CHECKING, Final

from cotta.region.store.kinds import NETWORK_INTERFACES
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.region.model import Subnet
    from cotta.region.store.store import Reading

# AWS keeps the network's own address, three after it, and the last one.
_KEPT_FIRST: Final = 4
_KEPT_LAST: Final = 1


def free_addresses(
    rows: Reading, subnet: Subnet, count: int, *, wanted: str | None = None
) -> list[str]:
    """Return `count` free addresses of a subnet, or as many as there are, the lowest first.

    `wanted` asks for one by name: `ApiError` if it can't be given out.  An address is taken as
    long as there is a network interface with it, a released one too.
    """
    # Of every subnet: those of two networks may overlap, and there is one bridge.
    taken = {interface.private_ip for interface in rows.all(NETWORK_INTERFACES)}
    if wanted is None:
        free = (address for address in _given_out(subnet) if address not in taken)
        return list(islice(free, count))
    _check(wanted, subnet)
    if wanted in taken:
        raise ApiError("InvalidIPAddress.InUse", f"Address {wanted} is in use.")
    if count > 1:
        raise ApiError(
            "InvalidParameterCombination",
            "A private address can be chosen for one instance, and not for several.",
        )
    return [wanted]


def count_free(rows: Reading, subnet: Subnet) -> int:
    """Return how many more addresses a subnet has."""
    network = ipaddress.ip_network(subnet.cidr)
    taken = len(rows.all(NETWORK_INTERFACES, subnet_id=subnet.id))
    return network.num_addresses - _KEPT_FIRST - _KEPT_LAST - taken


def mac_of(address: str) -> str:
    """Return the hardware address that goes with an address: nobody else on the bridge has it."""
    return "02:00:" + ":".join(f"{part:02x}" for part in ipaddress.ip_address(address).packed)


def _given_out(subnet: Subnet) -> Iterator[str]:
    network = ipaddress.ip_network(subnet.cidr)
    for offset in range(_KEPT_FIRST, network.num_addresses - _KEPT_LAST):
        yield str(network[offset])


def _check(wanted: str, subnet: Subnet) -> None:
    network = ipaddress.ip_network(subnet.cidr)
    try:
        address = ipaddress.ip_address(wanted)
    except ValueError:
        raise ApiError(
            "InvalidParameterValue", f"Invalid value '{wanted}' for privateIpAddress."
        ) from None
    if address not in network:
        raise ApiError(
            "InvalidParameterValue", "Address does not fall within the subnet's address range"
        )
    offset = int(address) - int(network.network_address)
    if not _KEPT_FIRST <= offset < network.num_addresses - _KEPT_LAST:
        raise ApiError(
            "InvalidParameterValue",
            f"Address {wanted} is in the subnet's reserved address range: its first four addresses "
            "and its last one are given to nobody.",
        )
