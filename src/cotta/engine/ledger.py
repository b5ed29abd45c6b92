"""Where finished steps are written down before anything is built on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from cotta.addrs.providers import ProviderConfig
    from cotta.addrs.resources import AbsResourceInstance
    from cotta.states.model import StoredObject


class Ledger(Protocol):
    """Keeps every finished step, so that nothing made is forgotten whatever happens."""

    def put(
        self,
        address: AbsResourceInstance,
        provider: ProviderConfig,
        stored: StoredObject | None,
        deposed: str = "",
    ) -> None:
        """Write down that an object is so now, or (None) that it is gone."""
        ...

    def settle(self) -> None:
        """Return when everything written down will outlast a power cut."""
        ...


class NoLedger:
    """Keeps nothing: for runs whose state is not kept either."""

    def put(
        self,
        address: AbsResourceInstance,
        provider: ProviderConfig,
        stored: StoredObject | None,
        deposed: str = "",
    ) -> None:
        """Do nothing."""

    def settle(self) -> None:
        """Do nothing."""
