"""Random files in need of formatting, from a seed.

They parse, and use the whole syntax: comments of three kinds wherever one may
stand, heredocs, templates, calls, conditionals, nested objects and tuples over
lines.  Blanks are anything but canonical.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

_NAMES = ("a", "bb", "count", "in", "for_each", "name-x", "größe", "type", "tags", "very_long_name")
_TYPES = ("resource", "variable", "locals", "module", "b", "in")
_OPERATORS = ("+", " -", "*", "/ ", "%", "==", "!=", "<", ">", "<=", ">=", "&&", "||")
_TEXTS = ("abc", " x ", "é", "👩‍👩‍👧", r"\n", r"\"q\"", "$${x}", "%%{y}", "50% ", "#", "//", "a b")


class MessyMaker:
    """Makes one file after another; the same seed makes the same ones."""

    def __init__(self, random: random.Random) -> None:
        self.random = random
        self.ending = "\n"

    def file(self) -> str:
        """Return a file."""
        self.ending = self.pick(*["\n"] * 9, "\r\n")
        text = self.body(self.random.randint(0, 3), self.random.randint(0, 12))
        if self.chance(0.1):
            text = text.rstrip("\r\n")
        return text

    # --- between tokens -------------------------------------------------------

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def pick(self, *choices: str) -> str:
        return self.random.choice(choices)

    def blank(self) -> str:
        """Blanks, or none, and now and then a comment among them."""
        text = self.pick("", "", "", " ", " ", "  ", "\t", "     ")
        if self.chance(0.03):
            text += self.pick("/* c */", "/**/", "/* two\n lines */") + self.pick("", " ")
        return text

    def gap(self) -> str:
        """At least one blank."""
        return self.blank() + self.pick(" ", "  ", "\t")

    def newline(self) -> str:
        """The end of a line, often behind a comment."""
        comment = ""
        if self.chance(0.25):
            comment = self.pick("# c", "#", "// dd ", "#  été", "// x // y")
        return self.pick("", "", " ", "   ") + comment + self.ending

    def free(self) -> str:
        """Blanks where newlines mean nothing."""
        text = self.blank()
        while self.chance(0.12):
            text += self.newline() + self.blank()
        return text

    # --- bodies ---------------------------------------------------------------

    def body(self, depth: int, count: int) -> str:
        text = ""
        used: set[str] = set()
        for _ in range(count):
            while self.chance(0.2):
                text += self.blank() + self.newline()
            name = self.pick(*_NAMES)
            if depth > 0 and self.chance(0.3):
                text += self.blank() + self.block(depth) + self.line_end()
            elif name not in used:
                used.add(name)
                if self.chance(0.08):
                    text += f"{self.blank()}{name}{self.blank()}={self.blank()}"
                    text += self.heredoc(depth) + self.pick("", " ") + self.ending
                else:
                    text += self.blank() + self.attribute(name) + self.line_end()
        return text

    def line_end(self) -> str:
        return self.pick("", "", " ", "\t") + self.newline()

    def attribute(self, name: str) -> str:
        value = self.value(self.random.randint(0, 3))
        if self.chance(0.1):
            value = self.pick('"string"', '"list"', "list", "map", "set", '"map"', "any")
        return name + self.blank() + "=" + self.blank() + value

    def block(self, depth: int) -> str:
        text = self.pick(*_TYPES)
        for _ in range(self.random.choice((0, 0, 1, 1, 2))):
            text += self.gap() + self.pick('"x"', '"é"', "bare", '"a b"', r'"t\tx"', r'"\u00e9"')
        text += self.gap() + "{"
        if self.chance(0.2):
            inside = self.blank()
            if self.chance(0.6):
                inside += self.attribute(self.pick(*_NAMES)) + self.blank()
            return text + inside + "}"
        return (
            text
            + self.newline()
            + self.body(depth - 1, self.random.randint(0, 4))
            + (self.blank() + "}")
        )

    # --- expressions ----------------------------------------------------------

    def value(self, depth: int, blank: Callable[[], str] | None = None) -> str:
        """Return an expression; `blank` makes what goes between its tokens."""
        blank = blank or self.blank
        if depth <= 0:
            return self.leaf()
        kinds: list[Callable[[int, Callable[[], str]], str]] = [
            self.operation,
            self.operation,
            self.negation,
            self.conditional,
            self.parentheses,
            self.call,
            self.tuple,
            self.tuple,
            self.object,
            self.object,
            self.loop,
            self.index,
            self.template,
            self.wrap,
        ]
        return self.random.choice(kinds)(depth - 1, blank)

    def leaf(self) -> str:
        return self.pick(
            "1",
            "2.5",
            "1e3",
            "x",
            "in",
            "true",
            "null",
            "var.a",
            "var . b",
            "local.l[0]",
            "local.l [ 0 ]",
            "a.b.*.c",
            "a.b[ * ].c",
            "a.0.b",
            '"s"',
            '""',
            '"é"',
            r'"a\tb"',
            '"$${x}"',
            "[]",
            "{}",
            "[ ]",
            "{ }",
            "f( )",
            "core::f(1)",
            "core :: f (1)",
        )

    def operation(self, depth: int, blank: Callable[[], str]) -> str:
        left, right = self.operand(depth, blank), self.operand(depth, blank)
        return left + blank() + self.pick(*_OPERATORS) + blank() + right

    def operand(self, depth: int, blank: Callable[[], str]) -> str:
        if self.chance(0.5):
            return self.leaf()
        return self.negation(depth, blank) if self.chance(0.3) else self.parentheses(depth, blank)

    def negation(self, depth: int, blank: Callable[[], str]) -> str:
        return self.pick("-", "!", "- ", "!  ") + self.operand(depth, blank)

    def conditional(self, depth: int, blank: Callable[[], str]) -> str:
        parts = [self.value(depth, blank) for _ in range(3)]
        return f"{parts[0]}{blank()}?{blank()}{parts[1]}{blank()}:{blank()} {parts[2]}"

    def parentheses(self, depth: int, blank: Callable[[], str]) -> str:
        return f"({self.free()}{self.value(depth, self.free)}{self.free()})"

    def items(self, depth: int) -> list[str]:
        return [self.value(depth, self.free) for _ in range(self.random.randint(0, 3))]

    def separated(self, items: list[str]) -> str:
        text = self.free()
        for at, item in enumerate(items):
            text += item + self.free()
            if at < len(items) - 1 or self.chance(0.3):
                text += "," + self.free()
        return text

    def call(self, depth: int, blank: Callable[[], str]) -> str:
        items = self.items(depth)
        text = self.pick("f", "max", "in") + self.pick("", "", " ") + "(" + self.separated(items)
        if items and not text.rstrip().endswith(",") and self.chance(0.1):
            return f"f({self.free()}{items[0]}{self.free()}...{self.free()})"
        return text + ")"

    def tuple(self, depth: int, blank: Callable[[], str]) -> str:
        return "[" + self.separated(self.items(depth)) + "]"

    def object(self, depth: int, blank: Callable[[], str]) -> str:
        text = "{" + self.blank()
        for _ in range(self.random.randint(0, 4)):
            if self.chance(0.6):
                text += self.newline() + self.blank()
            key = self.pick("a", "b_c", '"k"', "(k)", '"${x}-y"', "1", "lengthy")
            text += key + self.blank() + self.pick("=", "=", "=", ":") + self.blank()
            if self.chance(0.06):
                text += self.heredoc(depth) + self.pick("", " ") + self.ending
            else:
                text += self.value(depth) + self.pick("", " ")
                text += self.pick(",", "," + self.newline(), self.newline())
            text += self.blank()
        return text + "}"

    def loop(self, depth: int, blank: Callable[[], str]) -> str:
        names = self.pick("x", "k, v", "k,v", "k ,  v")
        source, result = self.value(depth, self.free), self.value(depth, self.free)
        # A source that is a lone word must not run into `in`.
        head = f"for{self.gap()}{names}{self.gap()}in{self.gap()}{source}{self.free()}:"
        condition = ""
        if self.chance(0.3):
            condition = f"{self.free()} if {self.value(depth, self.free)}"
        if self.chance(0.5):
            return f"[{self.free()}{head}{self.free()}{result}{condition}{self.free()}]"
        arrow = f"{self.free()}=>{self.free()}"
        dots = self.pick("", "", "...", " ...")
        key = self.pick("k", '"${k}"', "(k)", "f(k)")
        return (
            f"{{{self.blank()}{head}{self.free()}{key}{arrow}{result}{self.blank()}{dots}"
            f"{condition}{self.free()}}}"
        )

    def index(self, depth: int, blank: Callable[[], str]) -> str:
        inside = f"[{self.free()}{self.value(depth, self.free)}{self.free()}]"
        return self.pick("x", "f(1)", "(y)", '"s"', "a.b", "{}") + self.pick("", "", " ") + inside

    def template(self, depth: int, blank: Callable[[], str]) -> str:
        pieces = [self.piece(depth) for _ in range(self.random.randint(1, 4))]
        return '"' + "".join(pieces) + '"'

    def wrap(self, depth: int, blank: Callable[[], str]) -> str:
        return f'"{self.interpolation(depth)}"'

    def piece(self, depth: int) -> str:
        if self.chance(0.5):
            return self.pick(*_TEXTS)
        if self.chance(0.2):
            test = self.value(depth, self.free)
            otherwise = self.pick("", "%{else}z", "%{ else ~}z")
            return f"%{{{self.blank()}if {test}{self.blank()}}}y{otherwise}%{{  endif  }}"
        if self.chance(0.1):
            source = self.value(depth, self.free)
            return f"%{{for x  in {source}{self.blank()}}}-${{ x}}%{{endfor~}}"
        return self.interpolation(depth)

    def interpolation(self, depth: int) -> str:
        inside = self.free() + self.value(depth, self.free) + self.free()
        return self.pick("${", "${", "${", "${~") + inside + self.pick("}", "}", "}", "~}")

    def heredoc(self, depth: int) -> str:
        name = self.pick("EOT", "END_x", "E")
        lines = ""
        for _ in range(self.random.randint(0, 4)):
            line = self.pick("", "  ", "\t", "      ")
            line += "".join(
                piece.replace('\\"', "'")
                for piece in (self.piece(depth) for _ in range(self.random.randint(0, 2)))
            )
            lines += line + self.pick("", "", "  ") + self.ending
        indented = self.pick("", "-")
        return f"<<{indented}{name}{self.ending}{lines}{self.pick('', '', '   ')}{name}"
