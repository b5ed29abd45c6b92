"""Templates: literal text, `${…}` and `%{…}`, in quotes, heredocs or files.

A template is first read as a flat row of parts, while `~` trims the text
beside it; heredocs opened with `<<-` then lose their common indentation; last,
`%{ if }` and `%{ for }` gather the parts up to their ends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from cotta.diagnostics.source import SourceRange
from cotta.hcl import tokens as t
from cotta.hcl.ast import Conditional, For, Invalid, Literal, Template, TemplateJoin, TemplateWrap
from cotta.hcl.for_syntax import parse_for_names
from cotta.values.value import make_string

if TYPE_CHECKING:
    from cotta.hcl.ast import Expression
    from cotta.hcl.expressions import Cursor

_MOST_NESTED: Final = 100


@dataclass(slots=True)
class _Text:
    """Literal text between two offsets, as far as it is left."""

    start: int
    end: int
    value: str


@dataclass(slots=True)
class _Inserted:
    """`${ expression }`."""

    range: SourceRange
    expression: Expression


@dataclass(slots=True)
class _Directive:
    """`%{ keyword … }`, with what an `if` or `for` says."""

    range: SourceRange
    keyword: str
    expression: Expression | None = None
    key_name: str | None = None
    value_name: str = ""


_Part: TypeAlias = _Text | _Inserted | _Directive


def parse_quoted(cursor: Cursor, *, unclosed: str = "Unterminated template string") -> Expression:
    """Parse `"…"` from its opening quote; the cursor ends after the closing one.

    `unclosed` is the summary of what to tell if there is none.
    """
    start = cursor.starts[cursor.i]
    cursor.i += 1
    parts = _read_parts(cursor, t.QUOTE_CLOSE, unclosed)
    if cursor.failed:
        return Invalid(cursor.range_at(cursor.i))
    cursor.i += 1
    return _assemble(cursor, parts, cursor.range_from(start))


def parse_heredoc(cursor: Cursor) -> Expression:
    """Parse `<<NAME` or `<<-NAME` to the line with the name."""
    start = cursor.starts[cursor.i]
    is_indented = cursor.text.startswith("<<-", start)
    cursor.i += 1
    parts = _read_parts(cursor, t.HEREDOC_CLOSE)
    if cursor.failed:
        return Invalid(cursor.range_at(cursor.i))
    cursor.i += 1
    if is_indented:
        _remove_indentation(parts)
    return _assemble(cursor, parts, cursor.range_from(start))


def parse_bare(cursor: Cursor) -> Expression:
    """Parse all the tokens as one template without quotes, such as a template file's."""
    parts = _read_parts(cursor, t.END)
    whole = SourceRange(cursor.source, cursor.starts[0], cursor.ends[-1])
    if cursor.failed:
        return Invalid(whole)
    return _assemble(cursor, parts, whole)


# --- reading ------------------------------------------------------------------


def _read_parts(
    cursor: Cursor, closer: int, unclosed: str = "Unterminated template string"
) -> list[_Part]:
    """Return the parts up to `closer`, where the cursor stays unless it failed."""
    if cursor.depth >= _MOST_NESTED:
        cursor.too_deep()
        return []
    cursor.depth += 1
    parts: list[_Part] = []
    trims_next = False
    first = cursor.i
    while (kind := cursor.kinds[cursor.i]) != closer:
        if kind == t.TEXT:
            text = _read_text(cursor, quoted=closer == t.QUOTE_CLOSE)
            if trims_next:
                _trim_start(text)
            parts.append(text)
            trims_next = False
            continue
        if kind in (t.INTERPOLATION, t.DIRECTIVE):
            if cursor.token_text().endswith("~") and parts:
                _trim_end(parts[-1])
            part = _read_sequence(cursor, closer, cursor.range_at(first))
            if part is not None:
                parts.append(part)
            if not cursor.failed:
                trims_next = cursor.text[cursor.starts[cursor.i - 1]] == "~"
                continue
        else:
            cursor.fail(unclosed, "This string has no end: no closing quote was found for it.")
        # The directives up to here may be in disorder nevertheless.
        _gather(cursor, parts)
        break
    cursor.depth -= 1
    return parts


def _read_sequence(
    cursor: Cursor, closer: int, beginning: SourceRange
) -> _Inserted | _Directive | None:
    """Read `${…}` or `%{…}`; None if that isn't what it is, the cursor then failed."""
    opening, mistakes = cursor.i, cursor.mistakes
    is_directive = cursor.kinds[opening] == t.DIRECTIVE
    cursor.i += 1
    part = _read_directive(cursor) if is_directive else _read_inserted(cursor)
    if part is None or cursor.failed:
        return None
    if cursor.kinds[cursor.i] != t.TEMPLATE_END:
        if cursor.mistakes == mistakes:
            _report_extra(cursor, part, closer, beginning)
        cursor.failed = True
    else:
        cursor.i += 1
    part.range = cursor.range_from(cursor.starts[opening])
    return part


def _report_extra(
    cursor: Cursor, part: _Inserted | _Directive, closer: int, beginning: SourceRange
) -> None:
    """Tell what stands where a brace should end a sequence.

    At the end of the file, or at a quote that rather ends the whole template,
    it points at the `beginning` of the template, as Terraform does.
    """
    kind = cursor.kinds[cursor.i]
    if isinstance(part, _Directive):
        cursor.fail(
            f"Extra characters in {part.keyword} marker",
            "A closing brace is needed here to end the directive.",
        )
    elif kind == t.END or (closer == t.QUOTE_CLOSE and kind in (t.STRING, t.QUOTE_OPEN)):
        cursor.fail(
            "Unclosed template interpolation sequence",
            "There is no closing brace for this sequence. Some quote or bracket inside it may "
            "not be closed.",
            beginning,
        )
    else:
        cursor.fail(
            "Extra characters after interpolation expression",
            "A closing brace is needed here to end the interpolation.",
        )


def _read_inserted(cursor: Cursor) -> _Inserted | None:
    expression = cursor.expression()
    return None if cursor.failed else _Inserted(expression.range, expression)


def _read_directive(cursor: Cursor) -> _Directive | None:
    place = cursor.range_at(cursor.i)
    is_word = cursor.kinds[cursor.i] == t.IDENT
    keyword = cursor.token_text() if is_word else ""
    if keyword not in ("if", "else", "endif", "for", "endfor"):
        cursor.fail(
            "Invalid template control keyword" if is_word else "Invalid template directive",
            "A directive begins with one of the words if, else, endif, for and endfor.",
        )
        return None
    cursor.i += 1
    directive = _Directive(place, keyword)
    if keyword == "if":
        directive.expression = cursor.expression()
    elif keyword == "for":
        names = parse_for_names(cursor, place)
        if names is None:
            return None
        directive.key_name, directive.value_name = names
        directive.expression = cursor.expression()
    return None if cursor.failed else directive


# --- text ---------------------------------------------------------------------

_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_SPECIAL: Final = re.compile(
    r"\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})|\\([uU][0-9a-fA-F]*|.)|([$%])\4\{", re.DOTALL
)


def _read_text(cursor: Cursor, *, quoted: bool) -> _Text:
    start, end = cursor.starts[cursor.i], cursor.ends[cursor.i]
    value = cursor.text[start:end]
    cursor.i += 1
    if quoted:
        if "\\" in value or "{" in value:
            value = _unescape(cursor, value, start)
    elif "{" in value:
        value = value.replace("$${", "${").replace("%%{", "%{")
    return _Text(start, end, make_string(value))


def _unescape(cursor: Cursor, raw: str, start: int) -> str:
    def replacement(match: re.Match[str]) -> str:
        short, long, letter, sign = match.groups()
        if sign:
            return f"{sign}{{"
        if short or long:
            code = int(short or long, 16)
            if code < 0x110000 and not 0xD800 <= code < 0xE000:
                return chr(code)
        elif letter in _ESCAPES:
            return _ESCAPES[letter]
        place = SourceRange(cursor.source, start + match.start(), start + match.end())
        cursor.diags.error("Invalid escape sequence", _explain_escape(letter), place)
        return match[0]

    return _SPECIAL.sub(replacement, raw)


def _explain_escape(letter: str | None) -> str:
    if letter is not None and letter[0] == "u":
        return "After \\u there must be four hexadecimal digits."
    if letter is not None and letter[0] == "U":
        return "After \\U there must be eight hexadecimal digits."
    if letter is None:
        return "There is no such character in Unicode."
    return f'A backslash can\'t be followed by "{letter}". Write two for one backslash.'


def _trim_start(part: _Text) -> None:
    kept = part.value.lstrip()
    part.start = min(part.end, part.start + len(part.value) - len(kept))
    part.value = kept


def _trim_end(part: _Part) -> None:
    if isinstance(part, _Text):
        kept = part.value.rstrip()
        part.end = max(part.start, part.end - (len(part.value) - len(kept)))
        part.value = kept


def _remove_indentation(parts: list[_Part]) -> None:
    """Take the indentation that all lines share off each; blank lines don't count."""
    beginnings: list[_Text] = []
    fewest: int | None = None
    at_start = True
    for part in parts:
        if at_start:
            spaces = 0
            if isinstance(part, _Text):
                kept = part.value.lstrip()
                if kept or not part.value.endswith("\n"):
                    spaces = len(part.value) - len(kept)
                    beginnings.append(part)
                    fewest = spaces if fewest is None else min(fewest, spaces)
            else:
                fewest = 0
        at_start = isinstance(part, _Text) and part.value.endswith("\n")
    for part in beginnings:
        part.value = part.value[fewest or 0 :]
        part.start += fewest or 0


# --- assembling ---------------------------------------------------------------


@dataclass(slots=True)
class _Open:
    """An `if` or `for` whose end has not been met, and what it holds so far."""

    directive: _Directive
    parts: list[Expression] = field(default_factory=list)
    true_parts: list[Expression] | None = None
    else_range: SourceRange | None = None


def _assemble(cursor: Cursor, parts: list[_Part], place: SourceRange) -> Expression:
    """Return the expression that a row of parts amounts to.

    Directives in disorder are told, but don't make the cursor fail: what
    follows the template can be read all the same.
    """
    if len(parts) == 1 and isinstance(parts[0], _Inserted):
        return TemplateWrap(place, parts[0].expression)
    gathered = _gather(cursor, parts)
    if gathered is None:
        return Invalid(place)
    outer, opened = gathered
    if opened:
        keyword = opened[-1].directive.keyword
        where = opened[-1].directive.range.describe()
        cursor.diags.error(
            "Unexpected end of template",
            f'The "{keyword}" directive at {where} has no matching "end{keyword}".',
            cursor.range_at(cursor.i - 1),
        )
        return Invalid(place)
    if not outer:
        outer.append(Literal(SourceRange(cursor.source, place.start, place.start), ""))
    return Template(place, tuple(outer))


def _gather(cursor: Cursor, parts: list[_Part]) -> tuple[list[Expression], list[_Open]] | None:
    """Return the outermost expressions, and what is still open; None after a mistake."""
    outer: list[Expression] = []
    opened: list[_Open] = []
    for part in _join_text(parts):
        into = opened[-1].parts if opened else outer
        match part:
            case _Text():
                into.append(Literal(SourceRange(cursor.source, part.start, part.end), part.value))
            case _Inserted(expression=expression):
                into.append(expression)
            case _Directive(keyword="if" | "for"):
                if len(opened) >= _MOST_NESTED:
                    cursor.too_deep()
                    return None
                opened.append(_Open(part))
            case _Directive():
                if not opened or not _fits(opened[-1], part):
                    _report_unexpected(cursor, part, opened)
                    return None
                if part.keyword == "else":
                    opened[-1].true_parts, opened[-1].parts = opened[-1].parts, []
                    opened[-1].else_range = part.range
                else:
                    closed = opened.pop()
                    (opened[-1].parts if opened else outer).append(_close(closed, part))
    return outer, opened


def _join_text(parts: list[_Part]) -> list[_Part]:
    """Return the parts with neighbouring pieces of text joined, empty ones dropped."""
    joined: list[_Part] = []
    run: list[_Text] = []
    for part in parts:
        if isinstance(part, _Text):
            run.append(part)
            continue
        _flush(run, joined)
        joined.append(part)
    _flush(run, joined)
    return joined


def _flush(run: list[_Text], joined: list[_Part]) -> None:
    if run:
        value = "".join(text.value for text in run)
        if value:
            joined.append(_Text(run[0].start, run[-1].end, value))
        run.clear()


def _fits(opened: _Open, part: _Directive) -> bool:
    """Say whether an `else` or end belongs to what was opened last."""
    if part.keyword == "else":
        return opened.directive.keyword == "if" and opened.true_parts is None
    return part.keyword == f"end{opened.directive.keyword}"


def _close(opened: _Open, end: _Directive) -> Expression:
    directive = opened.directive
    whole = directive.range.to(end.range)
    assert directive.expression is not None
    if directive.keyword == "for":
        body = Template(whole, tuple(opened.parts))
        loop = For(
            range=whole,
            key_name=directive.key_name,
            value_name=directive.value_name,
            collection=directive.expression,
            key_result=None,
            value_result=body,
            condition=None,
            grouping=False,
            open_range=directive.range,
            close_range=end.range,
        )
        return TemplateJoin(whole, loop)
    true_parts, false_parts = opened.parts, []
    if opened.true_parts is not None:
        true_parts, false_parts = opened.true_parts, opened.parts
    return Conditional(
        whole,
        directive.expression,
        Template(whole, tuple(true_parts)),
        Template(opened.else_range or end.range, tuple(false_parts)),
    )


def _report_unexpected(cursor: Cursor, part: _Directive, opened: list[_Open]) -> None:
    if part.keyword == "else" and opened and opened[-1].directive.keyword == "if":
        why = 'This "if" has an "else" already.'
    elif opened:
        keyword = opened[-1].directive.keyword
        why = f'The "{keyword}" directive that was opened last needs its "end{keyword}" first.'
    else:
        why = f'There is no directive open for this "{part.keyword}".'
    cursor.diags.error(f"Unexpected {part.keyword} directive", why, part.range)
