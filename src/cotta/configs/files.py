"""Which files of a folder belong to a configuration, and which of them are overrides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

# OpenTofu's own endings come first: `main.tofu` hides `main.tf`.
_HIDING: Final = {".tofu": ".tf", ".tofu.json": ".tf.json"}
_ENDINGS: Final = (".tf", ".tf.json", ".tofu", ".tofu.json")
_TEST_ENDINGS: Final = (".tftest.hcl", ".tftest.json", ".tofutest.hcl", ".tofutest.json")


@dataclass(frozen=True, slots=True)
class ModuleFiles:
    """Names of files, each group in the order in which it is read."""

    primary: tuple[str, ...]
    overrides: tuple[str, ...]
    tests: tuple[str, ...]


def sort_files(names: Iterable[str]) -> ModuleFiles:
    """Return the files among `names` that make up a module.

    Hidden files, and those that editors leave behind, are none of them.
    """
    seen = sorted(name for name in names if not _is_ignored(name))
    hidden = {
        name.removesuffix(ending) + hides
        for name in seen
        for ending, hides in _HIDING.items()
        if name.endswith(ending)
    }
    primary: list[str] = []
    overrides: list[str] = []
    for name in seen:
        ending = _ending(name)
        if ending is None or name in hidden:
            continue
        stem = name.removesuffix(ending)
        is_override = stem == "override" or stem.endswith("_override")
        (overrides if is_override else primary).append(name)
    tests = [name for name in seen if name.endswith(_TEST_ENDINGS)]
    return ModuleFiles(tuple(primary), tuple(overrides), tuple(tests))


def sort_variable_files(names: Iterable[str]) -> tuple[str, ...]:
    """Return the files with values that are read unasked, the one that wins last."""
    named = ("terraform.tfvars", "terraform.tfvars.json")
    seen = sorted(set(names))
    automatic = [name for name in seen if name.endswith((".auto.tfvars", ".auto.tfvars.json"))]
    return (*(name for name in named if name in seen), *automatic)


def _ending(name: str) -> str | None:
    """Return the longest ending of a configuration file that the name has."""
    found = [ending for ending in _ENDINGS if name.endswith(ending)]
    return max(found, key=len) if found else None


def _is_ignored(name: str) -> bool:
    return (
        name.startswith(".") or name.endswith("~") or (name.startswith("#") and name.endswith("#"))
    )
