"""What a command says to the providers that are part of the program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cotta.diagnostics.diagnostics import DiagnosticsError
from cotta.providers.interface import ProviderDiagnostic

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotta.clouds.which import Access
    from cotta.images.contents import Contents
    from cotta.providers.interface import Complaints


def _no_access() -> Access:
    raise AssertionError("a command that configures no provider has no cloud")


def _nothing_recorded(_image: str) -> Contents | None:
    """Know nothing of what is in images."""
    return None


def _tell_nobody(_where: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderOptions:
    """How the cloud of the command is reached, and what its flags say.

    `access` reads files of the local region, so it is called when a provider
    is configured and no sooner; it raises `DiagnosticsError` where there is no
    such cloud.  `waits` is false with -no-wait, `replaces_refresh` true with
    -replace-refresh.  `reached` is told which cloud, account and region a
    provider speaks to, and `contents` says what was recorded of an image, by its id; both may be
    called from any thread.
    """

    access: Callable[[], Access] = _no_access
    waits: bool = True
    replaces_refresh: bool = False
    reached: Callable[[str], None] = _tell_nobody
    contents: Callable[[str], Contents | None] = _nothing_recorded

    def reach(self) -> Access | Complaints:
        """Return how the cloud is reached, or why it can't be, as a provider says it."""
        try:
            return self.access()
        except DiagnosticsError as error:
            return tuple(
                ProviderDiagnostic(severity=one.severity, summary=one.summary, detail=one.detail)
                for one in error.diagnostics
            )


# For whoever asks providers only for what they declare.
NO_OPTIONS: Final = ProviderOptions()
