"""A roll in words, line by line, and what is known of an instance that would not come up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.clouds.errors import CloudError
from cotta.fleets.follow import (
    Advanced,
    Failed,
    Joined,
    Left,
    Serves,
    Suffers,
    console_tail,
)
from cotta.fleets.model import RefreshStatus

if TYPE_CHECKING:
    from datetime import datetime

    from cotta.fleets.follow import FleetEvent
    from cotta.fleets.model import FleetMember, Refresh
    from cotta.providers.aws.connection import Connection

_LINES = 12

_WORDS = {
    RefreshStatus.PENDING: "the roll is about to begin",
    RefreshStatus.IN_PROGRESS: "rolling",
    RefreshStatus.BAKING: "all replaced, being watched",
    RefreshStatus.SUCCESSFUL: "rolled",
    RefreshStatus.FAILED: "the roll failed",
    RefreshStatus.CANCELLING: "the roll is being cancelled",
    RefreshStatus.CANCELLED: "the roll was cancelled",
    RefreshStatus.ROLLING_BACK: "rolling back",
    RefreshStatus.ROLLED_BACK: "rolled back to what there was before",
    RefreshStatus.ROLLBACK_FAILED: "the rollback failed",
}


def status_words(refresh: Refresh) -> str:
    """Return how a refresh is, as words that go on from a group's name."""
    words = _WORDS[refresh.status]
    if refresh.status in (RefreshStatus.IN_PROGRESS, RefreshStatus.ROLLING_BACK):
        return f"{words}, {refresh.percentage} % done, {refresh.remaining} to go"
    if refresh.status in (RefreshStatus.FAILED, RefreshStatus.CANCELLED):
        return f"{words} at {refresh.percentage} %, with {refresh.remaining} to go"
    return words


class Narrator:
    """Says what happens to a group, and remembers instances that never served."""

    def __init__(self, on: Connection, name: str) -> None:
        self._on = on
        self._name = name
        self._coming: dict[str, datetime] = {}
        self._tail: tuple[str, list[str]] | None = None
        self._last_failure = ""

    def tell(self, event: FleetEvent) -> None:
        """Say it."""
        match event:
            case Advanced(refresh):
                why = f": {refresh.reason.rstrip('.')}" if refresh.reason else ""
                self._on.say(
                    f"{self._name}: {status_words(refresh)}{why}",
                    status=refresh.status.value,
                    percentage=refresh.percentage,
                    remaining=refresh.remaining,
                )
            case Joined(member):
                self._coming[member.id] = self._on.clock.now()
                self._say(member, f"launched{_image(member)}")
            case Serves(member):
                self._say(member, f"in service{self._after(member)}")
            case Suffers(member):
                self._say(member, f"in service no longer: {member.health.lower()}")
            case Left(member):
                self._say(member, "gone")
                if self._coming.pop(member.id, None) is not None:
                    self._keep_tail(member.id)
            case Failed(activity):
                words = activity.description.rstrip(".")
                if activity.message:
                    words = self._last_failure = f"{words}: {activity.message}"
                else:  # as a launch that was under way when the roll was turned back
                    words += f" was {activity.status.lower()}"
                self._on.say(f"{self._name}: {words}")

    def _say(self, member: FleetMember, words: str) -> None:
        self._on.say(f"{self._name}: {member.id} {words}", instance=member.id)

    def _after(self, member: FleetMember) -> str:
        since = self._coming.pop(member.id, None)
        if since is None:
            return ""
        return f" after {(self._on.clock.now() - since).total_seconds():.0f} s"

    def _keep_tail(self, instance: str) -> None:
        try:
            lines = console_tail(self._on.session, instance, _LINES)
        except CloudError:
            # The roll's own failure is what is told of; a console is a help and no more.
            return
        if lines:
            self._tail = (instance, lines)

    def sentences(self) -> list[str]:
        """Return what is known of why instances did not come up: none if all did."""
        for instance in self._coming:
            self._keep_tail(instance)
        found = []
        if self._last_failure:
            found.append(f"The last thing that went wrong: {self._last_failure.rstrip('.')}.")
        if self._tail is not None:
            instance, lines = self._tail
            text = "\n".join(f"    {line}" for line in lines)
            found.append(f"The console of {instance}, which never served, ends with:\n\n{text}\n\n")
        return found


def _image(member: FleetMember) -> str:
    if member.image is None:
        return ""
    name = f" {member.image.name}" if member.image.name else ""
    return f" from {member.image.id}{name}"
