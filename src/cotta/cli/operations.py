"""Plan and apply as the commands `plan`, `apply`, `destroy` and `refresh` share them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.addrs.parse import parse_instance, parse_target
from cotta.cli.approval import ask_for_approval
from cotta.cli.cloud_memory import forget_cloud
from cotta.cli.clouds import declare_cloud, provider_options
from cotta.cli.interrupts import Interrupts
from cotta.cli.questions import Asker
from cotta.cli.states import declare_lock, fail, open_state
from cotta.cli.views.diagnostics import show_diagnostics
from cotta.cli.worlds import (
    Settings,
    declare_parallelism,
    declare_variables,
    read_checked,
    read_variables,
)
from cotta.diagnostics.diagnostics import Diagnostics, DiagnosticsError
from cotta.engine.apply_walk import apply_plan, incompleteness
from cotta.engine.plan_walk import make_plan
from cotta.engine.walk import Cancellation
from cotta.engine.world import PlanOptions
from cotta.plans.changes import Action, PlanMode, is_applyable
from cotta.states.journal import ObjectRemoved, ObjectSet
from cotta.states.session import StateWriteError
from cotta.system.clock import SystemClock

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Collection, Iterable, Mapping

    from cotta.addrs.providers import ProviderConfig
    from cotta.addrs.resources import AbsResourceInstance
    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal
    from cotta.cli.views.operation_views import OperationView
    from cotta.configs.model import Configuration
    from cotta.diagnostics.diagnostics import Diagnostic
    from cotta.engine.apply_walk import Application
    from cotta.engine.plan_walk import Planning
    from cotta.engine.world import World
    from cotta.images.pins import Pins
    from cotta.plans.changes import Plan, ResourceChange
    from cotta.practices.model import Finding
    from cotta.states.journal import Step
    from cotta.states.model import StoredObject
    from cotta.states.session import StateSession

EXIT_CHANGES: Final = 2
# Beside the configuration: which data source is held to which image.
PINS_FILE: Final = "images.pins.json"


def declare_planning(flags: Flags) -> None:
    """Take the flags that say what to plan."""
    flags.switch("destroy", "Plan the end of everything that is managed.")
    flags.switch("refresh-only", "Only note what has changed by itself.")
    flags.switch("refresh", "Don't look at the objects first.", default=True)
    flags.repeated("replace", "ADDRESS", "Replace this object, though nothing else asks for it.")
    flags.switch("force-replace", "Replace even what serves, and all of it at once.")
    flags.repeated("target", "ADDRESS", "Plan only this and what it needs.")
    declare_cloud(flags)
    declare_variables(flags)
    declare_parallelism(flags)
    declare_lock(flags)
    flags.option("state", "PATH", "The state file, instead of the workspace's.")
    flags.option("state-out", "PATH", "The state file to write, instead of the one read.")
    flags.option("backup", "PATH", "Where the state before goes; - for nowhere.")
    flags.switch("input", "Don't ask for variables that have no value.", default=True)
    flags.switch("compact-warnings", "Show warnings as one line each.")
    flags.switch("why", "Say of each change what causes it, and where that is written.")
    flags.switch("json", "Print a record for each event.")


def plan_options(given: Namespace, mode: PlanMode | None = None) -> PlanOptions:
    """Return what the flags ask for; raise `DiagnosticsError` if that can't be."""
    diags = Diagnostics()
    _check_mode(given, mode, diags)
    targets = [parse_target(text, diags, name="target") for text in given.target]
    replace = [parse_instance(text, diags, name="replace address") for text in given.replace]
    if replace and not given.force_replace:
        _refuse_by_hand(replace, diags)
    diags.raise_if_errors()
    if mode is None:
        mode = PlanMode.DESTROY if given.destroy else PlanMode.NORMAL
        mode = PlanMode.REFRESH_ONLY if given.refresh_only else mode
    return PlanOptions(
        mode=mode,
        refresh=given.refresh,
        targets=tuple(one for one in targets if one is not None),
        replace=tuple(one for one in replace if one is not None),
        explains=given.why,
    )


def _refuse_by_hand(replace: Iterable[AbsResourceInstance | None], diags: Diagnostics) -> None:
    """Report members of fleets that are to be replaced by hand."""
    # Imported here because it is seldom asked for.
    from cotta.cli.practices import as_diagnostic
    from cotta.practices.commands import check_replace

    given = [(one.of.resource.type, str(one)) for one in replace if one is not None]
    diags.extend(as_diagnostic(finding) for finding in check_replace(given))


def _check_mode(given: Namespace, mode: PlanMode | None, diags: Diagnostics) -> None:
    """Report flags that don't go together; `mode` is that of a command with one of its own."""
    if mode is PlanMode.DESTROY:
        for name in ("destroy", "refresh_only"):
            if getattr(given, name):
                diags.error(
                    "Invalid mode option",
                    f"The command destroy has a mode of its own: leave -{name.replace('_', '-')} "
                    "away, or run cotta apply with it.",
                )
    elif mode is None and given.destroy and given.refresh_only:
        diags.error(
            "Incompatible plan mode options",
            "-destroy and -refresh-only ask for different plans; give one of them.",
        )
    elif mode is None and given.refresh_only and not given.refresh:
        diags.error(
            "Incompatible refresh options",
            "-refresh-only looks at the objects and -refresh=false does not: give one of them.",
        )
    elif mode is None and given.replace and (given.destroy or given.refresh_only):
        diags.error(
            "Unsupported plan mode",
            "-replace is for plans that bring the configuration about: leave it away, or "
            "-destroy or -refresh-only.",
        )
    if given.parallelism < 0:
        diags.error(
            "Invalid parallelism value",
            f"At least one operation must be allowed at a time, not {given.parallelism}.",
        )


@dataclass(slots=True)
class SessionLedger:
    """Appends finished steps to a state's journal, and has several share one fsync.

    When the journal can't be written, `failure` says why and nothing more is
    begun: what is finished by then has to get into the state itself.
    """

    session: StateSession
    cancellation: Cancellation
    waiting: list[Step] = field(default_factory=list)
    failure: Diagnostic | None = None

    def put(
        self,
        address: AbsResourceInstance,
        provider: ProviderConfig,
        objects: Mapping[str, StoredObject | None],
    ) -> None:
        """Write down that objects of an instance are so now, or (None) are gone."""
        self.waiting += [
            ObjectRemoved(address, key)
            if stored is None
            else ObjectSet(address, provider, stored, key)
            for key, stored in objects.items()
        ]
        self._try(self._record)

    def settle(self) -> None:
        """Return when everything written down is on the disk, or can't be."""
        self._try(self._settle)

    def _record(self) -> None:
        if self.waiting:
            self.session.record(self.waiting)
            # Not before: what is interrupted here is recorded again, which does no harm.
            self.waiting = []

    def _settle(self) -> None:
        self._record()
        self.session.settle()

    def _try(self, write: Callable[[], None]) -> None:
        if self.failure is not None:
            return
        try:
            write()
        except StateWriteError as error:
            self.failure = error.diagnostic
            self.cancellation.request()


@dataclass(slots=True)
class Operation:
    """One plan or apply: the configuration, the view, and what the flags say."""

    given: Namespace
    terminal: Terminal
    view: OperationView
    configuration: Configuration
    # What was found while the configuration was read.
    warnings: tuple[Diagnostic, ...] = ()
    pins: Pins = field(default_factory=dict)
    # Which clouds, accounts and regions were reached, as the providers tell it.
    clouds: list[str] = field(default_factory=list)
    cancellation: Cancellation = field(default_factory=Cancellation)

    def settings(self, *, changes: bool = False) -> Settings:
        """Return what makes the worlds of this operation; `changes` for that of an apply."""
        given = self.given
        return Settings(
            terminal=self.terminal,
            configuration=self.configuration,
            parallelism=given.parallelism,
            listener=self.view.event,
            ask=Asker(self.terminal, self.cancellation, can_ask=given.input and not given.json),
            cancellation=self.cancellation,
            options=provider_options(
                given, self.terminal, changes=changes, reached=self.clouds.append
            ),
            pins=self.pins,
        )

    def plan(
        self, session: StateSession, options: PlanOptions, *, shows_nothing: bool = False
    ) -> Planning:
        """Make the plan and show it, without what was found to be wrong.

        One that is no good and has nothing in it is shown only if asked for.
        """
        found = Diagnostics(self.warnings)
        if self.given.state is not None:
            found.warning(
                "Deprecated flag: -state",
                "It is taken for old scripts' sake. To keep the state in another file, set path "
                'in a backend "local" block.',
            )
        variables = read_variables(self.configuration, self.given, self.terminal, found)
        world = self.settings().world(variables, plan_time=SystemClock().now())
        try:
            with Interrupts(self.terminal, self.cancellation):
                planning = make_plan(world, options, session.snapshot)
            self.view.reached(sorted(set(self.clouds)))
            self.view.pinned(self.pins)
            if not planning.is_blank and (shows_nothing or not _says_nothing(planning)):
                self.view.plan(planning, world.pool)
                self.view.practices(self._findings(world, session, planning))
        finally:
            world.pool.close()
        return replace(planning, diagnostics=(*found, *planning.diagnostics))

    def _findings(self, world: World, session: StateSession, planning: Planning) -> list[Finding]:
        """Return what does not keep to the practices, if anything of it is about to change."""
        if planning.has_errors or planning.plan.mode is not PlanMode.NORMAL:
            return []
        changes = planning.plan.changes
        if not any(one.action is not Action.NO_OP and _is_practised(one) for one in changes):
            return []
        # Imported here because most plans change nothing that the practices are about.
        from cotta.practices.checking import check_configuration, look_at

        return check_configuration(look_at(world, session.snapshot.state, self.pins))

    def apply(
        self,
        session: StateSession,
        plan: Plan,
        *,
        untold: Iterable[Diagnostic] = (),
        told: Collection[Diagnostic] = (),
    ) -> int:
        """Carry a plan out, write the state, and return the exit status.

        `untold` are warnings of the plan, which are shown with those of applying it; what is
        among the `told` is not shown again.
        """
        world = self.settings(changes=True).world(
            plan.variables, applying=True, plan_time=plan.timestamp
        )
        ledger = SessionLedger(session, self.cancellation)
        try:
            with Interrupts(self.terminal, self.cancellation):
                done = apply_plan(world, plan, ledger)
                self._save(session, done)
        except BaseException:
            # Interrupted for good, or a mistake of ours: what is finished must last all the same.
            ledger.settle()
            for provisioner in world.provisioners.values():
                provisioner.stop()
            raise
        finally:
            world.pool.close()
        if done.has_errors and ledger.failure is not None:
            self.view.diagnostics([ledger.failure])
        known = (*untold, *told)
        found = tuple(one for one in done.diagnostics if one not in known)
        self.view.applied(replace(done, diagnostics=(*untold, *found)))
        return 1 if done.has_errors else 0

    def _save(self, session: StateSession, done: Application) -> None:
        """Write the state; if that fails, tell first what went wrong before."""
        try:
            session.save(done.state)
        except StateWriteError:
            self.view.diagnostics(done.diagnostics)
            raise
        if done.state.is_empty:
            forget_cloud(self.terminal)


def _is_practised(change: ResourceChange) -> bool:
    return change.address.of.resource.type.startswith("aws_")


def _says_nothing(planning: Planning) -> bool:
    plan = planning.plan
    return planning.has_errors and not plan.changes and not plan.outputs


def reported(view: OperationView, work: Callable[[], int]) -> int:
    """Do the work of a command and return its status; mistakes are told where the view tells."""
    try:
        return work()
    except DiagnosticsError as error:
        view.diagnostics(error.diagnostics)
        return 1


def start_operation(
    given: Namespace, terminal: Terminal, view: OperationView, options: PlanOptions
) -> Operation:
    """Return the operation on the configuration of the working folder.

    Raises `DiagnosticsError` if there is none, unless everything is to go.
    """
    found = Diagnostics()
    configuration = read_checked(terminal, found)
    if not configuration.module.files and options.mode is not PlanMode.DESTROY:
        raise fail(
            "No configuration files",
            "Without a configuration everything would be destroyed, which is seldom meant. If it "
            "is, run cotta destroy; otherwise write a .tf file or go to the folder that has it.",
        )
    pins = pins_of(configuration, found)
    return Operation(given, terminal, view, configuration, tuple(found), pins=pins)


def pins_of(configuration: Configuration, diags: Diagnostics) -> Pins:
    """Return the images that data sources are held to; raise `DiagnosticsError` for mistakes.

    Warnings are added to `diags`.
    """
    if not Path(PINS_FILE).exists():
        return {}
    # Imported here because most folders hold nothing.
    from cotta.cli.pins import check_pins, read_pins

    pins = read_pins()
    check_pins(configuration, pins, diags)
    return pins


def plan_and_apply(
    operation: Operation,
    options: PlanOptions,
    *,
    approved: bool,
    before: Callable[[], None] = lambda: None,
) -> int:
    """Plan, ask, and carry out; return the exit status.

    `before` is called when it is certain that the plan holds: before anything is changed.
    """
    given, terminal, view = operation.given, operation.terminal, operation.view
    with open_state(given, terminal, "OperationTypeApply") as session:
        planning = operation.plan(session, options)
        plan, untold = planning.plan, planning.diagnostics
        if planning.has_errors:
            raise DiagnosticsError(untold)
        if not is_applyable(plan):
            before()
            session.save(plan.prior)
            view.diagnostics((*untold, *incompleteness(plan)))
            view.nothing_to_apply(session.snapshot.state)
            return 0
        told = tuple(one for one in untold if one not in planning.of_checks)
        if approved:
            before()
            return operation.apply(session, plan, untold=told)
        view.diagnostics(untold)
        if not ask_for_approval(plan.mode, terminal, can_ask=given.input):
            view.cancelled(plan.mode)
            return 1
        before()
        return operation.apply(session, plan, told=told)


def show_warnings(diags: Diagnostics, terminal: Terminal) -> None:
    """Show what was found, if none of it is an error; raise it otherwise."""
    diags.raise_if_errors()
    show_diagnostics(diags, terminal)
