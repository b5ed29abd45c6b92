"""`aws_autoscaling_attachment`: a load balancer that a group's instances serve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.clouds.errors import CloudError
from cotta.providers.aws.checks import is_arn, length
from cotta.providers.aws.declare import Resource, either, optional, required
from cotta.providers.aws.scaling.balancing import settle_sources
from cotta.providers.aws.scaling.lookups import GROUP
from cotta.values.types import STRING

if TYPE_CHECKING:
    from typing import Any

    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields

_BALANCERS: Final = ("elb", "lb_target_group_arn")
_GONE: Final = "ValidationError"


def _target(fields: Fields) -> dict[str, Any]:
    if fields["lb_target_group_arn"]:
        return {"TargetGroupARNs": [fields["lb_target_group_arn"]]}
    return {"LoadBalancerNames": [fields["elb"]]}


def _kind(fields: Fields) -> str:
    return "LoadBalancerTargetGroups" if fields["lb_target_group_arn"] else "LoadBalancers"


def _create(on: Connection, wanted: Fields) -> str:
    # Attaching what is attached changes nothing, so a repeated call does no harm.
    group = wanted["autoscaling_group_name"]
    operation = f"Attach{_kind(wanted)}"
    on.call("autoscaling", operation, AutoScalingGroupName=group, **_target(wanted))
    attached = wanted["lb_target_group_arn"] or wanted["elb"]
    return f"{group}-{on.clock.now().strftime('%Y%m%d%H%M%S%f')}-{attached.rpartition('/')[2]}"


def _settle(on: Connection, wanted: Fields, id_: str) -> None:
    del id_
    settle_sources(on, wanted["autoscaling_group_name"], _kind(wanted))


def _read(on: Connection, prior: Fields) -> Fields | None:
    group = on.find(GROUP, prior["autoscaling_group_name"])
    if group is None:
        return None
    (key, (wanted,)) = next(iter(_target(prior).items()))
    return {} if wanted in group.get(key, ()) else None


def _delete(on: Connection, prior: Fields) -> None:
    group = prior["autoscaling_group_name"]
    try:
        on.call(
            "autoscaling", f"Detach{_kind(prior)}", AutoScalingGroupName=group, **_target(prior)
        )
    except CloudError as error:
        # The group may have gone, and taken it along.
        if error.code == _GONE and _read(on, prior) is None:
            return
        raise
    settle_sources(on, group, _kind(prior))


def _find(id_: str) -> Fields:
    raise ValueError(
        f'An attachment can\'t be imported ("{id_}"): attaching once more does no harm, so apply '
        "the configuration instead."
    )


RESOURCE: Final = Resource(
    name="aws_autoscaling_attachment",
    fields={
        "autoscaling_group_name": required(STRING, replaces=True),
        "elb": optional(STRING, length(1, 255), replaces=True, exactly_one_of=_BALANCERS),
        "id": either(STRING),
        "lb_target_group_arn": optional(STRING, is_arn, replaces=True, exactly_one_of=_BALANCERS),
    },
    create=_create,
    settle=_settle,
    read=_read,
    delete=_delete,
    find=_find,
    lookups=lambda prior: [(GROUP, prior["autoscaling_group_name"])],
)
