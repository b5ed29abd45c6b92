"""Whatever a template says, it becomes builds or mistakes, never an exception."""

from __future__ import annotations

import contextlib
import random
from pathlib import Path
from typing import Final

import pytest

from cotta.diagnostics.diagnostics import DiagnosticsError
from tests.support.templates import answer_of

FOLDER: Final = Path(__file__).parents[2] / "oracle" / "data" / "templates"
TEXTS: Final = sorted(
    (path.name, path.read_text()) for path in FOLDER.rglob("*.pkr.*") if path.is_file()
)
BITS: Final = (
    '"', "{", "}", "${", "{{", "}}", "null", "[]", "{}", "build.ID", "each.value", "=", "\n",
    'dynamic "tag" {', "for_each", "1", "true", "local.x", "source", "(", ")", "timestamp()",
)  # fmt: skip


def spoilt(text: str, chance: random.Random) -> str:
    """Return a text with some of it gone, added, or in another place."""
    for _ in range(chance.randint(1, 4)):
        at, length = chance.randrange(len(text) + 1), chance.randint(1, 40)
        match chance.randrange(3):
            case 0:
                text = text[:at] + text[at + length :]
            case 1:
                text = text[:at] + chance.choice(BITS) + text[at:]
            case _:
                start = chance.randrange(len(text) + 1)
                text = text[:at] + text[start : start + length] + text[at:]
    return text


@pytest.mark.parametrize("seed", range(10))
def test_spoilt_templates_are_answered(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(12):
        name, text = chance.choice(TEXTS)

        answer = answer_of({name: spoilt(text, chance)})

        if not answer.diagnostics.has_errors:
            for build in answer.builds:
                for step in build.provisioners:
                    with contextlib.suppress(DiagnosticsError):
                        step.options({"ID": "i-1"})
