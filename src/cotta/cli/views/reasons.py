"""`plan -why`: the cause of every change, followed to its root."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.cli.views.differences import BOLD
from cotta.plans.changes import Action

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.diagnostics.render import Pen
    from cotta.plans.changes import Cause, Plan, ResourceChange
    from cotta.values.json_text import Json

_VERBS: Final = {
    Action.CREATE: "is created",
    Action.READ: "is read",
    Action.UPDATE: "is updated",
    Action.DELETE: "is destroyed",
    Action.DELETE_THEN_CREATE: "is replaced",
    Action.CREATE_THEN_DELETE: "is replaced",
    Action.FORGET: "is forgotten",
}

# Of a longer chain the beginning and the root are shown.
_LONGEST_CHAIN: Final = 4


def render_reasons(plan: Plan, pen: Pen) -> str:
    """Return why each object of a plan changes; "" where nobody has asked for that.

    A cause that lies in another change is followed, line by line, to where it
    begins.
    """
    explained = [change for change in plan.changes if change.causes]
    if not explained:
        return ""
    chains = _Chains({one.address.text: one for one in explained if not one.deposed})
    lines = [f"\n{pen.paint('Why:', BOLD)}\n"]
    for change in explained:
        lines.append(f"\n  {pen.paint(f'# {_subject(change)} {_verb(change)}', BOLD)}\n")
        for cause in change.causes:
            lines.append(f"      {_render_cause(cause)}\n")
            lines += [f"      ← {line}\n" for line in chains.lines(cause)]
    return "".join(lines)


def encode_cause(cause: Cause) -> dict[str, Json]:
    """Return a cause as a record; `resource` is the object whose change it goes back to."""
    record: dict[str, Json] = {"text": cause.text}
    if cause.place is not None:
        first = cause.place.first
        record["filename"] = cause.place.file.name
        record["line"], record["column"] = first.line, first.column
    if cause.change:
        record["resource"] = cause.change
    return record


def _subject(change: ResourceChange) -> str:
    deposed = f" (deposed object {change.deposed})" if change.deposed else ""
    return f"{change.address}{deposed}"


def _verb(change: ResourceChange) -> str:
    if change.action is not Action.NO_OP:
        verb = _VERBS[change.action]
        return f"{verb}, and imported before" if change.importing is not None else verb
    return "is imported" if change.importing is not None else "has moved"


def _render_cause(cause: Cause) -> str:
    if cause.place is None:
        return cause.text
    return f"{cause.place.file.name} line {cause.place.first.line}: {cause.text}"


class _Chains:
    """Follows causes from change to change; the root of each is found once."""

    def __init__(self, changes: Mapping[str, ResourceChange]) -> None:
        self._changes = changes
        # The change at the end of each one's chain, and how many steps it is away.
        self._roots: dict[str, tuple[str, int]] = {}

    def lines(self, cause: Cause) -> list[str]:
        """Return the lines about the changes behind a cause, the root last."""
        if cause.change not in self._changes:
            return []
        root, distance = self._root(cause.change)
        lines = []
        address = cause.change
        for step in range(distance + 1):
            if distance >= _LONGEST_CHAIN and step == 2:
                lines.append(f"… and so on over {distance - 2} more, back to")
                lines.append(self._line(root))
                break
            lines.append(self._line(address))
            address = self._next(address)
        return lines

    def _line(self, address: str) -> str:
        change = self._changes[address]
        cause = next((one for one in change.causes if one.change), change.causes[0])
        return f"{address} {_verb(change)}, {_render_cause(cause)}"

    def _next(self, address: str) -> str:
        for cause in self._changes[address].causes:
            if cause.change in self._changes:
                return cause.change
        return ""

    def _root(self, address: str) -> tuple[str, int]:
        way: list[str] = []
        seen: set[str] = set()
        while address not in self._roots:
            following = self._next(address)
            seen.add(address)
            if not following or following in seen:
                self._roots[address] = (address, 0)
                break
            way.append(address)
            address = following
        root, distance = self._roots[address]
        for one in reversed(way):
            distance += 1
            self._roots[one] = (root, distance)
        return self._roots[way[0]] if way else (root, distance)
