"""Who holds the lock of a state, as Terraform writes it down and prints it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cotta.diagnostics.diagnostics import Diagnostic
from cotta.values.json_text import JsonError, parse_json, write_json

if TYPE_CHECKING:
    from datetime import datetime

_SUMMARY: Final = "Error acquiring the state lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class LockInfo:
    """Who holds a lock, and what for: `operation` is a word such as `OperationTypeApply`.

    `created` is a time in the form of RFC 3339.
    """

    id: str
    operation: str = ""
    info: str = ""
    who: str = ""
    version: str = ""
    created: str = ""
    path: str = ""


_KEYS: Final = ("ID", "Operation", "Info", "Who", "Version", "Created", "Path")
_FIELDS: Final = ("id", "operation", "info", "who", "version", "created", "path")


def encode_lock(info: LockInfo) -> bytes:
    """Return the content of the file beside a locked state."""
    return write_json(
        {key: getattr(info, field) for key, field in zip(_KEYS, _FIELDS, strict=True)}
    ).encode()


def decode_lock(content: bytes) -> LockInfo | None:
    """Return who holds the lock; None if the file says nothing sensible."""
    try:
        tree = parse_json(content.decode("utf-8", "replace"))
    except JsonError:
        return None
    if not isinstance(tree, dict):
        return None
    return LockInfo(
        **{field: str(tree.get(key) or "") for key, field in zip(_KEYS, _FIELDS, strict=True)}
    )


def render_time(now: datetime) -> str:
    """Return a time as lock files have it."""
    return now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class StateLockedError(Exception):
    """Somebody else holds the lock: who, if that is known."""

    def __init__(self, reason: str, info: LockInfo | None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.info = info

    def diagnostic(self) -> Diagnostic:
        """Return the error with the holder's block, as Terraform shows it."""
        return Diagnostic(
            summary=_SUMMARY,
            detail=f"Error message: {self.reason}\n{render_lock(self.info)}\n\n{_ADVICE}",
        )


_ADVICE: Final = (
    "The lock keeps the state from being written by two at the same time. Wait for the other one "
    "and try again, or let -lock-timeout wait for it. Most commands can go without the lock by "
    '"-lock=false", which is for when nobody else can be at work.'
)


def render_lock(info: LockInfo | None) -> str:
    """Return the lines that tell who holds a lock, each one ended."""
    if info is None:
        return ""
    created = info.created.replace("T", " ")
    if created.endswith("Z"):
        created = created[:-1] + " +0000 UTC"
    return (
        "Lock Info:\n"
        f"  ID:        {info.id}\n"
        f"  Path:      {info.path}\n"
        f"  Operation: {info.operation}\n"
        f"  Who:       {info.who}\n"
        f"  Version:   {info.version}\n"
        f"  Created:   {created}\n"
        f"  Info:      {info.info}\n"
    )
