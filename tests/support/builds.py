"""Builds for tests: a voice that is heard, and builds from templates."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cotta.builder.model import Build, PostProcessor, Provisioner, RenderError, Source
from cotta.builder.options.declare import Kind
from cotta.builder.options.tables import POST_PROCESSORS, PROVISIONERS, SOURCES
from cotta.builder.options.values import Options
from cotta.builder.running import Run
from cotta.diagnostics.source import SourceFile, SourceRange
from cotta.system.clock import SystemClock
from cotta.system.ids import CountedIds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from cotta.builder.model import Layer
    from cotta.builder.options.declare import Schema
    from cotta.clouds.which import Access


@dataclass
class Heard:
    """Keeps what a build says; answers with `answers`, then with nothing."""

    answers: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    everything: list[str] = field(default_factory=list)
    # What it is about, how much is done, how much there is.
    moves: list[tuple[str, int, int]] = field(default_factory=list)

    def say(self, text: str) -> None:
        """Keep what is being done."""
        self.said.append(text)
        self.everything.append(f"==> {text}")

    def message(self, text: str) -> None:
        """Keep a detail."""
        self.messages.append(text)
        self.everything.append(f"    {text}")

    def error(self, text: str) -> None:
        """Keep what went wrong."""
        self.errors.append(text)
        self.everything.append(f"!!! {text}")

    def ask(self, question: str) -> str:
        """Answer as was given."""
        self.questions.append(question)
        return self.answers.pop(0) if self.answers else ""

    def progress(self, what: str, done: int, total: int) -> None:
        """Keep how far something is."""
        self.moves.append((what, done, total))


# --- blocks as they come out of a template ----------------------------------------------------


def a_place(line: int = 3) -> SourceRange:
    """Return a place in a template."""
    file = SourceFile("app.pkr.hcl", "\n" * (line - 1) + "provisioner\n")
    return SourceRange(file, line - 1, line + 10)


def options_of(schema: Schema, **written: Any) -> Options:
    """Return the options of a block in which these were written; a nested block is a dictionary.

    Several nested blocks of a name are a list of dictionaries.
    """
    values: dict[str, Any] = {}
    for option in schema.options:
        default = option.default
        if option.kind is Kind.DURATION and isinstance(default, str):
            default = timedelta(seconds=float(default[:-1]) * {"s": 1, "m": 60}[default[-1]])
        values[option.name] = default
    for name, value in written.items():
        if name in schema.groups_by_name:
            inner = schema.groups_by_name[name].schema
            blocks = value if isinstance(value, list) else [value]
            values[name] = tuple(options_of(inner, **block) for block in blocks)
        elif name not in schema.by_name:
            raise KeyError(name)
        else:
            values[name] = tuple(value) if isinstance(value, list) else value
    place = a_place()
    return Options(schema, values, dict.fromkeys(written, place), place)


class PlainLayer:
    """Fills in `{{.Name}}` and `{{timestamp}}`: what tests need of the layer."""

    def __init__(self, started: datetime = datetime(2026, 11, 29, 12, tzinfo=UTC)) -> None:
        self.started = started

    def render(
        self,
        text: str,
        fields: Mapping[str, object] | None = None,
        generated: Mapping[str, str | int | bool] | None = None,
    ) -> str:
        """Return the text, filled in."""

        def meaning(match: re.Match[str]) -> str:
            name = match[1]
            if name == "timestamp":
                return str(int(self.started.timestamp()))
            if name.startswith("."):
                return str((fields or {})[name[1:]])
            raise RenderError(f"there is no {name}")

        return re.sub(r"\{\{-? *([.\w]+) *-?\}\}", meaning, text)


def a_provisioner(kind: str, *, running: Mapping[str, Any] | None = None, **written: Any) -> Any:
    """Return a provisioner; `running` is what all kinds have: max_retries, timeout."""
    options = options_of(PROVISIONERS[kind], **written)
    return Provisioner(
        type=kind, name=kind, options=lambda _: options, range=a_place(), **(running or {})
    )


def a_post_processor(kind: str, *, keep: bool | None = None, **written: Any) -> PostProcessor:
    """Return a post-processor."""
    options = options_of(POST_PROCESSORS[kind], **written)
    return PostProcessor(
        type=kind,
        name=kind,
        options=lambda _: options,
        range=a_place(),
        keep_input_artifact=keep,
    )


def a_build(
    *provisioners: Provisioner,
    kind: str = "null",
    name: str = "app",
    error_cleanup: Provisioner | None = None,
    chains: Sequence[Sequence[PostProcessor]] = (),
    layer: Layer | None = None,
    **written: Any,
) -> Build:
    """Return a build with a source of some kind."""
    return Build(
        id=f"{kind}.{name}",
        name="",
        source=Source(
            type=kind, name=name, options=options_of(SOURCES[kind], **written), range=a_place(1)
        ),
        provisioners=tuple(provisioners),
        error_cleanup=error_cleanup,
        post_processors=tuple(tuple(chain) for chain in chains),
        layer=layer or PlainLayer(),
        range=a_place(1),
    )


def a_run(home: Path, **changes: Any) -> Run:
    """Return a run that nobody ends."""

    def no_cloud() -> Access:
        raise AssertionError("no cloud is to be asked here")

    plain: dict[str, Any] = {
        "access": no_cloud,
        "uuid": "11111111-2222-4333-8444-555555555555",
        "folder": home,
        "home": home / "home",
        "environment": {"PATH": os.environ["PATH"]},
        "cancelled": lambda: False,
        "clock": SystemClock(),
        "ids": CountedIds(),
    }
    return Run(**{**plain, **changes})
