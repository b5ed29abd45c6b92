"""How a running build speaks."""

from __future__ import annotations

from typing import Protocol


class Ui(Protocol):
    """The voice of one build; its name is put before every line.

    May be called from any thread.  A text of several lines is said line by
    line.  Nothing here fails because nobody listens.
    """

    def say(self, text: str) -> None:
        """Say what is being done: `==> amazon-ebs.app: Stopping the source instance...`."""

    def message(self, text: str) -> None:
        """Say a detail, or what a command printed: `    amazon-ebs.app: Instance ID: i-…`."""

    def error(self, text: str) -> None:
        """Say what went wrong, or what a command printed as an error."""

    def ask(self, question: str) -> str:
        """Return what the person answers; "" where nobody can be asked."""

    def progress(self, what: str, done: int, total: int) -> None:
        """Say how far something has come: bytes of a transfer, percents of a wait.

        `total` is 0 where nobody knows it, and `done` is bytes then.  Said often; a view shows
        as much of it as its reader can follow.
        """
