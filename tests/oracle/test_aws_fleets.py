"""Whole fleets: applied by one program, the other one finds nothing to change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cotta.region.machines.simulated import SimulatedMachines
from cotta.region.store.kinds import (
    AUTO_SCALING_GROUPS,
    LAUNCH_TEMPLATES,
    LOAD_BALANCERS,
    TARGET_GROUPS,
)
from tests.oracle.interchange import both
from tests.support.aws_fleets import a_module, a_web_fleet, several_fleets
from tests.support.regions import simulated_region

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cotta.region.store.kinds import Kind
    from tests.support.regions import RunningRegion

pytestmark = [pytest.mark.oracle, pytest.mark.slow]


@pytest.fixture
def region(tmp_path: Path) -> Iterator[RunningRegion]:
    (tmp_path / "region").mkdir()
    with simulated_region(tmp_path / "region", SimulatedMachines()) as running:
        yield running


KINDS: tuple[Kind[Any], ...] = (
    AUTO_SCALING_GROUPS,
    LAUNCH_TEMPLATES,
    LOAD_BALANCERS,
    TARGET_GROUPS,
)


def assert_nothing_is_left(region: RunningRegion) -> None:
    with region.store.read() as rows:
        assert [one for kind in KINDS for one in rows.all(kind)] == []


def test_a_web_fleet_moves_to_terraform_and_back(
    region: RunningRegion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = both(tmp_path / "work", region, monkeypatch)

    here.assert_ours_is_theirs(a_web_fleet())
    here.assert_theirs_is_ours(a_web_fleet("ciao"))
    here.assert_ours_is_theirs(a_web_fleet("buongiorno"))

    here.terraform.run("destroy", "-auto-approve")
    assert_nothing_is_left(region)


def test_a_fleet_of_terraforms_is_taken_over_and_ended(
    region: RunningRegion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = both(tmp_path / "work", region, monkeypatch)

    here.assert_theirs_is_ours(a_web_fleet())

    here.cotta.run("destroy", "-auto-approve")
    assert_nothing_is_left(region)


def test_several_fleets_of_a_module(
    region: RunningRegion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = both(tmp_path / "work", region, monkeypatch)
    (here.cotta.folder / "fleet").mkdir()
    (here.cotta.folder / "fleet" / "main.tf").write_text(a_module())
    here.write(several_fleets())
    here.terraform.init()
    here.cotta.run("init")

    here.assert_ours_is_theirs(several_fleets())
    (here.cotta.folder / "fleet" / "main.tf").write_text(a_module("ciao"))
    here.assert_theirs_is_ours(several_fleets())

    here.cotta.run("destroy", "-auto-approve")
    assert_nothing_is_left(region)
