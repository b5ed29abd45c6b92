"""A template and its values become builds.

Each `build` block makes one build per source.  What a block says about
itself rather than about its kind (`only`, `timeout`, `override`, …) is read
here; what its kind declares, by `options/decode.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from cotta.builder.layer.building import BuildLayer
from cotta.builder.layer.functions import packer_functions as layer_functions
from cotta.builder.model import Build, Source
from cotta.builder.options.decode import Reading, decode_options
from cotta.builder.options.files import check_files
from cotta.builder.options.tables import ABSENT_SOURCES, SOURCES
from cotta.builder.templates.evaluating import evaluate_text
from cotta.builder.templates.outline import outline_of
from cotta.builder.templates.selection import EVERYTHING, Selection, report_unmatched
from cotta.builder.templates.steps import (
    STEP_BLOCKS,
    StepReader,
    in_scope_of,
    read_steps,
)
from cotta.builder.templates.uses import SOURCE_USE, Use, read_uses
from cotta.builder.versions import PACKER_VERSION
from cotta.configs.blocks import schema
from cotta.diagnostics.suggest import did_you_mean
from cotta.hcl.bodies import BlockSchema, BodySchema, content
from cotta.hcl.dynamic import expand, with_dynamic
from cotta.values.convert import ConversionError, convert
from cotta.values.types import STRING
from cotta.values.value import Mark, is_container, items, marks_of, unmark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from cotta.builder.templates.declared import Template
    from cotta.builder.templates.naming import Evaluated, Surrounding
    from cotta.builder.templates.outline import BlockOutline
    from cotta.builder.templates.steps import Step
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.hcl.ast import Attribute, Block
    from cotta.hcl.functions.surroundings import FileReader
    from cotta.values.value import Value

_BUILD: Final = BodySchema(
    schema("name", "description", "sources"),
    (SOURCE_USE, *STEP_BLOCKS, BlockSchema("hcp_packer_registry")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Under which conditions a template is resolved: when, where, by what chance.

    Relative paths of `files` begin at the working folder.
    """

    started: datetime
    random: Callable[[int], bytes]
    around: Surrounding
    files: FileReader
    selection: Selection = field(default_factory=lambda: EVERYTHING)


def resolve_builds(
    template: Template, evaluated: Evaluated, conditions: Conditions, diags: Diagnostics
) -> tuple[tuple[Build, ...], tuple[BlockOutline, ...]]:
    """Return the builds that are meant, in the order of the template, and what its blocks have.

    Everything wrong with them is in `diags`; they are good for running only if
    that has no errors.
    """
    resolver = _Resolver(template, evaluated, conditions, diags)
    builds = [each for block in template.builds for each in resolver.builds_of(block)]
    report_unmatched(conditions.selection, resolver.ids, resolver.post_processor_names, diags)
    return tuple(builds), tuple(resolver.outlines)


class _Resolver:
    def __init__(
        self,
        template: Template,
        evaluated: Evaluated,
        conditions: Conditions,
        diags: Diagnostics,
    ) -> None:
        self._template = template
        self._evaluated = evaluated
        self._conditions = conditions
        self._diags = diags
        self._secrets = least_secrets(
            secrets_in([*evaluated.variables.values(), *evaluated.locals.values()])
        )
        self._user_variables = _texts(evaluated.variables)
        self.ids: list[str] = []
        self.outlines: list[BlockOutline] = []
        self.post_processor_names: set[str] = set()

    def builds_of(self, block: Block) -> Iterator[Build]:
        scope = self._evaluated.scope
        found = content(block.body, with_dynamic(_BUILD), self._diags)
        expanded = expand(found, _BUILD, scope, self._diags)
        name = self._text("name", found.attributes)
        uses = read_uses(block, found, expanded, self._template, scope, self._diags)
        steps = read_steps(expanded, [use.key for use in uses], self._diags)
        description = self._text("description", found.attributes)
        self.outlines.append(outline_of(name, description, uses, steps))
        self.post_processor_names.update(
            label
            for step in steps
            for link in (step.links or (step,))
            for label in (link.name, link.type)
            if link.is_post_processor
        )
        for use in uses:
            id_ = f"{name}.{use.key}" if name else use.key
            self.ids.append(id_)
            if self._conditions.selection.has_build(id_):
                build = self._build(id_, name, use, steps, block)
                if build is not None:
                    yield build

    def _text(self, name: str, attributes: Mapping[str, Attribute]) -> str:
        attribute = attributes.get(name)
        if attribute is None:
            return ""
        return evaluate_text(attribute.expression, name, self._evaluated.scope, self._diags)

    def _build(
        self, id_: str, name: str, use: Use, steps: Sequence[Step], block: Block
    ) -> Build | None:
        layer = self._layer(use)
        source = self._source(use, layer)
        if source is None:
            return None
        reader = StepReader(
            scope=in_scope_of(self._evaluated.scope, use.type, use.name, name),
            build_name=name,
            use=use,
            layer=layer,
            selection=self._conditions.selection,
            files=self._conditions.files,
            diags=self._diags,
        )
        cleanups = [step for step in steps if step.kind == "error-cleanup-provisioner"]
        return Build(
            id=id_,
            name=name,
            source=source,
            provisioners=tuple(
                made
                for step in steps
                if step.kind == "provisioner" and (made := reader.provisioner(step)) is not None
            ),
            error_cleanup=reader.provisioner(cleanups[0]) if cleanups else None,
            post_processors=tuple(chain for step in steps if (chain := reader.chain(step))),
            layer=layer,
            range=block.header_range,
            secrets=self._secrets,
        )

    def _layer(self, use: Use) -> BuildLayer:
        conditions = self._conditions
        return BuildLayer(
            conditions.started,
            layer_functions(
                started=conditions.started,
                build_name=use.name,
                build_type=use.type,
                folder=conditions.around.folder,
                working_folder=conditions.around.working_folder,
                version=PACKER_VERSION,
                random=conditions.random,
                user_variables=self._user_variables,
            ),
        )

    def _source(self, use: Use, layer: BuildLayer) -> Source | None:
        kind = SOURCES.get(use.type)
        if kind is None:
            why = ABSENT_SOURCES.get(use.type)
            hint = did_you_mean(use.type, [*SOURCES, *ABSENT_SOURCES])
            self._diags.error(
                "Source that is not native" if why else "Unknown source type",
                f'There is no source "{use.type}" here. '
                f"{why or f'There is {_listed(SOURCES)}.{hint}'}",
                use.type_range,
            )
            return None
        reading = Reading(
            scope=in_scope_of(self._evaluated.scope, use.type, use.name, None),
            render=layer.render,
            what=f'source "{use.type}"',
            place=use.range,
            skipped=frozenset({"name"}) if use.has_body else frozenset(),
        )
        options = decode_options(kind, use.bodies, reading, self._diags)
        check_files(options, self._conditions.files, self._diags)
        return Source(type=use.type, name=use.name, options=options, range=use.range)


def _listed(names: Mapping[str, object]) -> str:
    return ", ".join(f'"{name}"' for name in sorted(names))


def _texts(variables: Mapping[str, Value]) -> dict[str, str]:
    """Return the variables that can be texts, for the function `user` of the layer."""
    texts: dict[str, str] = {}
    for name, value in variables.items():
        try:
            text = convert(unmark(value)[0], STRING)
        except ConversionError:
            continue
        if isinstance(text, str):
            texts[name] = text
    return texts


def secrets_in(values: Sequence[Value]) -> Iterator[str]:
    """Iterate over the texts in values that are sensitive, at any depth."""
    pending = [(value, False) for value in values]
    while pending:
        value, is_secret = pending.pop()
        is_secret = is_secret or Mark.SENSITIVE in marks_of(value)
        bare, _marks = unmark(value)
        if isinstance(bare, str) and is_secret and bare:
            yield bare
        elif is_container(bare):
            pending += [(each, is_secret) for _, each in items(bare)]


def least_secrets(secrets: Iterable[str]) -> frozenset[str]:
    """Return the secrets without those that have another one in them.

    To hide the shorter hides what is secret about the longer, and leaves the
    rest of it readable.
    """
    kept: list[str] = []
    for secret in sorted(set(secrets), key=len):
        if not any(inner in secret for inner in kept):
            kept.append(secret)
    return frozenset(kept)
