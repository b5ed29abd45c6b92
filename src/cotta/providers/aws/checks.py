"""What a value may be: each function returns a check, which returns a sentence or None."""

from __future__ import annotations

import json
import re
from ipaddress import ip_network
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
