"""The words with which a kind of block declares its options.

A declaration is read by three: `decode.py` holds a block to it, `fingerprint.py`
asks which options say what an image is, and the running part reads the
values in the declared types.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from cotta.values.types import BOOL, DYNAMIC, NUMBER, STRING, ListType, MapType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.builder.options.values import Options
    from cotta.values.types import Type


class Kind(Enum):
    """What an option holds; TRILEAN is true, false or left to the service."""

    TEXT = "text"
    NUMBER = "whole number"
    DECIMAL = "number"
    FLAG = "flag"
    TRILEAN = "flag that may be left open"
    TEXTS = "list of texts"
    NUMBERS = "list of whole numbers"
    MAPPING = "map of texts"
    DURATION = "duration"
    ANYTHING = "anything"

    @property
    def type(self) -> Type:
        """The type of the language that a value is converted to."""
        return _TYPES[self]


_TYPES: dict[Kind, Type] = {
    Kind.TEXT: STRING,
    Kind.NUMBER: NUMBER,
    Kind.DECIMAL: NUMBER,
    Kind.FLAG: BOOL,
    Kind.TRILEAN: BOOL,
    Kind.TEXTS: ListType(STRING),
    Kind.NUMBERS: ListType(NUMBER),
    Kind.MAPPING: MapType(STRING),
    Kind.DURATION: STRING,
    Kind.ANYTHING: DYNAMIC,
}


class Role(Enum):
    """What an option has to do with the image, which decides how the content key sees it.

    CONTENT: what is in the image may depend on it.  NAME: what the image is
    called and who may see it; of times and chance in it only that they are there
    counts.  MACHINERY: how it is made, such as a timeout; it doesn't count.
    """

    CONTENT = "content"
    NAME = "name"
    MACHINERY = "machinery"


class Reads(Enum):
    """What the path in an option leads to, on the machine that builds."""

    FILE = "a file"
    TREE = "a file or a folder"


# A rule about the value of one option: what is wrong with it, as sentences, or "".
Rule: TypeAlias = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong about an option, or about the block as a whole if that is ""."""

    option: str
    summary: str
    detail: str


# A rule about a whole block.  What it asks about and isn't known yet is not checked.
Check: TypeAlias = "Callable[[Options], Iterable[Mistake]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option, `name = value`.

    `default` is in the form that `Options` answers with; durations are
    written as in a template.  A `held` option keeps its `{{ }}`, which only
    whoever runs the block can fill in; in any other it is filled in already.
    """

    name: str
    kind: Kind = Kind.TEXT
    default: object = None
    required: bool = False
    choices: tuple[str, ...] = ()
    held: bool = False
    sensitive: bool = False
    role: Role = Role.CONTENT
    reads: Reads | None = None
    rule: Rule | None = None
    # Why it is accepted and yet does nothing; told as a warning.
    ignored: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A nested block; `single` says that there can be one at most."""

    name: str
    schema: Schema
    single: bool = False
    required: bool = False
    role: Role = Role.CONTENT


def _always(_options: Options) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Schema:
    """All that a block may hold.

    Of the options of each tuple in `exclusive` one at most may be written, of
    `one_of` at least one must be.  `absent` names options of Packer's that
    are not done here, each with what to do instead.  `reads_files` says whether
    the files that are named must be there when the build begins.
    """

    options: tuple[Option, ...] = ()
    groups: tuple[Group, ...] = ()
    exclusive: tuple[tuple[str, ...], ...] = ()
    one_of: tuple[tuple[str, ...], ...] = ()
    checks: tuple[Check, ...] = ()
    absent: tuple[tuple[str, str], ...] = ()
    reads_files: Callable[[Options], bool] = _always

    @cached_property
    def by_name(self) -> Mapping[str, Option]:
        """The options by name."""
        return {option.name: option for option in self.options}

    @cached_property
    def groups_by_name(self) -> Mapping[str, Group]:
        """The nested blocks by name."""
        return {group.name: group for group in self.groups}

    def joined(self, *others: Schema) -> Schema:
        """Return the schema of a block that may hold what any of these may."""
        every = (self, *others)
        return Schema(
            options=tuple(one for each in every for one in each.options),
            groups=tuple(one for each in every for one in each.groups),
            exclusive=tuple(one for each in every for one in each.exclusive),
            one_of=tuple(one for each in every for one in each.one_of),
            checks=tuple(one for each in every for one in each.checks),
            absent=tuple(one for each in every for one in each.absent),
            reads_files=self.reads_files,
        )
