"""Every command, written out: its name, its file, and a line about it.

A file is imported only when its command is asked for: starting quickly is
part of the design.  `docs/howto/add-a-command.md` says how to add one.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final, Protocol, cast

from cotta.cli.flags import Flags

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from cotta.cli.terminal import Terminal


class Command(Protocol):
    """What the file of a command has.

    `HELP` is what `-help` prints, without the options: the first line is
    `Usage: cotta [global options] name …`, then paragraphs.
    """

    HELP: str

    def declare(self, flags: Flags) -> None:
        """Say which flags and words the command takes."""

    def run(self, given: Namespace, terminal: Terminal) -> int:
        """Do the work and return the exit status.

        Raises `DiagnosticsError` with mistakes of the person's, which are
        shown and end with status 1, and nothing else.
        """


@dataclass(frozen=True, slots=True)
class Entry:
    """A command of the table; a name may be of several words: `metadata functions`."""

    name: str
    module: str
    summary: str
    # Nobody types it: it is in no list of commands.
    is_internal: bool = False


# The way through a day's work, in its order.
MAIN_COMMANDS: Final[tuple[Entry, ...]] = (
    Entry("ship", "cotta.cli.commands.ship", "Bake, plan, approve, apply, roll and report"),
    Entry("build", "cotta.cli.commands.build", "Bake the images of a template"),
    Entry("init", "cotta.cli.commands.init", "Make the working folder ready"),
    Entry("validate", "cotta.cli.commands.validate", "Look for mistakes in what is written"),
    Entry("check", "cotta.cli.commands.check", "Hold a configuration to the practices"),
    Entry("plan", "cotta.cli.commands.plan", "Show what apply would change"),
    Entry("apply", "cotta.cli.commands.apply", "Make the world as the configuration says"),
    Entry("fleet", "cotta.cli.commands.fleet", "Show groups, their instances and their roll"),
    Entry("rollback", "cotta.cli.commands.rollback", "Go back to the previous image"),
    Entry("destroy", "cotta.cli.commands.destroy", "End everything that is managed"),
)

OTHER_COMMANDS: Final[tuple[Entry, ...]] = (
    Entry("completion", "cotta.cli.commands.completion", "Print what a shell completes"),
    Entry("console", "cotta.cli.commands.console", "Ask what expressions mean"),
    Entry("fmt", "cotta.cli.commands.fmt", "Write files in the canonical style"),
    Entry("force-unlock", "cotta.cli.commands.force_unlock", "Take away a lock that was left"),
    Entry("get", "cotta.cli.commands.get", "Fetch the modules that are called"),
    Entry("graph", "cotta.cli.commands.graph", "Draw what depends on what"),
    Entry("images diff", "cotta.cli.commands.images_diff", "Show what two images have otherwise"),
    Entry("images list", "cotta.cli.commands.images_list", "List images, and who uses them"),
    Entry("images pin", "cotta.cli.commands.images_pin", "Hold a data source to one image"),
    Entry("images show", "cotta.cli.commands.images_show", "Show all that is known of an image"),
    Entry("images unpin", "cotta.cli.commands.images_unpin", "Let data sources find again"),
    Entry("import", "cotta.cli.commands.import_", "Take an object over that exists already"),
    Entry("inspect", "cotta.cli.commands.inspect", "List what a template has"),
    Entry("metadata functions", "cotta.cli.commands.metadata_functions", "Print all signatures"),
    Entry("modules", "cotta.cli.commands.modules", "Print which modules are called"),
    Entry("output", "cotta.cli.commands.output", "Print the outputs that the state has"),
    Entry("providers", "cotta.cli.commands.providers", "Print which providers are needed"),
    Entry("providers lock", "cotta.cli.commands.providers_lock", "Say what there is to lock"),
    Entry("providers mirror", "cotta.cli.commands.providers_mirror", "Say what there is to copy"),
    Entry("providers schema", "cotta.cli.commands.providers_schema", "Print all schemas"),
    Entry("refresh", "cotta.cli.commands.refresh", "Note what has changed by itself"),
    Entry("region base add", "cotta.cli.commands.region_base_add", "Make a base image"),
    Entry("region base list", "cotta.cli.commands.region_base_list", "List the base images"),
    Entry("region console", "cotta.cli.commands.region_console", "Show what a machine has said"),
    Entry(
        "region daemon",
        "cotta.cli.commands.region_daemon",
        "Run the region in the background",
        is_internal=True,
    ),
    Entry("region down", "cotta.cli.commands.region_down", "Stop the local region"),
    Entry("region env", "cotta.cli.commands.region_env", "Point AWS clients to the local region"),
    Entry("region logs", "cotta.cli.commands.region_logs", "Show what the daemon has said"),
    Entry("region reset", "cotta.cli.commands.region_reset", "Remove the region and its data"),
    Entry("region status", "cotta.cli.commands.region_status", "Show how the local region is"),
    Entry("region up", "cotta.cli.commands.region_up", "Have the local region run"),
    Entry("show", "cotta.cli.commands.show", "Show everything that a state has"),
    Entry("state list", "cotta.cli.commands.state_list", "List what the state has"),
    Entry("state mv", "cotta.cli.commands.state_mv", "Give objects another address"),
    Entry("state pull", "cotta.cli.commands.state_pull", "Print the state"),
    Entry("state push", "cotta.cli.commands.state_push", "Write a state file over the state"),
    Entry(
        "state replace-provider",
        "cotta.cli.commands.state_replace_provider",
        "Have another provider look after resources",
    ),
    Entry("state rm", "cotta.cli.commands.state_rm", "Forget objects without destroying them"),
    Entry("state show", "cotta.cli.commands.state_show", "Show one resource instance"),
    Entry("taint", "cotta.cli.commands.taint", "Mark a resource instance for replacement"),
    Entry("untaint", "cotta.cli.commands.untaint", "Take the mark for replacement away"),
    Entry("version", "cotta.cli.commands.version", "Show the version of Cotta"),
    Entry("workspace delete", "cotta.cli.commands.workspace_delete", "Remove a workspace"),
    Entry("workspace list", "cotta.cli.commands.workspace_list", "List the workspaces"),
    Entry("workspace new", "cotta.cli.commands.workspace_new", "Make a workspace"),
    Entry("workspace select", "cotta.cli.commands.workspace_select", "Work in another workspace"),
    Entry("workspace show", "cotta.cli.commands.workspace_show", "Name the selected workspace"),
)

COMMANDS: Final = MAIN_COMMANDS + OTHER_COMMANDS

# What the first words of commands in several words are about.
GROUPS: Final[dict[str, str]] = {
    "images": "The images that fleets are made from",
    "metadata": "Metadata about Cotta itself",
    "providers": "The providers that a configuration needs",
    "region": "An AWS-compatible region on this machine, whose instances really boot",
    "state": "Look at a state, and change it by hand",
    "workspace": "Several states for one configuration",
}

# Commands of Terraform's and Packer's that there are not, and what to do instead.
ABSENT: Final[dict[str, str]] = {
    "cloud": "Cotta knows no HCP Terraform. States are kept in local files, by the workspace.",
    "env": "This was the old name of workspaces. Run: cotta workspace list",
    "fix": "Templates of Packer's old JSON format are not read. Convert them with Packer: packer "
    "hcl2_upgrade",
    "hcl2_upgrade": "Templates of Packer's old JSON format are not read. Convert them with Packer "
    "itself.",
    "login": "Cotta talks to no registry and no remote backend yet, so there is nothing to log in "
    "to. Modules come from folders and git repositories, states are kept in local files.",
    "logout": "Cotta talks to no registry and no remote backend yet, and keeps no credentials.",
    "plugins": "What plugins have is built in, or isn't there. To hold a template's against it, "
    "run: cotta init",
    "push": "States are kept in local files. To write one over the state, run: cotta state push",
    "stacks": "Cotta knows no HCP Terraform, and so no stacks.",
    "test": "Test files can't be run yet. To check a configuration, run: cotta validate. Check "
    "blocks and conditions are looked at by: cotta plan",
}


def find(words: Sequence[str]) -> tuple[Entry, Sequence[str]] | None:
    """Return the command that `words` begin with, and the rest; None if there is none."""
    for length in (3, 2, 1):
        name = " ".join(words[:length])
        for entry in COMMANDS:
            if entry.name == name:
                return entry, words[entry.name.count(" ") + 1 :]
    return None


def load(entry: Entry) -> Command:
    """Return the module of a command, imported now."""
    return cast("Command", import_module(entry.module))


def declared(command: Command) -> Flags:
    """Return the flags of a command."""
    flags = Flags()
    command.declare(flags)
    return flags
