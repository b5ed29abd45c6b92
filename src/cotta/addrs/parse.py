"""Addresses from their text: on command lines and in state files.

Each parser returns None, with a diagnostic, for what is no such address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from cotta.addrs.providers import DEFAULT_HOST, ProviderConfig, ProviderSource, implied_source
from cotta.addrs.resources import (
    AbsResource,
    AbsResourceInstance,
    ConfigResource,
    Mode,
    ModuleInstance,
    ModuleStep,
    Resource,
    path_of,
)
from cotta.addrs.steps import Key, Name, split_address
from cotta.diagnostics.source import SourceFile, SourceRange

if TYPE_CHECKING:
    from cotta.addrs.resources import InstanceKey
    from cotta.addrs.steps import AddressStep
    from cotta.diagnostics.diagnostics import Diagnostics

# What an address on the command line may stand for.
Target: TypeAlias = ModuleInstance | AbsResource | AbsResourceInstance

# First words of references to other things than resources.
_RESERVED: Final = frozenset(
    {"var", "local", "path", "terraform", "each", "count", "self", "template", "lazy", "arg"}
)
_LARGEST_KEY: Final = 2**63


class _Reader:
    """Reads the steps of one address from the left."""

    def __init__(self, source: SourceFile, steps: list[AddressStep], diags: Diagnostics) -> None:
        self.source = source
        self.steps = steps
        self.diags = diags
        self.at = 0

    @property
    def is_done(self) -> bool:
        return self.at == len(self.steps)

    def peek(self) -> AddressStep | None:
        return None if self.is_done else self.steps[self.at]

    def name(self) -> str | None:
        """Take the next step if it is a name."""
        step = self.peek()
        if not isinstance(step, Name):
            return None
        self.at += 1
        return step.text

    def take(self, word: str) -> bool:
        """Take the next step if it is the name `word`."""
        step = self.peek()
        found = isinstance(step, Name) and step.text == word
        self.at += found
        return found

    def refuse(self, summary: str, detail: str) -> None:
        """Report a mistake at the next step, or at the last one."""
        step = self.steps[min(self.at, len(self.steps) - 1)]
        self.diags.error(summary, detail, SourceRange(self.source, step.start, step.end))

    def key(self) -> InstanceKey | _Wrong:
        """Take the next step if it is a key; None if it is none."""
        step = self.peek()
        if not isinstance(step, Key):
            return None
        value = step.value
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, float) or (isinstance(value, int) and value >= _LARGEST_KEY):
            self.refuse(
                "Invalid address", "A number in brackets must be a whole one, below 2 to the 63rd."
            )
            return WRONG
        self.at += 1
        return value

    def modules(self) -> ModuleInstance | None:
        """Take all leading `module.name[key]`; None after a mistake."""
        found: list[ModuleStep] = []
        while self.take("module"):
            name = self.name()
            if name is None:
                self.refuse(
                    "Invalid address operator", '"module." must be followed by a module\'s name.'
                )
                return None
            key = self.key()
            if isinstance(key, _Wrong):
                return None
            found.append(ModuleStep(name, key))
        return tuple(found)

    def resource(self) -> Resource | None:
        """Take `type.name` with the word for its mode, if any; None after a mistake."""
        mode = Mode.MANAGED
        if self.take("data"):
            mode = Mode.DATA
        elif self.take("ephemeral"):
            mode = Mode.EPHEMERAL
        elif not self.take("resource"):
            first = self.peek()
            if isinstance(first, Name) and first.text in _RESERVED:
                self.refuse(
                    "Invalid address",
                    f'"{first.text}" begins a reference to something else than a resource. '
                    'If it is a resource\'s type, write "resource." before it.',
                )
                return None
        type_ = self.name()
        name = self.name() if type_ is not None else None
        if type_ is None or name is None:
            self.refuse("Invalid address", "A resource is named by its type and its own name.")
            return None
        return Resource(mode, type_, name)


class _Wrong:
    """A key that was refused."""


WRONG: Final = _Wrong()


def _begin(text: str, name: str, diags: Diagnostics) -> _Reader | None:
    source = SourceFile(name, text)
    steps = split_address(source, diags)
    return None if steps is None else _Reader(source, steps, diags)


def parse_target(text: str, diags: Diagnostics, *, name: str = "address") -> Target | None:
    """Return what `text` names: a module instance, a resource or an instance of one.

    `name` is what messages call the place of the text.
    """
    reader = _begin(text, name, diags)
    module = reader.modules() if reader is not None else None
    if reader is None or module is None:
        return None
    if reader.is_done:
        return module
    resource = reader.resource()
    if resource is None:
        return None
    found = AbsResource(module, resource)
    if reader.is_done:
        return found
    if not isinstance(reader.peek(), Key):
        reader.refuse("Invalid address", "The key of an instance is written in brackets.")
        return None
    key = reader.key()
    if isinstance(key, _Wrong):
        return None
    if not reader.is_done:
        reader.refuse("Invalid address", "Nothing may follow after the key of an instance.")
        return None
    return found.instance(key)


def parse_instance(
    text: str, diags: Diagnostics, *, name: str = "address"
) -> AbsResourceInstance | None:
    """Return the resource instance that `text` names; one without a key where none is given."""
    found = parse_target(text, diags, name=name)
    if isinstance(found, AbsResource):
        return found.instance(None)
    if isinstance(found, AbsResourceInstance) or found is None:
        return found
    source = SourceFile(name, text)
    diags.error(
        "Invalid address",
        "A resource instance is needed here, not a whole module.",
        SourceRange(source, 0, len(text)),
    )
    return None


def parse_resource(text: str, diags: Diagnostics, *, name: str = "address") -> AbsResource | None:
    """Return the resource that `text` names, without the key of an instance."""
    found = parse_target(text, diags, name=name)
    if isinstance(found, AbsResource) or found is None:
        return found
    diags.error(
        "Invalid address",
        "A resource is needed here, without the key of an instance.",
        SourceRange(SourceFile(name, text), 0, len(text)),
    )
    return None


def parse_config_resource(
    text: str, diags: Diagnostics, *, name: str = "address"
) -> ConfigResource | None:
    """Return the block of the resource that `text` names; keys of modules are left out."""
    found = parse_resource(text, diags, name=name)
    return None if found is None else ConfigResource(path_of(found.module), found.resource)


def parse_module(text: str, diags: Diagnostics, *, name: str = "address") -> ModuleInstance | None:
    """Return the module instance that `text` names."""
    found = parse_target(text, diags, name=name)
    if isinstance(found, tuple) or found is None:
        return found
    diags.error(
        "Invalid module instance address",
        "A module is named by the word module and its name: module.network[0].",
        SourceRange(SourceFile(name, text), 0, len(text)),
    )
    return None


def parse_provider_config(
    text: str, diags: Diagnostics, *, name: str = "address"
) -> ProviderConfig | None:
    """Return the provider configuration that a state file names.

    `module.net.provider["registry.terraform.io/hashicorp/aws"].west`.  The form of Terraform
    0.12 and before, `provider.aws.west`, is read as a provider of the namespace `-`, which
    stands for one that is not known.
    """
    reader = _begin(text, name, diags)
    module = reader.modules() if reader is not None else None
    if reader is None or module is None:
        return None
    source = _provider(reader) if reader.take("provider") else None
    alias = reader.name() if source is not None else None
    if source is None or not reader.is_done:
        reader.refuse(
            "Invalid provider configuration address",
            'A provider is named by the word provider and its source: provider["hashicorp/aws"].',
        )
        return None
    return ProviderConfig(path_of(module), source, alias)


def _provider(reader: _Reader) -> ProviderSource | None:
    legacy = reader.name()
    if legacy is not None:
        return ProviderSource(DEFAULT_HOST, "-", legacy)
    step = reader.peek()
    if not isinstance(step, Key) or not isinstance(step.value, str):
        return None
    reader.at += 1
    return split_source(step.value)


def split_source(text: str) -> ProviderSource | None:
    """Return the provider that `host/namespace/type` names, or a shorter form; None for others.

    Without a host the usual registry is meant, without a namespace `hashicorp`.
    """
    parts = text.lower().split("/")
    if not all(parts) or len(parts) > 3:
        return None
    if len(parts) == 1:
        return implied_source(parts[0])
    host = parts[0] if len(parts) == 3 else DEFAULT_HOST
    return ProviderSource(host, parts[-2], parts[-1])
