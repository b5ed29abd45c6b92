"""Listeners of load balancers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Reads, Writes
from cotta.region.api.elbv2.actions import decode_action, encode_action
from cotta.region.api.elbv2.associations import check_associations
from cotta.region.api.elbv2.lookups import (
    arn_of,
    choose,
    parse_arn,
    require_balancer,
    require_listener,
    validation_error,
)
from cotta.region.api.tags import decode_tags
from cotta.region.model import Listener, ListenerId, RuleId
from cotta.region.store.kinds import LISTENERS, RULES
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.model import LoadBalancer
    from cotta.region.store.store import Reading, Writing


def create_listener(call: Call, rows: Writing) -> Answer:
    """Have a load balancer listen on a port."""
    given = call.parameters
    balancer = require_balancer(rows, given["LoadBalancerArn"])
    if given.get("Port") is None:
        raise validation_error("A listener port must be specified")
    identity = f"{balancer.id}/{call.ids.hexadecimal(16)}"
    listener = Listener(
        id=ListenerId(identity),
        load_balancer=balancer.id,
        protocol=_protocol(given),
        port=given["Port"],
        action=decode_action(rows, given["DefaultActions"]),
        default_rule=RuleId(f"{identity}/{call.ids.hexadecimal(16)}"),
        tags=decode_tags(given.get("Tags", ())),
    )
    _check_port(rows, balancer, listener)
    check_associations(call, rows, balancer.id, listener.action)
    rows.add(LISTENERS, listener)
    return {"Listeners": [_encode(call, listener)]}


def describe_listeners(call: Call, rows: Reading) -> Answer:
    """List the listeners of a load balancer, or those named."""
    given = call.parameters
    if arns := given.get("ListenerArns"):
        listeners = [require_listener(rows, arn) for arn in arns]
    elif arn := given.get("LoadBalancerArn"):
        listeners = rows.all(LISTENERS, load_balancer=require_balancer(rows, arn).id)
    else:
        raise validation_error("You must specify either listener ARNs or a load balancer ARN")
    shown, marker = choose(call, listeners, LISTENERS.key)
    return {"Listeners": [_encode(call, one) for one in shown], "NextMarker": marker}


def modify_listener(call: Call, rows: Writing) -> Answer:
    """Change a listener's port, protocol or default action."""
    given = call.parameters
    listener = require_listener(rows, given["ListenerArn"])
    changes: dict[str, Any] = {}
    if given.get("Port") is not None:
        changes["port"] = given["Port"]
    if given.get("Protocol") is not None or given.get("Certificates"):
        changes["protocol"] = _protocol({"Protocol": listener.protocol, **given})
    if given.get("DefaultActions"):
        changes["action"] = decode_action(rows, given["DefaultActions"])
        check_associations(call, rows, listener.load_balancer, changes["action"])
    changed = replace(listener, **changes)
    balancer = require_balancer(rows, arn_of(call, "loadbalancer", listener.load_balancer))
    _check_port(rows, balancer, changed)
    rows.put(LISTENERS, changed)
    return {"Listeners": [_encode(call, changed)]}


def delete_listener(call: Call, rows: Writing) -> Answer:
    """Remove a listener and its rules."""
    arn = call.parameters["ListenerArn"]
    require_listener(rows, arn)
    remove_listener(rows, ListenerId(parse_arn(arn)[1]))
    return {}


def remove_listener(rows: Writing, listener: ListenerId) -> None:
    """Remove a listener and its rules."""
    for rule in rows.all(RULES, listener=listener):
        rows.remove(RULES, rule.id)
    rows.remove(LISTENERS, listener)


def describe_listener_certificates(call: Call, rows: Reading) -> Answer:
    """List no certificates: listeners speak HTTP here."""
    require_listener(rows, call.parameters["ListenerArn"])
    return {"Certificates": []}


def _protocol(given: Mapping[str, Any]) -> str:
    protocol = given.get("Protocol")
    if protocol is None:
        raise validation_error("A listener protocol must be specified")
    if protocol == "HTTPS" or given.get("Certificates"):
        raise ApiError(
            "UnsupportedProtocol",
            "The local region's load balancers don't speak HTTPS yet: it has no certificates. "
            "Use HTTP here.",
        )
    if protocol != "HTTP":
        raise validation_error(f"Protocol '{protocol}' must be one of 'HTTP, HTTPS'")
    return "HTTP"


def _check_port(rows: Reading, balancer: LoadBalancer, listener: Listener) -> None:
    for there in rows.all(LISTENERS, load_balancer=balancer.id):
        if there.port == listener.port and there.id != listener.id:
            raise ApiError(
                "DuplicateListener",
                f"A listener already exists on port {listener.port} for load balancer "
                f"'{balancer.name}'",
            )


def _encode(call: Call, listener: Listener) -> dict[str, Any]:
    return {
        "ListenerArn": arn_of(call, "listener", listener.id),
        "LoadBalancerArn": arn_of(call, "loadbalancer", listener.load_balancer),
        "Port": listener.port,
        "Protocol": listener.protocol,
        "DefaultActions": encode_action(call, listener.action),
    }


OPERATIONS: Final[Operations] = {
    "CreateListener": Writes(create_listener),
    "DeleteListener": Writes(delete_listener),
    "DescribeListenerCertificates": Reads(describe_listener_certificates),
    "DescribeListeners": Reads(describe_listeners),
    "ModifyListener": Writes(modify_listener),
}
