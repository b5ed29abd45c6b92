"""Which attributes of resources the changes of a plan were decided on.

From everything that changes, along its references through locals, variables,
outputs and modules, to each attribute of a resource that is named on the way.
The rules, observed of Terraform 1.11: a resource is entered only where it is
named as a whole, or by an argument that its block sets; `each` and `count`
lead to what repeats the block, but not in a module call; what a module gives
out counts as news in every plan but one that ends everything, if it isn't null.

Into blocks, observed with the official AWS provider: a path goes on into a block of which there
is at most one.  Of a type of blocks of which there may be several, the name alone leads to all
of the body that they stand in, and what leads to one of them, or into it, to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.addrs.resources import AbsResource, Mode, ModuleStep, Resource, path_of
from cotta.engine.dependencies import arguments_of, expressions_in
from cotta.hcl.ast import AttributeStep, Body, IndexStep, JsonBody
from cotta.hcl.references import variables_in
from cotta.plans.changes import Action, RelevantAttribute
from cotta.schemas.model import Nesting
from cotta.values.paths import AttributePath, IndexPath, render_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeAlias

    from cotta.addrs.resources import InstanceKey, ModuleInstance, ModulePath
    from cotta.configs.model import Configuration, ResourceBlock
    from cotta.hcl.ast import Expression, Step, Variable
    from cotta.hcl.bodies import AnyBody
    from cotta.plans.changes import ResourceChange
    from cotta.schemas.model import Block
    from cotta.values.paths import Path

    # Returns what a resource block of a module may hold; None if that is not known.
    SchemaOf: TypeAlias = Callable[[ModulePath, ResourceBlock], Block | None]

_MODES: Final = frozenset(mode.value for mode in Mode if mode is not Mode.MANAGED)
_NOTHING_INSIDE: Final = frozenset({"self", "path", "terraform"})


def relevant_attributes(
    root: Configuration,
    changes: Iterable[ResourceChange],
    outputs: Iterable[tuple[ModuleInstance, str]],
    schema_of: SchemaOf,
) -> tuple[RelevantAttribute, ...]:
    """Return what the changes, and outputs that have news, refer to; sorted, each once."""
    search = _Search(root, schema_of)
    for change in changes:
        if change.action is not Action.NO_OP:
            search.enter(change.address.of)
    for module, name in outputs:
        search.enter_output(module, name)
    return search.run()


class _Search:
    """A worklist of expressions, each looked at once in every instance of its module.

    With each stands the resource in whose block it is written, if it is in one.
    """

    def __init__(self, root: Configuration, schema_of: SchemaOf) -> None:
        self._root, self._schema_of = root, schema_of
        self._found: dict[tuple[str, str], RelevantAttribute] = {}
        self._pending: list[tuple[ModuleInstance, AbsResource | None, Sequence[Variable]]] = []
        self._seen: set[tuple[ModuleInstance, object]] = set()
        self._modules: dict[ModulePath, Configuration | None] = {(): root}
        self._names: dict[int, Sequence[Variable]] = {}
        self._names_in_bodies: dict[int, Sequence[Variable]] = {}

    def run(self) -> tuple[RelevantAttribute, ...]:
        """Follow every reference to its end."""
        while self._pending:
            module, inside, traversals = self._pending.pop()
            for traversal in traversals:
                self._follow(module, inside, traversal)
        return tuple(self._found[key] for key in sorted(self._found))

    # --- what is looked into ------------------------------------------------------------

    def enter(self, address: AbsResource, steps: Sequence[Step] = ()) -> None:
        """Look into the block of a resource, no further than where the steps lead."""
        block = self._block(address)
        if block is None:
            return
        if not steps:
            key = (address.module, id(block))
            if key not in self._seen:
                self._seen.add(key)
                self._pending.append((address.module, address, self._in_body(block.body)))
            return
        schema = self._schema_of(path_of(address.module), block)
        found = _narrowed(block.body, schema, steps) if schema is not None else None
        if isinstance(found, Body | JsonBody):
            self._pending.append((address.module, address, self._in_body(found)))
        elif found is not None:
            self._look(address.module, found, address)

    def enter_output(self, module: ModuleInstance, name: str) -> None:
        """Look into an output."""
        here = self._configuration(module)
        output = here.module.outputs.get(name) if here is not None else None
        if output is not None:
            self._look(module, output.expression)

    def _look(
        self,
        module: ModuleInstance,
        expression: Expression | None,
        inside: AbsResource | None = None,
    ) -> None:
        if expression is None or (module, id(expression)) in self._seen:
            return
        self._seen.add((module, id(expression)))
        names = self._names.get(id(expression))
        if names is None:
            names = self._names[id(expression)] = variables_in(expression)
        if names:
            self._pending.append((module, inside, names))

    def _in_body(self, body: AnyBody) -> Sequence[Variable]:
        names = self._names_in_bodies.get(id(body))
        if names is None:
            names = self._names_in_bodies[id(body)] = [
                traversal
                for expression, bound in expressions_in(body, frozenset())
                for traversal in variables_in(expression)
                if traversal.name not in bound
            ]
        return names

    # --- one reference ------------------------------------------------------------------

    def _follow(
        self, module: ModuleInstance, inside: AbsResource | None, traversal: Variable
    ) -> None:
        name, steps = traversal.name, traversal.steps
        here = self._configuration(module)
        if here is None or name in _NOTHING_INSIDE:
            return
        if name in ("count", "each"):
            block = self._block(inside) if inside is not None else None
            if block is not None:
                self._look(module, block.count or block.for_each)
        elif name == "var":
            self._argument(module, _name(steps, 0))
        elif name == "local":
            local = here.module.locals.get(_name(steps, 0))
            self._look(module, local.expression if local is not None else None)
        elif name == "module":
            self._module(here, module, steps)
        else:
            self._resource(here, module, traversal)

    def _argument(self, module: ModuleInstance, name: str) -> None:
        if not module:
            return
        outer = self._configuration(module[:-1])
        call = outer.module.calls.get(module[-1].name) if outer is not None else None
        if call is not None:
            self._look(module[:-1], arguments_of(call.body).get(name))

    def _module(self, here: Configuration, module: ModuleInstance, steps: Sequence[Step]) -> None:
        name = _name(steps, 0)
        if name not in here.children:
            return
        key, rest = _key(steps[1:])
        inner = (*module, ModuleStep(name, key))
        if rest:
            self.enter_output(inner, _name(rest, 0))
            return
        for output in here.children[name].module.outputs:
            self.enter_output(inner, output)

    def _resource(self, here: Configuration, module: ModuleInstance, traversal: Variable) -> None:
        name, steps = traversal.name, traversal.steps
        mode = Mode(name) if name in _MODES else Mode.MANAGED
        type_ = name
        if name in _MODES or name == "resource":
            type_, steps = _name(steps, 0), steps[1:]
        resource = Resource(mode, type_, _name(steps, 0))
        if resource not in here.module.resources:
            return
        key, rest = _key(steps[1:])
        whole = AbsResource(module, resource)
        found = RelevantAttribute(whole.instance(key), _path(rest))
        self._found.setdefault((found.resource.text, render_path(found.path)), found)
        self.enter(whole, rest)

    # --- the configuration ----------------------------------------------------------------

    def _configuration(self, module: ModuleInstance) -> Configuration | None:
        path = path_of(module)
        if path not in self._modules:
            self._modules[path] = self._root.descendant(path)
        return self._modules[path]

    def _block(self, address: AbsResource) -> ResourceBlock | None:
        here = self._configuration(address.module)
        return here.module.resources.get(address.resource) if here is not None else None


# --- steps ------------------------------------------------------------------------------


def _name(steps: Sequence[Step], at: int) -> str:
    step = steps[at] if at < len(steps) else None
    return step.name if isinstance(step, AttributeStep) else ""


def _key(steps: Sequence[Step]) -> tuple[InstanceKey, Sequence[Step]]:
    """Return the key of an instance that steps begin with, and what follows it."""
    first = steps[0] if steps else None
    if isinstance(first, IndexStep) and isinstance(first.key, int | str):
        return first.key, steps[1:]
    return None, steps


def _path(steps: Sequence[Step]) -> Path:
    return tuple(
        AttributePath(step.name) if isinstance(step, AttributeStep) else IndexPath(step.key)
        for step in steps
    )


def _narrowed(body: AnyBody, schema: Block, steps: Sequence[Step]) -> AnyBody | Expression | None:
    """Return the part of a body that steps lead to; None if they lead to nothing in it."""
    name, rest = _name(steps, 0), steps[1:]
    nested = schema.blocks.get(name)
    if nested is None:
        return arguments_of(body).get(name)
    if nested.nesting not in (Nesting.SINGLE, Nesting.GROUP):
        return None if rest else body
    if not isinstance(body, Body):
        # In JSON a block is a value, all of which is looked into.
        return arguments_of(body).get(name)
    inner = next((block.body for block in body.blocks if block.type == name), None)
    if inner is None or not rest:
        return inner
    return _narrowed(inner, nested.block, rest)
