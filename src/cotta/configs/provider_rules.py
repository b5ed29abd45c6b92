"""How modules get their provider configurations, and the rules on passing them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from cotta.addrs.providers import (
    DEFAULT_HOST,
    ProviderConfig,
    ProviderSource,
    implied_source,
)
from cotta.addrs.resources import Mode, render_module_path
from cotta.addrs.sources import normalize_part
from cotta.hcl.ast import JsonBody

if TYPE_CHECKING:
    from cotta.addrs.resources import ModulePath
    from cotta.configs.model import Configuration, Module, ModuleCall, ProviderBlock, ResourceBlock
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.diagnostics.source import SourceRange

# A local name and an alias.
LocalName: TypeAlias = tuple[str, str | None]


def source_of(module: Module, name: str) -> ProviderSource:
    """Return the provider that a local name means in a module."""
    requirement = module.requirements.get(name)
    return requirement.source if requirement is not None else implied_source(name)


class ProviderResolver:
    """Finds which configuration of a provider each resource of a tree uses.

    Answers are kept: thousands of resources share a few configurations.
    """

    def __init__(self, root: Configuration) -> None:
        self.root = root
        self._known: dict[tuple[ModulePath, LocalName], tuple[ProviderConfig, bool]] = {}

    def resolve(self, path: ModulePath, block: ResourceBlock) -> ProviderConfig:
        """Return the configuration that a block of the module at `path` uses.

        An alias that nobody configures is still answered, in its own module;
        `is_present` tells.
        """
        return self.resolve_name(path, block.local_provider)

    def resolve_name(self, path: ModulePath, name: LocalName) -> ProviderConfig:
        """Return the configuration that a local name means in the module at `path`."""
        return self._find(path, name)[0]

    def is_present(self, path: ModulePath, name: LocalName) -> bool:
        """Say whether that configuration is there: written, passed or needing no block."""
        return self._find(path, name)[1]

    def _find(self, path: ModulePath, name: LocalName) -> tuple[ProviderConfig, bool]:
        found = self._known.get((path, name))
        if found is None:
            found = self._known[path, name] = self._search(path, name)
        return found

    def _search(self, path: ModulePath, name: LocalName) -> tuple[ProviderConfig, bool]:
        """Return the configuration and whether it is there."""
        source = source_of(self._module(path), name[0])
        alias = name[1]
        while path:
            module = self._module(path)
            call = self._module(path[:-1]).calls[path[-1]]
            passed = _passed_as(module, call, source, alias)
            if passed is not None:
                return self._find(path[:-1], passed)
            if _configured(module, source, alias) or alias is not None:
                break
            # A configuration without alias is handed down by itself.
            path = path[:-1]
        is_present = alias is None or _configured(self._module(path), source, alias)
        return ProviderConfig(path, source, alias), is_present

    def _module(self, path: ModulePath) -> Module:
        found = self.root.descendant(path)
        assert found is not None
        return found.module


def resolve_provider(root: Configuration, path: ModulePath, block: ResourceBlock) -> ProviderConfig:
    """Return the configuration that a block of the module at `path` uses."""
    return ProviderResolver(root).resolve(path, block)


def _passed_as(
    module: Module, call: ModuleCall, source: ProviderSource, alias: str | None
) -> LocalName | None:
    """Return the caller's name for the configuration that the module gets."""
    for (name, inner_alias), outside in call.providers.items():
        if inner_alias == alias and source_of(module, name) == source:
            return outside.name, outside.alias
    return None


def _configured(module: Module, source: ProviderSource, alias: str | None) -> bool:
    return any(
        block.alias == alias and source_of(module, block.name) == source
        for block in module.providers.values()
    )


def check_providers_present(root: Configuration, diags: Diagnostics) -> None:
    """Report resources whose provider configuration is nowhere."""
    resolver = ProviderResolver(root)
    for current in root.walk():
        for block in current.module.resources.values():
            if not resolver.is_present(current.path, block.local_provider):
                config = resolver.resolve(current.path, block)
                diags.error(
                    "Provider configuration not present",
                    f"{block.address} uses {config}, which is configured nowhere.",
                )


# --- passing ----------------------------------------------------------------------


def check_provider_passing(root: Configuration, diags: Diagnostics) -> None:
    """Report what is wrong with the provider configurations that calls pass."""
    _check_below(root, None, None, diags)


def _check_below(
    current: Configuration,
    caller: Configuration | None,
    repetition: SourceRange | None,
    diags: Diagnostics,
) -> None:
    """Check a module and those below; `repetition` is the nearest count, for_each or depends_on."""
    for name, child in current.children.items():
        inner = current.module.calls[name]
        _check_below(child, current, _repetition(inner) or repetition, diags)
    _Passing(current, caller, diags).check(repetition)


def _repetition(call: ModuleCall) -> SourceRange | None:
    """Return the place of what makes a call unfit for modules with their own providers."""
    if call.count is not None:
        return call.count.range
    if call.for_each is not None:
        return call.for_each.range
    return call.depends_on[0].range if call.depends_on else None


def _text(name: LocalName) -> str:
    return name[0] if name[1] is None else f"{name[0]}.{name[1]}"


def _is_empty(block: ProviderBlock) -> bool:
    body = block.body
    if isinstance(body, JsonBody):
        return not body.members
    return not body.attributes and not body.blocks


class _Passing:
    """The rules on one module: what it declares, and what its caller passes."""

    def __init__(
        self, current: Configuration, caller: Configuration | None, diags: Diagnostics
    ) -> None:
        self.module = current.module
        self.path = current.path
        self.caller = caller.module if caller is not None else current.module
        call = caller.module.calls[current.path[-1]] if caller is not None else None
        self.call = call
        self.diags = diags
        self.name = render_module_path(current.path) or "the root module"
        self.parent = render_module_path(current.path[:-1]) or "the root module"
        self.passed = dict(call.providers) if call is not None else {}
        blocks = self.module.providers
        self.configured = {key for key, block in blocks.items() if not _is_empty(block)}
        self.empty = {key for key, block in blocks.items() if _is_empty(block)}
        self.aliases = {
            (name, alias.alias): requirement.source
            for name, requirement in self.module.requirements.items()
            for alias in requirement.aliases
        }

    def check(self, repetition: SourceRange | None) -> None:
        self.check_implied_names()
        self.check_calls()
        if self.call is None:
            return
        if self.configured and repetition is not None:
            self.diags.error(
                "Module is incompatible with count, for_each, and depends_on",
                f"{self.name} configures providers itself, so a call of it can't have count,"
                " for_each or depends_on. Let it get its providers from its caller instead.",
                repetition,
            )
        for key in self.configured & self.passed.keys():
            self.diags.error(
                "Cannot override provider configuration",
                f"{self.name} configures {_text(key)} itself, so it can't be passed one.",
                self.call.provider_ranges[key],
            )
        self.check_aliases(self.call)
        for key in self.passed:
            self.check_passed(key, self.call)
        self.warn_empty()

    def check_implied_names(self) -> None:
        """Report resource types whose first word is no provider, or one under another name."""
        sources = {
            requirement.source: name for name, requirement in self.module.requirements.items()
        }
        for block in self.module.resources.values():
            if block.provider_ref is not None or block.address.mode is Mode.EPHEMERAL:
                continue
            name = block.address.type.split("_", 1)[0]
            if name in self.module.requirements:
                continue
            if normalize_part(name) is None:
                self.diags.error(
                    "Invalid provider local name",
                    f'The type "{block.address.type}" begins with "{name}", which can\'t be the'
                    " name of a provider.",
                    block.range,
                )
                continue
            other = sources.get(implied_source(name))
            if other is not None:
                self.diags.warning(
                    "Duplicate required provider",
                    f'{block.address} needs the provider "{name}", which required_providers calls'
                    f' "{other}". Name it "{name}" there, or set provider = {other} here.',
                    block.range,
                )

    def check_calls(self) -> None:
        """Report configurations that are passed on and yet declared nowhere here."""
        for call in self.module.calls.values():
            for outside in call.providers.values():
                if outside.alias is not None:
                    continue
                key = (outside.name, None)
                is_declared = outside.name in self.module.requirements
                if key not in self.configured and not is_declared:
                    self.undefined(outside.name, self.name, outside.range)
                elif self.path and key not in self.configured and key not in self.passed:
                    assert self.call is not None
                    self.diags.warning(
                        "Missing required provider configuration",
                        f'{self.name} passes on a configuration of "{outside.name}" that'
                        f" {self.parent} doesn't pass to it.",
                        self.call.range,
                    )

    def undefined(self, name: str, where: str, place: SourceRange) -> None:
        source = ProviderSource(DEFAULT_HOST, "hashicorp", name)
        self.diags.warning(
            "Reference to undefined provider",
            f'Nothing in {where} says what provider "{name}" is, so {source.display} is taken.'
            " An entry in its required_providers makes that plain.",
            place,
        )

    def check_aliases(self, call: ModuleCall) -> None:
        for key, source in self.aliases.items():
            if key in self.configured or key in self.passed:
                continue
            self.diags.error(
                "Missing required provider configuration",
                f"{self.name} needs one more configuration of {source.display}, under the name"
                f" {_text(key)}. Pass it with the argument providers.",
                call.range,
            )

    def check_passed(self, key: LocalName, call: ModuleCall) -> None:
        """Report a configuration that the module has no use for, or one of another provider."""
        name, alias = key
        outside = self.passed[key]
        requirement = self.module.requirements.get(name)
        is_known = key in self.aliases or key in self.empty
        is_known = is_known or (alias is None and requirement is not None)
        if not is_known:
            if alias is None:
                self.undefined(name, self.name, call.provider_ranges[key])
            else:
                self.diags.warning(
                    "Reference to undefined provider",
                    f"{self.name} declares no provider configuration {_text(key)}: it must be"
                    " among its configuration_aliases.",
                    call.provider_ranges[key],
                )
        wanted = requirement.source if requirement is not None else _default(name)
        given = self.given_source(outside.name)
        if wanted != given:
            self.diags.error(
                "Provider type mismatch",
                f'"{outside.name}" in {self.parent} is the provider {given.display}, and'
                f' "{_text(key)}" in {self.name} is {wanted.display}.',
                outside.range,
            )

    def given_source(self, name: str) -> ProviderSource:
        """Return the provider of the caller's local name."""
        requirement = self.caller.requirements.get(name)
        return requirement.source if requirement is not None else _default(name)

    def warn_empty(self) -> None:
        seen: set[str] = set()
        for key in self.module.providers:
            if key not in self.empty or key[0] in seen:
                continue
            seen.add(key[0])
            self.diags.warning(
                "Redundant empty provider block",
                f'An empty block says that {self.name} is to be passed a "{key[0]}". Say so in'
                " its required_providers instead.",
                self.module.providers[key].range,
            )


def _default(name: str) -> ProviderSource:
    # As terraform does it: "terraform" itself is not taken for the built-in one here.
    return ProviderSource(DEFAULT_HOST, "hashicorp", name)
