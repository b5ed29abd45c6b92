"""`yamlencode`: values to YAML, byte for byte as Terraform writes it.

Only three kinds of scalar are written: bare numbers, bools and nulls; text in
double quotes; and text of several lines as a literal block, if it can be one.
The shape is libyaml's: two spaces a level, sequences level with their key,
lines folded at a space beyond column 80.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from cotta.values.functions import Function, FunctionError, Parameter
from cotta.values.numbers import BigFloat, format_number
from cotta.values.operations import UNKNOWN_STRING
from cotta.values.types import DYNAMIC, STRING
from cotta.values.value import (
    MapValue,
    Null,
    ObjectValue,
    children,
    is_container,
    is_wholly_known,
    items,
)

if TYPE_CHECKING:
    from cotta.values.value import Container, Value

_WIDTH: Final = 80
_LONGEST_SIMPLE_KEY: Final = 128
_BREAKS: Final = "\r\n\x85\u2028\u2029"
_ESCAPES: Final = {
    "\0": "0", "\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r",
    "\x1b": "e", '"': '"', "\\": "\\", "\x85": "N", "\xa0": "_", "\u2028": "L", "\u2029": "P",
}  # fmt: skip


def _is_printable(character: str) -> bool:
    code = ord(character)
    if code < 0xA0:
        return character == "\n" or 0x20 <= code <= 0x7E
    return code < 0xFEFF or 0xFEFF < code < 0xFFFE


def _escape(character: str) -> str:
    short = _ESCAPES.get(character)
    if short is not None:
        return f"\\{short}"
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"


def _may_be_block(text: str) -> bool:
    """Say whether a literal block can hold the text: no escape, no space at a line's end."""
    if text.endswith(" ") or not all(map(_is_printable, text)):
        return False
    return not any(before == " " and after in _BREAKS for before, after in pairwise(text))


class _Writer:
    """The text so far, and what libyaml's emitter remembers of it."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.column = 0
        # The last thing written was white space, or only indentation and indicators.
        self.after_space = True
        self.in_indentation = True
        self.is_open_ended = False

    def text(self) -> str:
        return "".join(self.parts)

    def put(self, text: str) -> None:
        self.parts.append(text)
        self.column += len(text)

    def break_line(self, ending: str = "\n") -> None:
        self.parts.append(ending)
        self.column = 0

    def indent(self, level: int) -> None:
        """Begin a line with `level` spaces, unless that is where we are."""
        if (
            not self.in_indentation
            or self.column > level
            or (self.column == level and not self.after_space)
        ):
            self.break_line()
        self.put(" " * (level - self.column))
        self.after_space = self.in_indentation = True

    def indicator(
        self, text: str, *, spaced: bool, is_space: bool = False, indents: bool = False
    ) -> None:
        """Write punctuation, after a space if it must be `spaced`."""
        if spaced and not self.after_space:
            self.put(" ")
        self.put(text)
        self.after_space = is_space
        self.in_indentation = self.in_indentation and indents
        self.is_open_ended = False

    # --- nodes ------------------------------------------------------------------

    def node(self, value: Value, level: int, *, in_mapping: bool, simple: bool = False) -> None:
        """Write a value; `level` is the indentation around it, -1 at the root."""
        if is_container(value):
            self.container(value, level, in_mapping=in_mapping)
        elif type(value) is str:
            # A root has the indentation of what would stand in it.
            self.string(value, level + 2 if level >= 0 else 2, simple=simple)
        else:
            if not self.after_space:
                self.put(" ")
            self.put(_plain(value))
            self.after_space = self.in_indentation = False
            self.is_open_ended = self.is_open_ended or level < 0

    def container(self, value: Container, level: int, *, in_mapping: bool) -> None:
        is_mapping = isinstance(value, MapValue | ObjectValue)
        if not list(children(value)):
            self.indicator("{" if is_mapping else "[", spaced=True, is_space=True)
            self.indicator("}" if is_mapping else "]", spaced=False)
        elif is_mapping:
            self.mapping(value, max(level + 2, 0) if level >= 0 else 0)
        else:
            # A sequence stands level with the key it belongs to.
            is_level = in_mapping and not self.in_indentation
            inner = 0 if level < 0 else level if is_level else level + 2
            for element in children(value):
                self.indent(inner)
                self.indicator("-", spaced=True, indents=True)
                self.node(element, inner, in_mapping=False)

    def mapping(self, value: Container, level: int) -> None:
        for key, element in items(value):
            assert isinstance(key, str)
            self.indent(level)
            if len(key.encode()) <= _LONGEST_SIMPLE_KEY and not any(c in _BREAKS for c in key):
                self.node(key, level, in_mapping=True, simple=True)
                self.indicator(":", spaced=False)
            else:
                self.indicator("?", spaced=True, indents=True)
                self.node(key, level, in_mapping=True)
                self.indent(level)
                self.indicator(":", spaced=True, indents=True)
            self.node(element, level, in_mapping=True)

    # --- text -------------------------------------------------------------------

    def string(self, text: str, level: int, *, simple: bool) -> None:
        if "\n" in text and not simple and _may_be_block(text):
            self.block(text, level)
        else:
            self.quoted(text, level, may_fold=not simple)

    def quoted(self, text: str, level: int, *, may_fold: bool) -> None:
        self.indicator('"', spaced=True)
        after_space = False
        for at, character in enumerate(text):
            if character != " ":
                must_escape = character in '"\\\ufeff' or character in _BREAKS
                if must_escape or not _is_printable(character):
                    self.put(_escape(character))
                else:
                    self.put(character)
                after_space = False
                continue
            if may_fold and not after_space and self.column > _WIDTH and 0 < at < len(text) - 1:
                self.indent(level)
                if text[at + 1] == " ":
                    self.put("\\")
            else:
                self.put(" ")
            after_space = True
        self.indicator('"', spaced=False)
        self.after_space = self.in_indentation = False

    def block(self, text: str, level: int) -> None:
        self.indicator("|", spaced=True)
        if text[0] in " " + _BREAKS:
            self.indicator("2", spaced=False)
        if text[-1] not in _BREAKS:
            self.indicator("-", spaced=False)
        elif len(text) == 1 or text[-2] in _BREAKS:
            self.indicator("+", spaced=False)
        self.break_line()
        self.after_space = self.in_indentation = True
        at_start = True
        for character in text:
            if character in _BREAKS:
                self.break_line(character)
                self.in_indentation = at_start = True
                continue
            if at_start:
                self.indent(level)
            self.put(character)
            self.in_indentation = at_start = False


def _plain(value: Value) -> str:
    if type(value) is Null:
        return "null"
    if type(value) is bool:
        return "true" if value else "false"
    assert isinstance(value, int | BigFloat)
    return format_number(value)


def _yamlencode(value: Value) -> Value:
    if not is_wholly_known(value):
        return UNKNOWN_STRING
    writer = _Writer()
    try:
        writer.node(value, -1, in_mapping=False)
    except RecursionError:
        raise FunctionError("the value is nested too deep") from None
    writer.indent(0)
    if writer.is_open_ended:
        writer.indicator("...", spaced=True)
        writer.indent(0)
    return writer.text()


FUNCTIONS: Final[tuple[Function, ...]] = (
    Function(
        name="yamlencode",
        description="Returns the value as YAML in block style, texts in double quotes.",
        parameters=(Parameter("value", DYNAMIC, null=True, unknown=True, dynamic=True),),
        result=STRING,
        implementation=_yamlencode,
    ),
)
