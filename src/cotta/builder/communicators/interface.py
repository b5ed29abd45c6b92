"""What every way to a machine can do, and how it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# What a command writes, as it comes: which of the two streams, and bytes in no particular pieces.
STDOUT: Final = "stdout"
STDERR: Final = "stderr"
Output: TypeAlias = "Callable[[str, bytes], None]"
# How many more bytes of a transfer have been carried.
Carried: TypeAlias = "Callable[[int], None]"


def uncounted(_: int) -> None:
    """Keep no account of what is carried."""


class CommunicatorError(Exception):
    """The machine was not reached, or did not do what every machine does; says what was tried."""


class DisconnectedError(CommunicatorError):
    """The connection broke while a command ran: how that ended is not known."""


class StoppedError(CommunicatorError):
    """The person has asked for an end while something was under way."""


class CommandTooLongError(CommunicatorError):
    """A command was given up because its time was over."""


class Communicator(Protocol):
    """A machine that can be told what to do.

    Every method raises `CommunicatorError`, and what it says is for a person.  What carries files
    tells `carried` of every piece.
    """

    def run(self, command: str, output: Output) -> int:
        """Run a command by the user's shell and return its status; `output` gets what it writes.

        Raises `DisconnectedError` if the connection ends before the command does.
        """
        ...

    def upload(
        self, local: Path, remote: str, *, mode: int | None = None, carried: Carried = uncounted
    ) -> None:
        """Carry a file to the very path `remote`, with its mode or the one given."""
        ...

    def upload_folder(self, local: Path, remote: str, *, carried: Carried = uncounted) -> None:
        """Carry what is in a folder into the folder `remote`, which is made if it is not there.

        Links are followed; entries go in the order of their names.
        """
        ...

    def download(self, remote: str, local: Path, *, carried: Carried = uncounted) -> None:
        """Carry a file from the machine."""
        ...

    def download_folder(self, remote: str, local: Path, *, carried: Carried = uncounted) -> None:
        """Carry what is in a folder of the machine into a local folder, which is made."""
        ...

    def is_folder(self, remote: str) -> bool:
        """Say whether the machine has a folder of this name."""
        ...

    def close(self) -> None:
        """End the connection; nothing happens if it has ended."""
        ...
