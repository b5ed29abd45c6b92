"""Rows of comma-separated values, split as Go's encoding/csv does."""

from __future__ import annotations


class CsvError(ValueError):
    """The text is not CSV; the message is a clause that says where and why."""


def parse_csv(text: str) -> list[list[str]]:
    """Return the rows of the text; empty lines are none.

    Every row must have as many fields as the first.
    """
    lines = _lines(text)
    rows: list[list[str]] = []
    at = 0
    while at < len(lines):
        if lines[at] in ("", "\n"):
            at += 1
            continue
        first = at
        row, at = _parse_row(lines, at)
        if rows and len(row) != len(rows[0]):
            raise CsvError(
                f"line {first + 1} has {len(row)} fields, but the first row has {len(rows[0])}"
            )
        rows.append(row)
    return rows


def _lines(text: str) -> list[str]:
    """Return the lines with their ends as one line feed and without a last carriage return."""
    lines = text.split("\n")
    last = lines.pop().removesuffix("\r")
    ended = [line.removesuffix("\r") + "\n" for line in lines]
    return [*ended, last] if last else ended


def _parse_row(lines: list[str], at: int) -> tuple[list[str], int]:
    """Return the fields of the row that begins on line `at`, and the line after it."""
    fields: list[str] = []
    line = lines[at]
    column = 0
    while True:
        if not line.startswith('"', column):
            comma = line.find(",", column)
            field = line[column:comma] if comma >= 0 else line[column:].removesuffix("\n")
            if '"' in field:
                raise CsvError(f"line {at + 1} has a quote inside a field that is not quoted")
            fields.append(field)
            if comma < 0:
                return fields, at + 1
            column = comma + 1
            continue
        field, at, column = _parse_quoted(lines, at, column + 1)
        line = lines[at]
        fields.append(field)
        if line[column : column + 1] == ",":
            column += 1
        elif line[column:] in ("", "\n"):
            return fields, at + 1
        else:
            raise CsvError(f"line {at + 1} has something between a closing quote and the comma")


def _parse_quoted(lines: list[str], at: int, column: int) -> tuple[str, int, int]:
    """Return a quoted field, and the line and column after its closing quote."""
    start = at
    parts: list[str] = []
    while True:
        line = lines[at]
        quote = line.find('"', column)
        if quote < 0:
            parts.append(line[column:])
            at, column = at + 1, 0
            if at == len(lines):
                raise CsvError(f"the quoted field that begins on line {start + 1} does not end")
            continue
        parts.append(line[column:quote])
        column = quote + 1
        if not line.startswith('"', column):
            return "".join(parts), at, column
        parts.append('"')
        column += 1
