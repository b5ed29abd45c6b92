"""What an interrupted run has left in its journal, brought into the state.

The journal goes on from a snapshot.  If that is still the state, every step
is done again.  If somebody has written the state since, say Terraform, theirs
stands, and what the journal alone knows is added to it: nothing that was
created is forgotten.
"""

from __future__ import annotations

from binascii import crc32
from dataclasses import replace
from typing import TYPE_CHECKING

from cotta.states.compare import copy_state
from cotta.states.journal import ObjectRemoved, ObjectSet, apply_step
from cotta.states.model import Snapshot, State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.states.journal import Journal, Step
    from cotta.states.model import StoredObject


def fold(
    found: Snapshot | None, journal: Journal, place: str, diags: Diagnostics
) -> Snapshot | None:
    """Return the snapshot with the journal's steps in it; the serial is still the old one.

    None, with an error, if the journal belongs to another state.  Doing it
    again with the result changes nothing more.
    """
    if found is None:
        if journal.serial != 0:
            diags.error(
                "State file is missing",
                f"There is a journal beside {place} of a run that was interrupted, but the state "
                f"it goes on from (serial {journal.serial}) is not there any more. Put the state "
                "file back, or remove the journal to begin without what is in both.",
            )
            return None
        found = Snapshot(state=State(), lineage=journal.lineage)
    elif found.lineage != journal.lineage:
        diags.error(
            "Journal of another state",
            f"The journal beside {place} was left by an interrupted run on another state: its "
            f"lineage is {journal.lineage}, and that of the state file {found.lineage}. Put back "
            "the state file that was there, or remove the journal to go on without what is in it.",
        )
        return None
    state = copy_state(found.state)
    is_same = found.serial == journal.serial
    for step in journal.steps if is_same else _missing(state, journal):
        apply_step(state, step)
    return replace(found, state=state)


def _missing(state: State, journal: Journal) -> Iterator[Step]:
    """Yield the steps that add what the journal made and a state written since lacks.

    An object is the same as another if the ids are.  One whose address is
    taken by another is put aside as deposed, so that the next run destroys it.
    """
    made: dict[tuple[str, str], ObjectSet] = {}
    for step in journal.steps:
        if isinstance(step, ObjectSet):
            made[str(step.address), step.deposed] = step
        elif isinstance(step, ObjectRemoved):
            made.pop((str(step.address), step.deposed), None)
    for step in made.values():
        resource = state.resources.get(step.address.of)
        instance = resource.instances.get(step.address.key) if resource is not None else None
        there = [] if instance is None else [instance.current, *instance.deposed.values()]
        objects = [one for one in there if one is not None]
        own = _id(step.object)
        if not objects:
            yield replace(step, deposed="") if step.deposed else step
        elif own is not None and all(_id(one) not in (None, own) for one in objects):
            yield replace(step, deposed=step.deposed or f"{crc32(own.encode()):08x}")


def _id(stored: StoredObject) -> str | None:
    attributes = stored.attributes
    found = attributes.get("id") if isinstance(attributes, dict) else None
    return found if isinstance(found, str) else None
