"""What a value may be: each function returns a check, which returns a sentence or None."""

from __future__ import annotations

import base64
import binascii
import json
import re
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cotta.providers.aws.declare import Check


def length(least: int, most: int) -> Check:
    """Allow strings of so many characters."""

    def check(text: str) -> str | None:
        if least <= len(text) <= most:
            return None
        return f"needs between {least} and {most} characters, and this has {len(text)}"

    return check


def between(least: int, most: int) -> Check:
    """Allow numbers from `least` to `most`, both included."""

    def check(number: float) -> str | None:
        if least <= number <= most:
            return None
        return f"needs a number between {least} and {most}, and this is {number}"

    return check


def at_least(least: int) -> Check:
    """Allow numbers from `least` on."""

    def check(number: float) -> str | None:
        return None if number >= least else f"can't be less than {least}, and this is {number}"

    return check


def one_of(*allowed: str) -> Check:
    """Allow these strings."""

    def check(text: str) -> str | None:
        if text in allowed:
            return None
        words = ", ".join(f'"{each}"' for each in allowed)
        return f'needs to be one of {words}, and this is "{text}"'

    return check


def matches(pattern: str, sentence: str) -> Check:
    """Allow strings in which the pattern is found; `sentence` goes on from the attribute's name."""
    compiled = re.compile(pattern)

    def check(text: str) -> str | None:
        return None if compiled.search(text) else f'{sentence}, and this is "{text}"'

    return check


def each(inner: Check) -> Check:
    """Allow collections of which every element passes."""

    def check(values: Any) -> str | None:
        for value in values.values() if isinstance(values, dict) else values:
            if isinstance(value, str | int | float) and (wrong := inner(value)) is not None:
                return wrong
        return None

    return check


def is_arn(text: str) -> str | None:
    """Allow Amazon resource names."""
    if (
        re.match(r"^arn:[\w-]+:[\w-]+:[\w-]*:(\d{12}|aws|aws-managed|third-party|)?:.+$", text)
        or text == ""
    ):
        return None
    return f'needs an ARN such as "arn:aws:service:region:account:resource", and this is "{text}"'


def is_address(version: int) -> Check:
    """Allow single addresses of IPv4 or IPv6, as `version` says."""

    def check(text: str) -> str | None:
        try:
            if ip_address(text).version == version:
                return None
        except ValueError:
            pass
        return f'needs an address of IPv{version}, and this is "{text}"'

    return check


def is_base64(text: str) -> str | None:
    """Allow what is encoded in base64."""
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return "needs text in base64, as base64encode makes it"
    return None


_TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")


def is_time(text: str) -> str | None:
    """Allow moments as RFC 3339 writes them."""
    try:
        if _TIME.match(text):
            datetime.fromisoformat(text)
            return None
    except ValueError:
        pass
    return f'needs a time such as "2026-01-31T12:00:00Z", and this is "{text}"'


_RULE_LENGTH = length(0, 255)
_RULE_CHARACTERS = matches(
    r"^[0-9A-Za-z_ .:/()#,@\[\]+=&;\{\}!$*-]*$", "has characters that AWS refuses"
)


def is_rule_description(text: str) -> str | None:
    """Allow what the description of a security group or of its rule may be."""
    return _RULE_LENGTH(text) or _RULE_CHARACTERS(text)


def is_json(text: str) -> str | None:
    """Allow JSON."""
    try:
        json.loads(text)
    except ValueError as error:
        return f"needs JSON, and this is none: {error}"
    return None


def is_cidr(text: str) -> str | None:
    """Allow blocks of addresses, of which the bits of the host are 0."""
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return f'needs a block of addresses such as "10.0.0.0/16", and this is "{text}"'
    if "/" not in text:
        example = f"{text}/{network.prefixlen}"
        return f'needs a block of addresses such as "{example}", and "{text}" has no length'
    if str(network) != text.lower() and network.version == 4:
        return f'has bits of a host set in "{text}"; the block is "{network}"'
    return None


def same_json(one: str, other: str) -> bool:
    """Say whether two texts are the same JSON in other words."""
    try:
        return bool(json.loads(one) == json.loads(other))
    except ValueError:
        return False


def same_in_any_order(one: list[Any], other: list[Any]) -> bool:
    """Say whether two lists hold the same."""
    return sorted(map(repr, one)) == sorted(map(repr, other))


def same_but_case(one: str, other: str) -> bool:
    """Say whether two texts differ in upper and lower case alone."""
    return one.lower() == other.lower()
