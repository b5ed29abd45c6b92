"""`cotta state list`: the addresses of what the state has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.addrs.parse import parse_target
from cotta.cli.states import open_state, require_state
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.states.editing import instances_of, render, select

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.addrs.parse import Target
    from cotta.addrs.resources import AbsResourceInstance
    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal
    from cotta.states.model import State

HELP: Final = """\
Usage: cotta [global options] state list [options] [address...]

  Lists the resource instances in the state, all of them or those that an
  address names: a module with all that is in it, a resource with all its
  instances, or one instance.
"""


def declare(flags: Flags) -> None:
    """Take addresses, and an id to look for."""
    flags.option("state", "PATH", "The state file to read, instead of the workspace's.")
    flags.option("id", "ID", "List only what has this id.")
    flags.words("addresses")


def run(given: Namespace, terminal: Terminal) -> int:
    """Print an address a line."""
    with open_state(given, terminal) as session:
        require_state(session)
        state = session.snapshot.state
    diags = Diagnostics()
    targets = [parse_target(text, diags) for text in given.addresses]
    diags.raise_if_errors()
    found = [] if targets else instances_of(state)
    for target in targets:
        assert target is not None
        selected = select(state, target)
        if not selected:
            _refuse(target, diags)
        found += selected
    diags.raise_if_errors()
    for address in found:
        if given.id is None or _id(state, address) == given.id:
            terminal.write(f"{address}\n")
    return 0


def _refuse(target: Target, diags: Diagnostics) -> None:
    is_module = isinstance(target, tuple)
    diags.error(
        "Unknown module" if is_module else "Unknown resource",
        f"The state has no {'module' if is_module else 'resource'} {render(target)}. What was "
        'just added to the configuration is in it after "cotta apply".',
    )


def _id(state: State, address: AbsResourceInstance) -> object:
    current = state.resources[address.of].instances[address.key].current
    attributes = current.attributes if current is not None else None
    return attributes.get("id") if isinstance(attributes, dict) else None
