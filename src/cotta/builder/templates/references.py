"""Names in a template that lead nowhere, found without evaluating anything.

All of a template is looked through, also what no build uses, so that one run
tells of every slip.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.diagnostics.suggest import did_you_mean
from cotta.hcl.ast import (
    AttributeStep,
    Body,
    Variable,
)
from cotta.hcl.references import variables_in
from cotta.hcl.traversals import as_keyword

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cotta.builder.templates.declared import Template
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.hcl.ast import Block, Expression
    from cotta.hcl.bodies import AnyBody

BUILD_NAMES: Final = (
    "name", "ID", "Host", "Port", "User", "Password", "ConnType", "PackerRunUUID", "PackerHTTPIP",
    "PackerHTTPPort", "PackerHTTPAddr", "SSHPublicKey", "SSHPrivateKey", "SSHPrivateKeyFile",
    "SSHAgentAuth", "WinRMPassword", "SourceAMI", "SourceAMIName", "SourceAMIOwner",
    "SourceAMIOwnerName", "SourceAMICreationDate", "BuildRegion",
)  # fmt: skip
_FIXED: Final = {
    "path": ("cwd", "root"),
    "packer": ("version", "iterationID", "versionFingerprint"),
    "source": ("name", "type"),
    "build": BUILD_NAMES,
}


def find_in_body(body: AnyBody, bound: frozenset[str] = frozenset()) -> Iterator[Variable]:
    """Iterate over every reference in a body and its blocks.

    Names that a `dynamic` block binds are left out; in JSON, where blocks can't
    be told from arguments before they are read, everything that any binds.
    """
    if isinstance(body, Body):
        for attribute in body.attributes.values():
            yield from (v for v in variables_in(attribute.expression) if v.name not in bound)
        for block in body.blocks:
            yield from find_in_body(block.body, bound | _bound_by(block))
        return
    for member in body.members:
        yield from (v for v in variables_in(member.value) if v.name not in bound)


def _bound_by(block: Block) -> frozenset[str]:
    if block.type != "dynamic" or not isinstance(block.body, Body):
        return frozenset()
    iterator = block.body.attributes.get("iterator")
    word = as_keyword(iterator.expression) if iterator is not None else None
    return frozenset({word or (block.labels[0] if block.labels else "")})


def check_references(template: Template, diags: Diagnostics) -> None:
    """Report every reference that leads to nothing that is declared."""
    checker = _Checker(template, diags)
    for local in template.locals.values():
        for variable in variables_in(local.expression):
            checker.check(variable, place="local")
    for data in template.data.values():
        for variable in find_in_body(data.block.body):
            checker.check(variable, place="data")
    for source in template.sources.values():
        for variable in find_in_body(source.block.body):
            checker.check(variable, place="source")
    for build in template.builds:
        for variable in find_in_body(build.body):
            checker.check(variable, place="build")


def check_expression(expression: Expression, template: Template, diags: Diagnostics) -> None:
    """Report what an expression by itself, as in a console, refers to in vain."""
    checker = _Checker(template, diags)
    for variable in variables_in(expression):
        checker.check(variable, place="console")


class _Checker:
    def __init__(self, template: Template, diags: Diagnostics) -> None:
        self._template = template
        self._diags = diags
        self._types = {data.type for data in template.data.values()}

    def check(self, variable: Variable, *, place: str) -> None:
        names = [step.name for step in variable.steps if isinstance(step, AttributeStep)]
        match variable.name:
            case "var":
                self._declared(variable, names, list(self._template.variables), "variable")
            case "local":
                self._declared(variable, names, list(self._template.locals), "local value")
            case "data":
                self._data(variable, names)
            case "build" | "source" if place not in _MEANT_IN[variable.name]:
                self._misplaced(variable)
            case "build" | "source" | "path" | "packer":
                self._fixed(variable, names)
            case _:
                pass  # Told when it is evaluated.

    def _declared(
        self, variable: Variable, names: Sequence[str], known: list[str], what: str
    ) -> None:
        if names and names[0] not in known:
            prefix = variable.name
            write = (
                f'variable "{names[0]}" {{ default = … }}'
                if prefix == "var"
                else f"locals {{ {names[0]} = … }}"
            )
            self._diags.error(
                f"Reference to undeclared {what}",
                f"{prefix}.{names[0]} is not declared."
                f"{did_you_mean(names[0], known) or f' To declare it, write: {write}'}",
                variable.range,
            )

    def _data(self, variable: Variable, names: Sequence[str]) -> None:
        if len(names) < 2:
            if names and names[0] not in self._types:
                hint = did_you_mean(names[0], list(self._types))
                self._diags.error(
                    "Reference to undeclared data source",
                    f"There is no data source of the type {names[0]}.{hint}",
                    variable.range,
                )
            return
        key = f"{names[0]}.{names[1]}"
        if key not in self._template.data:
            known = list(self._template.data)
            write = f'data "{names[0]}" "{names[1]}" {{ … }}'
            self._diags.error(
                "Reference to undeclared data source",
                f"data.{key} is not declared."
                f"{did_you_mean(key, known) or f' To declare it, write: {write}'}",
                variable.range,
            )

    def _misplaced(self, variable: Variable) -> None:
        detail = (
            "What a build has while it runs, such as build.ID, can be used in provisioners and "
            "post-processors only."
            if variable.name == "build"
            else "source.name and source.type can be used in a source and in a build only."
        )
        self._diags.error("Reference out of place", detail, variable.range)

    def _fixed(self, variable: Variable, names: Sequence[str]) -> None:
        known = _FIXED[variable.name]
        if names and names[0] not in known:
            hint = did_you_mean(names[0], known)
            self._diags.error(
                "Unsupported attribute",
                f"There is no {variable.name}.{names[0]}."
                f"{hint or f' There is {_listed(variable.name, known)}.'}",
                variable.range,
            )


_MEANT_IN: Final = {"build": ("build",), "source": ("source", "build")}


def _listed(root: str, names: Sequence[str]) -> str:
    return ", ".join(f"{root}.{name}" for name in names)
