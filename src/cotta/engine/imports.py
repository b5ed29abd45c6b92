"""`import` blocks: which instance is to be taken over, and by which id.

They stand in the root module, and may name resources of any module.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cotta.addrs.resources import AbsResource, AbsResourceInstance, path_of
from cotta.addrs.traversals import target_of
from cotta.engine.dependencies import imported_node
from cotta.engine.expansion import expand
from cotta.engine.nodes import Kind, Node
from cotta.hcl.ast import Index, IndexStep, RelativeTraversal, Variable
from cotta.hcl.evaluate import evaluate
from cotta.hcl.scope import Scope
from cotta.values.convert import ConversionError, convert
from cotta.values.types import STRING
from cotta.values.value import Mark, Null, Unknown, unmark

if TYPE_CHECKING:
    from cotta.configs.model import Configuration, Import
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.diagnostics.source import SourceRange
    from cotta.engine.plan_context import PlanContext
    from cotta.hcl.ast import Expression, Step

_ID = "Invalid import id argument"
_NOWHERE = "Configuration for import target does not exist"


@dataclass(frozen=True, slots=True)
class Wanted:
    """An object that is to be taken over, and the place that says so."""

    id: str
    place: SourceRange | None = None


def imports_of(configuration: Configuration, node: Node) -> list[Import]:
    """Return the blocks that name a resource."""
    blocks = configuration.module.imports
    return [block for block in blocks if imported_node(block) == node]


def wanted_imports(context: PlanContext, node: Node) -> dict[AbsResourceInstance, Wanted]:
    """Return what is to be taken over of a resource: as blocks say, or else the options."""
    if context.options.imports:
        return {
            address: Wanted(id_)
            for address, id_ in context.options.imports
            if Node(Kind.RESOURCE, path_of(address.module), str(address.resource)) == node
        }
    blocks = imports_of(context.world.configuration, node)
    if not blocks:
        return {}
    return resolve_imports(blocks, context.names.scope(()), context.evaluation.diags(node))


def check_import_targets(configuration: Configuration, diags: Diagnostics) -> None:
    """Report blocks that name a resource which nothing declares, or one twice."""
    seen: dict[str, Import] = {}
    for block in configuration.module.imports:
        here = configuration.descendant(block.resource.module)
        if here is None or block.resource.resource not in here.module.resources:
            diags.error(
                _NOWHERE,
                f"There is no block for {block.resource}, so nothing says how the object is to "
                "be. Write one: it can't be generated yet.",
                block.to.range,
            )
        if block.for_each is None and isinstance(block.to, Variable):
            found = target_of(block.to, diags)
            earlier = seen.setdefault(str(found), block)
            if earlier is not block:
                _report_twice(str(found), earlier.to.range, block, diags)


def _report_twice(
    address: str, earlier: SourceRange | None, block: Import, diags: Diagnostics
) -> None:
    assert earlier is not None
    diags.error(
        f'Duplicate import configuration for "{address}"',
        f"The import block at {earlier.describe()} names the same object.",
        block.to.range,
    )


def resolve_imports(
    blocks: list[Import], scope: Scope, diags: Diagnostics
) -> dict[AbsResourceInstance, Wanted]:
    """Return what the blocks of one resource mean, evaluated in the root module's scope."""
    found: dict[AbsResourceInstance, Wanted] = {}
    for block in blocks:
        expansion = expand(None, block.for_each, scope, diags)
        if expansion is None:
            continue
        for bindings in expansion.bindings.values():
            inner = Scope(bindings, parent=scope) if bindings else scope
            address = _resolve_address(block, inner, diags)
            id_ = _resolve_id(block.id, inner, diags)
            if address is None or id_ is None:
                continue
            if address in found:
                _report_twice(str(address), found[address].place, block, diags)
            found[address] = Wanted(id_, block.to.range)
    return found


def report_unexpected(left: dict[AbsResourceInstance, Wanted], diags: Diagnostics) -> None:
    """Report imports of instances that their resource doesn't have."""
    for address, wanted in left.items():
        diags.error(
            _NOWHERE,
            f"The configuration has no instance {address}: look at the count or for_each of "
            f"{address.of}.",
            wanted.place,
        )


def _resolve_id(expression: Expression, scope: Scope, diags: Diagnostics) -> str | None:
    """Return the id; None, with a diagnostic, if it is none."""
    before = len(diags)
    value, marks = unmark(evaluate(expression, scope, diags))
    if len(diags) > before:
        return None
    try:
        text = convert(value, STRING)
    except ConversionError as error:
        why = f"The id must be a text: {error.describe()}."
        diags.error("Incorrect value type", why, expression.range)
        return None
    if type(text) is Null:
        why = "The id is null, and names nothing."
    elif type(text) is Unknown:
        why = (
            "The id depends on something that is known only after apply, so nothing can be "
            "imported by it now. Apply that first, with -target."
        )
    elif Mark.EPHEMERAL in marks:
        why = "The id is ephemeral, and a plan has to keep it."
    elif not text:
        why = "The id is an empty text, and names nothing."
    else:
        return str(text)
    diags.error(_ID, why, expression.range)
    return None


def _resolve_address(block: Import, scope: Scope, diags: Diagnostics) -> AbsResourceInstance | None:
    """Return the instance that `to` names; None, with a diagnostic, if it is none."""
    before = len(diags)
    traversal = _with_keys(block.to, scope, diags)
    if traversal is None or len(diags) > before:
        return None
    found = target_of(traversal, diags)
    if isinstance(found, AbsResource):
        return found.instance(None)
    return found if isinstance(found, AbsResourceInstance) else None


def _with_keys(to: Expression, scope: Scope, diags: Diagnostics) -> Variable | None:
    """Return an address with each key in the place of the expression for it."""
    match to:
        case Variable():
            return to
        case Index(collection=inner, key=key, bracket_range=place):
            before = _with_keys(inner, scope, diags)
            value, _ = unmark(evaluate(key, scope, diags))
            if type(value) is Unknown or type(value) is Null:
                diags.error(
                    "Invalid for_each argument" if type(value) is Unknown else "Invalid index",
                    "The key of the instance must be known, and not null, to import it.",
                    key.range,
                )
                return None
            step = IndexStep(place, value)
            steps: tuple[Step, ...] = (step,)
        case RelativeTraversal(source=inner, steps=steps):
            before = _with_keys(inner, scope, diags)
        case _:
            return None
    if before is None:
        return None
    return Variable(to.range, before.name, before.name_range, (*before.steps, *steps))
