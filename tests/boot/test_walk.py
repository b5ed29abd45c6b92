"""The walk: the example's fleet shipped, changed, broken and rolled back, under constant load."""

from __future__ import annotations

import json
import re
import shutil
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.support.booted_region import BootedRegion, require_machines
from tests.support.cli import cotta_process
from tests.support.load import requests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.base_image import BaseImage
    from tests.support.cli import Ended

pytestmark = [pytest.mark.boot, pytest.mark.slow]

EXAMPLE: Final = Path(__file__).parents[2] / "examples" / "web-fleet"


class Walk:
    """A copy of the example, and a region that is its cloud."""

    def __init__(self, region: BootedRegion, folder: Path) -> None:
        self.region = region
        self.folder = folder

    def cotta(self, *arguments: str) -> Ended:
        """Run a command in the folder, as a process of its own."""
        return cotta_process(
            f"-chdir={self.folder}", *arguments, environment=self.region.environment
        )

    def ship(self) -> list[dict[str, Any]]:
        """Ship, which must succeed; return the records."""
        ended = self.cotta("ship", "-auto-approve", "-json")
        assert ended.status == 0, ended.stdout[-3000:] + ended.stderr
        return [json.loads(line) for line in ended.stdout.splitlines()]

    def url(self) -> str:
        """Return where the fleet answers."""
        return str(json.loads(self.cotta("output", "-json").stdout)["url"]["value"])

    def title(self) -> str:
        """Return the heading of the page that is served."""
        with urllib.request.urlopen(self.url(), timeout=10) as answer:
            page = answer.read().decode()
        found = re.search("<h1>(.*)</h1>", page)
        assert found is not None, page
        return found[1]

    def edit(self, before: str, after: str, file: str = "site/index.html") -> None:
        """Change a file of the example."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, after), encoding="utf-8")

    def members(self) -> set[str]:
        """Return the instances of the fleet."""
        (group,) = json.loads(self.cotta("fleet", "-json").stdout)["groups"]
        return {one["id"] for one in group["members"]}


@pytest.fixture
def walk(tmp_path: Path, base_image: BaseImage) -> Iterator[Walk]:
    require_machines()
    region = BootedRegion(tmp_path / "home")
    region.up()
    try:
        region.add_debian(base_image)
        folder = tmp_path / "web-fleet"
        shutil.copytree(EXAMPLE, folder)
        yield Walk(region, folder)
    finally:
        region.reset()
    assert region.leftovers() == []


def report(records: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the report that ends a ship."""
    assert records[-1]["type"] == "ship_report"
    return dict(records[-1]["report"])


def test_the_walk(walk: Walk) -> None:
    first = report(walk.ship())
    assert walk.title() == "Baked, not patched"
    (image,) = first["images"]
    assert not image["is_unchanged"]
    (group,) = first["groups"]
    assert (group["in_service"], group["desired"]) == (3, 3)
    assert {one["image"] for one in group["instances"]} == {image["id"]}

    members = walk.members()
    again = report(walk.ship())
    assert again["images"][0]["id"] == image["id"]
    assert again["images"][0]["is_unchanged"]
    assert walk.members() == members

    with requests(walk.url()):
        walk.edit("Baked, not patched", "Baked again")
        changed = report(walk.ship())
        assert walk.title() == "Baked again"
        assert changed["images"][0]["id"] != image["id"]
        assert changed["requests"]["requests"] > 100
        assert changed["requests"]["failed"] == 0
        assert walk.members().isdisjoint(members)

        # A machine that never answers: the roll fails, and goes back by itself.
        walk.edit("sudo systemctl enable nginx", "sudo systemctl mask nginx", "web.pkr.hcl")
        bad = walk.cotta("ship", "-auto-approve")
        assert bad.status == 1, bad.stdout
        assert walk.title() == "Baked again"

        walk.edit("sudo systemctl mask nginx", "sudo systemctl enable nginx", "web.pkr.hcl")
        back = walk.cotta("rollback", "-auto-approve", f"-to={image['id']}")
        assert back.status == 0, back.stdout + back.stderr
        assert walk.title() == "Baked, not patched"

    ended = walk.cotta("destroy", "-auto-approve")
    assert ended.status == 0, ended.stdout + ended.stderr
