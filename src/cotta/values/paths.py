"""Steps from a value to something inside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from cotta.values.numbers import BigFloat, format_number

if TYPE_CHECKING:
    from cotta.values.value import Value


@dataclass(frozen=True, slots=True)
class AttributePath:
    """Into the attribute of an object."""

    name: str


@dataclass(frozen=True, slots=True)
class IndexPath:
    """Into the element of a collection or tuple; an element of a set is its own key."""

    key: Value


PathStep: TypeAlias = AttributePath | IndexPath
Path: TypeAlias = tuple[PathStep, ...]


def render_path(path: Path) -> str:
    """Return the path as it would be written after a name: `.tags["Name"][0]`."""
    return "".join(_render_step(step) for step in path)


def _render_step(step: PathStep) -> str:
    match step:
        case AttributePath(name):
            return f".{name}"
        case IndexPath(str() as key):
            return f'["{key}"]'
        case IndexPath(int() | BigFloat() as key):
            return f"[{format_number(key)}]"
        case IndexPath():
            return "[...]"
