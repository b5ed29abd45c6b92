"""A provisioner that starts nothing: it notes what it is asked to do, and fails on demand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cotta.providers.interface import ProviderDiagnostic
from cotta.providers.local_exec import LocalExec
from cotta.values.value import ObjectValue

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotta.providers.interface import Complaints
    from cotta.schemas.model import Schema
    from cotta.values.value import Value


@dataclass
class ScriptedProvisioner:
    """Takes the place of `local-exec`; the call number `fails_at`, from 1, fails."""

    fails_at: int = 0
    commands: list[str] = field(default_factory=list)

    def schema(self) -> Schema:
        """Return what the real one takes."""
        return LocalExec().schema()

    def run(self, config: Value, *, say: Callable[[str], None]) -> Complaints:
        """Note the command."""
        assert isinstance(config, ObjectValue)
        self.commands.append(str(config.attributes["command"]))
        say("noted")
        if len(self.commands) == self.fails_at:
            return (ProviderDiagnostic(summary="Scripted failure", detail="As the test asked."),)
        return ()

    def stop(self) -> None:
        """Nothing is under way."""
