"""Groups rolled in the region, with machines that take a known time: what the roll adds to that.

That is what passes from the moment when an instance has booted and warmed up until the next one is
started in its place, or until the refresh has ended.
"""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench.measure import Figure
from cotta.region.machines.simulated import SimulatedMachines
from tests.support.regions import put_image, simulated_region, wait_until

if TYPE_CHECKING:
    from tests.support.regions import RunningRegion

_BOOT_SECONDS: Final = 0.4
_WARMUP_SECONDS: Final = 1
# How many there are, how many of them are replaced at a time, and the preference that says so.
_ROLLS: Final = ((3, 1, 100), (30, 3, 90))


@dataclass
class _Boots:
    """When machines were started, and when they were there."""

    spans: list[tuple[float, float]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def before_act(self, act: str) -> None:
        """Have a start take its time."""
        if act != "start":
            return
        began = time.perf_counter()
        time.sleep(_BOOT_SECONDS)
        with self.lock:
            self.spans.append((began, time.perf_counter()))


def figures() -> list[Figure]:
    """Return a line for a small roll and one for a larger one."""
    return [_figure(*roll) for roll in _ROLLS]


def _figure(size: int, batch: int, min_healthy: int) -> Figure:
    boots = _Boots()
    with (
        tempfile.TemporaryDirectory() as name,
        simulated_region(Path(name), SimulatedMachines(boots.before_act)) as region,
    ):
        group = _Group(region, size)
        boots.spans.clear()
        ended = group.roll(min_healthy)
    gaps = _gaps(sorted(boots.spans), ended, batch)
    assert len(boots.spans) == size, f"{len(boots.spans)} machines were started for {size}"
    return Figure(
        f"roll of {size}, {batch} at a time: a batch above boot and warm-up",
        f"{statistics.median(gaps):.2f} s (at most {max(gaps):.2f} s)",
        wanted="≤ 0.5 s",
    )


def _gaps(spans: list[tuple[float, float]], ended: float, batch: int) -> list[float]:
    """Return of each launch after the first batch what it came after it could; then of the end."""
    started = sorted(began for began, _ in spans)
    warm = sorted(there + _WARMUP_SECONDS for _, there in spans)
    return [later - sooner for sooner, later in zip(warm, started[batch:], strict=False)] + [
        ended - warm[-1]
    ]


class _Group:
    """A group of so many, all in service."""

    def __init__(self, region: RunningRegion, size: int) -> None:
        image = put_image(region.store, number=2)
        ec2, self._client = region.client("ec2"), region.client("autoscaling")
        data = {"ImageId": image.id, "InstanceType": "t3.micro"}
        ec2.create_launch_template(LaunchTemplateName="bench", LaunchTemplateData=data)
        subnets = [each["SubnetId"] for each in ec2.describe_subnets()["Subnets"]]
        self._client.create_auto_scaling_group(
            AutoScalingGroupName="bench",
            MinSize=size,
            MaxSize=2 * size,
            DefaultInstanceWarmup=_WARMUP_SECONDS,
            LaunchTemplate={"LaunchTemplateName": "bench", "Version": "1"},
            VPCZoneIdentifier=",".join(subnets),
        )
        wait_until(lambda: self._in_service() == size, seconds=60)

    def roll(self, min_healthy: int) -> float:
        """Replace all of them; return when that has ended."""
        preferences = {"MinHealthyPercentage": min_healthy}
        self._client.start_instance_refresh(AutoScalingGroupName="bench", Preferences=preferences)
        wait_until(lambda: self._refresh()["Status"] == "Successful", seconds=300)
        return time.perf_counter()

    def _in_service(self) -> int:
        (group,) = self._client.describe_auto_scaling_groups()["AutoScalingGroups"]
        return sum(each["LifecycleState"] == "InService" for each in group["Instances"])

    def _refresh(self) -> dict[str, Any]:
        answer = self._client.describe_instance_refreshes(AutoScalingGroupName="bench")
        return dict(answer["InstanceRefreshes"][0])
