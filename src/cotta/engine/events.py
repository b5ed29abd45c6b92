"""What happens during a walk, as records: the views turn them into text or JSON.

All are sent from the deciding thread, in order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from cotta.values.value import ObjectValue, unmark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.addrs.resources import AbsResourceInstance
    from cotta.plans.changes import Action
    from cotta.providers.interface import Figure
    from cotta.states.model import StoredObject
    from cotta.values.value import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The object that something happens to; `id` is how its provider calls it, as text."""

    address: AbsResourceInstance
    deposed: str = ""
    id_key: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class RefreshStarted:
    """An object is being read."""

    subject: Subject


@dataclass(frozen=True, slots=True)
class RefreshFinished:
    """An object was read."""

    subject: Subject


@dataclass(frozen=True, slots=True)
class ImportPrepared:
    """An object is looked for that is to be taken over; its subject has the id."""

    subject: Subject


@dataclass(frozen=True, slots=True)
class Imported:
    """An object was taken over."""

    subject: Subject


@dataclass(frozen=True, slots=True)
class ApplyStarted:
    """A change is being made."""

    subject: Subject
    action: Action


@dataclass(frozen=True, slots=True)
class ApplyContinues:
    """A change is still being made, after so many seconds."""

    subject: Subject
    action: Action
    seconds: int


@dataclass(frozen=True, slots=True)
class ApplySaid:
    """A provider said a line while it makes a change; `figures` say the same to programs."""

    subject: Subject
    action: Action
    line: str
    figures: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class ApplyFinished:
    """A change was made."""

    subject: Subject
    action: Action
    seconds: float


@dataclass(frozen=True, slots=True)
class ApplyFailed:
    """A change was not made, or not wholly."""

    subject: Subject
    action: Action
    seconds: float


@dataclass(frozen=True, slots=True)
class ProvisionStarted:
    """A provisioner was started."""

    subject: Subject
    provisioner: str


@dataclass(frozen=True, slots=True)
class ProvisionOutput:
    """A provisioner said a line."""

    subject: Subject
    provisioner: str
    line: str


@dataclass(frozen=True, slots=True)
class ProvisionFinished:
    """A provisioner ended, well or not."""

    subject: Subject
    provisioner: str
    is_failed: bool = False


@dataclass(frozen=True, slots=True)
class Readopted:
    """A replacement failed; the object it was to replace is the current one again."""

    subject: Subject


Event: TypeAlias = (
    RefreshStarted
    | RefreshFinished
    | ImportPrepared
    | Imported
    | ApplyStarted
    | ApplyContinues
    | ApplySaid
    | ApplyFinished
    | ApplyFailed
    | ProvisionStarted
    | ProvisionOutput
    | ProvisionFinished
    | Readopted
)


class Listener(Protocol):
    """Somebody who wants to know."""

    def __call__(self, event: Event, /) -> None:
        """Take notice of an event; called on the deciding thread."""
        ...


def ignore_event(_event: Event) -> None:
    """Take no notice."""


def stored_subject(
    address: AbsResourceInstance, stored: StoredObject | None, deposed: str = ""
) -> Subject:
    """Return the subject of an object as the state has it."""
    attributes = stored.attributes if stored is not None else None
    if isinstance(attributes, dict):
        for key in ("id", "name"):
            found = attributes.get(key)
            if isinstance(found, str) and found:
                return Subject(address=address, deposed=deposed, id_key=key, id=found)
    return Subject(address=address, deposed=deposed)


def subject_of(
    address: AbsResourceInstance, value: Value | None = None, deposed: str = ""
) -> Subject:
    """Return an object's subject, with the id by which people know it if it has one."""
    bare = unmark(value)[0] if value is not None else None
    if isinstance(bare, ObjectValue):
        for key in ("id", "name"):
            found = bare.attributes.get(key)
            if isinstance(found, str) and found:
                return Subject(address=address, deposed=deposed, id_key=key, id=found)
    return Subject(address=address, deposed=deposed)
