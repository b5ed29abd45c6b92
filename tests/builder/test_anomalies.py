"""A build fails or is killed anywhere, and what it has made is taken away: nothing is forgotten."""

from __future__ import annotations

import contextlib
import os
import signal
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from cotta.builder.build import bake
from cotta.builder.journal import abandoned
from cotta.builder.looking import Watch
from cotta.builder.reaping import reap
from cotta.builder.running import BuildError
from cotta.region.store.kinds import IMAGES, SNAPSHOTS
from tests.support.bakery import open_bakery
from tests.support.builds import Heard
from tests.support.fault_proxy import Denied, DropAfter, Fault, fault_proxy, is_read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cotta.builder.running import Run
    from tests.support.bakery import Bakery

pytestmark = pytest.mark.slow


@pytest.fixture
def bakery(tmp_path: Path) -> Iterator[Bakery]:
    with open_bakery(tmp_path) as opened:
        yield opened


def a_build_of_everything(bakery: Bakery) -> Any:
    """Return a build that makes one of each kind of thing."""
    return bakery.build(
        bakery.shell("true"),
        ami_regions=["eu-west-1"],
        tags={"Name": "golden"},
        temporary_iam_instance_profile_policy_document={
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": ("s3:GetObject",), "Resource": ("*",)}],
        },
    )


def through(run: Run, endpoint: str) -> Run:
    """Return a run that reaches its cloud at another endpoint, and asks only once."""
    access = replace(run.access(), endpoint=endpoint, attempts=1)
    return replace(run, access=lambda: access)


def reap_and_compare(bakery: Bakery, before: dict[str, list[str]]) -> None:
    """Expect everything to be as before once what was left is taken away.

    An image that was finished before the build was hit is taken away here.
    """
    reaped = reap(bakery.run(), Heard(), everything=True)
    assert reaped.kept == ()
    for image in bakery.images():
        with bakery.region.store.write() as rows:
            rows.remove(IMAGES, image.id)
            for device in image.devices:
                if device.snapshot_id is not None:
                    rows.remove(SNAPSHOTS, device.snapshot_id)
    bakery.assert_is(before)
    with abandoned(bakery.folder / "home") as left:
        assert left == []


def finished(bakery: Bakery) -> bool:
    """Say whether a whole image is there in both regions, or none at all."""
    return len(bakery.images()) in (0, 2)


def count_calls(bakery: Bakery, run_it: Callable[[Run], object]) -> list[str]:
    with fault_proxy(bakery.region.endpoint) as proxy:
        run_it(through(bakery.run(), proxy.endpoint))
        return proxy.operations


@pytest.mark.parametrize("kind", [Denied, DropAfter])
def test_whatever_call_fails_nothing_is_forgotten(bakery: Bakery, kind: type[Fault]) -> None:
    before = bakery.everything()
    build = a_build_of_everything(bakery)
    calls = count_calls(bakery, lambda run: bake(build, run, Heard(), watch=Watch()))
    reap_and_compare(bakery, before)
    # All that make or change something; of those that only ask, the first of each kind, once.
    asks = kind is Denied
    chosen = [
        at
        for at, name in enumerate(calls)
        if not is_read(name) or (asks and name not in calls[:at])
    ]
    assert len(chosen) > 15

    for at in chosen:
        with fault_proxy(bakery.region.endpoint, kind(at=at + 1)) as proxy:
            failed = ""
            try:
                bake(build, through(bakery.run(), proxy.endpoint), Heard(), watch=Watch())
            except BuildError as error:
                failed = str(error)
            met = [call.operation for call in proxy.calls if call.fault is not None]
        # Without a reap, what there is is what the journals say: a whole image or none.
        assert finished(bakery) or kind is DropAfter, (at, calls[at], failed)
        reap_and_compare(bakery, before)
        assert met or not failed, (at, calls[at], failed)


def test_whatever_command_breaks_nothing_is_forgotten(bakery: Bakery) -> None:
    before = bakery.everything()
    build = bakery.build(bakery.shell("echo one"), bakery.shell("echo two"), skip_create_ami=True)
    rules = bakery.server.rules
    rules.commands.clear()
    bake(build, bakery.run(), Heard(), watch=Watch())
    count = len(rules.commands)
    assert count >= 6

    for at in range(count):
        rules.commands.clear()
        rules.drop_at = at
        with contextlib.suppress(BuildError):
            bake(build, bakery.run(), Heard(), watch=Watch())
        rules.drop_at = None
        reap_and_compare(bakery, before)


def test_killed_at_any_write_of_the_journal_nothing_is_forgotten(bakery: Bakery) -> None:
    before = bakery.everything()
    build = a_build_of_everything(bakery)

    for at in range(1, 100):
        if not _killed(bakery, build, at):
            break
        reap_and_compare(bakery, before)
    assert at > 20


def _killed(bakery: Bakery, build: Any, at: int) -> bool:
    """Run a build in a process of its own that ends at a write; say whether it came so far."""
    run = bakery.run()
    pid = os.fork()
    if pid == 0:
        count = 0

        def written() -> None:
            nonlocal count
            count += 1
            if count == at:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            bake(build, run, Heard(), watch=Watch(), written=written)
        finally:
            os._exit(0)
    _, status = os.waitpid(pid, 0)
    return os.WIFSIGNALED(status)


def test_a_reap_that_is_killed_is_done_by_the_next(bakery: Bakery) -> None:
    before = bakery.everything()
    build = a_build_of_everything(bakery)
    assert _killed(bakery, build, 12)

    calls = count_calls(bakery, lambda run: reap(run, Heard(), everything=True))
    reap_and_compare(bakery, before)
    for at in range(len(calls)):
        assert _killed(bakery, build, 12)
        with fault_proxy(bakery.region.endpoint, DropAfter(at=at + 1)) as proxy:
            reap(through(bakery.run(), proxy.endpoint), Heard(), everything=True)
        reap_and_compare(bakery, before)
