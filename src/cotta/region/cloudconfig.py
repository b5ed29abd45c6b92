"""Understand the keys of `#cloud-config`: typed, checked, and each one that is not done said.

Pure.  The names and their meanings are cloud-init's.
"""

from __future__ import annotations

import base64
import binascii
import shlex
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_LARGEST: Final = 4 * 1024 * 1024

_BAKED: Final = "packages are part of the image: install them when it is built"
_KEYS_ONLY: Final = "nobody logs in with a password: use ssh_authorized_keys"

# Keys that are not done, with the reason; a value of false asks for nothing.
_REFUSED: Final = {
    "packages": _BAKED,
    "package_update": _BAKED,
    "package_upgrade": _BAKED,
    "package_reboot_if_required": _BAKED,
    "apt": _BAKED,
    "yum_repos": _BAKED,
    "snap": _BAKED,
    "chpasswd": _KEYS_ONLY,
    "password": _KEYS_ONLY,
    "ssh_pwauth": _KEYS_ONLY,
    "power_state": "the machine stays as it is: stop it by the API",
}

# Asked for by many, and true of every machine here anyway.
_TRUE_ANYWAY: Final = frozenset(
    {"manage_etc_hosts", "output", "ssh_deletekeys", "ssh_genkeytypes", "resize_rootfs", "growpart"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file to be written: `late` ones when everything else is done."""

    path: str
    content: bytes
    owner: str = "root:root"
    mode: int = 0o644
    appended: bool = False
    late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user to be added, if there is none of that name, and what it is given."""

    name: str
    # Arguments of useradd, the name not included.
    options: tuple[str, ...] = ()
    sudo: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudConfig:
    """What a configuration asks for; `problems` and `notes` are as in `UserData`.

    Commands are lines of a shell.  `users` is None where only the default user is meant;
    else `has_default_user` says whether it is among them.
    """

    host_name: str | None = None
    fqdn: str | None = None
    time_zone: str | None = None
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    users: tuple[User, ...] = ()
    has_default_user: bool = True
    keys: tuple[str, ...] = ()
    disable_root: bool = True
    files: tuple[File, ...] = ()
    boot_commands: tuple[str, ...] = ()
    run_commands: tuple[str, ...] = ()
    final_message: str | None = None
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class _WrongError(Exception):
    """A value is not what its key needs."""


def decode_cloud_config(config: Mapping[str, Any]) -> CloudConfig:
    """Return what a configuration asks for.  What can't be done is left out, and said."""
    decoding = _Decoding(config)
    users, has_default_user = decoding.take("users", _users, ((), True))
    return CloudConfig(
        host_name=decoding.take("hostname", _text, None),
        fqdn=decoding.take("fqdn", _text, None),
        time_zone=decoding.take("timezone", _text, None),
        groups=decoding.take("groups", _groups, {}),
        users=users,
        has_default_user=has_default_user,
        keys=decoding.take("ssh_authorized_keys", _texts, ()),
        disable_root=decoding.take("disable_root", _truth, True),
        files=decoding.take("write_files", _files, ()),
        boot_commands=decoding.take("bootcmd", _commands, ()),
        run_commands=decoding.take("runcmd", _commands, ()),
        final_message=decoding.take("final_message", _text, None),
        problems=tuple(decoding.refused()),
        notes=tuple(decoding.unknown()),
    )


class _Decoding:
    """A configuration, and which of its keys have been taken."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._config = config
        self._taken: set[str] = set()
        self._problems: list[str] = []

    def take(self, key: str, decode: Any, default: Any) -> Any:
        """Return a key's value, decoded; the default if it is not there or wrong."""
        self._taken.add(key)
        value = self._config.get(key)
        if value is None:
            return default
        try:
            return decode(value)
        except _WrongError as error:
            self._problems.append(f"{key}: {error}")
            return default

    def refused(self) -> list[str]:
        asked = [key for key in self._config if key in _REFUSED and self._config[key]]
        return self._problems + [f"{key} is not done: {_REFUSED[key]}" for key in asked]

    def unknown(self) -> list[str]:
        known = self._taken | _REFUSED.keys() | _TRUE_ANYWAY
        return [
            f"the key {key!r} of #cloud-config is not known here, and left out"
            for key in sorted(self._config.keys() - known)
        ]


def _text(value: Any) -> str:
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise _WrongError(f"a text is needed, and {value!r} is none")
    return str(value)


def _truth(value: Any) -> bool:
    # YAML 1.1 has read yes, on and true already; quoted ones are left.
    if isinstance(value, str) and value.lower() in ("true", "yes", "on", "1"):
        return True
    if isinstance(value, str) and value.lower() in ("false", "no", "off", "0"):
        return False
    if not isinstance(value, bool | int):
        raise _WrongError(f"true or false is needed, and {value!r} is neither")
    return bool(value)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _WrongError("a list is needed")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    """Return texts in a list, or in one text with commas as cloud-init has it for groups."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return tuple(_text(one) for one in _list(value))


def _commands(value: Any) -> tuple[str, ...]:
    lines = []
    for command in _list(value):
        if isinstance(command, list):
            lines.append(shlex.join(_text(word) for word in command))
        elif isinstance(command, str):
            lines.append(command)
        elif command is not None:
            raise _WrongError(f"a command is a text or a list of them, and {command!r} is neither")
    return tuple(lines)


def _groups(value: Any) -> dict[str, tuple[str, ...]]:
    groups: dict[str, tuple[str, ...]] = {}
    for one in [value] if isinstance(value, dict) else list(_texts_or_maps(value)):
        if isinstance(one, dict):
            groups |= {_text(name): _texts(members or []) for name, members in one.items()}
        else:
            groups[_text(one)] = ()
    return groups


def _texts_or_maps(value: Any) -> list[Any]:
    return list(_texts(value)) if isinstance(value, str) else _list(value)


# By key: the option of useradd that takes its value.
_USER_OPTIONS: Final = {
    "gecos": "--comment",
    "homedir": "--home-dir",
    "primary_group": "--gid",
    "shell": "--shell",
    "uid": "--uid",
    "expiredate": "--expiredate",
}
_USER_KEYS: Final = frozenset({
    "name", "groups", "sudo", "ssh_authorized_keys", "system", "no_create_home", "no_user_group",
    "lock_passwd", "no_log_init", "inactive",
})  # fmt: skip
_PASSWORDS: Final = ("passwd", "hashed_passwd", "plain_text_passwd")


def _users(value: Any) -> tuple[tuple[User, ...], bool]:
    """Return the users to be added, and whether the default user is meant too."""
    users, has_default = [], False
    for one in [value] if isinstance(value, dict | str) else _list(value):
        if one == "default":
            has_default = True
        elif isinstance(one, str):
            users.append(User(name=one, options=("--create-home",)))
        elif isinstance(one, dict):
            users.append(_user(one))
        else:
            raise _WrongError(f"a user is a name or has keys, and {one!r} is neither")
    return tuple(users), has_default


def _user(given: Mapping[str, Any]) -> User:
    name = _text(given.get("name") or "")
    if not name:
        raise _WrongError("a user needs a name")
    if any(given.get(key) for key in _PASSWORDS):
        raise _WrongError(f"no password is set for {name}: {_KEYS_ONLY}")
    unknown = sorted(
        str(key) for key in given.keys() - _USER_KEYS - _USER_OPTIONS.keys() - set(_PASSWORDS)
    )
    if unknown:
        raise _WrongError(f"the user {name} has keys that are not known here: {', '.join(unknown)}")
    options = []
    for key, option in _USER_OPTIONS.items():
        if given.get(key) is not None:
            options += [option, _text(given[key])]
    groups = _texts(given.get("groups") or [])
    if groups:
        options += ["--groups", ",".join(groups)]
    if given.get("system"):
        options.append("--system")
    if given.get("no_user_group"):
        options.append("--no-user-group")
    homeless = given.get("no_create_home") or given.get("system")
    options.append("--no-create-home" if homeless else "--create-home")
    sudo = given.get("sudo") or []
    return User(
        name=name,
        options=tuple(options),
        sudo=(sudo,) if isinstance(sudo, str) else tuple(_text(rule) for rule in _list(sudo)),
        keys=_texts(given.get("ssh_authorized_keys") or []),
    )


_FILE_KEYS: Final = frozenset(
    {"path", "content", "owner", "permissions", "encoding", "append", "defer"}
)


def _files(value: Any) -> tuple[File, ...]:
    return tuple(_file(one) for one in _list(value))


def _file(given: Any) -> File:
    if not isinstance(given, dict) or not isinstance(given.get("path"), str):
        raise _WrongError("a file needs a path")
    path = given["path"]
    if not path.startswith("/"):
        raise _WrongError(f"the path {path} must begin with a slash")
    unknown = sorted(str(key) for key in given.keys() - _FILE_KEYS)
    if unknown:
        raise _WrongError(f"the file {path} has keys that are not known here: {', '.join(unknown)}")
    return File(
        path=path,
        content=_content(path, given.get("content"), given.get("encoding")),
        owner=_text(given.get("owner") or "root:root"),
        mode=_mode(path, given.get("permissions")),
        appended=_truth(given.get("append") or False),
        late=_truth(given.get("defer") or False),
    )


def _mode(path: str, given: Any) -> int:
    try:
        # Without quotes YAML has read 0644 as an octal number already.
        mode = given if isinstance(given, int) else int(str(given or "0644"), 8)
    except ValueError:
        mode = -1
    if not 0 <= mode <= 0o7777:
        raise _WrongError(f"the permissions {given!r} of {path} are no octal number")
    return mode


def _content(path: str, given: Any, encoding: Any) -> bytes:
    raw = given if isinstance(given, bytes) else _text("" if given is None else given).encode()
    steps = str(encoding or "text/plain").lower().replace("base64", "b64").replace("gzip", "gz")
    try:
        match steps:
            case "text/plain":
                return raw
            case "b64":
                return base64.b64decode(raw)
            case "gz":
                return _inflated(raw)
            case "gz+b64":
                return _inflated(base64.b64decode(raw))
    except (binascii.Error, zlib.error) as error:
        raise _WrongError(f"the content of {path} is not {encoding}: {error}") from None
    raise _WrongError(f"the encoding {encoding} of {path} is not known")


def _inflated(raw: bytes) -> bytes:
    engine = zlib.decompressobj(wbits=31)
    content = engine.decompress(raw, _LARGEST)
    if not engine.eof:
        raise zlib.error("it ends too early or is larger than 4 MiB")
    return content
