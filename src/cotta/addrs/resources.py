"""Modules, resources and instances: how they are named, and how the names are written.

A *configuration* address has no instance keys: a block as somebody wrote it.
An *absolute* one has a key for every module on the way: one of the things
that the block stands for.

    ConfigResource       module.net.aws_vpc.main          the block
    AbsResource          module.net["eu"].aws_vpc.main    the block, in one module instance
    AbsResourceInstance  module.net["eu"].aws_vpc.main[0]
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias, final

# None is the one instance of what has neither count nor for_each.
InstanceKey: TypeAlias = int | str | None

# Names of module calls from the root, which is ().
ModulePath: TypeAlias = tuple[str, ...]
ROOT: Final = ()


class Mode(Enum):
    """What kind of block declares a resource; the value is the word in state files."""

    MANAGED = "managed"
    DATA = "data"
    EPHEMERAL = "ephemeral"


@dataclass(frozen=True, slots=True)
class ModuleStep:
    """One call on the way to a module instance."""

    name: str
    key: InstanceKey = None


# Calls from the root module, which is ().
ModuleInstance: TypeAlias = tuple[ModuleStep, ...]


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource as its own module names it: `aws_instance.web`, `data.aws_ami.app`."""

    mode: Mode
    type: str
    name: str

    def __str__(self) -> str:
        name = f"{self.type}.{self.name}"
        return name if self.mode is Mode.MANAGED else f"{self.mode.value}.{name}"


@final
class ConfigResource:
    """A resource block of a module, whatever the instances of either.  Equal when the texts are.

    The text is made once: a state of a long chain names each block once per object after it.
    """

    __slots__ = ("module", "resource", "text")

    def __init__(self, module: ModulePath, resource: Resource) -> None:
        self.module = module
        self.resource = resource
        self.text = _join(render_module_path(module), str(resource))

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"ConfigResource({self.text})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ConfigResource) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


@final
class AbsResource:
    """A resource in one instance of its module.  Equal when the texts are."""

    __slots__ = ("module", "resource", "text")

    def __init__(self, module: ModuleInstance, resource: Resource) -> None:
        self.module = module
        self.resource = resource
        self.text = _join(render_module(module), str(resource))

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"AbsResource({self.text})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AbsResource) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    @property
    def config(self) -> ConfigResource:
        """The block that declares it."""
        return ConfigResource(path_of(self.module), self.resource)

    def instance(self, key: InstanceKey) -> AbsResourceInstance:
        """Return the instance under `key`."""
        return AbsResourceInstance(self, key)


@final
class AbsResourceInstance:
    """One instance of a resource.  Equal when the texts are, which are made once."""

    __slots__ = ("key", "of", "text")

    def __init__(self, of: AbsResource, key: InstanceKey = None) -> None:
        self.of = of
        self.key = key
        self.text = of.text if key is None else of.text + render_key(key)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"AbsResourceInstance({self.text})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AbsResourceInstance) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    @property
    def module(self) -> ModuleInstance:
        """The module instance it is in."""
        return self.of.module

    @property
    def resource(self) -> Resource:
        """The resource as its module names it."""
        return self.of.resource


def instance_order(address: AbsResourceInstance) -> tuple[object, ...]:
    """Return a key that sorts as Terraform's plans do: by module, mode, type, name, key.

    Data resources come before managed ones; no key before numbers before
    names; a parent module before its children.
    """
    resource = address.resource
    return (
        tuple((step.name, *key_order(step.key)) for step in address.module),
        resource.mode is not Mode.DATA,
        resource.type,
        resource.name,
        key_order(address.key),
    )


def key_order(key: InstanceKey) -> tuple[int, int, str]:
    """Return a sort key for instance keys: none, then numbers, then names."""
    if key is None:
        return (0, 0, "")
    return (1, key, "") if isinstance(key, int) else (2, 0, key)


def path_of(module: ModuleInstance) -> ModulePath:
    """Return the module's path without instance keys."""
    return tuple(step.name for step in module)


def render_key(key: InstanceKey) -> str:
    """Return `[0]`, `["name"]`, or nothing; quotes and templates in a name are escaped."""
    if key is None:
        return ""
    if isinstance(key, int):
        return f"[{key}]"
    escaped = key.translate(_ESCAPES).replace("${", "$${").replace("%{", "%%{")
    return f'["{escaped}"]'


_ESCAPES: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def render_module_path(module: ModulePath) -> str:
    """Return `module.a.module.b`; "" for the root."""
    return ".".join(f"module.{name}" for name in module)


def render_module(module: ModuleInstance) -> str:
    """Return `module.a["x"].module.b`; "" for the root."""
    return ".".join(f"module.{step.name}{render_key(step.key)}" for step in module)


def _join(module: str, rest: str) -> str:
    return f"{module}.{rest}" if module else rest
