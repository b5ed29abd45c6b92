"""The canonical form of a file, as `terraform fmt` writes it.

Blanks, indentation and alignment follow from the tokens alone, line by line;
a few old spellings are replaced by new ones.  What a file means stays as it
is, and formatting a formatted file changes nothing.  The work is linear in
the size of the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.diagnostics.diagnostics import Diagnostics
from cotta.hcl.format_alignment import lay_out
from cotta.hcl.format_rewrites import rewrite
from cotta.hcl.format_tokens import read_tokens
from cotta.hcl.parser import parse_source, read_source

if TYPE_CHECKING:
    from cotta.diagnostics.source import SourceFile


def format_bytes(content: bytes, name: str, diags: Diagnostics) -> bytes:
    """Return the canonical form of a file's bytes, or they themselves if there are mistakes."""
    source = read_source(content, name, found := Diagnostics())
    text = source.text if found.has_errors else format_source(source, found)
    diags.extend(found)
    return content if found.has_errors else text.encode()


def format_source(source: SourceFile, diags: Diagnostics) -> str:
    """Return the canonical form of a file's text, or the text itself if there are mistakes.

    Mistakes of syntax are added to `diags`.
    """
    found = Diagnostics()
    file = parse_source(source, found)
    diags.extend(found)
    if found.has_errors:
        return source.text
    tokens = rewrite(read_tokens(source), file)
    lay_out(tokens)
    return tokens.write()
