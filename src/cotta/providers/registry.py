"""Which providers there are: a source address → what makes one.

The table is written out, so that what is native can be read here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.addrs.providers import BUILTIN, DEFAULT_HOST, ProviderSource
from cotta.providers.builtin.provider import BuiltinProvider
from cotta.providers.options import NO_OPTIONS, ProviderOptions
from cotta.system.clock import SystemClock
from cotta.system.disk import SystemDisk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from cotta.providers.interface import Provider
    from cotta.system.disk import Disk
    from cotta.system.ids import IdSource

    # Makes an unconfigured provider, given what the command says to it.
    ProviderFactory: TypeAlias = Callable[[ProviderOptions], Provider]


AWS: Final = ProviderSource(DEFAULT_HOST, "hashicorp", "aws")


@dataclass(frozen=True, slots=True)
class Registry:
    """The providers that a configuration may use.  Calling it makes a new, unconfigured one."""

    factories: Mapping[ProviderSource, ProviderFactory]
    options: ProviderOptions = NO_OPTIONS

    def __call__(self, source: ProviderSource) -> Provider | None:
        """Return a new provider; None if nothing is known of the source."""
        make = self.factories.get(source)
        return None if make is None else make(self.options)

    def explain_missing(self, source: ProviderSource) -> str:
        """Return sentences on why there is no such provider and what there is instead."""
        native = sorted(known.display for known in self.factories)
        return (
            f"There is no provider {source.display} in this program. Native are: "
            f"{', '.join(native)}. Provider programs from a registry or from a plugin directory "
            "can't be run yet."
        )


def native_providers(
    ids: IdSource,
    disk: Disk | None = None,
    others: Mapping[ProviderSource, ProviderFactory] | None = None,
    options: ProviderOptions = NO_OPTIONS,
) -> Registry:
    """Return the providers that are part of the program, and others.

    Files come from `disk`.  `options` need to be given where a provider is
    going to be configured.
    """
    files = SystemDisk() if disk is None else disk

    def read_file(path: str) -> bytes | None:
        return files.read(Path(path))

    native: dict[ProviderSource, ProviderFactory] = {
        BUILTIN: lambda _options: BuiltinProvider(ids, read_file),
        AWS: _make_aws,
    }
    return Registry({**native, **(others or {})}, options)


def _make_aws(options: ProviderOptions) -> Provider:
    # It is large, and most commands have nothing to do with it.
    from cotta.providers.aws.provider import AwsProvider

    return AwsProvider(options, SystemClock())
