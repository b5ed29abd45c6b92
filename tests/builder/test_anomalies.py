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
from cotta.region.store.kinds import IMAGES, SNAPSHOTS, VOLUMES
from tests.support.bakery import open_bakery
from tests.support.builds import Heard
from tests.support.fault_proxy import Denied, DropAfter, DropBefore, Fault, fault_proxy, is_read

if TYPE_CHECKING:
    from collections.abc import Iterator
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


def faults_of(bakery: Bakery, build: Any, kind: type[Fault], *, asks: bool) -> list[Fault]:
    """Return a fault for each call of a build that changes something.

    With `asks` also for the first call of each kind that only asks: how often it asks while it
    waits is chance, so calls are counted by their kind.
    """
    with fault_proxy(bakery.region.endpoint) as proxy:
        bake(build, through(bakery.run(), proxy.endpoint), Heard(), watch=Watch())
        calls = proxy.operations
    return [
        kind(name, at=calls[: at + 1].count(name))
        for at, name in enumerate(calls)
        if not is_read(name) or (asks and name not in calls[:at])
    ]


def test_whatever_answer_is_lost_nothing_is_forgotten(bakery: Bakery) -> None:
    before = bakery.everything()
    build = a_build_of_everything(bakery)
    faults = faults_of(bakery, build, DropAfter, asks=False)
    reap_and_compare(bakery, before)
    assert len(faults) > 15

    for fault in faults:
        with fault_proxy(bakery.region.endpoint, fault) as proxy:
            with contextlib.suppress(BuildError):
                bake(build, through(bakery.run(), proxy.endpoint), Heard(), watch=Watch())
            assert proxy.met() == [fault]
        reap_and_compare(bakery, before)


def test_whatever_is_denied_what_is_left_is_named(bakery: Bakery) -> None:
    before = bakery.everything()
    build = a_build_of_everything(bakery)
    # EC2's own code; IAM's is another, and either is told.
    faults = [
        replace(fault, code="UnauthorizedOperation")
        for fault in faults_of(bakery, build, Denied, asks=True)
        if isinstance(fault, Denied)
    ]
    reap_and_compare(bakery, before)
    assert len(faults) > 25

    for fault in faults:
        ui, failed = Heard(), ""
        with fault_proxy(bakery.region.endpoint, fault) as proxy:
            try:
                bake(build, through(bakery.run(), proxy.endpoint), ui, watch=Watch())
            except BuildError as error:
                failed = str(error)
            assert proxy.met() == [fault]
        told = "\n".join([failed, *ui.errors])
        # Whoever has no right to the console's output has an image all the same.
        if fault.operation != "GetConsoleOutput":
            assert f"The caller needs the permission {_action(fault.operation)}." in told
        # Without a reap: a whole image or none, and of all else just what is listed.
        assert len(bakery.images()) == (0 if failed else 2), (fault, told)
        left = told.partition("This is left of the build:")[2]
        for kind, ids in bakery.everything().items():
            # A disk goes with its machine.
            if kind not in (IMAGES.table, SNAPSHOTS.table, VOLUMES.table):
                unnamed = [id for id in ids if id not in before[kind] and id not in left]
                assert unnamed == [], (fault, told)
        reap_and_compare(bakery, before)


def _action(operation: str) -> str:
    is_iam = "Role" in operation or "InstanceProfile" in operation
    return f"{'iam' if is_iam else 'ec2'}:{operation}"


def test_a_cloud_that_is_away_for_a_moment_is_waited_for_while_undoing(bakery: Bakery) -> None:
    before = bakery.everything()
    build = bakery.build(bakery.shell("exit 3"))
    away = DropBefore("TerminateInstances", times=3)

    with fault_proxy(bakery.region.endpoint, away) as proxy, pytest.raises(BuildError):
        bake(build, through(bakery.run(), proxy.endpoint), Heard(), watch=Watch())

    # Without a reap.
    bakery.assert_is(before)


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

    with fault_proxy(bakery.region.endpoint) as proxy:
        reap(through(bakery.run(), proxy.endpoint), Heard(), everything=True)
        calls = proxy.operations
    reap_and_compare(bakery, before)
    for at in range(len(calls)):
        assert _killed(bakery, build, 12)
        with fault_proxy(bakery.region.endpoint, DropAfter(at=at + 1)) as proxy:
            reap(through(bakery.run(), proxy.endpoint), Heard(), everything=True)
        reap_and_compare(bakery, before)
