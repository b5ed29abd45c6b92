"""How fast machines are there, and what they cost when nothing happens.

Needs root and the Debian packages of `.ci/run`; without them it says so and measures nothing.
"""

from __future__ import annotations

import statistics
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import pytest

from bench.measure import Figure
from cotta.region.machines.cgroups import host_hierarchies
from cotta.region.machines.driver import LayerKind
from tests.support.base_image import BaseImage, shared_base, shared_web
from tests.support.real_machines import MachineGround, machine_ground, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.region.machines.driver import MachineSpec
    from cotta.region.machines.nspawn import NspawnMachines

_MEBIBYTE: Final = 1024 * 1024
_IDLE_SECONDS: Final = 10.0


def figures(*, full: bool = False) -> list[Figure]:
    """Return the figures; `full` also runs a hundred machines."""
    try:
        image = shared_web(shared_base())
    except pytest.skip.Exception as missing:
        return [Figure("machines", str(missing))]
    found = _one(image)
    found += _many(image, 30, "≤ 25 s")
    return found + (_many(image, 100, "") if full else [])


@contextmanager
def _ground(image: BaseImage) -> Iterator[tuple[MachineGround, NspawnMachines]]:
    with TemporaryDirectory() as folder, machine_ground(Path(folder), image) as ground:
        yield ground, ground.driver()


def _one(image: BaseImage) -> list[Figure]:
    seconds: dict[LayerKind, list[float]] = {LayerKind.DISK: [], LayerKind.MEMORY: []}
    ended = []
    with _ground(image) as (ground, driver):
        for kind in (LayerKind.DISK, LayerKind.MEMORY) * 5:
            spec = ground.spec(layer=kind, cpus=2.0)
            ground.expose(driver, spec)
            began = time.perf_counter()
            driver.start(spec)
            wait_until(lambda spec=spec: _answers(spec))  # type: ignore[misc]
            seconds[kind].append(time.perf_counter() - began)
            began = time.perf_counter()
            driver.stop(spec.id, force=False)
            ended.append(time.perf_counter() - began)
            driver.remove(spec.id)
    return [
        *(
            Figure(
                f"launch to HTTP 200, layer on {kind.value}",
                f"{statistics.median(times):.2f} s",
                wanted="≤ 1 s",
            )
            for kind, times in seconds.items()
        ),
        Figure("stop", f"{statistics.median(ended):.2f} s"),
    ]


def _many(image: BaseImage, count: int, wanted: str) -> list[Figure]:
    with _ground(image) as (ground, driver):
        specs = [ground.spec(number, cpus=2.0) for number in range(1, count + 1)]
        ground.expose(driver, *specs)
        began = time.perf_counter()
        for spec in specs:
            driver.start(spec)
        started = time.perf_counter() - began
        for spec in specs:
            wait_until(lambda spec=spec: _answers(spec), seconds=300)  # type: ignore[misc]
        all_there = time.perf_counter() - began
        time.sleep(_IDLE_SECONDS)
        memory = [_memory(ground, spec) for spec in specs]
        busy = _busy(ground, specs)
        began = time.perf_counter()
        driver.machines()
        looked = time.perf_counter() - began
    return [
        Figure(f"{count} machines: HTTP 200 of all", f"{all_there:.1f} s", wanted=wanted),
        Figure(f"{count} machines: started", f"{started:.1f} s"),
        Figure(
            f"{count} machines: memory of each when idle, pages of files aside",
            f"{statistics.median(memory):.1f} MiB",
            wanted="≤ 20 MB",
        ),
        Figure(f"{count} machines: processor when idle", f"{busy:.1%} of one"),
        Figure(f"{count} machines: a look at all", f"{looked * 1000:.0f} ms"),
    ]


def _answers(spec: MachineSpec) -> bool:
    try:
        with urllib.request.urlopen(f"http://{spec.private_ip}/", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _memory(ground: MachineGround, spec: MachineSpec) -> float:
    """Return what a machine holds of memory, the kernel's for it included, in MiB.

    Pages of files aside: those of the image are shared, and counted with whoever read them first.
    """
    group = ground.cgroup(spec.id).folder("memory")
    lines = (group / "memory.stat").read_text().splitlines()
    stat = {name: int(value) for name, _, value in (line.partition(" ") for line in lines)}
    if "total_cache" in stat:
        files = stat["total_cache"] - stat["total_shmem"]
        return (int((group / "memory.usage_in_bytes").read_text()) - files) / _MEBIBYTE
    files = stat["file"] - stat["shmem"]
    return (int((group / "memory.current").read_text()) - files) / _MEBIBYTE


def _busy(ground: MachineGround, specs: list[MachineSpec]) -> float:
    before, began = sum(_used(ground, spec) for spec in specs), time.perf_counter()
    time.sleep(_IDLE_SECONDS)
    return (sum(_used(ground, spec) for spec in specs) - before) / (time.perf_counter() - began)


def _used(ground: MachineGround, spec: MachineSpec) -> float:
    cgroup = ground.cgroup(spec.id)
    if host_hierarchies().is_in_version_2("cpu"):
        return int((cgroup.folder("cpu") / "cpu.stat").read_text().split()[1]) / 1e6
    return int((cgroup.folder("cpuacct") / "cpuacct.usage").read_text()) / 1e9
