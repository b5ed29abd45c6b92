"""Decide what becomes of instances and their machines next.

An instance changes only as `lifecycle.advance` says.  Of each machine at most one step is wanted
at a time; what the step has led to is seen in the next look.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeAlias, assert_never

from cotta.region.lifecycle import Event, advance
from cotta.region.machines.driver import Machine, MachineState
from cotta.region.model import Image, ImageState, InstanceState, StateReason
from cotta.region.model.images import digest_tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from cotta.region.model import ImageId, Instance, InstanceId

# AWS shows what was terminated for about an hour.
SHOWN_AFTER_END: Final = timedelta(hours=1)

# A machine that has not ended by then has its power cut.
STOPS_WITHIN: Final = timedelta(seconds=90)

# How often a step is tried before the instance, or the image, is given up.
MOST_TRIES: Final = 3

DRIFT_TAG: Final = "cotta:drift"
_LONGEST_TAG: Final = 256
_LONGEST_DETAIL: Final = 2000

_ALIVE: Final = frozenset({MachineState.BOOTING, MachineState.RUNNING})

_BY_ITSELF: Final = StateReason(
    "Client.InstanceInitiatedShutdown",
    "Client.InstanceInitiatedShutdown: Instance initiated shutdown",
)
_LOST: Final = StateReason(
    "Server.InternalError",
    "Server.InternalError: The machine is gone with all that was on it, as when the host was "
    "started anew",
)


@dataclass(frozen=True, slots=True)
class Start:
    """Start a machine, for the start of its instance with this number."""

    instance: InstanceId
    boot: int


@dataclass(frozen=True, slots=True)
class Stop:
    """Have a machine shut down, or cut its power."""

    instance: InstanceId
    force: bool = False


@dataclass(frozen=True, slots=True)
class Restart:
    """Start a machine again; `count` restarts of this start of its instance are done with it."""

    instance: InstanceId
    count: int


@dataclass(frozen=True, slots=True)
class Remove:
    """End a machine, and leave nothing of it."""

    instance: InstanceId


@dataclass(frozen=True, slots=True)
class Seal:
    """Make the content of an image from a machine."""

    instance: InstanceId
    image: ImageId


Step: TypeAlias = Start | Stop | Restart | Remove | Seal


@dataclass(frozen=True, slots=True)
class Trouble:
    """A step that was tried last of a machine: how often it failed in a row, and why at last."""

    step: Step
    count: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What instances and images become, what is to be done, and who is forgotten.

    `is_waiting` while a machine is on its way to another state by itself: look again soon.
    """

    instances: tuple[Instance, ...] = ()
    images: tuple[Image, ...] = ()
    steps: tuple[Step, ...] = ()
    forgotten: tuple[InstanceId, ...] = ()
    is_waiting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """One instance and all that matters for it; `image` is to be made from it."""

    instance: Instance
    machine: Machine | None
    image: Image | None
    trouble: Trouble | None
    now: datetime

    @property
    def is_alive(self) -> bool:
        return self.machine is not None and self.machine.state in _ALIVE

    def why_given_up(self, step: Step) -> str | None:
        """Return why a step fails, if it was tried often enough."""
        trouble = self.trouble
        if trouble is None or trouble.step != step or trouble.count < MOST_TRIES:
            return None
        return trouble.message


def reconcile_instances(
    instances: Iterable[Instance],
    machines: Mapping[InstanceId, Machine],
    pending_images: Iterable[Image],
    troubles: Mapping[InstanceId, Trouble],
    *,
    now: datetime,
) -> Decision:
    """Return what brings instances, images and machines closer to what is wanted.

    Machines of nobody are removed: they were started for an instance that ended meanwhile.
    """
    wanted: dict[InstanceId | None, list[Image]] = {}
    for image in pending_images:
        wanted.setdefault(image.source_instance, []).append(image)
    changed, failed, forgotten = [], list[Image](), []
    steps = list[Step]()
    known = set()
    for instance in instances:
        known.add(instance.id)
        if _is_past(instance, now):
            forgotten.append(instance.id)
        images = wanted.pop(instance.id, [])
        machine, trouble = machines.get(instance.id), troubles.get(instance.id)
        view = _View(
            instance=instance,
            machine=machine,
            image=images[0] if images else None,
            trouble=trouble,
            now=now,
        )
        if (reason := _why_unsealable(view)) is not None:
            # What its machine needs is decided when it is known to be no image any more.
            failed += [_fail(image, reason) for image in images]
            continue
        after, step = _next(view)
        if after != instance:
            changed.append(after)
        if step is not None:
            steps.append(step)
    orphans = [image for images in wanted.values() for image in images]
    failed += [_fail(image, "The instance is gone.") for image in orphans]
    steps += [Remove(stray) for stray in machines if stray not in known]
    return Decision(
        instances=tuple(changed),
        images=tuple(failed),
        steps=tuple(steps),
        forgotten=tuple(forgotten),
        is_waiting=any(one.state is MachineState.BOOTING for one in machines.values()),
    )


def finish_image(image: Image, digest: str) -> Image:
    """Return an image that was pending, with its content."""
    tags = {**image.tags, **digest_tags(digest)}
    return replace(image, state=ImageState.AVAILABLE, digest=digest, tags=tags)


def restart_after(image: Image, instance: Instance) -> Instance:
    """Return an instance after an image was made of it, or could not be.

    One that was stopped for that has another restart asked for.
    """
    if image.no_reboot or instance.state is not InstanceState.RUNNING:
        return instance
    return replace(instance, restarts=instance.restarts + 1)


# --- images ---------------------------------------------------------------------------


def _fail(image: Image, why: str) -> Image:
    reason = StateReason("Client.InternalError", f"Client.InternalError: {why}")
    return replace(image, state=ImageState.FAILED, state_reason=reason)


def _why_unsealable(view: _View) -> str | None:
    """Return why no image can be made of an instance; None if it can, or none is wanted."""
    if view.image is None:
        return None
    if view.machine is None and view.instance.state is not InstanceState.PENDING:
        return f"{view.instance.id} has no machine to make an image of."
    return view.why_given_up(Seal(view.instance.id, view.image.id))


def _sealing(view: _View) -> Step | None:
    """Return what the image that is to be made needs next; None if something else comes first."""
    image, machine, instance = view.image, view.machine, view.instance
    if image is None or machine is None:
        return None
    seal = Seal(instance.id, image.id)
    if not view.is_alive:
        return seal
    if machine.state is MachineState.BOOTING or instance.state in {
        InstanceState.PENDING,
        InstanceState.STOPPING,
    }:
        return None
    return seal if image.no_reboot else _stop(view)


# --- instances ------------------------------------------------------------------------


def _next(view: _View) -> tuple[Instance, Step | None]:
    """Return what the instance becomes, and the step that its machine needs."""
    after, step = _by_state(view)
    sealing = _sealing(view)
    if sealing is None:
        return after, step
    if view.instance.state is InstanceState.RUNNING:
        # It was stopped for its image, and only looks as if it had ended by itself.
        return view.instance, sealing
    return after, sealing


def _by_state(view: _View) -> tuple[Instance, Step | None]:
    instance = view.instance
    match instance.state:
        case InstanceState.PENDING:
            return _pending(view)
        case InstanceState.RUNNING:
            return _running(view)
        case InstanceState.STOPPING:
            if view.is_alive:
                return instance, _stop(view)
            return _after(view, Event.EXITED), None
        case InstanceState.STOPPED:
            # It was being started as somebody stopped it.
            return instance, Stop(instance.id, force=True) if view.is_alive else None
        case InstanceState.SHUTTING_DOWN:
            if view.machine is not None:
                return instance, Remove(instance.id)
            return _after(view, Event.EXITED), None
        case InstanceState.TERMINATED:
            return instance, Remove(instance.id) if view.machine is not None else None
    assert_never(instance.state)


def _pending(view: _View) -> tuple[Instance, Step | None]:
    instance, machine = view.instance, view.machine
    if machine is None or machine.boot < instance.boot:
        if view.is_alive:
            return instance, Stop(instance.id, force=True)
        start = Start(instance.id, instance.boot)
        if (why := view.why_given_up(start)) is not None:
            return _not_started(view, "Server.InternalError", why), None
        return instance, start
    match machine.state:
        case MachineState.BOOTING:
            return instance, None
        case MachineState.RUNNING:
            booted = _after(view, Event.BOOTED)
            return replace(booted, restarts_done=instance.restarts), None
        case MachineState.EXITED:
            return _after(view, Event.BOOTED), None
        case MachineState.FAILED:
            return _not_started(view, "Client.InternalError", machine.detail), None
    assert_never(machine.state)


def _running(view: _View) -> tuple[Instance, Step | None]:
    instance, machine = view.instance, view.machine
    if machine is None:
        return _after(view, Event.TERMINATE_REQUESTED, _LOST), None
    if instance.restarts > instance.restarts_done:
        restart = Restart(instance.id, instance.restarts)
        if view.why_given_up(restart) is None:
            return instance, restart
        instance = replace(instance, restarts_done=instance.restarts)
        return instance, None
    match machine.state:
        case MachineState.BOOTING | MachineState.RUNNING:
            return _with_drift(instance, machine.drift), None
        case MachineState.EXITED:
            is_end = instance.shutdown_behavior == "terminate"
            event = Event.TERMINATE_REQUESTED if is_end else Event.EXITED
            return _after(view, event, _BY_ITSELF), None
        case MachineState.FAILED:
            reason = _reason("Client.InternalError", machine.detail)
            return _after(view, Event.EXITED, reason), None
    assert_never(machine.state)


def _not_started(view: _View, code: str, why: str) -> Instance:
    """Return an instance whose machine doesn't start.

    As AWS: one that is new ends, one that ran before is stopped again.
    """
    event = Event.BOOT_FAILED if view.instance.boot == 1 else Event.STOP_REQUESTED
    return _after(view, event, _reason(code, why))


def _reason(code: str, why: str) -> StateReason:
    return StateReason(code, f"{code}: {why[-_LONGEST_DETAIL:]}")


def _after(view: _View, event: Event, reason: StateReason | None = None) -> Instance:
    return advance(view.instance, event, now=view.now, reason=reason)


def _stop(view: _View) -> Stop:
    """Return how the machine is to be stopped: by force, if asking has not helped."""
    instance = view.instance
    asking = Stop(instance.id)
    has_failed = view.trouble is not None and isinstance(view.trouble.step, Stop)
    since = instance.state_changed_at
    is_late = (
        instance.state is InstanceState.STOPPING
        and since is not None
        and view.now - since > STOPS_WITHIN
    )
    return replace(asking, force=has_failed or is_late or instance.stop_forced)


def _with_drift(instance: Instance, paths: Sequence[str]) -> Instance:
    """Return the instance with what its machine has changed of the image, as a tag too."""
    if tuple(paths) == instance.drift:
        return instance
    tags = {key: value for key, value in instance.tags.items() if key != DRIFT_TAG}
    if paths:
        text = " ".join(paths)
        tags[DRIFT_TAG] = (
            text if len(text) <= _LONGEST_TAG else f"{text[: _LONGEST_TAG - 2].rstrip()} …"
        )
    return replace(instance, drift=tuple(paths), tags=tags)


def _is_past(instance: Instance, now: datetime) -> bool:
    since = instance.state_changed_at
    return (
        instance.state is InstanceState.TERMINATED
        and since is not None
        and now - since > SHOWN_AFTER_END
    )
