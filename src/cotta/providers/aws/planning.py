"""What a configuration means for an object, before anybody is asked.

The rules are the official provider's: null and zero values ("", 0, false,
empty) are the same to it, what is computed stays as it is until something
says otherwise, and a set's element stays if the configuration can have meant it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cotta.providers.aws.declare import Argument, Nested
from cotta.providers.aws.plain import UNKNOWN, is_zero, same_plain
from cotta.schemas.model import Nesting
from cotta.values.paths import AttributePath, IndexPath
from cotta.values.types import SetType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Field, Fields
    from cotta.providers.interface import PlanNote
    from cotta.values.paths import Path


@dataclass(slots=True, kw_only=True)
class Draft:
    """A plan in the making: a type's `customise` changes `planned`, and may add to the lists.

    `prior` is empty for a new object.  `problems` are (attribute, sentence) pairs that end the
    plan, `notes` say what else will happen, `warnings` are (summary, detail) pairs.
    """

    on: Connection
    type: str
    prior: Fields
    config: Fields
    planned: Fields
    private: bytes = b""
    replace: list[Path] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    notes: list[PlanNote] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        """Whether there is no object yet."""
        return not self.prior

    def has_changed(self, *names: str) -> bool:
        """Say whether any of these attributes will not be as it was."""
        return any(not same_plain(self.prior.get(name), self.planned.get(name)) for name in names)

    def changes(self) -> set[str]:
        """Return the attributes that will not be as they were."""
        return {name for name in self.planned if self.has_changed(name)}

    def open(self, *names: str) -> None:
        """Have these attributes known only after apply."""
        for name in names:
            self.planned[name] = UNKNOWN

    def must_replace(self, name: str) -> None:
        """Have a change of this attribute make a new object."""
        self.replace.append((AttributePath(name),))


def plan_fields(
    fields: Mapping[str, Field],
    prior: Fields | None,
    proposed: Fields,
    replace: list[Path],
    path: Path = (),
) -> Fields:
    """Return what an object will be; paths that can't change in place are added to `replace`.

    `proposed` is the engine's: the configuration, and what the object has where that leaves a
    computed attribute open.
    """
    planned: Fields = {}
    for name, each in fields.items():
        before = None if prior is None else prior.get(name)
        here = (*path, AttributePath(name))
        if isinstance(each, Nested):
            after = _plan_nested(each, before, proposed.get(name), prior is None, replace, here)
        else:
            after = _plan_argument(each, before, proposed.get(name), is_new=prior is None)
        planned[name] = after
        if each.rules.replaces and prior is not None and not _same(each, before, after):
            replace.append(here)
    return planned


def _plan_argument(argument: Argument, before: Any, proposed: Any, *, is_new: bool) -> Any:
    after = proposed
    if proposed is None:
        if argument.default is not None:
            after = argument.default
        elif argument.computed:
            after = UNKNOWN if is_new else before
    elif proposed is not UNKNOWN and proposed != before and argument.form is not None:
        after = argument.form(proposed)
    if is_new:
        return after
    return before if _same(argument, before, after) else after


def _same(each: Field, before: Any, after: Any) -> bool:
    """Say whether a stored and a planned value mean the same."""
    if before is UNKNOWN or after is UNKNOWN:
        return False
    if before is None and (after is False or (after == 0 and not isinstance(after, str | list))):
        # The one zero that is told from null: false or 0 where there was nothing.
        return False
    unordered = (
        each.nesting is Nesting.SET if isinstance(each, Nested) else isinstance(each.type, SetType)
    )
    if unordered and isinstance(before, list) and isinstance(after, list):
        return _same_elements(before, after)
    if same_plain(before, after):
        return True
    return (
        each.same is not None
        and not is_zero(before)
        and not is_zero(after)
        and each.same(before, after)
    )


def _same_elements(before: list[Any], after: list[Any]) -> bool:
    if len(before) != len(after):
        return False
    if before == after:
        return True
    left = list(before)
    for one in after:
        found = next((at for at, other in enumerate(left) if same_plain(one, other)), None)
        if found is None:
            return False
        del left[found]
    return True


def _plan_nested(
    nested: Nested, before: Any, proposed: Any, is_new: bool, replace: list[Path], path: Path
) -> Any:
    if proposed is UNKNOWN:
        return UNKNOWN
    if nested.nesting is Nesting.SINGLE:
        if proposed is None:
            return None
        return plan_fields(nested.fields, before, proposed, replace, path)
    if not proposed:
        if nested.computed:
            return UNKNOWN if is_new else before
        return []
    had = before if isinstance(before, list) else []
    if nested.nesting is Nesting.SET:
        return _plan_set(nested, had, proposed)
    return [
        plan_fields(
            nested.fields,
            had[at] if at < len(had) else None,
            one,
            replace,
            (*path, IndexPath(at)),
        )
        for at, one in enumerate(proposed)
    ]


def _plan_set(nested: Nested, had: list[Any], proposed: list[Any]) -> list[Any]:
    left = list(had)
    planned = []
    for one in proposed:
        for at, before in enumerate(left):
            kept = plan_fields(nested.fields, before, one, [])
            if same_plain(kept, before):
                planned.append(left.pop(at))
                break
        else:
            planned.append(plan_fields(nested.fields, None, one, []))
    return planned


def merge_found(fields: Mapping[str, Field], base: Fields, found: Fields) -> Fields:
    """Return an object as it was found: `found` over `base`, which also says what null means here.

    What is the same but for null and zero values stays in the words of `base`, also in a block of
    which something else has changed.
    """
    merged: Fields = {}
    for name, each in fields.items():
        value = base.get(name)
        if name in found and (value is UNKNOWN or not _means(each, value, found[name])):
            value = _merge_blocks(each, value, found[name])
        merged[name] = None if value is UNKNOWN else value
    return merged


def _merge_blocks(each: Field, base: Any, found: Any) -> Any:
    if not isinstance(each, Nested) or each.nesting is not Nesting.LIST:
        return found
    if not isinstance(base, list) or len(base) != len(found or ()):
        return found
    return [
        merge_found(each.fields, one, {**dict.fromkeys(each.fields), **other})
        for one, other in zip(base, found, strict=True)
    ]


def _means(each: Field, value: Any, found: Any) -> bool:
    if is_zero(value) and is_zero(found):
        return True
    return _same(each, value, found)


def shape(fields: Mapping[str, Field], plain: Fields) -> Fields:
    """Return an object in which every type of block is a list: an empty one where there is none."""
    shaped: Fields = dict(plain)
    for name, each in fields.items():
        if not isinstance(each, Nested):
            continue
        value = shaped.get(name)
        if value is UNKNOWN:
            continue
        if each.nesting is Nesting.SINGLE:
            shaped[name] = None if value is None else shape(each.fields, value)
        else:
            shaped[name] = [shape(each.fields, one) for one in value or []]
    return shaped
