"""Where a state goes that could not be written where it belongs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.diagnostics.diagnostics import Diagnostic

if TYPE_CHECKING:
    from pathlib import Path

    from cotta.system.disk import Disk

ERRORED: Final = "errored.tfstate"


def keep_errored(content: bytes, folder: Path, disk: Disk) -> Diagnostic:
    """Write the content to `errored.tfstate` in the folder; return what to tell about it."""
    try:
        disk.replace(folder / ERRORED, content)
    except OSError as error:
        return Diagnostic(
            summary="Failed to create local state file",
            detail=f"The state could not be put into {ERRORED} either: "
            f"{error.strerror or error}. What was finished is in the journal beside the state. "
            "Make room, then run the command again: it begins with the journal.",
        )
    return Diagnostic(
        summary="Failed to persist state to backend",
        detail=f"So that nothing is lost, the state was put into {ERRORED} in this folder. "
        "When the cause is gone, write it with:\n\n"
        f"    cotta state push {ERRORED}",
    )
