"""The duty that lets through to machines what their security groups say, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.region.controller import Act, Outlook
from cotta.region.reconcile.exposures import reconcile_exposures
from cotta.region.store.kinds import INSTANCES, NETWORK_INTERFACES, SECURITY_GROUP_RULES

if TYPE_CHECKING:
    from datetime import datetime

    from cotta.region.machines.driver import Exposure, MachineDriver
    from cotta.region.store.store import Store


class ExposuresDuty:
    """Security groups, brought to the machines' network; at first whatever is there already."""

    name = "exposures"

    def __init__(self, store: Store, driver: MachineDriver) -> None:
        self._store = store
        self._driver = driver
        self._exposed: tuple[Exposure, ...] | None = None

    def look(self, now: datetime) -> Outlook:  # noqa: ARG002 - rules have no times
        """Have what is let through changed, if it should be another than it is."""
        with self._store.read() as rows:
            wanted = reconcile_exposures(
                rows.all(INSTANCES), rows.all(NETWORK_INTERFACES), rows.all(SECURITY_GROUP_RULES)
            )
        if wanted == self._exposed:
            return Outlook()

        def perform() -> None:
            # Until it is done nobody knows what is let through.
            self._exposed = None
            self._driver.expose(wanted)
            self._exposed = wanted

        return Outlook([Act("exposures", perform)])
