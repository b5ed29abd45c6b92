"""The walks in the documentation are walked: every command, with the output that is shown.

A block ```hcl NAME is a file, a block ```console has commands after `$ ` and what they
print.  A line `…` stands for any lines; ids and seconds may differ.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.support.cli import run_cotta

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT: Final = Path(__file__).parents[2]
WALKS: Final = ("docs/howto/plan-and-apply.md", "README.md")

_BLOCK: Final = re.compile(r"^```(hcl|console)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SECONDS: Final = re.compile(r"after \d+s")
_ANY_LINES: Final = r"(?:.*\n)*?"


def steps(block: str) -> Iterator[tuple[str, str]]:
    """Iterate over the commands of a block and what they print."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def plain(text: str) -> str:
    """Return an output without what differs from run to run."""
    return _SECONDS.sub("after 0s", _ID.sub("<id>", text))


@pytest.mark.parametrize("page", WALKS)
def test_a_walk_goes_as_it_is_written(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = (PROJECT / page).read_text(encoding="utf-8")
    commands = 0
    for language, name, content in _BLOCK.findall(text):
        if language == "hcl":
            (tmp_path / name).write_text(content, encoding="utf-8")
            continue
        for command, output in steps(content):
            words = shlex.split(command)
            assert words[0] == "cotta", command
            ended = run_cotta(*words[1:])
            expected = "".join(
                _ANY_LINES if line == "…\n" else re.escape(line)
                for line in plain(output).splitlines(keepends=True)
            )
            shown = plain(ended.stdout + ended.stderr)
            assert re.fullmatch(expected, shown), f"$ {command}\n{shown}"
            commands += 1
    assert commands > 2
