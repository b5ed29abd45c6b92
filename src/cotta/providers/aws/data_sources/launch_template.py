"""`data "aws_launch_template"`: the newest version of a template."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cotta.clouds.errors import CloudError
from cotta.providers.aws.data_sources.finding import FILTER, filters_of, the_one
from cotta.providers.aws.data_sources.telling import as_told, told
from cotta.providers.aws.declare import Argument, DataSource, Nested, computed, either, timeouts
from cotta.providers.aws.resources import launch_template
from cotta.values.types import STRING, ListType, MapType, ObjectType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Field, Fields

_RESOURCE: Final = launch_template.RESOURCE
_DEPRECATED: Final = ("elastic_gpu_specifications", "elastic_inference_accelerator")
_NOT_TOLD: Final = ("name_prefix", "tags_all", "update_default_version")


def _told() -> dict[str, Argument]:
    """Return what the resource has, but for the settings of interfaces that are not told."""
    interfaces = _RESOURCE.fields["network_interfaces"]
    assert isinstance(interfaces, Nested)
    inner = {name: each for name, each in interfaces.fields.items() if "ena_srd" not in name}
    fields = {**_RESOURCE.fields, "network_interfaces": replace(interfaces, fields=inner)}
    return told(fields, _NOT_TOLD)


FIELDS: Final[Mapping[str, Field]] = {
    **_told(),
    **{name: replace(told(_RESOURCE.fields)[name], deprecated=True) for name in _DEPRECATED},
    # In no order in the resource, in a list here.
    "license_specification": computed(ListType(ObjectType({"license_configuration_arn": STRING}))),
    "filter": FILTER,
    "id": either(STRING),
    "name": either(STRING),
    "tags": either(MapType(STRING)),
    "timeouts": timeouts("read"),
}


def _read(on: Connection, config: Fields) -> Fields:
    try:
        templates = list(
            on.pages(
                "ec2",
                "DescribeLaunchTemplates",
                "LaunchTemplates",
                LaunchTemplateIds=[config["id"]] if config["id"] else None,
                LaunchTemplateNames=[config["name"]] if config["name"] else None,
                Filters=filters_of(config),
            )
        )
    except CloudError as error:
        if not error.is_missing:
            raise
        templates = []
    one = the_one(
        templates,
        "launch template",
        "launch templates",
        lambda each: str(each["LaunchTemplateName"]),
    )
    id_ = one["LaunchTemplateId"]
    found = _RESOURCE.read(on, {"id": id_}) or {}
    return as_told({**found, "id": id_, "tags": found.get("tags_all")}, FIELDS)


DATA_SOURCE: Final = DataSource(name="aws_launch_template", fields=FIELDS, read=_read)
