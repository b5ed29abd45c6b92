"""HCL's JSON syntax, to the same tree as the native one.

Strings hold templates, which keep their places: where a string has no escapes
a template inside it is read right where it stands in the file; where it has
some, its parts point at the string as a whole.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cotta.diagnostics.diagnostics import Diagnostics
from cotta.diagnostics.source import SourceFile, SourceRange
from cotta.diagnostics.suggest import did_you_mean
from cotta.hcl.ast import (
    File,
    Invalid,
    JsonBody,
    JsonMember,
    JsonString,
    Literal,
    ObjectExpression,
    ObjectItem,
    ObjectKey,
    Template,
    TupleExpression,
)
from cotta.hcl.bodies import as_json_body
from cotta.hcl.parser import parse_template, read_source
from cotta.values.numbers import parse_number
from cotta.values.value import ANY_NULL, make_string

if TYPE_CHECKING:
    from cotta.diagnostics.diagnostics import Diagnostic
    from cotta.hcl.ast import Expression
    from cotta.values.value import Value

MAX_DEPTH: Final = 100

_TOKEN: Final = re.compile(
    r"""[ \t\r\n]*(?:
      ([{}\[\]:,=])                     # 1 punctuation
    | ("(?:[^"\\\x00-\x1f]|\\[^\x00-\x1f])*\\?"?)  # 2 string, maybe without its end
    | ([-+.0-9][-+.0-9eE]*)             # 3 number
    | ([A-Za-z_]+)                      # 4 keyword
    | ([^ \t\r\n])                      # 5 nothing known
    )""",
    re.VERBOSE,
)
_ESCAPE: Final = re.compile(
    r"""\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})
      | (\\u[0-9a-fA-F]{0,3}.?|\\.?)     # 1 none that JSON has""",
    re.VERBOSE,
)
_JSON_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_KEYWORDS: Final[dict[str, Value]] = {"true": True, "false": False, "null": ANY_NULL}
_START = "A value begins with a brace, a bracket, a quote or a digit, or is true, false or null."


def parse_json_file(content: bytes, name: str, diags: Diagnostics) -> File:
    """Return the tree of a file in the JSON syntax.

    Its root must be an object, or an array of objects whose members count as
    one body.
    """
    source = read_source(content, name, diags)
    parser = _JsonParser(source, diags)
    root = parser.root()
    whole = SourceRange(source, 0, len(source.text))
    match root:
        case ObjectExpression():
            return File(source, as_json_body(root))
        case TupleExpression(items=items):
            return File(source, _join_bodies(items, whole, diags))
        case Invalid():
            pass
        case _:
            _report_root(root.range, diags)
    return File(source, JsonBody(whole, (), whole))


def parse_json_expression(source: SourceFile, diags: Diagnostics) -> Expression:
    """Return the one value that a JSON text spells."""
    return _JsonParser(source, diags).root()


def _join_bodies(items: tuple[Expression, ...], whole: SourceRange, diags: Diagnostics) -> JsonBody:
    members: list[JsonMember] = []
    for item in items:
        if isinstance(item, ObjectExpression):
            members += as_json_body(item).members
        elif not isinstance(item, Invalid):
            diags.error(
                "Incorrect JSON value type",
                "The elements of the outermost array must be objects.",
                item.range,
            )
    return JsonBody(whole, tuple(members), whole)


def _report_root(place: SourceRange, diags: Diagnostics) -> None:
    diags.error(
        "Root value must be object",
        "The whole of a configuration in JSON is an object, or an array of objects.",
        place,
    )


class _Failed(Exception):  # noqa: N818 - a way out, not an error to anybody
    """A mistake has been told and nothing more can be made of the file."""


class _JsonParser:
    """A place in a JSON text, one token ahead."""

    def __init__(self, source: SourceFile, diags: Diagnostics) -> None:
        self.source = source
        self.text = source.text
        self.diags = diags
        self.depth = 0
        self.end = 0
        self.advance()

    def advance(self) -> None:
        """Read the next token: its kind is a group of `_TOKEN`, or 0 at the end."""
        found = _TOKEN.match(self.text, self.end)
        if found is None:
            self.kind, self.start, self.end = 0, len(self.text), len(self.text)
            return
        assert found.lastindex is not None
        self.kind = found.lastindex
        self.start, self.end = found.span(self.kind)

    @property
    def word(self) -> str:
        return self.text[self.start : self.end]

    def place(self) -> SourceRange:
        return SourceRange(self.source, self.start, self.end)

    def fail(self, summary: str, detail: str, place: SourceRange | None = None) -> _Failed:
        self.diags.error(summary, detail, place or self.place())
        return _Failed()

    def root(self) -> Expression:
        try:
            node = self.value()
            if self.kind:
                raise self.fail(
                    "Extraneous data after value", "There is more text after the JSON value."
                )
        except _Failed:
            return Invalid(self.place())
        return node

    def value(self) -> Expression:
        if self.kind == 1 and self.word in "{[":
            if self.depth >= MAX_DEPTH:
                raise self.fail(
                    "Nesting too deep", f"JSON values may be nested {MAX_DEPTH} levels deep."
                )
            self.depth += 1
            node = self.object() if self.word == "{" else self.array()
            self.depth -= 1
            return node
        if self.kind == 2:
            return self.string()
        if self.kind == 3:
            return self.number()
        if self.kind == 4:
            return self.keyword()
        raise self.no_value()

    def no_value(self) -> _Failed:
        if not self.kind:
            return self.fail("Missing value", "The JSON text ends too early.")
        if self.word == "}":
            return self.fail("Missing JSON value", _START)
        if self.word == "]":
            return self.fail("Missing array element value", _START)
        return self.fail("Invalid start of value", _START)

    def keyword(self) -> Expression:
        word = self.word
        if word not in _KEYWORDS:
            hint = did_you_mean(word, _KEYWORDS)
            raise self.fail("Invalid JSON keyword", f'JSON has no keyword "{word}".{hint}')
        node = Literal(self.place(), _KEYWORDS[word])
        self.advance()
        return node

    def number(self) -> Expression:
        try:
            if not _JSON_NUMBER.fullmatch(self.word):
                raise ValueError
            number = parse_number(self.word)
        except ValueError:
            raise self.fail(
                "Invalid JSON number", "JSON can't have a number such as this."
            ) from None
        node = Literal(self.place(), number)
        self.advance()
        return node

    def string(self) -> JsonString:
        place = self.place()
        raw = self.word
        try:
            text: str = json.loads(raw)
        except ValueError:
            raise self.bad_string(raw) from None
        self.advance()
        template, mistakes = self.template(text, raw, place)
        return JsonString(place, make_string(text), template, mistakes)

    def bad_string(self, raw: str) -> _Failed:
        """Point just after what no string can have in it, or at where it breaks off."""
        at = self.end
        for found in _ESCAPE.finditer(raw):
            if found[1] is not None:
                at = self.start + found.end()
                break
        return self.fail(
            "Invalid JSON string",
            "This string is not closed on its line, or has an escape JSON lacks.",
            SourceRange(self.source, at, at),
        )

    def template(
        self, text: str, raw: str, place: SourceRange
    ) -> tuple[Expression, tuple[Diagnostic, ...]]:
        """Return what the string means as a template, and what is wrong with that."""
        if "${" not in text and "%{" not in text:
            piece = Literal(
                SourceRange(self.source, place.start + 1, place.end - 1), make_string(text)
            )
            return Template(place, (piece,)), ()
        found = Diagnostics()
        if "\\" not in raw:
            start, end = place.start + 1, place.end - 1
            return parse_template(self.source, found, start=start, end=end), tuple(found)
        node = parse_template(SourceFile(self.source.name, text), found)
        return node, tuple(replace(mistake, subject=place, context=None) for mistake in found)

    def object(self) -> ObjectExpression:
        opened = self.place()
        self.advance()
        items: list[ObjectItem] = []
        while self.word != "}" or not self.kind:
            items.append(self.member())
            if self.kind == 1 and self.word == ",":
                comma = self.place()
                self.advance()
                if self.kind == 1 and self.word == "}":
                    raise self.fail(
                        "Trailing comma in object",
                        "In JSON there is no comma after the last property.",
                        comma,
                    )
            elif not self.kind:
                raise self.fail(
                    "Unclosed object", "No brace was found to close this object.", opened
                )
            elif self.kind == 1 and self.word == "]":
                raise self.fail(
                    "Mismatched braces", "A JSON object ends with a brace, not with a bracket."
                )
            elif self.word != "}":
                raise self.fail(
                    "Missing attribute seperator comma",
                    "A comma is needed between the properties of an object.",
                )
        place = SourceRange(self.source, opened.start, self.end)
        self.advance()
        return ObjectExpression(place, tuple(items), opened)

    def member(self) -> ObjectItem:
        if self.kind not in (2, 1, 3, 4):
            raise self.no_value()
        if self.kind != 2:
            place = self.place()
            if self.kind == 1 and self.word not in "{[":
                raise self.no_value()
            raise self.fail(
                "Invalid object property name", "The name of a JSON property is a string.", place
            )
        key = self.string()
        if self.kind != 1 or self.word != ":":
            if self.kind == 1 and self.word in "},":
                raise self.fail(
                    "Missing object value",
                    "After its name a JSON property needs a colon and a value.",
                )
            wrong = self.kind == 1 and self.word == "="
            raise self.fail(
                "Missing property value colon",
                "JSON has a colon, not an equals sign, between a name and its value."
                if wrong
                else "A colon is needed between the name of a property and its value.",
            )
        self.advance()
        return ObjectItem(ObjectKey(key.range, key, in_parentheses=True), self.value())

    def array(self) -> TupleExpression:
        opened = self.place()
        self.advance()
        items: list[Expression] = []
        while self.word != "]" or not self.kind:
            items.append(self.value())
            if self.kind == 1 and self.word == ",":
                comma = self.place()
                self.advance()
                if self.kind == 1 and self.word == "]":
                    raise self.fail(
                        "Trailing comma in array",
                        "In JSON there is no comma after the last value.",
                        comma,
                    )
            elif not self.kind:
                raise self.fail(
                    "Unclosed object", "No bracket was found to close this array.", opened
                )
            elif self.kind == 1 and self.word == "}":
                raise self.fail(
                    "Mismatched brackets", "A JSON array ends with a bracket, not with a brace."
                )
            elif self.kind == 1 and self.word == ":":
                raise self.fail("Invalid array value", "The values of an array have no names.")
            elif self.word != "]":
                raise self.fail(
                    "Missing attribute seperator comma",
                    "A comma is needed between the values of an array.",
                )
        place = SourceRange(self.source, opened.start, self.end)
        self.advance()
        return TupleExpression(place, tuple(items), opened)
