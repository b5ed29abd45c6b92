"""Random YAML, values for encoders, and a tree of files with patterns for it, from a seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import random

_PLAIN: Final = """
a b foo yes No on OFF y true False null ~ 1 -2 +3 0 007 0x1F 0o17 0b1 1_0 1.5
 .5 -.5e3 1e9 2001-1-1
2001-12-14t21:59:43.10-05:00 12:30 a:b x#y - -1 -a ?a :a http://x.y/z 10.0.0.0/8 é☃ 2001-02-30
1.2.3 <<
""".split()  # noqa: SIM905 - a list of words reads better
_QUOTED: Final = (
    '"a"', '"yes"', '""', '"a\\nb"', '"\\x41\\u00e9\\t"', '"a: b"', "'it''s'", "'1'", "''", "'~'",
    '"a\n  b"', "'a\n\n  b'",
)  # fmt: skip
_TAGGED: Final = (
    "!!str 1", "!!int 12", "!!float 1", "!!bool yes", "!!null x", "!!int 0b11", "!!binary aGk=",
    "!!timestamp 2001-1-1", '!!int "7"', "!!str yes",
)  # fmt: skip


class YamlMaker:
    """Makes documents that are mostly well formed."""

    def __init__(self, random: random.Random) -> None:
        self.random = random
        self.anchors: list[str] = []

    def document(self) -> str:
        self.anchors = []
        start = self.random.choice(["", "", "", "---\n", "# comment\n", "%YAML 1.1\n---\n"])
        return start + self.block(self.random.randint(0, 3), 0).lstrip("\n") + "\n"

    def scalar(self) -> str:
        pick = self.random.random()
        if pick < 0.6:
            return self.random.choice(_PLAIN)
        return self.random.choice(_QUOTED if pick < 0.85 else _TAGGED)

    def key(self) -> str:
        return self.random.choice(["a", "b", "c", "k1", '"q"', "yes", "1", "2001-1-1", "<<", "x y"])

    def flow(self, depth: int) -> str:
        if depth <= 0:
            return self.random.choice(["a", "1", "yes", '"x"', "'y'", "~", "", "x y"])
        parts = [self.flow(depth - 1) or "z" for _ in range(self.random.randint(0, 3))]
        if self.random.random() < 0.5:
            return (
                "[" + ", ".join(parts) + self.random.choice(["", "", ","] if parts else [""]) + "]"
            )
        return "{" + ", ".join(f"{self.key()}: {part}" for part in parts) + "}"

    def block(self, depth: int, level: int) -> str:
        """Return a node that begins after `- `, `key:` or at the start."""
        spaces = "  " * level
        pick = self.random.random()
        if depth <= 0 or pick < 0.15:
            return " " + self.leaf(level)
        if pick < 0.3:
            return " " + self.flow(depth)
        count = self.random.randint(1, 3)
        if pick < 0.6:
            lines = [f"\n{spaces}-{self.block(depth - 1, level + 1)}" for _ in range(count)]
        else:
            lines = [
                f"\n{spaces}{self.key()}:{self.anchored(depth - 1, level + 1)}"
                for _ in range(count)
            ]
        return "".join(lines)

    def anchored(self, depth: int, level: int) -> str:
        if self.anchors and self.random.random() < 0.15:
            return f" *{self.random.choice(self.anchors)}"
        node = self.block(depth, level)
        if self.random.random() < 0.15:
            name = f"n{len(self.anchors)}"
            self.anchors.append(name)
            return f" &{name}{node}"
        return node

    def leaf(self, level: int) -> str:
        if self.random.random() < 0.75:
            return self.scalar() + self.random.choice(["", "", "", "  # note"])
        spaces = "  " * (level + 1)
        style = self.random.choice(["|", ">", "|-", ">-", "|+", ">+"])
        lines = self.random.choice(
            [["a"], ["a", "b"], ["a", "", "b"], ["a", "  b", "c"], ["a", "", ""], ["# a"], ["1"]]
        )
        return style + "".join(f"\n{spaces}{line}" if line else "\n" for line in lines)


_PIECES: Final = (
    "a", "word", " ", "  ", "\n", "\n\n", "\t", '"', "\\", "é", "☃", "😀", "#", ": ", "- ", "'",
    "\x01", "\x7f", "\u00a0", "\u2028", "\r", "{", "$", "<&>", "long words that go on ",
)  # fmt: skip


def random_text(random: random.Random) -> str:
    """Return a text with whatever may need quoting in it."""
    many = random.random() < 0.1
    return "".join(random.choice(_PIECES) for _ in range(random.randint(0, 40 if many else 5)))


def random_source(random: random.Random, depth: int) -> str:
    """Return the source of a value for an encoder."""
    pick = random.random()
    if depth <= 0 or pick < 0.3:
        scalars = ["1", "-2.5", "1e30", "true", "false", "null", "0", "1/3"]
        return random.choice(scalars) if pick < 0.15 else quote(random_text(random))
    parts = [random_source(random, depth - 1) for _ in range(random.randint(0, 3))]
    if pick < 0.6:
        return f"[{', '.join(parts)}]"
    keys = [quote(random_text(random) or "k") for _ in parts]
    return f"{{{', '.join(f'{k} = {v}' for k, v in zip(keys, parts, strict=True))}}}"


def quote(text: str) -> str:
    """Return the source of a string, on one line and in ASCII where it matters."""
    parts = []
    for character in text:
        if character in '"\\':
            parts.append(f"\\{character}")
        elif ord(character) < 0x20 or 0x7F <= ord(character) < 0xA1 or character in "\u2028\u2029":
            parts.append(f"\\u{ord(character):04x}")
        else:
            parts.append(character)
    return '"' + "".join(parts).replace("${", "$${").replace("%{", "%%{") + '"'


TREE: Final[dict[str, str]] = {
    "a.txt": "a", "b.txt": "b", "c.md": "c", ".hidden": "h", "[x].txt": "x", "sp ace.txt": "s",
    "d/a.txt": "da", "d/e/a.txt": "dea", "d/e/b.md": "deb", "d/.h/z.txt": "z", "é/ü.txt": "u",
    "f/1.log": "1", "f/2.log": "2", "f/10.log": "10", "f/a-b.log": "ab",
}  # fmt: skip

_GLOB_PARTS: Final = (
    "*", "**", "?.txt", "*.txt", "*.{txt,md}", "[ab].txt", "[^a].txt", "[a-c]*", "d", "e", "a.txt",
    "*a*", "{d,f}", "*.log", "[0-9]*.log", "?", "??.log", "\\[x\\].txt", "[x].txt", "..", ".", ".*",
    "{a,b}.*", "é", "*.{t,m}*", "a.{txt,}", "*e*",
)  # fmt: skip


def random_pattern(random: random.Random) -> str:
    """Return a pattern of file names that is mostly well formed."""
    return "/".join(random.choice(_GLOB_PARTS) for _ in range(random.randint(1, 3)))
