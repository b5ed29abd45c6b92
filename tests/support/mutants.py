"""Random mistakes in a module that is right: one small change each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import random

SOUND: Final = """terraform {
  required_version = ">= 1.0"
  required_providers {
    other = { source = "terraform.io/builtin/terraform", version = ">= 1.0" }
  }
}
provider "terraform" {
  alias = "second"
}
variable "size" {
  type        = number
  default     = 3
  description = "how many"
  nullable    = false
  validation {
    condition     = var.size > 0
    error_message = "Too small."
  }
}
variable "names" {
  type      = map(object({ tag = optional(string, "none"), on = bool }))
  default   = {}
  sensitive = false
}
locals {
  first  = var.size + 1
  second = "${local.first}-${var.size}"
}
resource "terraform_data" "one" {
  count      = var.size
  input      = local.second
  provider   = other
  depends_on = [terraform_data.two]
  lifecycle {
    create_before_destroy = true
    ignore_changes        = [input, triggers_replace]
    precondition {
      condition     = var.size < 10
      error_message = "Too big."
    }
  }
  provisioner "local-exec" {
    when       = destroy
    on_failure = continue
    command    = "echo ${self.id}"
  }
}
resource "terraform_data" "two" {
  for_each = var.names
  input    = each.value
  lifecycle {
    replace_triggered_by = [terraform_data.three]
    prevent_destroy      = false
  }
}
resource "terraform_data" "three" {
  triggers_replace = [var.size, path.module]
}
data "terraform_remote_state" "far" {
  backend = "local"
  config  = { path = "x" }
}
output "all" {
  value       = terraform_data.one[0].id
  description = "all"
  sensitive   = true
  depends_on  = [terraform_data.three]
}
moved {
  from = terraform_data.old
  to   = terraform_data.three
}
removed {
  from = terraform_data.gone
  lifecycle {
    destroy = false
  }
}
import {
  to = terraform_data.three
  id = "x"
}
check "health" {
  data "terraform_remote_state" "near" {
    backend = "local"
  }
  assert {
    condition     = data.terraform_remote_state.near.backend == "local"
    error_message = "No."
  }
}
"""

_WORD: Final = re.compile(r"[A-Za-z_]\w*")
_VALUES: Final = (
    "1", '"text"', "null", "true", "[]", "{}", "foo", "foo.bar", "var.nope", "upper(1)",
    "[terraform_data.one]", '"terraform_data.one"', "self.id", "count.index", "each.key",
)  # fmt: skip


def mutant(source: random.Random, text: str = SOUND) -> str:
    """Return the module with one change: a word, a value, a label, a line or a whole block."""
    lines = text.splitlines()
    change = source.choice([_word, _word, _value, _value, _value, _label, _repeat, _remove])
    return "\n".join(change(source, lines)) + "\n"


def _word(source: random.Random, lines: list[str]) -> list[str]:
    at = source.choice([n for n, line in enumerate(lines) if _WORD.search(line)])
    found = source.choice(list(_WORD.finditer(lines[at])))
    word = found.group()
    other = source.choice([word + "x", word[:-1] or "x", word.upper(), "0" + word])
    lines[at] = lines[at][: found.start()] + other + lines[at][found.end() :]
    return lines


def _value(source: random.Random, lines: list[str]) -> list[str]:
    at = source.choice([n for n, line in enumerate(lines) if " = " in line])
    lines[at] = lines[at][: lines[at].index("= ") + 2] + source.choice(_VALUES)
    return lines


def _label(source: random.Random, lines: list[str]) -> list[str]:
    at = source.choice([n for n, line in enumerate(lines) if line.endswith("{")])
    head = lines[at].removesuffix("{").rstrip()
    lines[at] = source.choice([f'{head} "more" {{', f"{head.rsplit(' ', 1)[0]} {{"])
    return lines


def _repeat(source: random.Random, lines: list[str]) -> list[str]:
    at = source.choice([n for n, line in enumerate(lines) if line.endswith("{")])
    block = lines[at : _end(lines, at) + 1]
    return [*lines[: at + len(block)], *block, *lines[at + len(block) :]]


def _remove(source: random.Random, lines: list[str]) -> list[str]:
    at = source.choice([n for n, line in enumerate(lines) if line != "}"])
    end = _end(lines, at) if lines[at].endswith("{") else at
    return [*lines[:at], *lines[end + 1 :]]


def _end(lines: list[str], at: int) -> int:
    """Return the line that closes the block that line `at` opens."""
    margin = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
    return next(n for n in range(at + 1, len(lines)) if lines[n] == margin + "}")
