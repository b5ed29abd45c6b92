"""What the visits of one plan walk share."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cotta.addrs.resources import AbsResource, Mode, path_of
from cotta.diagnostics.suggest import did_you_mean
from cotta.engine.complaints import report_complaints
from cotta.engine.conditions import Conditions
from cotta.engine.nodes import Kind, Node
from cotta.engine.targets import is_targeted

if TYPE_CHECKING:
    from cotta.addrs.providers import ProviderConfig
    from cotta.addrs.resources import AbsResourceInstance, ModulePath, Resource
    from cotta.configs.model import ResourceBlock
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.diagnostics.source import SourceRange
    from cotta.engine.announcing import ObjectKey
    from cotta.engine.evaluation import Evaluation
    from cotta.engine.moves import Moves
    from cotta.engine.objects import Revived
    from cotta.engine.planning import Examined, Outcome, Target
    from cotta.engine.record import Record
    from cotta.engine.scopes import Names
    from cotta.engine.world import PlanOptions, World
    from cotta.hcl.bodies import AnyBody
    from cotta.plans.changes import ResourceChange
    from cotta.states.model import State


@dataclass(slots=True, kw_only=True)
class PlanContext:
    """The memory of one plan walk; the deciding thread alone reads and writes it.

    `state` is what existed before, with moves made; `by_block` finds the
    resources of a block in it.  `pending` are resources with changes to come,
    `revived` objects of the state that are values already.
    """

    world: World
    options: PlanOptions
    names: Names
    evaluation: Evaluation
    state: State
    record: Record
    moves: Moves
    by_block: dict[tuple[ModulePath, Resource], list[AbsResource]] = field(default_factory=dict)
    pending: set[Node] = field(default_factory=set)
    pending_modules: set[ModulePath] = field(default_factory=set)
    changes_of: dict[AbsResource, list[ResourceChange]] = field(
        default_factory=lambda: defaultdict(list)
    )
    create_first: set[Node] = field(default_factory=set)
    restricted: set[Node] = field(default_factory=set)
    revived: dict[ObjectKey, Revived] = field(default_factory=dict)

    def is_wanted(self, node: Node, address: AbsResourceInstance) -> bool:
        """Say whether an instance of a block is part of this plan: with -target, not all are."""
        return node not in self.restricted or is_targeted(address, self.options.targets)

    def index_state(self) -> None:
        """Find the resources of each block."""
        for address in self.state.resources:
            key = (path_of(address.module), address.resource)
            self.by_block.setdefault(key, []).append(address)

    def mark_pending(self, node: Node) -> None:
        """Remember that a resource, and so every module around it, has changes to come."""
        self.pending.add(node)
        for length in range(1, len(node.path) + 1):
            self.pending_modules.add(node.path[:length])

    def is_pending(self, node: Node) -> bool:
        """Say whether something that was depended on explicitly has changes to come."""
        if node.kind is Kind.MODULE:
            return node.path in self.pending_modules
        return node in self.pending

    def target(
        self,
        address: AbsResourceInstance,
        config: ProviderConfig,
        diags: Diagnostics,
        place: SourceRange | None,
    ) -> Target | None:
        """Return who manages an instance; None, with a diagnostic, if that can't be said."""
        target = self.world.target(address, config)
        if target is None:
            declared, type_ = self.world.pool.schema(config.source), address.resource.type
            if declared is None:
                diags.error(
                    "Missing provider",
                    f"{address} is managed by the provider {config.source.display}, which is "
                    "not available.",
                    place,
                )
                return None
            is_data = address.resource.mode is Mode.DATA
            kind = "data source" if is_data else "resource type"
            types = declared.data_sources if is_data else declared.resources
            hint = did_you_mean(type_, types)
            advice = f" {declared.advice}" if declared.advice and not hint else ""
            diags.error(
                f"Invalid {kind}",
                f'The provider {config.source.display} has no {kind} "{type_}".{hint}{advice}',
                place,
            )
        return target

    def conditions(
        self, node: Node, block: ResourceBlock, address: AbsResourceInstance
    ) -> Conditions:
        """Return the conditions of one instance of a block."""
        evaluation = self.evaluation
        return Conditions(block.lifecycle, evaluation.checks, node, address, evaluation.diags(node))

    def report(
        self,
        outcome: Outcome | Examined,
        target: Target,
        body: AnyBody | None,
        diags: Diagnostics,
    ) -> bool:
        """Add what a provider complained of; return whether none of it was an error."""
        faults = getattr(outcome, "faults", ())
        if not outcome.complaints and not faults:
            return True
        before = sum(1 for one in diags if one.severity.value == "error")
        block = target.schema.block
        report_complaints(outcome.complaints, str(target.address), block, body, diags)
        for fault in faults:
            diags.error(fault.summary, fault.detail)
        return sum(1 for one in diags if one.severity.value == "error") == before
