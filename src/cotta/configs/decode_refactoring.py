"""Blocks about objects that exist already: `moved`, `removed`, `import`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.addrs.resources import AbsResource, AbsResourceInstance, ConfigResource, Mode
from cotta.addrs.traversals import target_of
from cotta.configs.blocks import decode_flag, read_block, schema, unquoted_json
from cotta.configs.decode_provisioners import decode_provisioner
from cotta.configs.decode_resources import decode_provider_ref
from cotta.configs.model import Import, Moved, Removed
from cotta.hcl.ast import Index, IndexStep, Invalid, RelativeTraversal, Variable
from cotta.hcl.bodies import BlockSchema, BodySchema
from cotta.hcl.traversals import as_traversal

if TYPE_CHECKING:
    from cotta.addrs.resources import ModulePath
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.diagnostics.source import SourceRange
    from cotta.hcl.ast import Block, Expression, Step

MOVED: Final = BodySchema(schema(required=("from", "to")))
REMOVED: Final = BodySchema(
    schema(required=("from",)),
    (
        BlockSchema("lifecycle"),
        BlockSchema("connection"),
        BlockSchema("provisioner", ("type",)),
    ),
)
_REMOVED_LIFECYCLE: Final = BodySchema(schema("destroy"))
IMPORT: Final = BodySchema(schema("provider", "for_each", required=("id", "to")))


def decode_moved(block: Block, diags: Diagnostics) -> Moved | None:
    """Return a `moved` block; None if either address can't be read."""
    read = read_block(block, MOVED, diags)
    ends = []
    for name in ("from", "to"):
        expression = read.expression(name)
        traversal = as_traversal(expression, diags) if expression is not None else None
        address = target_of(traversal, diags) if traversal is not None else None
        if traversal is not None and address is not None:
            ends.append((traversal, address))
    if len(ends) < 2:
        return None
    (from_, from_address), (to, to_address) = ends
    if isinstance(from_address, tuple) != isinstance(to_address, tuple):
        diags.error(
            'Invalid "moved" addresses',
            '"from" and "to" are either both modules or both resources.',
            read.range,
        )
        return None
    return Moved(from_, to, read.range, from_address, to_address)


def decode_removed(block: Block, diags: Diagnostics) -> Removed | None:
    """Return a `removed` block; None if its address can't be read."""
    read = read_block(block, REMOVED, diags)
    destroys = True
    for inner in read.of_type("lifecycle"):
        destroys = decode_flag(
            read_block(inner, _REMOVED_LIFECYCLE, diags), "destroy", diags, default=True
        )
    expression = read.expression("from")
    traversal = as_traversal(expression, diags) if expression is not None else None
    address = _block_address(traversal, diags) if traversal is not None else None
    provisioners = []
    for inner in read.of_type("provisioner"):
        if not isinstance(address, ConfigResource) or address.resource.mode is not Mode.MANAGED:
            diags.error(
                "Invalid provisioner block",
                "Only the removal of a managed resource can have provisioners.",
                inner.header_range,
            )
            continue
        found = decode_provisioner(inner, diags)
        if found is not None and not found.is_destroy:
            diags.error(
                "Invalid provisioner block",
                "A removed block has provisioners with when = destroy only.",
                inner.header_range,
            )
        elif found is not None:
            provisioners.append(found)
    if traversal is None or address is None:
        return None
    return Removed(
        from_=traversal,
        address=address,
        destroys=destroys,
        provisioners=tuple(provisioners),
        range=read.range,
    )


def _block_address(traversal: Variable, diags: Diagnostics) -> ConfigResource | ModulePath | None:
    """Return the block that a reference without any keys names."""
    steps = traversal.steps
    at = 0
    names = [traversal.name, *(getattr(step, "name", None) for step in steps)]
    while at + 1 < len(names) and names[at] == "module":
        if at + 1 < len(steps) and isinstance(steps[at + 1], IndexStep):
            _report_key("Module", steps[at + 1].range, diags)
            return None
        at += 2
    end = at + 2 + (at < len(names) and names[at] in ("data", "ephemeral", "resource"))
    if end < len(names):
        _report_key("Resource", steps[end - 1].range, diags)
        return None
    target = target_of(traversal, diags, allows_reserved=True)
    if target is None:
        return None
    if isinstance(target, tuple):
        return tuple(step.name for step in target)
    config = (target.of if isinstance(target, AbsResourceInstance) else target).config
    if config.resource.mode is Mode.DATA:
        diags.error(
            "Data source address not allowed",
            "Nothing has to be destroyed for a data source: remove its block.",
            traversal.range,
        )
        return None
    return config


def _report_key(what: str, place: SourceRange, diags: Diagnostics) -> None:
    diags.error(
        f"{what} instance keys not allowed",
        f"A whole {what.lower()} is removed, not an instance of it: no key may follow its name.",
        place,
    )


def decode_import(block: Block, diags: Diagnostics) -> Import | None:
    """Return an `import` block; None if it is cut short or its address can't be read."""
    before = len(diags)
    read = read_block(block, IMPORT, diags)
    written, id_ = read.attributes.get("to"), read.expression("id")
    if len(diags) > before or written is None or id_ is None:
        return None
    to = unquoted_json(written.expression, diags)
    resource = _imported(to, diags)
    if resource is None or resource.resource.mode is not Mode.MANAGED:
        diags.error(
            "Invalid import address", "Only managed resources can be imported.", written.range
        )
        return None
    provider = read.attributes.get("provider")
    if provider is not None and resource.module:
        diags.error(
            "Invalid import provider argument",
            "The provider is chosen by the resource's own block, and for a module by the"
            " providers that its call passes.",
            provider.range,
        )
        return None
    return Import(
        to=to,
        resource=resource,
        id=id_,
        for_each=read.expression("for_each"),
        provider_ref=decode_provider_ref(provider.expression, "provider", diags)
        if provider is not None
        else None,
        range=read.range,
    )


def _imported(to: Expression, diags: Diagnostics) -> ConfigResource | None:
    """Return the block that an address names whose keys may be any expressions."""
    traversal = _without_keys(to)
    if traversal is None:
        if not isinstance(to, Invalid):
            as_traversal(to, diags)
        return None
    target = target_of(traversal, diags)
    match target:
        case AbsResource():
            return target.config
        case AbsResourceInstance():
            return target.of.config
        case tuple():
            diags.error(
                "Invalid address",
                "A resource instance is needed here, not a whole module.",
                traversal.range,
            )
    return None


def _without_keys(expression: Expression) -> Variable | None:
    """Return an address with a zero in the place of each key that is not a literal."""
    match expression:
        case Variable():
            return expression
        case Index(collection=inner):
            before = _without_keys(inner)
            steps: tuple[Step, ...] = (IndexStep(expression.bracket_range, 0),)
        case RelativeTraversal(source=inner, steps=steps):
            before = _without_keys(inner)
        case _:
            return None
    if before is None:
        return None
    return Variable(expression.range, before.name, before.name_range, (*before.steps, *steps))
