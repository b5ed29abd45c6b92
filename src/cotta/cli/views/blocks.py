"""The change of one object of a schema: its attributes, then its nested blocks."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from cotta.cli.views.differences import columns, hidden, is_important, render, spaces, warnings
from cotta.cli.views.lines import plain_line
from cotta.plans.changes import Action
from cotta.plans.diff import ABSENT, Diff, Lens, NotYet, Scalar, compare, compare_attribute
from cotta.schemas.model import Nesting
from cotta.values.paths import AttributePath, IndexPath
from cotta.values.types import has_dynamic
from cotta.values.value import (
    ANY_NULL,
    NO_MARKS,
    ListValue,
    MapValue,
    Mark,
    Null,
    ObjectValue,
    SetValue,
    TupleValue,
    Unknown,
    same,
    unmark,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from cotta.cli.views.differences import Style
    from cotta.plans.changes import ResourceChange
    from cotta.plans.diff import Side
    from cotta.schemas.model import Attribute, Block, NestedBlock, Schema
    from cotta.values.paths import Path
    from cotta.values.value import Marks, Value

    # Finds the schema of a changed object.
    SchemaOf: TypeAlias = Callable[[ResourceChange], Schema]


@dataclass(frozen=True, slots=True)
class NestedDiff:
    """One nested block: its label in a map, and what happens to it."""

    label: str
    action: Action
    attributes: dict[str, Diff]
    blocks: dict[str, list[NestedDiff]]
    forces: bool = False
    # The types of blocks of which it will be known after apply how many there are.
    unknown: dict[str, Action] = field(default_factory=dict)
    secret: Diff | None = None
    # The step that leads to it from the block's name, and what is said of it (""), or of
    # its attributes, by name.
    at: IndexPath | None = None
    notes: dict[str, list[str]] = field(default_factory=dict)

    @property
    def has_notes(self) -> bool:
        """Whether anything is said of it, or of something inside."""
        inner = (one for listed in self.blocks.values() for one in listed)
        return bool(self.notes) or any(one.has_notes for one in inner)

    def add_note(self, path: Path, lines: Sequence[str]) -> bool:
        """Put lines below what a path leads to; return whether it leads to anything shown."""
        if not path:
            self.notes.setdefault("", []).extend(lines)
            return True
        step, rest = path[0], path[1:]
        if not isinstance(step, AttributePath):
            return False
        if step.name in self.attributes:
            self.notes.setdefault(step.name, []).extend(lines)
            return True
        for nested in self.blocks.get(step.name, ()):
            if nested.at is None:
                return nested.add_note(rest, lines)
            if rest and isinstance(rest[0], IndexPath) and same(nested.at.key, rest[0].key):
                return nested.add_note(rest[1:], lines)
        return False


def compare_block(block: Block, before: Side, after: Side, lens: Lens) -> NestedDiff:
    """Return what happens to an object that `block` describes."""
    if lens.is_blind:
        after, lens = before, Lens()
    first, second = _attributes_of(before), _attributes_of(after)
    attributes: dict[str, Diff] = {}
    for name, attribute in sorted(block.attributes.items()):
        found = _compare_attribute(attribute, first.get(name), second.get(name), lens, name)
        if found is not None:
            attributes[name] = found
    blocks: dict[str, list[NestedDiff]] = {}
    unknown: dict[str, Action] = {}
    for name, nested in sorted(block.blocks.items()):
        inner = lens.enter(AttributePath(name))
        listed = _compare_nested(nested, first.get(name), second.get(name), inner)
        if listed:
            blocks[name] = listed
        if isinstance(unmark(second.get(name, ANY_NULL))[0], Unknown):
            unknown[name] = Action.UPDATE if listed else Action.CREATE
    inside = [diff.action for diff in attributes.values()]
    inside += [nested.action for listed in blocks.values() for nested in listed]
    inside += unknown.values()
    action = _overall(before, after, inside)
    return NestedDiff("", action, attributes, blocks, lens.forces, unknown)


def sides(change: ResourceChange) -> tuple[Side, Side]:
    """Return an object before and after its change."""
    before: Side = ABSENT if isinstance(unmark(change.before)[0], Null) else change.before
    after: Side = ABSENT if isinstance(unmark(change.after)[0], Null) else change.after
    if change.action is Action.FORGET:
        after = before
    return before, after


def _overall(before: Side, after: Side, inside: Sequence[Action]) -> Action:
    if _is_nothing(before):
        return Action.NO_OP if _is_nothing(after) else Action.CREATE
    if _is_nothing(after):
        return Action.DELETE
    return Action.NO_OP if all(one is Action.NO_OP for one in inside) else Action.UPDATE


def _is_nothing(side: Side) -> bool:
    return side is ABSENT or isinstance(unmark(side)[0], Null)


def _attributes_of(side: Side) -> dict[str, Value]:
    bare = ABSENT if side is ABSENT else unmark(side)[0]
    return bare.attributes if isinstance(bare, ObjectValue) else {}


def _compare_attribute(
    attribute: Attribute, before: Value | None, after: Value | None, lens: Lens, name: str
) -> Diff | None:
    """Return an attribute's difference; None if it is null on both sides."""
    one: Side = ABSENT if before is None else before
    other: Side = ABSENT if after is None else after
    inner = lens.enter(AttributePath(name))
    if attribute.type is None or not has_dynamic(attribute.type):
        return compare_attribute(one, other, inner)
    # Without a type an empty text is a text like others, but null where it is to be unknown.
    one, other = _or_absent(one), _or_absent(other)
    if one is ABSENT and other is ABSENT:
        return None
    if one == "" and isinstance(unmark(other)[0] if other is not ABSENT else None, Unknown):
        nothing = Diff(Action.DELETE, Scalar(ANY_NULL, ABSENT))
        return Diff(Action.UPDATE, NotYet(nothing), inner.forces)
    is_open = other is not ABSENT and isinstance(unmark(other)[0], Unknown)
    is_open = is_open or Mark.SENSITIVE in _marks(one) | _marks(other)
    # Of what has no type Terraform says only while it can't be seen that it forces anything.
    seen = inner if is_open else Lens(relevant=inner.relevant)
    return compare(one, other, replace(seen, is_typed=False))


def _or_absent(side: Side) -> Side:
    return ABSENT if _is_nothing(side) else side


def _marks(side: Side) -> Marks:
    return NO_MARKS if side is ABSENT else unmark(side)[1]


# --- nested blocks --------------------------------------------------------------------


def _compare_nested(
    nested: NestedBlock, before: Value | None, after: Value | None, lens: Lens
) -> list[NestedDiff]:
    one = ABSENT if before is None else unmark(before)[0]
    other = ABSENT if after is None else unmark(after)[0]
    if lens.is_blind:
        other, lens = one, Lens()
    if nested.nesting in (Nesting.SINGLE, Nesting.GROUP):
        if isinstance(other, Unknown):
            other = ABSENT
        if _is_nothing(one) and _is_nothing(other):
            return []
        return [compare_block(nested.block, one, other, lens)]
    if nested.nesting is Nesting.MAP:
        return _compare_map(nested.block, one, other, lens)
    first, second = _sequence(one), _sequence(other)
    if isinstance(other, Unknown):
        return [compare_block(nested.block, each, ABSENT, Lens()) for each in first]
    is_list = nested.nesting is Nesting.LIST
    pairs = _places(first, second) if is_list else _set_pairs(first, second)
    found = []
    for at_before, at_after in pairs:
        at = at_before if at_before is not None else at_after
        inner = lens.enter(IndexPath(at)) if at is not None else lens
        old: Side = first[at_before] if at_before is not None else ABSENT
        new: Side = second[at_after] if at_after is not None else ABSENT
        diff = compare_block(nested.block, old, new, inner if is_list else Lens())
        found.append(replace(diff, at=_step(at_before, at_after, old, new, is_list=is_list)))
    return found


def _step(
    at_before: int | None, at_after: int | None, old: Side, new: Side, *, is_list: bool
) -> IndexPath:
    """Return the step to an element, in what will be if it is there: an index, or it itself."""
    if is_list:
        at = at_after if at_after is not None else at_before
        return IndexPath(at if at is not None else 0)
    element = new if new is not ABSENT else old
    return IndexPath(element if element is not ABSENT else "")


def _sequence(side: Side) -> Sequence[Value]:
    return side.elements if isinstance(side, ListValue | SetValue | TupleValue) else ()


def _places(first: Sequence[Value], second: Sequence[Value]) -> list[tuple[int | None, int | None]]:
    """Return the pairs of two lists of blocks: each block stays in its place."""
    shared = min(len(first), len(second))
    pairs: list[tuple[int | None, int | None]] = [(at, at) for at in range(shared)]
    pairs += [(at, None) for at in range(shared, len(first))]
    return pairs + [(None, at) for at in range(shared, len(second))]


def _set_pairs(
    first: Sequence[Value], second: Sequence[Value]
) -> list[tuple[int | None, int | None]]:
    pairs: list[tuple[int | None, int | None]] = []
    taken: set[int] = set()
    for at, element in enumerate(first):
        other = next((i for i, e in enumerate(second) if i not in taken and same(e, element)), None)
        if other is not None:
            taken.add(other)
        pairs.append((at, other))
    return pairs + [(None, at) for at in range(len(second)) if at not in taken]


def _compare_map(block: Block, before: Side, after: Side, lens: Lens) -> list[NestedDiff]:
    first = _members(before)
    second = _members(after)
    found = []
    for key in sorted({*first, *second}):
        inner = compare_block(
            block, first.get(key, ABSENT), second.get(key, ABSENT), lens.enter(IndexPath(key))
        )
        found.append(replace(inner, label=key, at=IndexPath(key)))
    return found


def _members(side: Side) -> dict[str, Value]:
    if isinstance(side, MapValue):
        return side.elements
    return side.attributes if isinstance(side, ObjectValue) else {}


# --- text -------------------------------------------------------------------------------


def render_block(diff: NestedDiff, indent: int, style: Style) -> str:
    """Return a block from its opening brace to its closing one."""
    lines = []
    shown = {
        name: each
        for name, each in diff.attributes.items()
        if style.shows_all
        or each.action is not Action.NO_OP
        or is_important(name)
        or name in diff.notes
    }
    width = columns(diff.attributes)
    lines += _note_lines(diff, "", indent)
    for name, each in shown.items():
        lines += [f"{spaces(indent + 1)}  {line}" for line in warnings(each)]
        text = render(
            each, indent + 1, replace(style, shows_all=True) if is_important(name) else style
        )
        lines.append(f"{spaces(indent + 1)}{style.symbol(each.action)}{name.ljust(width)} = {text}")
        lines += _note_lines(diff, name, indent)
    if len(shown) < len(diff.attributes):
        count = len(diff.attributes) - len(shown)
        lines.append(f"{spaces(indent + 1)}    {hidden(count, 'attribute', style.pen)}")
    lines += _nested_lines(diff, indent, style, has_more=bool(lines))
    body = "".join(f"{line}\n" for line in lines)
    return f"{{{style.forces_block(diff.forces)}\n{body}{spaces(indent)}    }}"


def _note_lines(diff: NestedDiff, name: str, indent: int) -> list[str]:
    return [f"{spaces(indent + 1)}    # {plain_line(line)}" for line in diff.notes.get(name, ())]


def _nested_lines(diff: NestedDiff, indent: int, style: Style, *, has_more: bool) -> list[str]:
    lines: list[str] = []
    unchanged = 0
    # Between what stands above and the blocks of a type is an empty line.
    gap = [""] if has_more else []
    for name in sorted({*diff.blocks, *diff.unknown}):
        is_first = True
        if name in diff.unknown:
            symbol = style.symbol(diff.unknown[name])
            lines += [*gap, f"{spaces(indent + 1)}{symbol}{name} (known after apply)"]
            is_first, gap = False, [""]
        for nested in diff.blocks.get(name, ()):
            if nested.action is Action.NO_OP and not style.shows_all and not nested.has_notes:
                unchanged += 1
                continue
            if is_first:
                lines += gap
                is_first, gap = False, [""]
            label = f' "{nested.label}"' if nested.label else ""
            lines.append(
                f"{spaces(indent + 1)}{style.symbol(nested.action)}{name}{label} "
                f"{render_block(nested, indent + 1, style)}"
            )
    if unchanged:
        lines += [*gap, f"{spaces(indent + 1)}    {hidden(unchanged, 'block', style.pen)}"]
    return lines
