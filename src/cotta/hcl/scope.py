"""What names mean: variables and functions, innermost first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cotta.hcl.ast import SplatItem
    from cotta.values.functions import Function
    from cotta.values.value import Value


@runtime_checkable
class Namespace(Protocol):
    """An object whose attributes are worked out when they are asked for.

    `aws_instance.web` in a state of thousands must not cost thousands.
    """

    def attribute(self, name: str) -> Value | Namespace | None:
        """Return what `name` means in here; None if nothing."""

    def names(self) -> Iterable[str]:
        """Return the names that mean something, for suggestions."""

    def value(self) -> Value:
        """Return the whole as an object value."""


Binding: TypeAlias = "Value | Namespace"


class Scope:
    """Variables and functions, and the scope around, if any.

    A scope is read only, except that a loop rebinds its own variables.
    """

    __slots__ = ("functions", "parent", "variables")

    def __init__(
        self,
        variables: Mapping[str, Binding] | None = None,
        functions: Mapping[str, Function] | None = None,
        parent: Scope | None = None,
    ) -> None:
        # The current item of a splat is bound to its own node, which no name can hide.
        self.variables: dict[str | SplatItem, Binding] = {}
        if variables:
            self.variables.update(variables)
        self.functions = functions if functions is not None else {}
        self.parent = parent

    def child(self) -> Scope:
        """Return a scope inside this one with no variables yet."""
        return Scope(parent=self)

    def lookup(self, name: str | SplatItem) -> Binding | None:
        """Return what `name` is bound to, innermost first; None if to nothing."""
        scope: Scope | None = self
        while scope is not None:
            found = scope.variables.get(name)
            if found is not None:
                return found
            scope = scope.parent
        return None

    def function(self, name: str) -> Function | None:
        """Return the function of that name, innermost first; None if there is none."""
        scope: Scope | None = self
        while scope is not None:
            found = scope.functions.get(name)
            if found is not None:
                return found
            scope = scope.parent
        return None

    def variable_names(self) -> list[str]:
        """Return every name bound here or around, for suggestions."""
        names: list[str] = []
        scope: Scope | None = self
        while scope is not None:
            names += [name for name in scope.variables if isinstance(name, str)]
            scope = scope.parent
        return names

    def function_names(self) -> list[str]:
        """Return the name of every function in reach, for suggestions."""
        names: list[str] = []
        scope: Scope | None = self
        while scope is not None:
            names += scope.functions
            scope = scope.parent
        return names
