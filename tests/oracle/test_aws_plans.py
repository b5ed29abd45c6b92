"""What the native AWS provider plans is what the official one plans, value by value.

Differences that are meant are taken out by name, with the reason.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.oracle.aws_configurations import EDITS
from tests.oracle.interchange import both
from tests.support.regions import put_image, running_region

if TYPE_CHECKING:
    from pathlib import Path

    from tests.oracle.interchange import Both

pytestmark = [pytest.mark.oracle, pytest.mark.slow]


@pytest.mark.parametrize("name", EDITS)
def test_a_plan_is_the_official_one(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *edits = EDITS[name]
    with running_region(tmp_path) as region:
        for number in (1, 2):
            put_image(region.store, number=number, owner_id=region.account.id)
        here = both(tmp_path / "folder", region, monkeypatch)
        here.write(first)
        assert_same_plan(here, "at first")
        here.terraform.run("apply", "-auto-approve")
        for number, edit in enumerate(edits):
            here.write(edit)
            assert_same_plan(here, f"edit {number}")


def assert_same_plan(here: Both, when: str) -> None:
    here.terraform.run("plan", "-out=theirs.plan")
    theirs = json.loads(here.terraform.run("show", "-json", "theirs.plan"))
    ours = here.cotta.planned()
    for change in theirs["resource_changes"]:
        address = change["address"]
        expected = comparable(change["change"], change["type"])
        assert comparable(ours[address], change["type"]) == expected, f"{address}, {when}"


def comparable(change: dict[str, Any], type_: str) -> dict[str, Any]:
    """Return a change as both have it."""
    after, unknown = dict(change["after"] or {}), dict(change["after_unknown"] or {})
    if type_ == "aws_launch_template":
        # The next version is a number here, and "known after apply" there.
        for name in ("latest_version", "default_version"):
            after.pop(name, None)
            unknown.pop(name, None)
    return {
        "actions": change["actions"],
        "after": _bare(after),
        "unknown": sorted(_true_paths(unknown)),
        "replace": sorted(map(str, change.get("replace_paths", []))),
    }


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
