"""A state moves between cotta and terraform with the official provider, on one region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cotta.region.machines.simulated import SimulatedMachines
from tests.oracle.aws_configurations import EDITS
from tests.oracle.interchange import both
from tests.support.regions import put_image, simulated_region

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

# A configuration, and the same after an edit that changes in place.
STEPS = {
    "key pair": EDITS["key pair"],
    "template": EDITS["template"][:2],
    "full template": EDITS["full template"][:2],
    "group": (EDITS["group"][0], EDITS["group"][5]),
    "instance": (EDITS["instance"][0], EDITS["instance"][1]),
    "security group": EDITS["security group"][:2],
    "security group rules": EDITS["security group rules"][:2],
}


@pytest.mark.parametrize("name", STEPS)
def test_what_one_makes_the_other_finds(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = STEPS[name]
    with simulated_region(tmp_path, SimulatedMachines()) as region:
        put_image(region.store, number=2)
        here = both(tmp_path / "folder", region, monkeypatch)
        here.assert_ours_is_theirs(first)
        here.assert_ours_is_theirs(second)
        here.assert_theirs_is_ours(first)
        here.terraform.run("destroy", "-auto-approve")
        here.assert_theirs_is_ours(first)
        here.assert_theirs_is_ours(second)
        here.assert_ours_is_theirs(first)
        here.cotta.run("destroy", "-auto-approve")
