"""Addresses and prefixes of IP networks, by Go's rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cotta.values.functions import ArgumentError, Function, FunctionError, Parameter
from cotta.values.types import BOOL, NUMBER, STRING, ListType
from cotta.values.value import ListValue

if TYPE_CHECKING:
    from cotta.values.numbers import Number
    from cotta.values.value import Value


@dataclass(frozen=True, slots=True)
class Network:
    """A prefix: the first address as a number, and how many of `bits` are fixed."""

    address: int
    length: int
    bits: int

    @property
    def host_bits(self) -> int:
        """How many bits are free."""
        return self.bits - self.length


# --- reading and writing ------------------------------------------------------------

_MAPPED: Final = 0xFFFF << 32


def _parse_ipv4(text: str) -> int | None:
    parts = text.split(".")
    if len(parts) != 4:
        return None
    address = 0
    for part in parts:
        # Leading zeros are read over, as Go once did and Terraform still does.
        if re.fullmatch(r"[0-9]+", part) is None or len(part.lstrip("0")) > 3 or int(part) > 255:
            return None
        address = address << 8 | int(part)
    return address


def _parse_groups(text: str) -> list[int] | None:
    """Return the 16-bit groups of a part of an IPv6 address; None if it is none."""
    if not text:
        return []
    groups: list[int] = []
    parts = text.split(":")
    for at, part in enumerate(parts):
        if "." in part and at == len(parts) - 1:
            tail = _parse_ipv4(part)
            if tail is None:
                return None
            groups += [tail >> 16, tail & 0xFFFF]
        elif re.fullmatch(r"0*[0-9a-fA-F]{1,4}", part):
            groups.append(int(part, 16))
        else:
            return None
    return groups


def _parse_ipv6(text: str) -> int | None:
    head_text, gap, tail_text = text.partition("::")
    head, tail = _parse_groups(head_text), _parse_groups(tail_text)
    if head is None or tail is None or (gap and "." in head_text):
        return None
    missing = 8 - len(head) - len(tail)
    if missing < (1 if gap else 0) or (missing and not gap):
        return None
    address = 0
    for group in [*head, *[0] * missing, *tail]:
        address = address << 16 | group
    return address


def _parse_address(text: str) -> tuple[int, int] | None:
    """Return the address and its bits; None if the text is none."""
    address = _parse_ipv6(text) if ":" in text else _parse_ipv4(text)
    if address is None:
        return None
    return address, 128 if ":" in text else 32


def parse_prefix(text: str) -> Network | None:
    """Return the network that the text, such as `10.0.0.0/8`, is an address of; None if none."""
    address_text, slash, length_text = text.partition("/")
    parsed = _parse_address(address_text)
    if not slash or parsed is None or re.fullmatch(r"[0-9]{1,6}", length_text) is None:
        return None
    address, bits = parsed
    length = int(length_text)
    if length > bits:
        return None
    free = bits - length
    return Network(address >> free << free, length, bits)


def _is_mapped(address: int, bits: int) -> bool:
    return bits == 128 and address >> 32 == _MAPPED >> 32


def _format_ipv4(address: int) -> str:
    return ".".join(str(address >> shift & 255) for shift in (24, 16, 8, 0))


def format_address(address: int, bits: int) -> str:
    """Return the address; one of IPv4 inside IPv6 is written as IPv4, as Go does."""
    if bits == 32 or _is_mapped(address, bits):
        return _format_ipv4(address & 0xFFFFFFFF)
    from ipaddress import IPv6Address

    return IPv6Address(address).compressed


def format_network(network: Network) -> str:
    """Return the network as address and length."""
    length = network.length
    if _is_mapped(network.address, network.bits):
        if length < 96:
            return f"{format_address(network.address, network.bits)}/{length}"
        length -= 96
    return f"{format_address(network.address, network.bits)}/{length}"


# --- functions ----------------------------------------------------------------------


def _network(prefix: str) -> Network:
    network = parse_prefix(prefix)
    if network is None:
        raise FunctionError(
            'a network is written as its address, a slash and a length, such as "10.0.0.0/8"'
        )
    return network


def _whole(number: Number) -> int:
    """Return a number of any size as an int; `FunctionError` unless it is whole."""
    if number == 0:
        return 0  # minus zero too
    if type(number) is not int:
        raise FunctionError("a whole number is required")
    return number


def _cidrhost(prefix: str, hostnum: Number) -> Value:
    number = _whole(hostnum)
    network = _network(prefix)
    last = (1 << network.host_bits) - 1
    if not -last - 1 <= number <= last:
        raise FunctionError(
            f"a prefix of {network.length} bits has no room for a host numbered {number}"
        )
    return format_address(network.address | number & last, network.bits)


def _cidrnetmask(prefix: str) -> Value:
    network = _network(prefix)
    if network.bits != 32:
        raise FunctionError("IPv6 networks have no netmask; the length of the prefix says it all")
    return _format_ipv4((1 << 32) - (1 << network.host_bits))


def _cidrsubnet(prefix: str, newbits: Number, netnum: Number) -> Value:
    more, number = _whole(newbits), _whole(netnum)
    network = _network(prefix)
    length = network.length + more
    if not 0 <= length <= network.bits:
        raise FunctionError(
            f"a prefix of {length} bits does not fit an address of {network.bits} bits"
        )
    # A prefix that gets shorter makes no room for numbers, but 0 is as good as none.
    if not 0 <= number < 1 << max(more, 0):
        raise FunctionError(f"{more} bits more have no room for a subnet numbered {number}")
    address = network.address | number << network.bits - length
    return format_network(Network(address, length, network.bits))


_MOST_MORE_BITS: Final = 32


def _cidrsubnets(prefix: str, *newbits: Number) -> Value:
    try:
        network = _network(prefix)
    except FunctionError as error:
        raise ArgumentError(0, str(error)) from None
    subnets: list[Value] = []
    free = network.address
    end = network.address + (1 << network.host_bits)
    for at, number in enumerate(newbits):
        if type(number) is not int:
            raise ArgumentError(at + 1, "a whole number is required")
        more = number
        if more < 1:
            raise ArgumentError(at + 1, "a subnet's prefix must be at least one bit longer")
        if more > _MOST_MORE_BITS:
            raise ArgumentError(
                at + 1, f"a subnet's prefix must not be more than {_MOST_MORE_BITS} bits longer"
            )
        length = network.length + more
        if length > network.bits:
            raise ArgumentError(
                at + 1,
                f"a prefix of {length} bits is too long for an address of {network.bits} bits",
            )
        size = 1 << network.bits - length
        start = -(-free // size) * size
        if start >= end:
            raise ArgumentError(
                at + 1, f"there is no room left in the network for a prefix of {length} bits"
            )
        subnets.append(format_network(Network(start, length, network.bits)))
        free = start + size
    return ListValue(STRING, tuple(subnets))


def _cidrcontains(containing_prefix: str, contained_ip_or_prefix: str) -> Value:
    outer = _network(containing_prefix)
    inner = parse_prefix(contained_ip_or_prefix)
    if inner is None:
        parsed = _parse_address(contained_ip_or_prefix)
        if parsed is None:
            raise ArgumentError(1, "this is neither an address nor a network")
        inner = Network(parsed[0], parsed[1], parsed[1])
    if inner.bits != outer.bits:
        raise FunctionError("an address of IPv4 and one of IPv6 can't be compared")
    return inner.length >= outer.length and not ((inner.address ^ outer.address) >> outer.host_bits)


_PREFIX: Final = Parameter("prefix", STRING)

FUNCTIONS: Final[tuple[Function, ...]] = (
    Function(
        name="cidrhost",
        description="Returns the address of a host in a network by its number; "
        "negative numbers count from the end.",
        parameters=(_PREFIX, Parameter("hostnum", NUMBER)),
        result=STRING,
        implementation=_cidrhost,
    ),
    Function(
        name="cidrnetmask",
        description="Returns the netmask of an IPv4 network.",
        parameters=(_PREFIX,),
        result=STRING,
        implementation=_cidrnetmask,
    ),
    Function(
        name="cidrsubnet",
        description="Returns a subnet of a network: so many bits longer, with that number.",
        parameters=(_PREFIX, Parameter("newbits", NUMBER), Parameter("netnum", NUMBER)),
        result=STRING,
        implementation=_cidrsubnet,
    ),
    Function(
        name="cidrsubnets",
        description="Returns subnets of a network, one after the other, each so many bits longer.",
        parameters=(_PREFIX,),
        variadic=Parameter("newbits", NUMBER),
        result=ListType(STRING),
        implementation=_cidrsubnets,
    ),
)

OPENTOFU_FUNCTIONS: Final[tuple[Function, ...]] = (
    Function(
        name="cidrcontains",
        description="Says whether an address or a network lies in a network.",
        parameters=(
            Parameter("containing_prefix", STRING),
            Parameter("contained_ip_or_prefix", STRING),
        ),
        result=BOOL,
        implementation=_cidrcontains,
    ),
)
