"""Files that come with the configuration, and their paths.

Reading goes through a `FileReader`.  A path's own marks stay on the result,
and a sensitive path is not shown in a message.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from cotta.hcl.functions import paths
from cotta.hcl.functions.encodings import decode_utf8, encode_base64
from cotta.hcl.functions.globs import PatternError, find_files
from cotta.hcl.functions.hashes import DIGESTS, describe_digest
from cotta.values.functions import ArgumentError, Function, FunctionError, Parameter
from cotta.values.sets import make_set
from cotta.values.types import BOOL, STRING, SetType
from cotta.values.value import make_string, unmark, with_marks

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotta.hcl.functions.surroundings import Surroundings
    from cotta.values.value import Marks, Value


@dataclass(frozen=True, slots=True)
class Located:
    """A path as the configuration has it and as the reader takes it, with its marks."""

    written: str
    path: str
    marks: Marks

    def __str__(self) -> str:
        return "(sensitive value)" if self.marks else f'"{self.written}"'


def expand_home(path: str, surroundings: Surroundings) -> str:
    """Return the path with a leading `~` replaced by the home directory."""
    if not path.startswith("~"):
        return path
    if path[1:2] not in ("", "/"):
        raise FunctionError("only one's own home directory can be named by ~")
    return paths.join(surroundings.files.home(), path[1:])


def locate(argument: Value, surroundings: Surroundings) -> Located:
    """Return where the file is that a path, maybe marked, names."""
    written, marks = unmark(argument)
    assert isinstance(written, str)
    path = expand_home(written, surroundings)
    if not path.startswith("/"):
        path = paths.join(surroundings.base, path)
    return Located(written, paths.clean(path), marks)


def locate_to_read(argument: Value, surroundings: Surroundings) -> Located:
    """Return where the file is, as above; a path at fault is the argument's fault."""
    try:
        return locate(argument, surroundings)
    except FunctionError as error:
        raise ArgumentError(0, str(error)) from None


def _reason(error: OSError) -> str:
    return (error.strerror or "it can't be read").lower()


def read_content(place: Located, surroundings: Surroundings) -> bytes:
    """Return the file's content; `ArgumentError` if it can't be read."""
    try:
        return surroundings.files.read(place.path)
    except FileNotFoundError:
        raise ArgumentError(
            0,
            f"there is no file at {place}; only files that come with the configuration can be "
            "read, so if a resource is to make this one, take an attribute of that resource "
            "instead",
        ) from None
    except OSError as error:
        raise ArgumentError(0, f"the file {place} can't be read: {_reason(error)}") from None


def read_text(place: Located, surroundings: Surroundings) -> str:
    """Return the file's content as text; `FunctionError` if it isn't UTF-8."""
    return decode_utf8(
        read_content(place, surroundings),
        f"the file {place} is not UTF-8 text; filebase64 gives its content in Base64, and "
        "filemd5, filesha256 and the like its digest",
    )


# --- content ----------------------------------------------------------------------


def _file(surroundings: Surroundings, path: Value) -> Value:
    place = locate_to_read(path, surroundings)
    return with_marks(read_text(place, surroundings), place.marks)


def _filebase64(surroundings: Surroundings, path: Value) -> Value:
    place = locate_to_read(path, surroundings)
    return with_marks(encode_base64(read_content(place, surroundings)), place.marks)


def _file_digest(
    surroundings: Surroundings, path: Value, *, algorithm: str, write: Callable[[bytes, str], str]
) -> Value:
    place = locate(path, surroundings)
    try:
        content = surroundings.files.read(place.path)
    except OSError as error:
        raise FunctionError(f"the file {place} can't be read: {_reason(error)}") from None
    return with_marks(write(content, algorithm), place.marks)


def _fileexists(surroundings: Surroundings, path: Value) -> Value:
    place = locate(path, surroundings)
    try:
        exists = surroundings.files.is_file(place.path)
    except OSError as error:
        why = "it is a directory" if error.errno == errno.EISDIR else _reason(error)
        raise FunctionError(f"{place} is not a file that can be read: {why}") from None
    return with_marks(exists, place.marks)


def _fileset(surroundings: Surroundings, path: Value, pattern: Value) -> Value:
    bare_path, path_marks = unmark(path)
    bare_pattern, pattern_marks = unmark(pattern)
    assert isinstance(bare_path, str)
    assert isinstance(bare_pattern, str)
    marks = path_marks | pattern_marks
    start = bare_path if bare_path.startswith("/") else paths.join(surroundings.base, bare_path)
    whole = Located(bare_pattern, paths.join(start, bare_pattern), marks)
    try:
        found = find_files(whole.path, surroundings.files)
    except PatternError:
        raise FunctionError(f"the pattern {whole} is malformed") from None
    names: list[Value] = []
    for file, kind in found.items():
        if kind == "nothing":
            shown = Located(file, file, marks)
            raise FunctionError(f"{shown} is a link to something that is not there")
        if kind == "file":
            names.append(make_string(paths.relative(file, paths.clean(start))))
    return with_marks(make_set(names, STRING), marks)


# --- paths ------------------------------------------------------------------------


def _abspath(surroundings: Surroundings, path: str) -> Value:
    return make_string(surroundings.files.absolute(path))


def _pathexpand(surroundings: Surroundings, path: str) -> Value:
    return make_string(expand_home(path, surroundings))


_PATH: Final = Parameter("path", STRING)
_MARKED_PATH: Final = Parameter("path", STRING, marked=True)

FUNCTIONS: Final[tuple[Function, ...]] = (
    Function(
        name="basename",
        description="Returns the last part of a path.",
        parameters=(_PATH,),
        result=STRING,
        implementation=paths.base,
    ),
    Function(
        name="dirname",
        description="Returns a path without its last part.",
        parameters=(_PATH,),
        result=STRING,
        implementation=paths.directory,
    ),
)


def functions(surroundings: Surroundings) -> tuple[Function, ...]:
    """Return the functions that need the file system."""
    return (
        Function(
            name="abspath",
            description="Returns the path from the root, where relative ones begin in the "
            "working directory.",
            parameters=(_PATH,),
            result=STRING,
            implementation=partial(_abspath, surroundings),
        ),
        Function(
            name="file",
            description="Returns the content of a file, which must be UTF-8 text.",
            parameters=(_MARKED_PATH,),
            result=STRING,
            implementation=partial(_file, surroundings),
        ),
        Function(
            name="filebase64",
            description="Returns the content of a file in Base64.",
            parameters=(_MARKED_PATH,),
            result=STRING,
            implementation=partial(_filebase64, surroundings),
        ),
        Function(
            name="fileexists",
            description="Says whether there is a file.",
            parameters=(_MARKED_PATH,),
            result=BOOL,
            implementation=partial(_fileexists, surroundings),
        ),
        Function(
            name="fileset",
            description="Returns the files below a directory whose paths match a pattern, "
            "relative to the directory.",
            parameters=(_MARKED_PATH, Parameter("pattern", STRING, marked=True)),
            result=SetType(STRING),
            implementation=partial(_fileset, surroundings),
        ),
        Function(
            name="pathexpand",
            description="Returns the path with a leading ~ replaced by the home directory.",
            parameters=(_PATH,),
            result=STRING,
            implementation=partial(_pathexpand, surroundings),
        ),
        *(
            Function(
                name=name,
                description=f"Returns of a file's content {describe_digest(algorithm, write)}.",
                parameters=(_MARKED_PATH,),
                result=STRING,
                implementation=partial(
                    _file_digest, surroundings, algorithm=algorithm, write=write
                ),
            )
            for _of_text, name, algorithm, write in DIGESTS
        ),
    )
