"""The configuration for machines, as plans have it: what was written, not evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from cotta.addrs.resources import Mode
from cotta.configs.json_expressions import render_body, render_expression
from cotta.configs.json_providers import ProviderKeys
from cotta.hcl.describe import render_traversal
from cotta.schemas.model import Attribute, Block
from cotta.values.codec_json import encode_plain
from cotta.values.types import DYNAMIC
from cotta.values.value import unmark_deep

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cotta.addrs.providers import ProviderSource
    from cotta.addrs.resources import ModulePath, Resource
    from cotta.configs.model import (
        Configuration,
        InputVariable,
        ModuleCall,
        OutputValue,
        Provisioner,
        ResourceBlock,
    )
    from cotta.hcl.ast import Variable
    from cotta.schemas.model import Schema
    from cotta.values.json_text import Json

    # Three look-ups; None where nothing is known of the name.
    ResourceSchemaOf: TypeAlias = Callable[[ProviderSource, Resource], Schema | None]
    ProviderSchemaOf: TypeAlias = Callable[[ProviderSource], Schema | None]
    ProvisionerSchemaOf: TypeAlias = Callable[[str], Schema | None]


class ConfigurationRenderer:
    """Renders a tree of modules with the schemas that its bodies are read by."""

    def __init__(
        self,
        root: Configuration,
        *,
        resource_schema: ResourceSchemaOf,
        provider_schema: ProviderSchemaOf,
        provisioner_schema: ProvisionerSchemaOf,
    ) -> None:
        self._root = root
        self._resource_schema = resource_schema
        self._provider_schema = provider_schema
        self._provisioner_schema = provisioner_schema
        self._keys = ProviderKeys(root)

    def render(self) -> dict[str, Json]:
        """Return the configuration as a tree."""
        rendered: dict[str, Json] = {}
        providers = self._keys.render(self._provider_schema)
        if providers:
            rendered["provider_config"] = providers
        rendered["root_module"] = self._module(self._root)
        return rendered

    def _module(self, config: Configuration) -> dict[str, Json]:
        module = config.module
        rendered: dict[str, Json] = {}
        if module.outputs:
            rendered["outputs"] = {n: _output(o) for n, o in sorted(module.outputs.items())}
        resources = self._resources(config)
        if resources:
            rendered["resources"] = resources
        if module.calls:
            rendered["module_calls"] = {
                name: self._call(config, call) for name, call in sorted(module.calls.items())
            }
        if module.variables:
            rendered["variables"] = {n: _variable(v) for n, v in sorted(module.variables.items())}
        return rendered

    def _resources(self, config: Configuration) -> list[Json]:
        ordered = sorted(config.module.resources.values(), key=_order)
        return [
            self._resource(config.path, block)
            for block in ordered
            if block.address.mode is not Mode.EPHEMERAL
        ]

    def _resource(self, path: ModulePath, block: ResourceBlock) -> Json:
        address = block.address
        key, source = self._keys.of_resource(path, block)
        schema = self._resource_schema(source, address)
        rendered: dict[str, Json] = {
            "address": str(address),
            "mode": address.mode.value,
            "type": address.type,
            "name": address.name,
            "provider_config_key": key,
        }
        if block.provisioners:
            rendered["provisioners"] = [self._provisioner(each) for each in block.provisioners]
        expressions = render_body(block.body, schema.block) if schema is not None else {}
        if expressions:
            rendered["expressions"] = expressions
        rendered["schema_version"] = schema.version if schema is not None else 0
        _add_repetition(rendered, block)
        if block.depends_on:
            rendered["depends_on"] = _written(block.depends_on)
        return rendered

    def _provisioner(self, provisioner: Provisioner) -> Json:
        rendered: dict[str, Json] = {"type": provisioner.type}
        schema = self._provisioner_schema(provisioner.type)
        expressions = render_body(provisioner.body, schema.block) if schema is not None else {}
        if expressions:
            rendered["expressions"] = expressions
        return rendered

    def _call(self, config: Configuration, call: ModuleCall) -> Json:
        rendered: dict[str, Json] = {"source": call.source}
        child = config.children.get(call.name)
        if child is not None:
            expressions = render_body(call.body, _arguments(child.module.variables))
            if expressions:
                rendered["expressions"] = expressions
        _add_repetition(rendered, call)
        rendered["module"] = self._module(child) if child is not None else {}
        if call.version:
            rendered["version_constraint"] = call.version
        if call.depends_on:
            rendered["depends_on"] = _written(call.depends_on)
        return rendered


def _order(block: ResourceBlock) -> tuple[bool, str]:
    return block.address.mode is not Mode.MANAGED, str(block.address)


def _arguments(variables: Mapping[str, InputVariable]) -> Block:
    return Block(attributes={name: Attribute(type=DYNAMIC, optional=True) for name in variables})


def _add_repetition(rendered: dict[str, Json], block: ResourceBlock | ModuleCall) -> None:
    for name, written in (("count", block.count), ("for_each", block.for_each)):
        expression = {} if written is None else render_expression(written)
        if expression:
            rendered[f"{name}_expression"] = expression
            return


def _written(traversals: tuple[Variable, ...]) -> list[Json]:
    return [render_traversal(each.name, each.steps) for each in traversals]


def _output(output: OutputValue) -> Json:
    rendered: dict[str, Json] = {}
    if output.is_sensitive:
        rendered["sensitive"] = True
    rendered["expression"] = render_expression(output.expression)
    if output.depends_on:
        rendered["depends_on"] = _written(output.depends_on)
    if output.description:
        rendered["description"] = output.description
    return rendered


def _variable(variable: InputVariable) -> Json:
    rendered: dict[str, Json] = {}
    if variable.default is not None:
        rendered["default"] = encode_plain(unmark_deep(variable.default)[0])
    if variable.description:
        rendered["description"] = variable.description
    if variable.is_sensitive:
        rendered["sensitive"] = True
    return rendered
