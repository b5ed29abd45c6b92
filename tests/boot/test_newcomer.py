"""Somebody clones the project and says `make ship`, in a folder with nothing else."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.support.booted_region import BootedRegion, require_machines

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.boot, pytest.mark.slow]

PROJECT: Final = Path(__file__).parents[2]


class Newcomer:
    """A fresh clone, and a data folder that is not there yet."""

    def __init__(self, folder: Path) -> None:
        self.clone = folder / "cotta"
        self.region = BootedRegion(folder / "home")
        clone = ["git", "clone", "--quiet", "--no-hardlinks", str(PROJECT), str(self.clone)]
        subprocess.run(clone, check=True)

    def run(self, *argv: str) -> str:
        """Run a command in the clone as in a shell of its own; return what it prints."""
        own = ("PYTHON", "COTTA_", "AWS_", "TF_", "VIRTUAL_ENV")
        plain = {name: value for name, value in os.environ.items() if not name.startswith(own)}
        done = subprocess.run(
            argv,
            cwd=self.clone,
            env={**plain, **self.region.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout


@pytest.fixture
def newcomer(tmp_path: Path) -> Iterator[Newcomer]:
    require_machines()
    missing = [program for program in ("git", "make") if shutil.which(program) is None]
    if missing:
        pytest.skip(f"MISSING: {', '.join(missing)}")
    inside = ["git", "-C", str(PROJECT), "rev-parse", "--verify", "--quiet", "HEAD"]
    if subprocess.run(inside, capture_output=True, check=False).returncode:
        pytest.skip(f"MISSING: {PROJECT} is no checkout, so nothing can be cloned")
    newcomer = Newcomer(tmp_path)
    try:
        yield newcomer
    finally:
        newcomer.region.reset()
    assert newcomer.region.leftovers() == []


def test_two_words_and_a_fleet_answers(newcomer: Newcomer) -> None:
    ship = ("make", "ship", f"PYTHON={sys.executable}")

    first = newcomer.run(*ship)

    assert "Apply complete! Resources: 6 added, 0 changed, 0 destroyed." in first
    assert "3 of 3 in service, template version 1" in first
    found = re.search(r'^url = "(.*)"$', first, re.MULTILINE)
    assert found is not None, first
    with urllib.request.urlopen(found[1], timeout=10) as answer:
        assert "Baked, not patched" in answer.read().decode()

    again = newcomer.run(*ship)

    assert "No changes." in again
    assert "(unchanged by amazon-ebs.web)" in again
    assert newcomer.run("git", "status", "--porcelain") == ""
