"""What the visits of one apply share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cotta.engine.applying import Contact
from cotta.engine.events import ApplyContinues, ApplySaid
from cotta.engine.record import set_object

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cotta.addrs.providers import ProviderConfig
    from cotta.addrs.resources import AbsResourceInstance, ConfigResource
    from cotta.configs.model import ResourceBlock
    from cotta.engine.evaluation import Evaluation
    from cotta.engine.events import Event, Subject
    from cotta.engine.ledger import Ledger
    from cotta.engine.nodes import Node
    from cotta.engine.scopes import Names
    from cotta.engine.world import World
    from cotta.plans.changes import Action, Plan
    from cotta.providers.interface import Figure, Question
    from cotta.states.model import State, StoredObject


@dataclass(slots=True)
class Tally:
    """What was done, for the last line."""

    added: int = 0
    changed: int = 0
    destroyed: int = 0
    imported: int = 0
    forgotten: int = 0


@dataclass(slots=True)
class UnderWay:
    """A change that is being made, since `started` seconds of the clock."""

    subject: Subject
    action: Action
    started: float
    announced: int = 0


PROGRESS_SECONDS = 10


@dataclass(slots=True, kw_only=True)
class ApplyContext:
    """The memory of one apply; the deciding thread alone reads and writes it.

    `state` is what exists by now.  `dependencies` are what each block was
    made after, as the state keeps it; `create_first` the blocks whose objects
    are created before they are destroyed.
    """

    world: World
    plan: Plan
    names: Names
    evaluation: Evaluation
    state: State
    ledger: Ledger
    post: Callable[[Callable[[], None]], None] = field(default=lambda message: message())
    consult: Callable[[Callable[[], str], str], str] = field(default=lambda ask, _otherwise: ask())
    dependencies: dict[Node, tuple[ConfigResource, ...]] = field(default_factory=dict)
    create_first: set[Node] = field(default_factory=set)
    tally: Tally = field(default_factory=Tally)
    under_way: dict[Node, UnderWay] = field(default_factory=dict)
    failed: set[Node] = field(default_factory=set)
    expanded: set[Node] = field(default_factory=set)
    deposed_keys: dict[AbsResourceInstance, str] = field(default_factory=dict)

    def new_deposed_key(self, address: AbsResourceInstance) -> str:
        """Return 8 hexadecimal digits that no put-aside object of an instance has yet."""
        resource = self.state.resources.get(address.of)
        instance = resource.instances.get(address.key) if resource is not None else None
        taken = instance.deposed if instance is not None else {}
        while (key := self.world.ids.hexadecimal(8)) in taken:
            pass
        return key

    def put(
        self,
        address: AbsResourceInstance,
        provider: ProviderConfig,
        objects: Mapping[str, StoredObject | None],
    ) -> None:
        """Write down what objects of an instance are now, by key: in the state and the ledger."""
        for key, stored in objects.items():
            set_object(self.state, address, provider, stored, key)
        self.ledger.put(address, provider, objects)

    def emit_later(self, event: Event) -> None:
        """Tell the listener of an event from a worker."""
        self.post(lambda: self.world.listener(event))

    def contact(self, subject: Subject, action: Action) -> Contact:
        """Return how a provider can speak to people while it makes a change."""

        def say(line: str, /, **figures: Figure) -> None:
            for one in line.splitlines():
                self.emit_later(ApplySaid(subject, action, one, figures))

        def ask(question: Question) -> str:
            answer = self.consult(lambda: self.world.ask(subject, question), question.default)
            return answer if answer in question.choices else question.default

        return Contact(say, ask)

    def seconds(self) -> float:
        """Return the time in seconds, for durations."""
        return self.world.clock.now().timestamp()

    def report_progress(self) -> None:
        """Say of every change under way, each ten seconds, that it still is."""
        now = self.seconds()
        for change in self.under_way.values():
            passed = int(now - change.started)
            if passed >= change.announced + PROGRESS_SECONDS:
                change.announced = passed - passed % PROGRESS_SECONDS
                self.world.listener(ApplyContinues(change.subject, change.action, change.announced))

    def block_of(self, node: Node) -> ResourceBlock:
        """Return the block of a resource's node."""
        return self.world.block_of(node)
