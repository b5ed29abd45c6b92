"""`cotta fmt`: write files in the canonical style."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.diagnostics.diagnostics import Diagnostics

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] fmt [options] [path …]

  Rewrites files of the native syntax in the canonical style: .tf, .tofu,
  .tfvars, .tftest.hcl and .tfmock.hcl of Terraform and OpenTofu, .pkr.hcl and
  .pkrvars.hcl of Packer.  JSON files are left as they are.

  A path is a file, or a folder whose files are meant; without any it is this
  folder.  A single dash ("-") reads from stdin and writes to stdout.

  The exit status is 0, or 2 if a file could not be read or has mistakes in it,
  or 3 with -check if anything is not in the canonical style.
"""

ENDINGS: Final = (
    *(".tf", ".tofu", ".tfvars", ".tftest.hcl", ".tofutest.hcl", ".tfmock.hcl"),
    *(".pkr.hcl", ".pkrvars.hcl"),
)

EXIT_MISTAKES: Final = 2
EXIT_UNFORMATTED: Final = 3

_STDIN: Final = "-"
_STDIN_NAME: Final = "<stdin>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to do with files that are not in the canonical style.

    With neither of the first three, every file's canonical form is printed.
    """

    listing: bool
    writing: bool
    diff: bool
    is_recursive: bool
    is_quiet: bool


def declare(flags: Flags) -> None:
    """Take paths, and what to do."""
    flags.switch("list", "Don't list the files that change. Nor is stdin listed.", default=True)
    flags.switch("write", "Don't write files. Nor does -check.", default=True)
    flags.switch("diff", "Show the changes as a unified difference.")
    flags.switch("check", "Only say, by exit status 3, whether anything would change.")
    flags.switch("recursive", "Go into the folders inside of folders as well.")
    flags.words("paths", most=None)


def run(given: Namespace, terminal: Terminal) -> int:
    """Format what was named; return what became of it."""
    from_stdin = given.paths[:1] == [_STDIN]
    listing = given.list and not from_stdin
    formatter = Formatter(
        Wanted(
            listing=listing or given.check,
            writing=given.write and not from_stdin and not given.check,
            diff=given.diff,
            is_recursive=given.recursive,
            # A check says what it finds by its status; -list=false silences it.
            is_quiet=given.check and not listing,
        ),
        terminal,
    )
    if from_stdin:
        formatter.text(terminal.stdin.read(), _STDIN_NAME)
    else:
        for path in given.paths or ["."]:
            formatter.path(path)
    if len(formatter.diags):
        # Imported here because files are mostly without mistakes.
        from cotta.cli.views.diagnostics import show_diagnostics

        show_diagnostics(formatter.diags, terminal)
        return EXIT_MISTAKES
    return EXIT_UNFORMATTED if given.check and formatter.has_changes else 0


class Formatter:
    """Goes through files and keeps what is wrong and whether any changed."""

    def __init__(self, wanted: Wanted, terminal: Terminal) -> None:
        self.wanted = wanted
        self.terminal = terminal
        self.diags = Diagnostics()
        self.has_changes = False

    def path(self, name: str) -> None:
        """Format a file, or the files of a folder, that a person has named."""
        path = Path(os.path.relpath(name or "."))
        try:
            path.stat()
        except OSError as error:
            self.diags.error(
                f"No file or directory at {path}", f"It can't be found: {error.strerror}."
            )
            return
        if path.is_dir():
            for file in self.files(path):
                self.file(file)
        elif not path.name.endswith(ENDINGS):
            self.diags.error(
                "Only .tf, .tfvars, .tftest.hcl and .pkr.hcl files can be processed with cotta fmt",
                f'What kind of file "{name}" is can\'t be told from its name.',
            )
        else:
            self.file(path)

    def files(self, folder: Path) -> Iterator[Path]:
        """Yield the files of a folder to format, by name, without the hidden ones."""
        pending = [folder]
        while pending:
            path = pending.pop()
            if path != folder and not path.is_dir():
                yield path
                continue
            try:
                entries = sorted(os.scandir(path), key=lambda entry: entry.name, reverse=True)
            except OSError as error:
                self.diags.error(
                    f"Cannot read directory {path}", f"The folder can't be read: {error.strerror}."
                )
                continue
            for entry in entries:
                if is_ignored(entry.name):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    if self.wanted.is_recursive:
                        pending.append(Path(entry.path))
                elif entry.name.endswith(ENDINGS) and not Path(entry.path).is_dir():
                    pending.append(Path(entry.path))

    def file(self, path: Path) -> None:
        """Format one file, whatever its name."""
        try:
            content = path.read_bytes()
        except OSError as error:
            self.diags.error(
                f"Failed to read file {path}", f"The file can't be read: {error.strerror}."
            )
            return
        formatted = self.text(content, str(path))
        if self.wanted.writing and formatted != content:
            # Imported here because a check, or a file that is right, writes nothing.
            from cotta.system.files import write_atomically

            try:
                write_atomically(path, formatted)
            except OSError as error:
                self.diags.error(
                    f"Failed to write {path}", f"The file can't be written: {error.strerror}."
                )

    def text(self, content: bytes, name: str) -> bytes:
        """Return the canonical form of a file's bytes, having shown what is wanted."""
        from cotta.hcl.format import format_bytes

        found = Diagnostics()
        formatted = format_bytes(content, name, found)
        self.diags.extend(found)
        if found.has_errors:
            return content
        if formatted != content:
            self.has_changes = True
            if self.wanted.listing:
                self.show(name)
            if self.wanted.diff:
                from cotta.cli.views.unified import render_difference

                self.show(render_difference(content, formatted, name))
        if not (self.wanted.listing or self.wanted.writing or self.wanted.diff):
            self.show(formatted.decode())
        return formatted

    def show(self, text: str) -> None:
        """Write whole lines."""
        if not self.wanted.is_quiet:
            self.terminal.write(text if text.endswith("\n") else text + "\n")


def is_ignored(name: str) -> bool:
    """Say whether a name is hidden or an editor's left-over."""
    return name.startswith(".") or name.endswith("~") or (name[:1] == name[-1:] == "#")
