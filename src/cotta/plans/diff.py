"""The difference between two values as a tree, for views.

What is shown of a change is decided here; how it is written, in the views.
The rules, which are Terraform's: what only one side has was created or
deleted; an unknown takes the place of whatever was there; lists are compared
by their longest common subsequence, tuples and what has no schema by index;
sensitive parts keep their secret, whatever is inside.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Final, TypeAlias

from cotta.plans.changes import Action
from cotta.plans.subsequence import pair_elements
from cotta.values.paths import AttributePath, IndexPath
from cotta.values.value import (
    ListValue,
    MapValue,
    Mark,
    Null,
    ObjectValue,
    SetValue,
    TupleValue,
    Unknown,
    deep_marks,
    same,
    unmark,
    unmark_deep,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cotta.values.paths import Path, PathStep
    from cotta.values.value import Value


class Absent(Enum):
    """The side on which something is not there at all, which is not the same as null."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT
Side: TypeAlias = "Value | Absent"


@dataclass(frozen=True, slots=True)
class Scalar:
    """A string, number, bool or null, on either side."""

    before: Side
    after: Side


@dataclass(frozen=True, slots=True)
class NotYet:
    """Something that will be known after apply; `before` is what is there now, if anything."""

    before: Diff | None


@dataclass(frozen=True, slots=True)
class Secret:
    """Something sensitive on one side or both."""

    was: bool
    will_be: bool
    is_block: bool = False
    is_same: bool = False


@dataclass(frozen=True, slots=True)
class Retyped:
    """Something of one kind that becomes something of another."""

    before: Diff
    after: Diff


class Naming(Enum):
    """How the members of a mapping are called: attributes are plain names, keys are quoted."""

    ATTRIBUTES = "attribute"
    KEYS = "element"


@dataclass(frozen=True, slots=True)
class Members:
    """An object or map: the difference of each member, by name."""

    naming: Naming
    items: Mapping[str, Diff]


@dataclass(frozen=True, slots=True)
class Elements:
    """A list, set or tuple; in a list, unchanged neighbours of a change are shown with it."""

    items: Sequence[Diff]
    has_context: bool


Shape: TypeAlias = "Scalar | NotYet | Secret | Retyped | Members | Elements"


@dataclass(frozen=True, slots=True)
class Diff:
    """What happens to a value; `forces` says that it forces the replacement of the whole."""

    action: Action
    shape: Shape
    forces: bool = False


@dataclass(frozen=True, slots=True)
class Lens:
    """How values are compared: `replace` has the paths that force a replacement.

    `is_typed` says that a schema gives the types, so that lists and tuples
    can be told apart.  What none of the `relevant` paths leads to or into
    counts as unchanged, whatever became of it; None leads everywhere.
    """

    replace: tuple[Path, ...] = ()
    is_typed: bool = True
    relevant: tuple[Path, ...] | None = None

    def enter(self, step: PathStep) -> Lens:
        """Return the lens for what is inside."""
        if not self.replace and self.relevant is None:
            return self
        inner = tuple(path[1:] for path in self.replace if path and path[0] == step)
        return replace(self, replace=inner, relevant=self._inner_relevant(step))

    def _inner_relevant(self, step: PathStep) -> tuple[Path, ...] | None:
        if self.relevant is None or () in self.relevant:
            return None
        inner = tuple(path[1:] for path in self.relevant if _name(path[0]) == _name(step))
        return None if () in inner else inner

    @property
    def is_blind(self) -> bool:
        """Whether nothing of what is looked at is relevant."""
        return self.relevant == ()

    @property
    def forces(self) -> bool:
        """Whether what is looked at forces a replacement itself."""
        return () in self.replace


def _name(step: PathStep) -> object:
    """Return what a step is called, whether as a name or as a key."""
    return step.name if isinstance(step, AttributePath) else step.key


def compare(before: Side, after: Side, lens: Lens = Lens()) -> Diff:
    """Return the difference between two values, either of which may be absent."""
    if lens.is_blind:
        after, lens = before, Lens(is_typed=lens.is_typed)
    if _is_sensitive(before) or _is_sensitive(after):
        return _secret(before, after, lens)
    bare_before, bare_after = _bare(before), _bare(after)
    if isinstance(bare_after, Unknown):
        return _not_yet(before, bare_before, lens)
    shape = _shape(bare_before, bare_after, lens)
    if shape is None:
        inner = replace(lens, replace=())
        shape = Retyped(compare(before, ABSENT, inner), compare(ABSENT, after, inner))
        return Diff(Action.UPDATE, shape, lens.forces)
    return Diff(_action(bare_before, bare_after, shape), shape, lens.forces)


def _secret(before: Side, after: Side, lens: Lens) -> Diff:
    was, will_be = _is_sensitive(before), _is_sensitive(after)
    is_same = False
    if before is ABSENT:
        action = Action.CREATE
    elif after is ABSENT:
        action = Action.DELETE
    else:
        is_same = same(unmark_deep(before)[0], unmark_deep(after)[0])
        action = Action.NO_OP if was == will_be and is_same else Action.UPDATE
    return Diff(action, Secret(was, will_be, is_same=is_same), lens.forces)


def _not_yet(before: Side, bare: Side, lens: Lens) -> Diff:
    if bare is ABSENT or isinstance(bare, Null):
        return Diff(Action.CREATE, NotYet(None), lens.forces)
    inner = compare(before, ABSENT, replace(lens, replace=()))
    return Diff(Action.UPDATE, NotYet(inner), lens.forces)


def _shape(before: Side, after: Side, lens: Lens) -> Shape | None:
    """Return what the values have in common; None if nothing."""
    kinds = {_kind(side) for side in (before, after) if side is not ABSENT}
    if len(kinds) > 1 and "null" in kinds and len(kinds - {"null"}) == 1:
        # A null gives way to whatever there is on the other side.
        (kind,) = kinds - {"null"}
        if kind != "scalar" and not lens.is_typed:
            return None
        before = ABSENT if kind != "scalar" and isinstance(before, Null) else before
        after = ABSENT if kind != "scalar" and isinstance(after, Null) else after
        kinds = {kind}
    if kinds <= {"scalar", "null"}:
        return Scalar(before, after)
    if len(kinds) > 1:
        return None
    if kinds == {"mapping"}:
        return _members(before, after, lens)
    return _elements(before, after, lens)


def _kind(value: Side) -> str:
    if isinstance(value, ObjectValue | MapValue):
        return "mapping"
    if isinstance(value, ListValue | SetValue | TupleValue):
        return "sequence"
    return "null" if isinstance(value, Null) else "scalar"


def _members(before: Side, after: Side, lens: Lens) -> Members:
    first, second = _table(before), _table(after)
    is_map = lens.is_typed and isinstance(before if before is not ABSENT else after, MapValue)
    items: dict[str, Diff] = {}
    for name in sorted({*first, *second}):
        step: PathStep = IndexPath(name) if is_map else AttributePath(name)
        one, other = first.get(name, ABSENT), second.get(name, ABSENT)
        inner = lens.enter(step)
        if lens.is_typed and not is_map:
            found = compare_attribute(one, other, inner)
            if found is not None:
                items[name] = found
        else:
            items[name] = compare(one, other, inner)
    return Members(Naming.KEYS if is_map else Naming.ATTRIBUTES, items)


def compare_attribute(before: Side, after: Side, lens: Lens) -> Diff | None:
    """Return the difference of an attribute that a schema describes; None if there is none.

    There is no difference between null and not there.  An empty text is as good
    as null, since old providers can't say null; but where both sides are, there is
    an attribute that did not change.
    """
    if lens.is_blind:
        after = before
    one, other = _implicit(before), _implicit(after)
    if one is ABSENT and other is ABSENT and not _is_empty(before) and not _is_empty(after):
        return None
    return compare(one, other, lens)


def _implicit(side: Side) -> Side:
    """Return null, and the empty text, as not there."""
    if side is ABSENT:
        return side
    bare = unmark(side)[0]
    return ABSENT if isinstance(bare, Null) or bare == "" else side


def _is_empty(side: Side) -> bool:
    return side is not ABSENT and unmark(side)[0] == ""


def _table(side: Side) -> Mapping[str, Value]:
    if isinstance(side, ObjectValue):
        return side.attributes
    return side.elements if isinstance(side, MapValue) else {}


def _elements(before: Side, after: Side, lens: Lens) -> Elements:
    first, second = _sequence(before), _sequence(after)
    # Of a list all is relevant or nothing.
    lens = replace(lens, relevant=None)
    whole = before if before is not ABSENT else after
    is_set = lens.is_typed and isinstance(whole, SetValue)
    pairs = _set_pairs(first, second) if is_set else pair_elements(first, second)
    items = []
    for one, other in pairs:
        at = one if one is not None else other
        assert at is not None
        inner = lens.enter(IndexPath(at)) if not isinstance(whole, SetValue) else Lens()
        items.append(
            compare(
                first[one] if one is not None else ABSENT,
                second[other] if other is not None else ABSENT,
                inner,
            )
        )
    return Elements(items, has_context=not is_set)


def _set_pairs(
    first: Sequence[Value], second: Sequence[Value]
) -> list[tuple[int | None, int | None]]:
    """Return the elements of two sets: first those of the old one, then what is new."""
    pairs: list[tuple[int | None, int | None]] = []
    matched: set[int] = set()
    for at, element in enumerate(first):
        other = next(
            (i for i, e in enumerate(second) if i not in matched and same(e, element)), None
        )
        if other is not None:
            matched.add(other)
        pairs.append((at, other))
    pairs += [(None, at) for at in range(len(second)) if at not in matched]
    return pairs


def _sequence(side: Side) -> Sequence[Value]:
    return side.elements if isinstance(side, ListValue | SetValue | TupleValue) else ()


def _action(before: Side, after: Side, shape: Shape) -> Action:
    if before is ABSENT and after is not ABSENT:
        return Action.CREATE
    if after is ABSENT and before is not ABSENT:
        return Action.DELETE
    if isinstance(shape, Scalar):
        if before is ABSENT or after is ABSENT:
            return Action.NO_OP
        return Action.NO_OP if same(before, after) else Action.UPDATE
    assert isinstance(shape, Members | Elements)
    if isinstance(before, Null) != isinstance(after, Null):
        return Action.CREATE if isinstance(before, Null) else Action.DELETE
    inside = shape.items.values() if isinstance(shape, Members) else shape.items
    return Action.NO_OP if all(d.action is Action.NO_OP for d in inside) else Action.UPDATE


def _is_sensitive(side: Side) -> bool:
    if side is ABSENT:
        return False
    bare, marks = unmark(side)
    if isinstance(bare, SetValue):
        marks |= deep_marks(bare)
    return Mark.SENSITIVE in marks


def _bare(side: Side) -> Side:
    return ABSENT if side is ABSENT else unmark(side)[0]
