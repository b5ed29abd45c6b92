"""Which sources a `build` block uses, and under which names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cotta.builder.templates.evaluating import evaluate_text, evaluate_texts
from cotta.diagnostics.suggest import did_you_mean
from cotta.hcl.ast import Body, TupleExpression
from cotta.hcl.bodies import AttributeSchema, BlockSchema, BodySchema, partial_content

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cotta.builder.templates.declared import Template, Typed
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.diagnostics.source import SourceRange
    from cotta.hcl.ast import Block
    from cotta.hcl.bodies import AnyBody, Content
    from cotta.hcl.dynamic import Expanded
    from cotta.hcl.scope import Scope

SOURCE_USE: Final = BlockSchema("source", ("reference",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A source as one build uses it; `bodies` are its own and what the build adds."""

    type: str
    name: str
    bodies: tuple[AnyBody, ...]
    range: SourceRange
    type_range: SourceRange
    has_body: bool

    @property
    def key(self) -> str:
        """The name that `only` and `except` inside blocks compare with."""
        return f"{self.type}.{self.name}"


def read_uses(
    block: Block,
    found: Content,
    expanded: Sequence[Expanded],
    template: Template,
    scope: Scope,
    diags: Diagnostics,
) -> list[Use]:
    """Return the sources of a build: first those of `sources`, then those of blocks."""
    uses: list[Use] = []
    attribute = found.attributes.get("sources")
    if attribute is not None:
        names = evaluate_texts(attribute.expression, "sources", scope, diags)
        places = _places(attribute.expression, len(names))
        for name, place in zip(names, places, strict=True):
            source = _find(name, template, place, diags)
            if source is not None:
                uses.append(_use(source, place))
    for each in expanded:
        if each.block.type != "source":
            continue
        source = _find(each.block.labels[0], template, each.block.label_ranges[0], diags)
        if source is not None:
            uses.append(_use_with_body(source, each, diags))
    if not uses and not diags.has_errors:
        diags.error(
            "Build without a source",
            "The build block names no source, so nothing would be built. Write for example "
            f"sources = [{_example(template)}].",
            block.header_range,
        )
    _report_twice(uses, diags)
    return uses


def _example(template: Template) -> str:
    return f'"source.{next(iter(template.sources), "amazon-ebs.app")}"'


def _places(expression: object, count: int) -> list[SourceRange]:
    if isinstance(expression, TupleExpression) and len(expression.items) == count:
        return [item.range for item in expression.items]
    return [expression.range] * count  # type: ignore[attr-defined]  # an expression


def _find(written: str, template: Template, place: SourceRange, diags: Diagnostics) -> Typed | None:
    key = written.removeprefix("source.")
    if key.count(".") != 1:
        diags.error(
            "Incorrect source reference",
            f'"{written}" names no source. One is named by type and name: {_example(template)}.',
            place,
        )
        return None
    found = template.sources.get(key)
    if found is None:
        known = ", ".join(template.sources) or "none"
        diags.error(
            "Unknown source",
            f'No source "{key}" is declared.'
            f"{did_you_mean(key, template.sources) or f' There is: {known}.'}",
            place,
        )
    return found


def _use(source: Typed, place: SourceRange) -> Use:
    return Use(
        type=source.type,
        name=source.name,
        bodies=(source.block.body,),
        range=source.range,
        type_range=source.block.label_ranges[0] if source.block.label_ranges else place,
        has_body=False,
    )


_NAME: Final = BodySchema((AttributeSchema("name"),))


def _use_with_body(source: Typed, each: Expanded, diags: Diagnostics) -> Use:
    found, rest = partial_content(each.block.body, _NAME, diags)
    written = found.attributes.get("name")
    name = source.name
    if written is not None:
        name = evaluate_text(written.expression, "name", each.scope, diags) or source.name
    body = each.block.body if isinstance(rest, Body) else rest
    return Use(
        type=source.type,
        name=name,
        bodies=(source.block.body, body),
        range=source.range,
        type_range=source.block.label_ranges[0] if source.block.label_ranges else source.range,
        has_body=True,
    )


def _report_twice(uses: Sequence[Use], diags: Diagnostics) -> None:
    seen: set[str] = set()
    for use in uses:
        if use.key in seen:
            diags.error(
                "Source used twice",
                f'The build uses "{use.key}" twice. Give one of them a name of its own: source '
                f'"{use.key}" {{ name = "…" }}.',
                use.range,
            )
        seen.add(use.key)
