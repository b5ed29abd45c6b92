"""References judged without evaluating anything: whether they lead to something that is there.

Every block of every module is looked at, so one run tells of all mistakes,
where terraform leaves out what depends on a mistaken block.  Within one block
it is as there: where a resource, a module or `self` is wrong, other names in
the same expressions are not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.addrs.references import parse_reference, parse_references
from cotta.configs.availability import NOWHERE, Place, Whereabouts, place_of
from cotta.configs.expressions import expressions_of
from cotta.hcl.references import variables_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cotta.configs.model import CheckRule, Configuration, Module, ModuleCall, ResourceBlock
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.hcl.ast import Expression
    from cotta.hcl.ast import Variable as Traversal
    from cotta.hcl.bodies import AnyBody
    from cotta.schemas.model import Block


def check_references(
    root: Configuration,
    diags: Diagnostics,
    *,
    schema_of: Callable[[ResourceBlock], Block | None] | None = None,
) -> None:
    """Report every reference in the tree that leads nowhere.

    With `schema_of`, the attributes of resources are looked at too.
    """
    for current in root.walk():
        _ModuleCheck(current, schema_of, diags).check()


def check_expression(
    current: Configuration,
    expression: Expression,
    diags: Diagnostics,
    *,
    schema_of: Callable[[ResourceBlock], Block | None] | None = None,
) -> None:
    """Report every reference that leads nowhere of an expression that stands by itself."""
    _ModuleCheck(current, schema_of, diags).unit([expression], NOWHERE)


def check_module_arguments(root: Configuration, diags: Diagnostics) -> None:
    """Report calls whose arguments are not the variables of the module they call."""
    from cotta.hcl.bodies import AttributeSchema, BodySchema, content

    for current in root.walk():
        for name, child in current.children.items():
            call = current.module.calls[name]
            wanted = tuple(
                AttributeSchema(variable.name, required=variable.default is None)
                for variable in child.module.variables.values()
            )
            content(call.body, BodySchema(wanted), diags)


class _ModuleCheck:
    """One module, its blocks one after another."""

    def __init__(
        self,
        current: Configuration,
        schema_of: Callable[[ResourceBlock], Block | None] | None,
        diags: Diagnostics,
    ) -> None:
        self.module: Module = current.module
        self.diags = diags
        self.schema_of = schema_of
        self.names = Whereabouts(current, schema_of)

    def check(self) -> None:
        for variable in self.module.variables.values():
            self.rules(variable.validations, NOWHERE)
        for value in self.module.locals.values():
            self.unit([value.expression], NOWHERE)
        for output in self.module.outputs.values():
            self.unit([output.expression], NOWHERE)
            self.depends_on(output.depends_on)
            self.rules(output.preconditions, NOWHERE)
        for provider in self.module.providers.values():
            self.body(provider.body, NOWHERE)
        for call in self.module.calls.values():
            self.call(call)
        for block in self.module.resources.values():
            self.resource(block)
        for check in self.module.checks.values():
            self.rules(check.assertions, Place(container=check.name))
        for imported in self.module.imports:
            inside = Place(has_each=imported.for_each is not None)
            if imported.for_each is not None:
                self.unit([imported.for_each], NOWHERE)
            self.unit([imported.id], inside)

    def call(self, call: ModuleCall) -> None:
        self.repetition(call.count, call.for_each)
        inside = place_of(call.count, call.for_each)
        for expression in expressions_of(call.body):
            self.unit([expression], inside)
        self.depends_on(call.depends_on)

    def resource(self, block: ResourceBlock) -> None:
        self.repetition(block.count, block.for_each)
        inside = place_of(block.count, block.for_each, container=block.container)
        schema = self.schema_of(block) if self.schema_of is not None else None
        self.unit(expressions_of(block.body, schema), inside)
        self.depends_on(block.depends_on)
        lifecycle = block.lifecycle
        with_self = inside.with_self()
        self.rules(lifecycle.preconditions, inside)
        self.rules(lifecycle.postconditions, with_self)
        for expression in (lifecycle.create_before_destroy, lifecycle.prevent_destroy):
            if expression is not None:
                self.unit([expression], NOWHERE)
        for trigger in lifecycle.replace_triggered_by:
            self.unit([trigger], inside, is_trigger=True)
        if block.connection is not None:
            self.body(block.connection, with_self)
        for provisioner in block.provisioners:
            self.body(provisioner.body, with_self)
            if provisioner.connection is not None:
                self.body(provisioner.connection, with_self)

    def repetition(self, count: Expression | None, for_each: Expression | None) -> None:
        for expression in (count, for_each):
            if expression is not None:
                self.unit([expression], NOWHERE)

    def rules(self, rules: Iterable[CheckRule], place: Place) -> None:
        for rule in rules:
            self.unit([rule.condition], place)
            self.unit([rule.error_message], place)

    def body(self, body: AnyBody, place: Place) -> None:
        self.unit(expressions_of(body), place)

    def unit(
        self, expressions: Iterable[Expression], place: Place, *, is_trigger: bool = False
    ) -> None:
        """Check expressions that are evaluated together."""
        traversals: list[Traversal] = []
        for expression in expressions:
            traversals += variables_in(expression)
        if not traversals:
            return
        good = []
        for reference in parse_references(traversals, self.diags):
            before = len(self.diags)
            self.names.check_object(reference, place, self.diags, is_indexed=is_trigger)
            if len(self.diags) == before:
                good.append(reference)
        for reference in good:
            self.names.check_value(reference, place, self.diags)

    def depends_on(self, traversals: Iterable[Traversal]) -> None:
        for traversal in traversals:
            reference = parse_reference(traversal, self.diags)
            if reference is None:
                continue
            if reference.steps:
                first, last = reference.steps[0].range, reference.steps[-1].range
                self.diags.error(
                    "Invalid depends_on reference",
                    "A whole object is depended on, such as a resource, not an attribute of one.",
                    first.to(last),
                )
            before = len(self.diags)
            self.names.check_object(reference, NOWHERE, self.diags)
            if len(self.diags) == before:
                self.names.check_value(reference, NOWHERE, self.diags)
