"""What happens during plan and apply, a line for each event, as Terraform words it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.addrs.resources import Mode
from cotta.cli.views.differences import BOLD
from cotta.cli.views.lines import plain_line
from cotta.engine.events import (
    ApplyContinues,
    ApplyFailed,
    ApplyFinished,
    ApplySaid,
    ApplyStarted,
    Imported,
    ImportPrepared,
    ProvisionFinished,
    ProvisionOutput,
    ProvisionStarted,
    Readopted,
    RefreshFinished,
    RefreshStarted,
)
from cotta.plans.changes import Action

if TYPE_CHECKING:
    from cotta.diagnostics.render import Pen
    from cotta.engine.events import Event, Subject

_LONGEST_ID: Final = 80

_STARTS: Final = {
    Action.CREATE: "Creating...",
    Action.UPDATE: "Modifying...",
    Action.DELETE: "Destroying...",
    Action.READ: "Reading...",
}
_GOING_ON: Final = {
    Action.CREATE: "Still creating...",
    Action.UPDATE: "Still modifying...",
    Action.DELETE: "Still destroying...",
    Action.READ: "Still reading...",
}
_ENDS: Final = {
    Action.CREATE: "Creation complete after",
    Action.UPDATE: "Modifications complete after",
    Action.DELETE: "Destruction complete after",
    Action.READ: "Read complete after",
}


_IMPORTS: Final[dict[type, tuple[str, ...]]] = {
    ImportPrepared: ("Preparing import...",),
    Imported: ("Importing...", "Import complete"),
}


def render_event(event: Event, pen: Pen) -> str | None:
    """Return the line for an event, without its end; None if it is shown elsewhere."""
    match event:
        case RefreshStarted(subject):
            if subject.address.resource.mode is Mode.DATA:
                return pen.paint(f"{name_of(subject)}: Reading...", BOLD)
            return pen.paint(f"{name_of(subject)}: Refreshing state...{_id(subject)}", BOLD)
        case RefreshFinished(subject):
            if subject.address.resource.mode is not Mode.DATA:
                return None
            return pen.paint(f"{name_of(subject)}: Read complete after 0s{_id(subject)}", BOLD)
        case ImportPrepared(subject) | Imported(subject):
            steps = _IMPORTS[type(event)]
            lines = (f"{name_of(subject)}: {word}{_id(subject)}" for word in steps)
            return "\n".join(pen.paint(line, BOLD) for line in lines)
        case ApplyStarted(subject, action):
            suffix = _id(subject) if action is not Action.CREATE else ""
            return pen.paint(f"{name_of(subject)}: {_STARTS[action]}{suffix}", BOLD)
        case ApplyContinues(subject, action, seconds):
            elapsed = f"{_duration(seconds)} elapsed"
            if subject.id and action is not Action.CREATE:
                elapsed = f"{subject.id_key}={_short(subject.id)}, {elapsed}"
            return pen.paint(f"{name_of(subject)}: {_GOING_ON[action]} [{elapsed}]", BOLD)
        case ApplyFinished(subject, action, seconds):
            suffix = _id(subject) if action is not Action.DELETE else ""
            took = _duration(int(seconds))
            return pen.paint(f"{subject.address}: {_ENDS[action]} {took}{suffix}", BOLD)
        case ProvisionStarted(subject, provisioner):
            return pen.paint(f"{name_of(subject)}: Provisioning with '{provisioner}'...", BOLD)
        case ProvisionOutput() | ApplySaid():
            return _render_said(event, pen)
        case Readopted(subject):
            words = "Replacement failed; the object that was there stays"
            return pen.paint(f"{name_of(subject)}: {words}{_id(subject)}", BOLD)
        case ApplyFailed() | ProvisionFinished():
            return None


def _render_said(event: ProvisionOutput | ApplySaid, pen: Pen) -> str:
    name = name_of(event.subject)
    if isinstance(event, ApplySaid):
        return f"{pen.paint(f'{name}:', BOLD)} {plain_line(event.line)}"
    return f"{pen.paint(f'{name} ({event.provisioner}):', BOLD)} {event.line}"


def name_of(subject: Subject) -> str:
    """Return what an object is called in a line of progress."""
    if subject.deposed:
        return f"{subject.address} (deposed object {subject.deposed})"
    return str(subject.address)


def _id(subject: Subject) -> str:
    return f" [{subject.id_key}={_short(subject.id)}]" if subject.id else ""


def _short(id_: str) -> str:
    """Return an id cut in the middle where it is too long for a line."""
    if len(id_) <= _LONGEST_ID:
        return id_
    keep = _LONGEST_ID - 3
    head = keep - keep // 2
    return f"{id_[:head]}...{id_[len(id_) - keep // 2 :]}"


def _duration(seconds: int) -> str:
    """Return a duration as Go writes it: 0s, 1m10s, 1h0m5s."""
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    if hours:
        return f"{hours}h{minutes}m{rest}s"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
