"""Generated configurations and edits: after each step terraform and we see the same.

By hand, thousands: `python -m tests.oracle.test_generated FIRST COUNT`.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from random import Random

import pytest

from tests.oracle.twins import compare
from tests.support.configurations import a_case

pytestmark = pytest.mark.oracle

SEEDS = range(8)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_generated_case_ends_as_terraforms(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare(a_case(Random(seed)), tmp_path, monkeypatch.chdir, in_text=seed % 2 == 0)


def main(first: int, count: int) -> int:
    """Compare so many cases; return how many differ."""
    wrong = 0
    for seed in range(first, first + count):
        with tempfile.TemporaryDirectory() as folder:
            try:
                compare(a_case(Random(seed)), Path(folder), os.chdir, in_text=seed % 2 == 0)
            except AssertionError as error:
                wrong += 1
                sys.stdout.write(f"==== seed {seed}\n{error}\n")
            os.chdir("/")
    sys.stdout.write(f"{count} compared, {wrong} differ\n")
    return wrong


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
