"""Draw diagnostics as text: a box with the code, what is wrong, and advice.

Text is drawn from the JSON record alone, so that a front end given only the
records shows the same.  Width and colour are arguments.  In colour the wrong
part is underlined and the text is Terraform's; without colour carets stand
below it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.diagnostics.records import (
        DiagnosticRecord,
        FunctionCallRecord,
        RangeRecord,
        SnippetRecord,
    )

RED: Final = "31"
GREEN: Final = "32"
YELLOW: Final = "33"
GREY: Final = "90"
BOLD: Final = "1"
UNDERLINE: Final = "4"

# The rule at the left, its space, and one column that terminals like free.
_RULE_WIDTH: Final = 3
_GUTTER: Final = "    "


class Pen:
    """Puts ANSI colour around text, or leaves it alone."""

    __slots__ = ("colour",)

    def __init__(self, *, colour: bool) -> None:
        self.colour = colour

    def paint(self, text: str, *codes: str) -> str:
        """Return `text` in the given colours and faces."""
        if not self.colour or not text:
            return text
        return f"\x1b[{';'.join(codes)}m{text}\x1b[0m"


def render_diagnostic(record: DiagnosticRecord, *, width: int, colour: bool) -> str:
    """Return the record as a box of lines, the last one ended too.

    Paragraphs of the detail are wrapped to `width`, except lines that begin
    with a space: those are examples or output.  `width` 0 wraps nothing.
    """
    pen = Pen(colour=colour)
    is_error = record["severity"] == "error"
    shade = RED if is_error else YELLOW
    rule = pen.paint("│", shade)
    inside = _lines(record, "Error" if is_error else "Warning", shade, width, pen)
    return "".join(
        [
            pen.paint("╷", shade) + "\n",
            # Terraform leaves a space after the rule of an empty line.
            *(f"{rule} {line}\n" if line or colour else f"{rule}\n" for line in inside),
            pen.paint("╵", shade) + "\n",
        ]
    )


def _lines(record: DiagnosticRecord, word: str, shade: str, width: int, pen: Pen) -> Iterator[str]:
    yield pen.paint(f"{word}: ", BOLD, shade) + pen.paint(record["summary"], BOLD)
    if "address" in record:
        yield ""
        yield f"  with {record['address']}" + ("," if "range" in record else "")
    if "range" in record:
        if "address" not in record:
            yield ""
        yield from _place_lines(record["range"], record.get("snippet"), pen)
    if record["detail"]:
        yield ""
        for line in record["detail"].split("\n"):
            if line.startswith(" "):
                yield line
            else:
                yield from wrap(line, width - _RULE_WIDTH)


def _place_lines(place: RangeRecord, snippet: SnippetRecord | None, pen: Pen) -> Iterator[str]:
    context = f", in {snippet['context']}" if snippet and snippet["context"] else ""
    yield f"  on {place['filename']} line {place['start']['line']}{context}:"
    if snippet is None:
        yield "  (source code not available)"
        return
    yield from _code_lines(snippet, pen)
    notes = [f"{pen.paint(v['traversal'], BOLD)} {v['statement']}" for v in snippet["values"]]
    if "function_call" in snippet:
        notes.insert(0, _calling(snippet["function_call"], pen))
    if notes:
        yield _GUTTER + pen.paint("├────────────────", GREY)
        for note in notes:
            yield f"{_GUTTER}{pen.paint('│', GREY)} {note}"


def _code_lines(snippet: SnippetRecord, pen: Pen) -> Iterator[str]:
    """Yield the numbered lines of code, the highlight shown.

    Without colour, carets mark only the first line of a highlight.
    """
    code = snippet["code"].encode("utf-8", "surrogatepass")
    start, end = snippet["highlight_start_offset"], snippet["highlight_end_offset"]
    at = 0
    is_marked = False
    for number, raw in enumerate(code.split(b"\n"), snippet["start_line"]):
        first, last = (min(max(edge - at, 0), len(raw)) for edge in (start, end))
        is_touched = at <= start <= at + len(raw) or first < last
        before, marked, after = (_text(raw[:first]), _text(raw[first:last]), _text(raw[last:]))
        yield f"{number:4}: {before}{pen.paint(marked, UNDERLINE)}{after}"
        if is_touched and not is_marked and not pen.colour:
            is_marked = True
            yield f"{'':6}{_blank(before)}{'^' * max(_columns(marked), 1)}"
        at += len(raw) + 1


def _calling(call: FunctionCallRecord, pen: Pen) -> str:
    signature = call["signature"]
    names = [parameter["name"] for parameter in signature["params"]]
    if "variadic_param" in signature:
        names.append(signature["variadic_param"]["name"] + "...")
    return f"while calling {pen.paint(call['called_as'], BOLD)}({', '.join(names)})"


def wrap(text: str, width: int) -> list[str]:
    """Return `text`, one line, as lines of at most `width` columns.

    Words longer than that stay whole, and the spaces between words that stay
    on one line stay as they are.  `width` 0 or less wraps nothing.
    """
    if width <= 0:
        return [text]
    lines = [""]
    for space, word in _WORDS.findall(text):
        if lines[-1] and len(lines[-1]) + len(space) + len(word) > width:
            lines.append(word)
        else:
            lines[-1] += space + word
    return lines


# White space, and what follows up to the next; a non-breaking space is a letter.
_WORDS: Final = re.compile(r"([^\S\xa0]*)((?:\S|\xa0)+)")


def _text(code: bytes) -> str:
    # A byte offset given by somebody else may fall inside a character.
    return code.decode("utf-8", "replace")


def _blank(text: str) -> str:
    """Return white space as wide as `text`; tabs stay, so that columns agree."""
    return "".join(c if c == "\t" else " " * _columns(c) for c in text)


def _columns(text: str) -> int:
    """Return how many columns of a terminal `text` takes."""
    if text.isascii():
        return len(text)
    # Imported here because nearly all code is ASCII.
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)
