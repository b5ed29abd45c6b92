"""Objects that change behind a program's back, and plans that refer to what has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tests.support.regions import RunningRegion

_KEY: Final = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGkjm/f4Cqm2YUjqhAjK0lYnm7cRDbJZ9zSXvGiE1hlO a"


def _devices(*devices: tuple[str, int]) -> str:
    return "".join(
        f'  block_device_mappings {{\n    device_name = "{name}"\n'
        f"    ebs {{\n      volume_size = {size}\n    }}\n  }}\n"
        for name, size in devices
    )


def _template(name: str) -> str:
    return (
        f'resource "aws_launch_template" "{name}" {{\n  name = "template-{name}"\n'
        '  instance_type = "t3.micro"\n'
        + _devices(("/dev/sda", 1), ("/dev/sdb", 2), ("/dev/sdc", 3))
        + '  tag_specifications {\n    resource_type = "instance"\n    tags = { a = "1" }\n  }\n'
        "  lifecycle {\n    ignore_changes = all\n  }\n}\n"
    )


def a_key_pair(name: str, key_name: str | None = None, more: str = "") -> str:
    """Return the block of a key pair; `key_name` is an expression."""
    return (
        f'resource "aws_key_pair" "{name}" {{\n'
        f"  key_name = {key_name or json_text(name)}\n"
        f'  public_key = "{_KEY}"\n{more}}}\n'
    )


def json_text(text: str) -> str:
    """Return a text in quotes."""
    return f'"{text}"'


_IGNORING: Final = "  lifecycle {\n    ignore_changes = all\n  }\n"
_TAGS: Final = '  tags = { zero = "0", one = "1", three = "3" }\n'

_GROUP: Final = """resource "aws_autoscaling_group" "web" {
  name                 = "web"
  min_size             = 0
  max_size             = 1
  availability_zones   = ["us-east-1a"]
  termination_policies = ["OldestInstance", "Default"]
  launch_template {
    id = aws_launch_template.less.id
  }
  tag {
    key                 = "one"
    value               = "1"
    propagate_at_launch = true
  }
}
"""

CONFIGURATION: Final = "".join(
    (
        _template("less"),
        _template("more"),
        a_key_pair("tagged", more=_TAGS + _IGNORING),
        a_key_pair("gone", more=_IGNORING),
        a_key_pair("many", '"many-${count.index}"', f"  count = 2\n{_TAGS}{_IGNORING}"),
    )
)


def change_behind(region: RunningRegion) -> None:
    """Change the objects of the configuration, where neither program sees it."""
    ec2 = region.client("ec2")

    def device(name: str, size: int) -> dict[str, object]:
        return {"DeviceName": name, "Ebs": {"VolumeSize": size}}

    fewer = [device("/dev/sdb", 2)]
    more = [device("/dev/sda", 1), device("/dev/sdx", 9), *fewer, device("/dev/sdc", 3)]
    for name, devices in (("less", fewer), ("more", more)):
        ec2.create_launch_template_version(
            LaunchTemplateName=f"template-{name}",
            LaunchTemplateData={
                "InstanceType": "t3.small",
                "BlockDeviceMappings": devices,
                "MetadataOptions": {"HttpTokens": "required"},
            },
        )
    pairs = ec2.describe_key_pairs(KeyNames=["tagged", "many-0", "many-1"])["KeyPairs"]
    ids = [pair["KeyPairId"] for pair in pairs]
    tags = [{"Key": "one", "Value": "changed"}, {"Key": "two", "Value": "2"}]
    ec2.create_tags(Resources=ids, Tags=tags)
    ec2.delete_tags(Resources=ids, Tags=[{"Key": "three"}])
    ec2.delete_key_pair(KeyName="gone")


_MOVED: Final = (
    CONFIGURATION.replace('"aws_launch_template" "less"', '"aws_launch_template" "moved"')
    + "moved {\n  from = aws_launch_template.less\n  to   = aws_launch_template.moved\n}\n"
)

_LESS: Final = "aws_launch_template.less"
_MORE: Final = "aws_launch_template.more"

# What a plan is decided on, by a name for the case.
REFERENCES: Final = {
    "attribute": f"{_LESS}.instance_type",
    "unchanged-attribute": f"{_LESS}.id",
    "whole": _LESS,
    "blocks": f"{_LESS}.block_device_mappings",
    "first-block": f"{_LESS}.block_device_mappings[0]",
    "block-that-went": f'try({_LESS}.block_device_mappings[1], "")',
    "inside-of-block-that-went": f"try({_LESS}.block_device_mappings[2].ebs[0].volume_size, 0)",
    "argument-of-a-block": f"{_LESS}.block_device_mappings[0].device_name",
    "inner-block": f"{_LESS}.block_device_mappings[0].ebs",
    "type-of-block-that-went": f"{_LESS}.tag_specifications",
    "more-blocks": f"{_MORE}.block_device_mappings",
    "unchanged-block": f"{_MORE}.block_device_mappings[0]",
    "block-that-came": f"{_MORE}.block_device_mappings[3]",
    "inside-of-block-that-came": f"{_MORE}.block_device_mappings[3].ebs[0].volume_size",
    "new-type-of-block": f"{_MORE}.metadata_options[0].http_tokens",
    "map": "aws_key_pair.tagged.tags",
    "element": "aws_key_pair.tagged.tags.one",
    "element-that-came": 'try(aws_key_pair.tagged.tags["two"], "")',
    "element-that-went": 'try(aws_key_pair.tagged.tags_all.three, "")',
    "unchanged-element": "aws_key_pair.tagged.tags.zero",
    "deleted": "aws_key_pair.gone.key_name",
    "deleted-by-an-empty-attribute": "aws_key_pair.gone.key_name_prefix",
    "one-of-many": "aws_key_pair.many[1].tags",
    "all-of-many": "aws_key_pair.many[*].tags",
    "two-at-once": "[aws_key_pair.tagged.tags.one, aws_key_pair.tagged.key_name, "
    f"{_LESS}.latest_version]",
}


def referring(reference: str) -> str:
    """Return the configuration with an output that refers to something."""
    value = f"substr(sha256(jsonencode({reference})), 0, 8)"
    return f'{CONFIGURATION}output "x" {{\n  value = {value}\n}}\n'


# Every plan: the configuration, and flags.
PLANS: Final[dict[str, tuple[str, ...]]] = {
    **{name: (referring(reference),) for name, reference in REFERENCES.items()},
    "nothing-else": (CONFIGURATION.replace(a_key_pair("gone", more=_IGNORING), ""),),
    "unrelated": (CONFIGURATION + a_key_pair("new"),),
    "change-refers": (CONFIGURATION + a_key_pair("new", '"new-${aws_key_pair.tagged.tags.one}"'),),
    "moved": (_MOVED,),
    "moved-and-referred-to": (
        _MOVED + a_key_pair("new", '"new-${aws_launch_template.moved.instance_type}"'),
    ),
    "refresh-only": (CONFIGURATION, "-refresh-only"),
    "refresh-only-moved": (_MOVED, "-refresh-only"),
    "refresh-only-with-output": (referring("aws_key_pair.tagged.tags"), "-refresh-only"),
    "destroy": (CONFIGURATION, "-destroy"),
    "replaced": (CONFIGURATION, f"-replace={_MORE}"),
    "undone": (CONFIGURATION.replace(_IGNORING, ""),),
    "imported": (
        CONFIGURATION
        + a_key_pair("again", '"tagged"', more=_IGNORING)
        + 'import {\n  to = aws_key_pair.again\n  id = "tagged"\n}\n',
    ),
    "group": (CONFIGURATION + _GROUP,),
}
