"""The provisioners by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from cotta.builder.provisioners import file, pauses, shell, shell_local

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cotta.builder.options.values import Options
    from cotta.builder.provisioners.provisioning import Provisioning

Provision: TypeAlias = "Callable[[Options, Provisioning], None]"

PROVISIONERS: Final[Mapping[str, Provision]] = {
    "breakpoint": pauses.pause_at_breakpoint,
    "file": file.provision,
    "shell": shell.provision,
    "shell-local": shell_local.provision,
    "sleep": pauses.sleep,
}
# Those that may move to a place that stays what was uploaded to one that does not.
MOVERS: Final = frozenset({"shell", "shell-local"})
