"""Workspaces of the local backend: which there are, which one is selected, where its state is.

    terraform.tfstate                       the workspace "default"
    terraform.tfstate.d/NAME/terraform.tfstate
    .terraform/environment                  the name of the selected one

A `backend "local"` block may give the first two other names; `init` remembers them.

EDGE: it reads and changes these files.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.states.backends import LOCAL, UnreadableBackendError, read_backend
from cotta.states.storage import StatePaths

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT: Final = "default"
STATE_NAME: Final = "terraform.tfstate"
_FOLDER: Final = "terraform.tfstate.d"

# What needs no escaping in a URL's path, as Go sees it, except the slash.
_ALLOWED: Final = re.compile(r"[A-Za-z0-9$&+:=@._~-]+")


def is_workspace_name(name: str) -> bool:
    """Say whether a workspace may be called so."""
    return _ALLOWED.fullmatch(name) is not None


class Workspaces:
    """The workspaces of the folder that the process is in."""

    def __init__(self, environment: Mapping[str, str], folder: Path | None = None) -> None:
        self._folder = folder or Path()
        self._environment = environment

        self._names: Mapping[str, str] | None = None

    @property
    def _data_folder(self) -> Path:
        return self._folder / (self._environment.get("TF_DATA_DIR") or ".terraform")

    @property
    def _selection(self) -> Path:
        return self._data_folder / "environment"

    def _name(self, argument: str, usual: str) -> Path:
        """Return what an argument of the backend says, or the usual name."""
        if self._names is None:
            try:
                backend = read_backend(self._data_folder)
            except UnreadableBackendError:
                backend = None  # told by `cli.backends`
            is_local = backend is not None and backend.type == LOCAL
            self._names = backend.arguments if backend is not None and is_local else {}
        return self._folder / self._names.get(argument, usual)

    @property
    def _root(self) -> Path:
        return self._name("workspace_dir", _FOLDER)

    @property
    def is_overridden(self) -> bool:
        """Whether TF_WORKSPACE says which workspace it is, whatever was selected."""
        return bool(self._environment.get("TF_WORKSPACE"))

    @property
    def selected(self) -> str:
        """The name of the workspace to work in."""
        override = self._environment.get("TF_WORKSPACE")
        if override:
            return override
        try:
            return self._selection.read_text(encoding="utf-8").strip() or DEFAULT
        except FileNotFoundError:
            return DEFAULT

    def names(self) -> list[str]:
        """Return the names of all workspaces: the default one, then the others in order."""
        root = self._root
        if not root.is_dir():
            return [DEFAULT]
        return [DEFAULT, *sorted(entry.name for entry in root.iterdir() if entry.is_dir())]

    def select(self, name: str) -> None:
        """Remember `name` as the workspace to work in."""
        self._selection.parent.mkdir(parents=True, exist_ok=True)
        self._selection.write_text(name, encoding="utf-8")

    def create(self, name: str) -> None:
        """Make a workspace; its state is made by the first who writes it."""
        (self._root / name).mkdir(parents=True, exist_ok=True)

    def delete(self, name: str) -> None:
        """Remove a workspace and its state."""
        import shutil

        shutil.rmtree(self._root / name)

    def paths(
        self,
        name: str | None = None,
        *,
        state: str | None = None,
        state_out: str | None = None,
        backup: str | None = None,
    ) -> StatePaths:
        """Return where the state of a workspace is, the selected one if none is named.

        `state`, `state_out` and `backup` are the flags of those names: a
        backup of "-" is none.
        """
        name = name or self.selected
        if state:
            read = self._folder / state
        elif name == DEFAULT:
            read = self._name("path", STATE_NAME)
        else:
            read = self._root / name / STATE_NAME
        write = self._folder / state_out if state_out else read
        if backup == "-":
            return StatePaths(read, write, None)
        kept = self._folder / backup if backup else write.with_name(write.name + ".backup")
        return StatePaths(read, write, kept)
