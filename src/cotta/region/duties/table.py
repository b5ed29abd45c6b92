"""All the duties of a region, in the order in which they are looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.region.duties.exposures import ExposuresDuty
from cotta.region.duties.groups import AutoScalingDuty
from cotta.region.duties.images import ImagesDuty
from cotta.region.duties.instances import InstancesDuty
from cotta.region.duties.reserve import ReserveDuty
from cotta.region.duties.targets import TargetsDuty

if TYPE_CHECKING:
    from cotta.region.balancer.driver import Balancer
    from cotta.region.controller import Duty
    from cotta.region.duties.targets import Addresses
    from cotta.region.machines.driver import MachineDriver
    from cotta.region.store.reserve import Reserve
    from cotta.region.store.store import Store
    from cotta.system.ids import IdSource


def all_duties(
    store: Store,
    driver: MachineDriver,
    balancer: Balancer,
    addresses: Addresses,
    ids: IdSource,
    reserve: Reserve,
) -> tuple[Duty, ...]:
    """Return the duties of a region."""
    return (
        # Before the machines, so that what it launches is started in the same look.
        AutoScalingDuty(store, ids),
        ExposuresDuty(store, driver),
        InstancesDuty(store, driver),
        ImagesDuty(store, driver),
        TargetsDuty(store, balancer, addresses),
        # Last, so that what the others have to write comes before it.
        ReserveDuty(reserve),
    )
