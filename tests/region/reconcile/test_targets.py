"""What becomes of targets, by what is seen of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cotta.region.balancer.driver import SeenBalancer, SeenServer
from cotta.region.balancer.layout import Backend
from cotta.region.balancer.servers import Add, Drain, LetIn, Remove, Server
from cotta.region.model import HealthCheck, Target, TargetHealth
from cotta.region.reconcile.targets import Decided, Wanted, decide
from tests.support.balancing import a_target_group

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
GROUP = a_target_group(health_check=HealthCheck(interval_seconds=10, unhealthy_threshold=3))
BACKEND = Backend(group=GROUP, source="172.31.0.9", idle_timeout=60)
TARGET = Target(target_group=GROUP.id, target_id="i-1", port=80, registered_at=NOW)
HEALTHY = replace(TARGET, health=TargetHealth.HEALTHY, reason=None, description=None)
DRAINING = replace(TARGET, health=TargetHealth.DRAINING, drain_until=NOW + timedelta(seconds=300))
SERVER = Server(backend=BACKEND, target_id="i-1", port=80, address="172.31.0.20")
DOWN = SeenServer(is_up=False, is_draining=False, requests=0, passed=0)
UP = replace(DOWN, is_up=True, passed=5)


def look(
    target: Target | None,
    server: SeenServer | None,
    *,
    is_running: bool = True,
    is_used: bool = True,
    **changes: Any,
) -> Decided:
    """Decide about one target."""
    servers = {SERVER.key: server} if server is not None else {}
    wanted = [Wanted(target=target, address="172.31.0.20")] if target is not None else []
    if "address" in changes:
        wanted = [replace(wanted[0], address=changes["address"])]
    return decide(
        wanted,
        {GROUP.id: BACKEND} if is_used else {},
        SeenBalancer("", servers) if is_running else None,
        now=changes.get("now", NOW),
    )


def after(decided: Decided) -> list[tuple[TargetHealth, str | None]]:
    """Return what targets became."""
    return [(target.health, target.reason) for _, target in decided.updated]


def test_new_target_is_checked_before_anything_comes_to_it() -> None:
    decided = look(TARGET, None)

    assert decided.changes == [Add(SERVER)]
    assert after(decided) == [(TargetHealth.INITIAL, "Elb.InitialHealthChecking")]
    assert decided.again is not None
    assert decided.again < NOW + timedelta(seconds=1)


def test_one_check_that_goes_well_is_enough_for_a_new_one() -> None:
    assert look(TARGET, DOWN).changes == []

    decided = look(TARGET, replace(DOWN, passed=1))

    assert decided.changes == [LetIn(SERVER.key)]
    assert after(decided) == [(TargetHealth.HEALTHY, None)]


def test_target_that_was_well_needs_all_its_checks_again() -> None:
    sick = replace(TARGET, health=TargetHealth.UNHEALTHY)

    assert look(sick, replace(DOWN, passed=1)).changes == []

    decided = look(sick, UP)
    assert decided.changes == [LetIn(SERVER.key)]
    assert after(decided) == [(TargetHealth.HEALTHY, None)]


@pytest.mark.parametrize(
    ("check", "code", "reason"),
    [
        ("L7STS", 500, "Target.ResponseCodeMismatch"),
        ("L7TOUT", None, "Target.Timeout"),
        ("L4CON", None, "Target.FailedHealthChecks"),
    ],
)
def test_target_that_fails_says_why(check: str, code: int | None, reason: str) -> None:
    decided = look(HEALTHY, replace(DOWN, check=check, code=code))

    assert after(decided) == [(TargetHealth.UNHEALTHY, reason)]
    assert decided.changes == []


def test_new_target_has_time_to_come_up() -> None:
    refused = replace(DOWN, check="L4CON")

    assert after(look(TARGET, refused, now=NOW + timedelta(seconds=29))) == []
    assert after(look(TARGET, refused, now=NOW + timedelta(seconds=30))) == [
        (TargetHealth.UNHEALTHY, "Target.FailedHealthChecks")
    ]


def test_target_drains_until_its_last_request_is_done() -> None:
    assert look(DRAINING, UP).changes == [Drain(SERVER.key)]
    drained = replace(DOWN, is_draining=True)

    waiting = look(DRAINING, replace(drained, requests=1))
    assert (waiting.changes, waiting.gone) == ([], [])

    done = look(DRAINING, drained)
    assert (done.changes, done.gone) == ([Remove(SERVER.key)], [DRAINING])


def test_target_that_is_not_well_has_nothing_to_drain() -> None:
    # HAProxy says that such a server is down, whatever it was told about draining.
    assert look(DRAINING, replace(DOWN, requests=1)).gone == []

    decided = look(DRAINING, DOWN)

    assert (decided.changes, decided.gone) == ([Remove(SERVER.key)], [DRAINING])


def test_draining_ends_with_its_time() -> None:
    stuck = replace(DOWN, is_draining=True, requests=1)

    decided = look(DRAINING, stuck, now=NOW + timedelta(seconds=300))

    assert decided.gone == [DRAINING]


def test_target_that_the_balancer_never_had_is_gone_at_once() -> None:
    assert look(DRAINING, None).gone == [DRAINING]
    assert look(DRAINING, None, is_running=False).gone == [DRAINING]
    assert look(DRAINING, None, is_used=False).gone == [DRAINING]


def test_target_taken_back_while_it_drained_is_let_in() -> None:
    decided = look(TARGET, replace(DOWN, is_draining=True, passed=5))

    assert decided.changes == [LetIn(SERVER.key)]


def test_target_without_a_machine_is_as_new() -> None:
    decided = look(HEALTHY, UP, address=None)

    assert decided.changes == [Remove(SERVER.key)]
    assert after(decided) == [(TargetHealth.INITIAL, "Elb.RegistrationInProgress")]


def test_group_that_is_not_used_forgets_how_its_targets_were() -> None:
    decided = look(HEALTHY, None, is_used=False)

    assert after(decided) == [(TargetHealth.INITIAL, "Elb.RegistrationInProgress")]
    assert decided.changes == []


def test_server_that_nobody_asked_for_goes() -> None:
    assert look(None, UP).changes == [Remove(SERVER.key)]


def test_half_added_server_is_added_anew() -> None:
    decided = look(TARGET, replace(DOWN, is_unfinished=True))

    assert decided.changes == [Remove(SERVER.key), Add(SERVER)]


def test_what_is_well_begins_well_when_the_balancer_is_started_anew() -> None:
    assert look(HEALTHY, None, is_running=False).well == [SERVER]
    assert look(HEALTHY, UP).well == [SERVER]
    assert look(TARGET, None, is_running=False).well == []


def test_calm_is_looked_at_seldom() -> None:
    decided = look(HEALTHY, UP)

    assert (decided.changes, decided.updated) == ([], [])
    assert decided.again == NOW + timedelta(seconds=1)
    assert look(None, None).again is None
