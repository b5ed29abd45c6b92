"""Prose broken into lines, as Terraform breaks it."""

from __future__ import annotations

import textwrap


def wrap(text: str, width: int) -> str:
    """Return the text in lines of at most `width` columns; words are never broken."""
    return "\n".join(
        "\n".join(
            textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False) or [""]
        )
        for line in text.split("\n")
    )


def rule(width: int) -> str:
    """Return the line between the parts of what a command says."""
    return "─" * (width - 1)
