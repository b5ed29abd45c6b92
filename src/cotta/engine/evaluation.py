"""The visits that only evaluate: variables, locals, outputs, module calls, checks, providers.

Plan and apply visit them alike; what differs between the two is what is
known by then.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cotta.addrs.resources import render_module
from cotta.configs.variables import accept, marked
from cotta.diagnostics.diagnostics import Diagnostic, Diagnostics, Severity
from cotta.engine.complaints import CHECK_FAILED
from cotta.engine.conditions import CheckMemory, check_rules
from cotta.engine.expansion import ANY_COUNT, ANY_EACH, expand
from cotta.engine.nodes import Kind, Node
from cotta.hcl.evaluate import evaluate
from cotta.hcl.scope import Scope
from cotta.states.model import CheckObject
from cotta.values.value import (
    ANY_UNKNOWN,
    Mark,
    Unknown,
    deep_marks,
    mark,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.addrs.resources import ModuleInstance
    from cotta.configs.model import InputVariable, ModuleCall, OutputValue
    from cotta.engine.scopes import Expansion, Names
    from cotta.hcl.ast import Expression
    from cotta.hcl.scope import Binding
    from cotta.values.value import Value


@dataclass(slots=True)
class Evaluation:
    """Evaluates what is no resource, into `names`; each node has its own diagnostics.

    `given` are the root module's variables, converted already; those left out
    have their defaults.
    """

    names: Names
    given: Mapping[str, Value]
    is_validating: bool = False
    # Everything is to go: what holds afterwards is not asked.
    is_ending: bool = False
    checks: CheckMemory = field(default_factory=lambda: CheckMemory({}))
    found: dict[Node, Diagnostics] = field(default_factory=dict)

    def diags(self, node: Node) -> Diagnostics:
        """Return the collector of a node."""
        found = self.found.get(node)
        if found is None:
            found = self.found[node] = Diagnostics()
        return found

    def visit(self, node: Node) -> bool:
        """Evaluate a node in every instance of its module; return whether that went well."""
        match node.kind:
            case Kind.VARIABLE:
                self._visit_variable(node)
            case Kind.LOCAL:
                self._visit_local(node)
            case Kind.OUTPUT:
                self._visit_output(node)
            case Kind.CALL:
                self._visit_call(node)
            case Kind.CHECK:
                self._visit_check(node)
            case _:
                pass
        return node not in self.found or not self.found[node].has_errors

    # --- values -----------------------------------------------------------------

    def _visit_local(self, node: Node) -> None:
        configuration = self.names.root.descendant(node.path)
        assert configuration is not None
        expression = configuration.module.locals[node.name].expression
        diags = self.diags(node)
        for module in self.names.instances_of(node.path):
            value = evaluate(expression, self.names.scope(module), diags)
            self.names.locals[module, node.name] = value

    def _visit_variable(self, node: Node) -> None:
        configuration = self.names.root.descendant(node.path)
        assert configuration is not None
        variable = configuration.module.variables[node.name]
        diags = self.diags(node)
        for module in self.names.instances_of(node.path):
            if module:
                value, given_at = self._argument(module, variable, diags)
            else:
                value, given_at = self._root_variable(variable), None
            self.names.variables[module, node.name] = marked(variable, value)
            self._validate(node, module, variable, given_at)

    def _root_variable(self, variable: InputVariable) -> Value:
        if variable.name in self.given:
            return self.given[variable.name]
        if self.is_validating:
            return Unknown(variable.type)
        return variable.default if variable.default is not None else Unknown(variable.type)

    def _argument(
        self, module: ModuleInstance, variable: InputVariable, diags: Diagnostics
    ) -> tuple[Value, Expression | None]:
        """Return what a call sets a variable to, and where."""
        from cotta.engine.dependencies import arguments_of

        parent, step = module[:-1], module[-1]
        configuration = self.names.root.descendant(tuple(s.name for s in parent))
        assert configuration is not None
        call = configuration.module.calls[step.name]
        expression = arguments_of(call.body).get(variable.name)
        if expression is None:
            default = variable.default
            return (default if default is not None else Unknown(variable.type)), None
        expansion = self.names.calls.get((parent, step.name))
        if self.is_validating:
            bindings = _some_bindings(call, expansion)
        else:
            assert expansion is not None
            bindings = expansion.bindings[step.key]
        scope = Scope(bindings, parent=self.names.scope(parent))
        value = evaluate(expression, scope, diags)
        if Mark.EPHEMERAL in deep_marks(value) and not variable.is_ephemeral:
            diags.error(
                "Ephemeral value not allowed",
                f'The module\'s variable "{variable.name}" takes ephemeral values only if its '
                "block says: ephemeral = true",
                expression.range,
            )
            return Unknown(variable.type), None
        return accept(variable, value, expression.range, diags), expression

    def _validate(
        self,
        node: Node,
        module: ModuleInstance,
        variable: InputVariable,
        given_at: Expression | None,
    ) -> None:
        if not variable.validations or self.is_validating:
            return
        scope = self.names.scope(module)
        diags = self.diags(node)
        address = ".".join(filter(None, (render_module(module), f"var.{variable.name}")))
        for rule in variable.validations:
            found = Diagnostics()
            status, messages = check_rules([rule], "Invalid value for variable", scope, found)
            for one in found:
                if one.summary == "Invalid value for variable":
                    detail = (
                        f"{one.detail}\n\nThis was checked by the validation rule at "
                        f"{rule.range.describe()}."
                    )
                    subject = given_at.range if given_at is not None else variable.range
                    diags.error(one.summary, detail, subject, values=one.values)
                else:
                    diags.add(one)
            outcome = CheckObject(address, status, messages)
            self.checks.record("var", str(node), outcome)

    def _visit_output(self, node: Node) -> None:
        configuration = self.names.root.descendant(node.path)
        assert configuration is not None
        output = configuration.module.outputs[node.name]
        diags = self.diags(node)
        for module in self.names.instances_of(node.path):
            scope = self.names.scope(module)
            if output.preconditions and not self.is_validating:
                title = "Module output value precondition failed"
                status, messages = check_rules(output.preconditions, title, scope, diags)
                address = ".".join(filter(None, (render_module(module), f"output.{output.name}")))
                self.checks.record("output", str(node), CheckObject(address, status, messages))
            before = len(diags)
            value = evaluate(output.expression, scope, diags)
            if len(diags) > before:
                value = ANY_UNKNOWN
            else:
                _guard_ephemeral(output, value, diags, is_root=not module)
                if not module:
                    _guard_sensitive(output, value, diags)
            if output.is_sensitive:
                value = mark(value, Mark.SENSITIVE)
            if output.is_ephemeral:
                value = mark(value, Mark.EPHEMERAL)
            self.names.outputs[module, node.name] = value

    # --- modules and checks ------------------------------------------------------

    def _visit_call(self, node: Node) -> None:
        configuration = self.names.root.descendant(node.path)
        assert configuration is not None
        call = configuration.module.calls[node.name]
        self.names.modules.setdefault((*node.path, node.name), [])
        for module in self.names.instances_of(node.path):
            expansion = expand(
                call.count,
                call.for_each,
                self.names.scope(module),
                self.diags(node),
                is_validating=self.is_validating,
            )
            if expansion is None:
                continue
            if self.is_validating:
                # What is called is looked at once, however often it is called.
                self.names.calls[module, node.name] = expansion
            else:
                self.names.expand_call(module, node.name, expansion)

    def _visit_check(self, node: Node) -> None:
        configuration = self.names.root.descendant(node.path)
        assert configuration is not None
        check = configuration.module.checks[node.name]
        if self.is_validating:
            return
        self.checks.expect("check", str(node))
        if self.is_ending:
            return
        for module in self.names.instances_of(node.path):
            status, messages = check_rules(
                check.assertions,
                CHECK_FAILED,
                self.names.scope(module),
                self.diags(node),
                severity=Severity.WARNING,
            )
            address = ".".join(filter(None, (render_module(module), f"check.{node.name}")))
            self.checks.record("check", str(node), CheckObject(address, status, messages))

    def all_diagnostics(self, order: list[Node]) -> list[Diagnostic]:
        """Return everything found, in the order of the graph and not of the clock."""
        listed = [one for node in order for one in self.found.get(node, ())]
        known = set(order)
        listed += [one for node, found in self.found.items() if node not in known for one in found]
        return listed


def _guard_sensitive(output: OutputValue, value: Value, diags: Diagnostics) -> None:
    if Mark.SENSITIVE in deep_marks(value) and not output.is_sensitive:
        diags.error(
            "Output refers to sensitive values",
            "An output of the root module is shown to whoever runs this, and other "
            "configurations can read it. If this one may hold sensitive values, say so with:\n"
            "    sensitive = true",
            output.range,
        )


def _guard_ephemeral(
    output: OutputValue, value: Value, diags: Diagnostics, *, is_root: bool
) -> None:
    is_ephemeral = Mark.EPHEMERAL in deep_marks(value)
    if is_root and output.is_ephemeral:
        diags.error(
            "Ephemeral output not allowed",
            "An output of the root module is kept in the state, so it can't be ephemeral.",
            output.range,
        )
    elif is_ephemeral and not output.is_ephemeral:
        diags.error(
            "Ephemeral value not allowed",
            "The value of this output is ephemeral, and the block doesn't say that it may be.",
            output.expression.range,
        )
    elif output.is_ephemeral and not is_ephemeral:
        diags.error(
            "Value not allowed in ephemeral output",
            "This output is declared as ephemeral, and its value is not.",
            output.expression.range,
        )


def _some_bindings(call: ModuleCall, expansion: Expansion | None) -> Mapping[str, Binding]:
    """Return what an instance of a call is bound to: the first, or any if there is none."""
    known = expansion.bindings if expansion is not None else {}
    for one in known.values():
        return one
    if call.count is not None:
        return next(iter(ANY_COUNT.bindings.values()))
    return next(iter(ANY_EACH.bindings.values()), {}) if call.for_each is not None else {}
