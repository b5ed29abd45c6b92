"""A state as JSON, format 1.0: what `terraform show -json` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.addrs.parse import parse_target
from cotta.addrs.resources import AbsResource, AbsResourceInstance, render_module
from cotta.cli.views.states import objects_in_order
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.states.decode import decode_attributes
from cotta.states.model import ObjectStatus
from cotta.values.codec_json import encode_json, encode_plain, encode_type
from cotta.values.value import (
    ListValue,
    MapValue,
    Marked,
    ObjectValue,
    SetValue,
    TupleValue,
    type_of,
    unmark_deep,
)

if TYPE_CHECKING:
    from cotta.addrs.resources import ModuleInstance
    from cotta.cli.views.states import SchemaOf
    from cotta.states.model import CheckResult, Snapshot, State, StoredObject, StoredResource
    from cotta.values.json_text import Json
    from cotta.values.value import Value

FORMAT_VERSION: Final = "1.0"


def encode_shown_state(snapshot: Snapshot | None, schema_of: SchemaOf) -> dict[str, Json]:
    """Return the document; without a state, its version alone."""
    tree: dict[str, Json] = {"format_version": FORMAT_VERSION}
    if snapshot is None or snapshot.state.is_empty:
        return tree
    tree["terraform_version"] = snapshot.terraform_version
    tree["values"] = encode_values(snapshot.state, schema_of)
    if snapshot.state.checks:
        tree["checks"] = [_encode_check(one) for one in _in_order(snapshot.state.checks)]
    return tree


def encode_values(state: State, schema_of: SchemaOf) -> dict[str, Json]:
    """Return outputs and modules; of empty ones only the root is there."""
    tree: dict[str, Json] = {}
    if state.outputs:
        outputs: dict[str, Json] = {}
        for name, output in sorted(state.outputs.items()):
            value, _ = unmark_deep(output.value)
            outputs[name] = {
                "sensitive": output.is_sensitive,
                "value": encode_json(value, type_of(value)),
                "type": encode_type(type_of(value)),
            }
        tree["outputs"] = outputs
    tree["root_module"] = _encode_modules(state, schema_of)
    return tree


def _encode_modules(state: State, schema_of: SchemaOf) -> dict[str, Json]:
    resources: dict[ModuleInstance, list[Json]] = {(): []}
    children: dict[ModuleInstance, list[ModuleInstance]] = {}
    for address, resource, deposed, stored in objects_in_order(state):
        _make_room(address.module, resources, children)
        resources[address.module].append(
            _encode_object(address, resource, deposed, stored, schema_of)
        )

    def encode(module: ModuleInstance) -> dict[str, Json]:
        tree: dict[str, Json] = {}
        if resources[module]:
            tree["resources"] = resources[module]
        if module:
            tree["address"] = render_module(module)
        if module in children:
            tree["child_modules"] = [encode(child) for child in children[module]]
        return tree

    return encode(())


def _make_room(
    module: ModuleInstance,
    resources: dict[ModuleInstance, list[Json]],
    children: dict[ModuleInstance, list[ModuleInstance]],
) -> None:
    for length in range(1, len(module) + 1):
        part = module[:length]
        if part not in resources:
            resources[part] = []
            children.setdefault(part[:-1], []).append(part)


def _encode_object(
    address: AbsResourceInstance,
    resource: StoredResource,
    deposed: str,
    stored: StoredObject,
    schema_of: SchemaOf,
) -> dict[str, Json]:
    name = address.resource
    tree: dict[str, Json] = {
        "address": str(address),
        "mode": name.mode.value,
        "type": name.type,
        "name": name.name,
    }
    if address.key is not None:
        tree["index"] = address.key
    _, value = decode_attributes(stored, schema_of(resource))
    tree["provider_name"] = str(resource.provider.source)
    tree["schema_version"] = stored.schema_version
    tree["values"] = encode_plain(unmark_deep(value)[0])
    secrets = encode_secrets(value)
    tree["sensitive_values"] = {} if secrets is False else secrets
    if stored.dependencies:
        tree["depends_on"] = [str(block) for block in stored.dependencies]
    if stored.status is ObjectStatus.TAINTED:
        tree["tainted"] = True
    if deposed:
        tree["deposed_key"] = deposed
    return tree


def encode_secrets(value: Value) -> Json:
    """Return where a value is sensitive: true, or the same shape with true where it is.

    In objects and maps what is not sensitive is left out, unless it holds others.
    """
    if type(value) is Marked:
        return True
    match value:
        case ListValue(elements=items) | TupleValue(elements=items) | SetValue(elements=items):
            return [encode_secrets(one) for one in items]
        case MapValue(elements=members) | ObjectValue(attributes=members):
            found = {name: encode_secrets(one) for name, one in members.items()}
            return {name: one for name, one in found.items() if one is not False}
        case _:
            return False


def _in_order(checks: tuple[CheckResult, ...]) -> list[CheckResult]:
    return sorted(checks, key=lambda check: check.address)


def _encode_check(check: CheckResult) -> dict[str, Json]:
    tree: dict[str, Json] = {
        "address": _encode_address(check),
        "status": check.status.value,
    }
    objects: list[Json] = []
    for one in sorted(check.objects, key=lambda one: one.address):
        address: dict[str, Json] = {"to_display": one.address}
        found = parse_target(one.address, Diagnostics()) if check.kind == "resource" else None
        if isinstance(found, AbsResourceInstance) and found.key is not None:
            address = {"instance_key": found.key, **address}
        if found is not None and not isinstance(found, tuple) and found.module:
            address = {"module": render_module(found.module), **address}
        encoded: dict[str, Json] = {"address": address, "status": one.status.value}
        if one.failures:
            encoded["problems"] = [{"message": text} for text in one.failures]
        objects.append(encoded)
    if objects:
        tree["instances"] = objects
    return tree


def _encode_address(check: CheckResult) -> dict[str, Json]:
    """Return what a check is on; keys are sorted, as Terraform's are."""
    tree: dict[str, Json] = {"kind": _KINDS.get(check.kind, check.kind)}
    module, _, last = check.address.rpartition(".") if check.kind != "resource" else ("", "", "")
    if check.kind == "resource":
        found = parse_target(check.address, Diagnostics())
        if isinstance(found, AbsResource):
            name = found.resource
            tree |= {"mode": name.mode.value, "name": name.name, "type": name.type}
            module = render_module(found.module)
    else:
        tree["name"] = last
        module = module.rpartition(".")[0]
    if module:
        tree["module"] = module
    tree["to_display"] = check.address
    return dict(sorted(tree.items()))


_KINDS: Final = {"output": "output_value"}
