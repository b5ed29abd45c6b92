"""The builds of a template as the practices look at them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cotta.builder.options.values import NotKnownError
from cotta.builder.understanding import understand
from cotta.cli.templates import asked_for, read_files
from cotta.diagnostics.diagnostics import Diagnostics, DiagnosticsError
from cotta.practices.machines import SECRET_TEXT
from cotta.practices.subjects import Command, ImageFacts, Upload

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from cotta.builder.model import Build, Provisioner
    from cotta.builder.options.values import Options
    from cotta.cli.terminal import Terminal
    from cotta.diagnostics.source import SourceFile, SourceRange

_SHELLS = frozenset({"shell"})
_WRITES = re.compile(r">|\btee\b")
# A script that is longer is no script that moves one folder.
_LARGEST_SCRIPT = 256 * 1024


def facts_of_template(path: Path, given: Namespace, terminal: Terminal) -> list[ImageFacts]:
    """Return what each build of a template puts into its image; raise `DiagnosticsError`.

    Values of variables are not needed, and no cloud is asked.
    """
    diags = Diagnostics()
    files = read_files(path, given, diags)
    diags.raise_if_errors()
    assert files is not None
    asked = asked_for(files, given, terminal)
    understood = understand(files.files, asked, diags, needs_all=False)
    diags.raise_if_errors()
    sources = {one.source.name: one.source for one in files.files}
    return [_facts(build, files.folder, sources) for build in understood.builds]


def _facts(build: Build, folder: Path, files: Mapping[str, SourceFile]) -> ImageFacts:
    options = build.source.options
    lookup = _block(options, "source_ami_filter")
    steps = [(one, found) for one in build.provisioners if (found := _options(one)) is not None]
    return ImageFacts(
        name=build.id,
        kind=build.source.type,
        place=build.source.range,
        names=tuple(_patterns(lookup)) if lookup is not None else (),
        owners=_texts(lookup, "owners") if lookup is not None else (),
        has_lookup=lookup is not None and lookup.flag("most_recent"),
        lookup_place=lookup.place_of_block if lookup is not None else None,
        has_tags=any(_is_set(options, name) for name in ("tags", "tag")),
        uploads=tuple(_uploads(steps)),
        commands=tuple(_commands(steps, folder)),
        secrets=tuple(_secrets(build, steps, folder)),
        files=files,
    )


def _options(provisioner: Provisioner) -> Options | None:
    """Return the options of a step; None where they are known only while building."""
    try:
        return provisioner.options({})
    except (DiagnosticsError, NotKnownError):
        return None


def _block(options: Options, name: str) -> Options | None:
    return options.block(name) if name in options.schema.groups_by_name else None


def _is_set(options: Options, name: str) -> bool:
    schema = options.schema
    return (name in schema.by_name or name in schema.groups_by_name) and options.is_set(name)


def _texts(options: Options, name: str) -> tuple[str, ...]:
    try:
        return tuple(options.texts(name))
    except NotKnownError:
        return ("(not known yet)",)


def _patterns(lookup: Options) -> Iterator[str]:
    try:
        name = lookup.mapping("filters").get("name")
    except NotKnownError:
        return
    if name:
        yield name


def _uploads(steps: list[tuple[Provisioner, Options]]) -> Iterator[Upload]:
    for step, options in steps:
        if step.type != "file":
            continue
        try:
            if options.text("direction") == "download":
                continue
            listed = (options.text("source"), *options.texts("sources"))
            destination = options.text("destination")
        except NotKnownError:
            continue
        for source in listed or ("content",):
            if source:
                yield Upload(source=source, destination=destination, place=step.range)


def _commands(steps: list[tuple[Provisioner, Options]], folder: Path) -> Iterator[Command]:
    for step, options in steps:
        if step.type not in _SHELLS:
            continue
        try:
            inline = "\n".join(options.texts("inline"))
            scripts = [name for name in (options.text("script"), *options.texts("scripts")) if name]
        except NotKnownError:
            continue
        if inline:
            yield Command(text=inline, place=step.range)
        for name in scripts:
            text = _script(folder / name)
            if text is not None:
                yield Command(text=text, place=step.range)


def _script(path: Path) -> str | None:
    try:
        if path.stat().st_size > _LARGEST_SCRIPT:
            return None
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None  # `validate` and `build` say so.


def _secrets(
    build: Build, steps: list[tuple[Provisioner, Options]], folder: Path
) -> Iterator[tuple[str, SourceRange | None]]:
    """Yield files that are made of sensitive values, or that hold a key or token."""
    for step, options in steps:
        if step.type != "file":
            continue
        try:
            content, destination = options.text("content"), options.text("destination")
            sources = [options.text("source"), *options.texts("sources")]
        except NotKnownError:
            continue
        if any(secret in content for secret in build.secrets if secret):
            yield f"A sensitive value goes into {destination}.", step.range
        for name in ("content", *(one for one in sources if one)):
            text = content if name == "content" else _script(folder / name)
            if text is not None and SECRET_TEXT.search(text) is not None:
                what = "The content" if name == "content" else name
                yield f"{what}, which goes to {destination}, has a key or token in it.", step.range
    for step, options in steps:
        if step.type not in _SHELLS:
            continue
        try:
            lines = options.texts("inline")
        except NotKnownError:
            continue
        # One that a command only uses is gone with the build's machine.
        kept = [line for line in lines if _WRITES.search(line) is not None]
        if any(secret in line for line in kept for secret in build.secrets if secret):
            yield "A sensitive value is written to a file.", step.range
