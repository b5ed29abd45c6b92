"""`aws_lb_target_group_attachment`: one target of a target group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.clouds.errors import CloudError
from cotta.providers.aws.checks import is_arn
from cotta.providers.aws.declare import Resource, either, optional, required
from cotta.values.types import NUMBER, STRING

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields


def _target(fields: Fields) -> dict[str, Any]:
    target: dict[str, Any] = {"Id": fields["target_id"]}
    if fields["port"]:
        target["Port"] = fields["port"]
    if fields["availability_zone"]:
        target["AvailabilityZone"] = fields["availability_zone"]
    return target


def _create(on: Connection, wanted: Fields) -> str:
    arn = wanted["target_group_arn"]
    # Registered twice is registered, so a repetition does no harm.
    on.call("elbv2", "RegisterTargets", TargetGroupArn=arn, Targets=[_target(wanted)])
    return on.unique_name(f"{arn}-")


def _read(on: Connection, prior: Fields) -> Fields | None:
    try:
        answer = on.call(
            "elbv2",
            "DescribeTargetHealth",
            TargetGroupArn=prior["target_group_arn"],
            Targets=[_target(prior)],
        )
    except CloudError as error:
        # Of an instance that is gone AWS says that it is no valid target.
        if error.is_missing or error.code == "InvalidTarget":
            return None
        raise
    health = answer.get("TargetHealthDescriptions", [])
    reasons = {one.get("TargetHealth", {}).get("Reason") for one in health}
    if not health or reasons & {"Target.NotRegistered", "Target.DeregistrationInProgress"}:
        return None
    return {}


def _delete(on: Connection, prior: Fields) -> None:
    on.call(
        "elbv2",
        "DeregisterTargets",
        TargetGroupArn=prior["target_group_arn"],
        Targets=[_target(prior)],
    )


def _find(id_: str) -> Fields:
    raise ValueError(
        f'A target can\'t be imported ("{id_}"): registering it once more does no harm, so apply '
        "the configuration instead."
    )


def _named(name: str) -> Resource:
    return Resource(
        name=name,
        fields={
            "availability_zone": optional(STRING, replaces=True),
            "id": either(STRING),
            "port": optional(NUMBER, replaces=True),
            "target_group_arn": required(STRING, is_arn, replaces=True),
            "target_id": required(STRING, replaces=True),
        },
        create=_create,
        read=_read,
        delete=_delete,
        find=_find,
    )


RESOURCES: Final = (
    _named("aws_lb_target_group_attachment"),
    _named("aws_alb_target_group_attachment"),
)
