"""Which names each dialect has."""

from __future__ import annotations

from cotta.hcl.functions.tables import packer_functions, terraform_functions
from tests.support.surroundings import NOWHERE


def test_each_terraform_function_has_a_name_in_the_core_namespace_too() -> None:
    table = terraform_functions(NOWHERE)

    plain = {name for name in table if "::" not in name}
    assert {name.removeprefix("core::") for name in table} == plain
    assert all(table[name] is table[f"core::{name}"] for name in plain)


def test_packer_has_no_namespaces() -> None:
    assert not [name for name in packer_functions(NOWHERE) if "::" in name]
