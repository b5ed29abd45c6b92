"""Differences between values, written as Terraform writes them in plans."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from cotta.plans.changes import Action
from cotta.plans.diff import (
    ABSENT,
    Diff,
    Elements,
    Lens,
    Members,
    Naming,
    NotYet,
    Retyped,
    Scalar,
    Secret,
    compare,
)
from cotta.plans.subsequence import pair_texts
from cotta.values.codec_json import implied_value
from cotta.values.json_text import JsonError, parse_json
from cotta.values.numbers import BigFloat, format_number
from cotta.values.value import Null

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cotta.diagnostics.render import Pen
    from cotta.plans.diff import Side
    from cotta.values.value import Value

GREEN: Final = "32"
RED: Final = "31"
YELLOW: Final = "33"
CYAN: Final = "36"
GREY: Final = "90"
BOLD: Final = "1"

# Four columns each, so that what follows lines up.
_SYMBOLS: Final = {
    Action.NO_OP: ("    ", ""),
    Action.CREATE: ("  + ", GREEN),
    Action.DELETE: ("  - ", RED),
    Action.UPDATE: ("  ~ ", YELLOW),
    Action.READ: (" <= ", CYAN),
    Action.FORGET: (" . ", ""),
}


@dataclass(frozen=True, slots=True)
class Style:
    """How a difference is written.

    `says_null` puts `-> null` after what is deleted: only the outermost needs
    it.  `shows_all` leaves nothing out.  `is_nested_json` is set inside a
    jsonencode, where a text is not looked at for JSON again.
    """

    pen: Pen
    says_null: bool = True
    shows_all: bool = False
    forbids_forces: bool = False
    in_json: bool = False

    def symbol(self, action: Action) -> str:
        """Return the four columns in front of something that `action` happens to."""
        if action is Action.DELETE_THEN_CREATE:
            return f"{self.pen.paint('-', RED)}/{self.pen.paint('+', GREEN)} "
        if action is Action.CREATE_THEN_DELETE:
            return f"{self.pen.paint('+', GREEN)}/{self.pen.paint('-', RED)} "
        text, colour = _SYMBOLS[action]
        mark = text.strip()
        return text.replace(mark, self.pen.paint(mark, colour)) if mark and colour else text

    def null_suffix(self, action: Action) -> str:
        """Return `-> null` for what is deleted, where that is to be said."""
        if action is not Action.DELETE or not self.says_null:
            return ""
        return f"{self.pen.paint(' -> ', YELLOW)}{self.pen.paint('null', GREY)}"

    def forces(self, diff: Diff) -> str:
        """Return the words for what forces a replacement."""
        if not diff.forces or self.forbids_forces:
            return ""
        return self.pen.paint(" # forces replacement", RED)

    def forces_block(self, forces: bool) -> str:
        """Return the words for a block that forces a replacement."""
        return self.pen.paint(" # forces replacement", RED) if forces else ""

    @property
    def arrow(self) -> str:
        """What stands between the two sides."""
        return self.pen.paint(" -> ", YELLOW)


def spaces(indent: int) -> str:
    """Return the blank beginning of a line at a depth."""
    return "    " * indent


def columns(names: Iterable[str]) -> int:
    """Return how wide names are padded: Terraform counts the bytes of the longest."""
    return max((len(name.encode("utf-8", "surrogatepass")) for name in names), default=0)


def hidden(count: int, what: str, pen: Pen) -> str:
    """Return the comment on what is not shown."""
    return pen.paint(f"# ({count} unchanged {what}{'' if count == 1 else 's'} hidden)", GREY)


def render(diff: Diff, indent: int, style: Style) -> str:
    """Return a difference as it stands after `name = `; further lines are indented."""
    match diff.shape:
        case Scalar():
            return _scalar(diff, diff.shape, indent, style)
        case NotYet(before):
            later = f"(known after apply){style.forces(diff)}"
            if before is None:
                return later
            shown = render(before, indent, replace(style, says_null=False))
            return f"{shown}{style.arrow}{later}"
        case Secret():
            return f"(sensitive value){style.null_suffix(diff.action)}{style.forces(diff)}"
        case Retyped(before, after):
            quiet = replace(style, says_null=False)
            shown = render(before, indent, quiet)
            return f"{shown}{style.arrow}{render(after, indent, quiet)}{style.forces(diff)}"
        case Members():
            return _members(diff, diff.shape, indent, style)
        case Elements():
            return _elements(diff, diff.shape, indent, style)


def warnings(diff: Diff) -> list[str]:
    """Return what must be said of a difference in lines above it."""
    if not isinstance(diff.shape, Secret) or diff.shape.was == diff.shape.will_be:
        return []
    if diff.action in (Action.CREATE, Action.DELETE):
        return []
    what = "block" if diff.shape.is_block else "attribute value"
    still = " The value is unchanged." if diff.shape.is_same else ""
    if diff.shape.was:
        return [
            f"# Warning: this {what} will no longer be marked as sensitive",
            f"# after applying this change.{still}",
        ]
    return [
        f"# Warning: this {what} will be marked as sensitive and will not",
        f"# display in UI output after applying this change.{still}",
    ]


# --- single values --------------------------------------------------------------


def _scalar(diff: Diff, shape: Scalar, indent: int, style: Style) -> str:
    before, after = shape.before, shape.after
    if isinstance(before, str) or isinstance(after, str):
        as_json = None if style.in_json else _json_sides(before, after)
        if as_json is not None:
            return _json(diff, *as_json, indent, style)
        if diff.action is Action.UPDATE and _is_retyped(before, after, style):
            quiet = replace(style, says_null=False)
            old = render(compare(before, ABSENT, Lens(is_typed=False)), indent, quiet)
            new = render(compare(ABSENT, after, Lens(is_typed=False)), indent, quiet)
            return f"{old}{style.arrow}{new}{style.forces(diff)}"
        if _is_long(before) or _is_long(after):
            return _heredoc(diff, before, after, indent, style)
    if diff.action is Action.DELETE:
        return f"{_plain(before, style)}{style.null_suffix(diff.action)}{style.forces(diff)}"
    if diff.action in (Action.CREATE, Action.NO_OP):
        return f"{_plain(after, style)}{style.forces(diff)}"
    return f"{_plain(before, style)}{style.arrow}{_plain(after, style)}{style.forces(diff)}"


def _plain(side: Side, style: Style) -> str:
    if isinstance(side, str):
        return quote(side)
    if isinstance(side, bool):
        return "true" if side else "false"
    if isinstance(side, int | BigFloat):
        return format_number(side)
    return style.pen.paint("null", GREY)


def quote(text: str) -> str:
    """Return a text in quotes on one line, as Go's %q has it: templates are not escaped."""
    if text.isascii() and text.isprintable():
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return '"' + "".join(map(_escape, text)) + '"'


_ESCAPES: Final = {
    '"': '\\"',
    "\\": "\\\\",
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
}


def _escape(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _is_long(side: Side) -> bool:
    return isinstance(side, str) and "\n" in side


def _heredoc(diff: Diff, before: Side, after: Side, indent: int, style: Style) -> str:
    opening = f"<<-EOT{style.forces(diff)}"
    closing = f"{spaces(indent)}    EOT{style.null_suffix(diff.action)}"
    lines = list(_heredoc_lines(diff.action, before, after, style))
    body = "\n".join(f"{spaces(indent + 1)}{line}" for line in lines)
    return f"{opening}\n{body}\n{closing}"


def _heredoc_lines(action: Action, before: Side, after: Side, style: Style) -> Iterator[str]:
    old, new = _lines(before), _lines(after)
    if action is not Action.UPDATE:
        for line in new if action is Action.CREATE else old:
            yield f"    {line}"
        return
    for one, other in pair_texts(old, new):
        if one is not None and other is not None and old[one] == new[other]:
            yield f"    {old[one]}"
            continue
        if one is not None:
            yield f"{style.symbol(Action.DELETE)}{old[one]}"
        if other is not None:
            yield f"{style.symbol(Action.CREATE)}{new[other]}"


def _lines(side: Side) -> list[str]:
    if not isinstance(side, str):
        return []
    # Terraform takes all white space off both ends.
    return side.strip().split("\n")


# --- JSON in texts ----------------------------------------------------------------


def _json_sides(before: Side, after: Side) -> tuple[Side, Side] | None:
    """Return both sides read as JSON; None unless each is the text of an object or array."""
    sides: list[Side] = []
    for side in (before, after):
        if not isinstance(side, str):
            if side is not ABSENT and not isinstance(side, Null):
                return None
            sides.append(side)
            continue
        found = _as_json(side)
        if found is None:
            return None
        sides.append(found)
    return sides[0], sides[1]


def _is_retyped(before: Side, after: Side, style: Style) -> bool:
    """Say whether a text of one kind becomes something of another: JSON, several lines, no text."""
    if isinstance(before, str) and isinstance(after, str):
        return not style.in_json and (_as_json(before) is None) != (_as_json(after) is None)
    return True


def _as_json(text: str) -> Value | None:
    if not text.startswith(("{", "[")):
        return None
    try:
        return implied_value(parse_json(text))
    except (JsonError, ValueError):
        return None


def _json(diff: Diff, before: Side, after: Side, indent: int, style: Style) -> str:
    inner_style = replace(style, says_null=False, in_json=True, forbids_forces=True)
    # What is there as null, rather than not at all, is named on its side.
    is_update = diff.action is Action.UPDATE
    was = f"{_plain(before, style)}{style.arrow}" if is_update and isinstance(before, Null) else ""
    suffix = style.null_suffix(diff.action)
    if is_update and isinstance(after, Null):
        suffix = f"{style.arrow}{_plain(after, style)}"
    before = ABSENT if isinstance(before, Null) else before
    after = ABSENT if isinstance(after, Null) else after
    inner = compare(before, after, Lens(is_typed=False))
    note = ""
    if diff.action is Action.UPDATE and inner.action is Action.NO_OP:
        note = " # whitespace changes"
    symbol = style.symbol(inner.action) if inner.action is Action.UPDATE else "    "
    body = render(inner, indent + 1, inner_style)
    if body in ("{}", "[]") and not note:
        return f"{was}jsonencode({body}){suffix}{style.forces(diff)}"
    return (
        f"{was}jsonencode({note}{style.forces(diff)}\n{spaces(indent + 1)}{symbol}{body}\n"
        f"{spaces(indent)}    ){suffix}"
    )


# --- containers ---------------------------------------------------------------------


def _members(diff: Diff, shape: Members, indent: int, style: Style) -> str:
    suffix = style.null_suffix(diff.action)
    if not shape.items:
        return f"{{}}{suffix}{style.forces(diff)}"
    # An attribute of an object never says it, an element of a map unless the map goes with it.
    stays = shape.naming is Naming.KEYS and diff.action is not Action.DELETE
    inner = replace(style, says_null=style.says_null and stays)
    names = {name: _name(name, shape.naming) for name in shape.items}
    shown = {
        name: member
        for name, member in shape.items.items()
        if style.shows_all
        or member.action is not Action.NO_OP
        or diff.action is Action.NO_OP
        or (shape.naming is Naming.ATTRIBUTES and is_important(name))
    }
    width = columns(names.values())
    lines = []
    for name, member in shown.items():
        lines += [f"{spaces(indent + 1)}  {line}" for line in warnings(member)]
        is_whole = shape.naming is Naming.ATTRIBUTES and is_important(name)
        text = render(member, indent + 1, replace(inner, shows_all=True) if is_whole else inner)
        lines.append(
            f"{spaces(indent + 1)}{style.symbol(member.action)}{names[name].ljust(width)} = {text}"
        )
    if len(shown) < len(shape.items):
        count = len(shape.items) - len(shown)
        lines.append(f"{spaces(indent + 1)}    {hidden(count, shape.naming.value, style.pen)}")
    body = "\n".join(lines)
    return f"{{{style.forces(diff)}\n{body}\n{spaces(indent)}    }}{suffix}"


def is_important(name: str) -> bool:
    """Say whether an attribute is shown whole, changed or not: it tells which object this is."""
    return name in ("id", "name", "tags")


def _name(name: str, naming: Naming) -> str:
    if naming is Naming.KEYS or not _is_identifier(name):
        return quote(name)
    return name


def _is_identifier(name: str) -> bool:
    return bool(name) and name.replace("-", "_").isidentifier() and not name.startswith("-")


def _elements(diff: Diff, shape: Elements, indent: int, style: Style) -> str:
    suffix = style.null_suffix(diff.action)
    if not shape.items:
        return f"[]{suffix}{style.forces(diff)}"
    inner = replace(style, says_null=False)
    everything = style.shows_all or diff.action is Action.NO_OP
    lines: list[str] = []
    waiting: list[Diff] = []
    shows_next = False
    for element in shape.items:
        if element.action is Action.NO_OP and not everything:
            if shape.has_context and shows_next:
                shows_next = False
            else:
                waiting.append(element)
                continue
        else:
            lines += _before_change(waiting, shape, indent, inner)
            waiting = []
            shows_next = True
        lines += [f"{spaces(indent + 1)}  {line}" for line in warnings(element)]
        lines.append(_element(element, indent, inner))
    if waiting:
        lines.append(f"{spaces(indent + 1)}    {hidden(len(waiting), 'element', style.pen)}")
    body = "\n".join(lines)
    return f"[{style.forces(diff)}\n{body}\n{spaces(indent)}    ]{suffix}"


def _before_change(
    waiting: Sequence[Diff], shape: Elements, indent: int, style: Style
) -> list[str]:
    """Return what stands for unchanged elements before a change: the last one, in a list."""
    if not waiting:
        return []
    lines = []
    count = len(waiting) - 1 if shape.has_context else len(waiting)
    if count:
        lines.append(f"{spaces(indent + 1)}    {hidden(count, 'element', style.pen)}")
    if shape.has_context:
        lines.append(_element(waiting[-1], indent, style))
    return lines


def _element(element: Diff, indent: int, style: Style) -> str:
    text = render(element, indent + 1, style)
    return f"{spaces(indent + 1)}{style.symbol(element.action)}{text},"
