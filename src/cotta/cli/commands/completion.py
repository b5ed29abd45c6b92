"""`cotta completion`: what a shell reads to complete command lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.cli.completion import render_completion
from cotta.cli.states import fail

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] completion SHELL

  Prints a script that completes commands and flags, for bash or zsh:

    eval "$(cotta completion bash)"
"""

_SHELLS: Final = ("bash", "zsh")


def declare(flags: Flags) -> None:
    """Take the shell."""
    flags.words("shells", least=1, most=1, advice="Name a shell: bash or zsh.")


def run(given: Namespace, terminal: Terminal) -> int:
    """Print the script."""
    (shell,) = given.shells
    if shell not in _SHELLS:
        raise fail("Unknown shell", f'There is a script for bash and for zsh, not for "{shell}".')
    terminal.write(render_completion(shell))
    return 0
