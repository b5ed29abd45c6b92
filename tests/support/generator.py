"""Random expressions, well typed and ill typed, from a seed.

Every generated text is one line.  `FOLDER` declares the names they mention
for terraform, `scope()` the same names for us.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.hcl.scope import Scope
from cotta.values.convert import convert
from cotta.values.numbers import parse_number
from cotta.values.types import STRING, ListType, MapType, SetType
from cotta.values.value import ANY_NULL, ANY_UNKNOWN, NOT_NULL, Unknown
from tests.support.values import a_tuple, an_object

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping

    from cotta.values.functions import Function

FOLDER = """
resource "terraform_data" "x" {}

locals {
  n      = 5
  f      = 2.5
  s      = "héllo"
  t      = "12"
  b      = true
  nul    = null
  l      = ["a", "b", "c"]
  nums   = [3, 1, 2]
  mixed  = [1, "x", true, null]
  m      = { a = 1, b = 2 }
  o      = { name = "web", ports = [80, 443], tags = { Name = "x" } }
  e      = []
  eo     = {}
  set    = toset(["b", "a"])
  lst    = tolist(["x", "y"])
  mp     = tomap({ k = "v", a = "w" })
  nested = [{ a = 1, b = ["x"] }, { a = 2, b = [] }]
}
"""


def scope(functions: Mapping[str, Function] | None = None, *, validating: bool = False) -> Scope:
    """Return the names of `FOLDER` with their values.

    While validating, terraform knows nothing of a resource, not even its type.
    """
    local = an_object(
        n=5,
        f=parse_number("2.5"),
        s="héllo",
        t="12",
        b=True,
        nul=ANY_NULL,
        l=a_tuple("a", "b", "c"),
        nums=a_tuple(3, 1, 2),
        mixed=a_tuple(1, "x", True, ANY_NULL),
        m=an_object(a=1, b=2),
        o=an_object(name="web", ports=a_tuple(80, 443), tags=an_object(Name="x")),
        e=a_tuple(),
        eo=an_object(),
        set=convert(a_tuple("b", "a"), SetType(STRING)),
        lst=convert(a_tuple("x", "y"), ListType(STRING)),
        mp=convert(an_object(k="v", a="w"), MapType(STRING)),
        nested=a_tuple(an_object(a=1, b=a_tuple("x")), an_object(a=2, b=a_tuple())),
    )
    data = an_object(
        id=Unknown(STRING, NOT_NULL), input=ANY_NULL, output=ANY_NULL, triggers_replace=ANY_NULL
    )
    resource = an_object(x=ANY_UNKNOWN if validating else data)
    return Scope({"local": local, "terraform_data": resource}, functions)


class ExpressionMaker:
    """Makes one expression after another; the same seed makes the same ones."""

    def __init__(self, random: random.Random, *, unknowns: bool = True) -> None:
        self.random = random
        self.unknowns = unknowns
        self.bound: list[str] = []

    def expression(self, depth: int = 3) -> str:
        """Return an expression of no particular type."""
        kinds: list[Callable[[int], str]] = [
            self.number,
            self.string,
            self.boolean,
            self.sequence,
            self.mapping,
            self.anything,
        ]
        return self.random.choice(kinds)(depth)

    def pick(self, *choices: str) -> str:
        return self.random.choice(choices)

    def wrong(self, depth: int) -> str | None:
        """Now and then, something of whatever type instead of the right one."""
        if self.random.random() < 0.06:
            return self.expression(depth - 1) if depth > 0 else self.pick("null", "[]", "local.m")
        return None

    def number(self, depth: int) -> str:
        instead = self.wrong(depth)
        if instead is not None:
            return instead
        if depth <= 0 or self.random.random() < 0.25:
            return self.pick(
                "0",
                "1",
                "2",
                "-3",
                "0.5",
                "1e3",
                "10",
                "local.n",
                "local.f",
                "local.nums[1]",
                "local.m.a",
                'local.m["b"]',
                "local.o.ports[0]",
                "local.t",
                "1.25",
                "100000000000",
            )
        left, right = self.number(depth - 1), self.number(depth - 1)
        return self.pick(
            f"{left} + {right}",
            f"{left} - {right}",
            f"{left} * {right}",
            # By zero it is infinite, and terraform can't write a plan with that in it.
            f"{left} / {self.pick('2', '3', '-0.7')}",
            f"{left} % {right}",
            f"-{self.atom(left)}",
            f"({left})",
            f"{self.boolean(depth - 1)} ? {left} : {right}",
            f"[{left}, {right}][{self.pick('0', '1', '2')}]",
            f'"${{{left}}}"',
        )

    def string(self, depth: int) -> str:
        instead = self.wrong(depth)
        if instead is not None:
            return instead
        if depth <= 0 or self.random.random() < 0.25:
            leaves = [
                '""',
                '"abc"',
                '"é"',
                r'"a\tb\"c"',
                '"$${x}"',
                '"%%{x}"',
                r'"\u00e9"',
                "local.s",
                "local.o.name",
                "local.l[0]",
                "local.lst[1]",
                "local.mp.k",
                'local.mp["a"]',
            ]
            if self.unknowns:
                leaves.append("terraform_data.x.id")
            return self.pick(*leaves)
        inner = self.expression(depth - 1)
        other = self.string(depth - 1)
        return self.pick(
            f'"pre-${{{inner}}}-post"',
            f'"${{{other}}}${{{inner}}}"',
            f'"%{{ if {self.boolean(depth - 1)} }}${{{inner}}}%{{ else }}no%{{ endif }}"',
            f'"%{{ for x in {self.sequence(depth - 1)} }}[${{x}}]%{{ endfor }}"',
            f'"a ${{~ {other} ~}} b"',
            f"{self.boolean(depth - 1)} ? {other} : {self.string(depth - 1)}",
        )

    def boolean(self, depth: int) -> str:
        instead = self.wrong(depth)
        if instead is not None:
            return instead
        if depth <= 0 or self.random.random() < 0.25:
            return self.pick("true", "false", "local.b", '"true"')
        left, right = self.expression(depth - 1), self.expression(depth - 1)
        number, other = self.number(depth - 1), self.number(depth - 1)
        return self.pick(
            f"{self.atom(left)} == {self.atom(right)}",
            f"{self.atom(left)} != {self.atom(right)}",
            f"{self.atom(number)} < {self.atom(other)}",
            f"{self.atom(number)} >= {self.atom(other)}",
            f"{self.boolean(depth - 1)} && {self.boolean(depth - 1)}",
            f"{self.boolean(depth - 1)} || {self.boolean(depth - 1)}",
            f"!{self.atom(self.boolean(depth - 1))}",
            f"{self.atom(left)} == {self.atom(left)}",
        )

    def sequence(self, depth: int) -> str:
        instead = self.wrong(depth)
        if instead is not None:
            return instead
        if depth <= 0 or self.random.random() < 0.3:
            return self.pick(
                "[]",
                "local.l",
                "local.nums",
                "local.mixed",
                "local.set",
                "local.lst",
                "local.e",
                "local.nested",
                "local.o.ports",
                "[1, 2]",
                '["a", 1]',
            )
        item = self.expression(depth - 1)
        source = self.sequence(depth - 1)
        with_name = self.within(depth, "x", self.expression)
        condition = self.within(depth, "x", self.boolean)
        return self.pick(
            f"[{item}, {self.expression(depth - 1)}]",
            f"[for x in {source} : {with_name}]",
            f"[for x in {source} : {with_name} if {condition}]",
            f"[for k, x in {self.mapping(depth - 1)} : k]",
            f"[for i, x in {source} : i]",
            f"{self.atom(source)}[*]",
            f"{self.atom(source)}[*].a",
            "local.nested[*].a",
            "local.nested.*.b",
            "local.nested[*].b[*]",
            f"{self.boolean(depth - 1)} ? {source} : {self.sequence(depth - 1)}",
            f"[{item}][*]",
        )

    def mapping(self, depth: int) -> str:
        instead = self.wrong(depth)
        if instead is not None:
            return instead
        if depth <= 0 or self.random.random() < 0.3:
            return self.pick("{}", "local.m", "local.o", "local.mp", "{ a = 1 }", '{ "k" : "v" }')
        value = self.expression(depth - 1)
        source = self.pick(self.sequence(depth - 1), self.mapping(depth - 1))
        return self.pick(
            f"{{ a = {value}, b = {self.expression(depth - 1)} }}",
            f"{{ ({self.string(depth - 1)}) = {value} }}",
            f'{{ "x${{{self.number(0)}}}" = {value}, x5 = 1 }}',
            f"{{ for k, v in {source} : k => v }}",
            f"{{ for k, v in {source} : v => k... }}",
            f'{{ for k, v in {source} : "${{k}}" => v if k != 0 }}',
            f"{self.boolean(depth - 1)} ? {self.mapping(depth - 1)} : {self.mapping(depth - 1)}",
        )

    def anything(self, depth: int) -> str:
        if depth <= 0:
            return self.pick(*(self.bound or ["null"]), "null", "local.nul", "local.mixed[3]")
        source, key = self.atom(self.expression(depth - 1)), self.expression(depth - 1)
        return self.pick(
            f"{source}[{key}]",
            f"{source}.a",
            f"{source}.name",
            f"{self.boolean(depth - 1)} ? {self.expression(depth - 1)} : null",
            f"{self.boolean(depth - 1)} ? null : {self.expression(depth - 1)}",
            f"({self.expression(depth - 1)})",
        )

    def within(self, depth: int, name: str, make: Callable[[int], str]) -> str:
        """Return an expression that may mention the loop's own name."""
        self.bound.append(name)
        try:
            return name if self.random.random() < 0.4 else make(depth - 1)
        finally:
            self.bound.pop()

    def atom(self, expression: str) -> str:
        """Return the expression fit to stand beside an operator."""
        return f"({expression})"
