"""What names mean in each module instance, from what has been worked out so far.

`Names` is the memory of one walk.  The scopes that it gives out look names up
when they are asked for, so `aws_instance.web` in a state of thousands costs
one look, and a resource with a thousand instances is put together once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from cotta.addrs.resources import AbsResource, Mode, ModuleStep, path_of
from cotta.hcl.scope import Scope
from cotta.values.value import ANY_UNKNOWN, Mark, ObjectValue, TupleValue, Unknown, is_null, mark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from cotta.addrs.resources import InstanceKey, ModuleInstance, ModulePath, Resource
    from cotta.configs.model import Configuration
    from cotta.hcl.scope import Binding, Namespace
    from cotta.values.functions import Function
    from cotta.values.value import Value

# How a block repeats: not at all, by number, by name; "unknown" while nobody can tell.
Repetition = Literal["none", "count", "each", "unknown"]


@dataclass(frozen=True, slots=True)
class Paths:
    """`path.*`: the directories as a configuration sees them."""

    cwd: str
    root: str
    # The directory of each module, as written: "." for the root.
    modules: Mapping[ModulePath, str]


@dataclass(slots=True)
class Expansion:
    """The instances of one block: how it repeats, and what `each` or `count` is in each."""

    repetition: Repetition
    bindings: dict[InstanceKey, dict[str, Binding]]


@dataclass(slots=True)
class Names:
    """The memory of one walk: everything evaluated so far, by module instance."""

    root: Configuration
    functions: Mapping[str, Function]
    paths: Paths
    workspace: str
    is_applying: bool = False
    modules: dict[ModulePath, list[ModuleInstance]] = field(default_factory=lambda: {(): [()]})
    calls: dict[tuple[ModuleInstance, str], Expansion] = field(default_factory=dict)
    variables: dict[tuple[ModuleInstance, str], Value] = field(default_factory=dict)
    locals: dict[tuple[ModuleInstance, str], Value] = field(default_factory=dict)
    outputs: dict[tuple[ModuleInstance, str], Value] = field(default_factory=dict)
    expansions: dict[AbsResource, Expansion] = field(default_factory=dict)
    objects: dict[AbsResource, dict[InstanceKey, Value]] = field(default_factory=dict)
    _wholes: dict[AbsResource, Value] = field(default_factory=dict)
    _scopes: dict[ModuleInstance, Scope] = field(default_factory=dict)

    def scope(self, module: ModuleInstance) -> Scope:
        """Return the scope of a module instance; the same one each time."""
        found = self._scopes.get(module)
        if found is None:
            found = self._scopes[module] = self._make_scope(module)
        return found

    def _make_scope(self, module: ModuleInstance) -> Scope:
        path = path_of(module)
        configuration = self.root.descendant(path)
        assert configuration is not None
        declared = configuration.module
        applying = mark(self.is_applying, Mark.EPHEMERAL)
        variables: dict[str, Binding] = {
            "var": _Table(self.variables, module, declared.variables),
            "local": _Table(self.locals, module, declared.locals),
            "module": _Calls(self, module, configuration),
            "path": ObjectValue(
                {
                    "cwd": self.paths.cwd,
                    "root": self.paths.root,
                    "module": self.paths.modules.get(path, self.paths.root),
                }
            ),
            "terraform": ObjectValue(
                {"workspace": self.workspace, "applying": applying, "env": self.workspace}
            ),
        }
        types: dict[Mode, dict[str, dict[str, Resource]]] = {mode: {} for mode in Mode}
        for resource in declared.resources:
            types[resource.mode].setdefault(resource.type, {})[resource.name] = resource
        managed = {
            type_: _ResourcesOfType(self, module, named)
            for type_, named in types[Mode.MANAGED].items()
        }
        variables = {**managed, **variables, "resource": _Types(managed)}
        for mode in (Mode.DATA, Mode.EPHEMERAL):
            variables[mode.value] = _Types(
                {t: _ResourcesOfType(self, module, named) for t, named in types[mode].items()}
            )
        return Scope(variables, self.functions)

    def resource_value(self, address: AbsResource) -> Value:
        """Return what a reference to a whole resource means; unknown while nobody can tell."""
        whole = self._wholes.get(address)
        if whole is None:
            whole = self._wholes[address] = self._put_together(address)
        return whole

    def _put_together(self, address: AbsResource) -> Value:
        expansion = self.expansions.get(address)
        if expansion is None or expansion.repetition == "unknown":
            return ANY_UNKNOWN
        objects = self.objects.get(address, {})
        return gather(expansion, lambda key: objects.get(key, ANY_UNKNOWN))

    def set_object(self, address: AbsResource, key: InstanceKey, value: Value) -> None:
        """Remember what a reference to an instance means from now on; unknown if it is gone."""
        self.objects.setdefault(address, {})[key] = ANY_UNKNOWN if is_null(value) else value
        self._wholes.pop(address, None)

    def instances_of(self, path: ModulePath) -> list[ModuleInstance]:
        """Return the instances of a module, in order; empty if it has none."""
        return self.modules.get(path, [])

    def expand_call(self, module: ModuleInstance, name: str, expansion: Expansion) -> None:
        """Remember which instances a module call has in one instance of its module."""
        self.calls[module, name] = expansion
        path = (*path_of(module), name)
        below = [(*module, ModuleStep(name, key)) for key in expansion.bindings]
        self.modules.setdefault(path, []).extend(below)


def gather(expansion: Expansion, value_of: Callable[[InstanceKey], Value]) -> Value:
    """Return the instances of a block as one value: itself, a tuple, or an object."""
    if expansion.repetition == "none":
        return value_of(None)
    if expansion.repetition == "count":
        return TupleValue(tuple([value_of(key) for key in expansion.bindings]))
    return ObjectValue({str(key): value_of(key) for key in expansion.bindings})


class _Table:
    """`var` or `local`: a table shared by all modules, as one of them sees it."""

    def __init__(
        self,
        values: dict[tuple[ModuleInstance, str], Value],
        module: ModuleInstance,
        declared: Mapping[str, object],
    ) -> None:
        self._values, self._module, self._declared = values, module, declared

    def attribute(self, name: str) -> Value | None:
        if name not in self._declared:
            return None
        return self._values.get((self._module, name), ANY_UNKNOWN)

    def names(self) -> Iterable[str]:
        return self._declared

    def value(self) -> Value:
        return ObjectValue(
            {n: self._values.get((self._module, n), ANY_UNKNOWN) for n in self._declared}
        )


class _Types:
    """`data` (or `ephemeral`, or `resource`): resource types by name."""

    def __init__(self, types: Mapping[str, _ResourcesOfType]) -> None:
        self._types = types

    def attribute(self, name: str) -> Namespace | None:
        return self._types.get(name)

    def names(self) -> Iterable[str]:
        return self._types

    def value(self) -> Value:
        return ObjectValue({name: found.value() for name, found in self._types.items()})


class _ResourcesOfType:
    """`aws_instance`: the resources of a type by name."""

    def __init__(
        self, memory: Names, module: ModuleInstance, resources: dict[str, Resource]
    ) -> None:
        self._memory = memory
        self._addresses = {
            name: AbsResource(module, resource) for name, resource in resources.items()
        }

    def attribute(self, name: str) -> Value | None:
        address = self._addresses.get(name)
        return self._memory.resource_value(address) if address is not None else None

    def names(self) -> Iterable[str]:
        return self._addresses

    def value(self) -> Value:
        return ObjectValue(
            {name: self._memory.resource_value(a) for name, a in self._addresses.items()}
        )


class _Calls:
    """`module`: the calls of a module by name."""

    def __init__(self, memory: Names, module: ModuleInstance, configuration: Configuration) -> None:
        self._memory, self._module, self._configuration = memory, module, configuration

    def attribute(self, name: str) -> Value | Namespace | None:
        child = self._configuration.children.get(name)
        if child is None:
            return None
        expansion = self._memory.calls.get((self._module, name))
        if expansion is None or expansion.repetition == "unknown":
            return ANY_UNKNOWN
        if expansion.repetition == "none":
            return self._outputs(child, name, None)
        return gather(expansion, lambda key: self._outputs(child, name, key).value())

    def _outputs(self, child: Configuration, name: str, key: InstanceKey) -> _Table:
        instance = (*self._module, ModuleStep(name, key))
        return _Table(self._memory.outputs, instance, child.module.outputs)

    def names(self) -> Iterable[str]:
        return self._configuration.children

    def value(self) -> Value:
        return Unknown(ANY_UNKNOWN.type)
