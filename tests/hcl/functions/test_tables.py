"""Which names each dialect has."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cotta.hcl.functions.surroundings import Surroundings
from cotta.hcl.functions.tables import packer_functions, terraform_functions

if TYPE_CHECKING:
    from collections.abc import Sequence


class NoFiles:
    """A file system with nothing in it."""

    def read(self, path: str) -> bytes:
        raise FileNotFoundError(path)

    def is_file(self, path: str) -> bool:
        return False

    def walk(self, directory: str) -> Sequence[str]:
        raise FileNotFoundError(directory)

    def absolute(self, path: str) -> str:
        return f"/{path}"

    def home(self) -> str:
        return "/home/nobody"


NOWHERE = Surroundings(
    files=NoFiles(),
    now=lambda: datetime(2026, 1, 1, tzinfo=UTC),
    random=lambda count: b"\0" * count,
    environment={},
)


def test_each_terraform_function_has_a_name_in_the_core_namespace_too() -> None:
    table = terraform_functions(NOWHERE)

    plain = {name for name in table if "::" not in name}
    assert {name.removeprefix("core::") for name in table} == plain
    assert all(table[name] is table[f"core::{name}"] for name in plain)


def test_packer_has_no_namespaces() -> None:
    assert not [name for name in packer_functions(NOWHERE) if "::" in name]
