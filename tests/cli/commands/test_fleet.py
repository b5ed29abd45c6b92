"""`cotta fleet`, as text and as JSON, of a region with played machines."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from cotta.region.home import Home, Settings
from tests.support.cli import heed_interrupts
from tests.support.fault_proxy import DropBefore, fault_proxy
from tests.support.local_cloud import LocalCloud, local_cloud
from tests.support.played_groups import make_group, new_version, start_refresh

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[LocalCloud]:
    with local_cloud(tmp_path) as running:
        yield running


def test_nothing_there_is_said(cloud: LocalCloud) -> None:
    assert cloud.cotta("fleet").stdout == "There is no Auto Scaling group.\n"


def test_a_group_is_shown_with_a_line_per_member(cloud: LocalCloud) -> None:
    make_group(cloud.region)
    new_version(cloud.region)

    said = cloud.cotta("fleet").stdout

    assert said.startswith(
        "web: 3 of 3 in service (at least 3, at most 6), template web version $Latest (the latest "
        "is 2)\n"
    )
    assert (
        len(
            re.findall(
                r"^  i-\w+  image-1  .*  1 +InService  healthy  us-east-1[abc]", said, re.MULTILINE
            )
        )
        == 3
    )
    assert "Successful: Launching a new EC2 instance" in said


def test_a_refresh_under_way_is_shown_with_its_end(cloud: LocalCloud) -> None:
    make_group(cloud.region)
    start_refresh(cloud.region, new_version(cloud.region), InstanceWarmup=300)

    said = cloud.cotta("fleet").stdout

    assert re.search(
        r"^  Refresh to version 2: (Pending|InProgress), 0 % done, 3 to go, about ",
        said,
        re.MULTILINE,
    )


def test_as_json(cloud: LocalCloud) -> None:
    make_group(cloud.region)

    (group,) = json.loads(cloud.cotta("fleet", "-json", "web").stdout)["groups"]

    assert (group["name"], group["in_service"], group["seconds_left"]) == ("web", 3, None)
    assert group["members"][0]["image"]["name"] == "image-1"
    assert group["members"][0]["is_in_service"] is True


def test_a_group_that_is_not_there_is_a_mistake(cloud: LocalCloud) -> None:
    ended = cloud.cotta("fleet", "wbe")

    assert ended.status == 1
    assert 'No Auto Scaling group is called "wbe" in us-east-1.' in ended.stderr.replace(
        "\n│ ", " "
    )


def test_a_region_that_is_down_is_a_mistake(cloud: LocalCloud, tmp_path: Path) -> None:
    Home(tmp_path).write_settings(Settings(network="172.31.0.0/16", port=9))

    ended = cloud.cotta("fleet")

    assert ended.status == 1
    assert "The cloud can't be asked" in ended.stderr


class Watching:
    """`cotta fleet -watch` as a process of its own, and what it has written."""

    def __init__(self, cloud: LocalCloud, *flags: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cotta", "fleet", "-watch", *flags],
            env={**os.environ, **cloud.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=heed_interrupts,
        )

    def line(self) -> str:
        """Return the next line that is written."""
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def end(self) -> int:
        """Press Ctrl-C; return the status."""
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=20)
        return self.process.returncode


@pytest.fixture
def watch(cloud: LocalCloud) -> Iterator[Callable[..., Watching]]:
    """Give what starts to watch; whoever still does at the end is killed."""
    started: list[Watching] = []

    def start(*flags: str) -> Watching:
        started.append(Watching(cloud, *flags))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.communicate()


def test_watching_writes_what_has_changed_until_it_is_interrupted(
    cloud: LocalCloud, watch: Callable[..., Watching]
) -> None:
    watching = watch()
    assert watching.line() == "There is no Auto Scaling group.\n"

    make_group(cloud.region)

    assert watching.line() == "\n"
    assert watching.line().startswith("web: ")
    assert watching.end() == 130


def test_watching_as_json_is_a_line_for_each_look(
    cloud: LocalCloud, watch: Callable[..., Watching]
) -> None:
    make_group(cloud.region)

    watching = watch("-json")

    for _ in range(2):
        (group,) = json.loads(watching.line())["groups"]
        assert group["name"] == "web"
    assert watching.end() == 130


def test_watching_goes_on_where_the_cloud_can_not_be_asked_for_a_while(
    cloud: LocalCloud, watch: Callable[..., Watching], tmp_path: Path
) -> None:
    with fault_proxy(cloud.region.endpoint) as proxy:
        port = int(proxy.endpoint.rpartition(":")[2])
        Home(tmp_path).write_settings(Settings(network="172.31.0.0/16", port=port))
        watching = watch("-json")
        assert json.loads(watching.line())["groups"] == []

        proxy.faults.append(DropBefore(times=20))

        while "error" not in (record := json.loads(watching.line())):
            assert record["groups"] == []
        assert record["error"].startswith("The cloud can't be asked: ")
        proxy.faults.clear()
        while "error" in (record := json.loads(watching.line())):
            pass
        assert record["groups"] == []
        assert watching.end() == 130


def test_watching_at_a_terminal_draws_in_place(cloud: LocalCloud) -> None:
    make_group(cloud.region)
    child, terminal = pty.fork()
    if child == 0:
        argv = [sys.executable, "-m", "cotta", "fleet", "-watch"]
        os.execve(sys.executable, argv, {**os.environ, **cloud.environment, "TERM": "xterm"})
    said = b""

    while b"web: 3 of 3 in service" not in said:
        said += os.read(terminal, 65536)
    os.write(terminal, b"\x03")
    with contextlib.suppress(OSError):
        while True:
            said += os.read(terminal, 65536)

    os.close(terminal)
    # The screen that was there before is there again.
    assert said.index(b"\x1b[?1049h") < said.index(b"web: 3 of 3") < said.index(b"\x1b[?1049l")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 130
