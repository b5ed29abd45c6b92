"""`cotta console`: ask what expressions mean."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.cli.answers import TYPE_FUNCTIONS, Refusal, ValueAnswer, answer, is_unfinished
from cotta.cli.bare_scope import bare_names
from cotta.cli.clouds import declare_cloud
from cotta.cli.initializing import is_empty_folder
from cotta.cli.templates import declare_config_type, template_at
from cotta.cli.views.answers import encode_answer, render_answer
from cotta.cli.views.diagnostics import show_diagnostics
from cotta.cli.worlds import declare_variables
from cotta.hcl.functions.surroundings import Surroundings
from cotta.hcl.functions.tables import opentofu_functions
from cotta.system.clock import SystemClock
from cotta.system.reading import DiskReader
from cotta.values.json_text import write_json

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator
    from types import ModuleType

    from cotta.cli.bare_scope import Names
    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] console [options] [template]

  Answers expressions: functions, path.*, and in a folder with a configuration
  its variables, locals, resources and modules.  Resources are as the state
  has them, or with -plan as they will be.  type(x) shows the type of x.

  Of a template (a .pkr.hcl file or a folder of them that is named, or this
  folder if it has no .tf files) it knows variables, locals and functions as
  Packer does; the word variables lists them.

  At a terminal, an expression ends where its brackets are closed.  The
  word exit, Ctrl-D or Ctrl-C leaves.  From a pipe, every line is an
  expression and gets its answer, in order; if any of them is wrong, the
  exit status is 1.
"""

_INTRODUCTION: Final = """\
Type an expression, such as upper("x") or [for n in range(3) : n * n], to see
what it means.  type(x) shows a type.  Brackets that are open go on on the next
line.  Leave with exit, Ctrl-D or Ctrl-C.
"""

_PROMPT: Final = "> "
_NEXT_PROMPT: Final = ": "
_REMEMBERED_LINES: Final = 2000


def declare(flags: Flags) -> None:
    """Take how to answer, and what to know."""
    flags.switch("plan", "Answer with what a plan says will be.")
    flags.option("state", "PATH", "The state file, instead of the workspace's.")
    declare_cloud(flags)
    declare_variables(flags)
    flags.switch("input", "Don't ask for variables that have no value.", default=True)
    flags.switch("compact-warnings", "Accepted for Terraform's sake; without effect.")
    declare_config_type(flags)
    flags.switch("use-sequential-evaluation", "Accepted for Packer's sake; without effect.")
    flags.words("paths", most=1, advice="Name one template.")
    flags.switch(
        "json", "Answer with one JSON record for each expression: its type and value, or why not."
    )


def run(given: Namespace, terminal: Terminal) -> int:
    """Answer every expression; 1 if any had no answer."""
    is_template, path = _template(given)
    listing = ""
    if is_template:
        # Imported here because a configuration needs nothing of it.
        from cotta.cli.template_console import template_names

        names, listing = template_names(path, given, terminal)
    else:
        names = _names(given, terminal)
    if terminal.is_interactive:
        expressions = _typed(terminal)
    else:
        expressions = ((number, line) for number, line in enumerate(terminal.stdin, 1))
    status = 0
    for number, text in expressions:
        word = text.strip()
        if word == b"exit":
            break
        if word == b"help":
            terminal.warn(_INTRODUCTION) if given.json else terminal.write(_INTRODUCTION)
        elif word == b"variables" and is_template:
            terminal.warn(listing) if given.json else terminal.write(f"{listing}\n")
        elif word:
            is_fine = _answer_one(text, number, names, terminal, given, is_template=is_template)
            # A person has seen the mistake and gone on.
            status = status if is_fine or terminal.is_interactive else 1
        elif not given.json and not terminal.is_interactive:
            terminal.write("\n")
        terminal.stdout.flush()
    return status


def _template(given: Namespace) -> tuple[bool, Path | None]:
    """Say whether a template is meant, and which one; None is one without anything in it.

    A configuration in this folder comes before a template in it.
    """
    if given.config_type and not given.paths:
        return True, None
    if not given.paths and not is_empty_folder(Path()):
        return False, None
    path = template_at(given.paths, given)
    return path is not None, path


def _answer_one(
    text: bytes,
    number: int,
    names: Names,
    terminal: Terminal,
    given: Namespace,
    *,
    is_template: bool,
) -> bool:
    """Print an answer, or why there is none; say whether there was one."""
    found = answer(text, names, line=1 if terminal.is_interactive else number)
    if given.json:
        record = encode_answer(found, line=number)
        terminal.write(write_json(record) + "\n")
        return "diagnostics" not in record
    if isinstance(found, Refusal):
        show_diagnostics(found.diagnostics, terminal)
    elif is_template and isinstance(found, ValueAnswer):
        from cotta.cli.views.template_values import render_packer_value

        terminal.write(render_packer_value(found.value) + "\n")
    else:
        terminal.write(render_answer(found))
    return not isinstance(found, Refusal)


def _names(given: Namespace, terminal: Terminal) -> Names:
    if not is_empty_folder(Path()):
        # Imported here because without a configuration nothing of it is needed.
        from cotta.cli.configured_scope import configured_names

        return configured_names(given, terminal)
    surroundings = Surroundings(
        files=DiskReader(),
        now=SystemClock().now,
        random=os.urandom,
        environment=terminal.environment,
    )
    functions = {**opentofu_functions(surroundings), **TYPE_FUNCTIONS}
    return bare_names(functions, started_in=terminal.started_in)


# --- at a terminal --------------------------------------------------------------


def _typed(terminal: Terminal) -> Iterator[tuple[int, bytes]]:
    """Iterate over what a person types, an expression at a time, until Ctrl-D.

    Ctrl-C drops a half-typed expression, and leaves at an empty prompt.
    """
    number = 0
    with _history(terminal) as readline:
        while True:
            lines: list[str] = []
            try:
                lines.append(input(_PROMPT))
                # An empty line ends what can't be ended otherwise.
                while lines[-1] and is_unfinished("\n".join(lines)):
                    lines.append(input(_NEXT_PROMPT))
            except EOFError:
                terminal.write("\n")
                return
            except KeyboardInterrupt:
                terminal.write("\n")
                if lines or readline.get_line_buffer():
                    continue
                return
            number += 1
            yield number, "\n".join(lines).encode("utf-8", "surrogateescape")


@contextlib.contextmanager
def _history(terminal: Terminal) -> Iterator[ModuleType]:
    """Give `input` line editing, and what was typed in earlier sessions."""
    # Imported here because it changes how `input` behaves.
    import readline

    state = terminal.environment.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    file = Path(state) / "cotta" / "console_history"
    # Without a history one can still ask.
    with contextlib.suppress(OSError):
        readline.read_history_file(file)
    readline.set_history_length(_REMEMBERED_LINES)
    try:
        yield readline
    finally:
        with contextlib.suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            readline.write_history_file(file)
