"""Where a module comes from: the `source` of a call, taken apart."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import Final, TypeAlias

from cotta.addrs.providers import DEFAULT_HOST


@dataclass(frozen=True, slots=True)
class LocalSource:
    """A folder beside the calling one; `path` begins with `./` or `../`."""

    path: str

    def __str__(self) -> str:
        return self.path


@dataclass(frozen=True, slots=True)
class RegistrySource:
    """A module in a registry."""

    host: str
    namespace: str
    name: str
    provider: str
    subfolder: str = ""

    def __str__(self) -> str:
        inside = f"//{self.subfolder}" if self.subfolder else ""
        return f"{self.host}/{self.namespace}/{self.name}/{self.provider}{inside}"


@dataclass(frozen=True, slots=True)
class GitSource:
    """A folder in a git repository; `ref` is what to check out, "" for the usual branch."""

    url: str
    ref: str = ""
    depth: int = 0
    subfolder: str = ""

    def __str__(self) -> str:
        inside = f"//{self.subfolder}" if self.subfolder else ""
        query = f"?ref={self.ref}" if self.ref else ""
        return f"git::{self.url}{inside}{query}"


@dataclass(frozen=True, slots=True)
class RemoteSource:
    """A package that is fetched in some other way; `getter` is how: "https", "s3", "hg" …."""

    getter: str
    address: str

    def __str__(self) -> str:
        return self.address


ModuleSource: TypeAlias = LocalSource | RegistrySource | GitSource | RemoteSource


class SourceError(ValueError):
    """No source at all; the text is a clause that says why.

    `maybe_path` tells that it would be one with `./` before it.
    """

    def __init__(self, reason: str, *, maybe_path: bool = False) -> None:
        super().__init__(reason)
        self.maybe_path = maybe_path


_NAME: Final = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z_-]{0,62}[0-9A-Za-z])?")
_PROVIDER: Final = re.compile(r"[0-9a-z]{1,64}")
_HOST: Final = re.compile(r"(?=.*[.:])[0-9A-Za-z][0-9A-Za-z.-]*(?::[0-9]+)?|localhost(?::[0-9]+)?")
_FORCED: Final = re.compile(r"([A-Za-z0-9]+)::(.+)", re.DOTALL)
_SCP: Final = re.compile(r"(?:([A-Za-z0-9_.-]+)@)([A-Za-z0-9.-]+):(.+)")
_NOT_REGISTRIES: Final = frozenset({"github.com", "bitbucket.org", "gitlab.com"})


def parse_source(text: str, *, has_version: bool) -> ModuleSource:
    """Return where `text` says that a module comes from; raise `SourceError` if nowhere.

    A call with a version is one of a registry, whatever its source looks like.
    """
    if not has_version:
        if text.startswith(("./", "../", ".\\", "..\\")):
            return LocalSource(_clean_path(text))
        try:
            return parse_registry_source(text)
        except SourceError:
            return _parse_remote(text)
    if text.startswith(("./", "../", ".\\", "..\\")):
        raise SourceError("a folder can't be asked for a version; only registries have versions")
    return parse_registry_source(text)


def _clean_path(text: str) -> str:
    clean = posixpath.normpath(text.replace("\\", "/"))
    return clean if clean.startswith("..") else f"./{clean}" if clean != "." else "./"


def parse_registry_source(text: str) -> RegistrySource:
    """Return the registry module that `[host/]namespace/name/provider[//folder]` means."""
    package, subfolder = _split_subfolder(text)
    parts = package.split("/")
    host = DEFAULT_HOST
    if len(parts) == 4:
        host = parts.pop(0).lower()
        if not _HOST.fullmatch(host):
            raise SourceError(f'"{host}" is no host name')
        if host in _NOT_REGISTRIES:
            raise SourceError(f"{host} is no registry of modules")
    if len(parts) != 3:
        raise SourceError(
            "the source of a module in a registry has three or four parts between slashes"
        )
    if not _NAME.fullmatch(parts[0]) or not _NAME.fullmatch(parts[1]):
        raise SourceError(
            "namespaces and names of modules have letters, digits, dashes and underscores"
        )
    if not _PROVIDER.fullmatch(parts[2]):
        raise SourceError("the last part is the name of a provider: lower-case letters and digits")
    return RegistrySource(host, parts[0], parts[1], parts[2], subfolder)


def _split_subfolder(text: str) -> tuple[str, str]:
    """Return a package and the folder inside, which follows a double slash."""
    start = text.find("://")
    at = text.find("//", start + 3 if start >= 0 else 0)
    if at < 0:
        return text, ""
    package, folder = text[:at], text[at + 2 :]
    query = ""
    if "?" in folder:
        folder, _, query = folder.partition("?")
        query = f"?{query}"
    clean = posixpath.normpath(folder)
    if clean.startswith(("..", "/")):
        raise SourceError("the folder leads out of the package")
    return package + query, "" if clean == "." else clean


def _parse_remote(text: str) -> ModuleSource:
    forced = _FORCED.fullmatch(text)
    getter, address = (forced[1], forced[2]) if forced is not None else ("", text)
    package, subfolder = _split_subfolder(address)
    if getter not in ("", "git"):
        return RemoteSource(getter, text)
    if not getter:
        detected = _detect(package)
        if detected is None:
            raise SourceError(f'nothing tells how to fetch "{text}"', maybe_path=bool(text))
        package = detected
        if package.startswith("git::"):
            getter, package = "git", package.removeprefix("git::")
        elif not package.startswith(("git://", "ssh://")):
            return RemoteSource(package.partition(":")[0], text)
    return _git(package, subfolder)


def _detect(package: str) -> str | None:
    """Return the package as a URL, with `git::` where its host tells so; None if it is none."""
    scp = _SCP.fullmatch(package)
    if scp is not None and "://" not in package:
        return f"git::ssh://{scp[1]}@{scp[2]}/{scp[3]}"
    if package.startswith(("github.com/", "gitlab.com/", "bitbucket.org/")):
        address, _, query = package.partition("?")
        parts = address.split("/")
        if len(parts) < 3:
            raise SourceError(f"{parts[0]} sources are {parts[0]}/owner/repository")
        name = parts[2].removesuffix(".git")
        query = f"?{query}" if query else ""
        return f"git::https://{parts[0]}/{parts[1]}/{name}.git{query}"
    if "://" in package:
        return package
    if package.startswith("/"):
        return f"file://{package}"
    return None


def _git(package: str, subfolder: str) -> GitSource:
    scp = _SCP.fullmatch(package)
    if scp is not None and "://" not in package:
        package = f"ssh://{scp[1]}@{scp[2]}/{scp[3]}"
    url, _, query = package.partition("?")
    ref, depth, rest = "", 0, []
    for part in filter(None, query.split("&")):
        name, _, value = part.partition("=")
        if name == "ref":
            ref = value
        elif name == "depth" and value.isdigit():
            depth = int(value)
        else:
            rest.append(part)
    return GitSource(url + (f"?{'&'.join(rest)}" if rest else ""), ref, depth, subfolder)
