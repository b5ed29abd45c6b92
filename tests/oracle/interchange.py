"""Two programs on one folder and one region: what one has made, the other finds as it should be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.oracle.official_provider import Workspace, region_workspace
from tests.support.aws import CottaFolder, access_to_region, cotta_folder

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.support.regions import RunningRegion


@dataclass(frozen=True, slots=True)
class Both:
    """A folder in which terraform with the official provider works, and cotta with its own."""

    terraform: Workspace
    cotta: CottaFolder

    def write(self, configuration: str) -> None:
        """Have the folder say this."""
        self.terraform.write(configuration)

    def assert_ours_is_theirs(self, configuration: str) -> None:
        """Apply with cotta: terraform has nothing to do."""
        self.write(configuration)
        self.cotta.apply()
        self.cotta.assert_no_changes()
        self.terraform.assert_no_changes()

    def assert_theirs_is_ours(self, configuration: str) -> None:
        """Apply with terraform: cotta has nothing to do."""
        self.write(configuration)
        self.terraform.run("apply", "-auto-approve")
        self.terraform.assert_no_changes()
        self.cotta.assert_no_changes()

    def assert_interchanges(self, first: str, second: str) -> None:
        """Go between two configurations, each program starting from what the other has left."""
        self.assert_ours_is_theirs(first)
        self.assert_ours_is_theirs(second)
        self.assert_theirs_is_ours(first)
        self.terraform.run("destroy", "-auto-approve")
        self.assert_theirs_is_ours(first)
        self.assert_theirs_is_ours(second)
        self.assert_ours_is_theirs(first)
        self.cotta.run("destroy", "-auto-approve")


def both(folder: Path, region: RunningRegion, monkeypatch: pytest.MonkeyPatch) -> Both:
    """Return a new folder for both, in which the official provider is installed."""
    folder.mkdir()
    workspace = region_workspace(folder, region)
    workspace.init()
    return Both(workspace, cotta_folder(folder, access_to_region(region), monkeypatch))
