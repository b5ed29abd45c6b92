"""From references to edges: which node of a configuration needs which.

The graph is drawn once, for all instances of everything: `module.a` with a
hundred instances is the same few nodes as with one.  Every edge keeps the
place of the reference that made it, so that a cycle can be shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.addrs.providers import ProviderConfig
from cotta.addrs.resources import Mode, Resource
from cotta.configs.provider_rules import source_of
from cotta.engine.nodes import Kind, Node
from cotta.hcl.ast import (
    AttributeStep,
    Body,
    Index,
    IndexStep,
    RelativeTraversal,
)
from cotta.hcl.references import variables_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from cotta.configs.model import CheckRule, Configuration, Import, ModuleCall, ResourceBlock
    from cotta.diagnostics.source import SourceRange
    from cotta.hcl.ast import Expression, Variable
    from cotta.hcl.bodies import AnyBody

# Names that are bound where an expression stands, and so need no node.
_LOCAL_NAMES = frozenset({"each", "count", "self", "path", "terraform", "null", "true", "false"})


class Dependencies:
    """Every node of a configuration, what it needs, and which reference made each edge."""

    def __init__(self) -> None:
        self.needs: dict[Node, set[Node]] = {}
        self.places: dict[tuple[Node, Node], SourceRange] = {}

    def add(self, node: Node) -> None:
        """Add a node that needs nothing yet."""
        self.needs.setdefault(node, set())

    def connect(self, node: Node, needed: Node, place: SourceRange | None = None) -> None:
        """Let `node` need `needed`, because of what is written at `place`."""
        self.needs.setdefault(node, set()).add(needed)
        self.needs.setdefault(needed, set())
        if place is not None:
            self.places.setdefault((node, needed), place)


def configuration_graph(
    root: Configuration, provider_of: Callable[..., ProviderConfig]
) -> Dependencies:
    """Return the graph of a whole configuration.

    `provider_of(path, block)` says which provider configuration a resource uses.
    """
    found = Dependencies()
    done = Node(Kind.MODULE, ())
    found.add(done)
    for configuration in root.walk():
        _add_module(found, configuration, provider_of)
    drawing = _Drawing(found, root)
    for block in root.module.imports:
        drawing.expressions(imported_node(block), *expressions_of_import(block))
    return found


def imported_node(block: Import) -> Node:
    """Return the node of the resource that an `import` block names."""
    return Node(Kind.RESOURCE, block.resource.module, str(block.resource.resource))


def expressions_of_import(block: Import) -> Iterator[Expression]:
    """Iterate over everything that is evaluated for an `import` block."""
    if block.for_each is not None:
        yield block.for_each
    yield block.id
    yield from _keys(block.to)


def _keys(to: Expression) -> Iterator[Expression]:
    match to:
        case Index(collection=inner, key=key):
            yield from _keys(inner)
            yield key
        case RelativeTraversal(source=inner):
            yield from _keys(inner)


def _add_module(
    found: Dependencies, here: Configuration, provider_of: Callable[..., ProviderConfig]
) -> None:
    path, module = here.path, here.module
    drawing = _Drawing(found, here)
    for name, variable in module.variables.items():
        node = drawing.node(Kind.VARIABLE, name)
        for rule in variable.validations:
            drawing.rule(node, rule, except_for=node)
    for name, local in module.locals.items():
        drawing.expressions(drawing.node(Kind.LOCAL, name), local.expression)
    for name, output in module.outputs.items():
        node = drawing.node(Kind.OUTPUT, name)
        drawing.expressions(node, output.expression)
        drawing.traversals(node, output.depends_on)
        for rule in output.preconditions:
            drawing.rule(node, rule)
    for resource, block in module.resources.items():
        node = drawing.node(Kind.RESOURCE, str(resource))
        _add_resource(drawing, node, block)
        provider = provider_of(path, block)
        found.connect(node, Node(Kind.PROVIDER, provider.module, str(provider)))
        if path:
            found.connect(node, Node(Kind.WAIT, path[:-1], path[-1]))
    for (name, alias), provider_block in module.providers.items():
        address = ProviderConfig(path, source_of(module, name), alias)
        drawing.body(drawing.node(Kind.PROVIDER, str(address)), provider_block.body)
    for name, check in module.checks.items():
        node = drawing.node(Kind.CHECK, name)
        if check.data is not None:
            found.connect(node, Node(Kind.RESOURCE, path, str(check.data)), check.range)
        for rule in check.assertions:
            drawing.rule(node, rule)
    for name, call in module.calls.items():
        _add_call(drawing, name, call)


def _add_resource(drawing: _Drawing, node: Node, block: ResourceBlock) -> None:
    drawing.expressions(node, block.count, block.for_each)
    drawing.body(node, block.body)
    drawing.traversals(node, block.depends_on)
    life = block.lifecycle
    drawing.expressions(node, life.create_before_destroy, life.prevent_destroy)
    drawing.expressions(node, *life.replace_triggered_by)
    for rule in (*life.preconditions, *life.postconditions):
        drawing.rule(node, rule, except_for=node)
    if block.connection is not None:
        drawing.body(node, block.connection)
    for provisioner in block.provisioners:
        drawing.body(node, provisioner.body)
        if provisioner.connection is not None:
            drawing.body(node, provisioner.connection)


def _add_call(drawing: _Drawing, name: str, call: ModuleCall) -> None:
    node = drawing.node(Kind.CALL, name)
    wait = Node(Kind.WAIT, drawing.here.path, name)
    drawing.found.connect(wait, node)
    if drawing.here.path:
        path = drawing.here.path
        drawing.found.connect(wait, Node(Kind.WAIT, path[:-1], path[-1]))
    drawing.expressions(node, call.count, call.for_each)
    drawing.traversals(wait, call.depends_on)
    child = drawing.here.children.get(name)
    if child is None:
        return
    for variable, expression in arguments_of(call.body).items():
        if variable in child.module.variables:
            drawing.expressions(Node(Kind.VARIABLE, child.path, variable), expression)


class _Drawing:
    """The graph as seen from one module, whose references are being followed."""

    def __init__(self, found: Dependencies, here: Configuration) -> None:
        self.found = found
        self.here = here
        # All of a module waits until it is known which instances there are of it.
        self.call = Node(Kind.CALL, here.path[:-1], here.path[-1]) if here.path else None
        self.all = Node(Kind.MODULE, here.path)

    def node(self, kind: Kind, name: str) -> Node:
        """Add a node of this module."""
        node = Node(kind, self.here.path, name)
        self.found.add(node)
        if self.call is not None:
            self.found.connect(node, self.call)
        self.found.connect(self.all, node)
        if kind is Kind.CALL:
            self.found.connect(self.all, Node(Kind.MODULE, (*self.here.path, name)))
        return node

    def expressions(self, node: Node, *expressions: Expression | None) -> None:
        """Let `node` need whatever the expressions mention."""
        for expression in expressions:
            if expression is not None:
                self.traversals(node, variables_in(expression))

    def traversals(self, node: Node, mentioned: Iterable[Variable]) -> None:
        """Let `node` need what each reference leads to."""
        for traversal in mentioned:
            for needed in targets(self.here, traversal):
                self.found.connect(node, needed, traversal.range)

    def rule(self, node: Node, rule: CheckRule, except_for: Node | None = None) -> None:
        """Let `node` need what a condition mentions, but for itself."""
        for expression in (rule.condition, rule.error_message):
            for traversal in variables_in(expression):
                for needed in targets(self.here, traversal):
                    if needed != except_for:
                        self.found.connect(node, needed, traversal.range)

    def body(self, node: Node, body: AnyBody) -> None:
        """Let `node` need whatever a body mentions, `dynamic` iterators apart."""
        for expression, bound in expressions_in(body, frozenset()):
            self.traversals(node, (v for v in variables_in(expression) if v.name not in bound))


def targets(here: Configuration, traversal: Variable) -> list[Node]:
    """Return the nodes that a reference in module `here` leads to; none if it is local."""
    name, steps, path = traversal.name, traversal.steps, here.path
    if name in _LOCAL_NAMES:
        return []
    first = _attribute(traversal, 0)
    if name == "var":
        return [Node(Kind.VARIABLE, path, first)] if first in here.module.variables else []
    if name == "local":
        return [Node(Kind.LOCAL, path, first)] if first in here.module.locals else []
    if name == "module":
        return _module_targets(here, first, traversal)
    if name in ("data", "ephemeral", "resource"):
        second = _attribute(traversal, 1)
        mode = Mode.MANAGED if name == "resource" else Mode(name)
        resource = Resource(mode, first, second)
    else:
        resource = Resource(Mode.MANAGED, name, first)
    if resource not in here.module.resources or not steps:
        return []
    return [Node(Kind.RESOURCE, path, str(resource))]


def _module_targets(here: Configuration, call: str, traversal: Variable) -> list[Node]:
    child = here.children.get(call)
    if child is None:
        return []
    for step in traversal.steps[1:]:
        if isinstance(step, IndexStep):
            continue
        if step.name in child.module.outputs:
            return [Node(Kind.OUTPUT, child.path, step.name)]
        return []
    # The module as a whole: `depends_on = [module.a]`, or all of its outputs at once.
    return [Node(Kind.MODULE, child.path), Node(Kind.CALL, here.path, call)]


def _attribute(traversal: Variable, index: int) -> str:
    if index < len(traversal.steps):
        step = traversal.steps[index]
        if isinstance(step, AttributeStep):
            return step.name
    return ""


def arguments_of(body: AnyBody) -> dict[str, Expression]:
    """Return the arguments that stand directly in a body of either syntax."""
    if isinstance(body, Body):
        return {name: attribute.expression for name, attribute in body.attributes.items()}
    return {member.name: member.value for member in body.members if member.name != "//"}


def expressions_in(
    body: AnyBody, bound: frozenset[str]
) -> Iterator[tuple[Expression, frozenset[str]]]:
    """Iterate over the expressions of a body and its blocks, with the iterators bound there.

    In JSON nobody knows here what is a block, but every value is an
    expression, and the names it mentions are the same.
    """
    if not isinstance(body, Body):
        for member in body.members:
            if member.name != "//":
                yield member.value, bound
        return
    for attribute in body.attributes.values():
        yield attribute.expression, bound
    for block in body.blocks:
        if block.type == "dynamic" and block.labels and isinstance(block.body, Body):
            inner = bound | {_iterator(block.body, block.labels[0])}
            for name, attribute in block.body.attributes.items():
                if name != "iterator":
                    yield attribute.expression, bound if name == "for_each" else inner
            for content in block.body.blocks:
                yield from expressions_in(content.body, inner)
        else:
            yield from expressions_in(block.body, bound)


def _iterator(body: Body, type_: str) -> str:
    attribute = body.attributes.get("iterator")
    name = getattr(attribute.expression, "name", type_) if attribute is not None else type_
    return str(name)
