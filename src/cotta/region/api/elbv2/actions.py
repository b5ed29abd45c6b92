"""Actions: what becomes of a request, from the API's form and back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.elbv2.lookups import arn_of, require_group, validation_error
from cotta.region.model import Action, FixedResponse, Forward, Redirect, WeightedGroup
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cotta.region.api.calls import Call
    from cotta.region.store.store import Reading

_MOST_GROUPS: Final = 5
_STATUS: Final = re.compile(r"[245][0-9][0-9]")
_CONTENT_TYPES: Final = (
    "text/plain",
    "text/css",
    "text/html",
    "application/javascript",
    "application/json",
)
_LONGEST_BODY: Final = 1024
# Protocol, port, host and path together: one of them must change, or the client comes back here.
_UNCHANGED: Final = ("#{protocol}", "#{port}", "#{host}", "/#{path}")


def decode_action(rows: Reading, given: Sequence[Mapping[str, Any]]) -> Action:
    """Return the one action of a listener or rule.

    AWS lets a sign-in come before it, which has no place here.
    """
    for one in given:
        if one["Type"] not in {"forward", "redirect", "fixed-response"}:
            raise ApiError(
                "InvalidLoadBalancerAction",
                f"Actions of type '{one['Type']}' are not provided by the local region; "
                "there are forward, redirect and fixed-response",
            )
    if len(given) != 1:
        raise validation_error(
            "You must specify exactly one action that is a forward, a redirect or a fixed-response"
        )
    (one,) = given
    order = one.get("Order")
    match one["Type"]:
        case "forward":
            return Action(forward=_decode_forward(rows, one), order=order)
        case "redirect":
            return Action(redirect=_decode_redirect(one.get("RedirectConfig")), order=order)
        case _:
            fixed = _decode_fixed(one.get("FixedResponseConfig"))
            return Action(fixed_response=fixed, order=order)


def _decode_forward(rows: Reading, given: Mapping[str, Any]) -> Forward:
    config, arn = given.get("ForwardConfig"), given.get("TargetGroupArn")
    if config is None:
        if arn is None:
            raise validation_error("A forward action needs a target group")
        return Forward(groups=(WeightedGroup(require_group(rows, arn).id),))
    groups = tuple(
        WeightedGroup(require_group(rows, one["TargetGroupArn"]).id, one.get("Weight", 1))
        for one in config.get("TargetGroups", ())
    )
    if not 1 <= len(groups) <= _MOST_GROUPS:
        raise validation_error(f"A forward action takes 1 to {_MOST_GROUPS} target groups")
    if len({one.target_group for one in groups}) < len(groups):
        raise validation_error("A target group can be named only once in a forward action")
    if any(not 0 <= one.weight <= 999 for one in groups):
        raise validation_error("The weight of a target group must be from 0 to 999")
    stickiness = config.get("TargetGroupStickinessConfig", {})
    return Forward(
        groups=groups,
        sticky_seconds=stickiness.get("DurationSeconds") if stickiness.get("Enabled") else None,
        is_simple=False,
    )


def _decode_redirect(given: Mapping[str, Any] | None) -> Redirect:
    if given is None:
        raise validation_error("A redirect action needs a RedirectConfig")
    redirect = Redirect(
        status=int(given["StatusCode"].removeprefix("HTTP_")),
        protocol=given.get("Protocol", "#{protocol}"),
        host=given.get("Host", "#{host}"),
        port=given.get("Port", "#{port}"),
        path=given.get("Path", "/#{path}"),
        query=given.get("Query", "#{query}"),
    )
    if redirect.protocol not in {"HTTP", "HTTPS", "#{protocol}"}:
        raise validation_error(f"The protocol '{redirect.protocol}' is not HTTP or HTTPS")
    if not redirect.path.startswith("/"):
        raise validation_error(f"The path '{redirect.path}' must begin with '/'")
    if (redirect.protocol, redirect.port, redirect.host, redirect.path) == _UNCHANGED:
        raise ApiError(
            "InvalidLoadBalancerAction",
            "The redirect would go in a circle: at least one of protocol, port, host and path "
            "must differ from the request's",
        )
    return redirect


def _decode_fixed(given: Mapping[str, Any] | None) -> FixedResponse:
    if given is None:
        raise validation_error("A fixed-response action needs a FixedResponseConfig")
    status, content_type, body = (
        given["StatusCode"],
        given.get("ContentType"),
        given.get("MessageBody"),
    )
    if not _STATUS.fullmatch(status):
        raise validation_error(f"The status code '{status}' must be 2XX, 4XX or 5XX")
    if content_type and content_type not in _CONTENT_TYPES:
        raise validation_error(
            f"The content type '{content_type}' must be one of: {', '.join(_CONTENT_TYPES)}"
        )
    if body and len(body) > _LONGEST_BODY:
        raise validation_error(
            f"The message body must not be longer than {_LONGEST_BODY} characters"
        )
    return FixedResponse(status=int(status), content_type=content_type or None, body=body or None)


def encode_action(call: Call, action: Action) -> list[dict[str, Any]]:
    """Return an action as the API lists it."""
    encoded: dict[str, Any] = {"Order": action.order}
    if action.forward is not None:
        encoded |= {"Type": "forward", **_encode_forward(call, action.forward)}
    elif action.redirect is not None:
        redirect = action.redirect
        encoded |= {
            "Type": "redirect",
            "RedirectConfig": {
                "Protocol": redirect.protocol,
                "Port": redirect.port,
                "Host": redirect.host,
                "Path": redirect.path,
                "Query": redirect.query,
                "StatusCode": f"HTTP_{redirect.status}",
            },
        }
    elif action.fixed_response is not None:
        fixed = action.fixed_response
        encoded |= {
            "Type": "fixed-response",
            "FixedResponseConfig": {
                "StatusCode": str(fixed.status),
                "ContentType": fixed.content_type,
                "MessageBody": fixed.body,
            },
        }
    return [encoded]


def _encode_forward(call: Call, forward: Forward) -> dict[str, Any]:
    arns = [arn_of(call, "targetgroup", one.target_group) for one in forward.groups]
    stickiness: dict[str, Any] = {"Enabled": forward.sticky_seconds is not None}
    if forward.sticky_seconds is not None:
        stickiness["DurationSeconds"] = forward.sticky_seconds
    return {
        "TargetGroupArn": arns[0] if len(arns) == 1 else None,
        "ForwardConfig": {
            "TargetGroups": [
                {"TargetGroupArn": arn, "Weight": one.weight}
                for arn, one in zip(arns, forward.groups, strict=True)
            ],
            "TargetGroupStickinessConfig": stickiness,
        },
    }
