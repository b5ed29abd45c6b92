"""EDGE: putting modules where the loader finds them, for `init` and `get`.

Folders are used where they are, git repositories are cloned below the data
folder, and the manifest says what is where, as terraform's does.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cotta.configs.loader import (
    DATA_FOLDER,
    Installed,
    Manifest,
    load_module,
    read_manifest,
    write_manifest,
)
from cotta.configs.modules import build_tree
from cotta.configs.sources import GitSource, LocalSource, RegistrySource, SourceError, parse_source
from cotta.system.processes import CommandError, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotta.addrs.resources import ModulePath
    from cotta.configs.model import Configuration, Module, ModuleCall
    from cotta.diagnostics.diagnostics import Diagnostics


@dataclass(frozen=True, slots=True)
class Installation:
    """One module that was put in place, for the screen: its path, source and folder."""

    path: ModulePath
    source: str
    folder: str


def install_modules(
    folder: Path,
    diags: Diagnostics,
    *,
    data_folder: Path | None = None,
    is_upgrade: bool = False,
    shown_from: Path | None = None,
    report: Callable[[Installation], None] = lambda _: None,
) -> Configuration | None:
    """Return the configuration in `folder` with every module of it installed.

    What is cloned already is used again, unless `is_upgrade`; `report` is told
    of the rest.  The manifest is
    written even after mistakes, with what could be installed; None is the
    answer for a root that can't be read.
    """
    start = shown_from if shown_from is not None else Path.cwd()
    root = load_module(folder, diags, shown_from=start)
    if diags.has_errors:
        return None
    where = data_folder if data_folder is not None else folder / DATA_FOLDER
    installer = _Installer(folder, where, start, diags)
    installer.before = Manifest({}) if is_upgrade else read_manifest(where, diags)
    installer.report = report
    tree = build_tree(root, installer.install, diags)
    if tree.module.calls or installer.before.entries:
        write_manifest(where, Manifest(installer.done))
    return tree


class _Installer:
    """Puts one module after another in place, callers before those they call."""

    def __init__(self, root: Path, data: Path, shown_from: Path, diags: Diagnostics) -> None:
        self.root = root
        self.data = data
        self.shown_from = shown_from
        self.diags = diags
        self.before = Manifest({})
        self.report: Callable[[Installation], None] = lambda _: None
        # The root itself is the first entry, as in terraform's manifest.
        self.done: dict[str, Installed] = {"": Installed("", "", ".")}

    def install(self, path: ModulePath, call: ModuleCall) -> Module | None:
        """Return the module that a call at a path stands for, now in place."""
        try:
            source = parse_source(call.source, has_version=bool(call.version))
        except SourceError:
            return None  # the call's own diagnostic has said so
        key = ".".join(path)
        match source:
            case LocalSource(path=beside):
                parent = self.done[".".join(path[:-1])].folder
                folder = os.path.normpath(f"{parent}/{beside}")
                text = call.source
            case GitSource():
                found = self.clone(key, source, call)
                if found is None:
                    return None
                folder, text = found, str(source)
            case RegistrySource():
                self.refuse(
                    call,
                    f"{source} is in a registry, and modules are not fetched from registries yet."
                    " Name its git repository instead.",
                )
                return None
            case _:
                self.refuse(
                    call,
                    f'Modules are not fetched with "{source.getter}" yet. Folders and git'
                    " repositories can be named.",
                )
                return None
        if not (self.root / folder).is_dir():
            self.diags.error(
                "Unreadable module directory",
                f'There is no folder {folder}, which the module "{call.name}" names.',
                call.source_range,
            )
            return None
        self.done[key] = Installed(key, text, folder)
        if self.before.entries.get(key) != self.done[key]:
            self.report(Installation(path, text, folder))
        return load_module(self.root / folder, self.diags, shown_from=self.shown_from)

    def refuse(self, call: ModuleCall, detail: str) -> None:
        self.diags.error("Failed to download module", detail, call.source_range)

    def clone(self, key: str, source: GitSource, call: ModuleCall) -> str | None:
        """Return the folder of a git module, from before if its source is the same."""
        earlier = self.before.entries.get(key)
        if (
            earlier is not None
            and earlier.source == str(source)
            and (self.root / earlier.folder).is_dir()
        ):
            return earlier.folder
        target = self.data / "modules" / key
        shutil.rmtree(target, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            _clone(source, target)
        except CommandError as error:
            shutil.rmtree(target, ignore_errors=True)
            self.refuse(call, f"git could not fetch {source.url}. It said:\n    {error.tail}")
            return None
        inside = target / source.subfolder if source.subfolder else target
        return os.path.relpath(inside, self.root)


def _clone(source: GitSource, target: Path) -> None:
    """Clone a repository and check out what is asked for; raise `CommandError` if that fails.

    `--` keeps a source from being read as an option.
    """
    argv = ["git", "clone", "--quiet"]
    if source.depth:
        argv += ["--depth", str(source.depth), "--no-single-branch"]
        if source.ref:
            argv += [f"--branch={source.ref}"]
    run([*argv, "--", source.url, str(target)], environment=_environment())
    if source.ref and not source.depth:
        # A branch is only known as the remote's after a clone; tags and commits as they are.
        is_branch = _has_branch(source.ref, target)
        ref = f"origin/{source.ref}" if is_branch else source.ref
        _git(target, "checkout", "--quiet", "--detach", ref, "--")
    _git(target, "submodule", "--quiet", "update", "--init", "--recursive")


def _has_branch(name: str, target: Path) -> bool:
    try:
        _git(target, "show-ref", "--verify", "--quiet", f"refs/remotes/origin/{name}")
    except CommandError:
        return False
    return True


def _git(folder: Path, *arguments: str) -> None:
    run(["git", *arguments], folder=folder, environment=_environment())


def _environment() -> dict[str, str]:
    """Return the environment for git, which must never wait for somebody to type."""
    return {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
