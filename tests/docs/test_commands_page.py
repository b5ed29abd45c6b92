"""docs/commands.md is what the commands say of themselves."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from cotta.cli.table import COMMANDS, MAIN_COMMANDS, declared, load

PAGE: Final = Path(__file__).parents[2] / "docs" / "commands.md"

_HEAD: Final = """\
# Commands

What `cotta COMMAND -help` prints, of every command; made by `make docs` from the parsers
themselves.  Flags take one dash or two.  Before the command may stand `-chdir=FOLDER`, and
`-no-color` anywhere.
"""


def page() -> str:
    main = "\n".join(
        f"- [`{one.name}`](#{one.name.replace(' ', '-')}): {one.summary}" for one in MAIN_COMMANDS
    )
    sections = []
    for entry in sorted(COMMANDS, key=lambda entry: entry.name):
        if entry.is_internal:
            continue
        command = load(entry)
        text = command.HELP.rstrip() + "\n\n" + declared(command).render_help()
        sections.append(f"## {entry.name}\n\n```\n{text.rstrip()}\n```\n")
    return "\n".join([_HEAD, f"The way through a day's work:\n\n{main}\n", *sections])


def test_the_page_is_up_to_date() -> None:
    if os.environ.get("COTTA_GOLDEN") == "write":
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make docs`"
