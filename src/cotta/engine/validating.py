"""Whether a configuration makes sense by itself: nothing is read, nothing is known.

Every block is evaluated once, whatever it repeats, with all that a plan would
find out unknown.  What is wrong for certain is a mistake; the rest must wait.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.addrs.resources import AbsResource, Mode, ModuleStep
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.diagnostics.suggest import did_you_mean
from cotta.engine.complaints import report_complaints
from cotta.engine.cycles import report_cycles
from cotta.engine.desires import desired_config
from cotta.engine.evaluation import Evaluation
from cotta.engine.expansion import expand
from cotta.engine.nodes import Kind, Node
from cotta.engine.providers_visit import report_missing
from cotta.engine.scopes import Names
from cotta.engine.visit_graph import visit_graph
from cotta.graphs import CycleError, Graph
from cotta.hcl.evaluate import evaluate
from cotta.hcl.scope import Scope
from cotta.schemas.blank import empty_value
from cotta.schemas.decode import decode_body
from cotta.states.model import State
from cotta.values.value import Unknown, unmark_deep

if TYPE_CHECKING:
    from cotta.addrs.providers import ProviderConfig
    from cotta.configs.model import CheckRule, ResourceBlock
    from cotta.diagnostics.diagnostics import Diagnostic
    from cotta.engine.world import World
    from cotta.providers.interface import Complaints, Provider
    from cotta.schemas.model import Schema
    from cotta.values.value import Value


def validate(world: World) -> tuple[Diagnostic, ...]:
    """Return everything that is wrong with a configuration for certain, in the graph's order."""
    return _Validation(world).run()


class _Validation:
    def __init__(self, world: World) -> None:
        self.world = world
        self.names = Names(world.configuration, world.functions, world.paths, world.workspace)
        self.evaluation = Evaluation(self.names, {}, is_validating=True)

    def run(self) -> tuple[Diagnostic, ...]:
        graph = visit_graph(self.world, State(), targets=())
        first = Diagnostics()
        try:
            order = Graph(graph.needs).topological_order()
        except CycleError as error:
            report_cycles(error, graph.configuration, first)
            return tuple(first)
        for here in self.world.configuration.walk():
            # Every module has one instance: how often it is called is not known.
            self.names.modules[here.path] = [tuple(ModuleStep(name) for name in here.path)]
        for node in order:
            if node.kind is Kind.RESOURCE:
                self._check_block(node, self.world.block_of(node))
            elif node.kind is Kind.PROVIDER:
                self._check_provider(node, graph.providers[node])
            else:
                self.evaluation.visit(node)
                self._check_rules_of(node)
        return tuple(self.evaluation.all_diagnostics(order))

    def _check_rules_of(self, node: Node) -> None:
        here = self.world.configuration.descendant(node.path)
        assert here is not None
        rules: tuple[CheckRule, ...] = ()
        if node.kind is Kind.OUTPUT:
            rules = here.module.outputs[node.name].preconditions
        elif node.kind is Kind.CHECK:
            rules = here.module.checks[node.name].assertions
        for module in self.names.instances_of(node.path):
            self._check_rules(rules, self.names.scope(module), self.evaluation.diags(node))

    def _check_rules(self, rules: tuple[CheckRule, ...], scope: Scope, diags: Diagnostics) -> None:
        for rule in rules:
            evaluate(rule.condition, scope, diags)
            evaluate(rule.error_message, scope, diags)

    # --- resources -------------------------------------------------------------------

    def _check_block(self, node: Node, block: ResourceBlock) -> None:
        diags = self.evaluation.diags(node)
        config = self.world.provider_of(node.path, block)
        provider = self.world.pool.unconfigured(config.source)
        if provider is None:
            # Said once, of the provider.
            return
        schema = self.world.pool.resource_schema(config.source, block.address)
        if schema is None:
            _report_type(provider, config, block, diags)
            return
        module = self.names.instances_of(node.path)[0]
        scope = self.names.scope(module)
        expansion = expand(block.count, block.for_each, scope, diags, is_validating=True)
        if expansion is None:
            return
        address = AbsResource(module, block.address)
        self.names.expansions[address] = expansion
        bindings = next(iter(expansion.bindings.values()), {})
        inner = Scope(bindings, parent=scope) if bindings else scope
        self._check_body(provider, block, schema, inner, diags)
        if expansion.repetition == "none":
            self.names.set_object(address, None, Unknown(schema.block.implied_type))

    def _check_body(
        self,
        provider: Provider,
        block: ResourceBlock,
        schema: Schema,
        scope: Scope,
        diags: Diagnostics,
    ) -> None:
        before = len(diags)
        value = desired_config(block.body, schema, scope, str(block.address), diags)
        if len(diags) == before:
            complaints = _validate(provider, block, unmark_deep(value)[0])
            report_complaints(complaints, str(block.address), schema.block, block.body, diags)
        life = block.lifecycle
        self._check_rules(life.preconditions, scope, diags)
        inside = Scope({"self": Unknown(schema.block.implied_type)}, parent=scope)
        self._check_rules(life.postconditions, inside, diags)
        for provisioner in block.provisioners:
            known = self.world.provisioners.get(provisioner.type)
            if known is not None:
                decode_body(provisioner.body, known.schema().block, inside, diags)
                continue
            diags.error(
                "Invalid provisioner",
                f'The provisioner "{provisioner.type}" is not part of Cotta: a machine is never '
                "edited once it runs. Bake the change into its image instead.",
                provisioner.type_range,
            )

    # --- providers -----------------------------------------------------------------------

    def _check_provider(self, node: Node, config: ProviderConfig) -> None:
        diags = self.evaluation.diags(node)
        block = self.world.provider_block(config)
        provider = self.world.pool.unconfigured(config.source)
        if provider is None:
            report_missing(self.world, config, block, diags)
            return
        schema = provider.schema().provider.block
        before = len(diags)
        value: Value = empty_value(schema)
        if block is not None:
            module = self.names.instances_of(config.module)[0]
            value = decode_body(block.body, schema, self.names.scope(module), diags)
        if len(diags) == before:
            complaints = provider.validate_provider(unmark_deep(value)[0])
            body = block.body if block is not None else None
            report_complaints(complaints, str(config), schema, body, diags)


def _validate(provider: Provider, block: ResourceBlock, value: Value) -> Complaints:
    if block.address.mode is Mode.MANAGED:
        return provider.validate_resource(block.address.type, value)
    if block.address.mode is Mode.DATA:
        return provider.validate_data(block.address.type, value)
    return ()


def _report_type(
    provider: Provider, config: ProviderConfig, block: ResourceBlock, diags: Diagnostics
) -> None:
    declared = provider.schema()
    is_data = block.address.mode is Mode.DATA
    known = declared.data_sources if is_data else declared.resources
    kind = "data source" if is_data else "resource type"
    diags.error(
        f"Invalid {kind}",
        f'The provider {config.source.display} does not support {kind} "{block.address.type}".'
        f"{did_you_mean(block.address.type, known)}",
        block.range,
    )
