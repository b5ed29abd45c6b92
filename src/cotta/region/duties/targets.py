"""The controller's part: from rows to the balancer, and from the balancer to rows."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from cotta.region.balancer.config import fingerprint_of
from cotta.region.balancer.driver import BalancerError
from cotta.region.balancer.layout import layout_of
from cotta.region.balancer.sources import sources_of
from cotta.region.controller import Act, Outlook
from cotta.region.model import InstanceState, LoadBalancerState
from cotta.region.reconcile.targets import Wanted, decide
from cotta.region.store.kinds import (
    INSTANCES,
    LISTENERS,
    LOAD_BALANCERS,
    NETWORK_INTERFACES,
    RULES,
    SECURITY_GROUP_RULES,
    TARGET_GROUPS,
    TARGETS,
)
from cotta.region.targets import groups_in_use

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cotta.region.balancer.driver import Balancer
    from cotta.region.balancer.layout import Layout
    from cotta.region.balancer.servers import Server
    from cotta.region.model import LoadBalancer, Target
    from cotta.region.reconcile.targets import Decided
    from cotta.region.store.store import Reading, Store, Writing

log: Final = logging.getLogger(__name__)


class Addresses(Protocol):
    """Where the region's own addresses are given and taken: its network."""

    def hold(self, address: str) -> None:
        """Give the region an address."""
        ...

    def release(self, address: str) -> None:
        """Take an address away."""
        ...

    def held(self) -> frozenset[str]:
        """Return the addresses that were given."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What a look goes by."""

    balancers: Sequence[LoadBalancer]
    layout: Layout
    wanted: Sequence[Wanted]


class TargetsDuty:
    """Load balancers and their targets."""

    name = "targets"

    def __init__(self, store: Store, balancer: Balancer, addresses: Addresses) -> None:
        self._store = store
        self._balancer = balancer
        self._addresses = addresses
        # Nobody else gives or takes them, so they are asked for once, and known after each act.
        self._held: frozenset[str] | None = None

    def look(self, now: datetime) -> Outlook:
        """Bring the balancer and the rows together."""
        with self._store.read() as rows:
            read = _read(rows)
        seen = self._balancer.observe()
        backends = {backend.group.id: backend for backend in read.layout.backends}
        decided = decide(read.wanted, backends, seen, now=now)
        is_current = self._is_current(read.layout, seen.fingerprint if seen is not None else None)
        if is_current:
            # Before the rows say so: what is said to be gone has no request left.
            self._balancer.change(decided.changes)
        self._write(read, decided, is_current=is_current)
        if is_current and read.layout.addresses == self._known_held():
            return Outlook(again=decided.again)
        act = partial(self._configure, read.layout, decided.well)
        return Outlook(acts=[Act("balancer", act)], again=decided.again)

    def _is_current(self, layout: Layout, running: str | None) -> bool:
        if not layout.frontends:
            return running is None
        return running == fingerprint_of(layout)

    def _configure(self, layout: Layout, well: Sequence[Server]) -> None:
        self._held = None
        held = self._addresses.held()
        for address in sorted(layout.addresses - held):
            self._addresses.hold(address)
        try:
            self._balancer.configure(layout, well)
        except BalancerError as error:
            log.warning("%s", error)
            raise
        for address in sorted(held - layout.addresses):
            self._addresses.release(address)
        self._held = layout.addresses

    def _known_held(self) -> frozenset[str]:
        if self._held is None:
            self._held = self._addresses.held()
        return self._held

    def _write(self, read: _Read, decided: Decided, *, is_current: bool) -> None:
        is_ready = is_current and read.layout.addresses <= self._known_held()
        provisioned = [
            one for one in read.balancers if is_ready and one.state is not LoadBalancerState.ACTIVE
        ]
        if not (provisioned or decided.gone or decided.updated):
            return
        with self._store.write(leads_to_room=True) as rows:
            for balancer in provisioned:
                if rows.find(LOAD_BALANCERS, balancer.id) == balancer:
                    rows.put(LOAD_BALANCERS, replace(balancer, state=LoadBalancerState.ACTIVE))
            for target in decided.gone:
                if _is_unchanged(rows, target):
                    rows.remove(TARGETS, TARGETS.key(target))
            for before, after in decided.updated:
                if _is_unchanged(rows, before):
                    rows.put(TARGETS, after)


def _is_unchanged(rows: Writing, target: Target) -> bool:
    """Say whether nobody has touched a target since it was read: else it is decided again."""
    return rows.find(TARGETS, TARGETS.key(target)) == target


def _read(rows: Reading) -> _Read:
    balancers, listeners = rows.all(LOAD_BALANCERS), rows.all(LISTENERS)
    sources = sources_of(
        balancers,
        listeners,
        rows.all(SECURITY_GROUP_RULES) if listeners else (),
        rows.all(NETWORK_INTERFACES) if listeners else (),
    )
    layout = layout_of(
        balancers,
        listeners,
        rows.all(RULES),
        rows.all(TARGET_GROUPS),
        groups_in_use(rows),
        sources,
    )
    wanted = [Wanted(target=one, address=_address(rows, one)) for one in rows.all(TARGETS)]
    return _Read(balancers=balancers, layout=layout, wanted=wanted)


def _address(rows: Reading, target: Target) -> str | None:
    """Return where a target can be reached: an instance while it has a machine."""
    if not target.target_id.startswith("i-"):
        return target.target_id
    instance = rows.find(INSTANCES, target.target_id)
    if instance is None or instance.state not in {InstanceState.PENDING, InstanceState.RUNNING}:
        return None
    return instance.private_ip
