"""EDGE: which backend a working folder was initialized for, as terraform remembers it too.

That is the file `terraform.tfstate` in the data folder; it is no state.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cotta.system.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LOCAL: Final = "local"
LOCAL_ARGUMENTS: Final = ("path", "workspace_dir")
_NAME: Final = "terraform.tfstate"


@dataclass(frozen=True, slots=True)
class Backend:
    """A backend's type, and the arguments that were set."""

    type: str
    arguments: Mapping[str, str]


class UnreadableBackendError(Exception):
    """The file that remembers the backend is not what it should be."""


def read_backend(data_folder: Path) -> Backend | None:
    """Return the remembered backend; None where there is none; raise if it can't be read."""
    path = data_folder / _NAME
    try:
        record = json.loads(path.read_bytes()).get("backend")
        if not record:
            return None
        config = record.get("config") or {}
        given = {name: str(value) for name, value in config.items() if value is not None}
        return Backend(record["type"], given)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise UnreadableBackendError(f"{path} can't be read: {error}") from error


def write_backend(data_folder: Path, backend: Backend | None, *, version: str) -> None:
    """Remember a backend, or (None) forget it."""
    path = data_folder / _NAME
    if backend is None:
        path.unlink(missing_ok=True)
        return
    record = {
        "version": 3,
        "terraform_version": version,
        "backend": {
            "type": backend.type,
            "config": {name: backend.arguments.get(name) for name in LOCAL_ARGUMENTS},
            # Terraform's own hash of the block.  Where it differs, terraform
            # compares the arguments, and finds them equal.
            "hash": 0,
        },
    }
    data_folder.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps(record, indent=2).encode())
