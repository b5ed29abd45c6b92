"""`data "aws_autoscaling_group"`: a group, by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.providers.aws.complaints import NothingFoundError
from cotta.providers.aws.data_sources.telling import as_told, told
from cotta.providers.aws.declare import DataSource, computed, either, required
from cotta.providers.aws.resources import autoscaling_group
from cotta.providers.aws.scaling.lookups import GROUP
from cotta.values.types import BOOL, STRING, SetType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Field, Fields

_RESOURCE: Final = autoscaling_group.RESOURCE
_TOLD: Final = (
    "arn", "availability_zones", "default_cooldown", "desired_capacity", "desired_capacity_type",
    "enabled_metrics", "health_check_grace_period", "health_check_type",
    "instance_maintenance_policy", "launch_configuration", "launch_template", "load_balancers",
    "max_instance_lifetime", "max_size", "min_size", "mixed_instances_policy", "placement_group",
    "predicted_capacity", "service_linked_role_arn", "suspended_processes", "tag",
    "target_group_arns", "termination_policies", "traffic_source", "warm_pool", "warm_pool_size",
)  # fmt: skip

FIELDS: Final[Mapping[str, Field]] = {
    **told({name: _RESOURCE.fields[name] for name in _TOLD}),
    "id": either(STRING),
    "name": required(STRING),
    "new_instances_protected_from_scale_in": computed(BOOL),
    "status": computed(STRING),
    # In no order here, though the resource keeps one.
    "termination_policies": computed(SetType(STRING)),
    "vpc_zone_identifier": computed(STRING),
}


def _read(on: Connection, config: Fields) -> Fields:
    name = config["name"]
    found = _RESOURCE.read(on, {"id": name})
    if found is None:
        raise NothingFoundError(
            "No such Auto Scaling group",
            f'There is no Auto Scaling group named "{name}" in this account and region. Correct '
            "the name, or create the group first.",
            "name",
        )
    answer = on.find(GROUP, name) or {}
    more = {
        "id": name,
        "new_instances_protected_from_scale_in": found["protect_from_scale_in"],
        "status": answer.get("Status", ""),
        "termination_policies": answer.get("TerminationPolicies", []),
        "vpc_zone_identifier": answer.get("VPCZoneIdentifier", ""),
    }
    return as_told({**found, **more}, FIELDS)


DATA_SOURCE: Final = DataSource(name="aws_autoscaling_group", fields=FIELDS, read=_read)
