"""Text to tokens, in one pass.

One regular expression finds the next token of ordinary code; quoted and
heredoc templates are modes with expressions of their own.  A stack of open
brackets tells where a newline means something: at the top level and directly
inside braces, but not inside parentheses, brackets, `${…}` or a `{for …}`.
Other newlines are left out, as are comments, unless `keep_trivia` asks for
them.

Mistakes are told as they are met; the token is then INVALID and the parser
stays silent about it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cotta.diagnostics.source import SourceRange
from cotta.hcl import tokens as t
from cotta.hcl.tokens import Tokens

if TYPE_CHECKING:
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.diagnostics.source import SourceFile

_CODE: Final = re.compile(
    r"""[ \t]*+(?:
      ([^\W\d][\w-]*)                                           # 1 identifier
    | (\r?\n)                                                   # 2 newline
    | ("[^"\\$%\r\n]*")                                         # 3 string with nothing special
    | ([0-9](?:\.*(?:[0-9]|[eE][+-]?[0-9]))*)                   # 4 number, maybe no good one
    | (\#[^\n]*|//[^\n]*)                                       # 5 comment to the end of the line
    | (/\*)                                                     # 6 comment to its end
    | (<<-?[^\W\d][\w-]*\r?\n)                                  # 7 heredoc
    | (\.\.\.|=>|==|!=|<=|>=|&&|\|\||::|[-+*/%=<>!?:,.(){}\[\]])  # 8 punctuation
    | (")                                                       # 9 quoted template
    | (~\})                                                     # 10 end of a template, trimming
    | ([^ \t])                                                  # 11 nothing known
    )""",
    re.VERBOSE,
)
_QUOTED: Final = re.compile(
    r"""
      ((?:[^"\\$%\r\n]|\\[^\r\n]|\$\$\{|%%\{|[$%](?!\{))+)      # 1 text
    | (\$\{~?)                                                  # 2 interpolation
    | (%\{~?)                                                   # 3 directive
    | (")                                                       # 4 end
    """,
    re.VERBOSE,
)
_HEREDOC_LINE: Final = re.compile(
    r"""
      ((?:[^$%\n]|\$\$\{|%%\{|[$%](?!\{))*\n
      |(?:[^$%\n]|\$\$\{|%%\{|[$%](?!\{))+)                     # 1 text
    | (\$\{~?)                                                  # 2 interpolation
    | (%\{~?)                                                   # 3 directive
    """,
    re.VERBOSE,
)
# Possessive throughout: what is blank one way must not be tried in all the others.
_FOR_AHEAD: Final = re.compile(
    r"(?:[ \t\r\n]++|(?:\#|//)[^\n]*+\n|/\*[^*]*+(?:\*(?!/)[^*]*+)*+\*/)*+for(?![\w-])"
)
_COMMENT_END: Final = "*/"

# What is open, innermost last.
_PAREN, _BRACKET, _BRACE, _FOR_BRACE, _TEMPLATE = range(5)
_CLOSERS: Final = {t.CLOSE_PAREN: (_PAREN,), t.CLOSE_BRACKET: (_BRACKET,)}

_UNSUPPORTED: Final = {
    "&": 'Bitwise operators are not supported. Did you mean boolean AND ("&&")?',
    "|": 'Bitwise operators are not supported. Did you mean boolean OR ("||")?',
    "~": 'Bitwise operators are not supported. Did you mean boolean NOT ("!")?',
    "^": "Bitwise operators are not supported.",
}
_UNUSED: Final = {
    ";": "A semicolon is not used here: a newline ends an argument.",
    "`": "The backtick is not used here. To write several lines of text, use a heredoc: <<EOT.",
    "'": "Single quotes are not used here. Put strings in double quotes.",
    "“": "This is a curly quote. Put strings in straight double quotes.",
    "”": "This is a curly quote. Put strings in straight double quotes.",
}


def tokenize(
    source: SourceFile,
    diags: Diagnostics,
    *,
    start: int = 0,
    end: int | None = None,
    keep_trivia: bool = False,
) -> Tokens:
    """Return the tokens of `source[start:end]` as code; the last is END.

    With `keep_trivia`, comments and all newlines are among them.
    """
    lexer = _Lexer(source, diags, len(source.text) if end is None else end, keep_trivia)
    lexer.code(start)
    return lexer.finish()


def tokenize_template(
    source: SourceFile, diags: Diagnostics, *, start: int = 0, end: int | None = None
) -> Tokens:
    """Return the tokens of `source[start:end]` as a template without quotes around it."""
    lexer = _Lexer(source, diags, len(source.text) if end is None else end, keep_trivia=False)
    lexer.bare_template(start)
    return lexer.finish()


class _Lexer:
    """The lists being filled, and what is open at the moment."""

    def __init__(self, source: SourceFile, diags: Diagnostics, end: int, keep_trivia: bool) -> None:
        self.source = source
        self.text = source.text
        self.diags = diags
        self.end = end
        self.keep_trivia = keep_trivia
        self.kinds: list[int] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        # Entries are (what is open, how a template goes on when it closes: None for
        # quoted, the name for a heredoc, "" for a bare template).
        self.open: list[tuple[int, str | None]] = []

    def finish(self) -> Tokens:
        self.emit(t.END, self.end, self.end)
        return Tokens(self.source, self.kinds, self.starts, self.ends)

    def emit(self, kind: int, start: int, end: int) -> None:
        self.kinds.append(kind)
        self.starts.append(start)
        self.ends.append(end)

    def code(self, pos: int) -> None:  # noqa: C901 - one loop, one branch per kind of token
        """Read ordinary code from `pos`, and the templates inside it, to the end."""
        text, end = self.text, self.end
        match = _CODE.match
        kinds, starts, ends = self.kinds, self.starts, self.ends
        ignoring = self.ignores_newlines()
        # A newline counts as beginning at the comment before it, as in HCL.
        comment_end = comment_start = -1
        while pos < end:
            found = match(text, pos, end)
            if found is None:  # only blanks are left
                return
            group = found.lastindex
            assert group is not None
            at, pos = found.span(group)
            if group == 1:
                kinds.append(t.IDENT)
                if not text[at].isascii() or not found[1].isascii():
                    self.check_identifier(found[1], at)
            elif group == 8:
                kind = t.PUNCTUATION[found[8]]
                if 20 <= kind <= 25:  # brackets of any sort
                    if kind & 1:
                        pos = self.close(kind, at, pos)
                        ignoring = self.ignores_newlines()
                        continue
                    self.open_bracket(kind, pos)
                    ignoring = self.ignores_newlines()
                kinds.append(kind)
            elif group == 2:
                if ignoring and not self.keep_trivia:
                    continue
                kinds.append(t.NEWLINE)
                if at == comment_end and not self.keep_trivia:
                    at = comment_start
            elif group == 3:
                kinds.append(t.STRING)
            elif group == 4:
                kinds.append(t.NUMBER)
            elif group in (5, 6):
                comment_start, pos = at, self.comment(at, pos, group)
                comment_end = pos
                continue
            elif group == 9:
                self.emit(t.QUOTE_OPEN, at, pos)
                pos = self.quoted(pos)
                ignoring = self.ignores_newlines()
                continue
            elif group == 7:
                pos = self.heredoc(at, pos)
                ignoring = self.ignores_newlines()
                continue
            elif group == 10:
                pos = self.close(t.TEMPLATE_END, at, pos)
                ignoring = self.ignores_newlines()
                continue
            else:
                self.invalid(at)
                kinds.append(t.INVALID)
            starts.append(at)
            ends.append(pos)

    def ignores_newlines(self) -> bool:
        return bool(self.open) and self.open[-1][0] != _BRACE

    # --- brackets -------------------------------------------------------------

    def open_bracket(self, kind: int, pos: int) -> None:
        if kind == t.OPEN_PAREN:
            what = _PAREN
        elif kind == t.OPEN_BRACKET:
            what = _BRACKET
        elif self.is_block_brace() or not _FOR_AHEAD.match(self.text, pos, self.end):
            what = _BRACE
        else:
            what = _FOR_BRACE
        self.open.append((what, None))

    def is_block_brace(self) -> bool:
        """Say whether a brace here opens a block: right after its type or a label."""
        if not self.kinds or self.ignores_newlines():
            return False
        return self.kinds[-1] in (t.IDENT, t.STRING, t.QUOTE_CLOSE)

    def close(self, kind: int, at: int, pos: int) -> int:
        """Take a closing bracket; return where to go on."""
        if kind in (t.CLOSE_BRACE, t.TEMPLATE_END):
            # A brace closes whatever was left open inside it, so that one
            # forgotten bracket does not spoil the rest of the file.
            for depth in range(len(self.open) - 1, -1, -1):
                what, template = self.open[depth]
                if what >= _BRACE:
                    del self.open[depth:]
                    if what == _TEMPLATE:
                        self.emit(t.TEMPLATE_END, at, pos)
                        return self.resume_template(template, pos)
                    break
        elif self.open and self.open[-1][0] in _CLOSERS[kind]:
            self.open.pop()
        self.emit(kind, at, pos)
        return pos

    # --- templates ------------------------------------------------------------

    def resume_template(self, template: str | None, pos: int) -> int:
        if template is None:
            return self.quoted(pos)
        return self.heredoc_body(template, pos)

    def quoted(self, pos: int) -> int:
        """Read a quoted template up to its end or the next sequence inside."""
        text, end = self.text, self.end
        while pos < end:
            found = _QUOTED.match(text, pos, end)
            if found is None:
                return self.broken_quote(pos)
            group = found.lastindex
            at, pos = found.span()
            if group == 1:
                self.emit(t.TEXT, at, pos)
            elif group == 4:
                self.emit(t.QUOTE_CLOSE, at, pos)
                return pos
            else:
                self.emit(t.INTERPOLATION if group == 2 else t.DIRECTIVE, at, pos)
                self.open.append((_TEMPLATE, None))
                return pos
        if text[end - 1] in "$%" and self.kinds[-1] == t.TEXT:
            self.invalid(end - 1)
        return end

    def broken_quote(self, pos: int) -> int:
        """End a string at the end of its line, or pass over a lone backslash before it."""
        width = 2 if self.text.startswith("\r\n", pos) else 1
        if self.text[pos] == "\\":
            self.error("Invalid character", "Nothing follows the backslash.", pos, pos + 1)
            return pos + 1 if pos + 1 >= self.end else self.broken_quote(pos + 1)
        self.emit(t.INVALID, pos, pos)
        self.error(
            "Invalid multi-line string",
            "A quoted string ends on the line it begins on. Write \\n for a newline in it, or "
            "use a heredoc: <<EOT.",
            pos,
            pos + width,
        )
        return pos

    def heredoc(self, at: int, pos: int) -> int:
        """Read a heredoc from its opening line; return where code goes on."""
        name = self.text[at:pos].strip().lstrip("<-")
        self.emit(t.HEREDOC_OPEN, at, pos)
        return self.heredoc_body(name, pos)

    def heredoc_body(self, name: str, pos: int) -> int:
        """Read heredoc text up to its end or the next sequence inside.

        An empty name is a bare template, which ends with the file.
        """
        text, end = self.text, self.end
        while pos < end:
            if name and (pos == 0 or text[pos - 1] == "\n"):
                stop = self.heredoc_end(name, pos)
                if stop is not None:
                    self.emit(t.HEREDOC_CLOSE, pos, stop)
                    return stop
            found = _HEREDOC_LINE.match(text, pos, end)
            assert found is not None
            at, pos = found.span()
            if found.lastindex == 1:
                self.emit(t.TEXT, at, pos)
                continue
            self.emit(t.INTERPOLATION if found.lastindex == 2 else t.DIRECTIVE, at, pos)
            self.open.append((_TEMPLATE, name))
            return pos
        if name:
            self.emit(t.INVALID, end, end)
            self.error(
                "Unterminated template string",
                f'No line with only "{name}" on it, and a newline after it, ends this heredoc.',
                end,
                end,
            )
        return end

    def heredoc_end(self, name: str, pos: int) -> int | None:
        """Return where the name ends if this line is the heredoc's last, else None."""
        text = self.text
        line_end = text.find("\n", pos, self.end)
        if line_end < 0 or text[pos:line_end].strip(" \t\r") != name:
            return None
        return text.index(name, pos) + len(name)

    def bare_template(self, pos: int) -> None:
        """Read a whole text as a template."""
        pos = self.heredoc_body("", pos)
        if pos < self.end:
            self.code(pos)

    # --- the rest -------------------------------------------------------------

    def comment(self, at: int, pos: int, group: int) -> int:
        if group == 6:
            stop = self.text.find(_COMMENT_END, pos, self.end)
            if stop < 0:
                # What begins it are two operators then, which are always wrong.
                self.emit(t.SLASH, at, at + 1)
                self.emit(t.STAR, at + 1, pos)
                return self.end
            pos = stop + 2
        elif self.text[pos - 1] == "\r" and pos < self.end:
            pos -= 1
        if self.keep_trivia:
            self.emit(t.COMMENT, at, pos)
        return pos

    def check_identifier(self, name: str, at: int) -> None:
        """Complain about letters that Unicode does not allow in identifiers."""
        if not name.replace("-", "_").isidentifier():
            self.error(
                "Invalid character",
                "This name has a character in it that names can't have.",
                at,
                at + len(name),
            )

    def invalid(self, at: int) -> None:
        character = self.text[at]
        if character in _UNSUPPORTED:
            self.error("Unsupported operator", _UNSUPPORTED[character], at, at + 1)
            return
        if character == "�":
            self.error(
                "Invalid character encoding",
                "Files must be UTF-8 throughout. Save this one in that encoding.",
                at,
                at + 1,
            )
            return
        detail = _UNUSED.get(character, "This character is not used in the language.")
        self.error("Invalid character", detail, at, at + 1)

    def error(self, summary: str, detail: str, start: int, end: int) -> None:
        self.diags.error(summary, detail, SourceRange(self.source, start, end))
