"""Rules of listeners, in the order of their priorities."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Reads, Writes
from cotta.region.api.elbv2.actions import decode_action, encode_action
from cotta.region.api.elbv2.associations import check_associations
from cotta.region.api.elbv2.conditions import decode_conditions, encode_conditions
from cotta.region.api.elbv2.lookups import (
    arn_of,
    choose,
    parse_arn,
    require_listener,
    require_rule,
    validation_error,
)
from cotta.region.api.tags import decode_tags
from cotta.region.model import Rule, RuleId
from cotta.region.store.kinds import LISTENERS, RULES
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.model import Listener
    from cotta.region.store.store import Reading, Writing

_MOST_PRIORITY: Final = 50_000


def create_rule(call: Call, rows: Writing) -> Answer:
    """Add a rule to a listener."""
    given = call.parameters
    listener = require_listener(rows, given["ListenerArn"])
    rule = Rule(
        id=RuleId(f"{listener.id}/{call.ids.hexadecimal(16)}"),
        listener=listener.id,
        priority=_priority(given["Priority"]),
        conditions=decode_conditions(given["Conditions"]),
        action=decode_action(rows, given["Actions"]),
        tags=decode_tags(given.get("Tags", ())),
    )
    if any(there.priority == rule.priority for there in rows.all(RULES, listener=listener.id)):
        raise _taken(rule.priority)
    check_associations(call, rows, listener.load_balancer, rule.action)
    rows.add(RULES, rule)
    return {"Rules": [_encode(call, rule)]}


def describe_rules(call: Call, rows: Reading) -> Answer:
    """List the rules of a listener, its default one last, or those named."""
    given = call.parameters
    if arns := given.get("RuleArns"):
        return {"Rules": [_named(call, rows, arn) for arn in arns]}
    if not given.get("ListenerArn"):
        raise validation_error("You must specify either listener ARN or rule ARNs")
    listener = require_listener(rows, given["ListenerArn"])
    rules = rows.all(RULES, listener=listener.id)
    shown, marker = choose(call, rules, lambda rule: f"{rule.priority:08}")
    encoded = [_encode(call, rule) for rule in shown]
    if marker is None:
        encoded.append(_encode_default(call, listener))
    return {"Rules": encoded, "NextMarker": marker}


def modify_rule(call: Call, rows: Writing) -> Answer:
    """Change a rule's conditions or action."""
    given = call.parameters
    rule = require_rule(rows, given["RuleArn"])
    changes: dict[str, Any] = {}
    if given.get("Conditions"):
        changes["conditions"] = decode_conditions(given["Conditions"])
    if given.get("Actions"):
        changes["action"] = decode_action(rows, given["Actions"])
        listener = rows.find(LISTENERS, rule.listener)
        assert listener is not None, "a listener takes its rules with it"
        check_associations(call, rows, listener.load_balancer, changes["action"])
    changed = replace(rule, **changes)
    rows.put(RULES, changed)
    return {"Rules": [_encode(call, changed)]}


def delete_rule(call: Call, rows: Writing) -> Answer:
    """Remove a rule."""
    arn = call.parameters["RuleArn"]
    if _default_owner(rows, arn) is not None:
        raise ApiError("OperationNotPermitted", f"Default rule '{arn}' cannot be deleted")
    rows.remove(RULES, require_rule(rows, arn).id)
    return {}


def set_rule_priorities(call: Call, rows: Writing) -> Answer:
    """Give rules other priorities, all at once."""
    pairs = call.parameters["RulePriorities"]
    changed: dict[str, Rule] = {}
    for one in pairs:
        if "RuleArn" not in one or "Priority" not in one:
            raise validation_error("Each of the rule priorities needs a rule ARN and a priority")
        rule = require_rule(rows, one["RuleArn"])
        changed[rule.id] = replace(rule, priority=_priority(one["Priority"]))
    for listener in {rule.listener for rule in changed.values()}:
        seen: set[int] = set()
        for rule in rows.all(RULES, listener=listener):
            priority = changed.get(rule.id, rule).priority
            if priority in seen:
                raise _taken(priority)
            seen.add(priority)
    for rule in changed.values():
        rows.put(RULES, rule)
    return {"Rules": [_encode(call, rule) for rule in changed.values()]}


def _priority(given: int) -> int:
    if not 1 <= given <= _MOST_PRIORITY:
        raise validation_error(f"Priority '{given}' must be in the range [1-{_MOST_PRIORITY}]")
    return given


def _taken(priority: int) -> ApiError:
    return ApiError("PriorityInUse", f"Priority '{priority}' is currently in use")


def _default_owner(rows: Reading, arn: str) -> Listener | None:
    """Return the listener whose default rule an ARN names."""
    identity = parse_arn(arn)[1]
    listener = rows.find(LISTENERS, identity.rpartition("/")[0])
    return listener if listener is not None and listener.default_rule == identity else None


def _named(call: Call, rows: Reading, arn: str) -> dict[str, Any]:
    owner = _default_owner(rows, arn)
    if owner is not None:
        return _encode_default(call, owner)
    return _encode(call, require_rule(rows, arn))


def _encode(call: Call, rule: Rule) -> dict[str, Any]:
    return {
        "RuleArn": arn_of(call, "listener-rule", rule.id),
        "Priority": str(rule.priority),
        "Conditions": encode_conditions(rule.conditions),
        "Actions": encode_action(call, rule.action),
        "IsDefault": False,
    }


def _encode_default(call: Call, listener: Listener) -> dict[str, Any]:
    return {
        "RuleArn": arn_of(call, "listener-rule", listener.default_rule),
        "Priority": "default",
        "Conditions": [],
        "Actions": encode_action(call, listener.action),
        "IsDefault": True,
    }


OPERATIONS: Final[Operations] = {
    "CreateRule": Writes(create_rule),
    "DeleteRule": Writes(delete_rule),
    "DescribeRules": Reads(describe_rules),
    "ModifyRule": Writes(modify_rule),
    "SetRulePriorities": Writes(set_rule_priorities),
}
