"""What expressions mean where there is no configuration: functions, `path`, `terraform`.

`Names` is what a console is given to answer with.  A configuration's own
names come in the same shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cotta.diagnostics.suggest import did_you_mean
from cotta.hcl.ast import AttributeStep
from cotta.hcl.references import variables_in
from cotta.hcl.scope import Scope
from cotta.values.value import Mark, ObjectValue, make_string, mark

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.hcl.ast import Expression, Variable
    from cotta.values.functions import Function

_INVALID: Final = "Invalid reference"


@dataclass(frozen=True, slots=True)
class Names:
    """A scope, and the check that says which names of an expression are not declared.

    An expression that doesn't pass `check` is not evaluated.
    """

    scope: Scope
    check: Callable[[Expression, Diagnostics], None]


def bare_names(functions: Mapping[str, Function], *, started_in: str) -> Names:
    """Return the names of an empty configuration in the working folder."""
    path = {"cwd": make_string(started_in), "module": ".", "root": "."}
    terraform = {"applying": mark(False, Mark.EPHEMERAL), "workspace": "default"}
    variables = {"path": ObjectValue(path), "terraform": ObjectValue(terraform)}
    return Names(Scope(variables, functions), check_references)


def check_references(expression: Expression, diags: Diagnostics) -> None:
    """Report every name in `expression` that an empty configuration doesn't declare."""
    for variable in variables_in(expression):
        _check(variable, diags)


def _check(variable: Variable, diags: Diagnostics) -> None:
    root = variable.name
    if root in _ATTRIBUTES:
        if _has_attribute(variable, diags):
            _check_attribute(variable, diags)
    elif root in _DECLARED:
        if _has_attribute(variable, diags):
            summary, detail = _DECLARED[root]
            diags.error(summary, detail.format(_attribute(variable, 0)), variable.range)
    elif root == "self":
        diags.error(
            'Invalid "self" reference',
            'Only provisioners, connections and postconditions of a resource have a "self".',
            variable.range,
        )
    elif root in _RESERVED:
        diags.error(
            "Reserved symbol name",
            f'The name "{root}" is reserved for later. For a resource of that type, '
            f'write "resource.{root}".',
            variable.name_range,
        )
    else:
        _check_resource(variable, diags)


# What has a fixed set of attributes: (those, those that may be used here).
_ATTRIBUTES: Final[dict[str, tuple[tuple[str, ...], bool]]] = {
    "path": (("cwd", "module", "root"), True),
    "terraform": (("workspace", "applying"), True),
    "each": (("key", "value"), False),
    "count": (("index",), False),
}

_NOT_HERE: Final = {
    "key": 'Reference to "each" in context without for_each',
    "value": "each.value cannot be used in this context",
    "index": 'Reference to "count" in non-counted context',
}

_DECLARED: Final = {
    "var": (
        "Reference to undeclared input variable",
        'There is no input variable named "{0}". A block variable "{0}" {{}} would declare it.',
    ),
    "local": ("Reference to undeclared local value", 'There is no local value named "{0}".'),
    "module": ("Reference to undeclared module", 'There is no module call named "{0}".'),
}

_RESERVED: Final = frozenset({"template", "lazy", "arg"})

# What stands before a resource's type, and what the two names after it are of.
_MODES: Final = {
    "data": ("data resource", "data source"),
    "ephemeral": ("ephemeral resource", "ephemeral resource"),
    "resource": ("managed resource", "resource"),
}


def _has_attribute(variable: Variable, diags: Diagnostics) -> bool:
    """Say whether a name is followed by `.attribute`, or report that it must be."""
    if variable.steps and isinstance(variable.steps[0], AttributeStep):
        return True
    diags.error(
        _INVALID,
        f'"{variable.name}" is no value of its own. Name one of its attributes, '
        f'as in "{variable.name}.name".',
        variable.range,
    )
    return False


def _check_attribute(variable: Variable, diags: Diagnostics) -> None:
    known, is_usable = _ATTRIBUTES[variable.name]
    name = _attribute(variable, 0)
    if name not in known:
        listed = ", ".join(f"{variable.name}.{one}" for one in known)
        diags.error(
            f'Invalid "{variable.name}" attribute',
            f'"{variable.name}" has no attribute "{name}". There are: {listed}.'
            + did_you_mean(name, known),
            variable.steps[0].range,
        )
    elif not is_usable:
        diags.error(
            _NOT_HERE[name],
            f'"{variable.name}" has a meaning only inside a block that is repeated by '
            "count or for_each.",
            variable.range,
        )


def _check_resource(variable: Variable, diags: Diagnostics) -> None:
    has_mode = variable.name in _MODES
    mode, what = _MODES.get(variable.name, _MODES["resource"])
    names = [_attribute(variable, 0), _attribute(variable, 1)]
    if not has_mode:
        names.insert(0, variable.name)
    kind, name = names[:2]
    if not kind or not name:
        diags.error(
            _INVALID,
            f"A {what} is named by its type and its name, with a dot between them.",
            variable.range,
        )
        return
    diags.error(
        "Reference to undeclared resource",
        f'There is no {mode} "{kind}" "{name}" in the root module.',
        variable.range,
    )


def _attribute(variable: Variable, place: int) -> str:
    """Return the name of an attribute step; "" where there is none."""
    if len(variable.steps) <= place:
        return ""
    step = variable.steps[place]
    return step.name if isinstance(step, AttributeStep) else ""
