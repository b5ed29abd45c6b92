"""Profiles of the AWS configuration file: written on request, and nothing else of it is touched."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.system.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME: Final = re.compile(r"[A-Za-z0-9_.@-]+")
_HEADER: Final = re.compile(r"^\s*\[\s*(.*?)\s*\]\s*(?:[#;].*)?$")
_OURS: Final = re.compile(r"^\s*endpoint_url\s*=\s*http://127\.0\.0\.1:\d+\s*$", re.MULTILINE)


class ProfileError(Exception):
    """A profile can't be written: why, and what to do."""


def write_profile(name: str, keys: Mapping[str, str], environment: Mapping[str, str]) -> Path:
    """Write a profile to the configuration file and return the file.

    One that a region's was before is replaced; any other is left alone, and refused.
    """
    if _NAME.fullmatch(name) is None or name == "default":
        raise ProfileError(
            f'"{name}" can\'t be the name of the profile: take letters, digits and hyphens, and '
            'not "default", which every client uses unasked.'
        )
    path = Path(environment.get("AWS_CONFIG_FILE") or _usual_file(environment))
    try:
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        after = with_profile(before, name, keys)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        is_new = not path.exists()
        write_atomically(path, after.encode())
        if is_new:
            path.chmod(0o600)
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileError(f"{path}: {error}.") from None
    return path


def with_profile(text: str, name: str, keys: Mapping[str, str]) -> str:
    """Return a configuration file's text with the profile in it."""
    kept: list[str] = []
    old: list[str] = []
    is_inside = False
    for line in text.splitlines(keepends=True):
        header = _HEADER.match(line)
        if header is not None:
            is_inside = header[1].split() == ["profile", name]
        (old if is_inside else kept).append(line)
    if old and _OURS.search("".join(old)) is None:
        raise ProfileError(
            f"There is a profile {name} already, which is not the local region's. Take another "
            "name."
        )
    rest = "".join(kept).rstrip("\n")
    section = "\n".join([f"[profile {name}]", *(f"{key} = {value}" for key, value in keys.items())])
    return f"{rest}\n\n{section}\n" if rest else f"{section}\n"


def _usual_file(environment: Mapping[str, str]) -> Path:
    home = environment.get("HOME")
    return (Path(home) if home else Path.home()) / ".aws" / "config"
