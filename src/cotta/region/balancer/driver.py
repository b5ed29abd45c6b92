"""What the region asks of whoever balances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cotta.region.balancer.layout import Layout
    from cotta.region.balancer.servers import Change, Server


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenServer:
    """A target as the balancer has it.

    `passed` counts checks in a row that went well, up to the group's threshold; the
    last check's outcome is in `check` (HAProxy's word: `L7OK`) and `code` (the HTTP status).
    """

    is_up: bool
    is_draining: bool
    requests: int
    # Half added: whoever added it was killed in between.
    is_unfinished: bool = False
    passed: int
    check: str = ""
    code: int | None = None


@dataclass(frozen=True, slots=True)
class SeenBalancer:
    """What runs: by which layout, and its servers by group and name."""

    fingerprint: str
    servers: Mapping[tuple[str, str], SeenServer]


class BalancerError(Exception):
    """The balancer could not be started or told something: what was tried, what came back."""


class Balancer(Protocol):
    """Balances by a layout; its targets come and go without disturbing anything."""

    def observe(self) -> SeenBalancer | None:
        """Return what runs; None if nothing does.  Quick."""
        ...

    def configure(self, layout: Layout, servers: Sequence[Server]) -> None:
        """Run by a layout from now on, with servers that are well; requests under way go on.

        Without frontends nothing runs any more.
        """
        ...

    def change(self, changes: Sequence[Change]) -> None:
        """Add, let in, drain and remove servers.  Quick."""
        ...

    def stop(self) -> None:
        """End it at once, and whatever is left of those before."""
        ...
