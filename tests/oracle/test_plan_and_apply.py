"""The same folder and the same steps, by terraform and by us: the same outcome.

The steps are the files of `tests/rehearsals`.  Terraform then goes on from our
state and we from its: both see what they see in their own.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.oracle.twins import compare
from tests.support.rehearsals import parse_rehearsal

pytestmark = pytest.mark.oracle

REHEARSALS = sorted((Path(__file__).parents[1] / "rehearsals").glob("*.txt"))


@pytest.mark.parametrize("in_text", [False, True], ids=["records", "text"])
@pytest.mark.parametrize("path", REHEARSALS, ids=lambda path: path.stem)
def test_a_rehearsal_ends_as_terraforms(
    path: Path, in_text: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = parse_rehearsal(path.read_text())

    compare(steps, tmp_path, monkeypatch.chdir, in_text=in_text)
