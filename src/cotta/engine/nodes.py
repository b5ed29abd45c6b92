"""The nodes of the graphs, as small tuples: they are hashed by the hundred thousand."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from cotta.addrs.resources import render_module_path

if TYPE_CHECKING:
    from cotta.addrs.resources import ModulePath


class Kind(StrEnum):
    """What a node of the configuration stands for."""

    VARIABLE = "var"
    LOCAL = "local"
    OUTPUT = "output"
    CALL = "module"  # which instances a module has; all of it waits for this
    WAIT = "depends_on of module"  # what the resources of a module wait for
    MODULE = "all of module"  # everything inside a module is done
    RESOURCE = "resource"  # all instances of a resource block
    ORPHAN = "orphan"  # instances whose block is gone
    CHECK = "check"
    PROVIDER = "provider"  # a configured provider
    # While a plan is applied:
    EXPAND = "expand"  # what all instances of a resource wait for
    ACT = "act"  # one object is created, changed or read
    DESTROY = "destroy"  # one object is destroyed or forgotten
    BEFORE_DESTROY = "before destroy"  # what all ends of a resource's objects wait for
    DESTROYED = "destroyed"  # all ends of a resource's objects
    CLEARED = "cleared"  # the ends, above a resource, that its acts wait for

    def __repr__(self) -> str:
        return self.name

    # That of the text, which is computed once; an enum's own is a call of Python code.
    __hash__ = str.__hash__


_WHILE_APPLYING: Final = frozenset(
    {
        Kind.EXPAND,
        Kind.ACT,
        Kind.DESTROY,
        Kind.BEFORE_DESTROY,
        Kind.DESTROYED,
        Kind.CLEARED,
    }
)


class Node(NamedTuple):
    """Something in a module, by name; of a module call, `path` is the module that calls.

    The name of a resource is its text, of a provider the text of its address.
    """

    kind: Kind
    path: ModulePath
    name: str = ""

    def __str__(self) -> str:
        before = render_module_path(self.path)
        match self.kind:
            case Kind.RESOURCE | Kind.PROVIDER:
                name = self.name
            case Kind.ORPHAN:
                return f"{self.name} (orphan)"
            case Kind.MODULE:
                return f"{before} (close)" if before else "root"
            case Kind.WAIT:
                return f"{before}.module.{self.name} (depends_on)".lstrip(".")
            case kind if kind in _WHILE_APPLYING:
                return f"{self.name} ({kind.value})"
            case kind:
                name = f"{kind.value}.{self.name}"
        return f"{before}.{name}" if before and self.kind is not Kind.PROVIDER else name
