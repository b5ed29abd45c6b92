"""From files to builds in one go, with everything that is wrong told once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cotta.builder.templates.naming import Surrounding, evaluate_names
from cotta.builder.templates.plugins import check_plugins
from cotta.builder.templates.read import read_template
from cotta.builder.templates.references import check_references
from cotta.builder.templates.resolving import Conditions, resolve_builds
from cotta.builder.templates.selection import EVERYTHING, Selection
from cotta.builder.templates.variables import assign, gather
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.hcl.functions.surroundings import Surroundings
from cotta.hcl.functions.tables import packer_functions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from cotta.builder.model import Build
    from cotta.builder.options.values import Options
    from cotta.builder.templates.declared import Template
    from cotta.builder.templates.naming import Evaluated
    from cotta.builder.templates.outline import BlockOutline
    from cotta.diagnostics.diagnostics import Diagnostic
    from cotta.diagnostics.source import SourceRange
    from cotta.hcl.ast import File
    from cotta.hcl.functions.surroundings import FileReader
    from cotta.values.functions import Function
    from cotta.values.value import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person asked for, and the world it is asked in.

    `value_files` are files with values for variables, those that are always
    read first, by name and content; `value_options` the `name=value` of
    `-var`.  `started` is the one time of everything, in UTC.  Without
    `read_data` the answers of data sources are unknown.
    """

    folder: str
    working_folder: str
    value_files: tuple[tuple[str, bytes], ...] = ()
    value_options: tuple[str, ...] = ()
    environment: Mapping[str, str]
    reader: FileReader
    started: datetime
    random: Callable[[int], bytes]
    selection: Selection = field(default_factory=lambda: EVERYTHING)
    warns_of_undeclared: bool = False
    read_data: Callable[[str, Options], Value] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """A template with its values, the builds that were asked for, and what its blocks have."""

    template: Template
    evaluated: Evaluated
    builds: tuple[Build, ...]
    blocks: tuple[BlockOutline, ...]


def functions_for(asked: Asked) -> Mapping[str, Function]:
    """Return Packer's functions: the clock stands at the start, and paths begin at its folder."""
    return packer_functions(
        Surroundings(
            files=asked.reader,
            base=asked.folder,
            now=lambda: asked.started,
            random=asked.random,
            plan_time=asked.started,
            environment=asked.environment,
        )
    )


def read_declarations(files: Iterable[File], asked: Asked, diags: Diagnostics) -> Template:
    """Return what the files declare, without evaluating more than defaults."""
    functions = functions_for(asked)
    return read_template(files, {"env": functions["env"]}, diags)


def understand(
    files: Iterable[File], asked: Asked, diags: Diagnostics, *, needs_all: bool = True
) -> Understood:
    """Return the builds of a template; they are good for running only without errors in `diags`."""
    found = Diagnostics()
    functions = functions_for(asked)
    template = read_template(files, {"env": functions["env"]}, found)
    check_plugins(template, found)
    given = gather(asked.environment, asked.value_files, asked.value_options, found)
    variables = assign(
        template,
        given,
        functions,
        found,
        warns_of_undeclared=asked.warns_of_undeclared,
        needs_all=needs_all,
    )
    check_references(template, found)
    around = Surrounding(
        functions=functions,
        folder=asked.folder,
        working_folder=asked.working_folder,
        # With mistakes around, nobody is asked anything.
        read_data=None if found.has_errors else asked.read_data,
    )
    evaluated = evaluate_names(template, variables, around, found)
    conditions = Conditions(
        started=asked.started,
        random=asked.random,
        around=around,
        selection=asked.selection,
        files=asked.reader,
    )
    builds, blocks = resolve_builds(template, evaluated, conditions, found)
    diags.extend(without_repeats(found))
    return Understood(template=template, evaluated=evaluated, builds=builds, blocks=blocks)


def without_repeats(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return diagnostics once each, in the order of their places; those without one first.

    A source that two builds use is wrong in both.
    """
    seen: set[tuple[str, str, SourceRange | None]] = set()
    kept: list[Diagnostic] = []
    for one in found:
        key = (one.summary, one.detail, one.subject)
        if key not in seen:
            seen.add(key)
            kept.append(one)
    files: dict[str, int] = {}
    for one in kept:
        if one.subject is not None:
            files.setdefault(one.subject.file.name, len(files))
    return sorted(kept, key=lambda one: _position(one.subject, files))


def _position(place: SourceRange | None, files: Mapping[str, int]) -> tuple[int, int]:
    return (-1, 0) if place is None else (files[place.file.name], place.start)
