"""The duty that removes the contents of images that nothing refers to any more."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from cotta.region.controller import Act, Outlook
from cotta.region.model import InstanceState
from cotta.region.store.kinds import IMAGES, INSTANCES, SNAPSHOTS

if TYPE_CHECKING:
    from datetime import datetime

    from cotta.region.machines.driver import MachineDriver
    from cotta.region.store.store import Reading, Store

# Deregistering frees the disk some time later, as in AWS; looking costs next to nothing.
EVERY: Final = timedelta(minutes=5)


class ImagesDuty:
    """Contents of images, and the rows that refer to them."""

    name = "images"

    def __init__(self, store: Store, driver: MachineDriver) -> None:
        self._store = store
        self._driver = driver
        self._looked_at: datetime | None = None

    def look(self, now: datetime) -> Outlook:
        """Have what is not referred to removed, from time to time."""
        # A clock that was set back must not put it off for as long.
        if self._looked_at is not None and abs(now - self._looked_at) < EVERY:
            return Outlook()
        self._looked_at = now
        with self._store.read() as rows:
            digests = digests_in_use(rows)
        return Outlook([Act("images", partial(self._driver.keep_images, digests))])


def digests_in_use(rows: Reading) -> frozenset[str]:
    """Return the contents that an image, a snapshot or an instance that can run refers to."""
    found = [
        *(image.digest for image in rows.all(IMAGES)),
        *(snapshot.digest for snapshot in rows.all(SNAPSHOTS)),
        *(
            instance.image_digest
            for instance in rows.all(INSTANCES)
            if instance.state is not InstanceState.TERMINATED
        ),
    ]
    return frozenset(digest for digest in found if digest is not None)
