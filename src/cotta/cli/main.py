"""The entry point `cotta`, and every way in which the process can end.

| Ends because            | Status                         |
|-------------------------|--------------------------------|
| the command is done     | what the command says: mostly 0|
| a mistake of the person | 1, with diagnostics            |
| a mistake of ours       | 1, with a traceback            |
| no command was given    | 127, as terraform              |
| Ctrl-C                  | 130                            |
| nobody reads the output | 141                            |
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NoReturn

from cotta.cli import table
from cotta.cli.flags import HelpAsked, UsageError
from cotta.cli.terminal import this_terminal
from cotta.diagnostics.diagnostics import Diagnostic, DiagnosticsError
from cotta.diagnostics.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cotta.cli.table import Entry
    from cotta.cli.terminal import Terminal

EXIT_FAILURE: Final = 1
EXIT_NO_COMMAND: Final = 127
EXIT_INTERRUPTED: Final = 130
EXIT_BROKEN_PIPE: Final = 141

_HELP: Final = frozenset({"-h", "-help", "--help", "help"})
_VERSION: Final = frozenset({"-v", "-version", "--version"})
_MACHINE_READABLE: Final = frozenset({"-machine-readable", "--machine-readable"})
_NO_COLOUR: Final = frozenset({"-no-color", "--no-color"})


def main() -> NoReturn:
    """Run `cotta` with the arguments of this process, and end it."""
    _collect_seldom()
    terminal = this_terminal()
    status = finish(lambda: run(sys.argv[1:], terminal), terminal)
    if status == EXIT_BROKEN_PIPE:
        _discard_output()
    _end_now(status)


def finish(work: Callable[[], int], terminal: Terminal) -> int:
    """Do the work and return the status with which the process is to end, whatever happens."""
    try:
        status = work()
        terminal.stdout.flush()
        return status
    except KeyboardInterrupt:
        return _last_words(terminal, "\nInterrupted.\n", EXIT_INTERRUPTED)
    except BrokenPipeError:
        return EXIT_BROKEN_PIPE
    except Exception:  # noqa: BLE001 - the one place that answers for our own mistakes
        return _last_words(terminal, _describe_bug(), EXIT_FAILURE)


def run(arguments: Sequence[str], terminal: Terminal) -> int:
    """Run the command that `arguments` name and return its exit status.

    Mistakes of the person's have then been shown.  Whatever else is raised is
    a mistake of ours.
    """
    try:
        words, terminal = _take_global_options(arguments, terminal)
        if not words:
            terminal.write(render_overview())
            return EXIT_NO_COMMAND
        if words[0] in _HELP:
            return _help(words[1:], terminal)
        if words[0] in _VERSION:
            words = ["version", *words[1:]]
        return _run_command(words, terminal)
    except DiagnosticsError as error:
        from cotta.cli.views.diagnostics import show_diagnostics

        show_diagnostics(error.diagnostics, terminal)
    except UsageError as error:
        _show_usage_error(error, terminal)
    return EXIT_FAILURE


def _run_command(words: Sequence[str], terminal: Terminal) -> int:
    found = table.find(words)
    if found is None:
        return _explain_missing(words, terminal)
    entry, rest = found
    command = table.load(entry)
    flags = table.declared(command)
    extra = _extra_arguments(entry, terminal)
    if not _NO_COLOUR.isdisjoint(extra):
        terminal = replace(terminal, has_colour=False)
        extra = [word for word in extra if word not in _NO_COLOUR]
    try:
        given = flags.parse([*extra, *rest])
    except HelpAsked:
        terminal.write(command.HELP + flags.render_help())
        return 0
    except UsageError as error:
        _show_usage_error(error, terminal)
        terminal.warn(f"\nFor more help on using this command, run:\n  cotta {entry.name} -help\n")
        return EXIT_FAILURE
    return command.run(given, terminal)


def _take_global_options(
    arguments: Sequence[str], terminal: Terminal
) -> tuple[list[str], Terminal]:
    """Return the arguments from the command on, global options obeyed.

    `-no-color` may stand anywhere before `--`, as every command takes it.
    """
    words = list(arguments)
    end = words.index("--") if "--" in words else len(words)
    if not _NO_COLOUR.isdisjoint(words[:end]):
        terminal = replace(terminal, has_colour=False)
        words = [word for word in words[:end] if word not in _NO_COLOUR] + words[end:]
    while words and words[0].startswith(("-chdir", "--chdir")):
        _change_folder(words.pop(0))
    if len(words) > 1 and words[0] in _MACHINE_READABLE:
        # Packer's old place for it.
        words = [words[1], words[0], *words[2:]]
    if words and words[0].startswith("-") and words[0] not in _HELP | _VERSION:
        raise UsageError(
            "Unknown global option",
            f'There is no global option "{words[0]}". Options of a command '
            "follow the command, and what begins the line is -chdir=FOLDER at most.",
        )
    return words, terminal


def _change_folder(option: str) -> None:
    _, equals, folder = option.partition("=")
    if not equals or not folder:
        raise UsageError(
            "Invalid -chdir option", "Name the folder after an equals sign: -chdir=examples."
        )
    try:
        os.chdir(folder)
    except OSError as error:
        raise UsageError(
            "Invalid -chdir option",
            f'The folder "{folder}" can\'t be entered: {error.strerror}. Name one that is there.',
        ) from None


def _extra_arguments(entry: Entry, terminal: Terminal) -> list[str]:
    """Return the arguments from the environment, those for one command before those for all.

    That is terraform's order.  What COTTA_CLI_ARGS says comes after what
    TF_CLI_ARGS says, so that it wins.
    """
    suffix = entry.name.replace("-", "_").replace(" ", "_")
    names = ("TF_CLI_ARGS_" + suffix, "TF_CLI_ARGS", "COTTA_CLI_ARGS_" + suffix, "COTTA_CLI_ARGS")
    extra: list[str] = []
    for name in names:
        text = terminal.environment.get(name, "")
        if not text:
            continue
        # Imported here because hardly anybody sets these.
        import shlex

        try:
            extra += shlex.split(text)
        except ValueError as error:
            raise UsageError(
                "Invalid extra arguments",
                f"{name} can't be split into words: {str(error).lower()}.",
            ) from None
    return extra


# --- help ---------------------------------------------------------------------


def render_overview() -> str:
    """Return the help of `cotta` itself: what it is, its commands, where to go on."""
    lines = [
        "Usage: cotta [global options] <command> [options]",
        "",
        "Cotta bakes machine images, plans and applies infrastructure, and rolls fleets",
        "onto new images, reading the files of Packer and Terraform as they are.",
    ]
    for title, entries in (
        ("Main commands:", table.MAIN_COMMANDS),
        ("Other commands:" if table.MAIN_COMMANDS else "Commands:", table.OTHER_COMMANDS),
    ):
        if entries:
            lines += ["", title, *_listed(entries)]
    absent = ", ".join(name for name in ("login", "logout", "test"))
    lines += [
        "",
        f"Commands of Terraform's that there are not yet: {absent}.",
        "",
        "Global options, before the command:",
        "  -chdir=FOLDER  Work in another folder",
        "  -help          Show this help, or a command's: cotta console -help",
        "  -no-color      Write without colour; so does NO_COLOR=1, and a pipe",
        "  -version       The same as the command",
        "",
        "To bring a folder with a template and a configuration about: cotta ship FOLDER.",
        "In a folder with .tf files alone, begin with: cotta init, then cotta plan.",
    ]
    return "\n".join(lines) + "\n"


def _listed(entries: Sequence[Entry]) -> list[str]:
    width = max(len(entry.name) for entry in table.COMMANDS)
    shown = [entry for entry in entries if not entry.is_internal]
    return [f"  {entry.name:{width}}  {entry.summary}" for entry in shown]


def _help(words: Sequence[str], terminal: Terminal) -> int:
    """Print the help of a command, or of everything."""
    found = table.find(words) if words else None
    if found is not None:
        command = table.load(found[0])
        terminal.write(command.HELP + table.declared(command).render_help())
        return 0
    if words and not words[0].startswith("-"):
        return _explain_missing(words, terminal)
    terminal.write(render_overview())
    return 0


def _explain_missing(words: Sequence[str], terminal: Terminal) -> int:
    """Say that there is no such command, and which ones there are."""
    group = words[0]
    if group in table.GROUPS:
        members = [entry for entry in table.COMMANDS if entry.name.startswith(f"{group} ")]
        text = "\n".join(
            [
                f"Usage: cotta [global options] {group} <command> [options]",
                "",
                f"  {table.GROUPS[group]}.",
                "",
                "Commands:",
                *_listed(members),
            ]
        )
        if not _HELP.isdisjoint(words[1:]):
            terminal.write(text + "\n")
            return 0
        rest = " ".join(words[1:])
        if rest and not rest.startswith("-"):
            names = [entry.name for entry in members if not entry.is_internal]
            hint = did_you_mean(f"{group} {rest}", names)
            text = f'Cotta has no command named "{group} {rest}".{hint}\n\n{text}'
        terminal.warn(text + "\n")
        return EXIT_FAILURE
    if group in table.ABSENT:
        _show_usage_error(
            UsageError(f'There is no command "{group}" yet', table.ABSENT[group]), terminal
        )
        return EXIT_FAILURE
    names = [*dict.fromkeys(entry.name.split()[0] for entry in table.COMMANDS)]
    terminal.warn(
        f'Cotta has no command named "{group}".{did_you_mean(group, names)}\n\n'
        "To see all of Cotta's commands, run:\n  cotta -help\n"
    )
    return EXIT_FAILURE


def _show_usage_error(error: UsageError, terminal: Terminal) -> None:
    from cotta.cli.views.diagnostics import show_diagnostics

    show_diagnostics([Diagnostic(summary=error.summary, detail=error.detail)], terminal)


def _collect_seldom() -> None:
    """Let the interpreter look for garbage in cycles less often: we make next to none.

    What a plan of thousands builds up lives to its end.  Looking through it
    every 700 objects cost a sixth of the time of an apply of 4,000.
    """
    gc.set_threshold(50_000, 20, 100)


# --- the end ------------------------------------------------------------------


def _describe_bug() -> str:
    import traceback

    return (
        f"\n{traceback.format_exc()}\n"
        "This is a bug in cotta.  Please report the lines above, what you ran, and\n"
        "what `cotta version` says.\n"
    )


def _last_words(terminal: Terminal, text: str, status: int) -> int:
    """Write what there is to say at an end that nobody planned; return `status`."""
    try:
        terminal.warn(text)
    except BrokenPipeError:
        return EXIT_BROKEN_PIPE
    return status


def _end_now(status: int) -> NoReturn:
    """End the process without the interpreter's own tidying up.

    Taking the objects of a plan of thousands apart one by one took a
    fifteenth of the time of an apply, for memory that is given back anyhow.
    """
    for stream in (sys.stdout, sys.stderr):
        # Whoever doesn't read it has been told by now, or can't be.
        with contextlib.suppress(OSError):
            stream.flush()
    os._exit(status)


def _discard_output() -> None:
    """Point stdout and stderr nowhere, or the interpreter would complain at its own end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
