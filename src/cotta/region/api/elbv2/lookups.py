"""ARNs to ids and back, and what they name, or a refusal in AWS's words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, TypeVar

from cotta.region.api.pages import page
from cotta.region.store.kinds import LISTENERS, LOAD_BALANCERS, RULES, TARGET_GROUPS
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from cotta.region.api.calls import Call
    from cotta.region.model import Listener, LoadBalancer, Rule, TargetGroup
    from cotta.region.store.kinds import Kind
    from cotta.region.store.store import Reading

R = TypeVar("R")

SERVICE: Final = "elasticloadbalancing"

_NAME: Final = re.compile(r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?")
_ARN: Final = re.compile(
    r"arn:aws[\w-]*:elasticloadbalancing:[\w-]+:\d{12}:"
    r"(?P<kind>loadbalancer|listener|listener-rule|targetgroup)/(?P<id>.+)"
)

# The prefix of an ARN's resource, what is said of a missing one, and its error code.
_KINDS: Final[dict[str, tuple[Kind[Any], str, str]]] = {
    "loadbalancer": (LOAD_BALANCERS, "Load balancer", "LoadBalancerNotFound"),
    "listener": (LISTENERS, "Listener", "ListenerNotFound"),
    "listener-rule": (RULES, "Rule", "RuleNotFound"),
    "targetgroup": (TARGET_GROUPS, "Target group", "TargetGroupNotFound"),
}


def validation_error(message: str) -> ApiError:
    """Return the error for parameters that the service doesn't take."""
    return ApiError("ValidationError", message)


def arn_of(call: Call, kind: str, identity: str) -> str:
    """Return the ARN of something, in the region that the client signed for."""
    return call.arn(SERVICE, f"{kind}/{identity}")


def parse_arn(arn: str) -> tuple[str, str]:
    """Return the kind and the id in an ARN."""
    found = _ARN.fullmatch(arn)
    if found is None:
        raise validation_error(f"'{arn}' is not a valid ARN of this service")
    return found["kind"], found["id"]


def require_any(rows: Reading, arn: str) -> tuple[Kind[Any], Any]:
    """Return what an ARN names, whichever of the four kinds it is, and its table."""
    named, identity = parse_arn(arn)
    kind, what, code = _KINDS[named]
    record = rows.find(kind, identity)
    if record is None:
        raise ApiError(code, f"{what} '{arn}' not found")
    return kind, record


def _require(rows: Reading, arn: str, kind: str) -> Any:
    named, _ = parse_arn(arn)
    if named != kind:
        raise validation_error(f"'{arn}' is not a valid {_KINDS[kind][1].lower()} ARN")
    return require_any(rows, arn)[1]


def require_balancer(rows: Reading, arn: str) -> LoadBalancer:
    """Return the load balancer that an ARN names."""
    found: LoadBalancer = _require(rows, arn, "loadbalancer")
    return found


def require_listener(rows: Reading, arn: str) -> Listener:
    """Return the listener that an ARN names."""
    found: Listener = _require(rows, arn, "listener")
    return found


def require_rule(rows: Reading, arn: str) -> Rule:
    """Return the rule that an ARN names."""
    found: Rule = _require(rows, arn, "listener-rule")
    return found


def require_group(rows: Reading, arn: str) -> TargetGroup:
    """Return the target group that an ARN names."""
    found: TargetGroup = _require(rows, arn, "targetgroup")
    return found


def choose(
    call: Call,
    records: Iterable[R],
    key: Callable[[R], str],
) -> tuple[list[R], str | None]:
    """Return one page of records by the request's `Marker` and `PageSize`, and the next marker."""
    given = call.parameters
    return page(
        records,
        key=key,
        token=given.get("Marker"),
        most=given.get("PageSize"),
        refusal="ValidationError",
    )


def by_name(records: Sequence[R], names: Iterable[str], name_of: Callable[[R], str]) -> list[R]:
    """Return the records with these names; `KeyError` with the first that there is none of."""
    named = {name_of(record): record for record in records}
    return [named[name] for name in names]


def check_name(name: str, what: str) -> str:
    """Return the name of a load balancer or target group, if AWS would take it."""
    if len(name) > 32:
        raise validation_error(f"{what} name '{name}' cannot be longer than '32' characters")
    if not _NAME.fullmatch(name):
        raise validation_error(
            f"{what} name '{name}' can only contain characters that are alphanumeric characters "
            "and hyphens(-), and may not begin or end with one"
        )
    if what == "Load balancer" and name.startswith("internal-"):
        raise validation_error(f"{what} name '{name}' cannot begin with 'internal-'")
    return name
