"""The provisioners and post-processors of a `build` block, as each of its builds has them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from cotta.builder.model import PostProcessor, Provisioner
from cotta.builder.options.decode import Reading, decode_options
from cotta.builder.options.files import check_files
from cotta.builder.options.tables import (
    ABSENT_POST_PROCESSORS,
    ABSENT_PROVISIONERS,
    POST_PROCESSORS,
    PROVISIONERS,
)
from cotta.builder.templates.evaluating import (
    evaluate_count,
    evaluate_duration,
    evaluate_flag,
    evaluate_text,
    evaluate_texts,
)
from cotta.builder.templates.naming import Names
from cotta.builder.templates.references import BUILD_NAMES
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.diagnostics.suggest import did_you_mean
from cotta.hcl.bodies import AttributeSchema, BlockSchema, BodySchema, content, partial_content
from cotta.hcl.dynamic import expand, with_dynamic
from cotta.hcl.evaluate import evaluate
from cotta.hcl.scope import Scope
from cotta.values.types import STRING
from cotta.values.value import MapValue, ObjectValue, Unknown, is_known, items, make_string, unmark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from cotta.builder.model import Generated, Layer
    from cotta.builder.options.declare import Schema
    from cotta.builder.options.values import Options
    from cotta.builder.templates.selection import Selection
    from cotta.builder.templates.uses import Use
    from cotta.diagnostics.source import SourceRange
    from cotta.hcl.ast import Attribute, Block
    from cotta.hcl.dynamic import Expanded
    from cotta.hcl.functions.surroundings import FileReader
    from cotta.hcl.scope import Namespace
    from cotta.values.value import Value

_PROVISIONER, _CLEANUP, _POST = "provisioner", "error-cleanup-provisioner", "post-processor"
_CHAIN: Final = "post-processors"
STEP_BLOCKS: Final = (
    BlockSchema(_PROVISIONER, ("type",)),
    BlockSchema(_CLEANUP, ("type",)),
    BlockSchema(_POST, ("type",)),
    BlockSchema(_CHAIN),
)
_CHAIN_BODY: Final = BodySchema(blocks=(BlockSchema(_POST, ("type",)),))

_OF_ALL: Final = ("name", "only", "except")
_OF_PROVISIONERS: Final = (
    *_OF_ALL, "override", "pause_before", "timeout", "max_retries", "continue_on_error",
)  # fmt: skip
_OF_POST_PROCESSORS: Final = (*_OF_ALL, "keep_input_artifact")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A provisioner, a post-processor, or a chain of them (`links`), with what it says of itself.

    `kind` is the type of its block.  `overrides` are the options that a source
    of a name gets instead.
    """

    kind: str
    type: str
    block: Block
    scope: Scope
    links: tuple[Step, ...] = ()
    name: str = ""
    only: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    overrides: Mapping[str, Mapping[str, Value]] | None = None
    overrides_at: SourceRange | None = None
    pause_before: timedelta = timedelta()
    timeout: timedelta | None = None
    max_retries: int = 0
    continue_on_error: bool = False
    keep_input_artifact: bool | None = None

    @property
    def is_post_processor(self) -> bool:
        """Whether it works on artifacts, alone."""
        return self.kind == _POST

    def runs_in(self, key: str) -> bool:
        """Say whether it belongs to the build of the source `type.name`."""
        if self.only:
            return key in self.only
        return key not in self.excluded


def read_steps(expanded: Sequence[Expanded], keys: Sequence[str], diags: Diagnostics) -> list[Step]:
    """Return the steps of a build block in their order; `keys` are its sources, `type.name`."""
    steps: list[Step] = []
    for each in expanded:
        if each.block.type == _CHAIN:
            found = content(each.block.body, with_dynamic(_CHAIN_BODY), diags)
            links = tuple(
                _read(inner, keys, diags) for inner in expand(found, _CHAIN_BODY, each.scope, diags)
            )
            steps.append(
                Step(kind=_CHAIN, type="", block=each.block, scope=each.scope, links=links)
            )
        elif each.block.type in (_PROVISIONER, _CLEANUP, _POST):
            steps.append(_read(each, keys, diags))
    cleanups = [step for step in steps if step.kind == _CLEANUP]
    if len(cleanups) > 1:
        diags.error(
            "More than one error-cleanup-provisioner",
            f"There is one at {cleanups[0].block.header_range.describe()} already. A build has "
            "one at most: do everything in it.",
            cleanups[1].block.header_range,
        )
    return steps


def _read(each: Expanded, keys: Sequence[str], diags: Diagnostics) -> Step:
    block, scope = each.block, each.scope
    names = _OF_POST_PROCESSORS if block.type == _POST else _OF_PROVISIONERS
    wanted = BodySchema(tuple(AttributeSchema(name) for name in names))
    found, _rest = partial_content(block.body, wanted, diags)
    about = _About(found.attributes, scope, diags)
    step = Step(
        kind=block.type,
        type=block.labels[0],
        block=block,
        scope=scope,
        name=about.text("name"),
        only=about.texts("only"),
        excluded=about.texts("except"),
        pause_before=about.duration("pause_before") or timedelta(),
        timeout=about.duration("timeout") or None,
        max_retries=about.count("max_retries"),
        continue_on_error=about.flag("continue_on_error") or False,
        keep_input_artifact=about.flag("keep_input_artifact"),
    )
    _check_kind(step, diags)
    _check_membership(found.attributes, step, keys, diags)
    override = found.attributes.get("override")
    if override is not None:
        step = replace(
            step,
            overrides=_overrides(override, scope, [key.partition(".")[2] for key in keys], diags),
            overrides_at=override.expression.range,
        )
    return step


@dataclass(frozen=True, slots=True)
class _About:
    """The arguments of a block that are about itself."""

    attributes: Mapping[str, Attribute]
    scope: Scope
    diags: Diagnostics

    def text(self, name: str) -> str:
        found = self.attributes.get(name)
        return (
            "" if found is None else evaluate_text(found.expression, name, self.scope, self.diags)
        )

    def texts(self, name: str) -> tuple[str, ...]:
        found = self.attributes.get(name)
        return (
            () if found is None else evaluate_texts(found.expression, name, self.scope, self.diags)
        )

    def flag(self, name: str) -> bool | None:
        found = self.attributes.get(name)
        return (
            None if found is None else evaluate_flag(found.expression, name, self.scope, self.diags)
        )

    def count(self, name: str) -> int:
        found = self.attributes.get(name)
        return (
            0 if found is None else evaluate_count(found.expression, name, self.scope, self.diags)
        )

    def duration(self, name: str) -> timedelta | None:
        found = self.attributes.get(name)
        if found is None:
            return None
        return evaluate_duration(found.expression, name, self.scope, self.diags)


def _check_kind(step: Step, diags: Diagnostics) -> None:
    """Report a kind that there is not, whether any build has the step or not."""
    what = "post-processor" if step.is_post_processor else "provisioner"
    table = POST_PROCESSORS if step.is_post_processor else PROVISIONERS
    absent = ABSENT_POST_PROCESSORS if step.is_post_processor else ABSENT_PROVISIONERS
    if step.type in table:
        return
    why = absent.get(step.type)
    hint = did_you_mean(step.type, [*table, *absent])
    known = ", ".join(f'"{name}"' for name in table)
    diags.error(
        f"{what.capitalize()} that is not native" if why else f"Unknown {what} type",
        f'There is no {what} "{step.type}" here. {why or f"There is {known}.{hint}"}',
        step.block.label_ranges[0] if step.block.label_ranges else step.block.header_range,
    )


def _check_membership(
    attributes: Mapping[str, Attribute], step: Step, keys: Sequence[str], diags: Diagnostics
) -> None:
    if step.only and step.excluded:
        diags.error(
            "Arguments that exclude each other",
            "only and except are both set. Leave one out: only names the sources it runs for, "
            "except those it doesn't.",
            attributes["except"].name_range,
        )
    there = f" There is: {', '.join(keys) or 'none'}."
    for name, listed in (("only", step.only), ("except", step.excluded)):
        for key in listed:
            if key not in keys:
                diags.warning(
                    "Name that matches no source",
                    f'"{key}" in {name} is no source of this build.'
                    f"{did_you_mean(key, keys) or there} "
                    "Names are compared as type.name, without patterns.",
                    attributes[name].expression.range,
                )


def _overrides(
    attribute: Attribute, scope: Scope, names: Sequence[str], diags: Diagnostics
) -> dict[str, Mapping[str, Value]]:
    place = attribute.expression.range
    before = len(diags)
    value, _marks = unmark(evaluate(attribute.expression, scope, diags))
    if len(diags) > before or not is_known(value):
        return {}
    found: dict[str, Mapping[str, Value]] = {}
    if isinstance(value, ObjectValue | MapValue):
        for key, each in items(value):
            bare, _ = unmark(each)
            if not isinstance(bare, ObjectValue | MapValue):
                break
            found[str(key)] = {str(name): inner for name, inner in items(bare)}
        else:
            for name in found:
                if name not in names:
                    diags.warning(
                        "Name that matches no source",
                        f'"{name}" in override is no source of this build.'
                        f"{did_you_mean(name, names)} It is the name alone, without the type.",
                        place,
                    )
            return found
    diags.error(
        "Incorrect override",
        'override has an object for each source by its name: override = { "app" = { … } }.',
        place,
    )
    return {}


# --- as one build has them ----------------------------------------------------


def in_scope_of(scope: Scope, type_: str, name: str, build_name: str | None) -> Scope:
    """Return the scope of a source's own block, or of a build's if its name is given."""
    bound: dict[str, Value | Namespace] = {
        "source": ObjectValue({"name": make_string(name), "type": make_string(type_)})
    }
    if build_name is None:
        # Told by references.py; here it is only kept quiet.
        bound["build"] = Names({})
    return Scope(bound, parent=scope)


def _with_build(scope: Scope, build_name: str, generated: Generated | None) -> Scope:
    names: dict[str, Value] = {each: Unknown(STRING) for each in BUILD_NAMES}
    for name, value in (generated or {}).items():
        names[name] = make_string(value) if isinstance(value, str) else value
    if generated is not None:
        # What this build doesn't have is empty, as in Packer.
        names |= {name: "" for name in BUILD_NAMES if name not in generated}
    names["name"] = make_string(build_name)
    return Scope({"build": Names(names)}, parent=scope)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReader:
    """Makes the steps of one build."""

    scope: Scope
    build_name: str
    use: Use
    layer: Layer
    selection: Selection
    files: FileReader
    diags: Diagnostics

    def provisioner(self, step: Step) -> Provisioner | None:
        """Return a provisioner as this build has it; None if it hasn't, or doesn't know it."""
        if not step.runs_in(self.use.key):
            return None
        schema = PROVISIONERS.get(step.type)
        if schema is None:
            return None
        return Provisioner(
            type=step.type,
            name=step.name,
            options=self._options(step, schema, _OF_PROVISIONERS),
            range=step.block.header_range,
            pause_before=step.pause_before,
            timeout=step.timeout,
            max_retries=step.max_retries,
            continue_on_error=step.continue_on_error,
        )

    def chain(self, step: Step) -> tuple[PostProcessor, ...]:
        """Return the chain that a step is, as this build has it; () if it is none, or empty."""
        if step.kind not in (_POST, _CHAIN):
            return ()
        links = step.links if step.kind == _CHAIN else (step,)
        return tuple(self._links(links))

    def _links(self, links: Sequence[Step]) -> Iterator[PostProcessor]:
        for link in links:
            if not self.selection.has_post_processor(*filter(None, (link.name, link.type))):
                return
            if not link.runs_in(self.use.key):
                continue
            schema = POST_PROCESSORS.get(link.type)
            if schema is not None:
                yield PostProcessor(
                    type=link.type,
                    name=link.name,
                    options=self._options(link, schema, _OF_POST_PROCESSORS),
                    range=link.block.header_range,
                    keep_input_artifact=link.keep_input_artifact,
                )

    def _options(
        self, step: Step, schema: Schema, about_itself: Sequence[str]
    ) -> Callable[[Generated], Options]:
        """Return what evaluates the options, having told what is wrong with them already."""
        scope = _around(step.scope, self.scope)

        def decode(generated: Generated | None, diags: Diagnostics) -> Options:
            reading = Reading(
                scope=_with_build(scope, self.build_name, generated),
                render=lambda text: self.layer.render(text, None, generated),
                what=f'{step.kind} "{step.type}"',
                place=step.block.header_range,
                skipped=frozenset(about_itself),
                overrides=(step.overrides or {}).get(self.use.name),
                overrides_at=step.overrides_at,
            )
            return decode_options(schema, [step.block.body], reading, diags)

        def options(generated: Generated) -> Options:
            diags = Diagnostics()
            found = decode(generated, diags)
            diags.raise_if_errors()
            return found

        check_files(decode(None, self.diags), self.files, self.diags)
        return options


def _around(inner: Scope, outer: Scope) -> Scope:
    """Return `inner`, which a `dynamic` block may have made, with `outer`'s names around it.

    Both stand on the template's scope; what `outer` binds is `source`.
    """
    if outer.parent is inner:
        return outer
    found = outer.lookup("source")
    assert found is not None
    return Scope({"source": found}, parent=inner)
