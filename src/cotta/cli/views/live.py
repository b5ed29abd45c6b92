"""Drawing in place at a terminal; never imported where nobody looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotta.cli.terminal import Terminal


def draw_again_and_again(
    look: Callable[[], str], pause: Callable[[], None], terminal: Terminal
) -> None:
    """Draw what `look` returns over what it returned before, until interrupted."""
    console = Console(
        file=terminal.stdout,
        force_terminal=True,
        no_color=not terminal.stdout_has_colour,
        highlight=False,
    )
    with Live(console=console, auto_refresh=False, screen=True) as live:
        while True:
            live.update(Text(look()), refresh=True)
            pause()
