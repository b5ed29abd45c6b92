"""Where a state goes that could not be written where it belongs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.diagnostics.diagnostics import Diagnostic

if TYPE_CHECKING:
    from pathlib import Path

    from cotta.system.disk import Disk

ERRORED: Final = "errored.tfstate"


def keep_errored(content: bytes, folder: Path, disk: Disk) -> Diagnostic:
    """Write the content to `errored.tfstate` in the folder; return what to tell about it.

    Raises `OSError` if that is impossible too.
    """
    disk.replace(folder / ERRORED, content)
    return Diagnostic(
        summary="Failed to persist state to backend",
        detail=f"So that nothing is lost, the state was put into {ERRORED} in this folder. "
        "When the cause is gone, write it with:\n\n"
        f"    cotta state push {ERRORED}",
    )


def describe_dump(error: OSError) -> Diagnostic:
    """Return what to tell when the content could only be printed."""
    return Diagnostic(
        summary="Failed to create local state file",
        detail=f"The state could not be put into {ERRORED} either: {error.strerror or error}. "
        "So that nothing is lost, it is printed to standard output, as a last resort. Put "
        'everything from the line "{" to the line "}" into a file. When there is room again, '
        "write it with:\n\n"
        "    cotta state push FILE",
    )
