"""How a region is, drawn for a terminal."""

from __future__ import annotations

from cotta.cli.views.region_status import render_status
from cotta.region.status import InstanceStatus, RegionStatus
from tests.support.times import NOON

STATUS = RegionStatus(
    folder="/var/lib/cotta",
    region="0123abcd",
    daemon=42,
    endpoint="http://127.0.0.1:4580",
    network="172.31.0.0/16",
    instances=(
        InstanceStatus(
            id="i-00000000000000001",
            name="web",
            state="running",
            instance_type="t3.micro",
            image_id="ami-00000000000000001",
            private_ip="172.31.0.4",
            launched_at=NOON,
            reason="",
            drift=(),
        ),
    ),
    images=3,
    memory_mib=12 * 1024,
    disk_mib=70,
    disk_free_mib=74 * 1024,
)


def drawn(width: int, *, has_colour: bool = False) -> str:
    return render_status(STATUS, width=width, is_terminal=True, has_colour=has_colour)


def test_terminal_gets_a_table_that_fits() -> None:
    for width in (60, 80, 120):
        assert max(len(line) for line in drawn(width).splitlines()[8:]) <= width

    assert "i-00000000000000001" in drawn(120)
    assert "12.0 GiB at most" in drawn(120)


def test_colour_is_for_those_who_want_it() -> None:
    assert "\x1b[" not in drawn(120)
    assert "\x1b[32mrunning" in drawn(120, has_colour=True)
