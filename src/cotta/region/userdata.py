"""Understand user data: scripts, `#cloud-config`, several of them in one MIME message, compressed.

Pure.  What cloud-init would do with it is the law; what is not done here is
said, since a machine that silently lacks something is worse than one that complains.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from email.message import Message

# User data has at most 16 KiB; compressed it may become a thousand times as much.
_LARGEST: Final = 4 * 1024 * 1024

_CONFIG: Final = "text/cloud-config"
_SCRIPT: Final = "text/x-shellscript"

# What text begins with says what it is, also inside of a message that only calls it text.
_BEGINNINGS: Final = (
    (b"#!", _SCRIPT),
    (b"#cloud-config-archive", "text/cloud-config-archive"),
    (b"#cloud-config", _CONFIG),
    (b"#cloud-boothook", "text/cloud-boothook"),
    (b"#include", "text/x-include-url"),
    (b"#upstart-job", "text/upstart-job"),
    (b"#part-handler", "text/part-handler"),
    (b"## template: jinja", "text/jinja2"),
)

_ONCE: Final = frozenset(
    {_SCRIPT, "text/x-shellscript-per-instance", "text/x-shellscript-per-once"}
)

_REFUSED: Final = {
    "text/x-include-url": "#include is not done: a machine is made of its image and its own user "
    "data, and not of what an address says today",
    "text/cloud-boothook": "#cloud-boothook is not done: use a script, or bootcmd",
    "text/upstart-job": "#upstart-job is not done: use a systemd unit in the image",
    "text/part-handler": "#part-handler is not done: there is no Python at first boot",
    "text/jinja2": "templates (## template: jinja) are not done: ask the metadata service instead",
    "text/cloud-config-archive": "#cloud-config-archive is not done: use a MIME message",
    "text/x-shellscript-per-boot": "a script for every boot is not done: put a systemd unit into "
    "the image",
    "text/cloud-config-jsonp": "a JSON patch of #cloud-config is not done",
}


@dataclass(frozen=True, slots=True)
class Script:
    """A program that is run once, after the machine has booted; its first line says by what."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class UserData:
    """What user data asks for.

    `problems` are what was asked for and is not done; `notes` only say
    what nobody takes care of.
    """

    scripts: tuple[Script, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def parse_user_data(raw: bytes) -> UserData:
    """Return what user data asks for.  Never raises, whatever it is.

    Scripts come in the order of their names, as cloud-init runs them; of two configurations
    that have the same key the later one's counts.
    """
    reading = _Reading()
    reading.take(raw, "", "")
    return UserData(
        scripts=tuple(sorted(reading.scripts, key=lambda script: script.name)),
        config=reading.config,
        problems=tuple(reading.problems),
        notes=tuple(reading.notes),
    )


class _Reading:
    """What has been found so far."""

    def __init__(self) -> None:
        self.scripts: list[Script] = []
        self.config: dict[str, Any] = {}
        self.problems: list[str] = []
        self.notes: list[str] = []
        self._parts = 0

    def take(self, raw: bytes, kind: str, name: str) -> None:
        """Take one part: its content, its type as declared, its name."""
        content = self._plain(raw)
        if content is None or not content.strip():
            return
        if _is_message(content) and kind in ("", "multipart/mixed"):
            self._take_message(BytesParser(policy=HTTP).parsebytes(content))
            return
        if kind in ("", "text/plain", "text/x-not-multipart", "application/octet-stream"):
            kind = _kind_of(content) or kind
        self._parts += 1
        name = name.rpartition("/")[2] or f"part-{self._parts:03}"
        if kind in _ONCE:
            self.scripts.append(Script(name, content))
        elif kind == _CONFIG:
            self._take_config(content)
        elif kind in _REFUSED:
            self.problems.append(_REFUSED[kind])
        else:
            of = f" of type {kind}" if kind else ""
            self.notes.append(
                f"user data{of} is neither a script nor #cloud-config; it is left to the machine"
            )

    def _plain(self, raw: bytes) -> bytes | None:
        """Return content without its compression; None, and a problem, if that fails."""
        if not raw.startswith(b"\x1f\x8b"):
            return raw
        engine = zlib.decompressobj(wbits=31)
        try:
            content = engine.decompress(raw, _LARGEST)
        except zlib.error as error:
            self.problems.append(f"user data is compressed and can't be read: {error}")
            return None
        if not engine.eof:
            why = "is larger than 4 MiB" if engine.unconsumed_tail else "ends too early"
            self.problems.append(f"user data is compressed and {why}")
            return None
        return content

    def _take_message(self, message: Message) -> None:
        for part in message.walk():
            if part.is_multipart():
                continue
            payload = part.get_payload(decode=True)
            content = payload if isinstance(payload, bytes) else b""
            self.take(content, part.get_content_type(), part.get_filename() or "")

    def _take_config(self, content: bytes) -> None:
        import yaml  # heavy, and few machines need it

        try:
            config = yaml.load(content, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            where = " ".join(str(error).split())
            self.problems.append(f"#cloud-config can't be read as YAML: {where}")
            return
        if config is None:
            return
        if not isinstance(config, dict):
            self.problems.append("#cloud-config needs keys with values at its top")
            return
        self.config |= {str(key): value for key, value in config.items()}


def _kind_of(content: bytes) -> str | None:
    start = content.lstrip()[:64].lower()
    return next((kind for beginning, kind in _BEGINNINGS if start.startswith(beginning)), None)


def _is_message(content: bytes) -> bool:
    head = content.lstrip()[:4096].lower()
    return b"mime-version:" in head or head.startswith((b"content-type: multipart", b"from "))
