"""`cotta ship`: bake, plan, approve, apply, roll, report, in one go."""

from __future__ import annotations

import json
import shlex
from argparse import Namespace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from cotta.cli.clouds import access_to, cloud_of, declare_cloud, declare_rolling
from cotta.cli.shared_variables import enter_folder, share_variables
from cotta.cli.states import declare_lock, fail, open_state
from cotta.cli.table import declared, find, load
from cotta.cli.templates import (
    declare_config_type,
    declare_selection,
    has_configuration,
    template_at,
)
from cotta.cli.worlds import declare_parallelism, declare_variables
from cotta.diagnostics.diagnostics import DiagnosticsError
from cotta.system.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from cotta.cli.flags import Flags
    from cotta.cli.outcomes import Outcome
    from cotta.cli.shipping import ShippedImage
    from cotta.cli.table import Command
    from cotta.cli.terminal import Terminal
    from cotta.clouds.session import Session
    from cotta.region.balancer.counts import Counts

HELP: Final = """\
Usage: cotta [global options] ship [options] [folder]

  Brings what a folder says about: bakes the images of its template, those
  that have changed; plans its configuration and asks; applies, and follows
  the roll of the fleet to its end; reports.  Stops at the first failure and
  says how things are and how to go on.  A ship that was killed is taken up
  by the next one.

  Ends with 0 when everything is as the folder says, 1 when something failed
  or was not approved, 130 after Ctrl-C.
"""


def declare(flags: Flags) -> None:
    """Take what build and apply share, and whether to ask."""
    declare_cloud(flags)
    declare_variables(flags)
    declare_selection(flags)
    flags.switch("force", "Bake even what is unchanged.")
    flags.switch("auto-approve", "Go ahead without a question.")
    flags.switch("input", "Don't ask for anything.", default=True)
    flags.switch("json", "Print a record for each event, and the report as the last one.")
    declare_rolling(flags)
    declare_parallelism(flags)
    declare_lock(flags)
    declare_config_type(flags)
    flags.words("paths", most=1, advice="Name one folder.")


def run(given: Namespace, terminal: Terminal) -> int:
    """Ship; 0 only if everything is as the folder says."""
    began = SystemClock().now()
    if given.json and not given.auto_approve:
        raise fail("auto-approve required", "With -json nobody can be asked: give -auto-approve.")
    again = " ".join(["cotta ship", *(shlex.quote(path) for path in given.paths)])
    back = again.replace("ship", "rollback", 1)
    given = enter_folder(given)
    template = template_at(given.paths, given)
    if template is None or not has_configuration(given.paths):
        raise fail(
            "Nothing to ship",
            "A folder to ship has a template (*.pkr.hcl) and a configuration (*.tf). Name one: "
            "cotta ship FOLDER. Bake the one alone with cotta build, apply the other alone with "
            "cotta apply.",
        )
    for_template, for_configuration = share_variables(template, given, terminal)
    _stop_for_practices(template, for_template, for_configuration, terminal)
    _stop_for_region(template, for_template, terminal)
    outcomes = _bake(template, for_template, terminal)
    if outcomes is None:
        _say_stopped(
            "No image was baked and nothing deployed: what runs is as before.",
            f"go on with: {again}",
            given,
            terminal,
        )
        return 1
    cloud = _Cloud(given, terminal)
    images = _images(cloud, outcomes)
    _move_pins(cloud, images, given, terminal)
    before = cloud.counts()
    status = _command("apply").run(_flags_of("apply", for_configuration), terminal)
    if status:
        _say_stopped(
            "The image is there. The configuration is not applied whole; the state has what is.",
            f"go on with: {again}, or go back to the image before with: {back}",
            given,
            terminal,
        )
        return status
    _report(cloud, images, began, before, given, terminal)
    return 0


def _command(name: str) -> Command:
    """Return a command of the table, imported now."""
    found = find((name,))
    assert found is not None
    return load(found[0])


def _flags_of(name: str, given: Namespace) -> Namespace:
    """Return the flags of another command: its own defaults, and what was given here."""
    usual = vars(declared(_command(name)).parse(()))
    shared = {flag: value for flag, value in vars(given).items() if flag in usual}
    return Namespace(**{**usual, **shared})


def _stop_for_practices(
    template: Path, for_template: Namespace, for_configuration: Namespace, terminal: Terminal
) -> None:
    """Raise `DiagnosticsError` with every error of `cotta check`; warnings are told by the plan."""
    from cotta.cli.practices import (
        as_diagnostic,
        findings_of_configuration,
        findings_of_template,
    )

    found = [
        *findings_of_template(template, for_template, terminal),
        *findings_of_configuration(for_configuration, terminal),
    ]
    errors = [as_diagnostic(one) for one in found if one.is_error]
    if errors:
        raise DiagnosticsError(tuple(errors))


def _stop_for_region(template: Path, for_template: Namespace, terminal: Terminal) -> None:
    """Raise `DiagnosticsError` if images are to be made in a local region that is down."""
    from cotta.cli.regions import home_of, settings_of
    from cotta.cli.template_facts import facts_of_template
    from cotta.clouds.which import Cloud
    from cotta.region.readiness import is_free

    if cloud_of(for_template, terminal) is not Cloud.LOCAL:
        return
    settings = settings_of(home_of(terminal))
    # That there is none at all is said by whoever needs it first.
    if settings is None or not is_free(settings.port):
        return
    makes = (one.kind for one in facts_of_template(template, for_template, terminal))
    if any(kind.startswith("amazon-") for kind in makes):
        raise fail(
            "The local region is down",
            f"Nobody answers at {settings.endpoint}. Nothing was baked or changed. Start it, and "
            "ship again: cotta region up",
        )


def _bake(template: Path, for_template: Namespace, terminal: Terminal) -> Sequence[Outcome] | None:
    """Return how the builds ended; None if any of them failed."""
    from cotta.cli.commands.build import bake

    baked = bake(template, _flags_of("build", for_template), terminal)
    return None if baked.status else baked.outcomes


class _Cloud:
    """The cloud of a ship, reached when it is first needed: not every template makes images."""

    def __init__(self, given: Namespace, terminal: Terminal) -> None:
        self._given, self._terminal = given, terminal

    @cached_property
    def session(self) -> Session:
        """What calls it."""
        from cotta.clouds.session import Session

        return Session(access_to(cloud_of(self._given, self._terminal), self._terminal))

    def counts(self) -> Mapping[str, Counts] | None:
        """Return what load balancers have counted so far; None where that can't be known now."""
        from cotta.cli.regions import home_of
        from cotta.clouds.which import Cloud
        from cotta.region.balancer.haproxy import HAProxy

        folder = home_of(self._terminal).balancer
        if cloud_of(self._given, self._terminal) is not Cloud.LOCAL or not folder.is_dir():
            return None
        return HAProxy(folder, list).counts()


def _images(cloud: _Cloud, outcomes: Sequence[Outcome]) -> list[ShippedImage]:
    from cotta.cli.shipping import makes_images, shipped_images

    return shipped_images(cloud.session, outcomes) if makes_images(outcomes) else []


def _move_pins(
    cloud: _Cloud, images: list[ShippedImage], given: Namespace, terminal: Terminal
) -> None:
    """Let pinned data sources find what was baked, unless it was rolled back."""
    from cotta.cli.pins import read_pins, write_pins
    from cotta.cli.shipping import move_pins, templates_of_images

    pins = read_pins()
    if not pins:
        return
    templates = templates_of_images(cloud.session, pins)
    moves = move_pins(pins, images, templates, SystemClock().now())
    if moves.pins != pins:
        write_pins(moves.pins)
    if given.json:
        return
    for address in moves.kept:
        terminal.warn(
            f"{address} stays pinned: the template is unchanged, and its image was rolled back. "
            f"Change the template, or let go: cotta images unpin '{address}'\n"
        )


def _say_stopped(text: str, how: str, given: Namespace, terminal: Terminal) -> None:
    if given.json:
        _record(terminal, "ship_stopped", text, {"advice": f"Mend what is said above, and {how}"})
        return
    terminal.warn(f"\nStopped. {text}\nMend what is said above, and {how}\n")


def _report(
    cloud: _Cloud,
    images: list[ShippedImage],
    began: datetime,
    before: Mapping[str, Counts] | None,
    given: Namespace,
    terminal: Terminal,
) -> None:
    from cotta.cli.shipping import (
        Report,
        counts_of,
        encode_report,
        names_of_groups,
        render_report,
    )
    from cotta.fleets.observe import observe

    with open_state(_flags_of("apply", given), terminal) as state:
        names = names_of_groups(state.snapshot.state)
    groups = observe(cloud.session, names, activities=0) if names else []
    took = SystemClock().now() - began
    after = cloud.counts()
    counts = None if before is None or after is None else counts_of(groups, before, after)
    report = Report(images=tuple(images), groups=tuple(groups), took=took, counts=counts)
    if given.json:
        text = render_report(report).partition("\n")[0]
        _record(terminal, "ship_report", text, {"report": encode_report(report)})
    else:
        terminal.write(f"\n{render_report(report)}")


def _record(terminal: Terminal, type_: str, text: str, more: dict[str, object]) -> None:
    now = SystemClock().now().isoformat()
    record = {
        "@level": "info",
        "@message": text,
        "@module": "cotta.ui",
        "@timestamp": now,
        "type": type_,
        **more,
    }
    terminal.write(json.dumps(record) + "\n")
