"""The provisioners that only wait: `breakpoint` and `sleep`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cotta.builder.options.values import Options
    from cotta.builder.provisioners.provisioning import Provisioning


def pause_at_breakpoint(options: Options, provisioning: Provisioning) -> None:
    """Wait until the person says that it goes on."""
    note = f'"{options.text("note")}"' if options.text("note") else ""
    if options.flag("disable"):
        provisioning.ui.say(f"Breakpoint provisioner with note {note} disabled; continuing...")
        return
    provisioning.ui.say(f"Pausing at breakpoint provisioner with note {note}.")
    provisioning.ui.ask("Press enter to continue.")


def sleep(options: Options, provisioning: Provisioning) -> None:
    """Wait for as long as it says."""
    provisioning.deadline.sleep(options.duration("duration"))
