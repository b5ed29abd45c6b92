"""The content key of a build: what its image depends on, as one digest.

In the key are the resolved options of the source and of every provisioner,
each by its role (`options/declare.py`), the image to begin with, the bytes and
modes of every file that is read, and the versions that matter.  Not in it are
post-processors, what runs only after a failure, and how the machine is reached.

A template is resolved twice: as the world is, and in a still one, in which it
is 1970 and all chance is zero.  Of names (`ami_name`, tags) the still form
counts, so that `app-{{timestamp}}` is the same name tomorrow.  Content that
differs between the two depends on time or chance and defeats the key.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol

from cotta.builder.options.declare import Reads, Role
from cotta.builder.options.files import files_of
from cotta.builder.options.values import NOT_KNOWN, Options
from cotta.builder.templates.impurity import impure_names
from cotta.builder.templates.references import BUILD_NAMES
from cotta.values.json_text import write_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cotta.builder.model import Build, Provisioner
    from cotta.builder.options.declare import Option
    from cotta.builder.templates.declared import Template
    from cotta.diagnostics.source import SourceRange
    from cotta.values.json_text import Json

# Counted up when the same template would be baked into another image than before.
FORMAT: Final = 1

# The time and the chance of the still world.
STILL_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)


def no_chance(count: int) -> bytes:
    """Return so many zeros: the chance of the still world."""
    return bytes(count)


@dataclass(frozen=True, slots=True)
class BaseImage:
    """The image that a build begins with; `digest` is its content's, "" where nobody knows it."""

    id: str
    digest: str = ""


@dataclass(frozen=True, slots=True)
class FileDigest:
    """One file of a tree: its path from the root, its permission bits, and SHA-256 as digits."""

    path: str
    mode: int
    sha256: str


class DigestReader(Protocol):
    """Reads the files that go into a key."""

    def files(self, path: str) -> Sequence[FileDigest]:
        """Return a file (of path "") or every file of a folder, links followed, by path.

        Raises `OSError` for what can't be read.
        """


@dataclass(frozen=True, slots=True)
class Defeat:
    """Why there is no key: what depends on time or chance, by which names, and where."""

    what: str
    names: tuple[str, ...]
    place: SourceRange | None

    def describe(self) -> str:
        """Return a clause: `inline of provisioner 1 "shell" depends on timestamp() (a.hcl:4)`."""
        by = f" depends on {' and '.join(self.names)}" if self.names else " differs every time"
        where = "" if self.place is None else f" ({_file_and_line(self.place)})"
        return f"{self.what}{by}{where}"


@dataclass(frozen=True, slots=True)
class ContentKey:
    """The key of a build, as hexadecimal digits, or "" if `defeats` say why there is none.

    `parts` are digests of what went into it by name, to tell two keys apart.
    """

    text: str
    parts: Mapping[str, str] = field(default_factory=dict)
    defeats: tuple[Defeat, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingredients:
    """What a key is made from.

    `build` is resolved in the world as it is, `still` in the still one; `template` is
    asked only which functions are to blame.  `versions` are names and versions of
    what bakes.
    """

    build: Build
    still: Build
    base: BaseImage | None
    template: Template
    reader: DigestReader
    versions: Mapping[str, str]


def content_key(given: Ingredients) -> ContentKey:
    """Return the key of a build; `OSError` if a file can't be read."""
    return _Fingerprint(given).key()


class _Fingerprint:
    def __init__(self, given: Ingredients) -> None:
        self._given = given
        self._parts: dict[str, str] = {}
        self._defeats: list[Defeat] = []

    def key(self) -> ContentKey:
        given = self._given
        self._add("format", FORMAT)
        self._add("versions", dict(sorted(given.versions.items())))
        if given.base is not None:
            self._add("base image", [given.base.id, given.base.digest])
        self._block(
            f'source "{given.build.source.type}"',
            given.build.source.options,
            given.still.source.options,
        )
        self._add("source type", given.build.source.type)
        steps = zip(given.build.provisioners, given.still.provisioners, strict=True)
        for at, (step, still) in enumerate(steps, 1):
            self._provisioner(at, step, still)
        if self._defeats:
            return ContentKey("", self._parts, tuple(self._defeats))
        return ContentKey(_digest(self._parts), self._parts)

    def _provisioner(self, at: int, step: Provisioner, still: Provisioner) -> None:
        name = f'provisioner {at} "{step.type}"'
        real = step.options(_PLACEHOLDERS)
        self._add(f"{name} type", step.type)
        self._add(f"{name} goes on after errors", step.continue_on_error)
        self._block(name, real, still.options(_PLACEHOLDERS))
        if real.schema.by_name.get("generated") is not None and real.flag("generated"):
            self._defeats.append(
                Defeat(f"{name}, whose file is generated,", (), real.place("generated"))
            )

    def _block(self, name: str, real: Options, still: Options) -> None:
        for option in real.schema.options:
            if option.role is Role.MACHINERY:
                continue
            value = _plain(real.plain(option.name), Role.CONTENT)
            steady = _plain(still.plain(option.name), Role.CONTENT)
            if option.role is Role.CONTENT and (value != steady or _is_unsteady(option, value)):
                self._defeat(name, option, real)
            if steady is not None:
                self._add(f"{name} {option.name}", steady)
        for group in real.schema.groups:
            if group.role is Role.MACHINERY:
                continue
            pairs = [_blocks(one, group.name) for one in (real, still)]
            if group.role is Role.CONTENT and pairs[0] != pairs[1]:
                place = real.place(group.name)
                names = impure_names(place, self._given.template)
                self._defeats.append(Defeat(f"{group.name} of {name}", names, place))
            if pairs[1]:
                self._add(f"{name} {group.name}", pairs[1])
        self._files(name, real)

    def _defeat(self, name: str, option: Option, options: Options) -> None:
        place = options.place(option.name)
        names = impure_names(place, self._given.template)
        self._defeats.append(Defeat(f"{option.name} of {name}", names, place))

    def _files(self, name: str, options: Options) -> None:
        for option, path in files_of(options):
            if option.role is not Role.CONTENT:
                continue
            found = self._given.reader.files(path)
            shown = path.rstrip("/") if option.reads is Reads.TREE else path
            for file in found:
                place = f"{shown}/{file.path}" if file.path else shown
                self._add(f"{name} file {place}", [file.mode, file.sha256])

    def _add(self, name: str, value: Json) -> None:
        self._parts[name] = _digest(value)


# What a running build has is the same for every run, as far as the image is concerned.
_PLACEHOLDERS: Final = {name: f"<{name}>" for name in BUILD_NAMES}

_UNSTEADY: Final = re.compile(r"\{\{[^}]*\b(timestamp|isotime|strftime|uuid)\b")


def _is_unsteady(option: Option, value: Json) -> bool:
    """Say whether a text whose `{{ }}` is filled in later depends on time or chance then."""
    return option.held and _UNSTEADY.search(write_json(value)) is not None


def _blocks(options: Options, name: str) -> list[Json]:
    return [_nested(each) for each in options.blocks(name)]


def _nested(options: Options) -> Json:
    record: dict[str, Json] = {}
    for option in options.schema.options:
        value = _plain(options.plain(option.name), option.role)
        if option.role is not Role.MACHINERY and value is not None:
            record[option.name] = value
    for group in options.schema.groups:
        found = _blocks(options, group.name)
        if found:
            record[group.name] = found
    return record


def _plain(value: object, role: Role) -> Json:
    """Return an option's value as JSON."""
    assert value is not NOT_KNOWN, f"a {role.value} option is known when its key is made"
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return repr(value)
        case timedelta():
            return repr(value.total_seconds())
        case tuple() | list():
            return [_plain(each, role) for each in value]
        case dict():
            return {str(key): _plain(each, role) for key, each in sorted(value.items())}
        case _:
            return repr(value)


def _digest(value: object) -> str:
    text = write_json(value)  # type: ignore[arg-type]  # parts are JSON
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _file_and_line(place: SourceRange) -> str:
    return f"{place.file.name}:{place.first.line}"


def changed_parts(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    """Iterate over the names of what differs between two keys, in the order of the newer one."""
    for name, digest in now.items():
        if before.get(name) != digest:
            yield name if name in before else f"{name} (new)"
    yield from (f"{name} (gone)" for name in before if name not in now)
