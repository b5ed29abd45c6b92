"""The host hands on packets between the region and its own way out.

Where the host is no router (`net.ipv4.ip_forward` is 0), only the links that are needed are
made to forward: the region's own, and those with a default route.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cotta.system.processes import run

if TYPE_CHECKING:
    from cotta.system.kernel import HostSettings


def allow_forwarding(link: str, settings: HostSettings) -> tuple[str, ...]:
    """Let packets pass between a region's link and the ways out; say what that changed."""
    links = [way_out for way_out in _ways_out() if settings.set(_forwarding(way_out), 1)]
    settings.set(_forwarding(link), 1)
    return tuple(
        f"net.ipv4.conf.{way_out}.forwarding is now 1, so that instances reach what is outside; "
        "it is put back when the last region goes down."
        for way_out in links
    )


def _ways_out() -> list[str]:
    routes = json.loads(run(["ip", "-4", "-j", "route", "show", "default"]).stdout)
    return sorted({str(route["dev"]) for route in routes if "dev" in route})


def _forwarding(link: str) -> str:
    return f"net/ipv4/conf/{link}/forwarding"
