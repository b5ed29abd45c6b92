"""Targets go into groups and out of them, and drain in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from cotta.region.model import TargetHealth
from cotta.region.store.kinds import LISTENERS, TARGET_GROUPS, TARGETS
from cotta.region.targets import deregister, health_of, register, target_group_id
from tests.support.balancing import a_listener, a_load_balancer, a_rule, a_target_group
from tests.support.regions import fresh_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cotta.region.store.store import Writing

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
GROUP = a_target_group()


@pytest.fixture
def rows(tmp_path: Path) -> Iterator[Writing]:
    store, _ = fresh_store(tmp_path)
    with store.write() as rows:
        rows.add(TARGET_GROUPS, GROUP)
        yield rows
    store.close()


def use(rows: Writing) -> None:
    """Have a listener forward to the group."""
    a_load_balancer(rows)
    rows.add(LISTENERS, a_listener(forwards_to=GROUP.id))


def test_group_that_no_listener_sends_to_is_not_in_use(rows: Writing) -> None:
    register(rows, GROUP, "i-1", port=None, now=NOW)

    (health,) = health_of(rows, GROUP.id)

    assert (health.state, health.reason) == (TargetHealth.UNUSED, "Target.NotInUse")
    assert health.target.port == GROUP.port


def test_target_without_a_listener_is_gone_at_once(rows: Writing) -> None:
    register(rows, GROUP, "i-1", port=None, now=NOW)

    deregister(rows, GROUP, "i-1", port=None, now=NOW)

    assert health_of(rows, GROUP.id) == []


def test_target_drains_for_as_long_as_its_group_says(rows: Writing) -> None:
    use(rows)
    slow = replace(GROUP, attributes={"deregistration_delay.timeout_seconds": "20"})
    register(rows, slow, "i-1", port=None, now=NOW)
    assert health_of(rows, GROUP.id)[0].state is TargetHealth.INITIAL

    deregister(rows, slow, "i-1", port=None, now=NOW)
    deregister(rows, slow, "i-1", port=None, now=NOW + timedelta(seconds=5))

    (health,) = health_of(rows, GROUP.id)
    assert health.state is TargetHealth.DRAINING
    assert health.target.drain_until == NOW + timedelta(seconds=20)


def test_draining_target_is_taken_back(rows: Writing) -> None:
    use(rows)
    register(rows, GROUP, "i-1", port=None, now=NOW)
    deregister(rows, GROUP, "i-1", port=None, now=NOW)

    register(rows, GROUP, "i-1", port=None, now=NOW)

    assert [one.state for one in health_of(rows, GROUP.id)] == [TargetHealth.INITIAL]


def test_registering_again_changes_nothing(rows: Writing) -> None:
    use(rows)
    target = register(rows, GROUP, "i-1", port=None, now=NOW)
    well = replace(target, health=TargetHealth.HEALTHY, reason=None, description=None)
    rows.put(TARGETS, well)

    register(rows, GROUP, "i-1", port=80, now=NOW + timedelta(hours=1))

    assert rows.all(TARGETS) == [well]


def test_one_instance_may_have_several_ports(rows: Writing) -> None:
    register(rows, GROUP, "i-1", port=8080, now=NOW)
    register(rows, GROUP, "i-1", port=8081, now=NOW)

    deregister(rows, GROUP, "i-1", port=8081, now=NOW)
    assert [one.target.port for one in health_of(rows, GROUP.id)] == [8080]

    deregister(rows, GROUP, "i-1", port=None, now=NOW)
    assert health_of(rows, GROUP.id) == []


def test_group_of_a_rule_is_in_use_too(rows: Writing) -> None:
    a_load_balancer(rows)
    listener = a_listener()
    rows.add(LISTENERS, listener)
    a_rule(rows, listener, forwards_to=GROUP.id)
    register(rows, GROUP, "i-1", port=None, now=NOW)

    assert health_of(rows, GROUP.id)[0].state is TargetHealth.INITIAL


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ("arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0a1b", "web/0a1b"),
        ("arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/web/0a1b", ""),
        ("web", ""),
    ],
)
def test_id_is_what_does_not_depend_on_the_region(arn: str, expected: str) -> None:
    assert target_group_id(arn) == expected
