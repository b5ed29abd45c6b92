"""What the types of Elastic Load Balancing have in common: lookups, attributes, tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.clouds.errors import CloudError
from cotta.providers.aws.reading import Lookup
from cotta.providers.aws.tags import as_dict, as_list, difference

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cotta.clouds.session import Session
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields

# As many as DescribeTags takes at a time; the others are asked for in the same portions.
_MOST: Final = 20


def _by_arn(operation: str, key: str, parameter: str, identity: str) -> Lookup:
    def ask(session: Session, arns: Sequence[str]) -> Iterable[dict[str, Any]]:
        return session.pages("elbv2", operation, key, **{parameter: list(arns)})

    return Lookup(ask=ask, identify=lambda found: str(found[identity]), most=_MOST)


LOAD_BALANCER: Final = _by_arn(
    "DescribeLoadBalancers", "LoadBalancers", "LoadBalancerArns", "LoadBalancerArn"
)
TARGET_GROUP: Final = _by_arn(
    "DescribeTargetGroups", "TargetGroups", "TargetGroupArns", "TargetGroupArn"
)
LISTENER: Final = _by_arn("DescribeListeners", "Listeners", "ListenerArns", "ListenerArn")
RULE: Final = _by_arn("DescribeRules", "Rules", "RuleArns", "RuleArn")
_TAGS: Final = _by_arn("DescribeTags", "TagDescriptions", "ResourceArns", "ResourceArn")


def lookups_of(lookup: Lookup, arn: str) -> list[tuple[Any, str]]:
    """Return what an object and its tags are read by."""
    return [(lookup, arn), (_TAGS, arn)]


def found_tags(on: Connection, arn: str, prior: Fields) -> Fields:
    """Return `tags` and `tags_all` of a thing.  Raises CloudError."""
    return on.tags.found(tags_of(on, arn), prior)


def tags_of(on: Connection, arn: str) -> dict[str, str]:
    """Return all tags of a thing.  Raises CloudError."""
    return as_dict((on.find(_TAGS, arn) or {}).get("Tags"))


def update_balancing_tags(on: Connection, prior: Fields, wanted: Fields) -> None:
    """Have a thing carry the tags that are wanted.  Raises CloudError."""
    gone, new = difference(prior.get("tags_all") or {}, wanted.get("tags_all") or {})
    if gone:
        on.call("elbv2", "RemoveTags", ResourceArns=[prior["id"]], TagKeys=gone)
    if new:
        on.call("elbv2", "AddTags", ResourceArns=[prior["id"]], Tags=as_list(new))


def attributes_of(on: Connection, kind: str, arn: str) -> dict[str, str]:
    """Return the attributes of a LoadBalancer, TargetGroup or Listener by key, as texts."""
    answer = on.call("elbv2", f"Describe{kind}Attributes", **{f"{kind}Arn": arn})
    return {one["Key"]: one.get("Value", "") for one in answer["Attributes"]}


def modify_attributes(on: Connection, kind: str, arn: str, values: Mapping[str, str]) -> None:
    """Set attributes by key, all in one call, sorted by key; none if there are none."""
    if values:
        on.call(
            "elbv2",
            f"Modify{kind}Attributes",
            Attributes=[{"Key": key, "Value": value} for key, value in sorted(values.items())],
            **{f"{kind}Arn": arn},
        )


def as_text(value: Any) -> str:
    """Return a value as attributes have it: "true", "30", "off"."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def from_text(text: str, kind: type) -> Any:
    """Return what a text of an attribute stands for."""
    if kind is bool:
        return text == "true"
    return int(text) if kind is int and text else text


def missing_is_none(found: Iterable[Any]) -> Any:
    """Return the first of what was found; None if there is nothing, or is said to be nothing."""
    try:
        return next(iter(found), None)
    except CloudError as error:
        if error.is_missing:
            return None
        raise


def refuse_taken(on: Connection, operation: str, name: str, found: Any) -> None:
    """Raise CloudError if a name is taken: AWS would give us somebody else's thing as our own."""
    del on
    if found is not None:
        kind = operation.removeprefix("Create")
        raise CloudError(
            "elbv2",
            operation,
            f"Duplicate{kind}Name",
            f"there is a {kind} named '{name}' already; choose another name, or import it",
        )
