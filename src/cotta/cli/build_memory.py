"""What went into the images of earlier builds, to say what has changed since."""

from __future__ import annotations

import contextlib
import hashlib
import json
from typing import TYPE_CHECKING

from cotta.system.files import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from cotta.builder.fingerprint import ContentKey


class BuildMemory:
    """A file for each build of each template, in `folder`; `template` is where that is.

    It is a help only: what can't be read or written is as if it weren't there.
    """

    def __init__(self, folder: Path, template: Path) -> None:
        self._folder = folder
        self._template = template

    def parts_of(self, build: str) -> dict[str, str] | None:
        """Return the parts of the last key; None where there is none."""
        try:
            record = json.loads(self._file(build).read_bytes())
            return {str(name): str(digest) for name, digest in record["parts"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def remember(self, build: str, key: ContentKey) -> None:
        """Keep the parts of a key."""
        record = {"build": build, "template": str(self._template), "parts": dict(key.parts)}
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            write_atomically(self._file(build), json.dumps(record).encode())

    def _file(self, build: str) -> Path:
        name = hashlib.sha256(f"{self._template}\0{build}".encode()).hexdigest()[:32]
        return self._folder / f"{name}.json"
