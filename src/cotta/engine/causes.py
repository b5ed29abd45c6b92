"""Why each action of a plan: the attribute, the reference, the block, the command.

Pure: it looks at a plan that has been made, and at the configuration it was
made of.  A cause that lies in another change names that change, so a chain
can be followed to its root.  Linear in changes and references.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from cotta.addrs.resources import path_of, render_key, render_module
from cotta.engine.culprits import Culprits, block_node, changed_attributes
from cotta.engine.dependencies import expressions_in
from cotta.engine.imports import imports_of
from cotta.engine.moves import parse_endpoint
from cotta.hcl.ast import Body
from cotta.hcl.references import calls_in, variables_in
from cotta.plans.changes import Action, Cause, PlanMode, Reason
from cotta.values.paths import AttributePath, render_path
from cotta.values.value import ObjectValue, is_null, is_wholly_known, same, unmark, unmark_deep

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cotta.addrs.resources import AbsResourceInstance, ModuleInstance, ModulePath, Resource
    from cotta.configs.model import Configuration, ResourceBlock
    from cotta.diagnostics.source import SourceRange
    from cotta.engine.culprits import Trail
    from cotta.engine.nodes import Node
    from cotta.engine.plan_context import PlanContext
    from cotta.engine.visit_graph import VisitGraph
    from cotta.hcl.ast import Expression, Variable
    from cotta.hcl.bodies import AnyBody
    from cotta.plans.changes import ResourceChange

# Functions that answer differently each time.
_RESTLESS: Final = frozenset({"timestamp", "plantimestamp", "uuid", "bcrypt"})


def explain(
    context: PlanContext,
    graph: VisitGraph,
    order: Sequence[Node],
    forced: Mapping[Node, Node | None],
) -> None:
    """Give every change in the record of a plan its causes.

    `forced` are the blocks whose objects are created before they are
    destroyed, and the dependents because of which.
    """
    record = context.record
    culprits = Culprits(
        context.names.root, graph.needs, order, record.sorted_changes(), record.sorted_drift()
    )
    explaining = _Explaining(context, graph, culprits, forced)
    for key, change in record.changes.items():
        causes = tuple(explaining.causes(change))
        if causes:
            record.changes[key] = replace(change, causes=causes)


@dataclass(frozen=True, slots=True)
class _Written:
    """What a block says of one attribute: the expressions, and the place."""

    expressions: tuple[tuple[Expression, frozenset[str]], ...]
    place: SourceRange


@dataclass(slots=True)
class _Explaining:
    context: PlanContext
    graph: VisitGraph
    culprits: Culprits
    forced: Mapping[Node, Node | None]
    drift: dict[AbsResourceInstance, ResourceChange] = field(init=False)
    known_modules: set[ModuleInstance] = field(init=False)
    known_paths: set[ModulePath] = field(init=False)
    moved: dict[tuple[ModulePath, Resource | None], SourceRange] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.drift = {
            one.address: one for one in self.context.record.drift if one.action is not Action.NO_OP
        }
        modules = {address.module for address in self.context.state.resources}
        self.known_modules = {
            module[:length] for module in modules for length in range(len(module) + 1)
        }
        self.known_paths = {path_of(module) for module in self.known_modules}
        for here in self.context.names.root.walk():
            for moved in here.module.moved:
                target = parse_endpoint(moved.to)
                inside = (*here.path, *path_of(target.module))
                self.moved.setdefault((inside, target.resource), moved.range)

    def causes(self, change: ResourceChange) -> Iterator[Cause]:
        """Iterate over the causes of a change, the one that decides most first."""
        if change.importing is not None:
            yield self._import(change)
        if change.previous_address != change.address:
            yield self._move(change)
        if change.deposed:
            yield Cause("a replacement has put it aside, and it was not ended yet")
            return
        match change.action:
            case Action.CREATE:
                yield self._creation(change)
            case Action.DELETE | Action.FORGET:
                yield self._end(change)
            case Action.UPDATE:
                yield from self._update(change)
            case Action.DELETE_THEN_CREATE | Action.CREATE_THEN_DELETE:
                yield from self._replacement(change)
            case Action.READ:
                yield from self._reading(change)
            case Action.NO_OP:
                pass

    # --- where it came from ----------------------------------------------------------

    def _import(self, change: ResourceChange) -> Cause:
        if self.context.options.imports:
            return Cause("the command names it, and the id of the object")
        blocks = imports_of(self.context.names.root, block_node(change))
        place = blocks[0].range if blocks else None
        return Cause("an import block takes it over", place)

    def _move(self, change: ResourceChange) -> Cause:
        address, before = change.address, change.previous_address
        path = path_of(address.module)
        wholes: list[tuple[ModulePath, Resource | None]] = [
            (path[:length], None) for length in range(len(path), 0, -1)
        ]
        for target in [(path, address.resource), *wholes]:
            if target in self.moved:
                text = f"a moved block gives {before} this address"
                return Cause(text, self.moved[target])
        block = self._block(change)
        word = "has count now" if block is not None and block.count else "has no count any more"
        place = _repetition_place(block) if block is not None else None
        return Cause(f"the block {word}, and {before} keeps its object", place)

    # --- creation and end -----------------------------------------------------------------

    def _creation(self, change: ResourceChange) -> Cause:
        address, block = change.address, self._block(change)
        drift = self.drift.get(address)
        if drift is not None and drift.action is Action.DELETE:
            return Cause("it was gone when it was looked at", block.range if block else None)
        if block is None:
            return Cause("the configuration declares it")
        module = self._new_module(address.module)
        if module is not None:
            return module
        others = self.context.by_block.get((path_of(address.module), address.resource), ())
        if address.key is not None and any(one == address.of for one in others):
            place = _repetition_place(block)
            return Cause(f"there was none with the key {_shown_key(address.key)} before", place)
        return Cause("the configuration declares it, and there was no such object", block.range)

    def _new_module(self, module: ModuleInstance) -> Cause | None:
        """Return the cause that a whole instance of a module is new, where others are not."""
        for length in range(1, len(module) + 1):
            instance = module[:length]
            if instance in self.known_modules or path_of(instance) not in self.known_paths:
                continue
            here = self.context.names.root.descendant(path_of(instance[:-1]))
            call = here.module.calls.get(instance[-1].name) if here is not None else None
            if call is not None:
                repetition = call.count or call.for_each
                place = repetition.range if repetition is not None else call.range
                return Cause(f"there was no {render_module(instance)} before", place)
        return None

    def _end(self, change: ResourceChange) -> Cause:
        address, block = change.address, self._block(change)
        if self.context.options.mode is PlanMode.DESTROY:
            return Cause("everything that is managed is to end")
        removed = self.context.world.removal_of(address.of)
        if removed is not None:
            return Cause("a removed block names it", removed.range)
        if change.reason is Reason.DELETE_NO_MODULE or block is None:
            gone = self._gone_module(address.module)
            return gone or Cause(f"nothing declares {address.of} any more")
        place = _repetition_place(block)
        key = _shown_key(address.key)
        match change.reason:
            case Reason.DELETE_COUNT_INDEX:
                expansion = self.context.names.expansions.get(address.of)
                number = len(expansion.bindings) if expansion is not None else 0
                text = f"count is {number}, so there is none with the key {key}"
            case Reason.DELETE_EACH_KEY:
                text = f"for_each has no key {key} any more"
            case _ if block.count is not None or block.for_each is not None:
                word = "count" if block.count is not None else "for_each"
                text = f"the block has {word} now, and none of its keys is {key}"
            case _:
                text = "the block has neither count nor for_each any more"
        return self._linked(text, place, self._repetition_trail(block, address), address)

    def _repetition_trail(self, block: ResourceBlock, address: AbsResourceInstance) -> Trail | None:
        here = self.context.names.root.descendant(path_of(address.module))
        expression = block.count or block.for_each
        if here is None or expression is None:
            return None
        return self.culprits.find(here, expression)

    def _gone_module(self, module: ModuleInstance) -> Cause | None:
        """Return the cause that a module has no such instance; None if it has."""
        names = self.context.names
        for length in range(1, len(module) + 1):
            instance = module[:length]
            here = names.root.descendant(path_of(instance[:-1]))
            call = here.module.calls.get(instance[-1].name) if here is not None else None
            if call is None:
                return Cause(f"nothing calls {render_module(instance)} any more")
            expansion = names.calls.get((instance[:-1], call.name))
            if expansion is not None and instance[-1].key not in expansion.bindings:
                repetition = call.count or call.for_each
                place = repetition.range if repetition is not None else call.range
                return Cause(f"there is no {render_module(instance)} any more", place)
        return None

    # --- changes ---------------------------------------------------------------------

    def _update(self, change: ResourceChange) -> Iterator[Cause]:
        names = changed_attributes(change.before, change.after)
        found = [cause for name in names for cause in self._attribute(change, name)]
        if found:
            yield from found
            return
        drift = self.drift.get(change.address)
        listed = _listed(names)
        if drift is not None:
            yield Cause(f"it was changed by something else, and {listed} with it")
        elif names:
            yield Cause(f"its provider plans a new value of {listed}")

    def _attribute(self, change: ResourceChange, name: str, because: str = "") -> Iterator[Cause]:
        """Iterate over why an attribute changes; nothing if the configuration doesn't set it."""
        block = self._block(change)
        written = _written(block.body, name) if block is not None else None
        if block is None or written is None:
            return
        here = self.context.names.root.descendant(path_of(change.address.module))
        assert here is not None
        subject = f"{name}{because or ' '}"
        if _differs_in_marks_alone(change, name):
            yield Cause(f"whether {name} is sensitive has changed", written.place)
            return
        for expression, bound in written.expressions:
            trail = self.culprits.find(here, expression, bound)
            if trail is not None:
                text = f"{subject}refers to {_described(trail)}"
                yield self._linked(text, trail.place, trail, change.address)
                return
        if name in self._drifted(change):
            yield Cause(f"{subject}was changed by something else", written.place)
            return
        for expression, _ in written.expressions:
            for call in calls_in(expression):
                if call.name.removeprefix("core::") in _RESTLESS:
                    text = f"{subject}calls {call.name}(), which answers differently each time"
                    yield Cause(text, call.range)
                    return
        yield Cause(f"{subject}has a new value{_from_names(written)}", written.place)

    def _drifted(self, change: ResourceChange) -> list[str]:
        drift = self.drift.get(change.address)
        if drift is None or is_null(drift.after):
            return []
        return changed_attributes(drift.before, drift.after)

    def _replacement(self, change: ResourceChange) -> Iterator[Cause]:
        match change.reason:
            case Reason.REPLACE_TAINTED:
                yield Cause("it is tainted: making it failed half-way, or taint has marked it")
            case Reason.REPLACE_BY_REQUEST:
                yield Cause(f"the command says -replace={change.address}")
            case Reason.REPLACE_BY_TRIGGERS:
                yield from self._triggers(change)
            case _:
                yield from self._irreplaceable(change)
        if change.action is Action.CREATE_THEN_DELETE:
            yield self._order(change)

    def _triggers(self, change: ResourceChange) -> Iterator[Cause]:
        block = self._block(change)
        here = self.context.names.root.descendant(path_of(change.address.module))
        assert block is not None
        assert here is not None
        for expression in block.lifecycle.replace_triggered_by:
            trail = self.culprits.find(here, expression)
            if trail is not None:
                text = f"replace_triggered_by names {expression.range.text}"
                yield self._linked(text, expression.range, trail, change.address)

    def _irreplaceable(self, change: ResourceChange) -> Iterator[Cause]:
        """Iterate over the attributes that the provider can't change in place."""
        for path in change.replace:
            first = path[0]
            if not isinstance(first, AttributePath):
                continue
            found = list(self._attribute(change, first.name, ", which can't be changed in place, "))
            shown = render_path(path).removeprefix(".")
            yield from found or [
                Cause(f"its provider plans a new value of {shown}, which needs a new object")
            ]

    def _order(self, change: ResourceChange) -> Cause:
        """Return why the new object is made before the old one ends."""
        node = block_node(change)
        by = self.forced.get(node)
        block = self._block(change)
        if by is None:
            flag = block.lifecycle.create_before_destroy if block is not None else None
            text = "it is created before it is destroyed, as its lifecycle says"
            return Cause(text, flag.range if flag is not None else None)
        place = self.graph.configuration.places.get((by, node))
        if place is None and self.context.world.has_block(by):
            place = self.context.world.block_of(by).range
        return Cause(f"it is created before it is destroyed, as {by} is, which needs it", place)

    def _reading(self, change: ResourceChange) -> Iterator[Cause]:
        block = self._block(change)
        here = self.context.names.root.descendant(path_of(change.address.module))
        if block is None or here is None:
            return
        if change.reason is Reason.READ_DEPENDENCY_PENDING:
            for place, traversal in _waits(block, here, self.context.names.root):
                trail = self.culprits.follow(place, traversal)
                if trail is not None:
                    text = f"depends_on names {trail.text}"
                    yield self._linked(text, trail.place, trail, change.address)
            return
        after = unmark(change.after)[0]
        if not isinstance(after, ObjectValue):
            return
        for name, value in after.attributes.items():
            written = _written(block.body, name)
            if written is None or is_wholly_known(unmark_deep(value)[0]):
                continue
            for expression, bound in written.expressions:
                trail = self.culprits.find(here, expression, bound)
                if trail is not None:
                    text = f"{name} refers to {_described(trail)}"
                    yield self._linked(text, trail.place, trail, change.address)
                    break
            else:
                yield Cause(f"{name} is known only after apply", written.place)

    # --- what they have in common -------------------------------------------------------

    def _block(self, change: ResourceChange) -> ResourceBlock | None:
        node = block_node(change)
        world = self.context.world
        return world.block_of(node) if world.has_block(node) else None

    def _linked(
        self,
        text: str,
        place: SourceRange | None,
        trail: Trail | None,
        address: AbsResourceInstance,
    ) -> Cause:
        """Return a cause that goes back to the change at the end of a trail."""
        if trail is None:
            return Cause(text, place)
        change = trail.suspects.nearest(address)
        if trail.suspects.is_drift:
            return Cause(f"{text}, and {change.address} was changed by something else", place)
        return Cause(text, place, "" if change.address == address else change.address.text)


def _described(trail: Trail) -> str:
    """Return a trail in words: the reference, and what it leads to."""
    if trail.length == 1:
        return trail.text
    text, place = trail.end
    between = f" over {trail.length - 2} more" if trail.length > 2 else ""
    return f"{trail.text}, and that{between} to {text} ({place.file.name} line {place.first.line})"


def _waits(
    block: ResourceBlock, here: Configuration, root: Configuration
) -> Iterator[tuple[Configuration, Variable]]:
    """Iterate over what a block waits for by depends_on: its own, and those of its modules."""
    for traversal in block.depends_on:
        yield here, traversal
    for length in range(len(here.path)):
        outer = root.descendant(here.path[:length])
        assert outer is not None
        for traversal in outer.module.calls[here.path[length]].depends_on:
            yield outer, traversal


def _written(body: AnyBody, name: str) -> _Written | None:
    """Return what a body says of an attribute or a type of block; None if nothing."""
    nothing: frozenset[str] = frozenset()
    if not isinstance(body, Body):
        for member in body.members:
            if member.name == name:
                return _Written(((member.value, nothing),), member.range)
        return None
    attribute = body.attributes.get(name)
    if attribute is not None:
        return _Written(((attribute.expression, nothing),), attribute.range)
    blocks = [
        block
        for block in body.blocks
        if block.type == name or (block.type == "dynamic" and block.labels[:1] == (name,))
    ]
    if not blocks:
        return None
    # As a body of its own, since what is dynamic has to be read with its iterator.
    inside = Body(body.range, {}, blocks, body.end_range)
    return _Written(tuple(expressions_in(inside, nothing)), blocks[0].header_range)


def _from_names(written: _Written) -> str:
    """Return where a value comes from, as far as names say: ` (from var.a and local.b)`."""
    names = [
        traversal.range.text
        for expression, bound in written.expressions
        for traversal in variables_in(expression)
        if traversal.name not in bound
    ]
    return f", from {_listed(list(dict.fromkeys(names))[:3])}" if names else ""


def _differs_in_marks_alone(change: ResourceChange, name: str) -> bool:
    before, after = unmark(change.before)[0], unmark(change.after)[0]
    if not isinstance(before, ObjectValue) or not isinstance(after, ObjectValue):
        return False
    if name not in before.attributes or name not in after.attributes:
        return False
    return same(unmark_deep(before.attributes[name])[0], unmark_deep(after.attributes[name])[0])


def _repetition_place(block: ResourceBlock) -> SourceRange:
    repetition = block.count or block.for_each
    return repetition.range if repetition is not None else block.range


def _shown_key(key: object) -> str:
    if key is None:
        return "none"
    return render_key(key)[1:-1] if isinstance(key, str | int) else str(key)


def _listed(names: Sequence[str]) -> str:
    """Return names as people list them: a, b and c."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
