"""`ignore_changes`: parts of a configuration that yield to what there is already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cotta.plans.changes import Action
from cotta.schemas.paths import attribute_at
from cotta.values.paths import IndexPath
from cotta.values.types import MapType
from cotta.values.value import MapValue, Null, Unknown, same, type_of, unmark, with_marks
from cotta.values.walks import same_paths, transform, value_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cotta.schemas.model import Block
    from cotta.values.marking import MarkedPaths
    from cotta.values.paths import Path
    from cotta.values.value import Value


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is kept at a path; where `key` is given, only that element of a map there."""

    path: Path
    value: Value
    key: str | None


def ignore_changes(
    block: Block, prior: Value, config: Value, ignored: Sequence[Path] | None
) -> Value:
    """Return the configuration with what is ignored replaced by what there is.

    `ignored` is None for `all`.  Where there is nothing yet the configuration
    is left alone.  Marks of replaced parts are those that they have in `prior`.
    """
    if ignored == () or type(unmark(prior)[0]) is Null or type(unmark(config)[0]) is Null:
        return config
    if ignored is None:
        return _without_computed(block, prior)
    kept = [found for path in ignored if (found := _find(prior, config, path)) is not None]
    if not kept:
        return config

    def change(path: Path, value: Value) -> Value:
        here = [found for found in kept if same_paths(found.path, path)]
        if not here:
            return value
        return _merge(value, here) if isinstance(type_of(value), MapType) else here[0].value

    return transform(config, change)


def settle_marks(
    action: Action, configured: MarkedPaths, existing: MarkedPaths, ignored: Sequence[Path] | None
) -> MarkedPaths:
    """Return the marks of an object, given those of its configuration and of what there is.

    Where changes are ignored the marks stay as they are too.  What takes the
    place of an object has both, since its changes do count.
    """
    if ignored == () or action is Action.CREATE:
        return configured
    kept = tuple(found for found in existing if _is_ignored(found[0], ignored))
    if action.is_replace:
        return (*configured, *kept)
    return (*(found for found in configured if not _is_ignored(found[0], ignored)), *kept)


def _is_ignored(path: Path, ignored: Sequence[Path] | None) -> bool:
    return ignored is None or any(path[: len(one)] == one for one in ignored)


def _without_computed(block: Block, prior: Value) -> Value:
    """Return what is there as if it were configured: without what only a provider can set."""

    def change(path: Path, value: Value) -> Value:
        attribute = attribute_at(block, path)
        if attribute is not None and attribute.computed and not attribute.optional:
            return Null(type_of(value))
        return value

    return transform(prior, change)


def _find(prior: Value, config: Value, path: Path) -> _Kept | None:
    """Return what is kept at an ignored path; None where both agree or one has nothing."""
    key: str | None = None
    match path:
        case (*before, IndexPath(str() as name)):
            # Only a map can have keys that come and go, so it is kept as a whole.
            path, key = tuple(before), name
    was, asked = value_at(prior, path), value_at(config, path)
    if was is None or asked is None or same(was, asked):
        return None
    return _Kept(path, was, key)


def _merge(value: Value, kept: list[_Kept]) -> Value:
    """Return a map with some of its keys, or all of it, as they were."""
    bare, marks = unmark(value)
    if type(bare) is Unknown:
        return value
    elements = dict(bare.elements) if type(bare) is MapValue else {}
    for found in kept:
        if found.key is None:
            return found.value
        was = unmark(found.value)[0]
        before = was.elements.get(found.key) if type(was) is MapValue else None
        if before is None:
            elements.pop(found.key, None)
        else:
            elements[found.key] = before
    kind = type_of(value)
    assert isinstance(kind, MapType)
    if not elements and type(bare) is Null:
        return value
    return with_marks(MapValue(kind.element, elements), marks)
