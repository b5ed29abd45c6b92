"""What override files change, argument by argument."""

from __future__ import annotations

import pytest

from cotta.addrs.resources import Mode, Resource
from cotta.configs.decode import decode_module_files
from cotta.configs.model import Module, OnFailure
from cotta.diagnostics import Diagnostics
from cotta.hcl.ast import Body, Expression
from cotta.hcl.evaluate import evaluate
from cotta.hcl.json_syntax import parse_json_file
from cotta.hcl.parser import parse_file
from cotta.hcl.scope import Scope

MAIN = """
variable "v" {
  description = "base"
  default     = "base"
}
locals {
  a = 1
  b = 2
}
output "o" {
  description = "base"
  value       = 1
}
resource "terraform_data" "r" {
  count = 1
  input = "base"
  other = "kept"
  block {
    x = 1
  }
  block {
    x = 2
  }
  kept {}
  lifecycle {
    create_before_destroy = true
    ignore_changes        = [input]
  }
  provisioner "local-exec" {
    command = "base"
  }
}
module "m" {
  source  = "a/b/c"
  version = "1.0"
  x       = 1
  y       = 2
}
provider "terraform" {
  x = 1
}
terraform {
  required_version = ">= 1"
  required_providers {
    a = { source = "x/a" }
    b = { source = "x/b" }
  }
  backend "local" {}
}
"""


def overridden(*overrides: str) -> Module:
    diags = Diagnostics()
    files = [
        (parse_json_file if text.startswith("{") else parse_file)(
            text.encode(), f"{at}_override.tf", diags
        )
        for at, text in enumerate(overrides)
    ]
    main = parse_file(MAIN.encode(), "main.tf", diags)
    module = decode_module_files(".", [main], files, diags)
    assert list(diags) == []
    return module


def value(expression: Expression | None) -> object:
    assert expression is not None
    return evaluate(expression, Scope(), Diagnostics())


R = Resource(Mode.MANAGED, "terraform_data", "r")


def test_arguments_of_values_are_replaced_one_by_one() -> None:
    module = overridden(
        'variable "v" { default = "new" }\nlocals { b = 3 }\noutput "o" { value = 2 }',
        'output "o" { sensitive = true }',
    )

    variable, output = module.variables["v"], module.outputs["o"]
    assert (variable.description, variable.default) == ("base", "new")
    assert [value(one.expression) for one in module.locals.values()] == [1, 3]
    assert (output.description, value(output.expression), output.is_sensitive) == ("base", 2, True)


def test_resource_arguments_and_blocks_are_replaced() -> None:
    module = overridden(
        'resource "terraform_data" "r" {\n  input = "new"\n  added = 1\n  block {\n    x = 3\n  }\n'
        "  lifecycle {\n    ignore_changes = all\n  }\n"
        '  provisioner "local-exec" {\n    command = "new"\n    on_failure = continue\n  }\n}\n'
    )

    block = module.resources[R]
    assert isinstance(block.body, Body)
    attributes = {name: value(one.expression) for name, one in block.body.attributes.items()}
    assert attributes == {"input": "new", "other": "kept", "added": 1}
    assert [one.type for one in block.body.blocks] == ["kept", "block"]
    assert value(block.count) == 1
    assert value(block.lifecycle.create_before_destroy) is True
    assert block.lifecycle.ignore_changes is None
    assert [one.on_failure for one in block.provisioners] == [OnFailure.CONTINUE]


def test_json_overrides_the_native_syntax() -> None:
    module = overridden('{"resource": {"terraform_data": {"r": {"input": "new", "count": 2}}}}')

    block = module.resources[R]
    assert value(block.count) == 2
    assert not isinstance(block.body, Body)
    assert [one.name for one in block.body.members] == ["other", "block", "block", "kept", "input"]


@pytest.mark.parametrize(
    ("text", "source", "version"),
    [
        ('module "m" { source = "./x" }', "./x", ""),
        ('module "m" { version = "2.0" }', "a/b/c", "2.0"),
        ('module "m" {\n  source = "d/e/f"\n  version = "3.0"\n}', "d/e/f", "3.0"),
        ('module "m" { x = 5 }', "a/b/c", "1.0"),
    ],
)
def test_source_and_version_of_a_module(text: str, source: str, version: str) -> None:
    call = overridden(text).calls["m"]

    assert (call.source, call.version) == (source, version)


def test_terraform_blocks() -> None:
    module = overridden(
        'terraform {\n  required_version = ">= 1.1"\n  backend "s3" {}\n'
        '  required_providers {\n    b = { source = "y/b" }\n  }\n}\n'
        'provider "terraform" { y = 2 }\nprovider "other" {}\n'
    )

    assert [text for text, _ in module.required_versions] == [">= 1.1"]
    assert {name: str(one.source) for name, one in module.requirements.items()} == {
        "a": "registry.terraform.io/x/a",
        "b": "registry.terraform.io/y/b",
    }
    assert module.backend is not None
    assert module.backend.type == "s3"
    assert list(module.providers) == [("terraform", None), ("other", None)]
