"""A whole run of the engine in memory: configuration as text, the scripted provider, a state."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cotta.addrs.parse import parse_instance
from cotta.addrs.providers import BUILTIN, ProviderSource, implied_source
from cotta.configs.decode import decode_module_files
from cotta.configs.modules import build_tree
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.engine.apply_walk import Application, apply_plan
from cotta.engine.plan_walk import Planning, make_plan
from cotta.engine.provider_pool import ProviderPool
from cotta.engine.scopes import Paths
from cotta.engine.world import PlanOptions, World
from cotta.hcl.functions.tables import terraform_functions
from cotta.hcl.parser import parse_file
from cotta.providers.builtin.provider import BuiltinProvider
from cotta.providers.local_exec import LocalExec
from cotta.states.model import Snapshot, State
from cotta.system.clock import FixedClock
from cotta.system.ids import CountedIds
from tests.support.scripted_provider import RemoteWorld, Script, ScriptedProvider
from tests.support.surroundings import a_world as surroundings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.addrs.providers import ProviderConfig
    from cotta.addrs.resources import AbsResourceInstance
    from cotta.configs.model import Configuration, Module
    from cotta.engine.events import Event
    from cotta.providers.interface import Provider, Provisioner
    from cotta.states.model import StoredObject
    from cotta.values.value import Value

SCRIPTED = implied_source("scripted")


def a_configuration(text: str, **modules: str) -> Configuration:
    """Return a configuration from the text of its root and of the modules it calls by name."""
    diags = Diagnostics()

    def module(name: str, content: str) -> Module:
        file = parse_file(content.encode(), f"{name}.tf", diags)
        return decode_module_files(name, [file], [], diags)

    tree = build_tree(
        module("main", text), lambda path, _call: module(path[-1], modules[path[-1]]), diags
    )
    assert not diags.has_errors, [(d.summary, d.detail) for d in diags]
    return tree


@dataclass
class MemoryLedger:
    """Keeps what is written down in a list."""

    entries: list[tuple[str, str, StoredObject | None]] = field(default_factory=list)
    settled: int = 0

    def put(
        self,
        address: AbsResourceInstance,
        provider: ProviderConfig,
        objects: Mapping[str, StoredObject | None],
    ) -> None:
        self.entries += [(str(address), key, stored) for key, stored in objects.items()]

    def settle(self) -> None:
        self.settled = len(self.entries)


@dataclass
class Stage:
    """The remote world and the state, which live on from one run to the next."""

    remote: RemoteWorld = field(default_factory=RemoteWorld)
    state: State = field(default_factory=State)
    ids: CountedIds = field(default_factory=CountedIds)
    events: list[Event] = field(default_factory=list)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    script: Script = field(default_factory=Script)
    provisioner: Provisioner = field(default_factory=LocalExec)
    # The scripted provider of the last run: one for all its configurations.
    scripted: ScriptedProvider = field(default_factory=ScriptedProvider)

    def world(
        self, configuration: Configuration, variables: Mapping[str, Value] | None = None
    ) -> World:
        """Return a world in which a run can take place."""
        given = {
            name: variable.default
            for name, variable in configuration.module.variables.items()
            if variable.default is not None
        }
        # One count of calls for all instances of the provider of a run.
        provider = self.scripted = ScriptedProvider(self.remote, self.script)

        def make(source: ProviderSource) -> Provider | None:
            if source == SCRIPTED:
                return provider
            return BuiltinProvider(self.ids, lambda _path: None) if source == BUILTIN else None

        return World(
            configuration=configuration,
            pool=ProviderPool(make),
            provisioners={"local-exec": self.provisioner},
            functions=terraform_functions(surroundings()),
            variables={**given, **(variables or {})},
            paths=Paths("/work", ".", {}),
            workspace="default",
            clock=FixedClock(datetime(2026, 11, 25, tzinfo=UTC)),
            ids=self.ids,
            listener=self.events.append,
        )

    def plan(self, text: str, options: PlanOptions | None = None, **modules: str) -> Planning:
        """Return the plan of a configuration."""
        world = self.world(a_configuration(text, **modules))
        return make_plan(world, options or PlanOptions(), Snapshot(state=self.state))

    def apply(self, text: str, options: PlanOptions | None = None, **modules: str) -> Application:
        """Plan a configuration and carry the plan out; the state is the new one afterwards."""
        planning = self.plan(text, options, **modules)
        assert not planning.has_errors, [(d.summary, d.detail) for d in planning.diagnostics]
        world = self.world(a_configuration(text, **modules))
        done = apply_plan(world, planning.plan, self.ledger)
        self.state = done.state
        return done

    def actions(self, planning: Planning) -> dict[str, str]:
        """Return the symbol of each change that is one, by address and deposed key."""
        return {
            " ".join(filter(None, (str(change.address), change.deposed))): change.action.value
            for change in planning.plan.changes
            if change.action.value != " "
        }

    def current(self, address: str) -> dict[str, object]:
        """Return the attributes of an object as the state has them."""
        instance = parse_instance(address, Diagnostics())
        assert instance is not None
        stored = self.state.resources[instance.of].instances[instance.key].current
        assert stored is not None
        assert isinstance(stored.attributes, dict)
        return dict(stored.attributes)

    def remembered(self) -> set[str]:
        """Return the ids of every object in the state, put-aside ones too."""
        return {
            str(stored.attributes["id"])
            for resource in self.state.resources.values()
            for instance in resource.instances.values()
            for stored in (instance.current, *instance.deposed.values())
            if stored is not None and isinstance(stored.attributes, dict)
        }
