"""How a region is, as text, as a table, and as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cotta.region.status import InstanceStatus, RegionStatus

_COLUMNS: Final = ("INSTANCE", "NAME", "STATE", "TYPE", "IMAGE", "ADDRESS", "LAUNCHED")
_MOST_PATHS: Final = 5
_COLOURS: Final = {"running": "green", "pending": "yellow", "terminated": "bright_black"}


def encode_status(status: RegionStatus) -> str:
    """Return the status as a JSON document."""
    return json.dumps(asdict(status), indent=2, default=lambda time: time.isoformat()) + "\n"


def render_status(status: RegionStatus, *, width: int, is_terminal: bool, has_colour: bool) -> str:
    """Return the status for people; a table with lines if they sit at a terminal."""
    head = "".join(f"{name:<12}{text}\n" for name, text in _facts(status))
    if not status.instances:
        return head
    rows = [_cells(one) for one in status.instances]
    table = (
        _drawn_table(rows, width=width, has_colour=has_colour)
        if is_terminal
        else plain_table([_COLUMNS, *rows])
    )
    return f"{head}\n{table}{_remarks(status.instances)}"


def _facts(status: RegionStatus) -> list[tuple[str, str]]:
    daemon = (
        f"runs (process {status.daemon})"
        if status.daemon is not None
        else "does not run: `cotta region up` starts it"
    )
    alive = sum(one.state in {"pending", "running", "stopping"} for one in status.instances)
    return [
        ("Daemon", daemon),
        ("Endpoint", status.endpoint),
        ("Folder", status.folder),
        ("Network", status.network),
        ("Instances", f"{alive} of {len(status.instances)} alive"),
        ("Images", str(status.images)),
        ("Memory", f"{_size(status.memory_mib)} at most, by the instances' types"),
        ("Disk", f"{_size(status.disk_mib)} used, {_size(status.disk_free_mib)} free"),
    ]


def _cells(instance: InstanceStatus) -> tuple[str, ...]:
    return (
        instance.id,
        instance.name,
        instance.state,
        instance.instance_type,
        instance.image_id,
        instance.private_ip,
        f"{instance.launched_at:%Y-%m-%d %H:%M:%S}",
    )


def _remarks(instances: Sequence[InstanceStatus]) -> str:
    """Return why instances ended that did, and who has changed its image's system."""
    lines = [f"{one.id}: {one.reason}" for one in instances if one.reason]
    lines += [f"{one.id} has changed {_listed(one.drift)}" for one in instances if one.drift]
    return "".join(["\n", *(f"{line}\n" for line in lines)]) if lines else ""


def _listed(paths: Sequence[str]) -> str:
    """Return the first few paths, and how many more there are; -json has them all."""
    shown, more = ", ".join(paths[:_MOST_PATHS]), len(paths) - _MOST_PATHS
    return shown if more <= 0 else f"{shown} and {more} more"


def plain_table(rows: Sequence[Sequence[str]]) -> str:
    """Return rows of cells, the first one the headings, in columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        + "\n"
        for row in rows
    )


def _drawn_table(rows: Sequence[Sequence[str]], *, width: int, has_colour: bool) -> str:
    # Imported here because it takes a tenth of a second, and only a terminal gets lines.
    import io

    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in _COLUMNS:
        table.add_column(name, overflow="fold")
    for row in rows:
        state = Text(row[2], style=_COLOURS.get(row[2], "")) if has_colour else Text(row[2])
        table.add_row(*(state if at == 2 else Text(cell) for at, cell in enumerate(row)))
    written = io.StringIO()
    console = Console(file=written, width=width, force_terminal=has_colour, no_color=not has_colour)
    console.print(table)
    return written.getvalue()


def _size(mib: int) -> str:
    return f"{mib} MiB" if mib < 10 * 1024 else f"{mib / 1024:.1f} GiB"
