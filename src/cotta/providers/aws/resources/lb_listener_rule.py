"""`aws_lb_listener_rule`: what a listener does with some of what comes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from cotta.providers.aws.adopting import make_or_adopt
from cotta.providers.aws.checks import is_arn
from cotta.providers.aws.declare import Resource, computed, either, required
from cotta.providers.aws.plain import same_plain
from cotta.providers.aws.resources.balancing_calls import (
    RULE,
    found_tags,
    lookups_of,
    update_balancing_tags,
)
from cotta.providers.aws.resources.lb_action_fields import actions
from cotta.providers.aws.resources.lb_actions import (
    check_actions,
    encode_actions,
    found_actions,
    plan_actions,
)
from cotta.providers.aws.resources.lb_conditions import (
    CONDITIONS,
    check_conditions,
    encode_conditions,
    found_conditions,
)
from cotta.providers.aws.retrying import again_while
from cotta.providers.aws.tags import TAGS, as_list
from cotta.values.types import NUMBER, STRING

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields
    from cotta.providers.aws.planning import Draft

_IN_USE: Final = "PriorityInUse"
_RETRIES: Final = timedelta(minutes=5)
# What the rule that every listener has is known by.
_OF_DEFAULT: Final = 99_999


def _create(on: Connection, wanted: Fields) -> str:
    if wanted["priority"]:
        return _create_at(on, wanted, int(wanted["priority"]))
    # Another rule, perhaps of this very plan, may get the next number first.
    return again_while(
        on,
        _IN_USE,
        lambda: _create_at(on, wanted, _highest(on, wanted["listener_arn"]) + 1),
        "a free priority",
        _RETRIES,
    )


def _create_at(on: Connection, wanted: Fields, priority: int) -> str:
    listener = wanted["listener_arn"]

    def make() -> str:
        answer = on.call(
            "elbv2",
            "CreateRule",
            ListenerArn=listener,
            Actions=encode_actions(wanted["action"]),
            Conditions=encode_conditions(wanted["condition"]),
            Priority=priority,
            Tags=as_list(wanted["tags_all"]) or None,
        )
        return str(answer["Rules"][0]["RuleArn"])

    def find() -> str | None:
        for rule in _rules(on, listener):
            same = _alike(found_conditions(rule["Conditions"]), wanted["condition"])
            if rule["Priority"] == str(priority) and same:
                return str(rule["RuleArn"])
        return None

    return make_or_adopt(make, find)


def _alike(one: list[Fields], other: list[Fields]) -> bool:
    """Say whether two lists of conditions are the same, in whatever order they and values are."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: plain(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return sorted((plain(inner) for inner in value), key=repr)
        return value

    return same_plain(plain(one), plain(other))


def _rules(on: Connection, listener: str) -> list[Any]:
    return list(on.pages("elbv2", "DescribeRules", "Rules", ListenerArn=listener))


def _highest(on: Connection, listener: str) -> int:
    numbers = [int(one["Priority"]) for one in _rules(on, listener) if one["Priority"].isdecimal()]
    return max(numbers, default=0)


def _read(on: Connection, prior: Fields) -> Fields | None:
    arn = prior["id"]
    rule = on.find(RULE, arn)
    if rule is None:
        return None
    priority = rule["Priority"]
    return {
        "action": found_actions(rule["Actions"], prior.get("action") or []),
        "arn": arn,
        "condition": found_conditions(rule["Conditions"]),
        "listener_arn": arn.replace(":listener-rule/", ":listener/").rpartition("/")[0],
        "priority": _OF_DEFAULT if priority == "default" else int(priority),
        **found_tags(on, arn, prior),
    }


def _update(on: Connection, prior: Fields, wanted: Fields) -> None:
    arn = prior["id"]
    if wanted["priority"] != prior["priority"]:
        pair = {"RuleArn": arn, "Priority": wanted["priority"]}
        on.call("elbv2", "SetRulePriorities", RulePriorities=[pair])
    change: Fields = {}
    if wanted["action"] != prior["action"]:
        change["Actions"] = encode_actions(wanted["action"])
    if not _alike(wanted["condition"], prior["condition"]):
        change["Conditions"] = encode_conditions(wanted["condition"])
    if change:
        on.call("elbv2", "ModifyRule", RuleArn=arn, **change)
    update_balancing_tags(on, prior, wanted)


def _delete(on: Connection, prior: Fields) -> None:
    on.call("elbv2", "DeleteRule", RuleArn=prior["id"])


def _is_priority(number: float) -> str | None:
    if 1 <= number <= 50_000 or number == _OF_DEFAULT:
        return None
    return f"needs a number between 1 and 50000, and this is {number}"


def _customise(draft: Draft) -> None:
    plan_actions(draft, "action")


def _named(name: str) -> Resource:
    return Resource(
        name=name,
        fields={
            "action": actions(has_defaults=True),
            "arn": computed(STRING),
            "condition": CONDITIONS,
            "id": either(STRING),
            "listener_arn": required(STRING, is_arn, replaces=True),
            "priority": either(NUMBER, _is_priority),
            **TAGS,
        },
        create=_create,
        read=_read,
        update=_update,
        delete=_delete,
        customise=_customise,
        validate=lambda config: [
            *check_actions("action", config["action"]),
            *check_conditions(config["condition"]),
        ],
        lookups=lambda prior: lookups_of(RULE, prior["id"]),
    )


RESOURCES: Final = (_named("aws_lb_listener_rule"), _named("aws_alb_listener_rule"))
