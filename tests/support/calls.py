"""Random calls of functions, well typed and ill typed, from a seed.

The names they mention are those of `generator.FOLDER`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

# What the arguments of each function are; a kind with a star comes any number of times.
SIGNATURES: Final[dict[str, str]] = {
    "abs": "number",
    "ceil": "number",
    "floor": "number",
    "log": "small small",
    "max": "number number*",
    "min": "number number*",
    "parseint": "digits base",
    "pow": "small power",
    "signum": "whole",
    "sum": "numbers",
    "chomp": "text",
    "endswith": "text text",
    "format": "format any*",
    "formatlist": "format mixed*",
    "indent": "whole text",
    "join": "separator strings strings*",
    "lower": "text",
    "regex": "pattern text",
    "regexall": "pattern text",
    "replace": "text wanted replacement",
    "split": "separator text",
    "startswith": "text text",
    "strcontains": "text text",
    "strrev": "text",
    "substr": "text whole whole",
    "title": "text",
    "trim": "text text",
    "trimprefix": "text text",
    "trimspace": "text",
    "trimsuffix": "text text",
    "upper": "text",
    "alltrue": "bools",
    "anytrue": "bools",
    "chunklist": "list whole",
    "coalesce": "any any*",
    "coalescelist": "list list*",
    "compact": "strings",
    "concat": "list list*",
    "contains": "collection any",
    "distinct": "list",
    "element": "list whole",
    "flatten": "nested",
    "index": "list any",
    "keys": "map",
    "length": "sized",
    "lookup": "map name any*",
    "matchkeys": "list list list",
    "merge": "map map*",
    "one": "collection",
    "range": "small small*",
    "reverse": "collection",
    "setintersection": "set set*",
    "setproduct": "collection collection collection*",
    "setsubtract": "set set",
    "setunion": "set set*",
    "slice": "list whole whole",
    "sort": "strings",
    "transpose": "lists",
    "values": "map",
    "zipmap": "strings list",
    "ephemeralasnull": "any",
    "issensitive": "any",
    "nonsensitive": "any",
    "sensitive": "any",
    "tobool": "any",
    "tolist": "collection",
    "tomap": "map",
    "tonumber": "any",
    "toset": "collection",
    "tostring": "any",
}

_UNKNOWN_STRING: Final = "terraform_data.x.id"
_UNKNOWN_ANY: Final = 'regex(terraform_data.x.id, "a")'
_UNKNOWN_LIST: Final = 'split(",", terraform_data.x.id)'

LEAVES: Final[dict[str, tuple[str, ...]]] = {
    "number": (
        "0",
        "1",
        "-3",
        "2.5",
        "-0.5",
        "1e3",
        "local.n",
        "local.f",
        "local.t",
        "1e20",
        '"7"',
    ),
    "small": ("0", "1", "2", "3", "-2", "0.5", "10", "1.5", "-1", "100", "7.25"),
    # Other fractions may differ in the last digit; see docs/compatibility.md.
    "power": ("0", "1", "2", "3", "-2", "0.5", "10", "-1", "-0.5"),
    "whole": ("0", "1", "2", "3", "-1", "7", "local.n", '"2"', "1.5", "-2"),
    "base": ("2", "8", "10", "16", "36", "62", "1", "63"),
    "digits": (
        '"0"',
        '"ff"',
        '"-101"',
        '"+7"',
        '"zZ"',
        '"12"',
        '""',
        '"1_0"',
        '"0x1f"',
        '" 1"',
        "12",
    ),
    "text": (
        '""',
        '"abc"',
        '"hello world"',
        "local.s",
        r'"a\tb\"c\n"',
        r'"Straße ǅ ŉ ΑΣ İ"',
        r'"e\u0301a\u0308"',
        '"👩‍👩‍👧‍👦🇩🇪x"',
        r'"  x \u00a0\u0085"',
        r'"line1\nline2\r\n\r\n"',
        '"a,b,,c"',
        '"l"',
        '"c"',
        '"ab"',
        '"it\'s a-b_c 1x"',
        "local.n",
        "true",
    ),
    "separator": ('","', '""', '", "', '"l"', '"ab"'),
    "wanted": (
        '"l"',
        '""',
        '"/l+/"',
        '"/(b)|c/"',
        '"/(?P<x>[a-c])/"',
        '"/"',
        '"//"',
        '"/(/"',
        '"/^/"',
        '"ab"',
    ),
    "replacement": (
        '""',
        '"-"',
        '"<$1>"',
        '"$x."',
        '"$${x}y"',
        '"$$$$"',
        '"$0$0"',
        '"$1x"',
        '"$"',
        '"$9"',
    ),
    "pattern": (
        '"a"',
        '"l+"',
        '"(a)(b)?"',
        '"(?P<x>[a-z]+)(?P<y>.)?"',
        '"(?P<x>a)(b)"',
        '"("',
        r'"\\bh\\w*"',
        '"x*"',
        '"(?i)A"',
        '"(?s).+"',
        '"[[:alpha:]]+"',
        r'"\\pL"',
        '"(?:a|ab)(c|bcd)?"',
        '""',
        r'"\\C"',
        '"a{1001}"',
        '"(?m)^.*$"',
        '"(?<z>.)"',
    ),
    "format": (
        '"%s"',
        '"%d"',
        '"%v %v"',
        '"%#v"',
        '"%5.1f|%-8s|%08.3f"',
        '"%q"',
        '"%x %X %o %b"',
        '"%e"',
        '"%g %G"',
        '"%t"',
        '"%[2]s-%[1]s"',
        '"%% done"',
        '"plain"',
        '"%+d % d %05d"',
        '"%.2s|%5s|%05s"',
        '"%"',
        '"%z"',
        '"%-"',
        '"%[1]v %[1]T"',
        '"pre-%s"',
        '"%#x %#o %#b"',
        '"%.3d|%8.3d|%-8d|%.0d"',
        '"%10q|%-10v|%010v"',
        '"%.3g|%.0e|%+.1f|% g"',
        '"é%sé"',
    ),
    "bool": ("true", "false", "local.b", '"true"', '"false"', "null"),
    "name": ('"a"', '"b"', '"k"', '"name"', '"none"', "local.t"),
    "string": ('"a"', '"b"', '""', "local.s", "local.t", "1", "true", "local.lst[0]"),
    "null": (
        "null",
        "local.nul",
        "tostring(null)",
        "tonumber(null)",
        "tolist(null)",
        "tomap(null)",
    ),
    "list": (
        "[]",
        "local.l",
        "local.nums",
        "local.mixed",
        "local.lst",
        "local.e",
        "local.nested",
        "tolist([1, 2, 3])",
        "tolist([])",
        '["a", "b"]',
        "[1, [2]]",
        "[{ a = 1 }]",
        "tolist([true])",
    ),
    "set": (
        "local.set",
        "toset([1, 2])",
        "toset([])",
        '["a", "c"]',
        "[1, 1]",
        "local.lst",
        'toset(["a", 1])',
    ),
    "map": (
        "{}",
        "local.m",
        "local.o",
        "local.mp",
        "{ a = 1 }",
        'tomap({ a = "x", name = "y" })',
        "tomap({})",
        "{ a = [1], b = true }",
        "local.nested[0]",
    ),
}


class CallMaker:
    """Makes one call after another; the same seed makes the same ones."""

    def __init__(self, random: random.Random) -> None:
        self.random = random
        self.kinds: dict[str, Callable[[int], str]] = {
            "any": self.anything,
            "mixed": lambda depth: self.of(self.pick("list", "strings", "string", "number"), depth),
            "collection": lambda depth: self.of(self.pick("list", "set", "strings"), depth),
            "sized": lambda depth: self.of(self.pick("list", "set", "map", "text"), depth),
            "nested": self.nested,
            "lists": self.lists,
            "strings": lambda depth: self.sequence("string", depth),
            "bools": lambda depth: self.sequence("bool", depth, sets=False),
            "numbers": lambda depth: self.sequence("number", depth),
        }

    def pick(self, *choices: str) -> str:
        return self.random.choice(choices)

    def call(self, depth: int = 2) -> str:
        """Return a call of some function."""
        name = self.random.choice(list(SIGNATURES))
        made = self.call_of(name, depth)
        chance = self.random.random()
        if chance < 0.12:
            return f"issensitive({made})"
        if chance < 0.18:
            return f"core::{made}"
        if chance < 0.22:
            return f"try({made}, null)"
        return made

    def call_of(self, name: str, depth: int) -> str:
        arguments: list[str] = []
        for kind in SIGNATURES[name].split():
            if kind.endswith("*"):
                arguments += [
                    self.of(kind[:-1], depth - 1) for _ in range(self.random.choice((0, 1, 1, 2)))
                ]
            else:
                arguments.append(self.of(kind, depth - 1))
        if self.random.random() < 0.02:
            del arguments[-1:]
        if self.random.random() < 0.02:
            arguments.append(self.anything(0))
        if arguments and self.random.random() < 0.03:
            return f"{name}({', '.join([*arguments[:-1], self.of('list', 0)])}...)"
        return f"{name}({', '.join(arguments)})"

    def of(self, kind: str, depth: int) -> str:
        """Return an expression of a kind, now and then something else or of a special sort."""
        chance = self.random.random()
        if chance < 0.03:
            return self.anything(depth)
        if chance < 0.05:
            return self.pick(*LEAVES["null"])
        if chance < 0.09:
            return f"sensitive({self.of(kind, depth)})"
        if chance < 0.13:
            return self.unknown(kind)
        make = self.kinds.get(kind)
        if make is not None:
            return make(depth)
        if depth > 0 and kind in LEAVES and self.random.random() < 0.15:
            return self.nested_call(kind, depth)
        return self.pick(*LEAVES[kind])

    def nested_call(self, kind: str, depth: int) -> str:
        names = {
            "text": ("upper", "join", "format", "substr", "replace"),
            "string": ("lower", "trim", "tostring"),
            "list": ("concat", "split", "reverse", "distinct", "values", "keys", "regexall"),
            "set": ("setunion", "toset", "setproduct"),
            "map": ("merge", "zipmap", "tomap", "transpose"),
            "number": ("abs", "ceil", "max", "parseint", "length"),
        }.get(kind)
        if names is None:
            return self.pick(*LEAVES[kind])
        return self.call_of(self.pick(*names), depth - 1)

    def anything(self, depth: int) -> str:
        kind = self.pick("number", "text", "string", "list", "set", "map", "bool", "null", "any")
        if kind == "any":
            return self.unknown(kind)
        return self.of(kind, depth)

    def unknown(self, kind: str) -> str:
        match kind:
            case "list" | "strings" | "collection" | "numbers" | "nested":
                return self.pick(
                    _UNKNOWN_LIST,
                    f"[{_UNKNOWN_STRING}]",
                    f'["a", {_UNKNOWN_STRING}]',
                    f"tolist([1, {_UNKNOWN_STRING}])",
                    f"toset({_UNKNOWN_LIST})",
                    _UNKNOWN_ANY,
                    f"[{_UNKNOWN_LIST}]",
                )
            case "bools":
                return self.pick(_UNKNOWN_LIST, f"[true, {_UNKNOWN_STRING}]", _UNKNOWN_ANY)
            case "set":
                return self.pick(f"toset({_UNKNOWN_LIST})", f'toset(["a", {_UNKNOWN_STRING}])')
            case "map" | "lists":
                return self.pick(
                    f"{{ a = {_UNKNOWN_STRING} }}",
                    f"tomap({{ a = {_UNKNOWN_STRING} }})",
                    f"{{ ({_UNKNOWN_STRING}) = 1 }}",
                    f'zipmap({_UNKNOWN_LIST}, tolist(["x"]))',
                    _UNKNOWN_ANY,
                )
            case "number" | "whole" | "small":
                return self.pick(f"length({_UNKNOWN_LIST})", _UNKNOWN_ANY)
            case _:
                return self.pick(
                    _UNKNOWN_STRING,
                    _UNKNOWN_ANY,
                    f'"pre-${{{_UNKNOWN_STRING}}}"',
                    "terraform_data.x",
                    "terraform_data.x.output",
                )

    def sequence(self, kind: str, depth: int, *, sets: bool = True) -> str:
        items = [self.of(kind, depth - 1) for _ in range(self.random.randint(0, 3))]
        written = f"[{', '.join(items)}]"
        return self.pick(
            written,
            written,
            written,
            f"tolist({written})",
            # A set of unknown length fails in join; see docs/compatibility.md.
            f"toset({written})" if sets and "terraform_data" not in written else written,
        )

    def nested(self, depth: int) -> str:
        items = [self.of(self.pick("list", "string", "set"), depth - 1) for _ in range(2)]
        return f"[{', '.join(items)}]"

    def lists(self, depth: int) -> str:
        return f"{{ a = {self.of('strings', depth - 1)}, b = {self.of('strings', depth - 1)} }}"
