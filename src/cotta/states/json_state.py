"""The state for machines: `show -json` of a state, format 1.0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from cotta.addrs.resources import instance_order, key_order, render_module
from cotta.schemas.types import sensitive_paths
from cotta.states.model import ObjectStatus, State
from cotta.values.codec_json import CodecError, decode_json, encode_plain, encode_type
from cotta.values.json_parts import known_part, sensitive_parts
from cotta.values.marking import put_marks
from cotta.values.value import Mark, type_of, unmark_deep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cotta.addrs.providers import ProviderSource
    from cotta.addrs.resources import AbsResourceInstance, ModuleInstance, Resource
    from cotta.schemas.model import Schema
    from cotta.states.model import StoredObject, StoredOutput, StoredResource
    from cotta.values.json_text import Json
    from cotta.values.value import Value

    # The schema of a resource; None if it is not known.
    SchemaOf: TypeAlias = Callable[[ProviderSource, Resource], Schema | None]

FORMAT_VERSION: Final = "1.0"
_SENSITIVE: Final = frozenset({Mark.SENSITIVE})

# Resources under the module instance they are in.
ByModule: TypeAlias = "dict[ModuleInstance, list[Json]]"


def render_state(
    state: State, schema_of: SchemaOf, *, version: str, checks: Json = None
) -> dict[str, Json]:
    """Return the state as a tree; an empty one has its format only.

    `version` is what the tree calls the program.  `checks` is a rendering of
    the checks' outcomes, if there are any.
    """
    if state.is_empty:
        return {"format_version": FORMAT_VERSION}
    rendered: dict[str, Json] = {
        "format_version": FORMAT_VERSION,
        "terraform_version": version,
        "values": _render_values(state, schema_of),
    }
    if checks:
        rendered["checks"] = checks
    return rendered


def _render_values(state: State, schema_of: SchemaOf) -> dict[str, Json]:
    values: dict[str, Json] = {}
    if state.outputs:
        values["outputs"] = {
            name: render_output(output) for name, output in sorted(state.outputs.items())
        }
    resources: ByModule = {}
    for resource in sorted(state.resources.values(), key=_order):
        of_module = resources.setdefault(resource.address.module, [])
        of_module.extend(_render_resource(resource, schema_of))
    values["root_module"] = render_modules(resources)
    return values


def _order(resource: StoredResource) -> tuple[object, ...]:
    return instance_order(resource.address.instance(None))


def render_output(output: StoredOutput) -> Json:
    """Return an output of the root module."""
    value = unmark_deep(output.value)[0]
    return {
        "sensitive": output.is_sensitive,
        "value": encode_plain(value),
        "type": encode_type(type_of(value)),
    }


def render_modules(resources: ByModule) -> dict[str, Json]:
    """Return the root module with its resources and, nested, those of the modules below."""
    children: dict[ModuleInstance, set[ModuleInstance]] = {}
    for module in resources:
        for length in range(len(module), 0, -1):
            children.setdefault(module[: length - 1], set()).add(module[:length])
    return _render_module((), resources, children)


def _render_module(
    module: ModuleInstance,
    resources: ByModule,
    children: dict[ModuleInstance, set[ModuleInstance]],
) -> dict[str, Json]:
    rendered: dict[str, Json] = {}
    if resources.get(module):
        rendered["resources"] = resources[module]
    if module:
        rendered["address"] = render_module(module)
    below = sorted(children.get(module, ()), key=render_module)
    if below:
        rendered["child_modules"] = [_render_module(each, resources, children) for each in below]
    return rendered


def render_name(address: AbsResourceInstance) -> dict[str, Json]:
    """Return the parts of an address that every rendering of a resource begins with."""
    resource = address.resource
    rendered: dict[str, Json] = {
        "address": address.text,
        "mode": resource.mode.value,
        "type": resource.type,
        "name": resource.name,
    }
    if address.key is not None:
        rendered["index"] = address.key
    return rendered


def _render_resource(resource: StoredResource, schema_of: SchemaOf) -> Iterable[Json]:
    schema = schema_of(resource.provider.source, resource.address.resource)
    for key, instance in sorted(resource.instances.items(), key=lambda each: key_order(each[0])):
        address = resource.address.instance(key)
        objects = [("", instance.current), *sorted(instance.deposed.items())]
        for deposed, stored in objects:
            if stored is None:
                continue
            rendered = render_name(address)
            rendered["provider_name"] = str(resource.provider.source)
            rendered["schema_version"] = stored.schema_version
            rendered |= _render_object(stored, schema)
            if stored.dependencies:
                depends_on: list[Json] = [str(each) for each in stored.dependencies]
                rendered["depends_on"] = depends_on
            if stored.status is ObjectStatus.TAINTED:
                rendered["tainted"] = True
            if deposed:
                rendered["deposed_key"] = deposed
            yield rendered


def _render_object(stored: StoredObject, schema: Schema | None) -> dict[str, Json]:
    value = decode_object(stored, schema)
    if value is None:
        # Nobody here knows the type: the file's own tree is the best there is.
        return {"values": stored.attributes, "sensitive_values": {}}
    return {"values": known_part(value), "sensitive_values": sensitive_parts(value)}


def decode_object(stored: StoredObject, schema: Schema | None) -> Value | None:
    """Return an object with the marks of the state and of the schema; None if it doesn't fit."""
    if schema is None or stored.schema_version != schema.version or stored.is_flat:
        return None
    try:
        value = decode_json(stored.attributes, schema.block.implied_type)
    except CodecError:
        return None
    marked = put_marks(value, [(path, _SENSITIVE) for path in stored.sensitive])
    by_schema = sensitive_paths(schema.block, marked)
    return put_marks(marked, [(path, _SENSITIVE) for path in by_schema])
