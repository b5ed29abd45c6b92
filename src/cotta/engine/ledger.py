"""Where finished steps are written down before anything is built on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.addrs.providers import ProviderConfig
    from cotta.addrs.resources import AbsResourceInstance
    from cotta.states.model import StoredObject


class Ledger(Protocol):
    """Keeps every finished step, so that nothing made is forgotten whatever happens."""

    def put(
        self,
        address: AbsResourceInstance,
        provider: ProviderConfig,
        objects: Mapping[str, StoredObject | None],
    ) -> None:
        """Write down that objects of an instance are so now, or (None) are gone; together.

        The current one has the key "", the others those under which they were put
        aside.  A kill of the process takes nothing back when this returns.
        """
        ...

    def settle(self) -> None:
        """Return when everything written down will outlast a power cut."""
        ...
