"""What the native AWS provider plans is what the official one plans, value by value.

Differences that are meant are taken out by name, with the reason.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from cotta.region.machines.simulated import SimulatedMachines
from tests.oracle.aws_configurations import EDITS
from tests.oracle.interchange import both
from tests.support.regions import put_image, simulated_region

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.oracle.interchange import Both

pytestmark = [pytest.mark.oracle, pytest.mark.slow]


@pytest.mark.parametrize("name", EDITS)
def test_a_plan_is_the_official_one(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *edits = EDITS[name]
    with simulated_region(tmp_path, SimulatedMachines()) as region:
        put_image(region.store, number=2)
        here = both(tmp_path / "folder", region, monkeypatch)
        here.write(first)
        wrong = [*differences(here, "at first")]
        here.terraform.run("apply", "-auto-approve")
        for number, edit in enumerate(edits):
            here.write(edit)
            wrong += differences(here, f"edit {number}")
    assert not wrong, "\n" + "\n".join(wrong)


def differences(here: Both, when: str) -> Iterator[str]:
    here.terraform.run("plan", "-out=theirs.plan")
    theirs = json.loads(here.terraform.run("show", "-json", "theirs.plan"))
    ours = here.cotta.planned()
    for change in theirs["resource_changes"]:
        address = change["address"]
        theirs_ = comparable(change["change"], change["type"])
        ours_ = comparable(ours[address], change["type"])
        for part in theirs_:
            if ours_[part] != theirs_[part]:
                yield f"{when}, {address}, {part}: ours {ours_[part]}, theirs {theirs_[part]}"


def comparable(change: dict[str, Any], type_: str) -> dict[str, Any]:
    """Return a change as both have it."""
    after, unknown = dict(change["after"] or {}), dict(change["after_unknown"] or {})
    if type_ == "aws_launch_template":
        # The next version is a number here, and "known after apply" there.
        for name in ("latest_version", "default_version"):
            after.pop(name, None)
            unknown.pop(name, None)
    if type_ == "aws_autoscaling_group":
        _without_template_words(after)
        _without_template_words(unknown)
    if type_ == "aws_security_group":
        # What nobody has written down comes in whatever order.
        for rule in (*(after.get("ingress") or ()), *(after.get("egress") or ())):
            rule["cidr_blocks"] = sorted(rule["cidr_blocks"])
    return {
        "actions": change["actions"],
        "after": _bare(after),
        "unknown": sorted(_true_paths(unknown)),
        "replace": sorted(map(str, change.get("replace_paths", []))),
    }


def _without_template_words(group: dict[str, Any]) -> None:
    """Take out what is meant to differ of the templates that a group names.

    Of a template's id and name, the one that the configuration does not say is unknown here where
    the other changes; there it is what it was before, or the word "unknown".  And the number of
    the version that there will be is known here.
    """
    blocks = group.get("launch_template")
    for block in blocks if isinstance(blocks, list) else ():
        block.pop("name", None)
        block.pop("version", None)
        if block.get("id") in ("unknown", True):
            del block["id"]
    policies = group.get("mixed_instances_policy")
    for policy in policies if isinstance(policies, list) else ():
        for template in policy["launch_template"]:
            for block in template["launch_template_specification"]:
                for name in ("launch_template_id", "launch_template_name", "version"):
                    block.pop(name, None)


def _bare(value: Any) -> Any:
    """Return a value without what the official provider can't tell from null."""
    if isinstance(value, dict):
        kept = {key: _bare(each) for key, each in value.items()}
        return {key: each for key, each in kept.items() if each}
    if isinstance(value, list):
        return [_bare(each) for each in value]
    return value


def _true_paths(value: Any, path: str = "") -> list[str]:
    """Return where `after_unknown` says that something is unknown."""
    if value is True:
        return [path]
    parts = value.items() if isinstance(value, dict) else enumerate(value or ())
    return [found for key, each in parts for found in _true_paths(each, f"{path}.{key}")]
