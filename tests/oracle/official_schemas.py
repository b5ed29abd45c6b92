"""What the official AWS provider declares, as its own program tells it; asked once per session."""

from __future__ import annotations

import fcntl
import json
from typing import TYPE_CHECKING, Any, Final

from tests.oracle.official_provider import VERSION, official_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cotta.schemas.model import Schema

RESOURCES: Final = (
    "aws_alb",
    "aws_alb_listener",
    "aws_alb_listener_rule",
    "aws_alb_target_group",
    "aws_alb_target_group_attachment",
    "aws_autoscaling_attachment",
    "aws_autoscaling_group",
    "aws_iam_instance_profile",
    "aws_iam_role",
    "aws_iam_role_policy",
    "aws_iam_role_policy_attachment",
    "aws_instance",
    "aws_key_pair",
    "aws_launch_template",
    "aws_lb",
    "aws_lb_listener",
    "aws_lb_listener_rule",
    "aws_lb_target_group",
    "aws_lb_target_group_attachment",
    "aws_security_group",
    "aws_security_group_rule",
    "aws_vpc_security_group_egress_rule",
    "aws_vpc_security_group_ingress_rule",
)
DATA_SOURCES: Final = (
    "aws_alb",
    "aws_alb_target_group",
    "aws_ami",
    "aws_ami_ids",
    "aws_autoscaling_group",
    "aws_availability_zones",
    "aws_caller_identity",
    "aws_iam_policy_document",
    "aws_instances",
    "aws_launch_template",
    "aws_lb",
    "aws_lb_target_group",
    "aws_partition",
    "aws_region",
    "aws_security_group",
    "aws_ssm_parameter",
    "aws_subnet",
    "aws_subnets",
    "aws_vpc",
)

Record = dict[str, Any]


def official_schemas(shared: Path) -> Record:
    """Return `provider`, `resources` and `data_sources`: schemas as `providers schema -json` has.

    Only of the types named above.  `shared` is a folder that all workers of a session see: the
    first one asks (some seconds and 400 MB), the others read what it has kept there.
    """
    kept = shared / f"official-schemas-{VERSION}.json"
    with (shared / "official-schemas.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_text(json.dumps(_ask(shared)))
    record: Record = json.loads(kept.read_text())
    return record


def _ask(shared: Path) -> Record:
    folder = shared / "official-schemas"
    folder.mkdir(exist_ok=True)
    terraform = official_workspace(folder)
    terraform.init()
    told = json.loads(terraform.run("providers", "schema", "-json"))
    (schemas,) = told["provider_schemas"].values()
    return {
        "provider": schemas["provider"],
        "resources": {name: schemas["resource_schemas"][name] for name in RESOURCES},
        "data_sources": {name: schemas["data_source_schemas"][name] for name in DATA_SOURCES},
    }


def differences(ours: Schema, theirs: Record) -> list[str]:
    """Return where a schema of ours differs, as lines `block.attribute: ours …, theirs …`, sorted.

    Descriptions are left out, and who is deprecated: words for people, which are our own.
    """
    from cotta.schemas.json_schema import encode_schema

    mine = dict(_lines(encode_schema(ours)))
    official = dict(_lines(theirs))
    return [
        f"{path}: ours {mine.get(path, 'nothing')}, theirs {official.get(path, 'nothing')}"
        for path in sorted(mine.keys() | official.keys())
        if mine.get(path) != official.get(path)
    ]


_OF_ATTRIBUTES: Final = ("type", "required", "optional", "computed", "sensitive", "write_only")


def _lines(schema: Any) -> Iterator[tuple[str, str]]:
    yield "version", str(schema["version"])
    yield from _block_lines(schema.get("block", {}), "")


def _block_lines(block: Any, path: str) -> Iterator[tuple[str, str]]:
    yield from _attribute_lines(block.get("attributes", {}), path)
    for name, nested in block.get("block_types", {}).items():
        shape = {key: nested.get(key, 0) for key in ("nesting_mode", "min_items", "max_items")}
        yield f"{path}{name}", json.dumps(shape)
        yield from _block_lines(nested["block"], f"{path}{name}.")


def _attribute_lines(attributes: Any, path: str) -> Iterator[tuple[str, str]]:
    for name, attribute in attributes.items():
        shape = {key: attribute[key] for key in _OF_ATTRIBUTES if attribute.get(key)}
        nested = attribute.get("nested_type")
        if nested is not None:
            shape["nesting_mode"] = nested["nesting_mode"]
            yield from _attribute_lines(nested["attributes"], f"{path}{name}.")
        yield f"{path}{name}", json.dumps(shape, sort_keys=True)
