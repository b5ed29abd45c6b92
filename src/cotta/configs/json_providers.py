"""The provider configurations of a tree under the keys that plans give them.

A module has an entry for every provider that it configures, requires or
implies.  One that is handed down by the caller leads to the caller's entry,
and only entries that lead nowhere else are shown.  The rules are those of
Terraform's jsonconfig package.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cotta.addrs.providers import implied_source
from cotta.addrs.resources import render_module_path
from cotta.configs.json_expressions import render_body
from cotta.configs.provider_rules import source_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotta.addrs.providers import ProviderSource
    from cotta.addrs.resources import ModulePath
    from cotta.configs.model import Configuration, Module, ProviderBlock, ResourceBlock
    from cotta.schemas.model import Schema
    from cotta.values.json_text import Json


@dataclass(slots=True)
class _Entry:
    name: str
    source: ProviderSource
    module: ModulePath
    alias: str | None = None
    constraint: str = ""
    block: ProviderBlock | None = None
    parent: str = ""


class ProviderKeys:
    """Finds the key of the provider configuration that each resource uses."""

    def __init__(self, root: Configuration) -> None:
        self._entries: dict[str, _Entry] = {}
        self._modules = {config.path: config.module for config in root.walk()}
        self._add_module(root, None)

    def of_resource(self, path: ModulePath, block: ResourceBlock) -> tuple[str, ProviderSource]:
        """Return the key for a resource of the module at `path`, and who provides it."""
        name, alias = block.local_provider
        key = _key(_compact(name, alias), path)
        entry = self._entries.get(key)
        source = source_of(self._modules[path], name)
        return (entry.parent if entry is not None and entry.parent else key), source

    def render(self, schema_of: Callable[[ProviderSource], Schema | None]) -> dict[str, Json]:
        """Return the configurations under their keys."""
        return {
            key: _render(entry, schema_of)
            for key, entry in sorted(self._entries.items())
            if not entry.parent
        }

    def _add_module(self, config: Configuration, above: Configuration | None) -> None:
        module, path = config.module, config.path
        constraints = _constraints(module)
        for (name, alias), block in module.providers.items():
            source = source_of(module, name)
            self._entries[_key(_compact(name, alias), path)] = _Entry(
                name, source, path, alias, constraints.get(source, ""), block
            )
        for name, requirement in module.requirements.items():
            for passed in requirement.aliases:
                key = _key(_compact(passed.name, passed.alias), path)
                entry = _Entry(name, requirement.source, path, None, requirement.constraint)
                self._entries.setdefault(key, entry)
            self._add_implied(name, requirement.source, requirement.constraint, path, above)
        for source in sorted(_implied(module), key=str):
            self._add_implied(source.type, source, constraints.get(source, ""), path, above)
        for name, call in module.calls.items():
            child = config.children.get(name)
            if child is None:
                continue
            for (inner, inner_alias), outer in call.providers.items():
                compact = _compact(inner, inner_alias)
                passed_source = source_of(child.module, inner)
                start = _key(_compact(outer.name, outer.alias), path)
                self._entries[_key(compact, child.path)] = _Entry(
                    compact, passed_source, child.path, parent=self._origin(start, passed_source)
                )
            self._add_module(child, config)

    def _add_implied(
        self,
        name: str,
        source: ProviderSource,
        constraint: str,
        path: ModulePath,
        above: Configuration | None,
    ) -> None:
        key = _key(name, path)
        if key in self._entries:
            return
        entry = _Entry(name, source, path, None, constraint)
        if above is not None:
            entry.parent = self._origin(_key(name, above.path), source)
        self._entries[key] = entry

    def _origin(self, key: str, source: ProviderSource) -> str:
        """Return the entry that one in the calling module leads to in the end; "" for none."""
        origin = ""
        while key:
            entry = self._entries.get(key)
            if entry is None or entry.source != source:
                break
            origin, key = key, entry.parent
        return origin


def _compact(name: str, alias: str | None) -> str:
    return name if alias is None else f"{name}.{alias}"


def _key(name: str, path: ModulePath) -> str:
    return f"{render_module_path(path)}:{name}" if path else name


def _constraints(module: Module) -> dict[ProviderSource, str]:
    return {each.source: each.constraint for each in module.requirements.values()}


def _implied(module: Module) -> set[ProviderSource]:
    """Return the providers that resources need without anybody naming them."""
    sources: set[ProviderSource] = set()
    for block in module.resources.values():
        name, _ = block.local_provider
        source = source_of(module, name)
        if source == implied_source(source.type):
            sources.add(source)
    return sources


def _render(entry: _Entry, schema_of: Callable[[ProviderSource], Schema | None]) -> Json:
    rendered: dict[str, Json] = {"name": entry.name, "full_name": str(entry.source)}
    if entry.alias is not None:
        rendered["alias"] = entry.alias
    if entry.constraint:
        rendered["version_constraint"] = entry.constraint
    if entry.module:
        rendered["module_address"] = render_module_path(entry.module)
    schema = schema_of(entry.source)
    if entry.block is not None and schema is not None:
        expressions = render_body(entry.block.body, schema.block)
        if expressions:
            rendered["expressions"] = expressions
    return rendered
