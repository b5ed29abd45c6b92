"""When a roll is given up: AWS itself tries for an hour, with nothing to show for it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from cotta.clouds.errors import CloudError
from cotta.fleets.follow import Advanced, Failed, Left, Serves

if TYPE_CHECKING:
    from cotta.fleets.follow import FleetEvent
    from cotta.providers.aws.connection import Connection

# So many launches in a row that come to nothing will not be followed by a good one.
_IN_VAIN: Final = 3
# Without anything moving; `timeouts { update }` says another.
USUAL: Final = timedelta(minutes=15)


class Patience:
    """Watches a roll, and turns it round once nothing good is to be expected of it.

    Rolled back where `rolls_back` and AWS allow, else cancelled.  `reason` is why it was given up,
    a sentence; "" as long as it was not.
    """

    def __init__(self, on: Connection, name: str, *, at_most: timedelta, rolls_back: bool) -> None:
        self._on = on
        self._name = name
        self._at_most = at_most
        self._rolls_back = rolls_back
        self._moved_at = on.clock.now()
        self._progress: object = None
        self._failed = self._left = 0
        self._waits_on_purpose = False
        self._serving: set[str] = set()
        self.reason = ""

    def heed(self, event: FleetEvent) -> None:
        """Take note of what happens; three launches in vain are enough."""
        match event:
            case Serves(member):
                self._serving.add(member.id)
                self._failed = self._left = 0
                self._moved_at = self._on.clock.now()
            case Advanced(refresh):
                self._waits_on_purpose = refresh.reason.startswith("Checkpoint")
                progress = refresh.status, refresh.percentage, refresh.remaining
                if progress != self._progress:
                    self._progress, self._moved_at = progress, self._on.clock.now()
            case Failed():
                self._failed += 1
            case Left(member) if member.id not in self._serving and not member.is_in_service:
                self._left += 1
            case _:
                return
        if max(self._failed, self._left) >= _IN_VAIN:
            self._give_up(f"{_IN_VAIN} launches in a row came to nothing")

    def look_at_the_time(self) -> None:
        """Give up if nothing has moved for too long, unless that is on purpose."""
        waited = self._on.clock.now() - self._moved_at
        if waited > self._at_most and not self._waits_on_purpose:
            self._give_up(f"nothing has moved for {waited.total_seconds() / 60:.0f} min")

    def _give_up(self, why: str) -> None:
        if self.reason:
            return
        self.reason = f"It was given up, as {why}."
        how = "rolling it back" if self._rolls_back else "cancelling it"
        self._on.say(f"{self._name}: {why}, {how}")
        try:
            operation = "RollbackInstanceRefresh" if self._rolls_back else "CancelInstanceRefresh"
            self._on.call("autoscaling", operation, AutoScalingGroupName=self._name)
        except CloudError as error:
            if error.code == "ActiveInstanceRefreshNotFound":
                # It has just ended by itself.
                return
            if not self._rolls_back:
                raise
            self._on.call("autoscaling", "CancelInstanceRefresh", AutoScalingGroupName=self._name)
