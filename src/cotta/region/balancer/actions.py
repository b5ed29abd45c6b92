"""Conditions and actions of rules, in HAProxy's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.region.balancer.quoting import quote, quote_argument, quote_format, regex_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.region.model import (
        Action,
        Condition,
        FixedResponse,
        Forward,
        Listener,
        QueryPair,
        Redirect,
        TargetGroupId,
    )

# The cookie by which a client stays with one of a rule's target groups.
_GROUP_COOKIE: Final = "AWSALBTG"

_PARTS: Final = {
    "#{protocol}": "http",
    "#{host}": "%[req.hdr(host),field(1,:)]",
    "#{path}": "%[path,regsub(^/,)]",
    "#{query}": "%[query]",
}


def backend_name(group: TargetGroupId) -> str:
    """Return what a target group is called there."""
    return group.replace("/", ":")


# --- conditions -------------------------------------------------------------------------


def condition_words(condition: Condition) -> str:
    """Return a condition as HAProxy tests it."""
    match condition.field:
        case "host-header":
            return _matching("req.hdr(host),field(1,:)", condition.values, "-i ")
        case "path-pattern":
            return _matching("path", condition.values)
        case "http-header":
            assert condition.header is not None
            return _matching(
                f"req.fhdr({quote_argument(condition.header)})", condition.values, "-i "
            )
        case "http-request-method":
            methods = " ".join(quote(one) for one in condition.values)
            return f"{{ method -m str -- {methods} }}"
        case "query-string":
            patterns = " ".join(quote(_query_regex(pair)) for pair in condition.pairs)
            return f"{{ query -m reg -i -- {patterns} }}"
        case "source-ip":
            return f"{{ src {' '.join(condition.values)} }}"
        case other:
            raise AssertionError(other)


def _matching(sample: str, values: tuple[str, ...], flags: str = "") -> str:
    patterns = " ".join(quote(f"^{regex_of(one)}$") for one in values)
    return f"{{ {sample} -m reg {flags}-- {patterns} }}"


def _query_regex(pair: QueryPair) -> str:
    key = "[^&=]*" if pair.key is None else _within(pair.key)
    return f"(^|&){key}={_within(pair.value)}(&|$)"


def _within(pattern: str) -> str:
    """Return the expression of a pattern that doesn't go beyond its part of the query."""
    return regex_of(pattern).replace(".*", "[^&]*")


# --- actions ----------------------------------------------------------------------------


def action_lines(listener: Listener, index: int, action: Action) -> Iterator[str]:
    """Give the lines for an action: of the rule with a number, or of none with 0."""
    chosen = f"{{ var(txn.rule) -m int {index} }}"
    if action.forward is not None:
        yield from _forward(index, action.forward, chosen)
    elif action.redirect is not None:
        yield from _redirect(listener, action.redirect, chosen)
    elif action.fixed_response is not None:
        yield _fixed(action.fixed_response, chosen)
    else:
        raise AssertionError(action)


def _fixed(fixed: FixedResponse, chosen: str) -> str:
    line = f"http-request return status {fixed.status}"
    if fixed.body is not None:
        line += f" content-type {quote(fixed.content_type or 'text/plain')}"
        line += f" string {quote(fixed.body)}"
    return f"{line} hdr Server awselb/2.0 if {chosen}"


def _redirect(listener: Listener, redirect: Redirect, chosen: str) -> Iterator[str]:
    protocol = redirect.protocol.lower()
    parts = {**_PARTS, "#{port}": str(listener.port)}
    place = f"{protocol}://{redirect.host}:{redirect.port}{redirect.path}"
    # Without a query there is no question mark either.
    asks_on = redirect.query == "#{query}"
    if redirect.query:
        condition = f"{chosen} {{ query -m found }}" if asks_on else chosen
        location = _filled(f"{place}?{redirect.query}", parts)
        yield f"http-request redirect location {location} code {redirect.status} if {condition}"
    if asks_on or not redirect.query:
        location = _filled(place, parts)
        yield f"http-request redirect location {location} code {redirect.status} if {chosen}"


def _filled(text: str, parts: dict[str, str]) -> str:
    """Return a text as a word in which HAProxy puts the request's own parts."""
    for name, part in parts.items():
        head, found, tail = text.partition(name)
        if found:
            return _filled(head, parts) + part + _filled(tail, parts)
    return quote_format(text) if text else ""


def _forward(index: int, forward: Forward, chosen: str) -> Iterator[str]:
    if len(forward.groups) == 1:
        yield f"use_backend {backend_name(forward.groups[0].target_group)} if {chosen}"
        return
    total = sum(one.weight for one in forward.groups)
    share, choice = f"txn.share{index}", f"txn.group{index}"
    if total:
        yield f"http-request set-var({share}) rand({total}) if {chosen}"
    if forward.sticky_seconds is not None:
        for number in range(len(forward.groups)):
            kept = f"{{ req.cook({_GROUP_COOKIE}) -m str {index}.{number} }}"
            yield f"http-request set-var({choice}) int({number}) if {chosen} {kept}"
    bound = 0
    for number, one in enumerate(forward.groups):
        bound += one.weight
        fresh = f"!{{ var({choice}) -m found }} {{ var({share}) -m int lt {bound} }}"
        if one.weight:
            yield f"http-request set-var({choice}) int({number}) if {chosen} {fresh}"
    if not total:
        yield f"http-request return status 503 if {chosen}"
    for number, one in enumerate(forward.groups):
        backend = backend_name(one.target_group)
        yield f"use_backend {backend} if {chosen} {{ var({choice}) -m int {number} }}"
    if forward.sticky_seconds is not None:
        for number in range(len(forward.groups)):
            yield (
                f"http-response add-header Set-Cookie "
                f"{_GROUP_COOKIE}={index}.{number};\\x20Max-Age={forward.sticky_seconds};\\x20"
                f"Path=/ if {chosen} {{ var({choice}) -m int {number} }}"
            )
