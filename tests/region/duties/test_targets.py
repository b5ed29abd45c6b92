"""Rows and a played balancer come together, whatever fails in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cotta.region.balancer.driver import BalancerError
from cotta.region.balancer.simulated import SimulatedBalancer
from cotta.region.duties.targets import TargetsDuty
from cotta.region.model import LoadBalancerState, TargetHealth
from cotta.region.store.kinds import LISTENERS, LOAD_BALANCERS, TARGET_GROUPS, TARGETS
from cotta.region.targets import deregister, register
from tests.support.balancing import NotedAddresses, a_listener, a_load_balancer, a_target_group
from tests.support.regions import fresh_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cotta.region.store.store import Store

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
GROUP = a_target_group(target_type="ip")


class World:
    """A store, a balancer and the duty between them; time passes with every look."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.balancer = SimulatedBalancer()
        self.addresses = NotedAddresses()
        self.now = NOW
        self.duty = TargetsDuty(store, self.balancer, self.addresses)

    def settle(self, looks: int = 8) -> None:
        """Look, and do what is to be done, until nothing is; a failed act is decided again."""
        for _ in range(looks):
            self.now += timedelta(milliseconds=200)
            try:
                acts = self.duty.look(self.now).acts
                for act in acts:
                    act.perform()
            except BalancerError:
                continue

    def health(self) -> dict[str, TargetHealth]:
        with self.store.read() as rows:
            return {target.target_id: target.health for target in rows.all(TARGETS)}

    def register(self, *addresses: str) -> None:
        with self.store.write() as rows:
            for address in addresses:
                register(rows, GROUP, address, port=None, now=self.now)

    def deregister(self, address: str) -> None:
        with self.store.write() as rows:
            deregister(rows, GROUP, address, port=None, now=self.now)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    store, _ = fresh_store(tmp_path)
    with store.write() as rows:
        rows.add(TARGET_GROUPS, GROUP)
        a_load_balancer(rows)
        rows.add(LISTENERS, a_listener(forwards_to=GROUP.id))
    yield World(store)
    store.close()


def test_load_balancer_becomes_active_when_it_listens(world: World) -> None:
    world.settle()

    with world.store.read() as rows:
        (balancer,) = rows.all(LOAD_BALANCERS)
    assert balancer.state is LoadBalancerState.ACTIVE
    assert world.addresses.held() == {"172.31.0.9"}
    assert world.balancer.layout is not None


def test_targets_become_well_or_not(world: World) -> None:
    world.balancer.sick = {"172.31.0.21"}
    world.register("172.31.0.20", "172.31.0.21")

    world.settle()
    assert world.health() == {
        "172.31.0.20": TargetHealth.HEALTHY,
        "172.31.0.21": TargetHealth.INITIAL,
    }

    world.now += timedelta(seconds=60)
    world.settle()
    assert world.health()["172.31.0.21"] is TargetHealth.UNHEALTHY


def test_busy_target_drains_first(world: World) -> None:
    world.register("172.31.0.20")
    world.settle()
    world.balancer.busy = {"172.31.0.20"}

    world.deregister("172.31.0.20")
    world.settle()
    assert world.health() == {"172.31.0.20": TargetHealth.DRAINING}

    world.balancer.busy = set()
    world.settle()
    assert world.health() == {}
    assert world.balancer.servers == {}


def test_balancer_that_was_killed_begins_with_those_that_are_well(world: World) -> None:
    world.register("172.31.0.20")
    world.settle()
    world.balancer.stop()

    world.settle(1)

    assert world.balancer.layout is not None
    assert [server.is_up for server in world.balancer.servers.values()] == [True]


def test_without_load_balancers_nothing_runs(world: World) -> None:
    world.register("172.31.0.20")
    world.settle()
    with world.store.write() as rows:
        for listener in rows.all(LISTENERS):
            rows.remove(LISTENERS, listener.id)
        for balancer in rows.all(LOAD_BALANCERS):
            rows.remove(LOAD_BALANCERS, balancer.id)

    world.settle()

    assert world.balancer.layout is None
    assert world.addresses.held() == set()
    assert world.health() == {"172.31.0.20": TargetHealth.INITIAL}


def test_other_health_check_is_a_new_layout(world: World) -> None:
    world.register("172.31.0.20")
    world.settle()
    check = replace(GROUP.health_check, path="/other")
    with world.store.write() as rows:
        rows.put(TARGET_GROUPS, replace(GROUP, health_check=check))

    world.settle()

    layout = world.balancer.layout
    assert layout is not None
    assert layout.backends[0].group.health_check == check
    assert world.health() == {"172.31.0.20": TargetHealth.HEALTHY}


@pytest.mark.parametrize("failing", range(8))
def test_failure_of_any_act_is_made_up_for(world: World, failing: int) -> None:
    acts = iter(range(1000))

    def fail_once(_: str) -> None:
        if next(acts) == failing:
            raise BalancerError("no")

    world.balancer.before_act = fail_once
    world.register("172.31.0.20", "172.31.0.21")
    world.settle()
    world.deregister("172.31.0.21")
    world.settle()

    assert world.health() == {"172.31.0.20": TargetHealth.HEALTHY}
    assert [key[1] for key in world.balancer.servers] == ["172.31.0.20:80"]


def test_row_that_was_changed_meanwhile_is_left_alone(world: World) -> None:
    world.register("172.31.0.20")
    world.settle()
    world.deregister("172.31.0.20")
    observe = world.balancer.observe

    def take_back_meanwhile() -> Any:
        world.register("172.31.0.20")
        return observe()

    world.balancer.servers.clear()
    world.balancer.observe = take_back_meanwhile  # type: ignore[method-assign]  # a race, played

    world.settle(1)

    assert world.health() == {"172.31.0.20": TargetHealth.INITIAL}
