"""The programs on this machine that know better, and a loud skip where one is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


def witness(program: str) -> str:
    """Return the path of `program`, or skip the test naming it."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"MISSING WITNESS: {program} is not on PATH; nothing was compared")
    return found


def terraform(*arguments: str, folder: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run terraform in `folder` with an empty CLI configuration of its own."""
    configuration = folder / ".empty.tfrc"
    configuration.touch()
    return subprocess.run(
        [witness("terraform"), *arguments],
        cwd=folder,
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        check=False,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "TF_CLI_CONFIG_FILE": str(configuration),
            "CHECKPOINT_DISABLE": "1",
        },
    )
