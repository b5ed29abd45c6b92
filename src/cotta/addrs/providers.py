"""Where a provider comes from, and which of its configurations is meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cotta.addrs.resources import ModulePath, render_module_path

DEFAULT_HOST: Final = "registry.terraform.io"
BUILTIN_HOST: Final = "terraform.io"


@dataclass(frozen=True, slots=True, order=True)
class ProviderSource:
    """A provider's global name: `registry.terraform.io/hashicorp/aws`."""

    host: str
    namespace: str
    type: str

    def __str__(self) -> str:
        return f"{self.host}/{self.namespace}/{self.type}"

    @property
    def display(self) -> str:
        """The name as people write it: without the host where that is the usual one."""
        short = f"{self.namespace}/{self.type}"
        return short if self.host == DEFAULT_HOST else f"{self.host}/{short}"


BUILTIN: Final = ProviderSource(BUILTIN_HOST, "builtin", "terraform")


def implied_source(type_: str) -> ProviderSource:
    """Return the source that a local name means where nothing else is declared."""
    if type_ == "terraform":
        return BUILTIN
    return ProviderSource(DEFAULT_HOST, "hashicorp", type_)


@dataclass(frozen=True, slots=True)
class ProviderConfig:
    """One configuration of a provider: in which module it is, and its alias if it has one.

    Prints as state files have it: `provider["registry.terraform.io/hashicorp/aws"].west`.
    """

    module: ModulePath
    source: ProviderSource
    alias: str | None = None

    def __str__(self) -> str:
        before = f"{render_module_path(self.module)}." if self.module else ""
        after = f".{self.alias}" if self.alias is not None else ""
        return f'{before}provider["{self.source}"]{after}'
