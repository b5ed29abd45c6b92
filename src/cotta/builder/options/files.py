"""The files that options name: which there are, and whether they are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.builder.options.declare import Kind, Reads
from cotta.builder.options.values import NotKnownError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.builder.options.declare import Option
    from cotta.builder.options.values import Options
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.hcl.functions.surroundings import FileReader


def files_of(options: Options) -> Iterator[tuple[Option, str]]:
    """Iterate over the paths that options name and that must be there, in their order.

    What isn't known yet is left out.
    """
    try:
        if not options.schema.reads_files(options):
            return
    except NotKnownError:
        return
    for option in options.schema.options:
        if option.reads is None or not options.is_known(option.name):
            continue
        if option.kind is Kind.TEXTS:
            yield from ((option, path) for path in options.texts(option.name) if path)
        elif options.text(option.name):
            yield option, options.text(option.name)


def check_files(options: Options, reader: FileReader, diags: Diagnostics) -> None:
    """Report the files that options name and that can't be found."""
    for option, path in files_of(options):
        wrong = _what_is_wrong(option, expand_home(path, reader), reader)
        if wrong:
            diags.error(
                "File that is missing" if "no such" in wrong else "File that can't be read",
                f'"{option.name}" names "{path}", and {wrong}. Paths begin at the folder where '
                f'cotta was started: "{reader.absolute(path)}" was looked for.',
                options.place(option.name),
            )


def expand_home(path: str, reader: FileReader) -> str:
    """Return a path with the home folder in place of a `~` at its beginning."""
    return reader.home() + path[1:] if path == "~" or path.startswith("~/") else path


def _what_is_wrong(option: Option, path: str, reader: FileReader) -> str:
    try:
        if reader.is_file(path):
            return ""
    except IsADirectoryError:
        return "" if option.reads is Reads.TREE else "that is a folder"
    except OSError as error:
        return str(error.strerror or error)
    return (
        "there is no such file" if option.reads is Reads.FILE else "there is no such file or folder"
    )
