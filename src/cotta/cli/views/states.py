"""States as text, as `terraform show` and `terraform state show` print them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.addrs.resources import Mode, instance_order
from cotta.cli.views.blocks import compare_block, render_block
from cotta.cli.views.differences import Style, render
from cotta.plans.diff import Lens, compare
from cotta.states.decode import decode_attributes
from cotta.states.model import ObjectStatus
from cotta.values.value import Mark, mark

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping
    from typing import TypeAlias

    from cotta.addrs.resources import AbsResourceInstance, ModuleInstance
    from cotta.diagnostics.render import Pen
    from cotta.schemas.model import Schema
    from cotta.states.model import State, StoredObject, StoredOutput, StoredResource

    # The schema of a resource; None where its provider is not known.
    SchemaOf: TypeAlias = Callable[[StoredResource], Schema | None]

EMPTY = "The state file is empty. No resources are represented.\n"


def objects_in_order(
    state: State,
) -> Iterator[tuple[AbsResourceInstance, StoredResource, str, StoredObject]]:
    """Yield every object with its address and deposed key, "" for the current one."""
    found = [
        (resource.address.instance(key), resource, instance)
        for resource in state.resources.values()
        for key, instance in resource.instances.items()
    ]
    for address, resource, instance in sorted(found, key=lambda one: instance_order(one[0])):
        if instance.current is not None:
            yield address, resource, "", instance.current
        for key, stored in sorted(instance.deposed.items()):
            yield address, resource, key, stored


def render_state(state: State, schema_of: SchemaOf, pen: Pen) -> str:
    """Return everything that the state has, outputs last."""
    if state.is_empty:
        return EMPTY
    parts: list[str] = []
    peopled = {address.module for address in state.resources}
    entered: set[ModuleInstance] = {()}
    module: ModuleInstance | None = None
    for address, resource, deposed, stored in objects_in_order(state):
        parts.append(
            "\n" if address.module == module else _between(address.module, entered, peopled)
        )
        module = address.module
        parts.append(render_object(address, stored, schema_of(resource), pen, deposed=deposed))
    if state.outputs:
        parts.append("\n\nOutputs:\n\n" + render_outputs(state.outputs, pen))
    return "".join(parts)


def _between(
    module: ModuleInstance, entered: set[ModuleInstance], peopled: Container[ModuleInstance]
) -> str:
    """Return what stands before a module: as in Terraform, nothing if its caller has no objects."""
    lines = ""
    for depth in range(1, len(module) + 1):
        if module[:depth] not in entered:
            entered.add(module[:depth])
            lines += "\n\n" if module[: depth - 1] in peopled else ""
    return lines


def render_object(
    address: AbsResourceInstance,
    stored: StoredObject,
    schema: Schema | None,
    pen: Pen,
    *,
    deposed: str = "",
) -> str:
    """Return one object as a block under a comment with its address."""
    note = ""
    if deposed:
        note = f" (deposed object {deposed})"
    elif stored.status is ObjectStatus.TAINTED:
        note = " (tainted)"
    kind = "data" if address.resource.mode is Mode.DATA else "resource"
    block, value = decode_attributes(stored, schema)
    diff = compare_block(block, value, value, Lens())
    text = render_block(diff, 0, Style(pen, shows_all=True))
    return (
        f'# {address}:{note}\n{kind} "{address.resource.type}" "{address.resource.name}" '
        f"{_dedented(text)}\n"
    )


def render_outputs(outputs: Mapping[str, StoredOutput], pen: Pen) -> str:
    """Return the outputs by name, sensitive ones hidden."""
    lines = []
    for name, output in sorted(outputs.items()):
        value = mark(output.value, Mark.SENSITIVE) if output.is_sensitive else output.value
        text = render(compare(value, value, Lens()), 0, Style(pen, shows_all=True))
        lines.append(f"{name} = {_dedented(text)}\n")
    return "".join(lines)


def _dedented(text: str) -> str:
    # A plan has four columns for symbols in front of every line.
    return text.replace("\n    ", "\n")
