"""A fleet behind a load balancer: how soon it is whole, and how much of its speed is left.

Needs root and the Debian packages of `.ci/run`; without them it says so and measures nothing.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import statistics
import subprocess
import time
import urllib.request
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
_FULL: Final = ("-c16",)
_ZIPPED: Final = ("-H", "Accept-Encoding: gzip")
# A page of 32 KiB, and one of 10; under /work/ they are zipped for each request: that takes about
# 1 ms and 0.1 ms of one processor.
_PAGES: Final = """\
#!/bin/sh
set -e
mkdir -p /var/www/html/work
base64 -w 76 /dev/urandom | head -c 32768 > /var/www/html/page.html
head -c 10240 /var/www/html/page.html > /var/www/html/work/small.html
cp /var/www/html/page.html /var/www/html/work/page.html
cat > /etc/nginx/sites-enabled/default <<'END'
server {
    listen 80 default_server;
    root /var/www/html;
    index index.nginx-debian.html;
    gzip off;
    location /work/ { gzip on; gzip_comp_level 6; }
}
END
nginx -t && systemctl reload nginx
"""


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
    with _region() as region, TemporaryDirectory() as folder:
        idle = _busy(region)
        ami = region.add_image(WEB, image)
        fleet = Fleet(region, ami, 1, extra=0, user_data=_PAGES)
        (member,) = region.describe(fleet.members())
        direct = f"http://{member['PrivateIpAddress']}/"
        _wait_for_pages(direct)
        slowly = Path(folder) / "slowly.lua"
        slowly.write_text("function delay() return 10 end\n")
        figures = [
            _compared(what, fleet.url + page, direct + page, options)
            for what, page, options in (
                ("a page of 615 bytes", "", _FULL),
                ("a page of 32 KiB", "page.html", _FULL),
                # What the 80 % were wanted for: 13,100 of 15,500 requests a second, which is 129 µs
                # of the processors for an answer and its client.
                ("an answer that takes the machine 0.1 ms", "work/small.html", (*_FULL, *_ZIPPED)),
                ("an answer that takes the machine 1 ms", "work/page.html", (*_FULL, *_ZIPPED)),
                (
                    "a page of 615 bytes, 32 clients that wait 10 ms between two",
                    "",
                    ("-c32", "-s", str(slowly)),
                ),
            )
        ]
    return [Figure("region at rest", f"{idle:.2%} of one processor", wanted="≤ 1 %"), *figures]


def _compared(what: str, through: str, past: str, options: tuple[str, ...]) -> Figure:
    before = _balancing_seconds()
    pairs = [(_rate(through, options), _rate(past, options)) for _ in range(_ROUNDS)]
    spent = _balancing_seconds() - before
    ratio = statistics.median(one / other for (one, _), (other, _) in pairs)
    ours, peers = (
        statistics.median(rate for rate, _ in rates) for rates in zip(*pairs, strict=True)
    )
    made = sum(count for (_, count), _ in pairs)
    return Figure(
        f"requests through the balancer: {what}",
        f"{ours:,.0f}/s ({ratio:.0%}), HAProxy {spent / made * 1e6:.0f} µs each",
        f"to the machine {peers:,.0f}/s",
        "≥ 80 %",
    )


def _thirty(image: BaseImage) -> list[Figure]:
    with _region() as region:
        ami = region.add_image(WEB, image)
        began = time.perf_counter()
        Fleet(region, ami, 30)
        seconds = time.perf_counter() - began
    return [
        Figure("30 machines healthy behind the balancer", f"{seconds:.1f} s", wanted="≤ 25 s"),
    ]


def _wait_for_pages(url: str) -> None:
    """Wait until user data has made the pages, the last of which is the one of work."""
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"{url}work/page.html", timeout=5) as answer:
                assert answer.status == 200
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(url)


def _rate(url: str, options: tuple[str, ...]) -> tuple[float, int]:
    """Return how many requests a second are answered with 200 over kept connections, and all."""
    argv = ["wrk", "-t1", "-d3s", *options, url]
    said = subprocess.run(argv, capture_output=True, encoding="utf-8", check=True).stdout
    assert "Non-2xx" not in said, said
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    count = re.search(r"(\d+) requests in", said)
    assert rate is not None, said
    assert count is not None, said
    return float(rate[1]), int(count[1])


def _balancing_seconds() -> float:
    """Return what HAProxy has taken of processors so far."""
    ticks = 0
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            name, _, rest = place.read_text().partition("(")[2].rpartition(")")
            if name == "haproxy":
                fields = rest.split()
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _busy(region: BootedRegion) -> float:
    """Return the share of one processor that the daemon takes when nothing happens."""

    def ticks() -> int:
        fields = Path(f"/proc/{region.pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    time.sleep(5)
    before = ticks()
    time.sleep(_IDLE_SECONDS)
    return (ticks() - before) / 100 / _IDLE_SECONDS
