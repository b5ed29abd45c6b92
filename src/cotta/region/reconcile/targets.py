"""What becomes of each target: checked, let in, drained, forgotten."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from cotta.region.balancer.servers import Add, Drain, LetIn, Remove, Server
from cotta.region.model import TargetHealth

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from cotta.region.balancer.driver import SeenBalancer, SeenServer
    from cotta.region.balancer.layout import Backend
    from cotta.region.balancer.servers import Change
    from cotta.region.model import Target, TargetGroupId

# While something is about to change, and while there is nothing but targets that are well.
_SOON: Final = timedelta(milliseconds=100)
_CALM: Final = timedelta(seconds=1)

_TIMEOUTS: Final = frozenset({"L4TOUT", "L6TOUT", "L7TOUT"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A registered target, and the address where it can be reached now, if there is one."""

    target: Target
    address: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What to tell the balancer, how targets are now, and which are gone for good.

    `well` are the servers that a balancer begins with that is started now.
    """

    changes: Sequence[Change]
    updated: Sequence[tuple[Target, Target]]
    gone: Sequence[Target]
    well: Sequence[Server]
    again: datetime | None


def decide(
    wanted: Iterable[Wanted],
    backends: Mapping[TargetGroupId, Backend],
    seen: SeenBalancer | None,
    *,
    now: datetime,
) -> Decided:
    """Return what to do about targets, of groups that are in use by `backends`."""
    decision = _Decision(dict(seen.servers) if seen is not None else {}, seen is not None, now)
    for one in wanted:
        backend = backends.get(one.target.target_group)
        if backend is None:
            decision.leave_unused(one.target)
        elif one.target.drain_until is not None:
            decision.drain(one.target, _server(one, backend, ""))
        elif one.address is None:
            decision.leave_unreachable(one.target, _server(one, backend, ""))
        else:
            decision.serve(one.target, _server(one, backend, one.address))
    return decision.end()


def _server(one: Wanted, backend: Backend, address: str) -> Server:
    target = one.target
    return Server(backend=backend, target_id=target.target_id, port=target.port, address=address)


class _Decision:
    """Collects what is decided about one target after the other."""

    def __init__(
        self, servers: dict[tuple[str, str], SeenServer], is_running: bool, now: datetime
    ) -> None:
        self._servers = servers
        self._is_running = is_running
        self._now = now
        self._changes: list[Change] = []
        self._updated: list[tuple[Target, Target]] = []
        self._gone: list[Target] = []
        self._well: list[Server] = []
        self._is_calm = True

    def end(self) -> Decided:
        """Return it all; servers that no target asked for are removed."""
        self._changes += [Remove(key) for key in self._servers]
        again = None
        if not self._is_calm or self._changes:
            again = self._now + _SOON
        elif self._well:
            again = self._now + _CALM
        return Decided(
            changes=self._changes,
            updated=self._updated,
            gone=self._gone,
            well=self._well,
            again=again,
        )

    def leave_unused(self, target: Target) -> None:
        """Forget a target that no listener sends to if it is to go; else it is as new."""
        if target.drain_until is not None:
            self._gone.append(target)
        else:
            self._become(target, _fresh(target))

    def leave_unreachable(self, target: Target, server: Server) -> None:
        """Have a target whose instance has no machine be as new when it has one again."""
        if self._servers.pop(server.key, None) is not None:
            self._changes.append(Remove(server.key))
        self._become(target, _fresh(target))

    def drain(self, target: Target, server: Server) -> None:
        """Forget a target that was taken out when it has no request left, or its time is up.

        To one that is down no request comes: HAProxy calls it down, not draining.
        """
        assert target.drain_until is not None
        there = self._servers.pop(server.key, None)
        if there is None:
            self._gone.append(target)
        elif there.is_up and not there.is_draining:
            self._changes.append(Drain(server.key))
            self._is_calm = False
        elif there.requests == 0 or self._now >= target.drain_until:
            self._changes.append(Remove(server.key))
            self._gone.append(target)
        else:
            self._is_calm = False

    def serve(self, target: Target, server: Server) -> None:
        """Have requests come to a target once it is well."""
        there = self._servers.pop(server.key, None)
        if target.health is TargetHealth.HEALTHY:
            self._well.append(server)
        if not self._is_running:
            self._is_calm = False
            return
        if there is not None and there.is_unfinished:
            self._changes.append(Remove(server.key))
            there = None
        if there is None:
            self._changes.append(Add(server))
            self._become(target, _checking(target))
            self._is_calm = False
        elif target.health is TargetHealth.HEALTHY and not there.is_draining:
            self._become(target, _healthy(target) if there.is_up else _unhealthy(target, there))
        elif there.is_up or (_is_new(target) and there.passed > 0):
            # The first check that goes well is enough for a new one; one that was well
            # before has to pass as many as its group says.
            self._changes.append(LetIn(server.key))
            self._become(target, _healthy(target))
            self._well.append(server)
        else:
            self._is_calm = False
            if not _is_new(target) or self._has_waited(target, server):
                self._become(target, _unhealthy(target, there))

    def _has_waited(self, target: Target, server: Server) -> bool:
        """Say whether a new target has had the time for as many checks as make it unhealthy."""
        check = server.backend.group.health_check
        patience = timedelta(seconds=check.interval_seconds * check.unhealthy_threshold)
        return self._now - target.registered_at >= patience

    def _become(self, before: Target, after: Target) -> None:
        if after != before:
            self._updated.append((before, after))


def _is_new(target: Target) -> bool:
    return target.health is TargetHealth.INITIAL


def _fresh(target: Target) -> Target:
    return replace(
        target,
        health=TargetHealth.INITIAL,
        reason="Elb.RegistrationInProgress",
        description="Target registration is in progress",
    )


def _checking(target: Target) -> Target:
    return replace(
        target,
        health=TargetHealth.INITIAL,
        reason="Elb.InitialHealthChecking",
        description="Initial health checks in progress",
    )


def _healthy(target: Target) -> Target:
    return replace(target, health=TargetHealth.HEALTHY, reason=None, description=None)


def _unhealthy(target: Target, seen: SeenServer) -> Target:
    if seen.check == "L7STS" and seen.code is not None:
        reason, description = (
            "Target.ResponseCodeMismatch",
            f"Health checks failed with these codes: [{seen.code}]",
        )
    elif seen.check in _TIMEOUTS:
        reason, description = "Target.Timeout", "Request timed out"
    else:
        reason, description = "Target.FailedHealthChecks", "Health checks failed"
    return replace(target, health=TargetHealth.UNHEALTHY, reason=reason, description=description)
