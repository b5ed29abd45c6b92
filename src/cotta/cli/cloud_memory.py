"""Which cloud the state of a working folder belongs to: a line per workspace in its data folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from cotta.cli.backends import data_folder
from cotta.cli.states import fail
from cotta.clouds.which import Cloud
from cotta.states.workspaces import Workspaces
from cotta.system.files import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from cotta.cli.terminal import Terminal

_FILE: Final = "cotta.clouds.json"
_NAMES: Final = {Cloud.LOCAL: "the local region", Cloud.AWS: "AWS"}


def refuse_other_cloud(cloud: Cloud, terminal: Terminal) -> None:
    """Raise `DiagnosticsError` if what the state has is in another cloud."""
    workspace = Workspaces(terminal.environment).selected
    known = _read(_path(terminal)).get(workspace)
    if known is None or known == cloud.value:
        return
    other = Cloud(known)
    raise fail(
        "The state belongs to another cloud",
        f'What the workspace "{workspace}" of this folder has is in {_NAMES[other]}, and this '
        f"would look for it in {_NAMES[cloud]}, find nothing, and make it all again. Give "
        f"-cloud={other.value}, or use another workspace for {_NAMES[cloud]}: cotta workspace new "
        f"{cloud.value}",
    )


def remember_cloud(cloud: Cloud, terminal: Terminal) -> None:
    """Note that the state has, or is about to have, something in a cloud."""
    path, workspace = _path(terminal), Workspaces(terminal.environment).selected
    known = _read(path)
    if known.get(workspace) != cloud.value:
        _write(path, {**known, workspace: cloud.value})


def forget_cloud(terminal: Terminal) -> None:
    """Note that the state has nothing any more, so that either cloud will do."""
    path, workspace = _path(terminal), Workspaces(terminal.environment).selected
    known = _read(path)
    if known.pop(workspace, None) is not None:
        _write(path, known)


def _path(terminal: Terminal) -> Path:
    return data_folder(terminal) / _FILE


def _read(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise fail(
            "The folder's cloud can't be read",
            f"{path} says which cloud the state belongs to, and can't be read ({error}). If you "
            "know which it is, take the file away and give -cloud.",
        ) from None
    names = {one.value for one in Cloud}
    return {str(key): value for key, value in dict(found).items() if value in names}


def _write(path: Path, known: dict[str, str]) -> None:
    if not known:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, (json.dumps(known, indent=2, sort_keys=True) + "\n").encode())
