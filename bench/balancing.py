"""A fleet behind a load balancer: how soon it is whole, and how much of its speed is left.

Needs root and the Debian packages of `.ci/run`; without them it says so and measures nothing.
"""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import pytest

from bench.measure import Figure
from tests.support.base_image import shared_base, shared_web
from tests.support.booted_region import WEB, BootedRegion, require_machines
from tests.support.web_fleet import Fleet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.base_image import BaseImage

_ROUNDS: Final = 5
_IDLE_SECONDS: Final = 20.0


def figures() -> list[Figure]:
    """Measure a fleet of three under load, one of thirty, and a region at rest."""
    try:
        require_machines()
        image = shared_web(shared_base())
    except pytest.skip.Exception as missing:
        return [Figure("a fleet behind a load balancer", str(missing))]
    if shutil.which("wrk") is None:
        return [Figure("a fleet behind a load balancer", "not measured: wrk is not on PATH")]
    return [*_requests(image), *_thirty(image)]


@contextmanager
def _region() -> Iterator[BootedRegion]:
    with TemporaryDirectory() as folder:
        region = BootedRegion(Path(folder) / "home")
        region.up()
        try:
            yield region
        finally:
            region.reset()


def _requests(image: BaseImage) -> list[Figure]:
    """Compare requests through the balancer with those to one machine, in turn."""
    with _region() as region:
        idle = _busy(region)
        fleet = Fleet(region, region.add_image(WEB, image), 1, extra=0)
        (member,) = region.describe(fleet.members())
        direct = f"http://{member['PrivateIpAddress']}/"
        pairs = [(_rate(fleet.url), _rate(direct)) for _ in range(_ROUNDS)]
    ratio = statistics.median(through / past for through, past in pairs)
    through, past = (statistics.median(rates) for rates in zip(*pairs, strict=True))
    return [
        Figure("region at rest", f"{idle:.2%} of one processor", wanted="≤ 1 %"),
        Figure(
            "requests through the balancer, one machine behind it",
            f"{through:,.0f}/s ({ratio:.0%})",
            f"to the machine {past:,.0f}/s",
            "≥ 80 %",
        ),
    ]


def _thirty(image: BaseImage) -> list[Figure]:
    with _region() as region:
        ami = region.add_image(WEB, image)
        began = time.perf_counter()
        Fleet(region, ami, 30)
        seconds = time.perf_counter() - began
    return [
        Figure("30 machines healthy behind the balancer", f"{seconds:.1f} s", wanted="≤ 25 s"),
    ]


def _rate(url: str) -> float:
    """Return how many requests a second are answered with 200 over kept connections."""
    argv = ["wrk", "-t1", "-c16", "-d4s", url]
    said = subprocess.run(argv, capture_output=True, encoding="utf-8", check=True).stdout
    assert "Non-2xx" not in said, said
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert found is not None, said
    return float(found[1])


def _busy(region: BootedRegion) -> float:
    """Return the share of one processor that the daemon takes when nothing happens."""

    def ticks() -> int:
        fields = Path(f"/proc/{region.pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    time.sleep(5)
    before = ticks()
    time.sleep(_IDLE_SECONDS)
    return (ticks() - before) / 100 / _IDLE_SECONDS
