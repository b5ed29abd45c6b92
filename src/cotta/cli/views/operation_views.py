"""Plan and apply as they are shown: for people, or as a stream for machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from cotta.cli.version import NAME
from cotta.cli.views.diagnostics import show_diagnostics
from cotta.cli.views.differences import BOLD, GREEN
from cotta.cli.views.outputs import render_outputs
from cotta.cli.views.plan_text import render_plan
from cotta.cli.views.progress_text import render_event
from cotta.cli.views.reasons import render_reasons
from cotta.cli.views.stream import Stream
from cotta.cli.views.wrap import rule, wrap
from cotta.diagnostics.render import Pen
from cotta.plans.changes import PlanMode

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Mapping, Sequence

    from cotta.cli.terminal import Terminal
    from cotta.diagnostics.diagnostics import Diagnostic
    from cotta.diagnostics.source import SourceRange
    from cotta.engine.apply_walk import Application
    from cotta.engine.events import Event
    from cotta.engine.plan_walk import Planning
    from cotta.engine.provider_pool import ProviderPool
    from cotta.images.pins import Pin
    from cotta.plans.changes import ResourceChange
    from cotta.practices.model import Finding
    from cotta.schemas.model import Schema
    from cotta.states.model import State
    from cotta.system.clock import Clock


class OperationView(Protocol):
    """What is shown while planning and applying."""

    def event(self, event: Event, /) -> None:
        """Show that something happened."""
        ...

    def plan(self, planning: Planning, pool: ProviderPool) -> None:
        """Show what will happen."""
        ...

    def reached(self, clouds: Sequence[str]) -> None:
        """Say which clouds the plan is about."""
        ...

    def pinned(self, pins: Mapping[str, Pin]) -> None:
        """Say which data sources are held to which images."""
        ...

    def practices(self, findings: Sequence[Finding]) -> None:
        """Say in short what does not keep to the practices."""
        ...

    def next_step(self, saved_to: str | None) -> None:
        """Say what can be done with a plan."""
        ...

    def diagnostics(self, found: Iterable[Diagnostic]) -> None:
        """Show warnings, or mistakes after which the command goes on."""
        ...

    def nothing_to_apply(self, state: State) -> None:
        """Say that there was nothing to do."""
        ...

    def cancelled(self, mode: PlanMode) -> None:
        """Say that nothing was done, as the person wished."""
        ...

    def applied(self, done: Application) -> None:
        """Show what was done."""
        ...


class TextView:
    """For people."""

    def __init__(
        self, terminal: Terminal, *, destroys: bool = False, is_brief: bool = False
    ) -> None:
        self._terminal = terminal
        self._destroys, self._is_brief = destroys, is_brief
        self._pen = Pen(colour=terminal.stdout_has_colour)

    def event(self, event: Event, /) -> None:
        """Write a line of progress."""
        line = render_event(event, self._pen)
        if line is not None:
            self._terminal.write(line + "\n")
            self._terminal.stdout.flush()

    def plan(self, planning: Planning, pool: ProviderPool) -> None:
        """Write the plan; of one with mistakes, as far as it goes."""

        def schema_of(change: ResourceChange) -> Schema:
            found = pool.resource_schema(change.provider.source, change.address.resource)
            assert found is not None
            return found

        plan, width = planning.plan, self._terminal.stdout_width
        text = render_plan(plan, schema_of, width=width, pen=self._pen)
        if not planning.has_errors:
            text += render_reasons(plan, self._pen)
        self._terminal.write(text)

    def reached(self, clouds: Sequence[str]) -> None:
        """Write a line for each."""
        if clouds:
            lines = "".join(f"Cloud: {cloud}\n" for cloud in clouds)
            self._terminal.write(f"\n{lines}")

    def pinned(self, pins: Mapping[str, Pin]) -> None:
        """Write a line for each."""
        if pins:
            lines = [f"  {pin.describe(address)}\n" for address, pin in pins.items()]
            self._terminal.write("\nPinned images:\n" + "".join(lines))

    def practices(self, findings: Sequence[Finding]) -> None:
        """Write a line for each, and who explains it."""
        counted = [one for one in findings if one.excuse is None]
        if not counted:
            return
        lines = [
            f"  {one.rule.severity.value}: {one.rule.id} {one.rule.title}: {one.address}"
            + (f" ({_place(one.subject)})" if one.subject is not None else "")
            for one in counted
        ]
        self._terminal.write(
            "\nPractices that are not kept; cotta check explains them:\n"
            + "".join(f"{line}\n" for line in lines)
        )

    def next_step(self, saved_to: str | None) -> None:
        """Write what can be done with a plan."""
        width = self._terminal.stdout_width
        self._terminal.write(f"\n{self._pen.paint(rule(width), '90')}\n")
        if saved_to is None:
            note = (
                f"Note: You didn't use the -out option to save this plan, so {NAME} can't "
                f'guarantee to take exactly these actions if you run "{NAME.lower()} apply" now.'
            )
            self._terminal.write(f"\n{wrap(note, width)}\n")
            return
        self._terminal.write(
            f"\nSaved the plan to: {saved_to}\n\nTo perform exactly these actions, run the "
            f'following command to apply:\n    {NAME.lower()} apply "{saved_to}"\n'
        )

    def diagnostics(self, found: Iterable[Diagnostic]) -> None:
        """Write boxes, or of warnings alone their titles if that was asked for."""
        show_diagnostics(found, self._terminal, is_brief=self._is_brief)

    def nothing_to_apply(self, state: State) -> None:
        """Write the line that ends an apply, and the outputs."""
        if self._destroys:
            line = "Destroy complete! Resources: 0 destroyed."
        else:
            line = "Apply complete! Resources: 0 added, 0 changed, 0 destroyed."
        self._finish(line, state)

    def cancelled(self, mode: PlanMode) -> None:
        """Write that nothing was done."""
        what = "Destroy" if mode is PlanMode.DESTROY else "Apply"
        self._terminal.write(f"\n{what} cancelled.\n")

    def applied(self, done: Application) -> None:
        """Write what was done, or what went wrong."""
        self.diagnostics(done.diagnostics)
        if done.has_errors:
            return
        tally = done.tally
        if self._destroys:
            line = f"Destroy complete! Resources: {tally.destroyed} destroyed."
        else:
            parts = [f"{tally.imported} imported"] if tally.imported else []
            parts += [
                f"{tally.added} added",
                f"{tally.changed} changed",
                f"{tally.destroyed} destroyed",
            ]
            line = f"Apply complete! Resources: {', '.join(parts)}."
        self._finish(line, done.state)

    def _finish(self, line: str, state: State) -> None:
        self._terminal.write(f"\n{self._pen.paint(line, BOLD, GREEN)}\n")
        if state.outputs and not self._destroys:
            title = self._pen.paint("Outputs:", BOLD, GREEN)
            self._terminal.write(f"\n{title}\n\n{render_outputs(state.outputs)}")


class JsonView:
    """For machines: a record a line."""

    def __init__(self, terminal: Terminal, clock: Clock, *, destroys: bool = False) -> None:
        self._operation = "destroy" if destroys else "apply"
        self._stream = Stream(terminal.write, clock.now)
        self._stream.version()

    def event(self, event: Event, /) -> None:
        """Write a record."""
        self._stream.event(event)

    def plan(self, planning: Planning, pool: ProviderPool) -> None:
        """Write drift, the changes, the numbers and the outputs."""
        del pool
        self._stream.drift(planning.plan)
        self._stream.planned(planning.plan)
        self._stream.plan_summary(planning.plan)
        self._stream.planned_outputs(planning.plan)

    def reached(self, clouds: Sequence[str]) -> None:
        """Write a record for each."""
        for cloud in clouds:
            self._stream.cloud(cloud)

    def pinned(self, pins: Mapping[str, Pin]) -> None:
        """Write a record for each."""
        for address, pin in pins.items():
            self._stream.pinned(address, pin)

    def practices(self, findings: Sequence[Finding]) -> None:
        """Write a record for each."""
        for finding in findings:
            if finding.excuse is None:
                self._stream.practice(finding)

    def next_step(self, saved_to: str | None) -> None:
        """Say nothing: a machine knows."""
        del saved_to

    def diagnostics(self, found: Iterable[Diagnostic]) -> None:
        """Write a record for each."""
        self._stream.diagnostics(found)

    def nothing_to_apply(self, state: State) -> None:
        """Write the numbers and the outputs."""
        from cotta.engine.apply_context import Tally

        self._stream.apply_summary(Tally(), self._operation)
        if self._operation == "apply":
            self._stream.outputs(state.outputs)

    def cancelled(self, mode: PlanMode) -> None:
        """Say nothing: with -json nobody is asked."""
        del mode

    def applied(self, done: Application) -> None:
        """Write what went wrong, or the numbers and the outputs."""
        self._stream.diagnostics(done.diagnostics)
        if done.has_errors:
            return
        self._stream.apply_summary(done.tally, self._operation)
        if self._operation == "apply":
            self._stream.outputs(done.state.outputs)


def _place(place: SourceRange) -> str:
    return f"{place.file.name} line {place.first.line}"


def view_for(
    terminal: Terminal, clock: Clock, given: Namespace, *, destroys: bool = False
) -> OperationView:
    """Return the view that the flags ask for; `destroys` for the command of that name."""
    if given.json:
        return JsonView(terminal, clock, destroys=destroys)
    return TextView(terminal, destroys=destroys, is_brief=given.compact_warnings)
