"""The host hands on packets between the region and its own way out.

Where the host is no router (`net.ipv4.ip_forward` is 0), only the links that are needed are
made to forward: the region's own, and those with a default route.  What those had before
is kept, and put back when the last region goes.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Final

from cotta.system.files import lock_file
from cotta.system.processes import run

_SETTINGS: Final = Path("/proc/sys/net/ipv4/conf")
_WAIT: Final = timedelta(seconds=10)


def allow_forwarding(link: str, kept: Path) -> tuple[str, ...]:
    """Let packets pass between a region's link and the ways out; say what that changed.

    The former settings are written below `kept`, which all regions of the host share.
    """
    _setting(link).write_text("1")
    changed = []
    kept.mkdir(parents=True, exist_ok=True)
    with lock_file(kept.with_suffix(".lock"), wait=_WAIT):
        for way_out in _ways_out():
            if _setting(way_out).read_text().strip() == "0":
                (kept / way_out).write_text("0")
                _setting(way_out).write_text("1")
                changed.append(
                    f"net.ipv4.conf.{way_out}.forwarding is now 1, so that instances reach what "
                    "is outside; it is put back when the last region goes down."
                )
    return tuple(changed)


def restore_forwarding(kept: Path) -> None:
    """Put back what `allow_forwarding` has changed on the host's own links."""
    if not kept.is_dir():
        return
    with lock_file(kept.with_suffix(".lock"), wait=_WAIT):
        for former in kept.iterdir():
            if _setting(former.name).exists():
                _setting(former.name).write_text(former.read_text())
            former.unlink()
        kept.rmdir()


def _ways_out() -> list[str]:
    routes = json.loads(run(["ip", "-4", "-j", "route", "show", "default"]).stdout)
    return sorted({str(route["dev"]) for route in routes if "dev" in route})


def _setting(link: str) -> Path:
    return _SETTINGS / link / "forwarding"
