"""`cotta state show`: what the state has of one resource instance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.addrs.parse import parse_instance
from cotta.cli.schemas import native_schemas
from cotta.cli.states import fail, open_state, require_state
from cotta.cli.views.states import render_object
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.diagnostics.render import Pen

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] state show [options] address

  Prints the attributes of one resource instance as the state has them.
"""

_ADVICE: Final = 'One instance is needed here. "cotta state list" shows those that there are.'


def declare(flags: Flags) -> None:
    """Take the address of an instance."""
    flags.option("state", "PATH", "The state file to read, instead of the workspace's.")
    flags.words("addresses", least=1, most=1, advice="Name one resource instance.")


def run(given: Namespace, terminal: Terminal) -> int:
    """Print the instance as a block."""
    with open_state(given, terminal) as session:
        require_state(session)
        state = session.snapshot.state
    text = given.addresses[0]
    address = parse_instance(text, Diagnostics())
    if address is None:
        raise fail(f"Error parsing instance address: {text}", _ADVICE)
    resource = state.resources.get(address.of)
    instance = resource.instances.get(address.key) if resource is not None else None
    if resource is None or instance is None:
        raise fail("No instance found for the given address!", _ADVICE)
    pen = Pen(colour=terminal.stdout_has_colour)
    schema = native_schemas(terminal)(resource)
    if instance.current is not None:
        terminal.write(render_object(address, instance.current, schema, pen))
    elif instance.deposed:
        key, stored = min(instance.deposed.items())
        terminal.write(render_object(address, stored, schema, pen, deposed=key))
    return 0
