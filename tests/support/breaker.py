"""Broken files: good ones with tokens taken out, put in, doubled or swapped, from a seed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import random

# Loose tokens: enough to break a file at sensible places, and at a few others.
_TOKEN: Final = re.compile(
    r"<<-?[A-Z]+|[^\W\d][\w-]*|[0-9.]+|\$\{~?|%\{~?|~?\}|\\.|[ \t]+|\n|"
    r"=>|==|!=|<=|>=|&&|\|\||\.\.\.|::|#[^\n]*|//[^\n]*|/\*|\*/|.",
    re.DOTALL,
)
_STRAY: Final = (
    "{", "}", "[", "]", "(", ")", '"', "${", "%{", "~}", "=", "=>", ",", ".", "...", ":", "::",
    "?", "!", "&&", "||", "==", "+", "-", "*", "/", "%", "&", "|", "^", "~", ";", "'", "`", "\\",
    "@", "$", "\n", " ", "x", "1", "1.5", "true", "null", "for", "in", "if", '"s"', "<<EOT\n",
    "#", "//", "/*", "é", ".*", "[*]", ".0", "a.b", "\\u12", "%{ if ", "%{ endif }", "else",
)  # fmt: skip

GOOD: Final = (
    """locals {
  a = 1
  b = "two"
}
""",
    """resource "aws_instance" "web" {
  ami           = data.aws_ami.app.id
  instance_type = var.large ? "m6i.large" : "t3.micro"
  tags = {
    Name   = "web-${local.a}"
    (var.k) : [1, 2, 3]
  }
  lifecycle {
    create_before_destroy = true
  }
}
""",
    """locals {
  doc = <<-EOT
    hello ${upper(var.name)}
      %{ for k, v in var.m ~}
      ${k} = ${v}
      %{ endfor ~}
  EOT
  end = 1
}
""",
    """locals {
  list  = [for v in var.list : v.name if v.ok]
  object = { for k, v in var.map : k => v... }
  splat = var.list[*].id
  old   = var.list.*.id
  index = var.list[0].b["k"]
}
""",
    """locals {
  sum  = 1 + 2 * (3 - -4) / 5 % 6
  both = !a && b || c == d && e != f
  call = join("-", concat([1], var.list...))
  esc  = "a\\n\\"b\\" $${c} %%{d}"
  cond = "%{ if var.x }yes%{ else }no%{ endif }"
}
""",
    """variable "one" { default = 1 }
variable "two" {}
output "o" {
  value = provider::aws::f(var.one)
}
""",
    """/* a comment */
module "m" {
  source = "./m" # more
  nested = { a = { b = { c = [[1], [2]] } } }
  text   = "${"${var.a}"}"
}
""",
)


def broken_file(random: random.Random) -> str:
    """Return a good file with one to three of its tokens changed."""
    return broken_text(random, random.choice(GOOD))


def broken_text(random: random.Random, text: str) -> str:
    """Return a text with one to three of its tokens changed."""
    tokens = _TOKEN.findall(text)
    for _ in range(random.choice((1, 1, 1, 1, 2, 3))):
        if not tokens:
            break
        at = random.randrange(len(tokens))
        change = random.randrange(5)
        if change == 0:
            del tokens[at]
        elif change == 1:
            tokens.insert(at, random.choice(_STRAY))
        elif change == 2:
            tokens.insert(at, tokens[at])
        elif change == 3:
            tokens[at] = random.choice(_STRAY)
        else:
            del tokens[at:]
    return "".join(tokens)


_JSON: Final = (
    '{"locals": [{"x": "${[for v in local.l : v]}", "n": [1, -2.5e3, true, null]},'
    ' {"y": {"z": "a\\n\\u00e9"}}],\n'
    ' "output": {"o": {"value": "%{ if local.b }x%{ endif }"}}}\n'
)
_JSON_TOKEN: Final = re.compile(r'"|\\.|[{}\[\]:,]|[\w.+-]+|\s+|.', re.DOTALL)
# No tabs and no é: terraform counts a tab as two columns, and bytes after a bad escape.
_JSON_STRAY: Final = (
    "{", "}", "[", "]", ":", ",", '"', "=", "1", "-", "tru", "true", "null", ".5", "01", "1.",
    "1e", "+1", "\\", "\n", "'", "//", "x", '"s"', "${", "%{", "\\q", "\\u12",
)  # fmt: skip


def broken_json(random: random.Random) -> str:
    """Return JSON with one or two of its tokens changed."""
    tokens = _JSON_TOKEN.findall(_JSON)
    for _ in range(random.choice((1, 1, 1, 2))):
        at = random.randrange(len(tokens))
        change = random.randrange(5)
        if change == 0:
            del tokens[at]
        elif change == 1:
            tokens.insert(at, random.choice(_JSON_STRAY))
        elif change == 2:
            tokens[at] = random.choice(_JSON_STRAY)
        elif change == 3:
            tokens.insert(at, tokens[at])
        else:
            del tokens[at + 1 :]
    return "".join(tokens)
