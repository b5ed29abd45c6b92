"""`lifecycle` blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.addrs.references import AttributeSubject, ResourceSubject, references_in
from cotta.addrs.resources import Mode
from cotta.configs.blocks import (
    decode_literal,
    quoted_text,
    read_block,
    reference_of,
    schema,
    static_list,
    unquoted_json,
)
from cotta.configs.decode_values import check_self_references, decode_rule
from cotta.configs.model import Lifecycle
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.hcl.ast import Invalid, JsonString, Literal
from cotta.hcl.bodies import BlockSchema, BodySchema
from cotta.hcl.references import calls_in, variables_in
from cotta.hcl.traversals import as_keyword
from cotta.values.types import BOOL

if TYPE_CHECKING:
    from cotta.addrs.resources import Resource
    from cotta.configs.model import CheckRule
    from cotta.hcl.ast import Block, Expression
    from cotta.hcl.ast import Variable as Traversal

LIFECYCLE: Final = BodySchema(
    schema("create_before_destroy", "prevent_destroy", "ignore_changes", "replace_triggered_by"),
    (BlockSchema("precondition"), BlockSchema("postcondition")),
)
_KINDS: Final = {Mode.DATA: "data", Mode.EPHEMERAL: "ephemeral"}


def decode_lifecycle(block: Block, owner: Resource, diags: Diagnostics) -> Lifecycle:
    """Return the lifecycle of `owner`; most arguments are for managed resources only."""
    read = read_block(block, LIFECYCLE, diags)
    rules: dict[str, list[CheckRule]] = {"precondition": [], "postcondition": []}
    for inner in read.blocks:
        rule = decode_rule(inner, diags)
        if rule is not None:
            check_self_references(rule, inner.type, owner, diags)
            rules[inner.type].append(rule)
    conditions = tuple(rules["precondition"]), tuple(rules["postcondition"])
    if owner.mode is not Mode.MANAGED:
        kind = _KINDS[owner.mode]
        for name, attribute in read.attributes.items():
            diags.error(
                f"Invalid {kind} resource lifecycle argument",
                f'The argument "{name}" is for "resource" blocks only.',
                attribute.name_range,
            )
        return Lifecycle(preconditions=conditions[0], postconditions=conditions[1])
    ignored, triggers = read.expression("ignore_changes"), read.expression("replace_triggered_by")
    return Lifecycle(
        create_before_destroy=_flag(read.expression("create_before_destroy"), diags),
        prevent_destroy=_flag(read.expression("prevent_destroy"), diags),
        ignore_changes=_decode_ignored(ignored, diags) if ignored is not None else (),
        replace_triggered_by=_decode_triggers(triggers, diags) if triggers is not None else (),
        preconditions=conditions[0],
        postconditions=conditions[1],
    )


def _flag(expression: Expression | None, diags: Diagnostics) -> Expression | None:
    """Return a truth value still to be evaluated; a literal one is checked at once."""
    if isinstance(expression, Literal) and isinstance(expression.value, bool):
        return expression
    if expression is not None and not variables_in(expression) and not calls_in(expression):
        decode_literal(expression, BOOL, diags)
    return expression


def _decode_ignored(expression: Expression, diags: Diagnostics) -> tuple[Traversal, ...] | None:
    """Return the paths that `ignore_changes` lists; None if it is `all`."""
    if as_keyword(expression) == "all":
        return None
    paths: list[Traversal] = []
    stars: list[Expression] = []
    for item in static_list(expression, diags):
        if (item.text if isinstance(item, JsonString) else quoted_text(item)) == "*":
            stars.append(item)
            diags.error(
                "Invalid ignore_changes wildcard",
                'The wildcard ["*"] is no longer read. To ignore every change, write'
                " ignore_changes = all.",
                expression.range,
            )
            continue
        path = reference_of(item, diags)
        if path is not None:
            paths.append(path)
    if stars and paths:
        diags.error(
            "Invalid ignore_changes ruleset",
            'The wildcard "*" does not go together with other entries.',
            stars[-1].range,
        )
    return tuple(paths)


def _decode_triggers(expression: Expression, diags: Diagnostics) -> tuple[Expression, ...]:
    """Return the references of `replace_triggered_by`, up to the first that is none."""
    found: list[Expression] = []
    for written in static_list(expression, diags):
        item = unquoted_json(written, diags)
        if isinstance(item, Invalid) or not _is_trigger(item, written, diags):
            break
        found.append(item)
    return tuple(found)


def _is_trigger(item: Expression, written: Expression, diags: Diagnostics) -> bool:
    """Say whether an entry of `replace_triggered_by` names one resource, and how to find which."""
    mistakes = Diagnostics()
    resources = 0
    references = references_in(item, mistakes)
    is_unreadable = mistakes.has_errors
    for reference in references:
        match reference.subject:
            case ResourceSubject():
                resources += 1
            case AttributeSubject("each", "key") | AttributeSubject("count", "index"):
                pass
            case AttributeSubject("each" | "count" as name, _):
                only = "each.key" if name == "each" else "count.index"
                mistakes.error(
                    f"Invalid {name} reference in replace_triggered_by expression",
                    f"Only {only} may be used in replace_triggered_by.",
                )
            case _:
                mistakes.error(
                    "Invalid reference in replace_triggered_by expression",
                    "Only resources, count.index and each.key may be used here.",
                )
    if resources != 1 and not is_unreadable:
        mistakes.error(
            "Invalid replace_triggered_by expression",
            "Each entry refers to a resource, an instance of one or an attribute."
            if resources == 0
            else "Each entry refers to one resource only.",
        )
    for mistake in mistakes:
        diags.error(mistake.summary, mistake.detail, written.range)
    return not mistakes.has_errors
