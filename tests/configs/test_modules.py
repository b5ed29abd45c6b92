"""The tree of modules, and which provider configuration a resource in it uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cotta.configs.decode import decode_module_files
from cotta.configs.modules import build_tree
from cotta.configs.provider_rules import check_providers_present, resolve_provider
from cotta.diagnostics import Diagnostics
from cotta.hcl.parser import parse_file

if TYPE_CHECKING:
    from cotta.addrs.resources import ModulePath
    from cotta.configs.model import Configuration, Module, ModuleCall


def a_tree(**modules: str) -> tuple[Configuration, Diagnostics]:
    """Build a tree from texts; a call's source `./name` means the text of that name."""
    diags = Diagnostics()

    def decode(name: str) -> Module:
        file = parse_file(modules[name].encode(), f"{name}/main.tf", diags)
        return decode_module_files(name, [file], [], diags)

    def find(_: ModulePath, call: ModuleCall) -> Module:
        return decode(call.source.removeprefix("./"))

    return build_tree(decode("root"), find, diags), diags


def provider_of(tree: Configuration, path: ModulePath) -> str:
    current = tree.descendant(path)
    assert current is not None
    [block] = current.module.resources.values()
    return str(resolve_provider(tree, path, block))


AWS = 'provider["registry.terraform.io/hashicorp/aws"]'
RESOURCE = 'resource "aws_vpc" "a" {}\n'


@pytest.mark.parametrize(
    ("root", "child", "expected"),
    [
        ('module "c" { source = "./child" }', RESOURCE, AWS),
        ('module "c" { source = "./child" }', 'provider "aws" { x = 1 }\n' + RESOURCE,
         f"module.c.{AWS}"),
        (('provider "aws" { alias = "w" }\nmodule "c" {\n  source = "./child"\n'
         "  providers = { aws = aws.w }\n}"), RESOURCE, f"{AWS}.w"),
        (('module "c" { source = "./child" }\n'
         'terraform {\n  required_providers {\n    a = { source = "hashicorp/aws" }\n  }\n}\n'),
         RESOURCE, AWS),
        ('module "c" {\n  source = "./child"\n  providers = { aws.z = aws }\n}',
         ('terraform {\n  required_providers {\n    aws = {\n      source = "hashicorp/aws"\n'
         "      configuration_aliases = [aws.z]\n    }\n  }\n}\n"
         'resource "aws_vpc" "a" { provider = aws.z }'), AWS),
        ('module "c" { source = "./child" }', 'resource "terraform_data" "a" {}',
         'provider["terraform.io/builtin/terraform"]'),
        ('module "c" { source = "./child" }',
         'terraform {\n  required_providers {\n    aws = { source = "x.io/y/z" }\n  }\n}\n'
         + RESOURCE, 'provider["x.io/y/z"]'),
    ],
)  # fmt: skip
def test_provider_of_a_resource_in_a_module(root: str, child: str, expected: str) -> None:
    tree, diags = a_tree(root=root, child=child)

    assert provider_of(tree, ("c",)) == expected
    assert not diags.has_errors


def test_providers_are_handed_down_through_modules_between() -> None:
    tree, _ = a_tree(
        root='provider "aws" { alias = "w" }\nmodule "m" {\n  source = "./middle"\n'
        "  providers = { aws = aws.w }\n}",
        middle='module "c" { source = "./child" }',
        child=RESOURCE,
    )

    assert provider_of(tree, ("m", "c")) == f"{AWS}.w"


def test_alias_that_nobody_configures_is_told() -> None:
    tree, diags = a_tree(root='resource "aws_vpc" "a" { provider = aws.w }')

    check_providers_present(tree, diags)

    assert [one.summary for one in diags] == ["Provider configuration not present"]


def test_a_module_cannot_be_inside_itself() -> None:
    tree, diags = a_tree(
        root='module "a" { source = "./one" }',
        one='module "b" { source = "./two" }\nmodule "c" { source = "./two" }',
        two='module "d" { source = "./one" }',
    )

    assert [one.summary for one in diags] == ["Module calls itself"] * 2
    assert [one.path for one in tree.walk()] == [(), ("a",), ("a", "b"), ("a", "c")]
