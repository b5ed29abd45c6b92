"""Every command that a page shows is one that there is, with flags that it takes."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from cotta.cli.flags import HelpAsked
from cotta.cli.table import declared, find, load

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT: Final = Path(__file__).parents[2]
PAGES: Final = [
    PROJECT / "README.md",
    *(
        page
        for page in sorted((PROJECT / "docs").rglob("*.md"))
        if page.name not in ("commands.md", "rules.md") and "decisions" not in page.parts
    ),
]

_BLOCK: Final = re.compile(r"^```(?:console|sh|bash)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CALL: Final = re.compile(r"^(?:\$ )?(?:sudo )?(?:\w+=\S+ )*cotta (.*)$")


def commands_of(page: Path) -> Iterator[list[str]]:
    """Give the words of each command line in the code blocks of a page."""
    for block in _BLOCK.findall(page.read_text(encoding="utf-8")):
        for line in block.splitlines():
            found = _CALL.match(line)
            if found is None or "…" in line or "[" in line:
                continue
            # What a shell does with the output is not Cotta's, nor what explains the line.
            call = re.split(r" [|>] |>>| && |  +| # ", found[1])[0]
            yield shlex.split(call)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_and_flags_are_there(page: Path) -> None:
    for words in commands_of(page):
        while words and words[0].startswith("-chdir="):
            words.pop(0)
        if not words or words[0] in ("-version", "-help"):
            continue
        found = find(words)
        assert found is not None, words
        entry, rest = found
        try:
            declared(load(entry)).parse(rest)
        except HelpAsked:
            continue


def test_the_walks_are_looked_at() -> None:
    assert len(list(commands_of(PROJECT / "README.md"))) > 4
    tutorial = [" ".join(words[:2]) for words in commands_of(PROJECT / "docs" / "tutorial.md")]
    assert {"region up", "ship", "rollback", "destroy", "region reset"} <= {*tutorial}


def test_what_the_tutorial_changes_is_in_the_example(tmp_path: Path) -> None:
    text = (PROJECT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    example = tmp_path / "my-fleet"
    shutil.copytree(PROJECT / "examples" / "web-fleet", example)
    edits = re.findall(r"^\$ sed -i 's/(.*)/(.*)/' (.*)$", text, re.MULTILINE)

    for before, after, name in edits:
        path = example / name
        content = path.read_text(encoding="utf-8")
        assert before in content
        path.write_text(content.replace(before, after), encoding="utf-8")

    assert len(edits) == 3
